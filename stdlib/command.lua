-- What the command line asks of the library: its arguments, import, help.
local date = require("moonsift.ffi.moment").date
local errors = require "moonsift.errors"
local json = require "moonsift.json"
local sandbox = require "moonsift.sandbox"
local session = require "moonsift.ffi.session"

local M = {}

local given = { rest = {} }

local function day_of(option, text)
  local fine, day = pcall(date, text)
  if fine then return day end
  errors.raise {
    code = "E-ARGUMENT", message = ("%s: '%s' is no date"):format(option, text), hint = "2025-01-31 is one",
    place = false,
  }
end

--- Takes over what stood on the command line.
function M.configure(settings)
  given = settings
  if given.zone then session.zone(given.zone) end
  for name, option in pairs { as_of = "--as-of", from = "--from", to = "--to" } do
    if given[name] then given[name] = day_of(option, given[name]) end
  end
  sandbox.environment.arg = given.rest
  if given.line then sandbox.environment.ms = require "moonsift" end -- as at the prompt
  if given.script then sandbox.folder = given.script:match "^(.*)/[^/]*$" or "." end
end

--- What the command line said: db, as_of (a date), dry_run, json, and rest, the script's own arguments. What was not
-- given is nil.
function M.arguments()
  return {
    db = given.db, as_of = given.as_of, dry_run = given.dry_run, json = given.json, rest = given.rest,
  }
end

