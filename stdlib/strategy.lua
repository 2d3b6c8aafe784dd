-- Strategies: marketing policy as a file that returns a table. ms.strategy { … } checks it; `moonsift run FILE --db
-- DB --as-of DATE` runs it over the customer database. docs/strategies.md tells it whole.
local action_rules = require "moonsift.strategy.actions.explain"
local actions = require "moonsift.strategy.actions"
local backtest = require "moonsift.strategy.backtest"
local changes = require "moonsift.strategy.changes"
local check_examples = require "moonsift.strategy.examples.check"
local compute = require "moonsift.strategy.compute"
local definition = require "moonsift.strategy.definition"
local errors = require "moonsift.errors"
local databases = require "moonsift.ffi.database"
local difference = require "moonsift.strategy.difference"
local effect = require "moonsift.strategy.effect"
local event_store = require "moonsift.strategy.events.store"
local events = require "moonsift.strategy.events"
local examples = require "moonsift.strategy.examples"
local future = require "moonsift.strategy.lint.future"
local inputs = require "moonsift.strategy.inputs"
local lint = require "moonsift.strategy.lint"
local moment = require "moonsift.ffi.moment"
local pool_check = require "moonsift.strategy.pools.check"
local pool_store = require "moonsift.strategy.pools.store"
local pools = require "moonsift.strategy.pools"
local restore = require "moonsift.strategy.restore"
local scores = require "moonsift.strategy.scores"
local sending = require "moonsift.strategy.actions.sending"
local rules = require "moonsift.strategy.rules"
local sets = require "moonsift.strategy.rules.sets"
local store = require "moonsift.strategy.store"
local transitions = require "moonsift.strategy.lifecycle.transitions"

local M = {}

local Strategy = {}
Strategy.__index = Strategy
Strategy.__metatable = false
local known = setmetatable({}, { __mode = "k" })

-- The name of the last strategy that was made, until one is computed.
local waiting

--- Whether a value is a strategy.
function M.is(x) return known[x] == true end

--- The name of a strategy, if some were made and none was ever computed; or nil.
function M.idle() return waiting end

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
  return {
    as_of = as_of, parameters = definition.parameters(strategy, given.set), before = {},
    model_database = given.model_database or given.db,
  }
end

local function sources(strategy, given, settings)
  if given.inputs then return inputs.of_frames(strategy, given.inputs, settings.as_of) end
  if not given.db then
    definition.fail(strategy.name, "the customer database is missing", "--db shop.db, or db = ms.open \"shop.db\"")
  end
  return inputs.of_database(strategy, given.db, settings.as_of, given.mapping)
end

-- Who was where before the day, read once a run.
local function earlier(strategy, kind, settings, history)
  if not history then return nil end
  if settings.before[kind] == nil then
    settings.before[kind] = store.members(history, strategy, kind, settings.as_of, store.key_type(history, strategy))
      or false
  end
  return settings.before[kind] or nil
end

local function customers_of(strategy, given)
  local settings, history = settings_of(strategy, given), given.store or given.db
  local states = strategy.states and earlier(strategy, "state", settings, history)
  if strategy.states and history then
    settings.rests = store.rests(history, strategy, settings.as_of, store.key_type(history, strategy))
  end
  if strategy.pools and history then
    settings.pool_memory = pool_store.memory(history, strategy, settings.as_of, store.key_type(history, strategy))
  end
  local found = sources(strategy, given, settings)
  if #strategy.events > 0 and given.db and not given.inputs then
    settings.kept = event_store.read(strategy, given.db, settings, given.mapping, found)
    settings.events = settings.kept and settings.kept.frame
  end
  settings.blocked = strategy.suppress and found[strategy.suppress]
  return compute.customers(strategy, found, settings, states), settings
end

--- The customers as the strategy sees them on a day: a frame with features, scores, states, rule and segment.
-- Nothing is written, also by the strategy itself. given: db (an open database) or inputs (frames by name), as_of (a
-- date), set (parameters by name), mapping, store (a database with the history, unless it is db).
function Strategy.customers(strategy, given)
  waiting = nil
  return databases.holding(given.db, databases.reading, "strategy " .. strategy.name, customers_of, strategy, given)
