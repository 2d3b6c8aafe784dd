-- Models of kmeans: how they print.
local cluster = require "moonsift.model.cluster"

local M = { methods = {}, prepare = cluster.prepare }
for name, method in pairs(cluster.methods) do M.methods[name] = method end

function M.show(model)
  local within, total = model:fact "within", model:fact "total"
  local settled = model:fact "settled" == 1
  local centres = model.centres
  local lines = {
    ("kmeans: %d clusters of %s rows"):format(centres:nrow(), cluster.whole(model:fact "rows")),
    cluster.listed("inputs: ", cluster.names(model)),
    ("scale: %s; %.1f %% of the sum of squares lies between the clusters"):format(model:fact "scale",
      total > 0 and 100 * (1 - within / total) or 0),
    ("%s after %d iterations"):format(settled and "settled" or "not settled", model:fact "iterations"),
  }
  return table.concat(lines, "\n") .. "\n" .. tostring(centres)
end

return M
