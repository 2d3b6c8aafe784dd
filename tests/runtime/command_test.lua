-- The command line: what it runs, what it prints where, and its exit status.
local test = require "moonsift.test"

local function run(arguments, options) return test.command(arguments, options) end

local function script(text)
  local path = test.temporary "script.lua"
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

test("--version says the version, --help the usage", function()
  local status, out = run "--version"
  test.equal(status, 0)
  test.check(out:find "^moonsift %d+%.%d+%.%d+\n$")
  status, out = run "--help"
  test.equal(status, 0)
  test.check(out:find "^usage: moonsift")
end)

test("a line is run with its arguments", function()
  local status, out, err = run [[-e 'print(arg[1], ...)' a b]]
  test.equal({ status, out, err }, { 0, "a\ta\tb\n", "" })
end)

test("a script is run with its arguments, options of moonsift apart", function()
  local path = script [[
    local ms = require "moonsift"
    local a = ms.arguments()
    print(table.concat(arg, ","), a.db, tostring(a.as_of), a.dry_run)
  ]]
  local status, out = run("run " .. path .. " x --db some.db --as-of 2025-01-31 -v --dry-run -- --db other")
  test.equal(status, 0)
  test.equal(out, "x,-v,--db,other\tsome.db\t2025-01-31\ttrue\n")
end)

test("standard input is a script where no command is given", function()
  local status, out = run("", { input = "print 'from standard input'" })
  test.equal({ status, out }, { 0, "from standard input\n" })
end)

test("a first line with #! is skipped", function()
  local status, out = run("run " .. script "#!/usr/bin/env moonsift\nprint(1)")
  test.equal({ status, out }, { 0, "1\n" })
end)

test("wrong usage ends with status 2 and says what is wrong on standard error", function()
  for arguments, message in pairs {
    ["frobnicate"] = "unknown command 'frobnicate'",
    ["rum x.lua"] = "did you mean 'run'?",
    ["--treads 2"] = "did you mean '--threads'?",
    ["--timeout soon -e 1"] = "--timeout soon: a time such as",
    ["--as-of yesterday -e 1"] = "yesterday",
    ["--zone Nowhere/Atall -e 1"] = "Nowhere/Atall",
    ["--frobnicate"] = "unknown option '--frobnicate'",
    ["run"] = "run: a file is wanted",
    ["-e"] = "option -e needs a value",
    ["--threads many -e 1"] = "--threads many: 0 … 256 wanted",
    ["--quiet=yes -e 1"] = "takes no value",
  } do
    local status, out, err = run(arguments)
    test.equal({ status, out }, { 2, "" })
    test.check(err:find(message, 1, true), err)
  end
end)

test("a missing script and a directory are errors", function()
  local status, _, err = run "run /nonexistent.lua"
  test.equal(status, 1)
  test.check(err:find("cannot read '/nonexistent.lua': No such file", 1, true), err)
  status, _, err = run "run tests"
  test.equal(status, 1)
  test.check(err:find("'tests': it is a directory", 1, true), err)
end)

test("an error names the script's line, and the calls that led there", function()
  local path = script("local function inner(x)\n  return x.field\nend\nlocal function outer()\n  inner(nil)\nend\n" ..
    "outer()\n")
  local status, out, err = run("run " .. path)
  test.equal({ status, out }, { 1, "" })
  test.check(err:find("script.lua:2: attempt to index", 1, true), err)
  test.check(err:find("script.lua:5", 1, true), err)
  test.check(not err:find("stdlib/", 1, true), err)
end)

test("an error of the core names the script's line, not the library's", function()
  local path = script 'local ms = require "moonsift"\n\nms.simulate_shop { table = "orders", custmers = 3 }\n'
  local status, _, err = run("run " .. path)
  test.equal(status, 1)
  test.check(err:find("script.lua:3: simulate_shop: unknown option 'custmers'", 1, true), err)
  test.check(err:find("did you mean 'customers'?", 1, true), err)
end)

test("slips of other languages are explained", function()
  for code, hint in pairs {
    ["if a != b then end"] = "~=",
    ["x = a && b"] = "'and' is a word",
    ["x++"] = "neither ++ nor +=",
    ["local t; t.x = 1"] = "is nil",
    ["if x = 3 then end"] = "a comparison is written ==",
    ["for i = 1, 3 {"] = "not with braces",
    ["prnt(1)"] = "did you mean",
    ["customers = {} customrs.x = 1"] = "did you mean",
    ["x = string.formt([[x]])"] = "did you mean",
    ["local function f() return 1 + f() end f()"] = "calls itself without end",
  } do
    local _, _, err = run("-e '" .. code .. "'")
    test.check(err:find(hint, 1, true), err)
  end
end)

test("a value that is raised is shown, whatever it is", function()
  for code, text in pairs {
    ["error { code = 7 }"] = "moonsift: { code = 7 }\n",
    ["error()"] = "moonsift: an error without a message (nil)\n",
    ["error(setmetatable({}, { __tostring = function() error(1) end }))"] =
      "moonsift: an error (a table) that cannot be shown\n",
    ["coroutine.wrap(function() error [[once]] end)()"] = "moonsift: -e:1: once\n",
  } do
    test.equal(select(3, run("-e '" .. code .. "'")), text)
  end
end)

test("a line that cannot be read is shown", function()
  local path = script "local a = 1\nif a == 1 the\n  print(1)\nend\n"
  local status, _, err = run("run " .. path)
  test.equal(status, 1)
  test.contains(err, "script.lua:2: 'then' expected near 'the'\n   if a == 1 the\n")
end)

test("os.exit chooses the exit status", function()
  test.equal((run "-e 'os.exit(7)'"), 7)
  test.equal((run "-e 'os.exit(true)'"), 0)
  test.equal((run "-e 'os.exit(false)'"), 1)
end)

