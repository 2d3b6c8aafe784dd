-- Ctrl-C stops Lua wherever it is, and kernels.
local test = require "moonsift.test"

-- Runs code, sends SIGINT after `after` seconds; gives status and how long it took from then on, in seconds.
-- A handle that the stop lost is found by LeakSanitizer, which puts a status of its own in the place of the script's.
local function interrupt(code, after)
  local path = test.temporary "endless.lua"
  local file = assert(io.open(path, "wb"))
  file:write(code)
  file:close()
  local status, out, err = test.command(([[
    $moonsift run %s & pid=$!; sleep %s; begun=$(date +%%s%%N); kill -INT $pid; wait $pid; status=$?
    echo "$status $(( ($(date +%%s%%N) - begun) / 1000000 ))"]])
    :format(path, after or "0.4"), { shell = true, seconds = 20 })
  test.equal(status, 0)
  local code_of, millis = out:match "(%d+) (%d+)\n$"
  return tonumber(code_of), tonumber(millis), out, err
end

local loops = {
  ["an empty loop"] = "while true do end",
  ["a loop that is compiled"] = "local n = 0 while true do n = n + 1 end",
  ["a loop that catches errors"] = "while true do pcall(function() while true do end end) end",
  ["a loop that catches errors in between"] = "while true do pcall(error, 'x') end",
  ["a loop in a message handler"] = "while true do xpcall(error, function() while true do end end) end",
  ["a loop in a metamethod"] = "local t = setmetatable({}, { __index = function() while true do end end }) t = t.x",
  ["a loop in a replacement"] =
    "('x'):gsub('.', function() while true do pcall(function() while true do end end) end end)",
  ["a loop that catches the kernels' errors"] =
    "local ms = require 'moonsift' while true do pcall(ms.simulate_shop, { table = 'orders', customers = 2000 }) end",
  ["a loop of jumps"] = "::again:: goto again",
  ["a loop within a coroutine"] = "coroutine.wrap(function() while true do end end)()",
  ["calls without end"] = "local function f() return f() end f()",
  ["a comparison that never ends"] = "table.sort({ 3, 2, 1 }, function() while true do end end)",
  ["a row function with loops over tables in one without end"] = [[
    local ms = require "moonsift"
    ms.frame({ id = { 1, 2 } }):map("x", function()
      local t, n = { 1, 2, 3 }, 0
      while true do for _, a in pairs(t) do for _, b in ipairs(t) do n = n + a * b end end end
    end)]],
  ["a row function whose functions call each other"] = [[
    local ms = require "moonsift"
    ms.frame({ id = { 1, 2 } }):map("x", function(r)
      local one, other
      function one(n) return other(n + 1) end
      function other(n) return one(n - 1) end
      return one(r.id)
    end)]],
  ["a filter by a function that joins texts"] = [[
    local ms = require "moonsift"
    ms.frame({ id = { 1, 2 } }):filter(function(r)
      local t, n = {}, 0
      for i = 1, 1000 do t[i] = "abc" end
      for _ = 1, 1e12 do n = n + #table.concat(t, ",") + #("x"):rep(1000) end
      return n > r.id
    end)]],
  ["text work"] = "local t = {} while true do t[#t % 100 + 1] = ('x'):rep(10) .. tostring(#t) end",
}

local names = {}
for name in pairs(loops) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
  test(name .. " is stopped", function()
    local status, millis, _, err = interrupt(loops[name])
    test.equal(status, 130)
    test.check(millis < 1000, ("took %d ms"):format(millis))
    test.check(err:find("interrupted", 1, true), err)
  end)
end

test("a kernel is stopped", function()
  local status, millis, _, err = interrupt([[
    local ms = require "moonsift"
    while true do ms.simulate_shop { table = "visits", customers = 300000 } end]])
  test.equal(status, 130)
  test.check(millis < 2000, ("took %d ms"):format(millis))
  test.check(err:find("interrupted", 1, true), err)
end)

test("the time limit stops a script", function()
  local status, _, err = test.command "--timeout 0.3 -e 'while true do pcall(function() while true do end end) end'"
  test.equal({ status, err }, { 124, "moonsift: stopped: the time limit is over\n" })
  status, _, err = test.command "--timeout 1m -e 'print(1)'"
  test.equal({ status, err }, { 0, "" })
end)

test("a request to terminate stops a script", function()
  local _, out = test.command([[
    $moonsift -e 'while true do end' 2>&1 & pid=$!; sleep 0.4; kill -TERM $pid; wait $pid; echo $?]],
    { shell = true, seconds = 20 })
  test.equal(out, "moonsift: terminated\n143\n")
end)

-- Lua's patterns run in C, where no hook is asked.
test("what does not listen is told of at the second Ctrl-C, and left at the third", function()
  local _, out = test.command([[
    $moonsift -e 'print(string.find(("a"):rep(5000), ".-.-.-.-.-b$"))' 2>&1 & pid=$!
    sleep 0.4; for i in 1 2 3; do kill -INT $pid; sleep 0.1; done; wait $pid; echo $?]], { shell = true, seconds = 20 })
  test.equal(out, "\nstopping: waiting for the running call to end; once more ends moonsift\n130\n")
end)
