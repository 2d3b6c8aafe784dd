-- Row functions that take too much: memory, and time.
local test = require "moonsift.test"

local function script(code)
  local path = test.temporary "limits.lua"
  local file = assert(io.open(path, "wb"))
  file:write('local ms = require "moonsift"\n', code)
  file:close()
  return path
end

local bombs = {
  ["a text that is too long"] = "function(r) return #('x'):rep(5e8 + r.id) end",
  ["a text that is too long, caught"] =
    "function(r) local fine = pcall(string.rep, 'x', 5e8 + r.id) return fine and 1 or 2 end",
  ["a text that doubles"] = "function(r) local s = 'x' for _ = 1, 40 do s = s .. s end return #s + r.id end",
  ["a table without end"] = "function(r) local t = {} for i = 1, 1000000 do t[i] = { i, { r.id } } end return #t end",
}

local names = {}
for name in pairs(bombs) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
  test(name .. " on a worker ends with E-MEMORY within the limit, and the session goes on", function()
    local path = script([[
      local frame = ms.frame { id = { 1, 2, 3 } }
      assert(frame:map("x", function(r) return r.id end):explain():find "on all cores")
      for _ = 1, 3 do
        local fine, problem = pcall(frame.map, frame, "x", ]] .. bombs[name] .. [[)
        print(fine, not fine and problem.code)
      end
      print(frame:map("x", function(r) return r.id + 1 end):column("x")[3])
      for line in io.lines "/proc/self/status" do
        local peak = line:match "VmHWM:%s*(%d+) kB"
        if peak then print(tonumber(peak) < 400000 or peak) end
      end]])
    local status, out, err = test.command("MOONSIFT_MEMORY=100M $moonsift run " .. path, { shell = true, seconds = 60 })
    test.equal({ status, out, err }, { 0, ("false\tE-MEMORY\n"):rep(3) .. "4\ntrue\n", "" })
  end)
end

local recursions = {
  ["a nested function that calls itself"] = [[function(r)
    local function grow(n) return n < 2 and 1 or grow(n - 1) + grow(n - 2) end
    return grow(90 + r.id)
  end]],
  ["a nested function that is handed to itself"] = [[function(r)
    local function grow(f, n) return n < 2 and 1 or f(f, n - 1) + f(f, n - 2) end
    return grow(grow, 90 + r.id)
  end]],
  ["a nested function in a table"] = [[function(r)
    local t = {}
    t.grow = function(n) return n < 2 and 1 or t.grow(n - 1) + t.grow(n - 2) end
    return t.grow(90 + r.id)
  end]],
}

names = {}
for name in pairs(recursions) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
  test(name .. " without end is stopped", function()
    local path = script('ms.frame({ id = { 1, 2 } }):map("x", ' .. recursions[name] .. ")")
    local status, out, err = test.command("--timeout 0.4 run " .. path, { seconds = 30 })
    test.equal({ status, out, err }, { 124, "", "moonsift: stopped: the time limit is over\n" })
  end)
end
