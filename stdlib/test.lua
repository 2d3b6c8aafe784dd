-- The test runner: `moonsift test FILE…`.
--
--   local test = require "moonsift.test"
--   test("nulls come last", function()
--     test.equal(frame:sort("age"):column("age"), { 1, 2 })
--   end)
--
-- A test is named by the behaviour that it holds to. What it writes goes to test.temporary(); what it
-- reads of the shared data sets comes from test.data(), which skips the test where they are absent.
local show = require "moonsift.test.show"

local M = {}

-- What the assertions throw: { failure = text } or { skip = reason }, with the place.
local Outcome = {}
Outcome.__index = Outcome
Outcome.__tostring = function(outcome) return outcome.failure or outcome.skip end

-- The run under way: the file, its tests in order, what is left to clean up.
local current = { file = nil, tests = {}, directory = nil, made = 0 }

-- "file:line" of the innermost line of the test file on the stack.
local function place()
  for level = 2, 60 do
    local info = debug.getinfo(level, "Sl")
    if not info then break end
    if current.file and info.source == "@" .. current.file and info.currentline > 0 then
      return current.file .. ":" .. info.currentline
    end
  end
end

local function fail(...)
  error(setmetatable({ failure = table.concat({ ... }), place = place() }, Outcome), 0)
end

local function indented(text)
  return (text:gsub("\n", "\n        "))
end

local function both(got, want)
  local long = type(got) == "string" and type(want) == "string" and (got .. want):find("\n", 1, true)
  if long then return "got (+) differs from wanted (-)\n" .. show.diff(got, want) end
  return "got   " .. indented(show.value(got)) .. "\n  want  " .. indented(show.value(want))
end

local function same(a, b, seen)
  if a == b or (a ~= a and b ~= b) then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return false end
  if seen[a] == b then return true end
  seen[a] = b
  for key, value in pairs(a) do
    if not same(value, b[key], seen) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

--- Fails unless got is want: tables by their content, at any depth; NaN is itself here.
-- test.equal({ 1, { a = 2 } }, { 1, { a = 2 } })
function M.equal(got, want)
  if not same(got, want, {}) then fail(both(got, want)) end
end

--- Fails if the two are equal in the sense of test.equal.
-- test.differ(1, 2)
function M.differ(got, other)
  if same(got, other, {}) then fail("got what it must not be: ", show.value(got)) end
end

--- Fails unless the condition is true (neither false nor nil); message says what was wanted.
-- test.check(1 < 2, "one is less than two")
function M.check(condition, message)
  if not condition then fail(message or ("the condition is " .. tostring(condition))) end
  return condition
end

--- Fails unless the text has the part in it, letter by letter.
-- test.contains("unknown column 'ciyt'", "ciyt")
function M.contains(text, part)
  if not tostring(text):find(part, 1, true) then
    fail("the text\n  ", tostring(text), "\nhas not\n  ", part)
  end
end

local function near(got, want, tolerance)
  if type(got) == "table" and type(want) == "table" then
    for key, value in pairs(want) do
      if not near(got[key], value, tolerance) then return false end
    end
    for key in pairs(got) do
      if want[key] == nil then return false end
    end
    return true
  end
  if got == want or (got ~= got and want ~= want) then return true end
  if type(got) ~= "number" or type(want) ~= "number" then return false end
  return math.abs(got - want) <= tolerance * math.max(1, math.abs(want))
end

--- Fails unless the numbers are within the tolerance (1e-9 if none is given), which is relative where the
-- wanted number is larger than 1. Tables of numbers are compared number by number.
-- test.close(0.1 + 0.2, 0.3)
function M.close(got, want, tolerance)
  tolerance = tolerance or 1e-9
  if not near(got, want, tolerance) then
    fail(both(got, want), "\n  apart by more than ", show.value(tolerance))
  end
end

--- Fails unless the function raises an error whose text has the part in it. Gives the error.
-- test.raises(function() error("no such column") end, "no such column")
function M.raises(fn, part)
  local fine, problem = pcall(fn)
  if fine then fail("no error was raised; wanted one with: ", part or "(any)") end
  if getmetatable(problem) == Outcome then error(problem, 0) end
  if part and not tostring(problem):find(part, 1, true) then
    fail("raised\n  ", tostring(problem), "\nwanted an error with\n  ", part)
  end
  return problem
end

--- Fails unless an assertion in the function fails; gives its text. For tests of test helpers.
-- test.fails(function() test.equal(1, 2) end)
function M.fails(fn)
  local fine, outcome = pcall(fn)
  if fine then fail("no assertion failed") end
  if getmetatable(outcome) ~= Outcome or outcome.skip then error(outcome, 0) end
  return outcome.failure
end

--- Ends the test without a verdict. In a file outside of any test: skips the file.
function M.skip(why)
  error(setmetatable({ skip = why or "skipped" }, Outcome), 0)
end

local function exists(path)
  local file = io.open(path, "r")
  if file then file:close() end
  return file ~= nil
end

