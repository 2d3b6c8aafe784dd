-- What a strategy says, checked before anything runs: docs/strategies.md tells it whole.
local bytecode = require "moonsift.ffi.bytecode"
local errors = require "moonsift.errors"
local host = require "moonsift.host"

local M = {}

local fields = {
  name = "text", about = "text", inputs = "table", parameters = "table", customers = "function", events = "table",
  kpis = "table",
  scores = "table", states = "table", pools = "table", sets = "table",
  segments = "table", exclusive = "boolean", ranges = "table",
  actions = "table", caps = "table", consent = "text",
  budget = "number", capacity = "table", holdout = "number", suppress = "text", quiet = "table", value = "text",
  summary = "table", tests = "table",
}

--- Raises an error of a strategy.
function M.fail(name, message, hint, code)
  errors.raise {
    code = code or "E-ARGUMENT", verb = "strategy",
    message = ("strategy %s: %s"):format(name or "without a name", message), hint = hint,
  }
end
local fail = M.fail

--- A value as messages show it: "the text '30'", "3", "a table".
function M.described(x)
  local kind = type(x)
  if x == nil or kind == "boolean" or kind == "number" then return tostring(x) end
  if kind == "string" then return ("the text '%s'"):format(x) end
  return "a " .. kind
end
local described = M.described

-- What to do about a name that is no column, where nothing is spelled like it.
local function name_hint(strategy, word)
  if strategy.parameters and strategy.parameters[word] then return ("the parameter is written @%s"):format(word) end
  for _, set in ipairs(strategy.sets or {}) do
    local near = M.nearest(word, { [set[1]] = true })
    if near:find "^did you mean" then return near .. " (a set: there for other sets, segments and actions)" end
  end
  if word == "nil" then return "an unknown value is asked for so: column is null" end
  return ("if a text is meant, it stands in quotes: '%s'"):format(word)
end

-- "row 3: …" of a function over rows as "customer 17: …".
local function by_customer(message, frame)
  local row = tonumber(message:match "row (%d+): ")
  if not row or not frame then return message end
  return (message:gsub("row %d+", "customer " .. tostring(frame:row(row).customer), 1))
end

--- Calls the function; an error in it says which part of the strategy it is about. frame: customers over which a
-- function of the strategy may run, or nil.
function M.within(strategy, part, fn, frame)
  local fine, result = pcall(fn)
  if fine then return result end
  if errors.is(result) and not result.message:find("^strategy [%w_]+: ") then
    local message, hint = result.message:gsub("^[%a_]+: ", ""), result.hint
    result.message = ("strategy %s: %s: %s"):format(strategy.name, part, by_customer(message, frame))
    local word = message:match "^unknown column '([^']*)'"
    if word and not (hint or ""):find "did you mean" then
      result.hint = name_hint(strategy, word) .. (hint and "\n" .. hint or "")
    end
    if message:find "attempt to compare" and not hint then
      result.hint = "a value that is not known is nil; ask first: c.recency and c.recency < 90"
    end
  end
  error(result, 0)
end

