-- A folder uses itself and those above it; scripts use what help() lists.
local test = require "moonsift.test"
local rules = dofile("tests/structure/rules.lua")

local function faults(path, text)
  return rules.layer_faults({ [path] = text })
end

test("no include and no require goes against the order of the folders", function()
  test.equal(rules.layer_faults(rules.project_files()), {})
end)

test("an include of a folder below is found", function()
  test.equal(faults("core/base/text.c", '/* x */\n#include "core/frame/frame.h"\n'),
    { "core/base/text.c:2: includes core/frame/frame.h, which is below it" })
  test.equal(faults("core/io/csv.c", '#include "core/lua/state.h"\n'),
    { "core/io/csv.c:1: includes core/lua/state.h, which is below it" })
  test.equal(faults("core/expr/eval.c", '#include "core/kernels/relational/sort.h"\n'),
    { "core/expr/eval.c:1: includes core/kernels/relational/sort.h, which is below it" })
end)

test("an include within the folder or of one above is fine", function()
  test.equal(faults("core/io/csv.c", '#include "core/io/csv.h"\n#include "core/api.h"\n#include <stdio.h>\n'), {})
end)

test("an include that does not begin at core is found", function()
  test.equal(#faults("core/base/text.c", '#include "text.h"\n'), 1)
  test.equal(#faults("core/base/text.c", '#include "../frame/frame.h"\n'), 1)
end)

test("lua.h before core/lua is found, and sqlite3.h outside of its files", function()
  test.equal(#faults("core/io/csv.c", "#include <luajit-2.1/lua.h>\n"), 1)
  test.equal(#faults("core/io/csv.c", "#include <lauxlib.h>\n"), 1)
  test.equal(#faults("core/lua/state.c", "#include <lua.h>\n"), 0)
  test.equal(#faults("core/runtime/run.c", "#include <sqlite3.h>\n"), 1)
  test.equal(#faults("core/io/sqlite_read.c", "#include <sqlite3.h>\n"), 0)
end)

test("a mining file that includes another mining file is found", function()
  local include = '#include "core/kernels/mining/tree.h"\n'
  test.equal(#faults("core/kernels/mining/forest.c", include), 1)
  test.equal(#faults("core/kernels/mining/tree.c", include), 0)
  test.equal(#faults("core/kernels/mining/tree/grow.c", '#include "core/kernels/mining/tree/tree.h"\n'), 0)
  test.equal(#faults("core/kernels/mining/forest/grow.c", '#include "core/kernels/mining/tree/tree.h"\n'), 1)
  test.equal(#faults("core/kernels/mining/forest.c", '#include "core/kernels/mining/common/split.h"\n'), 0)
end)

test("ffi outside of stdlib/ffi is found, and inner parts in scripts", function()
  test.equal(#faults("stdlib/crm/rfm.lua", 'local ffi = require "ffi"\n'), 1)
  test.equal(#faults("stdlib/ffi/frame.lua", 'local ffi = require("ffi")\n'), 0)
  test.equal(#faults("scripts/segmentation/rfm.lua", 'local x = require "moonsift.ffi.frame"\n'), 1)
  test.equal(#faults("examples/a.lua", 'local x = require "socket"\n'), 1)
  test.equal(#faults("examples/a.lua", 'local ms = require "moonsift"\n'), 0)
  test.equal(#faults("stdlib/ffi/frame.lua", 'local x = require "moonsift.crm.rfm"\n'), 1)
  test.equal(#faults("stdlib/ffi/frame.lua", 'local x = require "moonsift.errors"\n'), 0)
  test.equal(#faults("stdlib/errors.lua", 'local x = require "moonsift.crm.rfm"\n'), 1)
end)