-- Settings NAME=TYPE as the list that readers take; nil for none.
local function types_of(settings)
  local list = {}
  for name, kind in pairs(settings) do list[#list + 1] = ("%s:%s"):format(name, kind) end
  table.sort(list) -- pairs has no order of its own
  return list[1] and list or nil
end

--- moonsift import FILE --db DB --table NAME
function M.import(file)
  if not given.db then
    errors.raise { code = "E-ARGUMENT", verb = "import", message = "import: --db DATABASE is missing" }
  end
  local name = given.table or file:match "([^/]+)%.[%w.]+$" or file
  local report = require("moonsift.database").import(file, {
    db = given.db, table = name, delimiter = given.delimiter, encoding = given.encoding, mode = given.mode,
    types = types_of(given.types),
  })
  if given.json then
    local rejected = report.rejected and report.rejected:nrow() or 0
    print(json.encode { table = report.table, rows = report.rows, columns = report.columns, rejected = rejected })
  else
    print(report)
  end
end

-- ---- strategies ----

local function mapping()
  if not given.mapping then return nil end
  local said = sandbox.environment.dofile(given.mapping)
  if said ~= nil then return said end
  errors.raise {
    code = "E-ARGUMENT", message = ("--map: %s returns nothing"):format(given.mapping),
    hint = [[it ends with return { orders = { table = "…", columns = { … } } }]],
  }
end

-- Does something with what a strategy wants to know, and an open database.
local function with_database(write, work)
  local database = given.db and require("moonsift.database").open(given.db, { write = write })
  local ok, result = pcall(work, { db = database, as_of = given.as_of, set = given.set, mapping = mapping() })
  if database then database:close() end
  if not ok then error(result, 0) end
  return result
end

local function rows_of(frame)
  local list, names = {}, frame:names()
  for row in frame:rows() do
    local made = {}
    for _, name in ipairs(names) do
      local value = row[name]
      made[name] = type(value) == "cdata" and tostring(value) or value
    end
    list[#list + 1] = made
  end
  return list
end

local function customers(count) return count == 1 and "1 customer" or ("%d customers"):format(count) end

local function show_run(strategy, outcome)
  local count = outcome.customers:nrow()
  if given.json then
    print(json.encode {
      strategy = strategy.name, as_of = tostring(outcome.as_of), run = outcome.run, customers = count,
      dry_run = given.dry_run or false, segments = outcome.segments and rows_of(outcome.segments),
      states = outcome.states and rows_of(outcome.states),
      sets = outcome.sets and rows_of(outcome.sets), actions = outcome.actions and rows_of(outcome.actions),
      pools = outcome.pools and rows_of(outcome.pools), pool_moves = outcome.pool_moves and rows_of(outcome.pool_moves),
    })
    return
  end
  local shown = false
  for _, part in ipairs { "segments", "states", "sets", "pools", "pool_moves", "actions" } do
    if outcome[part] then print(outcome[part]) end
    shown = shown or outcome[part]
  end
  if not shown then print(outcome.customers) end
  if given.dry_run then
    print(("dry run of %s for %s: %s, nothing written"):format(strategy.name, tostring(outcome.as_of),
      customers(count)))
  else
    print(("run %d of %s for %s: %s in %s: tables %s_customers, ms_member, ms_run"):format(outcome.run, strategy.name,
      tostring(outcome.as_of), customers(count), given.db, strategy.name))
  end
end

--- What a script returned: a strategy is run over the customer database.
function M.returned(value)
  local strategies = package.loaded["moonsift.strategy"] -- not loaded: there can be none
  if not strategies then return end
  local idle = value == nil and given.as_of and strategies.idle()
  if idle then
    errors.raise {
      code = "E-ARGUMENT", message = ("the file made the strategy %s, and neither ran nor returned it"):format(idle),
      hint = "end it with return ms.strategy { … }",
    }
  end
  if not strategies.is(value) then return end
  with_database(not given.dry_run, function(more)
    more.dry_run = given.dry_run
    show_run(value, value:run(more))
  end)
end

local function strategy_of(path) return require("moonsift.strategy").load(path) end

local function the_customer(verb)
  if given.customer then return given.customer end
  errors.raise { code = "E-ARGUMENT", verb = verb, message = verb .. ": --customer ID is missing" }
end

--- moonsift check STRATEGY: 1 if something is wrong.
function M.check(path)
  local strategy = strategy_of(path)
  local file = assert(io.open(path, "rb"))
  local source = file:read "*a"
  file:close()
  local found = with_database(false, function(more) return strategy:check(more, source) end)
  local wrong = 0
  for _, item in ipairs(found) do
    if item.level == "error" then wrong = wrong + 1 end
    if not given.json then print(("%-7s %s"):format(item.level, item.text)) end
  end
  if given.json then print(json.encode { findings = found }) end
  return wrong > 0 and 1 or 0
end

--- moonsift explain STRATEGY --customer ID
function M.explain(path)
  local strategy, customer = strategy_of(path), the_customer "explain"
  print(with_database(false, function(more) return strategy:explain(customer, more) end))
end

--- moonsift history STRATEGY --customer ID
function M.history(path)
  local strategy, customer = strategy_of(path), the_customer "history"
  if not given.db then
    errors.raise { code = "E-ARGUMENT", verb = "history", message = "history: --db DATABASE is missing" }
  end
  print(with_database(false, function(more) return strategy:history(customer, more) end))
end

--- moonsift restore STRATEGY --run N: the state then; with --write, the tables are taken back to it.
function M.restore(path)
  local strategy = strategy_of(path)
  if not given.db then
    errors.raise { code = "E-ARGUMENT", verb = "restore", message = "restore: --db DATABASE is missing" }
  end
  local frame, run, count
  with_database(given.write, function(more)
    more.run = given.run
    if given.write then
      frame, run, count = strategy:restore(more)
    else
      frame, run = strategy:at(more)
    end
  end)
  if given.json then
    print(json.encode { strategy = strategy.name, run = run.run, as_of = tostring(run.as_of), taken_back = count,
      customers = frame and rows_of(frame) })
    return
  end
  if frame then print(frame) end
  print(("run %d of %s for %s%s"):format(run.run, strategy.name, tostring(run.as_of), count
    and (": %d later runs taken back"):format(count) or ", nothing written; --write takes the tables back to it"))
end

local function show_effects(found)
  if found:nrow() == 0 then return print "the ledger has no actions: there is no effect to show" end
  local columns = { "action", "kpi", "treated", "held_out", "effect", "low", "high", "p_value", "gain" }
  for _, name in ipairs(found:names()) do
    if name == "policy" then
      columns = { "policy", "action", "kpi", "treated", "held_out", "effect", "p_value", "gain" }
    end
  end
  print(found:select(unpack(columns)):show { rows = 1000 })
  local waiting = found:group_by():agg "n = max(waiting)":row(1).n or 0
  if waiting > 0 then
    print(("up to %d customers of an action are not counted: their days are not over"):format(tonumber(waiting)))
  end
end

--- moonsift effect STRATEGY --db DB --as-of DATE: what the actions brought, by the strategy's measures of success.
function M.effect(path)
  local strategy = strategy_of(path)
  local found = with_database(false, function(more) return strategy:effect(more) end)
  if given.json then
    print(json.encode { strategy = strategy.name, effects = rows_of(found) })
  else
    show_effects(found)
  end
end

-- What of a backtest is printed, and as which columns; all of it is in JSON.
local shown_of_backtest = {
  { "summary", "name", "measure", "course", "first", "last", "least", "greatest" },
  { "comparison", "name", "measure = if(over == 'last day', measure .. ', last day', measure)", "old", "new",
    "difference", "change" },
  { "migration" }, { "elsewhere" }, { "elsewhere_states" },
}
local parts_of_backtest = { "segments", "states", "sets", "pools", "actions", "moves", "migration", "turnover",
  "totals", "effects", "series", "summary", "comparison", "elsewhere", "elsewhere_states" }

local function show_backtest(strategy, found)
  for i, part in ipairs(shown_of_backtest) do
    local frame = found[part[1]]
    if frame and frame:nrow() > 0 and not (found.policies and part[1] == "migration") then
      print((part[2] and frame:select(unpack(part, 2)) or frame):show { rows = 1000 })
    end
    if i == 2 and found.effects then show_effects(found.effects) end
  end
  local of = found.policies and ("%s (old) and %s (new)"):format(found.policies.old, found.policies.new)
  print(("%d runs of %s from %s to %s, nothing written"):format(#found.days, of or strategy.name,
    tostring(found.days[1]), tostring(found.days[#found.days])))
  if given.out then print(("the days are in %s"):format(given.out)) end
end

-- Raises where a file cannot be written, before long work whose result it is to hold.
local function check_writable(path)
  local there = io.open(path, "rb")
  local file, why = io.open(path, "ab")
  if there then there:close() end
  if not file then errors.raise { code = "E-IO", verb = "backtest", message = "--out: " .. why } end
  file:close()
  if not there then os.remove(path) end
end

--- moonsift backtest STRATEGY [OTHER] --from DATE --to DATE --every STEP [--against NAME=VALUE] [--out FILE]
function M.backtest(path, other)
  local strategy = strategy_of(path)
  local against = (other or next(given.against or {})) and
    { strategy = other and strategy_of(other), set = given.against } or nil
  if given.out then check_writable(given.out) end
  local found = with_database(false, function(more)
    more.from, more.to, more.every, more.against = given.from, given.to, given.every, against
    return strategy:backtest(more)
  end)
  if given.out and not found.series then
    errors.raise { code = "E-ARGUMENT", verb = "backtest",
      message = "backtest: there are no segments, states, pools or actions to write to " .. given.out }
  end
  if given.out then found.series:write_csv(given.out) end
  if not given.json then return show_backtest(strategy, found) end
  local parts = { policies = found.policies }
  for _, part in ipairs(parts_of_backtest) do parts[part] = found[part] and rows_of(found[part]) end
  print(json.encode(parts))
end

--- moonsift diff OLD NEW, or diff STRATEGY --set NAME=VALUE
function M.diff(old, new)
  if not new and not next(given.set or {}) then
    errors.raise { code = "E-ARGUMENT", verb = "diff", message = "diff: two strategies, or one and --set, are wanted" }
  end
  local before, after = strategy_of(old), new and strategy_of(new)
  local found = with_database(false, function(more) return before:diff(after, more) end)
  local moved, parts = 0, {}
  for _, part in ipairs { "moves", "states", "sets", "scores", "pools", "owners", "actions" } do
    local frame = found[part]
    if frame then parts[part] = rows_of(frame) end
    if frame and frame:nrow() > 0 and not given.json then print(frame) end
  end
  if given.json then
    print(json.encode(parts))
    return
  end
  local places = found.moves or found.states
  if not places then return end
  for _, count in ipairs(places:column "customers") do moved = moved + count end
  print(("%s of %d would be elsewhere"):format(customers(moved), found.after:nrow()))
end

--- moonsift test FILE…
function M.test(...)
  return require("moonsift.test").run { ... }
end

--- moonsift help [NAME]; the exit status.
function M.help(name)
  local help = require "moonsift.help"
  if given.json then
    print(json.encode(help.described()))
    return 0
  end
  local text, found = help.text(name)
  local to = found and io.stdout or io.stderr
  to:write(text)
  return found and 0 or 1
end

return M
