-- Row functions: plain Lua functions over the rows of a frame.
local M={}
function M.standard() end
function M.notes() return {} end
return M