test("a reader that goes away ends the program quietly", function()
  local _, out, err = run("$moonsift -e 'for i = 1, 1e6 do print(i) end' | head -1", { shell = true })
  test.equal({ out, err }, { "1\n", "" })
end)

test("the memory limit ends a script with a message", function()
  local status, _, err = run("MOONSIFT_MEMORY=64M $moonsift -e 'local t = {} for i = 1, 1e9 do t[i] = {} end'",
    { shell = true })
  test.equal(status, 1)
  test.check(err:find("not enough memory", 1, true), err)
  status, _, err = run("MOONSIFT_MEMORY=50M $moonsift -e '" ..
    [[require("moonsift").simulate_shop { table = "orders", customers = 1000000 }]] .. "'", { shell = true })
  test.equal(status, 1)
  test.check(err:find("not enough memory", 1, true), err)
end)

test("help shows what there is, and one thing in full", function()
  local status, out = run "help"
  test.equal(status, 0)
  test.check(out:find("simulate_shop", 1, true))
  status, out = run "help simulate_shop"
  test.equal(status, 0)
  test.check(out:find("duplicates  real 0 … 1 (default 0.02)", 1, true), out)
  out = select(2, run "help rfm.segment")
  test.contains(out, "They must exclude each other")
  out = select(2, run "help rfm")
  test.contains(out, "segment(")
  out = select(2, run "help join")
  test.contains(out, "frame:join(other, given)")
  test.contains(out, "inner, left, right, full, semi, anti, cross (default inner)")
  out = select(2, run "help database:write")
  test.contains(out, "database:write(name, frame, given)")
end)

test("help on a wrong name names the right one, on standard error", function()
  local status, out, err = run "help jion"
  test.equal({ status, out, err }, { 1, "", "there is no help on 'jion'; did you mean join?\n" })
end)

test("help is there for programs, too", function()
  local status, out = run "help --json"
  test.equal(status, 0)
  test.contains(out, '"name":"simulate_shop"')
  test.contains(out, '"default":"0.02"')
  test.check(out:find "^%[{" and out:find "}%]\n$")
end)

test("import brings a file into a table, and says how much", function()
  local csv = test.temporary "orders.csv"
  local file = assert(io.open(csv, "wb"))
  file:write "id,city\n1,上海\n2,Oslo\n"
  file:close()
  local shop = test.temporary "shop.db"
  local status, out = run(("import %s --db %s"):format(csv, shop))
  test.equal({ status, out }, { 0, "orders: 2 rows, 2 columns\n" })
  status, out = run(("import %s --db %s --table again --json"):format(csv, shop))
  test.equal({ status, out }, { 0, '{"columns":2,"rejected":0,"rows":2,"table":"again"}\n' })
  status, out = run("import " .. csv)
  test.equal({ status, out }, { 1, "" })
end)

test("import reads a file as its options say", function()
  local csv, shop = test.temporary "orders.txt", test.temporary "shop.db"
  local file = assert(io.open(csv, "wb"))
  file:write "id|phone|city\n1|139|\201\207\186\163\n2|138|Oslo\n" -- 上海 in GBK
  file:close()
  local import = ("import %s --db %s --table orders --types phone=text --delimiter '|' --encoding GB18030")
    :format(csv, shop)
  test.equal({ run(import) }, { 0, "orders: 2 rows, 3 columns\n", "" })
  local query = ([[-e 'for r in ms.open("%s"):table("orders"):collect():rows() do print(r.phone .. r.city) end']])
    :format(shop)
  test.equal({ run(query) }, { 0, "139上海\n138Oslo\n", "" })
  local status, _, problem = run(import)
  test.equal(status, 1)
  test.contains(problem, "table 'orders' exists already")
  test.equal({ run(import .. " --mode append") }, { 0, "orders: 2 rows, 3 columns\n", "" })
  for option, message in pairs {
    ["--types phone"] = "phone: NAME=VALUE wanted", ["--types phone=number"] = "'number'",
    ["--types fone=text"] = "'fone'", ["--delimiter ''"] = "delimiter", ["--encoding EBCDIC"] = "'EBCDIC'",
    ["--mode add"] = "'add'",
  } do
    status, _, problem = run(("import %s --db %s --table other %s"):format(csv, shop, option))
    test.check(status > 0 and problem:find(message, 1, true), option .. ": " .. problem)
  end
end)

test("an option of one command is a script's own elsewhere, and other commands refuse it", function()
  local path = script "print(table.concat(arg, ' '))"
  test.equal({ run("run " .. path .. " --out x.csv --mode fast --delimiter x") },
    { 0, "--out x.csv --mode fast --delimiter x\n", "" })
  local status, _, problem = run("explain " .. path .. " --out x.csv")
  test.equal(status, 2)
  test.contains(problem, "option --out is of another command")
  status, _, problem = run("explain " .. path .. " --customr 3")
  test.equal(status, 2)
  test.contains(problem, "did you mean '--customer'?")
end)

test("progress and colours stay away where there is no terminal", function()
  local _, out, err = run("-e 'print(require([[moonsift]]).simulate_shop{table=[[orders]],customers=200000}:nrow())'")
  test.check(not (out .. err):find "\27")
  test.equal(err, "")
end)

test("every kernel's brief starts with a small letter and is no sentence with a full stop", function()
  local status, output = test.command "-e 'for _, k in ipairs(ms.help.described()) do print(k.name, k.brief) end'"
  test.equal(status, 0)
  local wrong = {}
  for name, brief in output:gmatch "(%S+)\t([^\n]*)\n" do
    if brief == "" or brief:find "%.$" or brief:find "^%u%l" then wrong[#wrong + 1] = name end
  end
  test.equal(wrong, {})
end)
