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
  uget = probe("local a return function() return a, 1 end", 1, true), mov = probe("local f = ... return f()", 2),
  tgetv = probe("local t, k = ... return t[k], k", 2), tgets = probe("local t = ... return t.k, t", 2),
  tgetb = probe("local t = ... return t[1], t", 2), ret0 = probe("return", 1),
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

-- What a length counts as.
local LENGTH = 1000

-- How often a numeric loop runs at most, from the registers of its start, stop and step; nil if that is not known.
local function times(fn, pc, base)
  local start, stop, step = held(fn, pc, base), held(fn, pc, base + 1), held(fn, pc, base + 2)
  if not start or not stop or type(step) ~= "number" or step == 0 then return nil end
  if start == "length" or stop == "length" then return math.abs(step) >= 1 and LENGTH or nil end
  return math.max(1, math.floor((stop - start) / step) + 1)
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
  elseif code == op.fori or code == op.fori + 1 then
    local most = times(fn, pc, band(rshift(instruction, 8), 0xff))
    if not most then note(found, "count", fn, pc) end
    local around = found.loops
    while around and around.last <= pc do around = around.around end
    local last = pc + 1 + rshift(instruction, 16) - 0x8000
    found.loops = { around = around, last = last, times = (most or 1) * (around and around.times or 1) }
    found.times = math.max(found.times, found.loops.times)
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
  found.loops = nil
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
-- function), `inner_call` (any other call within a nested function). `times`: how often its innermost loop runs at
-- most, as far as that is known.
function M.findings(fn)
  local found = { texts = {}, globals = {}, inner = {}, outer = {}, times = 1 }
  for i = 0, util.funcinfo(fn).upvalues - 1 do found.outer[util.funcuvname(fn, i)] = true end
  walk(fn, found)
  return found
end

local function registers(instruction)
  return band(rshift(instruction, 8), 0xff), rshift(instruction, 16), rshift(instruction, 24)
end

-- Whether the function, or table of functions, that the register holds behind pc is called, or indexed for what is
-- called, and nothing else: until then there is only the code of the call's arguments.
local function only_called(fn, pc, register)
  while true do
    pc = pc + 1
    local code, instruction = opcode(fn, pc)
    if not code or code >= op.ret0 - 2 and code <= op.ret0 + 1 or code == op.fnew then return false end
    local a, d, b = registers(instruction)
    if code == op.call or code == op.callm or code == op.callt or code == op.callmt then
      if a <= register then return a == register end
    elseif code == op.tgetv or code == op.tgets or code == op.tgetb then
      if b == register then return only_called(fn, pc, a) end
      if a == register then return false end
    elseif code == op.tsetv or code == op.tsets or code == op.tsetb or code == op.uget or code == op.gget then
      if a == register then return false end
    elseif code == op.mov and (a == register or d == register) then
      return false
    end
  end
end

--- The line where a function that stands outside is anything else than called, so that it may come back as an argument;
-- nil if there is none. is_outside(name): whether the upvalue or global of that name is one, or a table that has some.
function M.passed(fn, is_outside)
  local pc = 1
  while true do
    local code, instruction = opcode(fn, pc)
    if not code then break end
    if code == op.uget or code == op.gget then
      local register, d = registers(instruction)
      local name = code == op.uget and util.funcuvname(fn, d) or text_constant(fn, instruction)
      if is_outside(name) and not only_called(fn, pc, register) then return util.funcinfo(fn, pc).currentline end
    end
    pc = pc + 1
  end
  local found = { texts = {}, inner = {} }
  constants(fn, found)
  for _, child in ipairs(found.inner) do
    local line = M.passed(child, is_outside)
    if line then return line end
  end
end

--- Whether some way through the function ends with a value; not so where `return` was forgotten.
function M.gives(fn)
  if M.is_native(fn) then return true end
  local pc = 1
  while true do
    local code = opcode(fn, pc)
    if not code then return false end
    local returns = code >= op.ret0 - 2 and code <= op.ret0 + 1 and code ~= op.ret0
    if returns or code == op.callt or code == op.callmt then return true end
    pc = pc + 1
  end
end

--- Whether it is a function of the C side.
function M.is_native(fn)
  return util.funcinfo(fn).addr ~= nil
end

return M
