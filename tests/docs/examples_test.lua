-- Every example in README.md, docs/, stdlib/doc/ and examples/ runs, and gives the output that it shows.
local test = require "moonsift.test"
local markdown = dofile("tests/docs/markdown.lua")

local function list(command)
  local pipe = assert(io.popen(command))
  local paths = {}
  for path in pipe:lines() do paths[#paths + 1] = path end
  pipe:close()
  return paths
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

-- Runs a script in an empty directory; gives what it printed. `name` stands in error messages.
local function run(name, script)
  local path = test.temporary(name)
  write(path, script)
  local status, output, errors = test.command("run " .. name, { directory = path:match("^(.*)/"), seconds = 100 })
  test.check(status == 0, ("%s: exit status %s\n%s%s"):format(name, status, output, errors))
  return output
end

local function run_document(name, text)
  local examples, unclosed = markdown.examples(text)
  test.equal(unclosed, nil)
  if #examples == 0 then return end
  local outputs = markdown.outputs(run(name, markdown.script(examples)))
  for i, example in ipairs(examples) do
    if example.output and outputs[i] ~= example.output then
      test.equal(("%s:%d\n%s"):format(name, example.line, outputs[i] or "(nothing)"),
        ("%s:%d\n%s"):format(name, example.line, example.output))
    end
  end
end

-- Does the steps of a page one after the other in an empty directory, where `moonsift` is the program under test.
-- Where MOONSIFT_GOLDEN is "update" and `path` is given, the outputs are written into the page instead: read it then.
local function run_steps(name, text, path)
  local directory, update = test.temporary("steps"):match "^(.*)/", path and os.getenv "MOONSIFT_GOLDEN" == "update"
  for _, step in ipairs(markdown.steps(text)) do
    if step.file then
      write(directory .. "/" .. step.file, step.text)
    else
      if step.text:find "sqlite3" and os.execute "command -v sqlite3 >/dev/null" ~= 0 then
        test.skip "the sqlite3 shell is not installed"
      end
      write(directory .. "/.step",
        'mkdir -p .bin; ln -sf "$moonsift" .bin/moonsift; PATH="$PWD/.bin:$PATH"\n' .. step.text)
      local status, output, errors = test.command("sh .step", { shell = true, directory = directory, seconds = 100 })
      local at, printed = ("%s:%d\n"):format(name, step.line), output .. errors
      test.equal(at .. "exit status " .. status .. (status == step.status and "" or "\n" .. printed),
        at .. "exit status " .. step.status)
      if update and step.output then
        local before, after = (step.text .. "```\n```text\n"), "```\n"
        local first, last = text:find(before .. step.output .. after, 1, true)
        text = text:sub(1, first - 1) .. before .. printed .. after .. text:sub(last + 1)
      elseif step.output then
        test.equal(at .. printed, at .. step.output)
      end
    end
  end
  if update and #markdown.steps(text) > 0 then write(path, text) end
end

for _, path in ipairs(list("find docs -name '*.md' 2>/dev/null | LC_ALL=C sort")) do
  if #markdown.steps(read(path)) > 0 then
    test("the steps of " .. path .. " give what they show", function()
      run_steps(path:match "[^/]*$", read(path), path)
    end)
  end
end

for _, path in ipairs(list("ls README.md 2>/dev/null; find docs -name '*.md' 2>/dev/null | LC_ALL=C sort")) do
  test("the examples of " .. path .. " give what they show", function()
    run_document(path:match("[^/]*$"), read(path))
  end)
end

-- A doc file's examples are scripts of their own; `ms` is at hand.
local function run_doc(path)
  local doc = assert(loadfile(path))()
  test.equal(type(doc.name), "string")
  for i, example in ipairs(doc.examples or {}) do
    local code = example.code:find('require%s*%(?%s*"moonsift"') and example.code
      or 'local ms = require "moonsift" ' .. example.code
    local output = run(("%s-example-%d.lua"):format(doc.name, i), code)
    if example.output then
      test.equal((output:gsub("%s*$", "")), (example.output:gsub("^\n", ""):gsub("%s*$", "")))
    end
  end
end

for _, path in ipairs(list("find stdlib/doc -name '*.lua' 2>/dev/null | LC_ALL=C sort")) do
  test("the examples of " .. path .. " give what they show", function() run_doc(path) end)
end

-- Examples run in an empty directory, where they may leave what they make;
-- what they print is golden where tests/golden/examples has it.
local function check_output(path, output)
  local golden = "examples/" .. path:match("([^/]*)$")
  local file = io.open("tests/golden/" .. golden .. ".txt", "rb")
  if file then
    file:close()
    test.golden(golden, output)
  end
end

for _, path in ipairs(list("find examples -name '*.lua' 2>/dev/null | LC_ALL=C sort")) do
  test("the example " .. path .. " runs", function()
    local directory = test.temporary("example"):match("^(.*)/")
    local status, output, errors = test.command(('run "$OLDPWD"/%s'):format(path),
      { directory = directory, seconds = 100 })
    test.check(status == 0, ("exit status %s\n%s%s"):format(status, output, errors))
    check_output(path, output)
  end)
end

-- The two scripts that install and build have a place of their own in tests/run.sh.
local apart = { ["examples/packages.sh"] = true, ["examples/quickstart.sh"] = true }
for _, path in ipairs(list("find examples -name '*.sh' 2>/dev/null | LC_ALL=C sort")) do
  if not apart[path] then
    test("the example " .. path .. " runs", function()
      local status, output, errors = test.command("sh " .. path, { shell = true, seconds = 100 })
      test.check(status == 0, ("exit status %s\n%s%s"):format(status, output, errors))
      check_output(path, output)
    end)
  end
end

test("blocks are cut out with their lines, and output belongs to the block before it", function()
  local examples = markdown.examples("a\n```lua\nlocal x = 1\nprint(x)\n```\nthus\n```text\n1\n```\n```sh\nls\n```\n")
  test.equal(examples, { { line = 3, lines = { "local x = 1", "print(x)" }, raises = false, output = "1\n" } })
end)

test("a block that is not to run is left out, and an open block is noticed", function()
  test.equal(markdown.examples("```lua no-run\nboom()\n```\n"), {})
  test.equal(select(2, markdown.examples("```lua\nx = 1\n")), 2)
end)

test("locals live on from block to block, and each has its own output", function()
  local first = "```lua\nlocal x = 20\nprint(x)\n```\n```text\n20\n```\n"
  run_document("a.md", first .. "\n```lua\nprint(x + 1)\n```\n```text\n21\n```\n")
end)

test("a raised error can be shown", function()
  run_document("a.md", "```lua error\nerror('so', 0)\n```\n```text\nso\n```\n")
end)

test("an output that differs from the shown one is found, with its line", function()
  local problem = test.fails(function()
    run_document("a.md", "\n```lua\nprint(1)\n```\n```text\n2\n```\n")
  end)
  test.contains(problem, "a.md:3")
end)

test("an example that breaks is found, with the line of the document", function()
  local problem = test.fails(function() run_document("a.md", "\n\n```lua\nlocal x = nil\nprint(x.y)\n```\n") end)
  test.contains(problem, "a.md:5:")
end)

test("steps share a directory and files, and end with the status that they say", function()
  local file = "```sh file a.sh\nexit $1\n```\n"
  run_steps("a.md", file .. "```sh run 3\nsh a.sh 3\n```\n```sh run\ncat a.sh\n```\n```text\nexit $1\n```\n")
  test.contains(test.fails(function() run_steps("a.md", "\n```sh run\necho b\n```\n```text\na\n```\n") end), "a.md:3")
  test.contains(test.fails(function() run_steps("a.md", "\n```sh run\nexit 4\n```\n") end), "exit status 4")
end)
