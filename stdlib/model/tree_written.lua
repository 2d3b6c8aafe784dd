-- Trees as programs: a Lua function of a row, an expression of SQL.
local errors = require "moonsift.errors"
local reading = require "moonsift.model.tree_reading"
local written = require "moonsift.model.written"

local exact, literal, sql_value = written.exact, written.lua_value, written.sql_value

local M = {}

-- SQLite's parser has a stack of 100 symbols, of which each `case` within a `when … then` takes 5 to 6. Measured with
-- 3.40.1: 18 cases within each other are read, 16 where the innermost question has brackets of its own (coalesce with a
-- case in it); one more gives "parser stack overflow". 15 leaves a little for what stands around it.
local NODES_MOST, DEPTH_MOST = 2000, 15

local function check_size(tree, verb)
  if #tree.nodes <= NODES_MOST then return end
  errors.raise {
    code = "E-LIMIT", verb = verb,
    message = ("%s: the tree has %d nodes; at most %d can be written down"):format(verb, #tree.nodes, NODES_MOST),
    hint = "prune it first: model:prune(cp)",
  }
end

-- What is said in a node: of classes the class and the probability that predict gives.
local function said(tree, at)
  local node = tree.nodes[at]
  if not tree.classes then return reading.prediction(tree, at) end
  local class = #tree.classes == 2 and 2 or node.prediction + 1
  return reading.prediction(tree, at), node.shares[class]
end

-- ---- Lua ----

local function result(tree, at)
  local prediction, probability = said(tree, at)
  return ("return %s%s"):format(literal(prediction), probability and ", " .. exact(probability) or "")
end

-- Lines are put into `out`; sides of categories into `tables`.
local function lua_side(tree, split, tables)
  local input = tree.inputs[split.input]
  local value = ("row[%s]"):format(literal(input.name))
  if not split.sides then return ("side(%s, %s, %s)"):format(value, exact(split.cut), tostring(split.swapped)) end
  local items = {}
  for i, level in ipairs(input.levels) do
    local side = split.sides:sub(i, i)
    if side ~= "-" then items[#items + 1] = ("[%s] = %s"):format(literal(level), tostring(side == "L")) end
  end
  tables[#tables + 1] = ("  { %s },"):format(table.concat(items, ", "))
  return ("sides[%d][key(%s)]"):format(#tables, value)
end

local function lua_node(tree, at, indent, out, tables)
  local node = tree.nodes[at]
  if node.left == 0 then
    out[#out + 1] = indent .. result(tree, at)
    return
  end
  out[#out + 1] = ("%slocal left = %s -- %s"):format(indent, lua_side(tree, node.split, tables),
    (reading.shorten(reading.answer(tree, node.split, true), 60):gsub("[\r\n]", " ")))
  for _, split in ipairs(tree.missing ~= "stay" and node.surrogates or {}) do
    out[#out + 1] = ("%sif left == nil then left = %s end"):format(indent, lua_side(tree, split, tables))
  end
  if tree.missing == "majority" then
    out[#out + 1] = ("%sif left == nil then left = %s end"):format(indent, tostring(node.most_left))
  else
    out[#out + 1] = ("%sif left == nil then %s end"):format(indent, result(tree, at))
  end
  out[#out + 1] = indent .. "if left then"
  lua_node(tree, node.left, indent .. "  ", out, tables)
  out[#out + 1] = indent .. "else"
  lua_node(tree, node.right, indent .. "  ", out, tables)
  out[#out + 1] = indent .. "end"
end

local HELPERS = [[
-- The side by a number: true left, false right, nil not known.
local function side(x, cut, swapped)
  if x == nil or type(x) == "userdata" then return nil end
  if type(x) == "boolean" then x = x and 1 or 0 end
  x = tonumber(x)
  if not x or x ~= x then return nil end
  return (x < cut) ~= swapped
end

local function key(x)
  if type(x) == "number" then return ("%d"):format(x) end
  return tostring(x)
end
]]

function M.lua(tree)
  check_size(tree, "to_lua")
  local body, tables = {}, {}
  lua_node(tree, 1, "  ", body, tables)
  local what = tree.classes and #tree.classes == 2 and " and the probability of " .. tree.classes[2]
    or tree.classes and " and its probability" or ""
  local head = ("-- %s, by a tree learned from %d rows: the prediction%s."):format(tree.target.name,
    tree.nodes[1].rows, what)
  local text = table.concat({ HELPERS .. "local sides = {", table.concat(tables, "\n"), "}", "", "return function(row)",
    table.concat(body, "\n"), "end", "" }, "\n")
  return head:gsub("[\r\n]", " ") .. "\n" .. text
end

-- ---- SQL ----

local function sql_among(tree, split, side)
  local input, values = tree.inputs[split.input], {}
  for i, level in ipairs(input.levels) do
    if split.sides:sub(i, i) == side then
      values[#values + 1] = written.sql_level(input, level)
    end
  end
  return table.concat(values, ", ")
end

-- True where the row goes left, false where right, null where the split has no value for it.
local function sql_side(tree, split)
  local column = written.sql_name(tree.inputs[split.input].name)
  if not split.sides then return ("%s %s %s"):format(column, split.swapped and ">=" or "<", exact(split.cut)) end
  return ("case when %s in (%s) then 1 = 1 when %s in (%s) then 1 = 0 end"):format(column, sql_among(tree, split, "L"),
    column, sql_among(tree, split, "R"))
end

local function sql_test(tree, node)
  local sides = { sql_side(tree, node.split) }
  for _, split in ipairs(tree.missing ~= "stay" and node.surrogates or {}) do
    sides[#sides + 1] = sql_side(tree, split)
  end
  if tree.missing == "majority" then sides[#sides + 1] = node.most_left and "1 = 1" or "1 = 0" end
  return #sides == 1 and sides[1] or ("coalesce(%s)"):format(table.concat(sides, ", "))
end

-- What the expression gives in a node.
local function sql_said(tree, at, prediction)
  local class, probability = said(tree, at)
  if prediction or not tree.classes or #tree.classes > 2 then return sql_value(class) end
  return exact(probability)
end

function M.sql(tree, options)
  check_size(tree, "to_sql")
  local value = options and options.value or "probability"
  if value ~= "probability" and value ~= "prediction" then
    errors.raise {
      code = "E-ARGUMENT", verb = "to_sql",
      message = ("to_sql: option 'value' is '%s'; probability or prediction wanted"):format(tostring(value)),
    }
  end
  local lines, prediction = {}, value == "prediction"
  local function add(at, depth, before, after)
    local node, indent = tree.nodes[at], ("  "):rep(depth)
    if node.left == 0 then
      lines[#lines + 1] = indent .. before .. sql_said(tree, at, prediction) .. after
      return
    end
    if depth >= DEPTH_MOST then
      errors.raise {
        code = "E-LIMIT", verb = "to_sql",
        message = ("to_sql: the tree is more than %d splits deep, which SQLite cannot read"):format(DEPTH_MOST),
        hint = "prune it first: model:prune(cp), or learn it with maxdepth",
      }
    end
    local test = sql_test(tree, node)
    lines[#lines + 1] = ("%s%scase when %s then"):format(indent, before, test)
    add(node.left, depth + 1, "", "")
    if tree.missing ~= "majority" then
      lines[#lines + 1] = ("%s  when (%s) is null then %s"):format(indent, test, sql_said(tree, at, prediction))
    end
    add(node.right, depth + 1, "else ", " end" .. after)
  end
  add(1, 0, "", "")
  return table.concat(lines, "\n")
end

return M
