-- Generalised linear models: how they print.
local regression = require "moonsift.model.regression"

local M = { methods = regression.methods }

function M.show(model)
  local family, link = model:fact "family", model:fact "link"
  local dispersed = family == "gaussian" or family == "gamma"
  local lines = { regression.wrap(("%s model of %s (link %s), learned from %d rows"):format(
    family, regression.target_of(model), link, model:fact "rows")), "" }
  local ratio = (link == "log" or link == "logit") and
    { "ratio", regression.ratio } or nil
  for _, line in ipairs(regression.table_of(model.terms, dispersed and "t" or "z", ratio)) do
    lines[#lines + 1] = line
  end
  lines[#lines + 1] = ""
  for _, line in ipairs(regression.footer(model)) do lines[#lines + 1] = line end
  if dispersed then
    lines[#lines + 1] = "dispersion " .. regression.significant(model:fact "dispersion", 5)
  end
  return table.concat(lines, "\n")
end

return M
