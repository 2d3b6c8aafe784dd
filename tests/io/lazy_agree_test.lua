-- Random pipelines over random tables: what the database does of them and what frames do give the same frame.
local ms = require "moonsift"
local test = require "moonsift.test"

local PIPELINES = tonumber(os.getenv "MOONSIFT_PIPELINES") or 400

-- A small generator of our own (Park and Miller's), so that every run and machine draws the same.
local seed
local function draw(n)
  seed = seed * 16807 % 2147483647
  return seed % n + 1
end
local function any(list) return list[draw(#list)] end

-- ---- tables ----

local clean = {
  n = { "null", "0", "1", "-1", "7", "7", "42", "9007199254740993", "-9223372036854775807" },
  x = { "null", "0.0", "-1.5", "2.5", "2.5", "100", "1e300", "0.1" },
  t = { "null", "''", "'a'", "'A'", "'b'", "'上海'", "'O''Hara'", "'a b'", "'zebra'" },
  f = { "null", "0", "1", "1" },
  d = { "null", "'2024-01-31'", "'2024-02-29'", "'1969-12-31'", "'2024-12-31'" },
  at = { "null", "'2024-01-31 10:00:00'", "'2024-01-31 00:00:00'", "'1999-12-31 23:59:59'", "'2024-02-01 00:00:00'" },
}
-- Values of other forms that are read as the same types, and values that contradict.
local odd = {
  n = { "3.0", "'text'", "1.5" },
  x = { "'n/a'", "x''", "9007199254740993" },
  t = { "x'00'" },
  f = { "2", "'true'", "'no'" },
  d = { "1706659200", "20240131", "'31.01.2024'", "'2024-01-31 00:00:00'", "2460340.5" },
  at = { "'2024-01-31'", "'2024-01-31T10:00:00+08:00'", "'2024-01-31 10:00:00.5'", "1706695200", "'soon'" },
}
local declared = {
  { "n", "integer" }, { "x", "numeric" }, { "t", "text collate nocase" }, { "f", "boolean" }, { "d", "date" },
  { "at", "datetime" },
}

local function new_table(db, name, share)
  local columns = {}
  for i, column in ipairs(declared) do columns[i] = column[1] .. " " .. column[2] end
  db:execute(("create table %s (id integer primary key, %s)"):format(name, table.concat(columns, ", ")))
  db:execute(("create index by_n_of_%s on %s (n)"):format(name, name))
  db:execute(("create index by_t_of_%s on %s (t)"):format(name, name))
  local rows = {}
  for id = 1, 60 do
    local values = { tostring(id * 3) }
    for _, column in ipairs(declared) do
      values[#values + 1] = any((draw(100) <= share and odd or clean)[column[1]])
    end
    rows[id] = "(" .. table.concat(values, ", ") .. ")"
  end
  db:execute(("insert into %s values %s"):format(name, table.concat(rows, ", ")))
end

-- ---- pipelines ----

local constants = {
  n = { "0", "7", "1.5", "42.0", "-1", "9007199254740992", "@n" },
  x = { "0", "2.5", "-1.5", "1e300", "9007199254740993", "@x" },
  t = { "'a'", "'A'", "''", "'上海'", "@t" },
  d = { "date'2024-01-31'", "date'1970-01-01'", "@d" },
  at = { "time'2024-01-31 10:00:00'", "date'2024-02-01'", "@at", "@d" },
}
local parameters = {
  n = 7, x = 2.5, t = "O'Hara", d = ms.date "2024-02-29", at = ms.time "2024-01-31 10:00:00.25",
}
local comparisons = { "==", "~=", "<", "<=", ">", ">=", "<=>" }

local condition
local function leaf(names)
  local name = any(names)
  local values, kind = constants[name], draw(8)
  if name == "f" then return any { "f", "not f", "f == true", "f is null", "f ~= false" } end
  if not values then return "id > " .. draw(180) end
  if kind == 1 then return name .. any { " is null", " is not null" } end
  if kind == 2 then return ("%s %sin (%s, %s)"):format(name, any { "", "not " }, any(values), any(values)) end
  if kind == 3 then return ("%s %sbetween %s and %s"):format(name, any { "", "not " }, any(values), any(values)) end
  if kind == 4 then
    return any { "id % 2 == 0", "t .. 'x' > 'ax'", "t like 'a%'", "x * 2 > 3", "n == x", "coalesce(f, false)" }
  end
  return ("%s %s %s"):format(name, any(comparisons), any(values))
end

function condition(names, depth)
  if depth == 0 or draw(3) == 1 then return leaf(names) end
  local a, b = condition(names, depth - 1), condition(names, depth - 1)
  return any { ("(%s) and (%s)"):format(a, b), ("%s or %s"):format(a, b), ("not (%s)"):format(a), a .. " and " .. b }
end

local function some(names, least)
  local list = {}
  for _, name in ipairs(names) do
    if draw(2) == 1 then list[#list + 1] = name end
  end
  while #list < least do list = { any(names) } end
  return list
end

local function sort_keys(names)
  local keys = some(names, 1)
  for i, name in ipairs(keys) do keys[i] = any { "", "-" } .. name end
  return keys
end

local function aggregates(names)
  local list = { "rows = count()" }
  for i = 1, draw(3) do
    list[#list + 1] = ("a%d = %s(%s)"):format(i, any { "count", "min", "max" }, any(names))
  end
  return list
end

local steps = {
  filter = function(names) return { condition(names, 2), parameters } end,
  select = function(names) return some(names, 1) end,
  drop = function(names) return #names > 2 and { any(names) } or nil end,
  rename = function(names) return { { [any(names)] = "renamed" .. draw(9) } } end,
  with_columns = function(names) return { any { "more = id * 2", "more = count() over ()", any(names) } } end,
  sort = sort_keys,
  head = function() return { draw(12) - 1 } end,
  tail = function() return { draw(12) - 1 } end,
  top = function(names) return { draw(12) - 1, unpack(sort_keys(names)) } end,
  unique = function(names) return some(names, 0) end,
}
local verbs = {
  "filter", "filter", "filter", "select", "drop", "rename", "with_columns", "sort", "head", "head", "tail", "top",
  "unique", "agg", "agg",
}

-- One more verb on the lazy frame; the frame itself where it does not go (a type, a name that is gone).
local function grown(lazy, trail)
  local verb, names = any(verbs), lazy:names()
  local ok, result, words
  if verb == "agg" then
    local keys, made = some(names, 0), aggregates(names)
    words = ("group_by(%s):agg(%s)"):format(table.concat(keys, ", "), table.concat(made, "; "))
    ok, result = pcall(function() return lazy:group_by(unpack(keys)):agg(unpack(made)) end)
  else
    local args = steps[verb](names)
    if not args then return lazy end
    words = verb
    for _, x in ipairs(args) do words = words .. " " .. (type(x) == "table" and "{…}" or tostring(x)) end
    ok, result = pcall(lazy[verb], lazy, unpack(args))
  end
  if not ok then return lazy end
  trail[#trail + 1] = words
  return result
end

-- ---- comparing ----

local function dump(frame)
  local lines = {}
  for i, column in ipairs(frame:schema()) do
    local values = {}
    for row, value in ipairs(frame:column(column.name, "∅")) do
      values[row] = type(value) == "number" and ("%.17g"):format(value) or tostring(value)
    end
    lines[i] = ("%s %s: %s"):format(column.name, column.type, table.concat(values, ", "))
  end
  return ("%d rows\n%s"):format(#frame, table.concat(lines, "\n"))
end

local function outcome(lazy, push)
  local ok, frame = pcall(lazy.collect, lazy, { push = push })
  return ok and dump(frame) or tostring(frame.code or frame)
end

local function agree(db, name, given, count)
  local pushed = 0
  for _ = 1, count do
    local lazy, trail = db:table(name, given), {}
    for _ = 1, draw(5) do lazy = grown(lazy, trail) end
    local want = outcome(lazy, "none")
    for _, push in ipairs { "all", "some" } do
      local got = outcome(lazy, push ~= "some" and push or nil)
      if got ~= want then
        test.equal(("%s\n%s\n%s"):format(table.concat(trail, "\n"), lazy:explain { push = push }, got), want)
      end
    end
    local sql = lazy:explain { push = "all" }
    if sql:find(" where ", 1, true) or sql:find(" limit ", 1, true) or sql:find("count(", 1, true) then
      pushed = pushed + 1
    end
  end
  test.check(pushed > count / 4, "too few of the pipelines had anything pushed: " .. pushed)
end

local function database(name)
  return ms.open(test.temporary(name), { write = true, create = true })
end

test("pushed and local pipelines agree over tables whose values are as declared", function()
  seed = 20240131
  local db = database "clean.db"
  for i = 1, 4 do
    new_table(db, "t" .. i, 0)
    agree(db, "t" .. i, nil, PIPELINES / 8)
  end
end)

test("pushed and local pipelines agree where values contradict their declaration and are read as null", function()
  seed = 777
  local db = database "odd.db"
  for i = 1, 4 do
    new_table(db, "t" .. i, 8)
    agree(db, "t" .. i, { on_mismatch = "null" }, PIPELINES / 8)
  end
end)
