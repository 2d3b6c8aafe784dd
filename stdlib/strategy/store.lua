-- What strategies leave in the customer database: docs/strategies.md describes the tables.
--
--   ms_schema   the version of these tables
--   ms_run      a row a run: strategy, the day it looked from, its parameters, number of customers
--   ms_member   a row a customer and stay in a segment, state or set: entered, left (null: still there), the runs that
-- said so
--   ms_action   the ledger: a row an action, customer and day, once for all
--   ms_pool, ms_pool_move   who has whom (pools/store.lua)
--   ms_read, NAME_events   what is kept of events (events/store.lua)
--   NAME_customers   the last run's frame of customers, whole
--
-- Runs of a strategy go forward in time. A second run for the same day takes the first one's place, so that running
-- twice leaves what running once left. Everything of a run is one transaction.
local definition = require "moonsift.strategy.definition"
local event_store = require "moonsift.strategy.events.store"
local pool_store = require "moonsift.strategy.pools.store"
local sets = require "moonsift.strategy.rules.sets"
local tables = require "moonsift.strategy.tables"

local M = {}

-- A statement each; version i is reached by migrations[i].
local migrations = {
  {
    [[create table ms_run (run integer primary key, strategy text not null, as_of date not null, parameters text not null,
      customers integer not null, unique (strategy, as_of))]],
    [[create table ms_member (strategy text not null, kind text not null, customer, name text not null,
      entered date not null, left_on date, entered_run integer not null, left_run integer)]],
    [[create unique index ms_member_now on ms_member (strategy, kind, customer) where left_on is null]],
    [[create index ms_member_left on ms_member (strategy, left_run) where left_on is not null]],
    [[create table ms_action (strategy text not null, action text not null, customer, due date not null, channel text,
      cost real not null, value real not null, status text not null, run integer not null,
      primary key (strategy, action, customer, due)) without rowid]],
    [[create view ms_segment_now as select strategy, name segment, count(*) customers from ms_member
      where kind = 'segment' and left_on is null group by strategy, name]],
    [[create view ms_state_now as select strategy, name state, count(*) customers from ms_member
      where kind = 'state' and left_on is null group by strategy, name]],
  },
  pool_store.migration,
  event_store.migration,
  { "alter table ms_action add column send_at time" },
  { "alter table ms_action add column detail text" },
  { -- a customer may be in several sets
    "drop index ms_member_now",
    [[create unique index ms_member_now on ms_member (strategy, kind, customer, name) where left_on is null]],
  },
}
local VERSION = #migrations

local function version_of(database)
  if not tables.has(database, "ms_schema") then return 0 end
  return database:query "select version from ms_schema":row(1).version
end

--- Brings the tables to this version; within a transaction.
function M.migrate(database)
  local version = version_of(database)
  if version > VERSION then
    definition.fail(nil, ("the tables in %s are of version %d, made by a newer moonsift; this one knows %d")
      :format(database:path(), version, VERSION), nil, "E-DATABASE")
  end
  if version == 0 then
    database:execute "create table ms_schema (version integer not null)"
    database:execute "insert into ms_schema values (0)"
  end
  for i = version + 1, VERSION do
    for _, statement in ipairs(migrations[i]) do database:execute(statement) end
  end
  database:execute("update ms_schema set version = @version", { version = VERSION })
end

--- The last run of a strategy: { run =, as_of = (a date) }, or nil.
function M.last_run(database, name)
  if not tables.has(database, "ms_run") then return nil end
  local rows = database:query("select run, as_of from ms_run where strategy = @name order by as_of desc limit 1",
    { name = name }, { types = { as_of = "date" } })
  return rows:nrow() > 0 and rows:row(1) or nil
end

-- Raises where the order of time would be broken; true if the day has been run already.
local function check_time(strategy, last, as_of)
  if not last or last.as_of < as_of then return false end
  if as_of < last.as_of then
    definition.fail(strategy.name, ("its last run looked from %s; %s is before that"):format(tostring(last.as_of),
      tostring(as_of)), "runs go forward in time; a dry run may look from any day")
  end
  return true
end

--- The type of the customers that a strategy has written, "integer" unless it was text.
function M.key_type(database, strategy)
  return tables.type_of(database, strategy.name .. "_customers", "customer", "integer")
