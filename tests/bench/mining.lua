-- mining.lua DATA_DIR: learning, over labels.csv (20 numbers and a class of 0 and 1) and points.csv (8 numbers).
-- The check of each task is the figure that judges the model.
local ms = require "moonsift"
local timing = dofile("tests/bench/timing.lua")

local directory = (arg and arg[1]) or "/tmp/peers-data"
ms.threads(2)
local labels = ms.read_csv(directory .. "/labels.csv")

timing.task("mining.bayes", function() return ms.bayes(labels, { target = "y" }) end, function(model)
  local right = model:predict(labels):filter("prediction == y"):nrow()
  return right / labels:nrow()
end)

local points = ms.read_csv(directory .. "/points.csv")
timing.task("mining.kmeans", function() return ms.kmeans(points, { centres = points:head(8), max_iterations = 20 }) end,
  function(model) return model:fact "within" end)

local inputs = labels:drop "y"
timing.task("mining.pca", function() return ms.pca(inputs, { components = 5 }) end, function(model)
  local sum = 0
  for _, deviation in ipairs(model.deviations:column "deviation") do sum = sum + deviation ^ 2 end
  return sum
end)
-- Half of labels.csv is learned from; the check is the area under the curve of the other half.
local half = math.floor(labels:nrow() / 2)
local first, second = labels:head(half), labels:tail(labels:nrow() - half)

local function area(frame)
  local y = frame:select("y", "probability"):sort("probability"):column "y"
  local ones, ranks = 0, 0
  for i = 1, #y do
    if y[i] == 1 then ones, ranks = ones + 1, ranks + i end
  end
  return (ranks - ones * (ones + 1) / 2) / (ones * (#y - ones))
end

timing.task("mining.boost", function()
  -- base_score = 0.5 is what XGBoost begins with.
  return ms.boost(first, { target = "y", objective = "logistic", trees = 100, learning_rate = 0.1, max_depth = 6,
    base_score = 0.5 })
end, function(model) return area(model:predict(second)) end)

timing.task("mining.linear", function() return ms.linear(labels, { target = "y" }) end,
  function(model) return model:fact "r_squared" end)

-- The penalty of scikit-learn's C = 1; the check is the log loss.
timing.task("mining.logistic", function() return ms.logistic(labels, { target = "y", l2 = 1 }) end,
  function(model) return model:fact "deviance" / (2 * labels:nrow()) end)

timing.task("mining.forest", function()
  return ms.forest(labels:head(100000), { target = "y", event = "1", trees = 100, min_leaf = 5 })
end, function(model) return area(model:predict(second)) end, 1)

timing.task("mining.tree", function()
  return ms.tree(first, { target = "y", event = "1", maxdepth = 8, minbucket = 100, minsplit = 200, cp = 0 })
end, function(model) return area(model:predict(second)) end, 1)
