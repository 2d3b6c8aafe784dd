-- Models of mixture: how they print.
local cluster = require "moonsift.model.cluster"

local own = cluster.methods
local M = { methods = { assign = own.assign, profile = own.profile, matched = own.matched } }

function M.show(model)
  return table.concat({
    ("mixture: %d %s components of %s rows, scale %s"):format(model:fact "k", model:fact "covariance",
      cluster.whole(model:fact "rows"), model:fact "scale"),
    cluster.listed("inputs: ", cluster.names(model)),
    ("log-likelihood %.2f, BIC %.2f, AIC %.2f"):format(model:fact "likelihood", model:fact "bic", model:fact "aic"),
    ("%s after %d iterations"):format(model:fact "settled" == 1 and "settled" or "not settled",
      model:fact "iterations"),
  }, "\n") .. "\n" .. tostring(model.components)
end

return M
