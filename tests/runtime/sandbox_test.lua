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
