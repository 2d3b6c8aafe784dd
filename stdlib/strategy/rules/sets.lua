-- Named sets of customers: sets = { vip = "spent > 1000", lapsing = "recency > 90 and not gone", … }. Each is a column,
-- true or false, which other sets, segments and actions name: union is `or`, intersection `and`, difference `and not`.
local bytecode = require "moonsift.ffi.bytecode"
local condition = require "moonsift.strategy.condition"
local definition = require "moonsift.strategy.definition"

local M = {}

local fail, quoted = definition.fail, condition.quoted

-- The sets that a rule names, sorted.
local function named(rule, rules)
  local list, seen = {}, {}
  local function add(word)
    if rules[word] and not seen[word] then
      seen[word], list[#list + 1] = true, word
    end
  end
  if type(rule) == "function" then
    for word in pairs(bytecode.findings(rule).texts) do add(word) end
  else
    for _, token in ipairs(condition.tokens(rule)) do add(token:match "^`(.*)`$" or token) end
  end
  table.sort(list)
  return list
end

-- Adds the name behind those that it needs; `way`: the names that led here.
local function visit(name, set, rules, order, way)
  for i, before in ipairs(way) do
    if before == set then
      fail(name, ("the sets name each other in a circle: %s → %s"):format(table.concat(way, " → ", i), set),
        "a set may name others that do not name it")
    end
  end
  if order[set] then return end
  way[#way + 1] = set
  for _, other in ipairs(named(rules[set], rules)) do visit(name, other, rules, order, way) end
  way[#way] = nil
  order[set], order[#order + 1] = true, set
end

--- Checks the part. Gives a list of { name, rule }, in which each set stands behind those that it names.
function M.check(name, rules)
  local names, list, order = {}, {}, {}
  for set, rule in pairs(rules) do
    if type(set) ~= "string" then
      fail(name, ("sets are named, and %s has no name"):format(definition.described(rule)),
        [[sets = { vip = "spent > 1000" }]])
    end
    list[1] = { set, rule }
    definition.check_columns(name, definition.check_list(name, list, "set", false), "set")
    names[#names + 1] = set
  end
  table.sort(names) -- pairs has no order of its own
  for _, set in ipairs(names) do visit(name, set, rules, order, {}) end
  for i, set in ipairs(order) do list[i] = { set, rules[set] } end
  return list
end

--- The frame with a column for each set, true or false.
function M.add(strategy, frame, given)
  local there = {}
  for _, name in ipairs(frame:names()) do there[name] = true end
  for _, set in ipairs(strategy.sets) do
    local name, rule = set[1], set[2]
    if there[name] then
      fail(strategy.name, ("set '%s' has the name of a column that is there before it"):format(name),
        "give it another name")
    end
    frame = definition.within(strategy, ("set '%s'"):format(name), function()
      if type(rule) == "function" then return frame:map(name, function(c) return rule(c) == true end) end
      return condition.truth(frame, name, rule, given)
    end, frame)
  end
  return frame
end

--- The sets that these rules name, also by way of other sets, in the strategy's order: a list of { name, rule }.
function M.used(strategy, rules)
  local by_name, seen, list = {}, {}, {}
  for _, set in ipairs(strategy.sets) do by_name[set[1]] = set[2] end
  local function follow(rule)
    for _, name in ipairs(named(rule, by_name)) do
      if not seen[name] then
        seen[name] = true
        follow(by_name[name])
      end
    end
  end
  for _, rule in ipairs(rules) do follow(rule) end
  for _, set in ipairs(strategy.sets) do
    if seen[set[1]] then list[#list + 1] = set end
  end
  return list
end

--- Who is in which set: customer, name; a row for each of both.
function M.members(strategy, customers)
  local all
  for _, set in ipairs(strategy.sets) do
    local inside = customers:filter(quoted(set[1])):select("customer", "name = @set", { set = set[1] })
    all = all and all:concat(inside) or inside
  end
  return all
end

local function counted(frame, name) return frame:group_by "set = name":agg(name .. " = count()") end

-- The table with who came in and went out since the run before.
local function changed(found, before, now)
  local pair = { on = { "customer", "name" }, how = "anti" }
  before = before:select("customer", "name = set")
  return found:row_index "#order":join(counted(now:join(before, pair), "entered"), { on = "set", how = "left" })
    :join(counted(before:join(now, pair), "left"), { on = "set", how = "left" }):sort "`#order`":drop "#order"
    :with_columns("entered = coalesce(entered, 0)", "left = coalesce(left, 0)")
end

--- A row for each set: set, customers, share, entered and left (since the run before, where there was one), and the sum
-- of the strategy's value. Sets may overlap. before: who was in which set (customer, set), or nil.
function M.table(strategy, before, customers)
  local all
  for _, set in ipairs(strategy.sets) do
    local inside = quoted(set[1])
    local wanted = { ("customers = count(where %s)"):format(inside), ("share = mean(if(%s, 1, 0))"):format(inside) }
    local columns = { "set", "customers", "share" }
    if strategy.value then
      columns[4] = quoted(strategy.value)
      wanted[3] = ("%s = total(%s where %s)"):format(columns[4], columns[4], inside)
    end
    local row = customers:group_by():agg(unpack(wanted)):with_columns("set = @set", { set = set[1] })
    row = row:select(unpack(columns))
    all = all and all:concat(row) or row
  end
  return before and changed(all, before, M.members(strategy, customers)) or all
end

return M
