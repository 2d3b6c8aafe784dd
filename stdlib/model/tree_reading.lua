-- A tree as Lua tables, and what it says in words.
local null = require "moonsift.null"

local M = {}

function M.number(x)
  if x == math.floor(x) and math.abs(x) < 1e15 then return ("%d"):format(x) end
  return ("%.6g"):format(x)
end
local number = M.number

-- Cut to a width in characters, not in the middle of one.
function M.shorten(text, width)
  local characters = {}
  for character in text:gmatch "[%z\1-\127\194-\244][\128-\191]*" do characters[#characters + 1] = character end
  if #characters <= width or width < 2 then return text end
  return table.concat(characters, "", 1, width - 1) .. "…"
end

local function split_of(columns, i)
  return {
    input = columns.input[i], cut = columns.cut[i], swapped = columns.swapped[i] == 1, sides = columns.sides[i] or nil,
    adjusted = columns.adjusted and columns.adjusted[i] or nil,
  }
end

local function columns_of(part, names)
  local columns = {}
  for name in names:gmatch "%S+" do columns[name] = part:column(name, false) end
  return columns
end

--- The nodes of a model as a list: number, parent, left, right (places in the list), rows, weight, risk, prediction,
-- shares, split, surrogates; with inputs, target, classes (nil of a number) and what is done where a value is missing.
function M.read(model)
  local part = model.parts.nodes
  local tree = { inputs = model:inputs_of "input", target = model:inputs_of("target")[1], nodes = {},
    missing = model:fact "missing" }
  tree.classes = #tree.target.levels > 0 and tree.target.levels or nil
  local shares = tree.classes and model.parts.shares:column "share"
  local columns = columns_of(part, "node parent left right rows weight risk prediction improvement most_left " ..
    "input cut swapped sides")
  local at = {}
  for i = 1, part:nrow() do
    local node = { number = columns.node[i], parent = columns.parent[i] or 0,
      left = columns.left[i], right = columns.right[i], rows = columns.rows[i], weight = columns.weight[i],
      risk = columns.risk[i], prediction = columns.prediction[i],
      improvement = columns.improvement[i], most_left = columns.most_left[i] == 1, surrogates = {} }
    if node.left > 0 then node.split = split_of(columns, i) end
    if shares then
      node.shares = {}
      for k = 1, #tree.classes do node.shares[k] = shares[(i - 1) * #tree.classes + k] end
    end
    tree.nodes[i], at[node.number] = node, node
  end
  local splits = columns_of(model.parts.splits, "node kind input adjusted cut swapped sides")
  for i = 1, #splits.node do
    local node = at[splits.node[i]]
    if splits.kind[i] == "surrogate" and node then node.surrogates[#node.surrogates + 1] = split_of(splits, i) end
  end
  return tree
end

--- What predict says of a node: a class as a value of the target's type, or the mean.
function M.prediction(tree, at)
  local said = tree.nodes[at].prediction
  if not tree.classes then return said end
  local level = tree.classes[said + 1]
  if tree.target.type == "boolean" then return level == "true" end
  return tree.target.type == "text" and level or tonumber(level)
end

-- ---- clauses ----

-- Names of the levels on a side.
local function levels_on(input, sides, left)
  local names = {}
  for i, level in ipairs(input.levels) do
    if sides:sub(i, i) == (left and "L" or "R") then names[#names + 1] = level end
  end
  return names
end

local function is_among(name, names)
  if #names == 1 then return ("%s is %s"):format(name, names[1]) end
  return ("%s in %s"):format(name, table.concat(names, ", "))
end

--- The answer to a split that leads to a side, in words.
function M.answer(tree, split, left)
  local input = tree.inputs[split.input]
  if split.sides then return is_among(input.name, levels_on(input, split.sides, left)) end
  local below = left ~= split.swapped
  if input.type == "boolean" then return ("%s is %s"):format(input.name, below and "false" or "true") end
  return ("%s %s %s"):format(input.name, below and "<" or ">=", number(split.cut))
end

--- The clause that leads from a node's parent to it.
function M.clause(tree, at)
  local parent = tree.nodes[tree.nodes[at].parent]
  if not parent then return "root" end
  return M.answer(tree, parent.split, parent.left == at)
end

-- ---- rules ----

local function narrow(known, tree, split, left)
  local input = tree.inputs[split.input]
  local about = known[input.name]
  if not about then
    about = { name = input.name, type = input.type }
    known[#known + 1], known[input.name] = about, about
  end
  if not split.sides then
    local below = left ~= split.swapped
    if below then
      about.high = math.min(about.high or math.huge, split.cut)
    else
      about.low = math.max(about.low or -math.huge, split.cut)
    end
    return
  end
  local names, before = {}, about.names
  local was = {}
  for _, name in ipairs(before or {}) do was[name] = true end
  for _, name in ipairs(levels_on(input, split.sides, left)) do
    if not before or was[name] then names[#names + 1] = name end
  end
  about.names = names
end

--- All that is known in a node, each input once: "Contract is Month-to-month and tenure < 15.5".
function M.rule(tree, at)
  local way, known, parts = {}, {}, {}
  while tree.nodes[at].parent > 0 do
    table.insert(way, 1, at)
    at = tree.nodes[at].parent
  end
  for _, child in ipairs(way) do
    local parent = tree.nodes[tree.nodes[child].parent]
    narrow(known, tree, parent.split, parent.left == child)
  end
  for i, about in ipairs(known) do
    if about.names then
      parts[i] = is_among(about.name, about.names)
    elseif about.type == "boolean" then
      parts[i] = ("%s is %s"):format(about.name, about.low and "true" or "false")
    elseif about.low and about.high then
      parts[i] = ("%s from %s to below %s"):format(about.name, number(about.low), number(about.high))
    else
      parts[i] = about.low and ("%s >= %s"):format(about.name, number(about.low))
        or ("%s < %s"):format(about.name, number(about.high))
    end
  end
  return #parts > 0 and table.concat(parts, " and ") or "everyone"
end

-- ---- one customer ----

local function value_of(row, name)
  local value = row[name]
  if value == nil or value == null or value ~= value then return nil end
  return value
end

--- The side of a row by a split: true left, false right, nil where it has no value for it.
function M.side(tree, split, row)
  local input = tree.inputs[split.input]
  local value = value_of(row, input.name)
  if value == nil then return nil end
  if split.sides then
    if type(value) == "number" then value = number(value) end
    for i, level in ipairs(input.levels) do
      local side = level == tostring(value) and split.sides:sub(i, i)
      if side and side ~= "-" then return side == "L" end
    end
    return nil
  end
  if type(value) == "boolean" then value = value and 1 or 0 end
  return (tonumber(value) < split.cut) ~= split.swapped
end

local function told(row, name)
  local value = value_of(row, name)
  return type(value) == "number" and number(value) or tostring(value)
end

-- One step down: the line that says why, and the side, or nil where the row stays.
local function step(tree, node, row)
  local left = M.side(tree, node.split, row)
  local name = tree.inputs[node.split.input].name
  if left ~= nil then
    return ("%s (%s)"):format(M.answer(tree, node.split, left), told(row, name)), left
  end
  local lacking = value_of(row, name) == nil and name .. " is not known"
    or ("%s (%s) was not seen"):format(name, told(row, name))
  for _, split in ipairs(tree.missing ~= "stay" and node.surrogates or {}) do
    left = M.side(tree, split, row)
    if left ~= nil then
      return ("%s; %s (%s) speaks for %s"):format(lacking, M.answer(tree, split, left),
        told(row, tree.inputs[split.input].name), M.answer(tree, node.split, left)), left
    end
  end
  if tree.missing ~= "majority" then return lacking .. "; no further" end
  return ("%s; most are on the side of %s"):format(lacking, M.answer(tree, node.split, node.most_left)), node.most_left
end

--- The way of a row down the tree: what is said of it, then a line a question.
function M.explain(tree, row)
  local at, lines = 1, {}
  while tree.nodes[at].left > 0 do
    local node = tree.nodes[at]
    local line, left = step(tree, node, row)
    lines[#lines + 1] = "  " .. line
    if left == nil then break end
    at = left and node.left or node.right
  end
  local node = tree.nodes[at]
  local head
  if tree.classes then
    local class = node.prediction + 1
    head = ("%s is %s: %.1f %% of %d like this one"):format(tree.target.name, tree.classes[class],
      100 * node.shares[class], node.rows)
  else
    head = ("%s is %s: the mean of %d like this one"):format(tree.target.name, number(node.prediction), node.rows)
  end
  table.insert(lines, 1, head)
  return table.concat(lines, "\n")
end

return M
