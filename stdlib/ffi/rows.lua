local M={}
function M.standard() end
function M.notes() return {} end
return M
