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
