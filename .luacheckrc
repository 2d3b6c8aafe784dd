-- luacheck: LuaJIT is the only Lua; no globals anywhere.
std = "luajit"
max_line_length = 120
max_string_line_length = 160
max_comment_line_length = 120
self = false
exclude_files = { "build" }
