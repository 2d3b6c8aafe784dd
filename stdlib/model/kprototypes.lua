-- Models of kprototypes: how they print.
local cluster = require "moonsift.model.cluster"

local own = cluster.methods
local M = { methods = { assign = own.assign, profile = own.profile, matched = own.matched } }

function M.show(model)
  return table.concat({
    ("kprototypes: %d clusters of %s rows, scale %s"):format(model:fact "k", cluster.whole(model:fact "rows"),
      model:fact "scale"),
    cluster.listed("inputs: ", cluster.names(model)),
    ("a differing category counts %.4g; %s after %d iterations"):format(model:fact "gamma",
      model:fact "settled" == 1 and "settled" or "not settled", model:fact "iterations"),
  }, "\n") .. "\n" .. tostring(model.prototypes)
end

return M
