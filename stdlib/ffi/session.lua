-- The session's settings: threads, time zone, version.
local ffi = require "ffi"
local host = require "moonsift.host"
local errors = require "moonsift.errors"
local library = require "moonsift.ffi.library"
local moment = require "moonsift.ffi.moment"

local C, context = library.C, library.context
local M = { version = host.version }

moment.zone_of(context)
ffi.cdef[[
typedef struct { long seconds, nanoseconds; } ms_clock_reading;
int clock_gettime(int clock, ms_clock_reading *reading);
]]

--- Seconds since some moment, for measuring how long something takes; never set back.
function M.clock()
  local reading = ffi.new "ms_clock_reading"
  C.clock_gettime(1, reading)
  return tonumber(reading.seconds) + tonumber(reading.nanoseconds) * 1e-9
end

--- Number of threads now; sets it first if one is given (0: as many as there are cores). Results never depend on it.
function M.threads(count)
  if count ~= nil then
    if type(count) ~= "number" or count ~= math.floor(count) or count < 0 or count > 256 then
      errors.raise {
        code = "E-ARGUMENT", verb = "threads",
        message = ("threads: got %s; wanted a whole number, 0 … 256"):format(tostring(count)),
      }
    end
    C.ms_context_threads(context, count)
  end
  return C.ms_context_thread_count(context)
end

--- Rows evaluated at a time, for tests; 0 is the default. Results never depend on it.
function M.block(rows)
  C.ms_context_block(context, rows)
end

--- Name of the session's time zone; sets it first if one is given: ms.zone "Asia/Shanghai".
function M.zone(name)
  if name ~= nil then
    if type(name) ~= "string" then
      errors.raise {
        code = "E-ARGUMENT", verb = "zone",
        message = ("zone: got a %s; wanted a name such as 'Asia/Shanghai'"):format(type(name)),
      }
    end
    if C.ms_context_zone(context, name) ~= C.MS_OK then library.raise "zone" end
    library.finish()
    moment.zone_of(context)
  end
  return ffi.string(C.ms_context_zone_name(context))
end

return M
