-- Boosted trees and forests as programs: a Lua function of a row, an expression of SQL.
local errors = require "moonsift.errors"
local written = require "moonsift.model.written"

local M = {}

-- SQLite reads 1,000,000 bytes unless it was built otherwise. Its parser's stack of 100 symbols holds 15 cases within
-- each other in the sum of a logistic model (measured with 3.40.1; see tree_written.lua): 12 leave room around it.
local NODES_MOST, BYTES_MOST, DEPTH_MOST = 1000000, 1000000, 12
-- Terms added up without brackets: SQLite's expressions are at most 1,000 deep, a sum is as deep as it is long.
local TERMS = 100

local function limit(verb, message)
  errors.raise { code = "E-LIMIT", verb = verb, message = verb .. ": " .. message,
    hint = "learn it with fewer trees, or a smaller max_depth" }
end

-- The model as arrays: input (a place in inputs, false of a leaf), threshold, levels, left, right, missing_left, values
-- (an array an output), first and last node of each tree; what the trees are added to, what becomes of the sum.
local function read(model)
  local part, place = model.parts.trees, {}
  local e = { inputs = model:inputs_of "input", target = model:inputs_of("target")[1],
    boosted = model.kind == "boost",
    offset = model:inputs_of("offset")[1], nodes = part:nrow(), trees = {}, input = {}, values = {}, base = {} }
  e.classes = #e.target.levels
  for i, input in ipairs(e.inputs) do
    place[input.name] = i
    input.category = #input.levels > 0 or input.type == "text"
  end
  for _, name in ipairs { "threshold", "levels", "left", "right", "missing_left" } do
    e[name] = part:column(name, false)
  end
  for i, name in ipairs(part:column("input", false)) do e.input[i] = name and place[name] end
  for i, tree in ipairs(part:column "tree") do
    if not e.trees[tree] then e.trees[tree] = { first = i } end
    e.trees[tree].last = i
  end
  e.objective = e.boosted and model:fact "objective" or "mean"
  e.outputs = (e.boosted and e.objective ~= "softmax" or e.classes <= 2) and 1 or e.classes
  if e.boosted or e.outputs == 1 then
    e.values[1] = part:column "value"
  else
    for k = 1, e.outputs do e.values[k] = part:column("value_" .. k) end
  end
  for k = 1, e.outputs do
    e.base[k] = not e.boosted and 0 or model:fact(e.objective == "softmax" and "base_" .. k or "base")
  end
  return e
end

-- ---- Lua ----

local HELPERS = [=[
local function number(x)
  if type(x) == "boolean" then return x and 1 or 0 end
  x = tonumber(x)
  return x == x and x or nil
end

local function key(x)
  if type(x) == "number" then return ("%.0f"):format(x) end
  return type(x) == "cdata" and tostring(x):match "^-?%d+" or tostring(x)
end

-- Where a tree ends: t holds inputs (0: the end), cuts (or sets of levels), left, right, whether what is missing goes left.
local function walk(t, v)
  local at = 1
  while t[1][at] > 0 do
    local x, cut, left = v[t[1][at]], t[2][at], t[5][at]
    if x then
      if sets[cut] then left = sets[cut][x] else left = x <= cut end
    end
    at = left and t[3][at] or t[4][at]
  end
  return at
end
]=]