end

local function has_earlier_run(database, name, as_of)
  if not tables.has(database, "ms_run") then return false end
  local first = database:query("select min(as_of) as_of from ms_run where strategy = @name", { name = name },
    { types = { as_of = "date" } }):row(1).as_of
  return first ~= nil and first < as_of
end

--- Who was where before this day: customer, the segment or state (kind, also the column's name), entered. Of a day
-- that is run again, what held before that run. nil where there was no run before. type: of the customers.
function M.members(database, strategy, kind, as_of, type)
  if not has_earlier_run(database, strategy.name, as_of) then return nil end
  -- Two parts, so that each has its index: stays of long ago are not looked at.
  return database:query([[select customer, name, entered from ms_member
    where strategy = @strategy and kind = @kind and entered < @as_of and left_on is null
    union all
    select customer, name, entered from ms_member
    where strategy = @strategy and kind = @kind and entered < @as_of and left_on is not null
      and left_run in (select run from ms_run where strategy = @strategy and as_of >= @as_of)
    order by customer]], { strategy = strategy.name, kind = kind, as_of = tostring(as_of) },
    { types = { customer = type, entered = "date" } }):rename { name = kind }
end

--- When customers made those transitions last that may rest: by the transition's number, a frame with customer and the
-- day (last); a transition is one of days that follow each other in the stays. nil where there was no run before.
function M.rests(database, strategy, as_of, type)
  local found = {}
  for i, move in ipairs(strategy.states) do
    if move.rest and has_earlier_run(database, strategy.name, as_of) then
      found[i] = database:query([[select a.customer, max(b.entered) last from ms_member a
          join ms_member b on b.strategy = a.strategy and b.kind = a.kind and b.customer = a.customer
            and b.entered = a.left_on
        where a.strategy = @strategy and a.kind = 'state' and a.name = @from and b.name = @to and a.left_on < @as_of
        group by a.customer]], { strategy = strategy.name, from = move[1], to = move[2], as_of = tostring(as_of) },
        { types = { customer = type, last = "date" } })
    end
  end
  return found
end

--- The ledger before this day: customer, action, channel, due; nil where there is none.
function M.ledger(database, strategy, as_of, type)
  if not tables.has(database, "ms_action") then return nil end
  return database:query([[select customer, action, channel, due from ms_action
    where strategy = @strategy and due < @as_of]], { strategy = strategy.name, as_of = tostring(as_of) },
    { types = { customer = type, due = "date", channel = "text" } })
end

--- The ledger whole: customer, action, due, status, cost.
function M.actions(database, strategy)
  if not tables.has(database, "ms_action") then
    definition.fail(strategy.name, ("there is no ledger in %s"):format(database:path()),
      "moonsift run STRATEGY --db DATABASE writes it")
  end
  return database:query([[select customer, action, due, status, cost from ms_action where strategy = @strategy]],
    { strategy = strategy.name },
    { types = { customer = M.key_type(database, strategy), due = "date", status = "text", cost = "real" } })
end

--- What a run for this day builds on: the last run before it, as text; "" where there is none. Read before the run
-- looks at anything else; save compares it with what holds when it writes.
function M.base(database, strategy, as_of)
  if not tables.has(database, "ms_run") then return "" end
  local rows = database:query([[select run || ' ' || as_of || ' ' || customers || ' ' || parameters base from ms_run
    where strategy = @name and as_of < @as_of order by as_of desc limit 1]],
    { name = strategy.name, as_of = tostring(as_of) })
  return rows:nrow() > 0 and rows:row(1).base or ""
end

--- Takes back what a run said of members and pools. The ledger is never taken back as a whole: what was planned may
-- have been done.
function M.undo(database, run)
  database:execute("delete from ms_member where entered_run = @run", { run = run })
  database:execute("update ms_member set left_on = null, left_run = null where left_run = @run", { run = run })
  pool_store.undo(database, run)
end

-- Writes who left and who came, and nothing of those who stayed. now, before (nil: nobody was there): customer, name.
local function save_members(database, given, now, before)
  local came, same = now, { on = { "customer", "name" }, how = "anti" }
  if before then
    came = now:join(before, same)
    database:write("ms_new", before:join(now, same):select("customer", "name"), { mode = "replace" })
    -- +: no affinity, as in ms_member; its index serves only then.
    database:execute([[update ms_member set left_on = @as_of, left_run = @run
      where strategy = @name and kind = @kind and left_on is null
        and (customer, name) in (select +customer, +name from ms_new)]], given)
    database:execute "drop table ms_new"
  end
  database:write("ms_member", came:select("strategy = @name", "kind = @kind", "customer", "name", "entered = @day",
    "entered_run = @run", given), { mode = "append" })
end

-- Adds to the ledger what is not in it. What an earlier run planned for this day and this one does not goes, unless
-- somebody has marked it as anything else than planned or held out.
local function save_actions(database, given, due)
  database:write("ms_new", due, { mode = "replace" })
  database:execute "create index ms_new_customer on ms_new (customer, action)"
  database:execute([[delete from ms_action where strategy = @name and due = @as_of and status in ('planned', 'held out')
    and not exists (select 1 from ms_new n where n.customer = ms_action.customer and n.action = ms_action.action
      and n.status = ms_action.status and n.detail is ms_action.detail)]], given)
  database:execute([[insert or ignore into ms_action (strategy, action, customer, due, channel, cost, value, status, run,
      send_at, detail) select @name, action, customer, @as_of, channel, cost, value, status, @run, send_at, detail
    from ms_new]], given)
  database:execute "drop table ms_new"
end

local function save_run(database, strategy, outcome, last)
  local again = check_time(strategy, last, outcome.as_of)
  local given = {
    name = strategy.name, as_of = tostring(outcome.as_of), parameters = outcome.parameters_text,
    customers = outcome.customers:nrow(),
  }
  if again then
    M.undo(database, last.run)
    given.run = last.run
    database:execute([[update ms_run set parameters = @parameters, customers = @customers where run = @run]],
      { run = last.run, parameters = given.parameters, customers = given.customers })
    return last.run
  end
  database:execute([[insert into ms_run (strategy, as_of, parameters, customers)
    values (@name, @as_of, @parameters, @customers)]], given)
  return M.last_run(database, strategy.name).run
end

--- Writes the outcome of a run: { as_of =, customers = (a frame), due = (a frame, or nil), parameters_text =, base =
-- (of M.base), before = (by kind what M.members gives) }. Gives the number of the run; nil, and nothing is written,
-- where another run has been saved since that this one should have built on.
function M.save(database, strategy, outcome)
  local run
  database:transaction(function()
    if M.base(database, strategy, outcome.as_of) ~= outcome.base then return end
    M.migrate(database)
    run = save_run(database, strategy, outcome, M.last_run(database, strategy.name))
    local given = { name = strategy.name, run = run, as_of = tostring(outcome.as_of), day = outcome.as_of }
    for _, kind in ipairs { "segment", "state", "set" } do
      if outcome[kind .. "s"] then
        given.kind = kind
        local before = outcome.before[kind]
        local now = kind == "set" and sets.members(strategy, outcome.customers)
          or outcome.customers:select("customer", "name = " .. kind)
        save_members(database, given, now, before and before:select("customer", "name = `" .. kind .. "`"))
      end
    end
    given.kind, given.day = nil, nil
    if outcome.pool then pool_store.save(database, given, outcome.pool) end
    if outcome.events then event_store.save(database, strategy, outcome.events, given) end
    if outcome.due then save_actions(database, given, outcome.due) end
    database:write(strategy.name .. "_customers", outcome.customers, { mode = "replace" })
  end)
  return run
end

--- The stays of one customer in the segments, states and sets of a strategy, the oldest first: kind, name, entered,
-- left_on.
function M.history(database, strategy, customer)
  if not tables.has(database, "ms_member") then
    definition.fail(strategy.name, ("nothing of it is in %s"):format(database:path()),
      "moonsift run STRATEGY --db DATABASE writes it")
  end
  customer = definition.customer(strategy, customer, M.key_type(database, strategy))
  local stays = database:query([[select kind, name, entered, left_on from ms_member
    where strategy = @name and customer = @customer order by kind, entered]],
    { name = strategy.name, customer = customer },
    { types = { kind = "text", name = "text", entered = "date", left_on = "date" } })
  local pools = pool_store.history(database, strategy, customer)
  return pools and stays:concat(pools) or stays
end

return M
