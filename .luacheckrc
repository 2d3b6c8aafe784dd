-- luacheck: LuaJIT is the only Lua; no globals anywhere.
std = "luajit"
max_line_length = 110
max_cyclomatic_complexity = 25
self = false
exclude_files = { "build" }
files["stdlib/ffi"] = {}
files["tests/luacheck"] = {}
