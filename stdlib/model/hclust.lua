-- Models of hclust: how they print, and the cut.
local cluster = require "moonsift.model.cluster"

local M = { methods = {} }

--- The frame that the tree was made of with the column `cluster`: cut into k clusters, or at a height. Clusters are
-- numbered by their first rows.
-- print(model:cut(customers, { k = 4 }))
function M.methods.cut(model, frame, options) return model:predict(frame, options) end

--- What is over- and under-represented in each cluster, as for kmeans. Options: k or height; columns, shown.
-- print(select(2, model:profile(customers, { k = 4 })))
function M.methods.profile(model, frame, options)
  local cut, rest = {}, {}
  for name, value in pairs(options or {}) do
    local to = (name == "k" or name == "height") and cut or rest
    to[name] = value
  end
  return require("moonsift.model.profile").profile(cluster.with_cluster(model, frame, cut), rest)
end

function M.show(model)
  return table.concat({
    ("hclust: a tree of %s rows, %s, scale %s"):format(cluster.whole(model:fact "rows"), model:fact "method",
      model:fact "scale"),
    cluster.listed("inputs: ", cluster.names(model)),
    "the last joins; model:cut(frame, { k = … }) gives clusters",
  }, "\n") .. "\n" .. tostring(model.merges:tail(10))
end

return M
