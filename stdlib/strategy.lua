-- Strategies: marketing policy as a file that returns a table. ms.strategy { … } checks it; `moonsift run FILE --db
-- DB --as-of DATE` runs it over the customer database. docs/strategies.md tells it whole.
local changes = require "moonsift.strategy.changes"
local compute = require "moonsift.strategy.compute"
local definition = require "moonsift.strategy.definition"
local errors = require "moonsift.errors"
local examples = require "moonsift.strategy.examples"
local inputs = require "moonsift.strategy.inputs"
local moment = require "moonsift.ffi.moment"
local rules = require "moonsift.strategy.rules"
local store = require "moonsift.strategy.store"

local M = {}

local Strategy = {}
Strategy.__index = Strategy
Strategy.__metatable = false
local known = setmetatable({}, { __mode = "k" })

--- Whether a value is a strategy.
function M.is(x) return known[x] == true end

function Strategy.__tostring(strategy)
  return ("strategy %s: %s"):format(strategy.name, strategy.about or (#strategy.segments .. " segments"))
end

local function settings_of(strategy, given)
  local as_of = given.as_of
  if type(as_of) == "string" then as_of = moment.date(as_of) end
  if as_of == nil then
    definition.fail(strategy.name, "the day to look from is missing",
      "--as-of 2025-01-01, or as_of = ms.date \"2025-01-01\"")
  end
  return { as_of = as_of, parameters = definition.parameters(strategy, given.set) }
end

local function sources(strategy, given, settings)
  if given.inputs then return inputs.of_frames(strategy, given.inputs, settings.as_of) end
  if not given.db then
    definition.fail(strategy.name, "the customer database is missing", "--db shop.db, or db = ms.open \"shop.db\"")
  end
  return inputs.of_database(strategy, given.db, settings.as_of, given.mapping)
end

--- The customers as the strategy sees them on a day: a frame with features, scores, rule and segment. Nothing is
-- written. given: db (an open database) or inputs (frames by name), as_of (a date), set (parameters by name),
-- mapping.
function Strategy.customers(strategy, given)
  local settings = settings_of(strategy, given)
  return compute.customers(strategy, sources(strategy, given, settings), settings), settings
end

-- Parameters as one text, in one order: what ms_run keeps.
local function spelled(parameters)
  local names = {}
  for name in pairs(parameters) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do names[i] = ("%s=%s"):format(name, tostring(parameters[name])) end
  return table.concat(names, " ")
end

local function type_of(frame, name)
  for _, column in ipairs(frame:schema()) do
    if column.name == name then return column.type end
  end
end

--- Runs the strategy for a day, and writes what came of it in one transaction, unless dry_run = true.
-- given: as for customers. Gives { customers =, segments = (frames), run = (its number), as_of = }.
function Strategy.run(strategy, given)
  local customers, settings = strategy:customers(given)
  local outcome = {
    as_of = settings.as_of, customers = customers, parameters_text = spelled(settings.parameters),
    dry_run = given.dry_run,
  }
  if #strategy.segments > 0 then
    local before = given.db and store.members(given.db, strategy.name, settings.as_of, type_of(customers, "customer"))
    outcome.segments = changes.segments(strategy, before or nil, customers)
  end
  if not given.dry_run then outcome.run = store.save(given.db, strategy, outcome) end
  return outcome
end

--- Why a customer is in his segment on a day: a text.
function Strategy.explain(strategy, customer, given)
  local customers, settings = strategy:customers(given)
  if type_of(customers, "customer") == "integer" then customer = tonumber(customer) or customer end
  return rules.explain(strategy, customers, settings, customer)
end

--- Who would be where if the other strategy ran in this one's place: { moves =, before =, after = (frames) }.
function Strategy.diff(strategy, other, given)
  local before, after = strategy:customers(given), other:customers(given)
  return { moves = changes.moves(before, after), before = before, after = after }
end

--- The strategy's own tests: a list of { name, function }.
function Strategy.examples(strategy) return examples.of(strategy) end

--- The stays of one customer in the segments: segment, entered, left_on.
function Strategy.history(strategy, customer, given)
  return store.history(given.db, strategy.name, tonumber(customer) or customer)
end

--- Checks a definition and gives the strategy: ms.strategy { name = "rfm", inputs = { … }, customers = function(s) …
-- end, … }
function M.new(given)
  local strategy = setmetatable(definition.check(given), Strategy)
  known[strategy] = true
  return strategy
end

--- The strategy of a file.
function M.load(path)
  local sandbox = require "moonsift.sandbox"
  local value = sandbox.environment.dofile(path)
  if M.is(value) then return value end
  errors.raise {
    code = "E-ARGUMENT", verb = "strategy", message = ("%s does not return a strategy"):format(path),
    hint = "end it with return ms.strategy { … }",
  }
end

return setmetatable(M, { __call = function(_, given) return M.new(given) end })
