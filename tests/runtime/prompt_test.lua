-- The prompt on a terminal: results, continued lines, errors, Ctrl-C, Ctrl-D.
local test = require "moonsift.test"

local function type_in(steps, arguments, environment)
  if os.execute "command -v python3 >/dev/null" ~= 0 then test.skip "python3, which types, is not installed" end
  local path = test.temporary "steps"
  local file = assert(io.open(path, "wb"))
  file:write(table.concat(steps, "\n"), "\n")
  file:close()
  local program = os.getenv "MOONSIFT" or "build/release/moonsift"
  local typed = ("python3 tests/runtime/terminal.py %s %s %s"):format(program, path, arguments or "")
  if environment then typed = environment .. " " .. typed end
  local status, out = test.command(typed, { shell = true, seconds = 60 })
  if status == 77 then test.skip "this machine has no terminals (/dev/pts)" end
  return (out:gsub("\r", "")), path:match "^(.*)/"
end

local function has(out, text)
  test.check(out:find(text, 1, true), ("wanted %q in\n%s"):format(text, out))
end

test("an expression's value is printed, and stands in _", function()
  local out = type_in { "6 * 7", "_ + 1", "'上' .. '海'", "{ a = 1, 'x' }", "nil" }
  has(out, "\n42\n")
  has(out, "\n43\n")
  has(out, "\n上海\n")
  has(out, '\n{ "x", a = 1 }\n')
  has(out, "exit 0")
end)

test("a frame is printed as a table", function()
  local out = type_in { "ms.simulate_shop { table = 'campaigns', customers = 1 }" }
  has(out, "│ campaign_id │ name")
  has(out, "6 rows × 5 columns")
end)

test("an input that is not whole is continued", function()
  local out = type_in { "for i = 1, 2 do", "print('line ' .. i)", "end" }
  has(out, "..> ")
  has(out, "\nline 1\nline 2\n")
end)

test("names of the session stay, local or not", function()
  local out = type_in { "local x = 5", "x + 1", "y = 7", "x + y" }
  has(out, "'local' is left out")
  has(out, "\n6\n")
  has(out, "\n12\n")
end)

test("an error does not end the session", function()
  local out = type_in { "nothing.field", "error 'mine'", "x = = 1", "1 + 1" }
  has(out, "attempt to index global 'nothing'")
  has(out, "mine")
  has(out, "unexpected symbol near '='")
  has(out, "\n2\n")
end)

test("Ctrl-C stops what runs, and the session goes on", function()
  local out = type_in { "& while true do end", "sleep 0.3", "^C", "1 + 2" }
  has(out, "interrupted")
  has(out, "\n3\n")
end)

test("Ctrl-C stops a kernel, and the session goes on", function()
  local out = type_in {
    "& for i = 1, 1000 do ms.simulate_shop { table = 'visits', customers = 100000 } end", "sleep 0.5", "^C", "1 + 2",
  }
  has(out, "interrupted")
  has(out, "\n3\n")
end)

test("a script that is out of memory does not end the session", function()
  local out = type_in({ "t = {} for i = 1, 1e9 do t[i] = {} end", "t = nil", "1 + 2" }, nil, "MOONSIFT_MEMORY=400M")
  has(out, "not enough memory")
  has(out, "\n3\n")
end)

test("os.exit leaves the session with its status", function()
  local out = type_in { "os.exit(3)" }
  has(out, "exit 3")
end)

test("Ctrl-C drops a line that is half typed", function()
  local out = type_in { "f = function()", "^C", "4 + 5" }
  has(out, "\n9\n")
end)

test("Ctrl-D leaves", function()
  local out = type_in { "^D" }
  has(out, "exit 0")
end)

test("lines are remembered for the next session", function()
  local _, folder = type_in { "remembered = 1" }
  local file = assert(io.open(folder .. "/moonsift/history"))
  local text = file:read "*a"
  file:close()
  has(text, "remembered")
end)

test("a remembered input of several lines with a comment keeps its lines", function()
  local _, folder = type_in { "for i = 1, 2 do -- twice", "print(i)", "end", "if true then", "x = 1", "end" }
  local file = assert(io.open(folder .. "/moonsift/history"))
  local text = file:read "*a":gsub("\\040", " ")
  file:close()
  has(text, "\nfor i = 1, 2 do -- twice\nprint(i)\nend\n")
  has(text, "\nif true then x = 1 end\n")
end)

test("dot commands say what they are for, and a wrong one says so", function()
  local out = type_in { ".help", ".tables", ".frob", ".quit" }
  has(out, ".open PATH")
  has(out, "no database is open")
  has(out, "there is no command .frob")
  has(out, "exit 0")
end)

-- With MOONSIFT_PROGRESS=0 all work is long work: the second that it waits otherwise is the machine's affair.
test("long work shows its progress on a terminal, and takes it away", function()
  local path = test.temporary "long.lua"
  local file = assert(io.open(path, "wb"))
  file:write(([[
    local ms = require "moonsift"
    local shop = ms.open("%s", { write = true, create = true })
    shop:write("orders", ms.simulate_shop { table = "orders", customers = 20000 }, { mode = "replace" })
    print "made"]]):format(test.temporary "shop.db"))
  file:close()
  local out = type_in({ "sleep 0" }, "run " .. path, "MOONSIFT_PROGRESS=0")
  test.check(out:find "orders  [ %d]+ %%  %d+ s left", out)
  has(out, "\27[Kmade\n")
end)

test("work of many calls shows one progress for all of them", function()
  local path = test.temporary "replay.lua"
  local file = assert(io.open(path, "wb"))
  file:write [[
    local ms = require "moonsift"
    local strategy = ms.strategy {
      name = "all", inputs = { orders = { columns = { "customer_id", "ordered_at" }, time = "ordered_at" } },
      customers = function(s) return s.orders:select("customer = customer_id"):unique() end,
      segments = { { "all" } },
    }
    local shop = ms.sim.shop { customers = 2000, tables = { "orders" } }
    strategy:backtest { inputs = shop, from = "2024-01-01", to = "2024-12-31", every = "1d" }
    print "replayed"]]
  file:close()
  local out = type_in({ "sleep 0" }, "run " .. path, "MOONSIFT_PROGRESS=0")
  local first, last = out:find "backtest of all", 0
  for at in out:gmatch "()backtest of all  [ %d]+ %%  %d+ s left" do last = at end
  test.check(first and last > first, out)
  -- Between the first and the last nothing else is shown.
  local shown = out:sub(first, last):gsub("backtest of all  [ %d]+ %%  %d+ s left", "")
    :gsub("[\r\27]", ""):gsub("%[K", "")
  test.equal(shown, "b")
  has(out, "\27[Kreplayed\n")
end)
