-- The test runner tests itself: files written here are run by a second runner, whose output is read.
local test = require "moonsift.test"

-- Runs the text as a test file in a process of its own; gives exit status and output.
local function run(text, arguments)
  local path = test.temporary("inner_test.lua")
  local file = assert(io.open(path, "wb"))
  file:write('local test = require "moonsift.test"\n', text)
  file:close()
  local status, output, errors = test.command("test " .. path .. " " .. (arguments or ""))
  return status, output:gsub(path:gsub("%p", "%%%0"), "inner_test.lua"), errors
end

test("a file whose tests pass ends with the closing line and status 0", function()
  local status, output = run('test("one", function() test.equal(1, 1) end)')
  test.equal(output, "1 passed, 0 failed\n")
  test.equal(status, 0)
end)

test("a failure shows the behaviour, file and line, and both values", function()
  local status, output = run([[
test("sums agree", function()
  test.equal({ 1, b = "x" }, { 1, b = "y" })
end)]])
  test.equal(output, [[
FAIL  inner_test.lua:3: sums agree
  got   {1, b = "x"}
  want  {1, b = "y"}

0 passed, 1 failed
]])
  test.equal(status, 1)
end)

test("an error in a test is a failure with its line and does not end the run", function()
  local status, output = run([[
test("breaks", function()
  local x = nil
  return x.y
end)
test("goes on", function() end)]])
  test.contains(output, "FAIL  inner_test.lua:4: breaks")
  test.contains(output, "attempt to index local 'x'")
  test.contains(output, "\n1 passed, 1 failed\n")
  test.equal(status, 1)
end)

test("long texts are shown as a diff with what is around", function()
  local _, output = run([[
test("texts", function()
  test.equal("a\nb\nc\nd\ne\nf", "a\nb\nc\nd\nX\nf")
end)]])
  test.contains(output, "  …\n  c\n  d\n+ e\n- X\n  f\n")
end)

test("skipped tests are counted apart, and a run of nothing else is no success", function()
  local status, output = run('test("later", function() test.skip("no data") end)')
  test.contains(output, "skip  inner_test.lua: later: no data")
  test.contains(output, "0 passed, 0 failed, 1 skipped\n")
  test.equal(status, 1)
end)

test("a file without tests is no success", function()
  local status, output = run("")
  test.equal(output, "no test was executed\n0 passed, 0 failed\n")
  test.equal(status, 1)
end)

test("a file that cannot be parsed is a failure", function()
  local status, output = run("this is not Lua")
  test.contains(output, "FAIL  inner_test.lua: (loading)")
  test.contains(output, "0 passed, 1 failed\n")
  test.equal(status, 1)
end)

test("two tests of one name are refused", function()
  local _, output = run('test("same", function() end)\ntest("same", function() end)')
  test.contains(output, "the file has two tests 'same'")
end)

test("equal compares tables by content, and NaN with itself", function()
  local nan = 0 / 0
  test.equal({ 1, { nan, a = { b = false } } }, { 1, { nan, a = { b = false } } })
  test.differ({ 1 }, { 1, 2 })
  test.differ({ 1, 2 }, { 1 })
  test.differ({ a = 1 }, { a = "1" })
end)

test("close is relative above one and absolute below", function()
  test.close(1e12 + 1, 1e12)
  test.close({ 1e-12, 2 }, { 0, 2 })
  test.contains(test.fails(function() test.close(1, 1.1) end), "apart by more than 1e-09")
end)

test("raises gives the error and insists on its text", function()
  local problem = { code = "E-TYPE" }
  test.equal(test.raises(function() error(problem) end), problem)
  test.contains(test.fails(function() test.raises(function() end, "x") end), "no error was raised")
  test.contains(test.fails(function() test.raises(function() error("y") end, "x") end), "wanted an error with")
end)

test("a command gives its exit status and what it wrote", function()
  local status, output, errors = test.command("-e 'print(6 * 7)'")
  test.equal({ status, output, errors }, { 0, "42\n", "" })
  local wrong, nothing, message = test.command("-e 'error(\"no\")'")
  test.differ(wrong, 0)
  test.equal(nothing, "")
  test.contains(message, "no")
end)

test("temporary paths are new each time and keep the name", function()
  local one, two = test.temporary("shop.db"), test.temporary("shop.db")
  test.differ(one, two)
  test.equal(one:match("[^/]*$"), "shop.db")
  test.equal(io.open(one), nil)
end)
