-- What the structure tests check, as functions over a table path → text, so that the tests can plant
-- faults and see them found. Each gives a list of "path:line: what is wrong".
local M = {}

--- All files of the project that git knows (or would take up), path → text.
function M.project_files()
  local files = {}
  local pipe = assert(io.popen("git ls-files --cached --others --exclude-standard 2>/dev/null || true"))
  local names = pipe:read("*a")
  pipe:close()
  if names == "" then -- not a git checkout
    pipe = assert(io.popen("find . -type f -not -path './build/*' -not -path './.git/*' | cut -c3-"))
    names = pipe:read("*a")
    pipe:close()
  end
  for path in names:gmatch("[^\n]+") do
    local file = io.open(path, "rb")
    if file then
      files[path] = file:read("*a")
      file:close()
    end
  end
  return files
end

-- Paths in the order of the alphabet, those that a pattern matches.
local function paths_of(files, pattern)
  local paths = {}
  for path in pairs(files) do
    if path:find(pattern) then paths[#paths + 1] = path end
  end
  table.sort(paths)
  return paths
end

local function lines_of(text)
  local lines = {}
  for line in (text:sub(-1) == "\n" and text or text .. "\n"):gmatch("(.-)\n") do lines[#lines + 1] = line end
  return lines
end

-- Comments and the insides of texts go, line breaks stay: what is left is code.
local function code_of(text)
  local out, i = {}, 1
  while i <= #text do
    local two = text:sub(i, i + 1)
    local c = two:sub(1, 1)
    local stop
    if two == "/*" then
      stop = select(2, text:find("*/", i + 2, true)) or #text
      out[#out + 1] = text:sub(i, stop):gsub("[^\n]", " ")
    elseif two == "//" then
      stop = (text:find("\n", i, true) or #text + 1) - 1
    elseif c == '"' or c == "'" then
      stop = i + 1
      while stop <= #text and text:sub(stop, stop) ~= c do
        stop = stop + (text:sub(stop, stop) == "\\" and 2 or 1)
      end
      out[#out + 1] = c .. c
    else
      stop = (text:find("[/\"']", i + 1) or #text + 1) - 1
      out[#out + 1] = text:sub(i, stop)
    end
    i = stop + 1
  end
  return table.concat(out)
end
M.code_of = code_of

-- ---- layers --------------------------------------------------------------------------------------

-- A folder may use itself and those above it. The longest prefix counts.
local layers = {
  "core/api.h", "core/base/", "core/frame/", "core/expr/", "core/kernels/", "core/kernels/relational/",
  "core/kernels/stats/", "core/kernels/mining/", "core/io/", "core/lua/", "core/runtime/", "core/main.c",
}

local function layer(path)
  local rank, length = nil, 0
  for i, prefix in ipairs(layers) do
    if path:sub(1, #prefix) == prefix and #prefix > length then rank, length = i, #prefix end
  end
  return rank
end
local lua_layer = layer("core/lua/")

local function include_fault(path, included)
  local mine, theirs = layer(path), layer(included)
  if not mine then return "is in a folder that has no layer" end
  if not theirs then return "includes \"" .. included .. "\", which is not a path from core/ on" end
  if theirs > mine then return "includes " .. included .. ", which is below it" end
  if path:find("^core/kernels/mining/") and included:find("^core/kernels/mining/")
    and not included:find("^core/kernels/mining/common/") then
    local noun = path:match("([^/]*)%.[%w.]+$")
    local folder = path:match("^core/kernels/mining/[^/]+/")
    local own = folder and included:sub(1, #folder) == folder
    if not own and included:match("([^/]*)%.[%w.]+$") ~= noun then
      return "includes another mining file: what two share stands in mining/common/"
    end
  end
end

local function system_fault(path, header)
  if header:find("^luajit") or header:find("^lua[%w]*%.h") or header:find("^lauxlib") then
    if layer(path) < lua_layer then return "includes " .. header .. "; Lua begins at core/lua" end
  elseif header == "sqlite3.h" and not path:find("^core/io/sqlite") then
    return "includes sqlite3.h; SQLite is for core/io/sqlite*"
  elseif header == "csv.h" and not path:find("^core/io/") then
    return "includes csv.h; files are read in core/io"
  end
end

-- The plain values that both sides of the FFI border speak of. They stand on nothing but each other.
local plain = { errors = true, null = true, value = true, host = true, sandbox = true }

local function is_plain(module)
  return plain[module:match("^moonsift%.([%w_]+)$") or ""]
end

local function lua_fault(path, required)
  local tests = path:find("^tests/")
  if required == "ffi" and not path:find("^stdlib/ffi/") and not tests then
    return "requires ffi; pointers are for stdlib/ffi"
  end
  if path:find("^scripts/") or path:find("^examples/") then
    if required:find("^moonsift%.ffi") then return "requires " .. required .. ", an inner part" end
    if required ~= "moonsift" and not required:find("^moonsift%.") then
      return "requires " .. required .. "; scripts stand on moonsift alone"
    end
  elseif path:find("^stdlib/ffi/") and required:find("^moonsift") and not required:find("^moonsift%.ffi%.")
    and not is_plain(required) then
    return "requires " .. required .. ", which is below stdlib/ffi"
  elseif plain[path:match("^stdlib/([%w_]+)%.lua$") or ""] and required:find("^moonsift")
    and not is_plain(required) then
    return "requires " .. required .. ", but is one of the plain values above stdlib/ffi"
  end
end

--- Includes and requires that break the order of the folders.
function M.layer_faults(files)
  local faults = {}
  local function note(path, number, what)
    if what then faults[#faults + 1] = ("%s:%d: %s"):format(path, number, what) end
  end
  for _, path in ipairs(paths_of(files, "^core/.*%.[chd][ef]?f?$")) do
    for number, line in ipairs(lines_of(files[path])) do
      local quoted, angled = line:match('^%s*#%s*include%s*"([^"]+)"'), line:match("^%s*#%s*include%s*<([^>]+)>")
      if quoted then note(path, number, include_fault(path, quoted)) end
      if angled then note(path, number, system_fault(path, angled)) end
    end
  end
  for _, path in ipairs(paths_of(files, "%.lua$")) do
    for number, line in ipairs(lines_of(files[path])) do
      local code = line:gsub("^%s*%-%-.*", "")
      for required in code:gmatch("require%s*%(?%s*[\"']([%w_./-]+)[\"']") do
        note(path, number, lua_fault(path, required))
      end
    end
  end
  return faults
end

-- ---- sizes ---------------------------------------------------------------------------------------

local function parameters(signature)
  local inner = signature:match("%((.*)%)")
  if not inner or inner:match("^%s*$") or inner:match("^%s*void%s*$") then return 0 end
  inner = inner:gsub("%b()", ""):gsub("%b{}", "")
  return select(2, inner:gsub(",", "")) + 1
end

-- A definition or prototype at the left margin: "type name(parameters) {" or ";", on one line or more.
local function signature_at(lines, i)
  local line = lines[i]
  if not line:find("^[%a_]") or not line:find("(", 1, true) then return end
  if line:find("^typedef") or line:find("^#") or line:find("^else") then return end
  local text, last = line, i
  while not text:find("[{;]%s*$") and not text:find("}%s*$") and last < i + 12 and lines[last + 1] do
    last = last + 1
    text = text .. " " .. lines[last]
  end
  local before = text:match("^([^(]*)%(") or ""
  if before:find("=", 1, true) then return end
  return text, last, before:match("([%w_]+)%s*$")
end

local function c_functions(text, visit)
  local lines = lines_of(code_of(text))
  local i = 1
  while i <= #lines do
    local signature, last, name = signature_at(lines, i)
    if signature and name then
      local stop = last
      if signature:find("{%s*$") then
        while lines[stop] and not lines[stop]:find("^}") do stop = stop + 1 end
      end
      local arguments = signature:match("^[^(]*(%b())") or "()"
      visit(name, i, stop - i + 1, parameters(arguments), signature:find("[{}]%s*$") ~= nil)
      i = stop + 1
    else
      i = i + 1
    end
  end
end
M.c_functions = c_functions

local function lua_functions(text, visit)
  local lines = lines_of(text)
  for i, line in ipairs(lines) do
    local indent, rest = line:match("^(%s*)(.*)$")
    local name, arguments = rest:match("^local%s+function%s+([%w_]+)%s*(%b())")
    if not name then name, arguments = rest:match("^function%s+([%w_.:]+)%s*(%b())") end
    if not name then name, arguments = rest:match("^([%w_.]+)%s*=%s*function%s*(%b())") end
    if name then
      local stop = i
      if not rest:find("%f[%w]end%f[%W]%s*,?$") then
        while lines[stop + 1] and not lines[stop + 1]:find("^" .. indent .. "end%f[%W]") do stop = stop + 1 end
        stop = stop + 1
      end
      visit(name, i, stop - i + 1, parameters(arguments), true)
    end
  end
end

local hard = { file = 450, lines = 60, parameters = 5 }

--- Files, functions and parameter lists beyond the limits. `excused`: "path" or "path:function" → reason.
function M.size_faults(files, excused)
  local faults = {}
  local used = {}
  local function note(key, text)
    if excused[key] then
      used[key] = true
    else
      faults[#faults + 1] = text
    end
  end
  local function scan(path, functions)
    local count = #lines_of(files[path])
    if count > hard.file then note(path, ("%s:1: %d lines; at most %d"):format(path, count, hard.file)) end
    functions(files[path], function(name, line, length, params)
      local key = path .. ":" .. name
      if length > hard.lines then
        note(key, ("%s:%d: %s has %d lines; at most %d"):format(path, line, name, length, hard.lines))
      end
      if params > hard.parameters then
        note(key, ("%s:%d: %s takes %d parameters; at most %d"):format(path, line, name, params, hard.parameters))
      end
    end)
  end
  for _, path in ipairs(paths_of(files, "^[cte][oex].*%.[ch]$")) do scan(path, c_functions) end
  for _, path in ipairs(paths_of(files, "%.lua$")) do
    if not path:find("^stdlib/doc/") then scan(path, lua_functions) end
  end
  for key in pairs(excused) do
    if not used[key] then faults[#faults + 1] = key .. ": is excused without need" end
  end
  table.sort(faults)
  return faults
end

-- ---- manners -------------------------------------------------------------------------------------

local openings = { c = "^/%*", h = "^/%*", def = "^/%*", lua = "^%-%-", sh = "^#!", cmake = "^#" }
local unfinished = { "TO" .. "DO", "FIX" .. "ME", "XX" .. "X" }
local machine = { "/ho" .. "me/", "/ro" .. "ot/", "/wo" .. "rk/", "/Us" .. "ers/" }

local takers = { "malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign", "strdup" }
local loud = { "printf", "puts", "exit", "abort", "perror" }

local function calls(line, names)
  for _, name in ipairs(names) do
    if line:find("%f[%w_]" .. name .. "%s*%(") then return name end
  end
end

-- Memory is asked for in core/base/memory.c and the cache of blocks beneath it alone; only what is above
-- core/lua prints or exits.
local function call_fault(path, line)
  local taker, noise = calls(line, takers), calls(line, loud)
  if taker and path ~= "core/base/memory.c" and path ~= "core/base/block_cache.c" then
    return "calls " .. taker .. "; memory comes from the context"
  end
  if noise and not (path:find("^core/runtime/") or path:find("^core/lua/") or path == "core/main.c") then
    return "calls " .. noise .. "; the core neither prints nor exits"
  end
  if path:find("^core/kernels/") and line:find("%f[%w_]free%s*%(") then
    return "calls free; a kernel's temporaries are scratch"
  end
end

--- Missing purpose comments, unfinished work, paths of one machine, calls that the core does not make.
function M.manner_faults(files)
  local faults = {}
  local function note(path, number, what) faults[#faults + 1] = ("%s:%d: %s"):format(path, number, what) end
  for _, path in ipairs(paths_of(files, ".")) do
    local text = files[path]
    local opening = openings[path:match("%.(%w+)$") or ""]
    if path:find("^stdlib/doc/") then opening = nil end -- a doc file is its own purpose
    if opening and not text:find(opening) then note(path, 1, "does not begin with its purpose") end
    if not text:find("%z") then
      for number, line in ipairs(lines_of(text)) do
        for _, word in ipairs(unfinished) do
          if line:find("%f[%w_]" .. word .. "%f[^%w_]") then note(path, number, "says " .. word) end
        end
        for _, prefix in ipairs(machine) do
          if line:find("%f[%w_/]" .. prefix, 1) then note(path, number, "names the path of a machine: " .. prefix) end
        end
      end
    end
  end
  for _, path in ipairs(paths_of(files, "^core/.*%.[ch]$")) do
    for number, line in ipairs(lines_of(code_of(files[path]))) do
      local fault = call_fault(path, line)
      if fault then note(path, number, fault) end
    end
  end
  return faults
end

-- ---- declared and defined ------------------------------------------------------------------------

--- Functions ms_* that a header declares and no C file defines.
function M.undefined_faults(files)
  local defined, faults = {}, {}
  for _, path in ipairs(paths_of(files, "^core/.*%.[ch]$")) do
    c_functions(files[path], function(name, _, _, _, body)
      if body then defined[name] = true end
    end)
  end
  for _, path in ipairs(paths_of(files, "^core/.*%.h$")) do
    c_functions(files[path], function(name, line, _, _, body)
      if not body and name:find("^ms_") and not defined[name] then
        faults[#faults + 1] = ("%s:%d: %s is declared and nowhere defined"):format(path, line, name)
      end
    end)
  end
  return faults
end

return M
