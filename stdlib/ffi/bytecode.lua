-- What a Lua function does, read from its bytecode: which globals it reads, what it assigns, whether it loops.
--
-- The numbers of the instructions are found by compiling small functions that are known to have them, so that they
-- are right for any LuaJIT 2.1.
local bit = require "bit"
local util = require "jit.util"

local band, rshift = bit.band, bit.rshift
local loadstring = loadstring

local M = {}

local function opcode(fn, pc)
  local instruction = util.funcbc(fn, pc)
  return instruction and band(instruction, 0xff), instruction
end

-- The number of an instruction: of a text's function (or the first one within it), at pc.
local function probe(text, pc, inner)
  local fn = loadstring(text)
  return (opcode(inner and util.funck(fn, -1) or fn, pc))
end

local op = {
  gget = probe("return x, 1", 1), gset = probe("x = 1", 2),
  usetv = probe("local a return function(b) a = b end", 1, true),
  tsetv = probe("local t, k, v = ... t[k] = v", 2), tsets = probe("local t, v = ... t.k = v", 2),
  tsetb = probe("local t, v = ... t[1] = v", 2), tsetm = probe("local t = { ... }", 3),
  loop = probe("while true do end", 1), fori = probe("local a, b = ... for i = a, b do end", 5),
  iterc = probe("local f, s, v = ... for i in f, s, v do end", 6),
  itern = probe("local t = ... for k, v in pairs(t) do end", 6),
  fnew = probe("return function() end", 1), callt = probe("local f = ... return f()", 3),
  call = probe("local f = ... f() return f", 3), callm = probe("local f = ... f(...) return f", 4),
  callmt = probe("local f = ... return f(...)", 4),
  kshort = probe("return 1, x", 1), knum = probe("return 0.5, x", 1), len = probe("local t = ... return #t, t", 2),
}
M.op = op

-- The constant that the register holds in front of pc, or "length" of something; nil where it is neither.
local function held(fn, pc, register)
  for before = pc - 1, math.max(1, pc - 8), -1 do
    local code, instruction = opcode(fn, before)
    if band(rshift(instruction, 8), 0xff) == register then
      local d = rshift(instruction, 16)
      if code == op.kshort then return d >= 0x8000 and d - 0x10000 or d end
      if code == op.knum then return util.funck(fn, d) end
      return code == op.len and "length" or nil
    end
  end
end

-- Whether a numeric loop ends soon: its start, stop and step stand in three registers.
local function bounded(fn, pc, base)
  local start, stop, step = held(fn, pc, base), held(fn, pc, base + 1), held(fn, pc, base + 2)
  if not start or not stop or type(step) ~= "number" or step == 0 then return false end
  if start == "length" or stop == "length" then return math.abs(step) >= 1 end
  return (stop - start) / step <= 1e6
end

local function text_constant(fn, instruction)
  return util.funck(fn, -rshift(instruction, 16) - 1)
end

-- The names that r.name, t.name and texts have among the constants.
local function constants(fn, found)
  local i = -1
  while true do
    local constant = util.funck(fn, i)
    if constant == nil then return end
    if type(constant) == "string" then found.texts[constant] = true end
    if type(constant) == "proto" then found.inner[#found.inner + 1] = constant end
    i = i - 1
  end
end

local function note(found, what, fn, pc, name)
  if not found[what] then found[what] = { line = util.funcinfo(fn, pc).currentline, name = name } end
end

local function upvalue_name(fn, instruction)
  return util.funcuvname(fn, band(rshift(instruction, 8), 0xff))
end

-- One instruction's part in the findings.
local function look(found, fn, pc, code, instruction)
  if code == op.gget then
    found.globals[text_constant(fn, instruction)] = true
  elseif code == op.gset then
    note(found, "global_store", fn, pc, text_constant(fn, instruction))
  elseif code >= op.usetv and code <= op.usetv + 3 then
    local name = upvalue_name(fn, instruction)
    if not found.nested or found.outer[name] then note(found, "assigned", fn, pc, name) end
  elseif code == op.tsetv or code == op.tsets or code == op.tsetb or code == op.tsetm then
    note(found, "store", fn, pc)
  elseif code >= op.loop and code <= op.loop + 2 then
    note(found, "loop", fn, pc)
  elseif (code == op.fori or code == op.fori + 1) and not bounded(fn, pc, band(rshift(instruction, 8), 0xff)) then
    note(found, "count", fn, pc)
  elseif code == op.iterc then
    note(found, "iterator", fn, pc)
  elseif (code == op.callt or code == op.callmt) and found.nested then
    note(found, "tail", fn, pc)
  elseif (code == op.call or code == op.callm) and found.nested then
    note(found, "inner_call", fn, pc)
  elseif code == op.fnew then
    found.closures = true
  end
end

local function walk(fn, found)
  local pc = 1
  while true do
    local code, instruction = opcode(fn, pc)
    if not code then break end
    look(found, fn, pc, code, instruction)
    pc = pc + 1
  end
  local inner = found.inner
  found.inner = {}
  constants(fn, found)
  local children = found.inner
  found.inner = inner
  for _, child in ipairs(children) do
    found.nested = true
    walk(child, found)
  end
end

--- The findings: `texts` (its text constants), `globals` (names read), `closures`; and where they are found, each
-- with its `line`: `global_store`, `assigned` (upvalue `name`), `store` (into a table), `loop` (while, repeat, goto),
-- `count` (a numeric for without constant bounds), `iterator` (a for over a function), `tail` (a tail call of a nested
-- function), `inner_call` (any other call within a nested function).
function M.findings(fn)
  local found = { texts = {}, globals = {}, inner = {}, outer = {} }
  for i = 0, util.funcinfo(fn).upvalues - 1 do found.outer[util.funcuvname(fn, i)] = true end
  walk(fn, found)
  return found
end

--- Whether it is a function of the C side.
function M.is_native(fn)
  return util.funcinfo(fn).addr ~= nil
end

return M
