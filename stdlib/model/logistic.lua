-- Logistic regression: how it prints.
local regression = require "moonsift.model.regression"

local M = { methods = regression.methods }

function M.show(model)
  local lines = { regression.wrap(("logistic regression of %s, learned from %d rows"):format(
    regression.target_of(model), model:fact "rows")), "" }
  for _, line in ipairs(regression.table_of(model.terms, "z", { "odds", regression.ratio })) do
    lines[#lines + 1] = line
  end
  lines[#lines + 1] = ""
  for _, line in ipairs(regression.footer(model)) do lines[#lines + 1] = line end
  return table.concat(lines, "\n")
end

return M
