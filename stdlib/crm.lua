-- The modules about customers, read when they are first named: ms.crm.rfm, …
return setmetatable({}, { __index = function(modules, name)
  local module = require("moonsift.crm." .. name)
  rawset(modules, name, module)
  return module
end })
