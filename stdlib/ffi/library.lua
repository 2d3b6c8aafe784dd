-- The core as the FFI sees it: its declarations, the session's context, and the way every call ends.
--
-- The state hands over what only stdlib/ffi sees as the module "moonsift.host": `declarations`, the text
-- of core/api.h for the FFI; `context`, the session's ms_context (a light userdata or a number of
-- pointer size) and `hold`, the place that holds a stop back (core/lua/interrupt.h), both absent outside of
-- the program; `warn`, a function that shows a line of warning.
local ffi = require "ffi"
local host = require "moonsift.host"
local errors = require "moonsift.errors"

local collect = collectgarbage

ffi.cdef(host.declarations)
local C = ffi.C

local M = { C = C }

-- Type constants by their number, as words; and numbers by the word.
M.types = {}
for word, number in pairs {
  boolean = C.MS_BOOLEAN, integer = C.MS_INTEGER, real = C.MS_REAL,
  date = C.MS_DATE, time = C.MS_TIME, text = C.MS_TEXT,
} do
  M.types[word], M.types[tonumber(number)] = tonumber(number), word
end

local function session()
  if host.context then return ffi.cast("ms_context *", host.context) end
  local made = C.ms_context_new()
  if made == nil then error("there is no memory for a session", 0) end
  return made
end

--- The session's context.
M.context = session()
local context = M.context

local hold = ffi.cast("volatile int *", host.hold or ffi.new "int[1]")
M.held = not host.hold and hold or nil -- keeps the cell

--- Calls make(…), which gives a handle or NULL, and has the collector call release(handle) for it. A stop waits until
-- that is done: between the two nobody would own the handle. Interpreted or compiled, the store of the 1 comes before
-- the call and that of the 0 behind ffi.gc, since no store moves over a call; the hook, which is only called by the
-- interpreter, looks there.
function M.own(release, make, ...)
  hold[0] = 1
  local fine, handle = pcall(make, ...)
  if fine and handle ~= nil then ffi.gc(handle, release) end
  hold[0] = 0
  if not fine then error(handle, 0) end
  return handle
end

--- Takes the handle from the collector and calls consume(handle), which gives it back to the core or makes another
-- handle of it, which is released with `release`.
function M.disown(handle, consume, release)
  return M.own(release, function()
    return consume(ffi.gc(handle, nil))
  end)
end

-- Ends the call: temporaries go, warnings are shown.
local function finish()
  C.ms_context_end(context)
  local text = C.ms_context_warnings(context)
  if text[0] ~= 0 then
    local lines = ffi.string(text)
    C.ms_context_warnings_clear(context)
    if host.warn then host.warn(lines) else io.stderr:write(lines) end
  end
end
M.finish = finish

local function optional(text)
  if text[0] ~= 0 then return ffi.string(text) end
end

--- Ends the call and raises the context's error as one of moonsift.errors.
-- verb: of the call, where the text does not begin with it.
function M.raise(verb)
  local source = optional(C.ms_error_source(context))
  local row = tonumber(C.ms_error_row(context))
  local fields = {
    code = ffi.string(C.ms_error_code(context)),
    verb = verb,
    message = ffi.string(C.ms_error_text(context)),
    hint = optional(C.ms_error_hint(context)),
    column = optional(C.ms_error_column(context)),
    row = row >= 0 and row + 1 or nil,
    source = source,
    first = source and tonumber(C.ms_error_begin(context)) or nil,
    last = source and tonumber(C.ms_error_end(context)) or nil,
  }
  C.ms_error_clear(context)
  finish()
  errors.raise(fields)
end

-- Lua's collector sees a handle of some bytes where a frame of gigabytes hangs on it. So it is told to
-- work whenever what the core holds has doubled since it last did.
local QUIET = 64 * 2 ^ 20
local limit = QUIET
function M.pressure()
  if tonumber(C.ms_context_memory(context)) > limit then
    collect()
    limit = math.max(QUIET, 2 * tonumber(C.ms_context_memory(context)))
  end
end

--- Sets frames free that nobody can reach any more; true if that gave memory back.
function M.reclaim()
  local before = C.ms_context_memory(context)
  collect()
  return C.ms_context_memory(context) < before
end

return M
