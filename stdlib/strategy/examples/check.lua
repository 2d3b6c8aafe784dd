-- What the tests of a strategy may say, checked before anything runs.
local definition = require "moonsift.strategy.definition"
local moment = require "moonsift.ffi.moment"

local fail, nearest = definition.fail, definition.nearest

local expectations = {
  expect = "table", expect_segments = "table", expect_states = "table", expect_pools = "table", expect_scores = "table",
  expect_actions = "table",
}
local parts = { inputs = "table", set = "table", before = "table", days = "table", as_of = "day" }
for part, kind in pairs(expectations) do parts[part] = kind end

local SAMPLE = [[{ "what it shows", as_of = "2025-01-01",
  inputs = { orders = { { "customer_id", … }, { 1, … } } },
  expect = { { customer = 1, segment = "gone" } } }]]

local function is_day(x) return type(x) == "cdata" or (type(x) == "string" and pcall(moment.date, x)) end

local function check_parts(name, what, given, known)
  for part, value in pairs(given) do
    local wanted = known[part]
    if part ~= 1 and not wanted then
      fail(name, ("%s has an unknown part '%s'"):format(what, tostring(part)), nearest(part, known))
    end
    if wanted == "day" and not is_day(value) or wanted == "table" and type(value) ~= "table" then
      fail(name, ("%s: %s is %s; a %s wanted"):format(what, part, definition.described(value),
        wanted == "day" and "date" or wanted), wanted == "day" and part .. [[ = "2025-01-01"]] or SAMPLE)
    end
  end
end

-- What the strategy has of a kind, by name; nil where it has none.
local function names_of(strategy, kind)
  local known, list = {}, strategy[kind]
  if not list or kind ~= "states" and #list == 0 then return nil end
  for _, entry in ipairs(list) do known[entry[kind == "states" and 2 or 1]] = true end
  if kind == "states" then known[list.start] = true end
  return known
end

-- The names of one expectation: a name, or a list of them.
local function check_names(strategy, what, kind, wanted)
  local known = names_of(strategy, kind)
  if not known then fail(strategy.name, ("%s, and the strategy has no %s"):format(what, kind)) end
  for _, name in ipairs(type(wanted) == "table" and wanted or { wanted }) do
    local plain = kind == "actions" and tostring(name):gsub(" %(held out%)$", "") or name
    if name and not known[plain] then
      fail(strategy.name, ("%s wants '%s', which is none of the %s"):format(what, tostring(name), kind),
        nearest(plain, known))
    end
  end
end

local function check_expected(strategy, what, said)
  for _, kind in ipairs { "segments", "states", "actions" } do
    for _, wanted in pairs(said["expect_" .. kind] or {}) do
      check_names(strategy, ("%s: expect_%s"):format(what, kind), kind, wanted)
    end
  end
  if said.expect_scores and #strategy.scores == 0 then
    fail(strategy.name, what .. ": expect_scores, and the strategy has no scores")
  end
  if said.expect_pools and not strategy.pools then
    fail(strategy.name, what .. ": expect_pools, and the strategy has no pools")
  end
  for i, row in ipairs(said.expect or {}) do
    if type(row) ~= "table" or row.customer == nil then
      fail(strategy.name, ("%s: row %d of expect does not say which customer"):format(what, i), SAMPLE)
    end
  end
  for part in pairs(expectations) do
    if said[part] then return true end
  end
  return false
end

local day_parts = { as_of = "day" }
for part, kind in pairs(expectations) do day_parts[part] = kind end

local function check_days(strategy, what, given)
  if not given.days then
    if not given.as_of then fail(strategy.name, what .. " does not say as_of", SAMPLE) end
    return check_expected(strategy, what, given)
  end
  local expects = false
  for i, day in ipairs(given.days) do
    local which = ("%s, day %d"):format(what, i)
    if type(day) ~= "table" or not day.as_of then fail(strategy.name, which .. " does not say as_of", SAMPLE) end
    check_parts(strategy.name, which, day, day_parts)
    expects = check_expected(strategy, which, day) or expects
  end
  for part in pairs(day_parts) do
    if given[part] then fail(strategy.name, ("%s has days: %s belongs to one of them"):format(what, part)) end
  end
  return expects
end

--- Checks a strategy's tests, a list of { "what it shows", inputs = { … }, as_of = (a day) or days = { … }, … }.
return function(strategy, tests)
  local name = strategy.name
  for i, given in ipairs(tests) do
    if type(given) ~= "table" or type(given[1]) ~= "string" then
      fail(name, ("test %d is not { \"what it shows\", … }"):format(i), SAMPLE)
    end
    local what = ("test '%s'"):format(given[1])
    check_parts(name, what, given, parts)
    if not given.inputs then fail(name, what .. " does not say inputs", SAMPLE) end
    for input in pairs(given.inputs) do
      if not strategy.inputs[input] then
        fail(name, ("%s: there is no input '%s'"):format(what, tostring(input)), nearest(input, strategy.inputs))
      end
    end
    for _, day in ipairs(given.before or {}) do
      if not is_day(day) then
        fail(name, ("%s: before has %s; dates wanted"):format(what, definition.described(day)),
          [[before = { "2024-12-01" }]])
      end
    end
    if not check_days(strategy, what, given) then fail(name, what .. " does not say expect", SAMPLE) end
  end
  return tests
end
