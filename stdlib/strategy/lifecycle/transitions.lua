-- What is short for a rule, written out: moments of states in actions ({ "mail", entering = "lapsed" }), and the days
-- after which a transition is made ({ "won back", "active", after = 60 }). And what the graph of states says.
local definition = require "moonsift.strategy.definition"

local M = {}

local fail = definition.fail

local function literal(text) return text:find("'", 1, true) and '"' .. text .. '"' or "'" .. text .. "'" end

local moments = {
  entering = "state == %s and coalesce(state_before != %s, true)",
  leaving = "state_before == %s and state != %s",
}

-- The condition, and what else is to hold.
local function joined(name, what, condition, rule)
  if rule == nil then return condition end
  if type(rule) == "string" then return condition .. " and (" .. rule .. ")" end
  fail(name, ("%s: a function cannot be joined with a moment or days"):format(what),
    "write the rule as an expression, or let the function look at c.state, c.state_before, c.days_in_state")
end

local function copy(list)
  local made = {}
  for key, value in pairs(list) do made[key] = value end
  return made
end

local function known_states(states)
  local known = {}
  if type(states.start) == "string" then known[states.start] = true end
  for _, move in ipairs(states) do
    if type(move) == "table" and type(move[2]) == "string" then known[move[2]] = true end
  end
  return known
end

local function action_of(name, action, states)
  if type(action) ~= "table" or (action.entering == nil and action.leaving == nil) then return action end
  local made, what = copy(action), ("action '%s'"):format(tostring(action[1]))
  for _, part in ipairs { "leaving", "entering" } do
    local state = action[part]
    made[part] = nil
    if state ~= nil then
      if type(states) ~= "table" then
        fail(name, ("%s: %s = '%s', and the strategy has no states"):format(what, part, tostring(state)),
          [[states = { start = "new", { "new", "old", "days_in_state >= 30" } }]])
      end
      local known = known_states(states)
      if not known[state] then
        fail(name, ("%s: there is no state '%s'"):format(what, tostring(state)), definition.nearest(state, known))
      end
      made[2] = joined(name, what, moments[part]:format(literal(state), literal(state)), made[2])
    end
  end
  return made
end

local move_parts = { after = true, rest = true }

local function move_of(name, move)
  if type(move) ~= "table" then return move end
  local what = ("transition from '%s' to '%s'"):format(tostring(move[1]), tostring(move[2]))
  for part, value in pairs(move) do
    if type(part) ~= "number" and not move_parts[part] then
      fail(name, ("%s: unknown part '%s'"):format(what, tostring(part)), definition.nearest(part, move_parts))
    end
    if move_parts[part] and (type(value) ~= "number" or value < 1 or value % 1 ~= 0) then
      fail(name, ("%s: %s is %s; a whole number of days wanted"):format(what, part, definition.described(value)))
    end
  end
  if not move.after then return move end
  local made = copy(move)
  made[3] = joined(name, what, ("days_in_state >= %d"):format(move.after), move[3])
  return made
end

--- The definition with what is short written out; what is of a wrong kind is left for definition.check.
function M.written_out(given)
  if type(given) ~= "table" then return given end
  local made = copy(given)
  if type(given.states) == "table" then
    made.states = copy(given.states)
    for i, move in ipairs(given.states) do made.states[i] = move_of(given.name, move) end
  end
  if type(given.actions) == "table" then
    made.actions = {}
    for i, action in ipairs(given.actions) do made.actions[i] = action_of(given.name, action, given.states) end
  end
  return made
end

--- The states that no way leads to from the start, and those that nobody leaves: two lists, in the order of the
-- transitions.
function M.graph(states)
  local reached, grown = { [states.start] = true }, true
  while grown do
    grown = false
    for _, move in ipairs(states) do
      if reached[move[1]] and not reached[move[2]] then reached[move[2]], grown = true, true end
    end
  end
  local left, unreached, final, seen = {}, {}, {}, {}
  for _, move in ipairs(states) do left[move[1]] = true end
  for _, move in ipairs(states) do
    local name = move[2]
    if not seen[name] then
      if not reached[name] then unreached[#unreached + 1] = name end
      if reached[name] and not left[name] then final[#final + 1] = name end
    end
    seen[name] = true
  end
  return unreached, final
end

return M
