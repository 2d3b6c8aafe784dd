-- The test runner.
local M = {}
return M
