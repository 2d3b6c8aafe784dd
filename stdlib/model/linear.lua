-- Linear regression: how it prints.
local regression = require "moonsift.model.regression"

local M = { methods = regression.methods }

function M.show(model)
  local s = regression.significant
  local lines = { regression.wrap(("linear regression of %s, learned from %d rows"):format(
    regression.target_of(model), model:fact "rows")), "" }
  for _, line in ipairs(regression.table_of(model.terms, "t")) do lines[#lines + 1] = line end
  lines[#lines + 1] = ""
  lines[#lines + 1] = ("R² %.4f (adjusted %.4f), residual error %s on %d degrees of freedom"):format(
    model:fact "r_squared" or 0, model:fact "adjusted_r_squared" or 0, s(model:fact "residual_error", 5),
    model:fact "degrees_of_freedom")
  local f = model:fact "f_statistic"
  if f then
    local p = model:fact "f_p_value"
    lines[#lines + 1] = ("F %s, p %s; AIC %s"):format(s(f, 5), p < 0.0001 and "<0.0001" or ("%.4f"):format(p),
      s(model:fact "aic", 6))
  elseif (model:fact "l2" or 0) > 0 then
    lines[#lines + 1] = ("penalty l2 = %s: no errors and tests"):format(s(model:fact "l2", 3))
  end
  return table.concat(lines, "\n")
end

return M
