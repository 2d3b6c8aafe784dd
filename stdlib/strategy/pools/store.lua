-- What the pools leave in the customer database, and what a run sees of it:
--
--   ms_pool        a row a customer and stay with an owner (null: the public pool): since, the run that saw it first
-- and the one that saw it over
--   ms_pool_move   a row for everything that happened or was refused: claimed, released, refused, recycled, escalated,
-- warned
local tables = require "moonsift.strategy.tables"

local M = {}

--- The tables, a statement each; a migration of store.lua.
M.migration = {
  [[create table ms_pool (strategy text not null, customer, owner, since date not null, reason text not null,
    entered date not null, left_on date, entered_run integer not null, left_run integer)]],
  [[create unique index ms_pool_now on ms_pool (strategy, customer) where left_on is null]],
  [[create index ms_pool_left on ms_pool (strategy, left_run) where left_on is not null]],
  [[create table ms_pool_move (strategy text not null, customer, kind text not null, from_owner, to_owner,
    reason text not null, day date not null, run integer not null)]],
  [[create index ms_pool_move_customer on ms_pool_move (strategy, customer)]],
  [[create view ms_pool_owner as select strategy, owner, count(*) customers from ms_pool
    where left_on is null group by strategy, owner]],
}

--- The type of the owners in a frame of customers: "text" unless they are integers.
local function owner_type(database, strategy)
  return tables.type_of(database, strategy.name .. "_customers", "owner", "text")
end

local function kept(frame) return frame:nrow() > 0 and frame or nil end

--- What the runs before a day left: holdings (customer, owner, since, reason), since (the day of the run before), taken
-- (customer, from, ago: days before as_of on which the owner lost him), warned (the same), times (customer,
-- times_recycled). {} where no run with pools was before. type: of the customers.
function M.memory(database, strategy, as_of, type)
  if not database or not tables.has(database, "ms_pool") then return {} end
  local given = { strategy = strategy.name, as_of = tostring(as_of) }
  local owner = owner_type(database, strategy)
  local types = { customer = type, owner = owner, from = owner, since = "date", reason = "text" }
  local holdings = kept(database:query([[select customer, owner, since, reason from ms_pool
    where strategy = @strategy and entered < @as_of and (left_on is null or left_on >= @as_of) order by customer]],
    given, { types = types }))
  if not holdings then return {} end
  local last = database:query("select max(as_of) as_of from ms_run where strategy = @strategy and as_of < @as_of",
    given, { types = { as_of = "date" } }):row(1).as_of
  local function lost(kind)
    given.kind = kind
    return kept(database:query([[select customer, from_owner "from",
      cast(julianday(@as_of) - julianday(day) as integer) ago from ms_pool_move
      where strategy = @strategy and kind = @kind and day < @as_of]], given, { types = types }))
  end
  local taken = lost "recycled"
  return {
    holdings = holdings, since = last, taken = taken, warned = lost "warned",
    times = taken and taken:group_by("customer"):agg "times_recycled = count()",
  }
end

--- Takes back what a run said of the pools.
function M.undo(database, run)
  database:execute("delete from ms_pool where entered_run = @run", { run = run })
  database:execute("update ms_pool set left_on = null, left_run = null where left_run = @run", { run = run })
  database:execute("delete from ms_pool_move where run = @run", { run = run })
end

--- Writes holdings and moves of a run. given: name, run, as_of (a text).
function M.save(database, given, pool)
  database:write("ms_new", pool.holdings, { mode = "replace" })
  database:execute "create unique index ms_new_customer on ms_new (customer)"
  database:execute([[update ms_pool set left_on = @as_of, left_run = @run
    where strategy = @name and left_on is null and not exists
      (select 1 from ms_new n where n.customer = ms_pool.customer and n.owner is ms_pool.owner
        and n.since = ms_pool.since)]], given)
  database:execute([[insert into ms_pool
    select @name, customer, owner, since, reason, @as_of, null, @run, null from ms_new n where not exists
      (select 1 from ms_pool m where m.strategy = @name and m.left_on is null and m.customer = +n.customer)]], given)
  database:execute "drop table ms_new"
  if not pool.moves then return end
  database:write("ms_new", pool.moves, { mode = "replace" })
  database:execute([[insert into ms_pool_move select @name, customer, kind, "from", "to", reason, day, @run
    from ms_new order by rowid]], { name = given.name, run = given.run })
  database:execute "drop table ms_new"
end

--- Who held whom after a run: customer, owner, owner_since. given: name, as_of (a text); type: of the customers.
function M.at(database, strategy, given, type)
  if not tables.has(database, "ms_pool") then return nil end
  given = { name = given.name, as_of = given.as_of }
  local types = { customer = type, owner = owner_type(database, strategy), owner_since = "date" }
  return database:query([[select customer, owner, since owner_since from ms_pool where strategy = @name
    and entered <= @as_of and (left_on is null or left_on > @as_of) order by customer]], given, { types = types })
end

--- What a customer went through: kind (pool, or the move), name (the owner, or what was said), entered, left_on.
function M.history(database, strategy, customer)
  if not tables.has(database, "ms_pool") then return nil end
  return database:query([[select 'pool' kind, coalesce(owner, 'public pool') || ' (' || reason || ')' name, since entered,
      left_on from ms_pool where strategy = @name and customer = @customer
    union all
    select kind, coalesce(to_owner, 'public pool') || ': ' || reason, day, null from ms_pool_move
      where strategy = @name and customer = @customer and kind in ('refused', 'warned')
    order by 3, 1]], { name = strategy.name, customer = customer },
    { types = { kind = "text", name = "text", entered = "date", left_on = "date" } })
end

return M
