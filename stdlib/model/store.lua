-- Models in a database: a table a part, named NAME_PART, and a line a part in the table ms_models.
local errors = require "moonsift.errors"
local model = require "moonsift.model"

local M = {}

local function fail(verb, code, message, hint)
  errors.raise { code = code, verb = verb, message = ("%s: %s"):format(verb, message), hint = hint }
end

local function check_name(verb, name)
  if type(name) == "string" and name:find "^[%w_\128-\255]+$" then return name end
  fail(verb, "E-ARGUMENT", ("got %s; wanted a name of letters, digits and '_'"):format(
    type(name) == "string" and "'" .. name .. "'" or name == nil and "nil" or "a " .. type(name)))
end

local function tables_of(database)
  local names = {}
  for _, name in ipairs(database:tables():column "name") do names[name] = true end
  return names
end

-- The lines of ms_models on one model, in the order of its parts.
local function registered(database, name)
  if not tables_of(database).ms_models then return {} end
  local found, list = database:query("select kind, part, stored_as from ms_models where name = @name order by position",
    { name = name }), {}
  for row in found:rows() do list[#list + 1] = { kind = row.kind, part = row.part, stored_as = row.stored_as } end
  return list
end

local function quoted(name) return '"' .. name:gsub('"', '""') .. '"' end

--- Writes a model to an open database, in place of one of that name; all of it or nothing.
function M.save(saved, database, name)
  check_name("save", name)
  if type(database) ~= "cdata" and type(database) ~= "table" then
    fail("save", "E-ARGUMENT", ("got a %s; wanted an open database"):format(type(database)),
      "ms.open(path, { write = true }) opens one")
  end
  local there = tables_of(database)
  local old = registered(database, name)
  for _, part in ipairs(saved.order) do
    local stored, own = name .. "_" .. part, false
    for _, row in ipairs(old) do own = own or row.stored_as == stored end
    if there[stored] and not own then
      fail("save", "E-ARGUMENT", ("the table '%s' is there already and is no part of a model"):format(stored),
        "save the model under another name")
    end
  end
  database:transaction(function()
    database:execute [[create table if not exists ms_models (name text not null, position integer not null,
      kind text not null, part text not null, stored_as text not null, primary key (name, position))]]
    for _, row in ipairs(old) do database:execute("drop table if exists " .. quoted(row.stored_as)) end
    database:execute("delete from ms_models where name = @name", { name = name })
    for i, part in ipairs(saved.order) do
      local stored = name .. "_" .. part
      database:write(stored, saved.parts[part], { mode = "create" })
      database:execute("insert into ms_models values (@name, @position, @kind, @part, @stored)",
        { name = name, position = i, kind = saved.kind, part = part, stored = stored })
    end
  end)
end

-- All names in ms_models, for the error about one that is not.
local function names_of(database)
  if not tables_of(database).ms_models then return {} end
  return database:query("select distinct name from ms_models order by name"):column "name"
end

--- Reads a model that model:save wrote.
-- local churn = ms.load(ms.open "shop.db", "churn")
function M.load(database, name)
  check_name("load", name)
  local rows = registered(database, name)
  if #rows == 0 then
    local names = names_of(database)
    fail("load", "E-ARGUMENT", ("there is no model '%s' in %s"):format(name, database:path()),
      #names > 0 and "there are " .. table.concat(names, ", ") or "model:save(database, name) writes one")
  end
  local parts, frames = {}, {}
  for i, row in ipairs(rows) do
    parts[i] = row.part
    frames[i] = database:table(row.stored_as):collect()
  end
  return model.new(rows[1].kind, table.concat(parts, " "), unpack(frames, 1, #parts))
end

return M
