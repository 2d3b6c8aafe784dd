-- Models of pca: how they print.
local cluster = require "moonsift.model.cluster"

local M = { methods = {} }

--- The frame with each row's scores, component_1, component_2, …: the same as predict.
-- print(model:scores(customers))
function M.methods.scores(model, frame) return model:predict(frame) end

function M.show(model)
  local cumulative = model.deviations:column "cumulative"
  return table.concat({
    ("pca: %d components of %d columns hold %.1f %% of the variance; %s rows"):format(model:fact "components",
      model.loadings:nrow(), 100 * cumulative[#cumulative], cluster.whole(model:fact "rows")),
    tostring(model.deviations), tostring(model.loadings) }, "\n")
end

return M
