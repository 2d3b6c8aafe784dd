-- Lazy frames (first form).
local databases = require "moonsift.ffi.database"
local M = {}
function M.is() return false end
function M.table(database, name, given) return databases.read(database, name, given) end
return M
