-- The ways to say how a model is made, where models are made many times: a function of the rows, or a learner's name.
local binder = require "moonsift.ffi.binder"

local M = {}

--- A function of a frame that makes a model. fit: such a function, or the name of a learner, called with `options`.
-- fail: raises, with a message and a hint; example: how it is to be written.
function M.of(fit, options, fail, example)
  if type(fit) == "function" then return fit end
  if type(fit) ~= "string" or not (binder.by_name[fit] and binder.by_name[fit].parts) then
    fail(fit == nil and "fit is wanted" or "fit is no function and no learner",
      ("fit = %s, or the name of a learner"):format(example))
  end
  return function(rows) return binder.of(fit)(rows, options) end
end

return M
