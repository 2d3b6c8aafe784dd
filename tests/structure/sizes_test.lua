-- Files, functions and parameter lists stay small; who may not is listed with the reason.
local test = require "moonsift.test"
local rules = dofile("tests/structure/rules.lua")

local function function_of(lines)
  local head = "/* x */\nstatic int long_one(int a,\n                    int b) {\n"
  return head .. ("  a += b;\n"):rep(lines - 3) .. "}\n"
end

test("no file, function or parameter list is beyond the limits", function()
  test.equal(rules.size_faults(rules.project_files(), dofile("tests/structure/exceptions.lua")), {})
end)

test("a C function of 60 lines is fine and one of 61 is found", function()
  test.equal(rules.size_faults({ ["core/a.c"] = function_of(60) }, {}), {})
  test.equal(rules.size_faults({ ["core/a.c"] = function_of(61) }, {}),
    { "core/a.c:2: long_one has 61 lines; at most 60" })
end)

test("a Lua function of 61 lines is found", function()
  local text = "-- x\nlocal function long(a)\n" .. ("  a = a + 1\n"):rep(59) .. "end\n"
  test.equal(rules.size_faults({ ["stdlib/a.lua"] = text }, {}),
    { "stdlib/a.lua:2: long has 61 lines; at most 60" })
end)

test("six parameters are found, in definitions and prototypes, and function pointers count as one", function()
  test.equal(#rules.size_faults({ ["core/a.h"] = "void f(int a, int b, int c, int d, int e,\n  int f);\n" }, {}), 1)
  test.equal(#rules.size_faults({ ["core/a.c"] = "void f(int a, int b, int c, int d, int e, int f) {\n}\n" }, {}), 1)
  test.equal(rules.size_faults({ ["core/a.h"] = "void f(int a, int b, int c, int d, int (*e)(int, int));\n" }, {}), {})
  test.equal(#rules.size_faults({ ["stdlib/a.lua"] = "local function f(a, b, c, d, e, g) return a end\n" }, {}), 1)
end)

test("a file of 451 lines is found, an excused one is not, and an idle excuse is", function()
  local files = { ["stdlib/a.lua"] = ("-- x\n"):rep(451) }
  test.equal(#rules.size_faults(files, {}), 1)
  test.equal(rules.size_faults(files, { ["stdlib/a.lua"] = "a table of figures" }), {})
  test.equal(#rules.size_faults({}, { ["stdlib/a.lua"] = "gone" }), 1)
end)