--- "did you mean …?" among the keys of a table, or what there is.
function M.nearest(word, of)
  local names = {}
  for name in pairs(of) do names[#names + 1] = tostring(name) end
  table.sort(names) -- pairs has no order of its own
  local at = host.nearest and host.nearest(tostring(word), names)
  if at then return ("did you mean '%s'?"):format(names[at]) end
  return #names > 0 and "there are " .. table.concat(names, ", ") or nil
end

local function check_function(name, what, value)
  if type(value) == "function" and not bytecode.gives(value) then
    fail(name, ("%s: the function never returns a value"):format(what), "is its return missing?")
  end
end

local function check_fields(given)
  if type(given) ~= "table" then fail(nil, ("got %s; wanted a table"):format(described(given))) end
  local name = given.name
  if type(name) ~= "string" or not name:find "^[%a_][%w_]*$" then
    fail(nil, ("name is %s; letters, digits and '_' wanted"):format(
      described(name)), [[ms.strategy { name = "winback", … }]])
  end
  for field, value in pairs(given) do
    local wanted = fields[field]
    if not wanted then fail(name, ("there is no part '%s'"):format(tostring(field)), M.nearest(field, fields)) end
    local kind = type(value) == "string" and "text" or type(value)
    if kind ~= wanted then
      fail(name, ("%s is %s; a %s wanted"):format(field, described(value), wanted),
        wanted == "table" and field .. " = { … }" or nil)
    end
  end
  if not given.customers and not (given.events and given.events[1]) then
    fail(name, "customers is missing", "customers = function(s) return a frame with a row a customer end")
  end
  check_function(name, "customers", given.customers)
end

local input_parts = { columns = true, time = true, customer = true, grows = true }

local function check_inputs(name, inputs)
  if not next(inputs) then
    fail(name, "inputs is empty", [[inputs = { orders = { columns = { … }, time = "ordered_at" } }]])
  end
  for input, said in pairs(inputs) do
    if type(input) ~= "string" or type(said) ~= "table" or type(said.columns) ~= "table" or #said.columns == 0 then
      fail(name, ("input '%s' does not say its columns"):format(tostring(input)),
        ([[%s = { columns = { "customer_id", … } }]]):format(tostring(input)))
    end
    local known = {}
    for i, column in ipairs(said.columns) do
      if type(column) ~= "string" then fail(name, ("input '%s': column %d is not a name"):format(input, i)) end
      known[column] = true
    end
    for key in pairs(said) do
      if not input_parts[key] then
        fail(name, ("input '%s' has an unknown part '%s'"):format(input, tostring(key)), M.nearest(key, input_parts))
      end
    end
    for _, part in ipairs { "time", "customer" } do
      if said[part] and not known[said[part]] then
        fail(name, ("input '%s': %s is '%s', which is none of its columns"):format(input, part, tostring(said[part])),
          M.nearest(said[part], known))
      end
    end
  end
end

local plain = { number = true, string = true, boolean = true }

-- A parameter is its default, or { default, "what it means" }.
local function check_parameters(name, parameters)
  local made = {}
  for parameter, said in pairs(parameters) do
    local default, about = said, nil
    if type(said) == "table" then default, about = said[1], said[2] end
    if type(parameter) ~= "string" or not parameter:find "^[%a_][%w_]*$" or parameter == "as_of" then
      fail(name, ("'%s' cannot be the name of a parameter"):format(tostring(parameter)),
        parameter == "as_of" and "@as_of is the day from which the strategy looks"
          or "letters, digits and '_' are wanted: days = { 90, \"what it means\" }")
    end
    if not plain[type(default)] then
      fail(name, ("parameter '%s' is %s; a number, text or boolean wanted"):format(parameter, described(default)),
        ("%s = 90, or %s = { 90, \"what it means\" }"):format(parameter, parameter))
    end
    made[parameter] = { default = default, about = about }
  end
  return made
end

-- Columns that a run adds by itself.
local own = { customer = true, held_out = true, state = true, state_before = true, days_in_state = true, rule = true,
  segment = true }

--- Raises where the entries of a list make columns that a run makes by itself.
function M.check_columns(name, list, part)
  for _, entry in ipairs(list) do
    if own[entry[1]] then
      fail(name, ("%s '%s' has the name of a column that a run makes itself"):format(part, entry[1]),
        "give it another name")
    end
  end
  return list
end

local samples = {
  segment = [[segments = { { "active", "recency <= 90" }, { "gone" } }]],
  score = [[scores = { { "worth", "spent * 0.3" } }]], event = [[events = { { "orders", "count()", of = "orders" } }]],
  kpi = [[kpis = { { "revenue_30", "total(amount)", of = "orders", within = 30 } }]],
  action = [[actions = { { "mail", "segment == 'gone'", channel = "mail" } }]],
  set = [[sets = { vip = "spent > 1000" }]],
  state = [[states = { start = "new", { "new", "old", "days_in_state >= 30" } }]],
  cap = [[caps = { { most = 2, days = 30, channel = "mail" } }]],
}

-- Raises where a list has named members: they would be passed over.
local function check_order(name, list, part, also)
  local named = {}
  for key in pairs(list) do
    if type(key) ~= "number" and key ~= also then named[#named + 1] = tostring(key) end
  end
  if #named == 0 then return end
  table.sort(named) -- pairs has no order of its own
  fail(name, ("%ss are a list, in which '%s' has no place"):format(part, named[1]), samples[part])
end

--- Checks an ordered list of { name, what, … }. `rest`: the last may do without.
function M.check_list(name, list, part, rest)
  local seen = {}
  check_order(name, list, part)
  for i, entry in ipairs(list) do
    if type(entry) ~= "table" or type(entry[1]) ~= "string" then
      fail(name, ("%s %d is %s; { name, rule } wanted"):format(part, i, type(entry) == "table" and "without a name"
        or described(entry)), samples[part])
    end
    if seen[entry[1]] then
      fail(name, ("two %ss named '%s'"):format(part, entry[1]), "give one of them another name")
    end
    seen[entry[1]] = true
    local kind = type(entry[2])
    if kind ~= "string" and kind ~= "function" and not (rest and i == #list and kind == "nil") then
      fail(name, ("%s '%s' has %s; an expression or a function wanted"):format(part, entry[1], described(entry[2])),
        rest and kind == "nil" and "only the last segment may do without a rule: it takes the rest" or samples[part])
    end
    check_function(name, ("%s '%s'"):format(part, entry[1]), entry[2])
  end
  return list
end

-- states = { start = "prospect", { from, to, rule }, … }: what there is, by name, is found on the way.
local function check_states(name, states)
  local known = { [states.start or ""] = true }
  if type(states.start) ~= "string" then
    fail(name, "states do not say where everybody starts",
      [[states = { start = "prospect", { "prospect", "customer", "orders > 0" } }]])
  end
  check_order(name, states, "state", "start")
  for i, move in ipairs(states) do
    local rule = type(move) == "table" and type(move[3])
    if rule ~= "string" and rule ~= "function" or type(move[1]) ~= "string" or type(move[2]) ~= "string" then
      fail(name, ("transition %d is not { from, to, rule }"):format(i),
        [[{ "active", "away", "recency > 90" }, or after days in the state: { "won back", "active", after = 60 }]])
    end
    check_function(name, ("transition from '%s' to '%s'"):format(move[1], move[2]), move[3])
    if move[1] == move[2] then
      fail(name, ("transition %d leads from '%s' to itself"):format(i, move[1]),
        "who stays in a state needs no transition")
    end
    known[move[2]] = true
  end
  for i, move in ipairs(states) do
    if not known[move[1]] then
      fail(name, ("transition %d leaves '%s', which nobody enters"):format(i, move[1]), M.nearest(move[1], known))
    end
  end
  return states
end

local check_list = M.check_list

--- Checks the named parts of an entry of such a list. wanted: Lua types by name.
function M.check_parts(name, what, entry, wanted)
  for part, value in pairs(entry) do
    if type(part) ~= "number" and not wanted[part] then
      fail(name, ("%s '%s' has an unknown part '%s'"):format(what, entry[1], tostring(part)), M.nearest(part, wanted))
    end
    if wanted[part] and type(value) ~= wanted[part] then
      fail(name, ("%s '%s': %s is %s; a %s wanted"):format(what, entry[1], part, described(value),
        (wanted[part]:gsub("string", "text"))))
    end
  end
end

local action_parts = {
  channel = "string", every = "number", once = "boolean", at = "string", cost = "number", value = "string",
  detail = "string",
}

-- An action is { name, rule, channel =, every = (days), once =, cost =, value = (an expression), detail = (an
-- expression) }.
local function check_actions(name, actions)
  check_list(name, actions, "action", false)
  for _, action in ipairs(actions) do M.check_parts(name, "action", action, action_parts) end
  return actions
end

-- caps = { { most = 2, days = 30, channel = "mail" }, … }
local cap_parts = { most = "number", days = "number", channel = "string" }

local function check_caps(name, caps)
  check_order(name, caps, "cap")
  for i, cap in ipairs(caps) do
    if type(cap) ~= "table" or type(cap.most) ~= "number" or type(cap.days) ~= "number" then
      fail(name, ("cap %d is not { most = 2, days = 30 }"):format(i), samples.cap)
    end
    for part, value in pairs(cap) do
      if type(value) ~= cap_parts[part] then
        fail(name, cap_parts[part] and ("cap %d: %s is %s; a text wanted"):format(i, part, described(value))
          or ("cap %d has an unknown part '%s'"):format(i, tostring(part)), M.nearest(part, cap_parts))
      end
    end
  end
  return caps
end

-- capacity = { phone = 20 }
local function check_capacity(name, capacity)
  for channel, most in pairs(capacity) do
    if type(channel) ~= "string" or type(most) ~= "number" then
      fail(name, ("capacity of '%s' is %s; a number of actions a day wanted"):format(tostring(channel),
        described(most)), "capacity = { phone = 20 }")
    end
  end
  return capacity
end

local function check_holdout(name, share)
  if share and not (share >= 0 and share < 1) then
    fail(name, ("holdout is %g; a share from 0 to below 1 wanted"):format(share), "0.1 is a tenth")
  end
  return share or 0
end

-- ranges = { r = { 1, 5 } }: what a column of the customers can be.
local function check_ranges(name, ranges)
  for column, range in pairs(ranges) do
    if type(range) ~= "table" or type(range[1]) ~= "number" or type(range[2]) ~= "number" or range[1] > range[2] then
      fail(name, ("the range of '%s' is not { least, greatest }"):format(tostring(column)))
    end
  end
  return ranges
end

-- A number of the name, so that each strategy holds out others.
local function salt_of(name)
  local salt = 0
  for i = 1, #name do salt = (salt * 131 + name:byte(i)) % 2147483647 end
  return salt
end

--- The definition with everything in its place: parameters as { default =, about = }, empty lists for what was not
-- said.
function M.check(given)
  check_fields(given)
  local name = given.name
  check_inputs(name, given.inputs or {})
  return {
    name = name, salt = salt_of(name), about = given.about, value = given.value, inputs = given.inputs,
    make_customers = given.customers, ranges = check_ranges(name, given.ranges or {}),
    parameters = check_parameters(name, given.parameters or {}), events = given.events or {},
    kpis = given.kpis or {},
    segments = check_list(name, given.segments or {}, "segment", true),
    exclusive = given.exclusive or false,
    states = given.states and check_states(name, given.states) or nil,
    actions = check_actions(name, given.actions or {}), caps = check_caps(name, given.caps or {}),
    consent = given.consent, budget = given.budget, capacity = check_capacity(name, given.capacity or {}),
    holdout = check_holdout(name, given.holdout), summary = given.summary or {},
    tests = {},
  }
end

--- A customer as his column's type has him: texts (of the command line) become integers where customers are.
function M.customer(strategy, customer, kind)
  if kind ~= "integer" then return tostring(customer) end
  return tonumber(customer)
    or M.fail(strategy.name, ("its customers are integers; '%s' is none"):format(tostring(customer)))
end

--- The parameters' values: the defaults, and what was set in their place. Texts (of the command line) are read as the
-- type of the default.
function M.parameters(strategy, set)
  local values = {}
  for name, said in pairs(strategy.parameters) do values[name] = said.default end
  for name, value in pairs(set or {}) do
    local said = strategy.parameters[name]
    if not said then
      fail(strategy.name, ("there is no parameter '%s'"):format(tostring(name)), M.nearest(name, strategy.parameters))
    end
    local wanted, read = type(said.default), value
    if wanted == "number" then read = tonumber(value) end
    if wanted == "boolean" and type(value) == "string" then read = ({ ["true"] = true, ["false"] = false })[value] end
    if type(read) ~= wanted then
      fail(strategy.name, ("parameter '%s' is '%s'; a %s wanted"):format(name, tostring(value), wanted),
        ("its default is %s"):format(tostring(said.default)))
    end
    values[name] = read
  end
  return values
end

return M
