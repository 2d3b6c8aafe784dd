-- The states that customers go through: a move a day and rule, from where they were the run before.
local condition = require "moonsift.strategy.condition"
local definition = require "moonsift.strategy.definition"

local M = {}

local quoted = condition.quoted

-- Where everybody was: the start for who is new, with the days since he came there.
local function begin(strategy, frame, states, given)
  if states and states:nrow() > 0 then
    frame = frame:join(states:select("customer", "state_before = state", "`#entered` = entered"),
      { on = "customer", how = "left" })
  else
    frame = frame:with_columns("state_before = cast(null as text)", "`#entered` = cast(null as date)")
  end
  return frame:with_columns("state = coalesce(state_before, @start)",
    "days_in_state = coalesce(days_between(`#entered`, @as_of), 0)",
    { as_of = given.as_of, start = strategy.states.start }):drop "#entered"
end

-- Whether a transition that may rest has rested, as a column; the condition on it.
local function rested(frame, i, move, last, given)
  local column = "#rested" .. i
  return frame:join(last:select("customer", "`#last` = last"), { on = "customer", how = "left" })
    :with_columns(("%s = coalesce(days_between(`#last`, @as_of) >= @rest, true)"):format(quoted(column)),
      { as_of = given.as_of, rest = move.rest })
    :drop "#last"
end

-- One pass over all rules: the first whose state and condition hold decides.
local function pass(strategy, frame, given, rests)
  local cases, drop, names = {}, {}, {}
  for i, move in ipairs(strategy.states) do
    local flag, rule = "#move" .. i, move[3]
    names["from" .. i], names["to" .. i], drop[i] = move[1], move[2], flag
    frame = definition.within(strategy, ("transition from '%s' to '%s'"):format(move[1], move[2]), function()
      if type(rule) == "function" then return frame:map(flag, function(c) return rule(c) == true end) end
      return condition.truth(frame, flag, rule, given)
    end, frame)
    cases[i] = ("when state == @from%d and %s%s then @to%d"):format(i, quoted(flag),
      rests and rests[i] and (" and `#rested%d`"):format(i) or "", i)
  end
  return frame:with_columns("`#next` = case " .. table.concat(cases, " ") .. " else state end", names)
    :drop(unpack(drop))
end

--- Adds state_before (null for who is new), days_in_state and state. Moves follow each other within the day, with
-- days_in_state 0 behind the first; a circle of them is an error that names the states and a customer. rests: when
-- transitions were made last, by their number (customer, last), or nil.
function M.move(strategy, frame, states, given, rests)
  frame = begin(strategy, frame, states, given)
  if #strategy.states == 0 then return frame end
  local way, drop = {}, {}
  for i, last in pairs(rests or {}) do
    frame = rested(frame, i, strategy.states[i], last, given)
    drop[#drop + 1] = "#rested" .. i
  end
  for _ = 0, #strategy.states do
    frame = pass(strategy, frame, given, rests)
    local moved = frame:filter "`#next` != state"
    if moved:nrow() == 0 then return frame:drop("#next", unpack(drop)) end
    local row = moved:row(1)
    way[#way + 1] = ("'%s' → '%s'"):format(row.state, row["#next"])
    way.customer = row.customer
    frame = frame:with_columns("days_in_state = if(`#next` != state, 0, days_in_state)", "state = `#next`"):drop "#next"
  end
  definition.fail(strategy.name, ("the states go in a circle on one day, for example customer %s: %s"):format(
    tostring(way.customer), table.concat(way, ", ", math.max(1, #way - 3))),
    "a rule of the circle must become false once it was followed, such as days_in_state > 0", "E-DATA")
end

return M
