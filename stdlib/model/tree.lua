-- Trees: how they print.
local M = { methods = {} }

local function number(x)
  if x == math.floor(x) and math.abs(x) < 1e15 then return ("%d"):format(x) end
  return ("%.6g"):format(x)
end

-- What each node's columns say, as Lua lists.
local function read(model)
  local nodes = model.parts.nodes
  local tree = { inputs = model:inputs_of "input", target = model:inputs_of("target")[1] }
  for _, name in ipairs { "node", "parent", "left", "right", "rows", "prediction", "input",
    "cut", "swapped", "sides" } do
    tree[name] = nodes:column(name, false)
  end
  tree.classes = #tree.target.levels > 0 and tree.target.levels or nil
  tree.shares = tree.classes and model.parts.shares:column "share"
  return tree
end

-- The clause that leads from a node's parent to it.
local function clause(tree, at)
  local parent = tree.parent[at]
  if not parent or parent == 0 then return "root" end
  local input, left = tree.inputs[tree.input[parent]], tree.left[parent] == at
  local sides = tree.sides[parent]
  if not sides then
    local below = left == (tree.swapped[parent] == 0)
    return ("%s %s %s"):format(input.name, below and "<" or ">=", number(tree.cut[parent]))
  end
  local names = {}
  for i, level in ipairs(input.levels) do
    if sides:sub(i, i) == (left and "L" or "R") then names[#names + 1] = level end
  end
  return ("%s in %s"):format(input.name, table.concat(names, ", "))
end

local function outcome(tree, at)
  if not tree.classes then return number(tree.prediction[at]) end
  local class, count = tree.prediction[at] + 1, #tree.classes
  return ("%s %.1f%%"):format(tree.classes[class], 100 * tree.shares[(at - 1) * count + class])
end

function M.show(model)
  local tree = read(model)
  local lines = { ("tree of %s, learned from %d rows"):format(tree.target.name, model:fact "rows") }
  local function add(at, depth)
    local leaf = tree.left[at] == 0
    lines[#lines + 1] = ("%s%s: %d rows, %s%s"):format(("  "):rep(depth), clause(tree, at), tree.rows[at],
      outcome(tree, at), leaf and " *" or "")
    if leaf then return end
    add(tree.left[at], depth + 1)
    add(tree.right[at], depth + 1)
  end
  add(1, 0)
  return table.concat(lines, "\n")
end

return M
