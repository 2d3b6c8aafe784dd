-- Random forests: how they print.
local build = require "moonsift.ffi.build"
local ensemble_written = require "moonsift.model.ensemble_written"

local M = { methods = {} }

--- How much each input was used: the part `importance`, the most important first.
-- print(model:ranking())
function M.methods.ranking(model)
  return model.parts.importance:sort "-impurity"
end

-- Names of the levels of each categorical input.
local function levels_of(model)
  local levels = {}
  for _, input in ipairs(model:inputs_of "input") do levels[input.name] = input.levels end
  return levels
end

-- What is known of an input on a way: numbers between two ends, or a set of levels.
local function narrowed(known, name, condition)
  local copy = {}
  for key, value in pairs(known) do copy[key] = value end
  copy[#copy + 1] = not known[name] and name or nil
  copy[name] = condition
  return copy
end

local function number_text(x) return ("%.6g"):format(x) end

local function condition_text(name, condition)
  if condition.levels then
    local names = {}
    for _, level in ipairs(condition.order) do
      if condition.levels[level] then names[#names + 1] = level end
    end
    return ("%s is %s"):format(name, table.concat(names, " or "))
  end
  if condition.low and condition.high then
    return ("%s over %s up to %s"):format(name, number_text(condition.low), number_text(condition.high))
  end
  return condition.low and ("%s over %s"):format(name, number_text(condition.low))
    or ("%s up to %s"):format(name, number_text(condition.high))
end

local function rule_text(known)
  local parts = {}
  for i, name in ipairs(known) do parts[i] = condition_text(name, known[name]) end
  return #parts > 0 and table.concat(parts, ", ") or "everyone"
end

-- What a split adds to what is known, on the left and on the right.
local function split_of(tree, i, known, levels)
  local name = tree.input[i]
  local before = known[name] or {}
  if not tree.levels[i] then
    return narrowed(known, name, { low = before.low, high = tree.threshold[i] }),
      narrowed(known, name, { low = tree.threshold[i], high = before.high })
  end
  local sides = { { levels = {}, order = levels[name] }, { levels = {}, order = levels[name] } }
  local goes = {}
  for number in tree.levels[i]:gmatch "%d+" do goes[tonumber(number)] = true end
  for k, level in ipairs(levels[name]) do
    if not before.levels or before.levels[level] then sides[goes[k] and 1 or 2].levels[level] = true end
  end
  return narrowed(known, name, sides[1]), narrowed(known, name, sides[2])
end

--- The leaves of one tree (number 1 unless `tree` says another) as rules: a row a leaf with rule, rows and value (the
-- share of the event, or the mean), the largest value first. For numbers and two classes.
-- print(ms.forest(visitors, { target = "bought", trees = 1, replace = false, max_depth = 2 }):rules())
function M.methods.rules(model, options)
  local part = model.parts.trees:filter("tree == @tree", { tree = options and options.tree or 1 })
  local levels = levels_of(model)
  local tree = {}
  for _, name in ipairs { "input", "threshold", "levels", "left", "right", "rows", "value" } do
    tree[name] = part:column(name, false)
  end
  local found = { {}, {}, {} }
  local function descend(i, known)
    if tree.input[i] then
      local left, right = split_of(tree, i, known, levels)
      descend(tree.left[i], left)
      return descend(tree.right[i], right)
    end
    local n = #found[1] + 1
    found[1][n], found[2][n], found[3][n] = rule_text(known), tree.rows[i], tree.value[i]
  end
  if part:nrow() > 0 then descend(1, {}) end
  return build.frame({ { "rule", found[1] }, { "rows", found[2] }, { "value", found[3] } }):sort "-value"
end

local function shorten(text, width)
  return #text <= width and text or text:sub(1, width - 1) .. "…"
end

--- The model as Lua source: a chunk that returns a function of a row (a table by column), which gives the prediction
-- and, of classes, its probability; the same bits as predict.
-- local score = assert(loadstring(model:to_lua()))()
function M.methods.to_lua(model) return ensemble_written.lua(model) end

--- The model as an expression of SQL: the prediction, or of two classes the event's probability (value = "prediction":
-- the class); of more, `class` names one.
-- print(model:to_sql())
function M.methods.to_sql(model, options) return ensemble_written.sql(model, options) end

function M.show(model)
  local target = model:inputs_of("target")[1]
  local classes = #target.levels > 0
  local lines = {
    ("random forest of %s, learned from %d rows%s"):format(target.name, model:fact "rows",
      #target.levels == 2 and ("; the event is %s"):format(target.levels[2]) or ""),
    ("%d trees, %d nodes; %d columns tried at a split, %d rows at least in a leaf"):format(model:fact "trees",
      model.parts.trees:nrow(), model:fact "mtry", model:fact "min_leaf"),
  }
  local error = model:fact "out_of_bag_error"
  if error and classes then
    lines[3] = ("out of bag: %.2f %% of %d rows in the wrong class"):format(error * 100, model:fact "out_of_bag_rows")
  elseif error then
    lines[3] = ("out of bag: root mean squared error %.5g, R² %.4f, on %d rows"):format(math.sqrt(error),
      model:fact "out_of_bag_r_squared" or 0, model:fact "out_of_bag_rows")
  end
  local ranked = M.methods.ranking(model)
  local names, falls, splits = ranked:column "input", ranked:column "impurity", ranked:column "splits"
  local worse, total = ranked:column("permutation", false), 0
  for i = 1, #falls do total = total + falls[i] end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "input                    impurity   splits" .. (worse[1] and "  shuffled" or "")
  for i = 1, math.min(10, #names) do
    local share = total > 0 and falls[i] / total or 0
    lines[#lines + 1] = (("%-24s %6.1f %% %8d%s  %s"):format(shorten(names[i], 24), share * 100, splits[i],
      worse[i] and ("  %8.4f"):format(worse[i]) or "", ("█"):rep(math.floor(share * 24 + 0.5)))):gsub("%s+$", "")
  end
  if #names > 10 then lines[#lines + 1] = ("and %d more: model:ranking()"):format(#names - 10) end
  return table.concat(lines, "\n")
end

return M