end

-- Parameters as one text, in one order: what ms_run keeps.
local function spelled(parameters)
  local names = {}
  for name in pairs(parameters) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do names[i] = ("%s=%s"):format(name, tostring(parameters[name])) end
  return table.concat(names, " ")
end

-- What comes of a day; nothing is written.
local function outcome_of(strategy, given, history)
  local base = history and store.base(history, strategy, settings_of(strategy, given).as_of)
  local customers, settings = strategy:customers(given)
  local outcome = {
    as_of = settings.as_of, customers = customers, parameters_text = spelled(settings.parameters),
    dry_run = given.dry_run, base = base, events = settings.kept, settings = settings, before = settings.before,
  }
  for _, kind in ipairs { "segment", "state" } do
    if kind == "segment" and #strategy.segments > 0 or kind == "state" and strategy.states then
      outcome[kind .. "s"] = changes.table(strategy, kind, earlier(strategy, kind, settings, history), customers)
    end
  end
  if #strategy.sets > 0 then
    outcome.sets = sets.table(strategy, earlier(strategy, "set", settings, history), customers)
  end
  if strategy.pools then
    outcome.pool, outcome.pool_moves = settings.pool, settings.pool.moves
    outcome.pools = pools.summary(strategy, customers, outcome.pool_moves)
  end
  if #strategy.actions > 0 then
    local ledger = history and store.ledger(history, strategy, settings.as_of, store.key_type(history, strategy))
    outcome.due = databases.reading("strategy " .. strategy.name, actions.due, strategy, customers, ledger,
      compute.given(settings), settings.blocked)
    outcome.actions = actions.summary(outcome.due)
  end
  return outcome
end

-- Times that a run is done again because another one was saved meanwhile.
local ATTEMPTS = 10

--- Runs the strategy for a day, and writes what came of it in one transaction, unless dry_run = true.
-- given: as for customers. Gives { as_of =, customers =, segments =, states =, pools =, pool_moves =, actions =, due =
-- (frames), run = (number) }.
function Strategy.run(strategy, given)
  local history = given.store or given.db
  for _ = 1, ATTEMPTS do
    local outcome = databases.holding(given.db, outcome_of, strategy, given, history)
    if given.dry_run then return outcome end
    outcome.run = store.save(history, strategy, outcome)
    if outcome.run then return outcome end
  end
  definition.fail(strategy.name, ("other runs of it are being saved in %s all the time"):format(history:path()),
    "run it again when they are done", "E-DATABASE-LOCKED")
end

