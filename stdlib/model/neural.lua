-- Neural nets: how they print.
local regression = require "moonsift.model.regression"

local M = {}

-- The inputs by the sum of their absolute weights into the hidden layer: those that the net looks at most.
local function by_weight(model)
  local layers, from, weights = model.weights:column "layer", model.weights:column "from", model.weights:column "weight"
  local sums, list = {}, {}
  for i = 1, #weights do
    if layers[i] == 1 and from[i] ~= "(bias)" then
      if not sums[from[i]] then list[#list + 1] = from[i] end
      sums[from[i]] = (sums[from[i]] or 0) + math.abs(weights[i])
    end
  end
  local order = {}
  for i, name in ipairs(list) do order[name] = i end
  table.sort(list, function(a, b)
    if sums[a] ~= sums[b] then return sums[a] > sums[b] end
    return order[a] < order[b]
  end)
  return list
end

function M.show(model)
  local s, target = regression.significant, model:inputs_of("target")[1]
  local inputs, classes = by_weight(model), #target.levels
  local lines = { regression.wrap(("neural net of %s, learned from %d rows"):format(
    classes == 2 and regression.target_of(model) or target.name, model:fact "rows")) }
  lines[2] = ("%d inputs, %d hidden units, %s: %d weights"):format(#inputs, model:fact "size",
    classes > 2 and classes .. " classes" or classes == 2 and "a probability" or "a number", model:fact "weights")
  lines[3] = regression.wrap("largest weights: " .. table.concat(inputs, ", ", 1, math.min(8, #inputs)))
  lines[4] = ("value %s with decay %g, after %d steps of start %d%s"):format(s(model:fact "value", 6),
    model:fact "decay", model:fact "iterations", model:fact "start",
    model:fact "converged" == 1 and "" or " (no end reached)")
  local held = model:fact "validation_loss"
  if held then lines[5] = "loss of the rows held out: " .. s(held, 6) end
  return table.concat(lines, "\n")
end

return M