-- Each input's value: a number, the number of a level, or false where it is missing.
local function lua_values(e, out)
  local items = {}
  for i, input in ipairs(e.inputs) do
    local value = ("row[%s]"):format(written.lua_value(input.name))
    if input.category then
      local levels = {}
      for k, level in ipairs(input.levels) do levels[k] = ("[%s] = %d"):format(written.lua_value(level), k) end
      out[#out + 1] = ("levels[%d] = { %s }"):format(i, table.concat(levels, ", "))
      items[i] = ("    levels[%d][key(%s)] or false,"):format(i, value)
    else
      items[i] = ("    number(%s) or false,"):format(value)
    end
  end
  return table.concat(items, "\n")
end

local function join(list) return "{ " .. table.concat(list, ", ") .. " }" end

-- A set of levels has a name of its own, a text, in the place of the cut.
local function lua_set(e, i, out)
  local levels = {}
  for number in e.levels[i]:gmatch "%d+" do levels[#levels + 1] = ("[%s] = true"):format(number) end
  out[#out + 1] = ('sets["%d"] = %s'):format(i, join(levels))
  return ('"%d"'):format(i)
end

local function lua_tree(e, tree, out)
  local input, cut, left, right, missing, values = {}, {}, {}, {}, {}, {}
  for i = tree.first, tree.last do
    local n, leaf = i - tree.first + 1, not e.input[i]
    input[n], left[n], right[n] = e.input[i] or 0, e.left[i] or 0, e.right[i] or 0
    missing[n] = tostring(e.missing_left[i] == true)
    cut[n] = leaf and "0" or e.levels[i] and lua_set(e, i, out) or written.lua_value(e.threshold[i])
    for k, value in ipairs(e.values) do
      values[k] = values[k] or {}
      values[k][n] = leaf and written.exact(value[i]) or "0"
    end
  end
  local lists = { join(input), join(cut), join(left), join(right), join(missing) }
  for _, value in ipairs(values) do lists[#lists + 1] = join(value) end
  -- Each in a function of its own: the constants of a function are counted.
  out[#out + 1] = ("trees[#trees + 1] = (function() return {\n  %s,\n} end)()"):format(table.concat(lists, ",\n  "))
end

local lua_ends = {
  logistic = "local p = 1 / (1 + math.exp(-sum[1]))", poisson = "return math.exp(sum[1])",
  cox = "return math.exp(sum[1])", squared = "return sum[1]",
  softmax = [[
local most, total = math.max(unpack(sum)), 0
  for k = 1, #sum do
    sum[k] = math.exp(sum[k] - most)
    total = total + sum[k]
  end
  for k = 1, #sum do sum[k] = sum[k] / total end]],
  mean = "for k = 1, #sum do sum[k] = sum[k] / #trees end",
}

local function lua_end(e)
  local classes = {}
  for k, level in ipairs(e.target.levels) do classes[k] = written.lua_value(written.class(e.target, level)) end
  local last = lua_ends[e.objective]
  if e.objective == "mean" and e.classes == 0 then return last .. "\n  return sum[1]" end
  if e.classes == 0 or last:find "^return" then return last end
  if e.classes == 2 and e.outputs == 1 then
    if not e.boosted then last = last .. "\n  local p = sum[1]" end
    return ("%s\n  if p >= 0.5 then return %s, p end\n  return %s, p"):format(last, classes[2], classes[1])
  end
  return ("%s\n  local best = 1\n  for k = 2, #sum do\n    if sum[k] > sum[best] then best = k end\n  end\n" ..
    "  return (%s)[best], sum[best]"):format(last, join(classes))
end

--- Source text of a chunk that returns a function of a row, which gives the prediction, and of classes its probability
-- (of two: the event's). It needs nothing else, and gives the same bits as predict.
function M.lua(model)
  local e = read(model)
  if e.nodes > NODES_MOST then limit("to_lua", ("%d nodes; at most %d can be written"):format(e.nodes, NODES_MOST)) end
  local out = { (("-- %s, by %d trees."):format(e.target.name, #e.trees):gsub("[\r\n]", " ")),
    "local unpack = unpack or table.unpack", "local levels, sets, trees = {}, {}, {}", HELPERS }
  local values = lua_values(e, out)
  for _, tree in ipairs(e.trees) do lua_tree(e, tree, out) end
  local base = {}
  for k, x in ipairs(e.base) do base[k] = written.exact(x) .. (e.offset and " + offset" or "") end
  out[#out + 1] = "\nreturn function(row)"
  if e.offset then
    out[#out + 1] = ("  local offset = number(row[%s])\n  if not offset then return nil end"):format(
      written.lua_value(e.offset.name))
  end
  out[#out + 1] = ("  local v = {\n%s\n  }\n  local sum = %s"):format(values, join(base))
  out[#out + 1] = "  for t = 1, #trees do\n    local at = walk(trees[t], v)"
  if #e.values == 1 then
    out[#out + 1] = ("    local k = (t - 1) %% %d + 1\n    sum[k] = sum[k] + trees[t][6][at]"):format(e.outputs)
  else
    out[#out + 1] = "    for k = 1, #sum do sum[k] = sum[k] + trees[t][5 + k][at] end"
  end
  out[#out + 1] = "  end\n  " .. lua_end(e) .. "\nend\n"
  return table.concat(out, "\n")
end

-- ---- SQL ----

-- The levels that go left, or the others.
local function sql_levels(e, i, left)
  local input, goes, list = e.inputs[e.input[i]], {}, {}
  for number in e.levels[i]:gmatch "%d+" do goes[tonumber(number)] = true end
  for k, level in ipairs(input.levels) do
    if (goes[k] or false) == left then list[#list + 1] = written.sql_level(input, level) end
  end
  return list
end

-- The question whose yes leads away from the side of what is missing, so that null needs no word.
local function sql_question(e, i)
  local missing, name = e.missing_left[i], written.sql_name(e.inputs[e.input[i]].name)
  if not e.levels[i] then
    return ("%s %s %s"):format(name, missing and ">" or "<=", written.sql_value(e.threshold[i]))
  end
  local levels = sql_levels(e, i, not missing)
  return #levels == 0 and "1 = 0" or ("%s in (%s)"):format(name, table.concat(levels, ", "))
end

local function sql_tree(e, tree, values)
  local out = {}
  local function add(i, depth)
    if not e.input[i] then
      out[#out + 1] = written.exact(values[i])
      return
    end
    if depth >= DEPTH_MOST then
      limit("to_sql", ("a tree is more than %d splits deep, which SQLite cannot read"):format(DEPTH_MOST))
    end
    local left, right = tree.first - 1 + e.left[i], tree.first - 1 + e.right[i]
    if e.missing_left[i] then left, right = right, left end
    out[#out + 1] = ("case when %s then "):format(sql_question(e, i))
    add(left, depth + 1)
    out[#out + 1] = " else "
    add(right, depth + 1)
    out[#out + 1] = " end"
  end
  add(tree.first, 0)
  return table.concat(out)
end

-- What the trees of an output add up to.
local function sql_sum(e, k)
  local groups, group, bytes = {}, {}, 0
  if e.base[k] ~= 0 then group[1] = written.exact(e.base[k]) end
  if e.offset then group[#group + 1] = written.sql_name(e.offset.name) end
  local step = #e.values == 1 and e.outputs or 1
  for t = step == 1 and 1 or k, #e.trees, step do
    if #group >= TERMS then groups[#groups + 1], group = table.concat(group, "\n+ "), {} end
    group[#group + 1] = sql_tree(e, e.trees[t], e.values[k] or e.values[1])
    bytes = bytes + #group[#group]
    if bytes > BYTES_MOST then limit("to_sql", ("more than %d bytes, which SQLite cannot read"):format(BYTES_MOST)) end
  end
  groups[#groups + 1] = #group > 0 and table.concat(group, "\n+ ") or "0.0"
  return #groups == 1 and groups[1] or "(" .. table.concat(groups, ")\n+ (") .. ")"
end

local function argument(name, value, wanted)
  errors.raise { code = "E-ARGUMENT", verb = "to_sql",
    message = ("to_sql: option '%s' is '%s'; %s wanted"):format(name, tostring(value), wanted) }
end

-- Which class is asked for, of more than two.
local function class_of(e, wanted)
  for k, level in ipairs(e.target.levels) do
    if level == tostring(wanted) then return k end
  end
  argument("class", wanted, "one of " .. table.concat(e.target.levels, ", "))
end

local sql_ends = { logistic = "1.0 / (1.0 + exp(-(%s)))", poisson = "exp(%s)", cox = "exp(%s)", squared = "%s" }

local function sql_number(e, class)
  if e.outputs == 1 then
    local sum = sql_sum(e, 1)
    if e.boosted then return (sql_ends[e.objective]:gsub("%%s", function() return sum end)) end
    return ("(%s) / %d.0"):format(sum, #e.trees)
  end
  if not e.boosted then return ("(%s) / %d.0"):format(sql_sum(e, class), #e.trees) end
  local parts = {}
  for k = 1, e.outputs do parts[k] = ("exp(%s)"):format(sql_sum(e, k)) end
  return ("%s / (%s)"):format(parts[class], table.concat(parts, "\n+ "))
end

--- An expression of SQL: of a number the prediction, of two classes the event's probability (value = "prediction": the
-- class), of more the probability of `class`; value = "margin": what boosted trees add up to, which needs no exp().
function M.sql(model, options)
  local e, value = read(model), options and options.value or "probability"
  if value ~= "probability" and value ~= "prediction" and not (value == "margin" and e.boosted) then
    argument("value", value, e.boosted and "probability, prediction or margin" or "probability or prediction")
  end
  if e.outputs > 1 and value == "prediction" then argument("value", value, "probability, with a class, is") end
  local class = e.outputs > 1 and class_of(e, options and options.class) or 1
  local text = value == "margin" and sql_sum(e, class) or sql_number(e, class)
  if value == "prediction" and e.classes == 2 then
    local sides = {}
    for k, level in ipairs(e.target.levels) do sides[k] = written.sql_value(written.class(e.target, level)) end
    text = ("case (%s) >= 0.5 when 1 then %s when 0 then %s end"):format(text, sides[2], sides[1])
  end
  if #text > BYTES_MOST then limit("to_sql", ("%d bytes; SQLite reads %d"):format(#text, BYTES_MOST)) end
  return text
end

return M
