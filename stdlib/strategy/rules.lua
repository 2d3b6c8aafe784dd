-- Rules as an analyst reads them: the clauses of a condition, and why a customer is where he is.
local compute = require "moonsift.strategy.compute"
local condition = require "moonsift.strategy.condition"
local definition = require "moonsift.strategy.definition"
local nearest = require "moonsift.strategy.rules.nearest"

local M = {}

M.clauses = condition.clauses

-- "r is 4, f is 1": the columns of the row that the clause names.
local function values(clause, row, known)
  local said, seen = {}, {}
  for _, token in ipairs(condition.tokens(clause)) do
    local name = token:match "^`(.*)`$" or token
    if known[name] and not seen[name] then
      seen[name] = true
      said[#said + 1] = ("%s is %s"):format(name, row[name] == nil and "null" or tostring(row[name]))
    end
  end
  return table.concat(said, ", ")
end

--- Adds a line for each clause of a rule, with its values, and gives a list of those that do not hold; nil where the
-- rule is not an expression. one: the customer's row, a frame.
function M.clause_lines(lines, rule, one, given)
  local row, known = one:row(1), {}
  for _, name in ipairs(one:names()) do known[name] = true end
  if type(rule) ~= "string" then
    lines[#lines + 1] = type(rule) == "function" and "      a function of the customer" or "      takes the rest"
    return
  end
  local failing = {}
  for _, clause in ipairs(M.clauses(rule)) do
    local holds = one:with_columns("`#clause` = coalesce((" .. clause .. "), false)", given):row(1)["#clause"]
    local told = values(clause, row, known)
    if told ~= "" then told = "   (" .. told .. ")" end
    lines[#lines + 1] = ("      %s %s%s"):format(holds and "yes" or "no ", clause, told)
    if not holds then failing[#failing + 1] = clause end
  end
  return failing
end

--- The row of a customer, a frame; an error where he is not there.
function M.the_row(strategy, customers, settings, customer)
  local one = customers:filter("customer == @customer", { customer = customer })
  if one:nrow() == 0 then
    definition.fail(strategy.name, ("there is no customer %s on %s"):format(tostring(customer),
      tostring(settings.as_of)))
  end
  return one
end

--- What is known of a customer, where there are no rules.
function M.described(strategy, customers, settings, customer)
  local row = M.the_row(strategy, customers, settings, customer):row(1)
  local lines = { ("customer %s on %s"):format(tostring(customer), tostring(settings.as_of)) }
  for _, name in ipairs(customers:names()) do
    if name ~= "customer" then
      lines[#lines + 1] = ("  %s is %s"):format(name, row[name] == nil and "null" or tostring(row[name]))
    end
  end
  return table.concat(lines, "\n")
end

--- In which state a customer is, since when, and the rules that lead out of it, with their clauses.
function M.explain_state(strategy, customers, settings, customer)
  local one = M.the_row(strategy, customers, settings, customer)
  local row, given = one:row(1), compute.given(settings)
  local since = row.state_before == nil and "he is new"
    or row.state_before ~= row.state and ("he was '%s' before"):format(row.state_before)
    or ("for %d days"):format(row.days_in_state)
  local lines = {
    ("customer %s is '%s' on %s: %s"):format(tostring(customer), row.state, tostring(settings.as_of), since),
  }
  for _, move in ipairs(strategy.states) do
    if move[1] == row.state then
      lines[#lines + 1] = ("  → %s"):format(move[2])
      M.clause_lines(lines, move[3], one, given)
    end
  end
  return table.concat(lines, "\n")
end

--- In which sets a customer is, with the clauses of each and their values.
function M.explain_sets(strategy, customers, settings, customer)
  local one = M.the_row(strategy, customers, settings, customer)
  local row, given = one:row(1), compute.given(settings)
  local lines = { ("the sets of customer %s on %s"):format(tostring(customer), tostring(settings.as_of)) }
  for _, set in ipairs(strategy.sets) do
    lines[#lines + 1] = ("  %s %s"):format(row[set[1]] and "in     " or "not in ", set[1])
    M.clause_lines(lines, set[2], one, given)
  end
  return table.concat(lines, "\n")
end

--- Why a customer is in his segment: each rule down to the one that decided, its clauses with their values, and what
-- would have to change to be in the segments above. customers: what compute.customers gives.
function M.explain(strategy, customers, settings, customer)
  local one = M.the_row(strategy, customers, settings, customer)
  local row, given = one:row(1), compute.given(settings)
  local lines = {
    ("customer %s is in '%s' on %s"):format(tostring(customer), row.segment, tostring(settings.as_of)), "",
  }
  local wanted, near = {}, row.rule > 1 and nearest(strategy, one, given)
  for i, segment in ipairs(strategy.segments) do
    local mark = i == row.rule and "→" or " "
    lines[#lines + 1] = ("%s %d %s"):format(mark, i, segment[1])
    local failing = M.clause_lines(lines, segment[2], one, given)
    if i == row.rule then break end
    if failing and #failing > 0 then
      local how = near and (near[i] and "as with " .. near[i] or "nobody can be in it")
      wanted[#wanted + 1] = ("  %s: %s%s"):format(segment[1], table.concat(failing, " and "),
        how and ("   (%s)"):format(how) or "")
    end
  end
  if #wanted > 0 then
    lines[#lines + 1] = "\nto be in a segment above, this would have to become true:"
    for _, line in ipairs(wanted) do lines[#lines + 1] = line end
  end
  return table.concat(lines, "\n")
end

return M
