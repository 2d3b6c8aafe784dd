-- Each file says its purpose; nothing is left unfinished; the core asks only its context for memory.
local test = require "moonsift.test"
local rules = dofile("tests/structure/rules.lua")

local function faults(path, text)
  return rules.manner_faults({ [path] = text })
end

test("every file says its purpose, and nothing unfinished or of one machine is left in it", function()
  test.equal(rules.manner_faults(rules.project_files()), {})
end)

test("a file without a purpose is found", function()
  test.equal(#faults("core/a.c", "#include <stdio.h>\n"), 1)
  test.equal(#faults("stdlib/a.lua", "local M = {}\n"), 1)
end)

test("marks of unfinished work and paths of a machine are found", function()
  test.equal(#faults("core/a.c", "/* x */\n/* TO" .. "DO: later */\n"), 1)
  test.equal(#faults("docs/a.md", "see /ho" .. "me/me/file\n"), 1)
end)

test("calls that the core does not make are found, their names in comments and texts are not", function()
  test.equal(#faults("core/frame/a.c", "/* x */\nvoid f(void) {\n  g = malloc(3);\n}\n"), 1)
  test.equal(#faults("core/base/memory.c", "/* x */\nvoid f(void) {\n  g = malloc(3);\n}\n"), 0)
  test.equal(#faults("core/frame/a.c", "/* x */\nvoid f(void) {\n  printf(\"no\");\n}\n"), 1)
  test.equal(#faults("core/runtime/a.c", "/* x */\nvoid f(void) {\n  printf(\"no\");\n}\n"), 0)
  local harmless = "/* malloc(3) */\nconst char *f = \"exit(1)\";\nvoid g(void) { snprintf(0, 0, 0); }\n"
  test.equal(faults("core/frame/a.c", harmless), {})
  test.equal(#faults("core/kernels/relational/a.c", "/* x */\nvoid f(void) {\n  free(p);\n}\n"), 1)
end)

test("every function that a header declares is defined", function()
  test.equal(rules.undefined_faults(rules.project_files()), {})
end)

test("a function that is declared and nowhere defined is found", function()
  local header = "/* x */\nint ms_one(void);\nint ms_two(int a,\n           int b) __attribute__((pure));\n"
  test.equal(rules.undefined_faults({ ["core/a.h"] = header, ["core/a.c"] = "int ms_one(void) {\n  return 1;\n}\n" }),
    { "core/a.h:3: ms_two is declared and nowhere defined" })
end)