--- What is wrong with the strategy: a list of { level = "error", "note" or "proved", text = }. given: as for
-- customers; the customers of the day are the sample where nothing can be proved. source: the text of its file, or
-- nil.
function Strategy.check(strategy, given, source)
  local settings = settings_of(strategy, given)
  local inputs_of_day = sources(strategy, given, settings)
  local function computed(of)
    return databases.reading("strategy " .. strategy.name, compute.unplaced, strategy, of, settings_of(strategy, given))
  end
  local customers = computed(inputs_of_day)
  local found = lint.check(strategy, customers, settings, source)
  for _, item in ipairs(future.check(strategy, inputs_of_day, settings.as_of, computed)) do
    table.insert(found, item.level == "error" and 1 or #found + 1, item)
  end
  if found[1] and found[1].level == "error" then return found end
  local fine, problem = pcall(outcome_of, strategy, given, given.store or given.db)
  if not fine then
    table.insert(found, 1, { level = "error", text = "a run fails: " .. (problem.message or tostring(problem)) })
  end
  return found
end

--- Why a customer is in his segment and state on a day, and what is done with him or why not: a text.
function Strategy.explain(strategy, customer, given)
  local customers, settings = strategy:customers(given)
  for _, column in ipairs(customers:schema()) do
    if column.name == "customer" then customer = definition.customer(strategy, customer, column.type) end
  end
  local parts = {}
  if #strategy.segments > 0 then
    parts[1] = rules.explain(strategy, customers, settings, customer)
  end
  if #strategy.sets > 0 then parts[#parts + 1] = rules.explain_sets(strategy, customers, settings, customer) end
  if strategy.states then parts[#parts + 1] = rules.explain_state(strategy, customers, settings, customer) end
  if strategy.pools then
    parts[#parts + 1] = ("customer %s: %s"):format(tostring(customer),
      pools.explain(strategy, customers, settings, customer))
  end
  if #strategy.actions > 0 then
    local history = given.store or given.db
    parts[#parts + 1] = databases.reading("strategy " .. strategy.name, action_rules.explain, strategy, customers, {
      customer = customer, given = compute.given(settings), blocked = settings.blocked,
      ledger = history and store.ledger(history, strategy, settings.as_of, store.key_type(history, strategy)),
    })
  end
  if #parts == 0 then parts[1] = rules.described(strategy, customers, settings, customer) end
  return table.concat(parts, "\n\n")
end

--- What would be another way if the other strategy (nil: this one, as set) ran in this one's place: frames moves,
-- states, sets, scores, actions, pools (moves between them), owners (nil where there are none), before, after
-- (customers). given: as for customers.
function Strategy.diff(strategy, other, given)
  local history, unset = given.store or given.db, given
  if not other then
    unset = {}
    for part, value in pairs(given) do unset[part] = part ~= "set" and value or nil end
    other = strategy
  end
  local before, after = databases.holding(given.db, function()
    return outcome_of(strategy, unset, history), outcome_of(other, given, history)
  end)
  local pool_moves, owners = difference.pools(before, after)
  return {
    before = before.customers, after = after.customers, pools = pool_moves, owners = owners,
    moves = before.segments and after.segments and difference.moves(strategy, other, before, after),
    states = strategy.states and other.states and changes.moves(before.customers, after.customers, "state") or nil,
    sets = difference.sets(strategy, other, before, after),
    scores = difference.scores(strategy, other, before, after), actions = difference.actions(before, after),
  }
end

--- The strategy replayed over the past: given: as for customers, from, to (dates), every ("1mo", "7d"). Gives
-- frames: segments, states, actions (a row a day and name), moves (day, from, to, customers), migration (from, to,
-- customers).
function Strategy.backtest(strategy, given) return backtest.run(strategy, given) end

--- What the actions of the ledger brought, by the strategy's kpis, against those who were held out: a frame with a row
-- an action and kpi (see effect.lua). given: db, as_of (what happened before it counts), mapping, set.
function Strategy.effect(strategy, given)
  local settings = settings_of(strategy, given)
  local found = sources(strategy, given, settings)
  return databases.reading("strategy " .. strategy.name, effect.of, strategy, found,
    store.actions(given.store or given.db, strategy), compute.given(settings))
end

--- The strategy's own tests: a list of { name, function }.
function Strategy.examples(strategy) return examples.of(strategy) end

--- The stays of one customer in segments and states: kind, name, entered, left_on.
function Strategy.history(strategy, customer, given)
  return store.history(given.db, strategy, customer)
end

--- Who was where after a past run: a frame with a row a customer (segment, state, owner, and since when), and the run
-- ({ run =, as_of = }). given: db, and run (its number) or as_of (the last run of or before a day).
function Strategy.at(strategy, given) return restore.at(strategy, given) end

--- Takes the strategy's own tables back to a past run, as if those behind it had not been: what the ledger says was
-- done stays. given: as for at. Gives what at gives, and how many runs were taken back.
function Strategy.restore(strategy, given) return restore.restore(strategy, given) end

--- Checks a definition and gives the strategy: ms.strategy { name = "rfm", inputs = { … }, customers = function(s) …
-- end, … }
function M.new(given)
  local strategy = setmetatable(definition.check(transitions.written_out(given)), Strategy)
  strategy.pools = given.pools and pool_check.check(strategy, given.pools)
  strategy.quiet, strategy.suppress = sending.check(strategy, given)
  strategy.sets = sets.check(strategy.name, given.sets or {})
  strategy.events = events.check(strategy.name, strategy.inputs, strategy.events)
  strategy.kpis = effect.check(strategy)
  strategy.scores = scores.check(strategy, given.scores or {})
  strategy.tests = check_examples(strategy, given.tests or {})
  known[strategy], waiting = true, strategy.name
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
