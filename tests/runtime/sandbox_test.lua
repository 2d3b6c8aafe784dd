-- What scripts cannot do.
local test = require "moonsift.test"

-- Each is run as a script; it must print "safe".
local attacks = {
  ["the FFI cannot be required"] = [[print(pcall(require, "ffi") and "out" or "safe")]],
  ["the library's own side of the FFI cannot be required"] =
    [[print(pcall(require, "moonsift.ffi.library") and "out" or "safe")]],
  ["what the host tells the library is not to be had"] = [[print(pcall(require, "moonsift.host") and "out" or "safe")]],
  ["the sandbox itself is not to be had"] = [[print(pcall(require, "moonsift.sandbox") and "out" or "safe")]],
  ["a path is not a module"] = [[print(pcall(require, "../../etc/passwd") and "out" or "safe")]],
  ["there is no bytecode to be made"] = [[print(string.dump and "out" or "safe")]],
  ["bytecode is not loaded"] = [[print((loadstring "\27LJ\2") and "out" or (load "\27LJ\2") and "out" or "safe")]],
  ["bytecode in pieces is not loaded"] = [[
    local pieces = { "\27", "LJ\2" }
    print(load(function() return table.remove(pieces, 1) end) and "out" or "safe")]],
  ["chunks that are loaded stay in the sandbox"] = [[
    print(loadstring "return package or debug.getinfo"() and "out" or "safe")]],
  ["the debug library tells nothing"] = [[
    for name in pairs(debug) do if name ~= "traceback" then print "out" end end print "safe"]],
  ["environments cannot be changed"] = [[print((getfenv or setfenv) and "out" or "safe")]],
  ["native code cannot be loaded"] = [[print(package and "out" or "safe")]],
  ["programs cannot be started"] = [[print((os.execute or io.popen) and "out" or "safe")]],
  ["strings' metatable is hidden"] = [[print(getmetatable("") and "out" or "safe")]],
  ["a changed string library changes only the script's"] = [[
    string.format = function() return "out" end
    local ms = require "moonsift"
    print(tostring(ms.date "2024-01-31") == "2024-01-31" and ("%s"):format "safe" or "out")]],
  ["handles cannot be looked into"] = [[
    local ms = require "moonsift"
    local frame = ms.simulate_shop { table = "products" }
    print(getmetatable(frame) and "out" or pcall(function() return frame[0] end) and "out" or "safe")]],
  ["handles cannot be written to"] = [[
    local ms = require "moonsift"
    local frame = ms.simulate_shop { table = "products" }
    print(pcall(function() frame.owners = 0 end) and "out" or "safe")]],
  ["the JIT compiler cannot be steered"] = [[print(jit and "out" or "safe")]],
  ["strings lead to no bytecode"] = [[print(("").dump and "out" or "safe")]],
  ["strings' functions are not to be replaced"] = [[
    local ok = pcall(function() getmetatable("").__index = {} end)
    print(ok and "out" or pcall(function() ("").rep = 1 end) and "out" or "safe")]],
  ["metatables of the library are hidden"] = [[
    local ms = require "moonsift"
    local _, problem = pcall(ms.open, "/nonexistent.db")
    print((getmetatable(ms) or getmetatable(problem) or getmetatable(ms.null)) and "out" or "safe")]],
  ["metatables of the library are not to be replaced"] = [[
    local _, problem = pcall(require "moonsift".open, "/nonexistent.db")
    print((pcall(setmetatable, problem, {}) or pcall(setmetatable, require "moonsift", {})) and "out" or "safe")]],
  ["a script's own metatables are its own"] = [[
    local meta = { __index = { x = "safe" } }
    local t = setmetatable({}, meta)
    setmetatable(t, getmetatable(t) == meta and meta or nil)
    print(t.x)]],
  ["the library's own modules are not for scripts"] = [[
    for _, name in ipairs { "errors", "command", "prompt", "database", "lazy.push", "value", "hints" } do
      if pcall(require, "moonsift." .. name) then print "out" end
    end
    print "safe"]],
  ["an error whose text cannot be made is an error"] = [[
    local bad = setmetatable({}, { __tostring = function() error "no" end })
    print(pcall(error, bad) and "out" or "safe")]],
  ["deep nesting is refused"] = [[
    print(loadstring(("("):rep(1e5) .. "1" .. (")"):rep(1e5)) and "out" or "safe")]],
  ["a call without end is an error"] = [[
    local function f() return 1 + f() end
    print(pcall(f) and "out" or "safe")]],
  ["too many results are an error"] = [[print(pcall(unpack, {}, 1, 1e8) and "out" or "safe")]],
  ["a width of format has a limit"] = [[print(pcall(string.format, "%99999999d", 1) and "out" or "safe")]],
  ["a million coroutines fit"] = [[
    local t = {}
    for i = 1, 1e6 do t[i] = coroutine.create(print) end
    print "safe"]],
  ["handles do not tell where they are"] = [[
    local ms = require "moonsift"
    local frame = ms.simulate_shop { table = "products" }
    print(tostring(frame):find "0x" and "out" or pcall(function() return frame + 1 end) and "out" or "safe")]],
  ["_G is the sandbox"] = [[print(_G.package and "out" or _G._G == _G and "safe" or "out")]],
}

local names = {}
for name in pairs(attacks) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
  test(name, function()
    local path = test.temporary "attack.lua"
    local file = assert(io.open(path, "wb"))
    file:write(attacks[name])
    file:close()
    local status, out, err = test.command("run " .. path)
    test.equal({ status, out, err }, { 0, "safe\n", "" })
  end)
end

test("a script that may use the shell can", function()
  local status, out = test.command "--allow-shell -e 'print(io.popen([[echo shell]]):read())'"
  test.equal({ status, out }, { 0, "shell\n" })
end)

test("modules beside the script are found, once, and run in the sandbox", function()
  local path = test.temporary "main.lua"
  local folder = path:match "^(.*)/"
  local function write(name, text)
    local file = assert(io.open(folder .. "/" .. name, "wb"))
    file:write(text)
    file:close()
  end
  write("main.lua", [[print(require("helper").name, require("helper") == require("helper"))]])
  write("helper.lua", [[return { name = package and "out" or "helper" }]])
  local status, out, err = test.command("run " .. path)
  test.equal({ status, out, err }, { 0, "helper\ttrue\n", "" })
end)

test("a script that ran out of memory ends, whatever it catches", function()
  local status, out, err = test.command([[MOONSIFT_MEMORY=100M $moonsift -e '
    for i = 1, 20 do print(pcall(function() local t = {} for i = 1, 1e9 do t[i] = {} end end)) end']], { shell = true })
  test.equal({ status, out }, { 1, "" })
  test.contains(err, "not enough memory")
end)

test("os.exit leaves past pcall", function()
  test.equal({ (test.command "-e 'pcall(os.exit, 5) print(1)'") }, { 5 })
end)

test("standard modules of Lua can be required", function()
  test.equal(select(2, test.command "-e 'print(require [[bit]] == bit, require [[string]] == string)'"), "true\ttrue\n")
end)
