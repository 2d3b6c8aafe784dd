-- Trees: how they print, are pruned, and what matters in them.
local build = require "moonsift.ffi.build"
local errors = require "moonsift.errors"
local frames = require "moonsift.ffi.frame"
local null = require "moonsift.null"
local reading = require "moonsift.model.tree_reading"
local written = require "moonsift.model.tree_written"

local M = { methods = {} }

-- ---- rules and paths ----

--- The leaves as rules, the most used first: rule, prediction, customers, support (share of the weight), confidence
-- (share of the class that is said) and lift (confidence over the class's share of all); of a number deviation and lift
-- (over the mean).
-- print(model:rules())
function M.methods.rules(model)
  local tree = reading.read(model)
  local columns = { {}, {}, {}, {}, {}, {} }
  local order = {}
  for at, node in ipairs(tree.nodes) do
    if node.left == 0 then order[#order + 1] = at end
  end
  table.sort(order, function(a, b)
    local x, y = tree.nodes[a].rows, tree.nodes[b].rows
    if x ~= y then return x > y end
    return a < b
  end)
  local root = tree.nodes[1]
  for i, at in ipairs(order) do
    local node = tree.nodes[at]
    columns[1][i] = reading.rule(tree, at)
    columns[2][i] = reading.prediction(tree, at)
    columns[3][i], columns[4][i] = node.rows, node.weight / root.weight
    if tree.classes then
      local class = node.prediction + 1
      local share, whole = node.shares[class], root.shares[class]
      columns[5][i], columns[6][i] = share, whole > 0 and share / whole or null
    else
      columns[5][i] = math.sqrt(node.risk / node.weight)
      columns[6][i] = root.prediction ~= 0 and node.prediction / root.prediction or null
    end
  end
  return build.frame {
    { "rule", columns[1] }, { "prediction", columns[2] }, { "customers", columns[3] }, { "support", columns[4] },
    { tree.classes and "confidence" or "deviation", columns[5] }, { "lift", columns[6] },
  }
end

--- Why the model says what it says: the way of one customer (a table of values by name) down the tree as text, a line a
-- question with the value that answers it. Of a frame: the frame with the column `explanation`.
-- print(model:explain { Contract = "Month-to-month", InternetService = "DSL", tenure = 2 })
function M.methods.explain(model, customer)
  local tree = reading.read(model)
  local frame = frames.of(customer)
  if not frame then
    if type(customer) == "table" then return reading.explain(tree, customer) end
    errors.raise {
      code = "E-ARGUMENT", verb = "explain",
      message = ("explain: got %s where a frame or a table of values by name is wanted"):format(
        customer == nil and "nil" or "a " .. type(customer)),
    }
  end
  local numbers, texts = {}, {}
  for row in customer:rows() do
    texts[#texts + 1] = reading.explain(tree, row)
    numbers[#texts] = #texts
  end
  local empty = #texts == 0
  if empty then numbers, texts = { 0 }, { "" } end
  local told = build.frame { { "explained row", numbers }, { "explanation", texts } }
  if empty then told = told:head(0) end
  return customer:row_index("explained row"):join(told, { on = "explained row" }):drop "explained row"
end

--- How much each input matters, as rpart reckons it: what its splits improve, and what the splits improve for which it
-- is a surrogate, by its adjusted agreement. Inputs that do neither are not there.
-- print(model:importance())
function M.methods.importance(model)
  local tree = reading.read(model)
  local sums, total = {}, 0
  local function add(input, amount)
    sums[input] = (sums[input] or 0) + amount
    total = total + amount
  end
  for _, node in ipairs(tree.nodes) do
    if node.left > 0 then
      local improvement = node.improvement * (tree.classes and 1 or node.risk)
      add(node.split.input, improvement)
      for _, split in ipairs(node.surrogates) do add(split.input, improvement * split.adjusted) end
    end
  end
  local order, columns = {}, { {}, {}, {} }
  for input in pairs(sums) do order[#order + 1] = input end
  table.sort(order, function(a, b)
    if sums[a] ~= sums[b] then return sums[a] > sums[b] end
    return a < b
  end)
  for i, input in ipairs(order) do
    columns[1][i], columns[2][i], columns[3][i] = tree.inputs[input].name, sums[input], sums[input] / total
  end
  local none = #order == 0
  if none then columns = { { "" }, { 0.5 }, { 0.5 } } end -- types of a frame without rows
  local frame = build.frame { { "input", columns[1] }, { "importance", columns[2] }, { "share", columns[3] } }
  return none and frame:head(0) or frame
end

-- ---- pruning ----

-- The cp that a word stands for: that of the least error, or of the smallest tree within one standard error of it.
local function cp_of(model, word)
  local cps, errs, stds = model.parts.cp:column "cp", model.parts.cp:column("xerror", false),
    model.parts.cp:column("xstd", false)
  if not errs[1] then
    errors.raise {
      code = "E-ARGUMENT", verb = "prune", message = ("prune: '%s' needs errors by cross-validation"):format(word),
      hint = "learn the tree with folds = 10, or give a number",
    }
  end
  local best = 1
  for i = 2, #cps do
    if errs[i] < errs[best] then best = i end
  end
  if word == "min" then return cps[best] end
  for i = 1, #cps do
    if errs[i] <= errs[best] + stds[best] then return cps[i] end
  end
end

-- The nodes that stay, as columns of a frame: links as they are then, and whether a node still has children.
local function pruned_nodes(model, cp)
  local nodes = model.parts.nodes
  local number, left, right = nodes:column "node", nodes:column "left", nodes:column "right"
  local complexity, parent = nodes:column("complexity", false), nodes:column("parent", 0)
  local place, stays, inner = {}, {}, {}
  for i = 1, #left do
    if i == 1 or inner[parent[i]] then
      stays[#stays + 1] = i
      place[i] = #stays
      inner[i] = left[i] > 0 and complexity[i] > cp
    end
  end
  local links = { node = {}, left = {}, right = {}, parent = {}, inner_ = {} }
  for k, i in ipairs(stays) do
    links.node[k], links.inner_[k] = number[i], inner[i]
    links.left[k], links.right[k] = inner[i] and place[left[i]] or 0, inner[i] and place[right[i]] or 0
    links.parent[k] = i > 1 and place[parent[i]] or 0
  end
  return build.frame {
    { "node", links.node }, { "left", links.left }, { "right", links.right }, { "parent", links.parent },
    { "inner_", links.inner_ },
  }
end

-- The part as it is left: what is told of inner nodes only is taken from those that are none any more.
local function nodes_part(model, links)
  return model.parts.nodes:drop("left", "right", "parent"):join(links, { on = "node" }):with_columns(
    "complexity = case when inner_ then complexity end", "cut = case when inner_ then cut end",
    "improvement = case when inner_ then improvement end", "sides = case when inner_ then sides end",
    "input = case when inner_ then input else 0 end", "swapped = case when inner_ then swapped else 0 end",
    "most_left = case when inner_ then most_left else 0 end"):drop "inner_"
end

local function steps_part(model, cp)
  local part = model.parts.cp
  local cps = part:column "cp"
  local count = #cps
  for i = #cps, 1, -1 do
    if cps[i] <= cp then count = i end
  end
  part = part:head(count)
  if cps[count] >= cp then return part end
  return part:with_columns("cp = case when cp < @cp then @cp else cp end", { cp = cp })
end

--- A smaller tree: without the splits whose complexity is not above cp. "min" is the cp of the least error by
-- cross-validation, "1se" that of the smallest tree whose error is within one standard error of the least.
-- print(model:prune(0.02))
function M.methods.prune(model, cp)
  if cp == "min" or cp == "1se" then cp = cp_of(model, cp) end
  if type(cp) ~= "number" or cp ~= cp or cp < 0 then
    errors.raise {
      code = "E-ARGUMENT", verb = "prune",
      message = ("prune: got %s; a number from 0 on, 'min' or '1se' wanted"):format(
        type(cp) == "number" and tostring(cp) or type(cp) == "string" and ("'%s'"):format(cp) or "a " .. type(cp)),
    }
  end
  local links = pruned_nodes(model, cp)
  local parts = {
    nodes = nodes_part(model, links), cp = steps_part(model, cp),
    inputs = model.parts.inputs, facts = model.parts.facts,
    shares = model.parts.shares:join(links:select "node", { on = "node", how = "semi" }),
    splits = model.parts.splits:join(links:filter("inner_"):select "node", { on = "node", how = "semi" }),
  }
  local list = {}
  for i, name in ipairs(model.order) do list[i] = parts[name] end
  return require("moonsift.model").new("tree", table.concat(model.order, " "), unpack(list))
end

-- ---- as programs ----

--- The tree as the source of a Lua function of a row (a table of values by name): it gives the prediction, and for
-- classes the probability as predict does. `loadstring(text)()` is the function.
-- print(model:to_lua())
function M.methods.to_lua(model) return written.lua(reading.read(model)) end

--- The tree as an expression of SQL: of two classes the probability of the event, else the prediction. Option
-- value = "prediction": the class. Missing values and levels that the tree has not seen go where predict sends them.
-- print("select customer_id, " .. model:to_sql() .. " as churn from customers")
function M.methods.to_sql(model, options) return written.sql(reading.read(model), options) end

-- ---- print ----

local number = reading.number

local function steps_lines(model, lines)
  local part = model.parts.cp
  local count = part:nrow()
  if count < 2 then return end
  local cp, splits, err = part:column "cp", part:column "splits", part:column "error"
  local xerror, xstd = part:column("xerror", false), part:column("xstd", false)
  lines[#lines + 1] = ""
  lines[#lines + 1] = "      cp  splits   error" .. (xerror[1] and "  by folds  deviation" or "")
  for i = 1, count do
    if count > 12 and i == 7 then lines[#lines + 1] = ("     …  (%d more: model.cp)"):format(count - 11) end
    if count <= 12 or i < 7 or i > count - 5 then
      lines[#lines + 1] = ("%8.5f %7d %7.4f"):format(cp[i], splits[i], err[i]) ..
        (xerror[i] and ("  %8.4f   %8.4f"):format(xerror[i], xstd[i]) or "")
    end
  end
end

local function outcome(tree, at)
  local node = tree.nodes[at]
  if not tree.classes then return number(node.prediction) end
  local class = node.prediction + 1
  return ("%s %.1f%%"):format(tree.classes[class], 100 * node.shares[class])
end

local LINES = 60

function M.show(model)
  local tree = reading.read(model)
  local lines = { ("tree of %s, learned from %d rows"):format(tree.target.name, model:fact "rows") }
  local left_out = 0
  local function add(at, depth)
    local node = tree.nodes[at]
    if #lines > LINES then
      left_out = left_out + 1
    else
      local text = reading.clause(tree, at)
      local tail = (": %d rows, %s%s"):format(node.rows, outcome(tree, at), node.left == 0 and " *" or "")
      local indent = 2 * math.min(depth, 15)
      lines[#lines + 1] = (" "):rep(indent) .. reading.shorten(text, 80 - indent - #tail) .. tail
    end
    if node.left == 0 then return end
    add(node.left, depth + 1)
    add(node.right, depth + 1)
  end
  add(1, 0)
  if left_out > 0 then lines[#lines + 1] = ("and %d nodes more: model:prune(cp), model:rules()"):format(left_out) end
  steps_lines(model, lines)
  return table.concat(lines, "\n")
end

return M
