-- The state at a past run: who was where, and the strategy's own tables taken back to it.
local condition = require "moonsift.strategy.condition"
local definition = require "moonsift.strategy.definition"
local moment = require "moonsift.ffi.moment"
local pool_store = require "moonsift.strategy.pools.store"
local store = require "moonsift.strategy.store"

local quoted = condition.quoted

local M = {}

local function runs_of(database, strategy)
  local last = store.last_run(database, strategy.name)
  if not last then
    definition.fail(strategy.name, ("it has no run in %s"):format(database:path()),
      "moonsift run STRATEGY --db DATABASE writes one")
  end
  return database:query("select run, as_of from ms_run where strategy = @name order by as_of", { name = strategy.name },
    { types = { as_of = "date" } })
end

-- The run with a number, or the last one that looked from a day or one before it; without either the last of all.
local function run_of(database, strategy, given)
  local runs = runs_of(database, strategy)
  local as_of, number = given.as_of, tonumber(given.run)
  if type(as_of) == "string" then as_of = moment.date(as_of) end
  if given.run and not number then
    definition.fail(strategy.name, ("run is '%s'; the number of a run wanted"):format(tostring(given.run)))
  end
  local found = runs
  if number then found = runs:filter("run == @run", { run = number }) end
  if as_of then found = found:filter("as_of <= @as_of", { as_of = as_of }) end
  if found:nrow() > 0 then return found:row(found:nrow()) end
  local first, last = runs:row(1), runs:row(runs:nrow())
  definition.fail(strategy.name, ("there is no run %s"):format(number and ("%d of it"):format(number)
    or "of it on or before " .. tostring(as_of)),
    ("it ran from run %d (%s) to run %d (%s)"):format(first.run, tostring(first.as_of), last.run, tostring(last.as_of)))
end

local there = "entered <= @as_of and (left_on is null or left_on > @as_of)"

-- Who was where after the run: the name and since when, for a kind of members.
local function stays(database, strategy, kind, given)
  given.kind = kind
  return database:query("select customer, name, entered from ms_member where strategy = @name and kind = @kind and "
      .. there .. " order by customer", given,
    { types = { customer = store.key_type(database, strategy), name = "text", entered = "date" } })
    :rename { name = kind, entered = kind .. "_since" }
end

-- A column for each set, true for who was in it; of a strategy of sets alone only who was in one.
local function in_sets(database, strategy, given)
  local all = stays(database, strategy, "set", given)
  local frame = all:select("customer"):unique()
  for _, set in ipairs(strategy.sets) do
    local inside = all:filter("`set` == @set", { set = set[1] }):select("customer", quoted(set[1]) .. " = true")
    frame = frame:join(inside, { on = "customer", how = "left" })
  end
  return frame
end

--- Who was where after a past run, a row a customer: segment, segment_since, state, state_since, owner, owner_since,
-- and each set (true or false), as far as the strategy has them; and the run, { run =, as_of = }. given: db, run (a
-- number) or as_of (a date).
function M.at(strategy, given)
  local run = run_of(given.db, strategy, given)
  local said = { name = strategy.name, as_of = tostring(run.as_of) }
  local parts = {}
  if #strategy.segments > 0 then parts[#parts + 1] = stays(given.db, strategy, "segment", said) end
  if strategy.states then parts[#parts + 1] = stays(given.db, strategy, "state", said) end
  if strategy.pools then
    parts[#parts + 1] = pool_store.at(given.db, strategy, said, store.key_type(given.db, strategy))
  end
  if #strategy.sets > 0 then parts[#parts + 1] = in_sets(given.db, strategy, said) end
  local frame = parts[1]
  for i = 2, #parts do frame = frame:join(parts[i], { on = "customer", how = "full" }) end
  for _, set in ipairs(strategy.sets) do
    frame = frame:with_columns(("%s = coalesce(%s, false)"):format(quoted(set[1]), quoted(set[1])))
  end
  return frame and frame:sort "customer", run
end

--- Takes the strategy's own tables back to a past run, in one transaction: members, pools and runs after it go; of the
-- ledger what was only planned after it goes, what was done stays. NAME_customers then has what M.at gives, until the
-- next run. given: as for at. Gives the same as at, and the number of runs that were taken back.
function M.restore(strategy, given)
  local database, frame, run, count = given.db, nil, nil, 0
  database:transaction(function()
    frame, run = M.at(strategy, given)
    store.migrate(database)
    local said = { name = strategy.name, as_of = tostring(run.as_of) }
    local later = database:query([[select run from ms_run where strategy = @name and as_of > @as_of
      order by as_of desc]], said) -- the newest first: each left open what the one before it had open
    count = later:nrow()
    if count == 0 then return end
    for row in later:rows() do store.undo(database, row.run) end
    database:execute("delete from ms_run where strategy = @name and as_of > @as_of", said)
    database:execute([[delete from ms_action where strategy = @name and due > @as_of
      and status in ('planned', 'held out')]], said)
    if frame then database:write(strategy.name .. "_customers", frame, { mode = "replace" }) end
  end)
  return frame, run, count
end

return M
