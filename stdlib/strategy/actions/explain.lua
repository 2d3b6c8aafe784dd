-- Why something is done with a customer on a day, or what stands in its way: the first of the steps of actions.lua that
-- takes the action away, with the numbers that it looked at.
local actions = require "moonsift.strategy.actions"
local rules = require "moonsift.strategy.rules"

local M = {}

local function add(lines, indent, text) lines[#lines + 1] = (" "):rep(indent) .. text end

local function number(x) return ("%.10g"):format(x) end

-- "; the last one that goes out is of customer 7: value 60.2", or that none does.
local function last_in(frame, value)
  if frame:nrow() == 0 then return "; none goes out" end
  local row = frame:row(frame:nrow())
  return ("; the last one that goes out is for customer %s, of %s"):format(tostring(row.customer), value(row))
end

-- What each kind of step says about the rows before it. mine: the row that it takes away.
local because = {}

function because.suppress(_, _, _, told)
  local row = told.blocked:filter(("`%s` == @customer"):format(told.suppress), { customer = told.customer }):collect()
    :row(1)
  local more = {}
  for _, part in ipairs { "channel", "until" } do
    if row[part] ~= nil then more[#more + 1] = (part == "until" and " until " or " for ") .. tostring(row[part]) end
  end
  return ("he is in '%s'%s: not to be written to"):format(told.input, table.concat(more))
end

function because.rest(_, mine, _, told)
  local last = told.ledger:filter("customer == @customer and action == @action",
    { customer = mine.customer, action = mine.action }):sort "due"
  local due, every = last:row(last:nrow()).due, mine["#every"]
  if every >= 1000000 then return ("it was done on %s, and is done once"):format(tostring(due)) end
  return ("it was done on %s, and rests for %d days"):format(tostring(due), every)
end

function because.cap(_, mine, step, told)
  local cap, done = step.cap, {}
  if told.ledger then
    local before = told.ledger:filter("customer == @customer and days_between(due, @as_of) < @days"
      .. (cap.channel and " and channel == @channel" or ""),
      { customer = mine.customer, as_of = told.given.as_of, days = cap.days, channel = cap.channel })
    for row in before:sort("due", "action"):rows() do
      done[#done + 1] = ("%s on %s"):format(row.action, tostring(row.due))
    end
  end
  local said = ("at most %d within %d days%s"):format(cap.most, cap.days, cap.channel and " by " .. cap.channel or "")
  if #done > 0 then said = said .. ", within them " .. table.concat(done, ", ") end
  return #done < cap.most and said .. ", and another of this day is worth more" or said
end

function because.capacity(before, mine, step)
  local ranked = actions.ranked(before:filter("channel == @channel", { channel = step.channel }))
  local own = ranked:filter("customer == @customer and action == @action",
    { customer = mine.customer, action = mine.action }):row(1)
  local within = ranked:filter("`#rank` <= @most and not held_out", { most = step.most }):sort "#rank"
  return ("capacity of %s is %d a day, and it is number %d, of value %s%s"):format(step.channel, step.most,
    own["#rank"], number(mine.value), last_in(within, function(row) return "value " .. number(row.value) end))
end

function because.budget(before, mine, step)
  local ranked = actions.spent(before)
  local own = ranked:filter("customer == @customer and action == @action",
    { customer = mine.customer, action = mine.action }):row(1)
  local within = ranked:filter("`#spent` <= @budget and not held_out", { budget = step.budget }):sort "#spent"
  local function gain(row) return ("value - cost %s"):format(number(row.value - row.cost)) end
  return ("with what is worth more, %s would be spent, the budget is %s; it is of %s%s"):format(number(own["#spent"]),
    number(step.budget), gain(mine), last_in(within, gain))
end

local function row_of(frame, customer, action)
  local found = frame:filter("customer == @customer and action == @action", { customer = customer, action = action })
  return found:nrow() > 0 and found:row(1) or nil
end

-- What becomes of each action whose rule holds for the customer: a text by its name.
local function fates(strategy, customers, told)
  local frame, fate, alive = actions.candidates(strategy, customers, told.given), {}, {}
  for _, action in ipairs(strategy.actions) do alive[action[1]] = row_of(frame, told.customer, action[1]) end
  for _, step in ipairs(actions.steps(strategy, told.ledger, told.given, told.blocked)) do
    local after = step.run(frame)
    for name, mine in pairs(alive) do
      if not row_of(after, told.customer, name) then
        fate[name] = "not planned: " .. because[step.kind](frame, mine, step, told)
      end
    end
    for name in pairs(fate) do alive[name] = nil end
    frame = after
  end
  for name, mine in pairs(alive) do
    fate[name] = mine.held_out and "held out: it would be planned, and is left alone to measure the effect"
      or ("planned, goes out %s"):format(tostring(mine.send_at))
  end
  return fate
end

--- The actions of a strategy for one customer: the clauses of each rule with their values, and whether it is planned.
-- told: customer, given (parameters), ledger (or nil), blocked (the input of suppress, or nil). Gives a text.
function M.explain(strategy, customers, told)
  local one = rules.the_row(strategy, customers, told.given, told.customer)
  local lines = { ("what is done with customer %s on %s"):format(tostring(told.customer), tostring(told.given.as_of)) }
  if strategy.suppress then
    told.input, told.suppress = strategy.suppress, strategy.inputs[strategy.suppress].customer
  end
  local consents = actions.consenting(strategy, customers, told.given)
  local fate = fates(strategy, consents, told)
  local silent = consents:filter("customer == @customer", { customer = told.customer }):nrow() == 0
  if silent then
    add(lines, 2, "nothing: the consent is missing")
    rules.clause_lines(lines, strategy.consent, one, told.given)
  end
  for _, action in ipairs(strategy.actions) do
    local about = {}
    local failing = rules.clause_lines(about, action[2], one, told.given)
    if not silent then
      add(lines, 2, ("%s: %s"):format(action[1], fate[action[1]] or "not planned: the rule does not hold"))
      for _, line in ipairs(about) do lines[#lines + 1] = line end
    elseif failing and #failing == 0 then
      add(lines, 2, action[1] .. ": the rule holds")
    end
  end
  return table.concat(lines, "\n")
end

return M
