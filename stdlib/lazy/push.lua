-- What of a plan the database does.
--
-- Filters go to the database as a first sieve: it lets through all rows that the filter keeps, and all rows whose
-- stored values contradict their declared type (SQLite would compare these by another order); the verbs then run
-- over what was read, so that the result cannot differ. Only the columns that the plan needs are read. A limit,
-- or groups, go to the database where every filter before them does whole; a column of the answer says whether a
-- contradiction was met, and if so everything is done on frames.
local databases = require "moonsift.ffi.database"
local errors = require "moonsift.errors"
local groups = require "moonsift.lazy.groups"
local shape = require "moonsift.lazy.shape"

local M = {}

-- A sieve that lets more than this share of a sample through is left to the frames, which sift faster.
local COARSE = 0.5
-- Tables with fewer rowids are not sampled; rows of a sample.
local SMALL, SAMPLE = 100000, 2000

local quoted = shape.quoted

--- A table: its schema without rows, and how its columns are read.
function M.source(database, name, given)
  local schema = databases.read(database, name, {
    columns = given.columns, types = given.types, on_mismatch = given.on_mismatch, empty = true,
  })
  local source = {
    database = database, name = name, schema = schema, types = {}, on_mismatch = given.on_mismatch or "error",
  }
  for i, word in ipairs(given.types or {}) do source.types[i] = word end
  shape.describe(source)
  return source
end

-- ---- what could be pushed ----

-- The sieve: condition and check in SQL, either may be nil. Constants go to the bag; without one they are literals.
local function sieve_of(bag, source, work, checked)
  local conditions, checks = {}, {}
  local function add(filter)
    local pushed = databases.condition(source, filter, bag)
    if pushed.condition then conditions[#conditions + 1] = "(" .. pushed.condition .. ")" end
    if pushed.check then checks[#checks + 1] = pushed.check end
  end
  for _, filter in ipairs(work.filters) do add(filter) end
  if checked and #checked > 0 then add { check = checked, schema = source.schema } end
  return {
    condition = #conditions > 0 and table.concat(conditions, " and ") or nil,
    check = #checks > 0 and table.concat(checks, " or ") or nil,
  }
end

-- The condition for `where`: what the sieve lets through.
local function where_of(sieve)
  if not sieve.condition then return nil end
  return sieve.check and ("(%s) or (%s)"):format(sieve.condition, sieve.check) or sieve.condition
end

-- Whether the sieve is worth its cost: it finds its rows by an index, or keeps few rows of a sample.
local function worthwhile(source, work)
  local low, high = shape.bounds(source)
  if not low or high - low < SMALL then return true end
  local kept, seen = 0, 0
  for part = 0, 2 do
    local bag = databases.bag("query", {})
    local sieve = sieve_of(bag, source, work)
    local first = low + math.floor((high - low - SAMPLE) * part / 2)
    local sql = ("select count(*) n, total(%s) k from main.%s where %s between %.0f and %.0f"):format(
      where_of(sieve), quoted(source.name), source.rowid, first, first + SAMPLE)
    local frame = databases.query_bag(source.database, sql, bag)
    seen, kept = seen + frame:row(1).n, kept + frame:row(1).k
  end
  return seen == 0 or kept / seen <= COARSE
end

-- ---- reading ----

local function read_rows(source, work)
  local given = {
    columns = work.columns, types = source.types, on_mismatch = source.on_mismatch,
  }
  local bag = databases.bag("table", given)
  local sieve = sieve_of(bag, source, work)
  local where = where_of(sieve)
  if where then databases.add_text(bag, "where", where) end
  return databases.read_bag(source.database, source.name, bag)
end

local function order_of(work, check)
  local order = {}
  if check then order[1] = "\"#bad\" desc" end
  for _, key in ipairs(work.order or {}) do
    order[#order + 1] = ("%s%s%s nulls last"):format(quoted(key.column), key.text and " collate binary" or "",
      key.descending and " desc" or "")
  end
  return order
end

local function limited_sql(source, work, sieve)
  local columns = {}
  for i, name in ipairs(work.columns) do columns[i] = quoted(name) end
  if sieve.check then columns[#columns + 1] = ("(%s) as \"#bad\""):format(sieve.check) end
  local order = order_of(work, sieve.check)
  order[#order + 1] = source.rowid
  local where = where_of(sieve)
  return ("select %s from main.%s%s order by %s limit %.0f"):format(table.concat(columns, ", "), quoted(source.name),
    where and " where " .. where or "", table.concat(order, ", "), math.max(work.limit, 1))
end

-- The answer without its column "#bad"; nil if that says that a contradiction was met.
local function sound(frame, check)
  if not check then return frame end
  for _, bad in ipairs(frame:column("#bad", 0)) do
    if bad == 1 then return nil end
  end
  return frame:drop "#bad"
end

local function answer(source, given, work, checked, sql_of)
  local bag = databases.bag("query", given)
  local sieve = sieve_of(bag, source, work, checked)
  local ok, frame = pcall(databases.query_bag, source.database, sql_of(source, work, sieve), bag)
  if ok then return sound(frame, sieve.check) end
  local of_values = errors.is(frame) and
    (frame.code == "E-MISMATCH" or frame.message:find("integer overflow", 1, true))
  if of_values then return nil end -- the frames will say it better
  error(frame, 0)
end

local function read_limited(source, work)
  return answer(source, { types = source.types }, work, shape.checked(work), limited_sql)
end

--- Reads what the plan is to run over: the frame, and how many of its verbs the database did.
-- how: "none", "all", or nil for what is fast.
function M.read(plan, how)
  local source = plan.source
  local work = shape.work(plan, how)
  if work.group and groups.worthwhile(source, work, how) then
    local frame = answer(source, { types = groups.types(source, work) }, work, shape.checked(work), groups.sql)
    if frame then return frame, work.group.at end
  end
  if work.limit and not work.group then
    local frame = read_limited(source, work)
    if frame then return frame, 0 end
  end
  if #work.filters > 0 and how ~= "all" and not worthwhile(source, work) then work.filters = {} end
  return read_rows(source, work), 0
end

-- ---- explaining ----

local function shown_sql(source, work, how)
  if work.group and groups.worthwhile(source, work, how) then
    return groups.sql(source, work, sieve_of(nil, source, work, shape.checked(work))), work.group.at
  end
  if work.limit and not work.group then
    return limited_sql(source, work, sieve_of(nil, source, work, shape.checked(work))), 0
  end
  local left = #work.filters > 0 and how ~= "all" and not worthwhile(source, work)
  local where = not left and where_of(sieve_of(nil, source, work))
  local columns = {}
  for i, name in ipairs(work.columns) do columns[i] = quoted(name) end
  return ("select %s from main.%s%s"):format(table.concat(columns, ", "), quoted(source.name),
    where and " where " .. where or ""), 0, left
end

--- The plan as text.
function M.explain(plan, how)
  local source = plan.source
  local work = shape.work(plan, how)
  local sql, done, left = shown_sql(source, work, how)
  local lines = {
    ("a lazy frame over table %s of %s"):format(source.name, source.database:path()), "in the database:", "  " .. sql,
  }
  if left then lines[#lines + 1] = "  (the filter would keep most rows: frames sift faster)" end
  lines[#lines + 1] = done < #plan.steps and "on frames:" or "nothing is left to do on frames"
  for i = done + 1, #plan.steps do lines[#lines + 1] = "  " .. shape.described(plan.steps[i]) end
  return table.concat(lines, "\n")
end

return M
