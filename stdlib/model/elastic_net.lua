-- Elastic nets: how they print.
local regression = require "moonsift.model.regression"

local M = { methods = regression.methods }

function M.show(model)
  local s, used = regression.significant, model.terms:filter "estimate ~= 0 or input is null"
  local family = model:fact "family" == "binomial" and "logistic" or "linear"
  local lines = { regression.wrap(("elastic net (%s) of %s, learned from %d rows"):format(
    family, regression.target_of(model), model:fact "rows")), "" }
  for _, line in ipairs(regression.table_of(used)) do lines[#lines + 1] = line end
  local left = model.terms:nrow() - used:nrow()
  lines[#lines + 1] = ("%d of %d terms are left out"):format(left, model.terms:nrow() - 1)
  lines[#lines + 1] = ""
  lines[#lines + 1] = ("alpha %g, lambda %s: %.1f %% of the deviance explained"):format(model:fact "alpha",
    s(model:fact "lambda", 4), 100 * (model:fact "explained_deviance" or 0))
  local minimum = model:fact "lambda_minimum"
  if minimum then
    lines[#lines + 1] = ("%d folds: least error at lambda %s, within one standard error up to %s"):format(
      model:fact "folds", s(minimum, 4), s(model:fact "lambda_one_error", 4))
  end
  return table.concat(lines, "\n")
end

return M