local function read_file(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

local function shell_word(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- The path of a shared data set, or the end of the test, as skipped, where it is absent. The data
-- stand in ../shared/data beside the checkout, or where the environment's MOONSIFT_DATA says.
function M.data(path)
  local full = (os.getenv("MOONSIFT_DATA") or "../shared/data") .. "/" .. path
  if not exists(full) then M.skip("no data set " .. full .. " (MOONSIFT_DATA says where to look)") end
  return full
end

--- A path where no file is, in a directory that goes when the run ends. The name is its last part.
function M.temporary(name)
  if not current.directory then
    local pipe = io.popen("mktemp -d")
    current.directory = pipe:read("*l")
    pipe:close()
  end
  current.made = current.made + 1
  local directory = current.directory .. "/" .. current.made
  os.execute("mkdir -p " .. shell_word(directory))
  return directory .. "/" .. (name or "file")
end

-- The program under test, named so that it is found from any directory.
local function program()
  local path = os.getenv("MOONSIFT") or "build/release/moonsift"
  if path:sub(1, 1) == "/" then return shell_word(path) end
  return '"$PWD"/' .. shell_word(path)
end

--- Runs the moonsift under test with these arguments, as the shell reads them; options: `input`, text
-- for its standard input; `seconds` until it is killed (60); `directory` to run in; `shell`, true if the
-- arguments are a whole command line, in which $moonsift is the program. Gives exit status, standard
-- output, standard error.
-- local status, output = test.command("-e 'print(1)'")
function M.command(arguments, options)
  options = options or {}
  local base = M.temporary("run")
  local input = "/dev/null"
  if options.input then
    input = base .. ".in"
    local file = assert(io.open(input, "wb"))
    file:write(options.input)
    file:close()
  end
  local words = options.shell and "sh -c " .. shell_word(arguments) or '"$moonsift" ' .. arguments
  os.execute(("moonsift=%s; export moonsift; { cd %s && timeout -k 5 %d %s; } <%s >%s.out 2>%s.err; echo $? >%s.status")
    :format(program(), shell_word(options.directory or "."), options.seconds or 60, words, input, base, base, base))
  return tonumber(read_file(base .. ".status")), read_file(base .. ".out"), read_file(base .. ".err")
end

--- Fails unless the text is that of tests/golden/NAME.txt. With MOONSIFT_GOLDEN=update in the
-- environment the file is written instead: read it before it is committed.
function M.golden(name, text)
  local path = "tests/golden/" .. name .. ".txt"
  if os.getenv("MOONSIFT_GOLDEN") == "update" then
    os.execute("mkdir -p " .. shell_word(path:match("^(.*)/")))
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
    return
  end
  local want = read_file(path)
  if not want then fail("there is no ", path, "; MOONSIFT_GOLDEN=update writes it. The text:\n", text) end
  if text ~= want then fail(path, "\n", both(text, want)) end
end

setmetatable(M, {
  __call = function(_, name, fn)
    if type(name) ~= "string" or type(fn) ~= "function" then
      error("test: wanted test(name, function)", 2)
    end
    for _, other in ipairs(current.tests) do
      if other.name == name then error("test: the file has two tests '" .. name .. "'", 2) end
    end
    current.tests[#current.tests + 1] = { name = name, fn = fn }
  end,
})

-- Errors that are not ours get their place and a traceback as deep as the test file.
local function caught(problem)
  if getmetatable(problem) == Outcome then return problem end
  local trace = debug.traceback("", 2):gsub("\n%s*%[C%]: in function 'xpcall'.*", "")
  return setmetatable({ failure = tostring(problem) .. trace:gsub("\n", "\n  "), place = place() }, Outcome)
end

local function load_file(path)
  local text = read_file(path)
  if not text then return nil, "cannot read " .. path end
  if text:byte(1) == 27 then return nil, path .. " is bytecode" end
  return loadstring(text, "@" .. path)
end

local function report(tally, name, outcome)
  if outcome.skip then
    tally.skipped = tally.skipped + 1
    io.write("skip  ", current.file, ": ", name, ": ", outcome.skip, "\n")
  else
    tally.failed = tally.failed + 1
    io.write("FAIL  ", outcome.place or current.file, ": ", name, "\n  ", outcome.failure, "\n\n")
  end
  io.flush()
end

local function run_test(tally, entry)
  local started = os.clock()
  local fine, outcome = xpcall(entry.fn, caught)
  local seconds = os.clock() - started
  if fine then
    tally.passed = tally.passed + 1
  else
    report(tally, entry.name, outcome)
  end
  if seconds > 1 then
    io.write(("slow  %s: %s: %.1f s of processor time\n"):format(current.file, entry.name, seconds))
  end
end

local function run_file(tally, path, options)
  current.file, current.tests = path, {}
  local chunk, problem = (options.load or load_file)(path)
  if not chunk then
    report(tally, "(loading)", { failure = problem })
    return
  end
  local fine, outcome = xpcall(chunk, caught)
  if not fine then
    report(tally, "(loading)", outcome)
    return
  end
  local strategies = package.loaded["moonsift.strategy"] -- a strategy brings its tests along
  if strategies and strategies.is(outcome) then
    for _, example in ipairs(outcome:examples()) do M(example[1], example[2]) end
  end
  for _, entry in ipairs(current.tests) do
    if not options.filter or entry.name:find(options.filter, 1, true) then run_test(tally, entry) end
  end
end

--- Runs the tests of the files and writes what failed, and the closing line "N passed, N failed".
-- Options: `filter`, only tests whose name has this text in it; `load`, a function path → chunk or
-- nil, message. Gives the exit status: 0 if at least one test ran and all that ran passed, else 1.
function M.run(files, options)
  options = options or {}
  local tally = { passed = 0, failed = 0, skipped = 0 }
  for _, path in ipairs(files) do run_file(tally, path, options) end
  if current.directory then
    os.execute("rm -rf " .. shell_word(current.directory))
    current.directory = nil
  end
  if tally.passed + tally.failed == 0 then io.write("no test was executed\n") end
  io.write(("%d passed, %d failed"):format(tally.passed, tally.failed))
  io.write(tally.skipped > 0 and (", %d skipped\n"):format(tally.skipped) or "\n")
  io.flush()
  return (tally.failed == 0 and tally.passed > 0) and 0 or 1
end

return M
