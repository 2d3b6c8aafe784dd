-- What a plan needs of its table: columns, filters, a limit or groups that the database could do.
local databases = require "moonsift.ffi.database"
local frames = require "moonsift.ffi.frame"
local groups = require "moonsift.lazy.groups"

local M = {}

local quoted = groups.quoted
M.quoted = quoted

-- ---- tables ----

local function query(database, sql, parameters)
  return databases.query(database, sql, {}, parameters)
end

-- A name under which rows are told apart in their order; nil for views and tables without one.
local function rowid_of(source)
  local frame = query(source.database,
    "select type, wr from pragma_table_list where schema = 'main' and name = @name collate nocase",
    { name = source.name })
  if frame:nrow() == 0 or frame:row(1).type ~= "table" or frame:row(1).wr == 1 then return nil end
  for name in pairs(source.declared) do
    if name:lower() == "rowid" then return nil end
  end
  return "rowid"
end

--- Adds what the table's schema says; columns without a declared type are read as what they were found to be.
function M.describe(source)
  local overridden, found = {}, {}
  for i = 1, #source.types, 2 do overridden[source.types[i]] = source.types[i + 1] end
  for _, column in ipairs(source.schema:schema()) do found[column.name] = column.type end
  source.declared = {}
  for row in databases.schema(source.database, source.name):rows() do
    source.declared[row.column] = row.type
    if row.type == "by its values" and found[row.column] and not overridden[row.column] then
      source.types[#source.types + 1] = row.column
      source.types[#source.types + 1] = found[row.column]
      overridden[row.column] = found[row.column]
    end
  end
  source.overridden, source.rowid = overridden, rowid_of(source)
end

--- First and last rowid; nil where there is none.
function M.bounds(source)
  if not source.rowid then return nil end
  local from = (" from main.%s"):format(quoted(source.name))
  local low = query(source.database, ("select min(%s) x"):format(source.rowid) .. from):row(1).x
  local high = query(source.database, ("select max(%s) x"):format(source.rowid) .. from):row(1).x
  if type(low) ~= "number" or type(high) ~= "number" then return nil end
  return low, high
end

-- ---- columns ----

-- Verbs whose result does not change where a column goes that they do not name.
local prunable = {
  filter = true, select = true, with_columns = true, rename = true, drop = true, sort = true, top = true, head = true,
  tail = true, agg = true, group_top = true, group_head = true,
}

local function same_schema(a, b)
  local names, types = frames.schema(a)
  local other_names, other_types = frames.schema(b)
  if #names ~= #other_names then return false end
  for i, name in ipairs(names) do
    if name ~= other_names[i] or types[i] ~= other_types[i] then return false end
  end
  return true
end

-- Whether the verbs do without these columns: they run, without rows, to the same schema.
local function without(plan, last, dropped)
  local want = plan.steps[last + 1] and plan.steps[last + 1].before or plan.schema
  local ok, frame = pcall(function()
    local frame = plan.source.schema:drop(dropped)
    for i = 1, last do frame = plan.steps[i].check(frame) end
    return frame
  end)
  return ok and same_schema(frame, want)
end

--- The names of the columns that the plan needs.
function M.columns(plan)
  local names = frames.schema(plan.source.schema)
  local last, narrows = 0, false
  while plan.steps[last + 1] and prunable[plan.steps[last + 1].verb] do
    last = last + 1
    local verb = plan.steps[last].verb
    narrows = narrows or verb == "select" or verb == "agg"
  end
  if not narrows then return names end
  local needed, dropped = {}, {}
  for _, name in ipairs(names) do
    if #names > 1 and without(plan, last, { name }) then
      dropped[#dropped + 1] = name
    else
      needed[#needed + 1] = name
    end
  end
  if #dropped > 0 and not without(plan, last, dropped) then return names end
  return needed
end

-- ---- verbs ----

local function text_of(x) return frames.column_name(x) or x end

-- The texts of a verb's arguments; nil where there is anything else among them.
local function plain_texts(args, first)
  local list = {}
  for i = first or 1, args.n do
    local text = text_of(args[i])
    if type(text) ~= "string" then return nil end
    list[#list + 1] = text
  end
  return list
end

-- How select, rename and drop change where columns come from; nil where they compute.
local moves = {}

function moves.select(map, step)
  local texts, new = plain_texts(step.args), {}
  for _, name in ipairs(texts or {}) do
    if not map[name] then return nil end
    new[name] = map[name]
  end
  return texts and new
end

function moves.drop(map, step)
  local new = {}
  for name, column in pairs(map) do new[name] = column end
  for _, name in ipairs(plain_texts(step.args) or {}) do new[name] = nil end
  return new
end

function moves.rename(map, step)
  local new, names = {}, step.args[1]
  for name, column in pairs(map) do new[names[name] or name] = column end
  return new
end

-- The keys of a sort: columns, "-" in front for descending; nil where it is more than that.
local function keys_of(map, step, first, source)
  local texts, keys = plain_texts(step.args, first), {}
  if not texts or #texts == 0 then return nil end
  for i, text in ipairs(texts) do
    local name = text:match "^%-(.*)$"
    if map[text] and name then return nil end
    local column = map[name or text]
    if not column then return nil end
    keys[i] = { column = column, descending = name ~= nil, text = source.type_of[column] == "text" }
  end
  return keys
end

local function rows_wanted(step, fallback)
  local n = step.args[1]
  if n == nil then n = fallback end
  return type(n) == "number" and n >= 0 and n or nil
end

-- A limit, where the verbs from i on are head, top, or sort and head.
local function limit_at(plan, i, map, work)
  local step, following = plan.steps[i], plan.steps[i + 1]
  if step.verb == "head" then
    work.limit = rows_wanted(step, 10)
  elseif step.verb == "top" then
    work.order = keys_of(map, step, 2, plan.source)
    work.limit = work.order and rows_wanted(step)
  elseif step.verb == "sort" and following and following.verb == "head" then
    work.order = keys_of(map, step, 1, plan.source)
    work.limit = work.order and rows_wanted(following, 10)
  end
end

--- Columns of the table that a limit or groups compare.
function M.checked(work)
  local columns = {}
  for _, key in ipairs(work.order or {}) do columns[#columns + 1] = key.column end
  for _, column in ipairs(work.group and work.group.columns or {}) do columns[#columns + 1] = column end
  return columns
end

-- Adds the filter if anything of it can be pushed; whether all of it can, or nil if nothing.
local function add_filter(plan, step, map, work)
  local text = text_of(step.args[1])
  local columns = {}
  for name, column in pairs(map) do
    columns[#columns + 1] = name
    columns[#columns + 1] = column
  end
  local filter = { where = text, parameters = step.args[2], columns = columns, schema = step.before }
  local pushed = databases.condition(plan.source, filter)
  if not pushed.condition then return nil end
  work.filters[#work.filters + 1] = filter
  return pushed.exact
end

local function types_by_name(source)
  source.type_of = {}
  for _, column in ipairs(source.schema:schema()) do source.type_of[column.name] = column.type end
end

--- What the database could do of the plan: columns, filters, and limit with order, or group.
function M.work(plan, how)
  local source = plan.source
  local work = { columns = M.columns(plan), filters = {} }
  if how == "none" or source.on_mismatch == "text" then return work end
  types_by_name(source)
  local map, exact = {}, true
  for name in pairs(source.type_of) do map[name] = name end
  for i, step in ipairs(plan.steps) do
    if step.verb == "filter" then
      local whole = add_filter(plan, step, map, work)
      exact = exact and whole == true
      if whole == nil then break end
    elseif moves[step.verb] then
      map = moves[step.verb](map, step)
      if not map then break end
    else
      if exact and source.rowid then
        if step.verb == "agg" then work.group = groups.parse(plan, i, map) else limit_at(plan, i, map, work) end
      end
      break
    end
  end
  local checked = M.checked(work)
  if #checked > 0 and not databases.condition(source, { check = checked, schema = source.schema }).exact then
    work.limit, work.order, work.group = nil, nil, nil
  end
  return work
end

-- ---- words ----

local function described_argument(x)
  local text = text_of(x)
  if type(text) == "string" then return ("%q"):format(text) end
  if type(text) == "table" then return "{…}" end
  return tostring(text)
end

--- A verb as it was called, in short.
function M.described(step)
  local parts = {}
  for i = 1, step.args.n do
    if step.args[i] ~= nil then parts[#parts + 1] = described_argument(step.args[i]) end
  end
  local keys = ""
  if step.keys then
    local names = {}
    for i = 1, step.keys.n do names[i] = described_argument(step.keys[i]) end
    keys = ("group_by(%s):"):format(table.concat(names, ", "))
  end
  return ("%s%s(%s)"):format(keys, (step.verb:gsub("^group_", "")), table.concat(parts, ", "))
end

return M
