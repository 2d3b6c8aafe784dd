-- Random frames and random pipelines, against SQLite's answer to the same question.
--
-- MOONSIFT_DIFFERENTIAL is the number of pipelines (2000). A failure names its seed: MOONSIFT_SEED runs that one alone.
package.path = "tests/differential/?.lua;" .. package.path
local expressions = require "expressions"
local generator = require "random"
local ms = require "moonsift"
local test = require "moonsift.test"

local texts = { "a", "ab", "abc", "上海", "", "B", "Ab", " b ", "zz" }

local function value(random, type)
  if random.chance(15) then return ms.null end
  if type == "integer" then return random.below(9) - 4 end
  if type == "real" then return (random.below(81) - 41) / 4 end
  if type == "text" then return random.pick(texts) end
  return random.chance(50)
end

-- A frame with an id that differs in every row, and columns of every type.
local function random_frame(random, prefix)
  local rows = random.chance(10) and 0 or random.below(40)
  local types = { "integer", "real", "text", "boolean", random.pick { "integer", "text" } }
  local ids = {}
  for i = 1, rows do ids[i] = i end
  local list, columns = { { prefix .. "id", ids } }, { { name = prefix .. "id", type = "integer" } }
  for c, type in ipairs(types) do
    local values = {}
    for i = 1, rows do values[i] = value(random, type) end
    local name = prefix .. type:sub(1, 1) .. c
    list[#list + 1] = { name, values }
    columns[#columns + 1] = { name = name, type = type }
  end
  -- A column without any value has no type of its own.
  local casts = {}
  for i, c in ipairs(columns) do casts[i] = ("%s = cast(%s as %s)"):format(c.name, c.name, c.type) end
  return ms.frame(list):select(unpack(casts)), columns
end

local function quoted(name) return '"' .. name .. '"' end

local function names_of(columns)
  local names = {}
  for i, c in ipairs(columns) do names[i] = quoted(c.name) end
  return table.concat(names, ", ")
end

local counter = 0
local function fresh(prefix)
  counter = counter + 1
  return prefix .. counter
end

-- Each step takes and gives { frame, sql, columns, log }.
local steps = {}

function steps.filter(random, state)
  local e = expressions.generate(random, state.columns, "boolean", 3)
  return {
    frame = state.frame:filter(e.text), columns = state.columns,
    sql = ("select * from (%s) where %s"):format(state.sql, e.sql), log = "filter " .. e.text,
  }
end

function steps.with_columns(random, state)
  local type = random.pick { "integer", "real", "text", "boolean" }
  local e, name = expressions.generate(random, state.columns, type, 3), fresh "w"
  local columns = {}
  for i, c in ipairs(state.columns) do columns[i] = c end
  columns[#columns + 1] = { name = name, type = type }
  return {
    frame = state.frame:with_columns(name .. " = " .. e.text), columns = columns,
    sql = ("select *, %s as %s from (%s)"):format(e.sql, name, state.sql), log = name .. " = " .. e.text,
  }
end

function steps.select(random, state)
  local kept, names = {}, {}
  for i, c in ipairs(state.columns) do
    if i == 1 or random.chance(70) then
      kept[#kept + 1] = c
      names[#names + 1] = c.name
    end
  end
  return {
    frame = state.frame:select(unpack(names)), columns = kept,
    sql = ("select %s from (%s)"):format(names_of(kept), state.sql), log = "select " .. table.concat(names, ","),
  }
end

function steps.unique(_, state)
  return {
    frame = state.frame:unique(), columns = state.columns,
    sql = ("select distinct * from (%s)"):format(state.sql), log = "unique",
  }
end

local aggregates = {
  { "count()", "count(*)", nil, "integer" },
  { "count(%s)", "count(%s)", "integer", "integer" },
  { "count(%s)", "count(%s)", "text", "integer" },
  { "count_distinct(%s)", "count(distinct %s)", "text", "integer" },
  { "count_distinct(%s)", "count(distinct %s)", "integer", "integer" },
  { "sum(%s)", "sum(%s)", "integer", "integer" },
  { "sum(%s)", "sum(%s)", "real", "real" },
  { "total(%s)", "total(%s)", "real", "real" },
  { "mean(%s)", "avg(%s)", "integer", "real" },
  { "min(%s)", "min(%s)", "text", "text" },
  { "max(%s)", "max(%s)", "real", "real" },
  { "max(%s)", "max(%s)", "integer", "integer" },
  { "min(%s)", "min(%s)", "boolean", "boolean" },
}

function steps.group(random, state)
  local keys, key_names = {}, {}
  for _, c in ipairs(state.columns) do
    if #keys < 2 and random.chance(30) then
      keys[#keys + 1] = c
      key_names[#key_names + 1] = c.name
    end
  end
  local columns, definitions, parts, log = {}, {}, {}, {}
  for i, c in ipairs(keys) do columns[i], parts[i] = c, quoted(c.name) end
  for _ = 1, random.below(3) do
    local form = random.pick(aggregates)
    local e = form[3] and expressions.generate(random, state.columns, form[3], 1) or { text = "", sql = "" }
    local name = fresh "g"
    local text = form[1]:gsub("%%s", function() return e.text end)
    definitions[#definitions + 1] = name .. " = " .. text
    parts[#parts + 1] = form[2]:gsub("%%s", function() return e.sql end) .. " as " .. name
    columns[#columns + 1] = { name = name, type = form[4] }
    log[#log + 1] = text
  end
  local by = #keys > 0 and " group by " .. names_of(keys) or ""
  return {
    frame = state.frame:group_by(unpack(key_names)):agg(unpack(definitions)), columns = columns,
    sql = ("select %s from (%s)%s"):format(table.concat(parts, ", "), state.sql, by),
    log = "group " .. table.concat(key_names, ",") .. ": " .. table.concat(log, "; "),
  }
end

-- All columns are keys, so that which rows come first is determined but for equal rows.
function steps.top(random, state)
  local by, order = {}, {}
  for _, c in ipairs(state.columns) do
    local down = random.chance(50)
    by[#by + 1] = (down and "-" or "") .. c.name
    order[#order + 1] = quoted(c.name) .. (down and " desc" or "") .. " nulls last"
  end
  local n = random.below(10)
  return {
    frame = state.frame:sort(unpack(by)):head(n), columns = state.columns,
    sql = ("select * from (%s) order by %s limit %d"):format(state.sql, table.concat(order, ", "), n),
    log = "sort " .. table.concat(by, ",") .. " head " .. n,
  }
end

function steps.join(random, state, other)
  local pairs_of = {}
  for _, a in ipairs(state.columns) do
    for _, b in ipairs(other.columns) do
      if a.type == b.type and a.type ~= "boolean" then pairs_of[#pairs_of + 1] = { a.name, b.name } end
    end
  end
  for _, a in ipairs(state.columns) do
    if a.name:sub(1, 1) == "o" then return nil end -- joined already
  end
  if #pairs_of == 0 then return nil end
  local on = random.pick(pairs_of)
  local how = random.pick { "inner", "left", "semi", "anti" }
  local match = ("%s = %s"):format(quoted(on[1]), quoted(on[2]))
  local columns = {}
  local sql
  for i, c in ipairs(state.columns) do columns[i] = c end
  if how == "semi" or how == "anti" then
    sql = ("select * from (%s) where %s exists (select 1 from other where %s)"):format(state.sql,
      how == "anti" and "not" or "", match)
  else
    local right = {}
    for _, c in ipairs(other.columns) do
      if c.name ~= on[2] then
        columns[#columns + 1] = c
        right[#right + 1] = quoted(c.name)
      end
    end
    sql = ("select %s, %s from (%s) %s join other on %s"):format(names_of(state.columns), table.concat(right, ", "),
      state.sql, how == "inner" and "" or how, match)
  end
  return {
    frame = state.frame:join(other.frame, { on = on[1] .. " == " .. on[2], how = how, expect = "m:m" }),
    columns = columns, sql = sql, log = how .. " join on " .. match,
  }
end

local windows = {
  { "row_number() over (partition by %s order by %s)", "integer" },
  { "rank() over (partition by %s order by %s)", "integer" },
  { "dense_rank() over (partition by %s order by %s)", "integer" },
  { "ntile(3) over (partition by %s order by %s)", "integer" },
  { "count() over (partition by %s order by %s)", "integer", "count(*) over (partition by %s order by %s)" },
}

-- The order ends with every column, so that rows with equal keys are equal throughout.
function steps.window(random, state)
  local form, keys, sql_keys = random.pick(windows), {}, {}
  for _, c in ipairs(state.columns) do
    keys[#keys + 1] = c.name
    sql_keys[#sql_keys + 1] = quoted(c.name) .. " nulls last"
  end
  local part, name = random.pick(state.columns).name, fresh "v"
  local columns = {}
  for i, c in ipairs(state.columns) do columns[i] = c end
  columns[#columns + 1] = { name = name, type = form[2] }
  local text = form[1]:format(part, table.concat(keys, ", "))
  return {
    frame = state.frame:with_columns(name .. " = " .. text), columns = columns,
    sql = ("select *, %s as %s from (%s)"):format((form[3] or form[1]):format(quoted(part),
      table.concat(sql_keys, ", ")), name, state.sql),
    log = text,
  }
end

local function cell(v)
  if v == nil or v == ms.null then return "null" end
  if v == true then return "1" end
  if v == false then return "0" end
  if type(v) == "number" then return ("%.17g"):format(v == 0 and 0 or v) end
  return "'" .. tostring(v) .. "'"
end

-- Rows as sorted lines: neither side promises an order here.
local function lines_of(frame, columns)
  local lines, values = {}, {}
  for i, c in ipairs(columns) do values[i] = frame:column(c.name) end
  for row = 1, frame:nrow() do
    local parts = {}
    for i = 1, #columns do parts[i] = cell(values[i][row]) end
    lines[row] = table.concat(parts, "|")
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

local step_names = {
  "filter", "with_columns", "filter", "with_columns", "select", "unique", "group", "top", "join", "window",
}

local function pipeline(database, seed)
  local random = generator.new(seed)
  local frame, columns = random_frame(random, "")
  local other_frame, other_columns = random_frame(random, "o")
  database:write("main_table", frame, { mode = "replace" })
  database:write("other", other_frame, { mode = "replace" })
  local state = { frame = frame, sql = "select * from main_table", columns = columns }
  local other, log = { frame = other_frame, columns = other_columns }, {}
  for _ = 1, random.below(4) do
    local name = random.pick(step_names)
    local ok, after = pcall(steps[name], random, state, other)
    if not ok then error(("seed %d: %s: %s"):format(seed, table.concat(log, " | "), tostring(after)), 0) end
    if after then
      state = after
      log[#log + 1] = after.log
    end
  end
  local got, want = lines_of(state.frame, state.columns), lines_of(database:query(state.sql), state.columns)
  if got ~= want then
    error(("seed %d: %s\nSQL: %s\nmoonsift:\n%s\nSQLite:\n%s"):format(seed, table.concat(log, " | "), state.sql, got,
      want), 0)
  end
end

test("random pipelines give what SQLite gives", function()
  local database = ms.open(test.temporary "pipelines.db", { write = true, create = true })
  local only = tonumber(os.getenv "MOONSIFT_SEED" or "")
  local count = only and 1 or tonumber(os.getenv "MOONSIFT_DIFFERENTIAL" or 2000)
  for i = 1, count do
    local seed = only or i
    ms.threads(({ 1, 2, 4 })[i % 3 + 1])
    ms.block(({ 0, 1, 3, 7 })[i % 4 + 1])
    pipeline(database, seed)
  end
  ms.threads(0)
  ms.block(0)
  database:close()
end)
