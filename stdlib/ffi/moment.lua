-- Dates and times as Lua values: small immutable cdata, so that a row function makes them without cost.
--
-- A date counts days, a time microseconds since 1970-01-01T00:00Z. The calendar parts of a time are those of
-- the session's zone (M.zone_of).
local ffi = require "ffi"
local value = require "moonsift.value"

local floor = math.floor

ffi.cdef [[
typedef struct { const int32_t value; } ms_lua_date;
typedef struct { const int64_t value; } ms_lua_time;
typedef struct { const int32_t month_part, day_part; const int64_t micro_part; } ms_lua_duration;
]]
local Date, Time, Duration =
  ffi.typeof "ms_lua_date", ffi.typeof "ms_lua_time", ffi.typeof "ms_lua_duration"

local M = {}

-- The session's zone: the offset that was asked for last, with the moments for which it holds.
local context
local span = ffi.new "double[2]"
local utc_from, utc_till, utc_offset = 1, 0, 0
local wall_from, wall_till, wall_offset = 1, 0, 0

--- Takes the zone of a context (nil: UTC) from now on.
function M.zone_of(session)
  context = session
  utc_from, utc_till, wall_from, wall_till = 1, 0, 1, 0
end

-- Seconds that the wall is ahead of UTC at a moment of seconds since 1970.
local function offset_at(seconds)
  if seconds >= utc_from and seconds < utc_till then return utc_offset end
  if context == nil then return 0 end
  utc_offset = ffi.C.ms_context_offset(context, seconds, false, span)
  utc_from, utc_till = span[0], span[1]
  return utc_offset
end

-- The moment at which the wall shows these seconds.
local function moment_at(seconds)
  if seconds >= wall_from and seconds < wall_till then return seconds - wall_offset end
  if context == nil then return seconds end
  wall_offset = ffi.C.ms_context_offset(context, seconds, true, span)
  wall_from, wall_till = span[0], span[1]
  return seconds - wall_offset
end

function M.is_date(x) return ffi.istype(Date, x) end
function M.is_time(x) return ffi.istype(Time, x) end
function M.is_duration(x) return ffi.istype(Duration, x) end
local is_date, is_time, is_duration = M.is_date, M.is_time, M.is_duration

local function kind(x)
  if is_date(x) then return "a date" end
  if is_time(x) then return "a time" end
  if is_duration(x) then return "a duration" end
  return x == nil and "nil" or "a " .. type(x)
end

--- A date of days since 1970-01-01; a time of microseconds (number or int64).
function M.date_of(days) return Date(days) end
function M.time_of(micros) return Time(micros) end

--- ms.date "2025-01-31", ms.date(2025, 1, 31), ms.date(time).
function M.date(what, month, day)
  if is_date(what) then return what end
  if is_time(what) then return what:date() end
  if type(what) == "number" and month and day then return Date(value.days(what, month, day)) end
  local days = type(what) == "string" and value.parse_date(what)
  if not days then
    error(("date: got %s; wanted a text such as '2025-01-31', or year, month, day"):format(
      type(what) == "string" and "'" .. what .. "'" or kind(what)), 2)
  end
  return Date(days)
end

local function moment_of(days, seconds, micros, offset)
  local clock = days * 86400 + seconds
  clock = offset and clock - offset or moment_at(clock)
  return Time(ffi.cast("int64_t", clock) * 1000000 + micros)
end

--- ms.time "2025-01-31 08:30", with "Z" or "+08:00" where it is not of the session's zone; ms.time(date) is midnight.
function M.time(what)
  if is_time(what) then return what end
  if is_date(what) then return moment_of(what.value, 0, 0) end
  if type(what) == "string" then
    local days, seconds, micros, offset = value.parse_time(what)
    if days then return moment_of(days, seconds, micros, offset) end
  end
  error(("time: got %s; wanted a text such as '2025-01-31 08:30'"):format(
    type(what) == "string" and "'" .. what .. "'" or kind(what)), 2)
end

local function duration_from(what)
  if is_duration(what) then return what end
  if type(what) == "string" then
    local months, days, seconds = value.parse_duration(what)
    if months then return Duration(months, days, ffi.cast("int64_t", seconds) * 1000000) end
  end
end

--- ms.duration "7d", "1mo", "1h30m", "-2w".
function M.duration(what)
  return duration_from(what) or error(("duration: got %s; wanted a text such as '7d', '1mo' or '1h30m'"):format(
    type(what) == "string" and "'" .. what .. "'" or kind(what)), 2)
end

-- Microseconds as seconds (a number, floored) and the rest.
local function split(time)
  local seconds = time.value / 1000000
  if seconds * 1000000 > time.value then seconds = seconds - 1 end
  return tonumber(seconds), tonumber(time.value - seconds * 1000000)
end

-- Days and seconds of the day in the session's zone.
local function wall(time)
  local seconds, micros = split(time)
  seconds = seconds + offset_at(seconds)
  local days = floor(seconds / 86400)
  return days, seconds - days * 86400, micros
end

local function days_of(x)
  if is_date(x) then return x.value end
  return (wall(x))
end

local function negate(d) return Duration(-d.month_part, -d.day_part, -d.micro_part) end

local function date_plus(date, d)
  if d.micro_part ~= 0 then error("date: hours and smaller parts cannot be added to a date; wanted a time", 3) end
  local days = date.value
  if d.month_part ~= 0 then days = value.add_months(days, d.month_part) end
  return Date(days + d.day_part)
end

local function time_plus(time, d)
  local micros = time.value + d.micro_part
  if d.month_part == 0 and d.day_part == 0 then return Time(micros) end
  local days, seconds, fraction = wall(Time(micros))
  if d.month_part ~= 0 then days = value.add_months(days, d.month_part) end
  return moment_of(days + d.day_part, seconds, fraction)
end

local function plus(a, b)
  if type(b) == "number" and is_date(a) then return Date(a.value + b) end
  local d = duration_from(b)
  if d and is_date(a) then return date_plus(a, d) end
  if d and is_time(a) then return time_plus(a, d) end
end

local function cannot(verb, a, b, wanted)
  error(("cannot %s %s and %s; %s"):format(verb, kind(a), kind(b), wanted), 3)
end

local function add(a, b)
  if type(a) == "number" or type(a) == "string" or is_duration(a) then a, b = b, a end
  return plus(a, b) or cannot("add", a, b, "wanted a duration such as '7d' (or days to a date)")
end

local function subtract(a, b)
  if is_date(a) and is_date(b) then return a.value - b.value end
  if is_time(a) and is_time(b) then return Duration(0, 0, a.value - b.value) end
  if type(b) == "number" and is_date(a) then return Date(a.value - b) end
  local d = duration_from(b)
  return d and plus(a, negate(d)) or
    cannot("subtract", a, b, "wanted two of a kind, or a duration such as '7d'")
end

local function comparison(is, compare)
  return function(a, b)
    if not (is(a) and is(b)) then
      error(("cannot compare %s with %s; ms.date '2025-01-31' and ms.time '2025-01-31 08:30' make these values")
        :format(kind(a), kind(b)), 2)
    end
    return compare(a.value, b.value)
  end
end

-- Equal only to its own kind; anything else is different, as everywhere in Lua.
local function equality(is)
  return function(a, b) return is(a) and is(b) and a.value == b.value end
end

local function concat(a, b) return tostring(a) .. tostring(b) end

local shared = {}
function shared.year(x) return (value.civil(days_of(x))) end
function shared.month(x) local _, month = value.civil(days_of(x)) return month end
function shared.day(x) local _, _, day = value.civil(days_of(x)) return day end
function shared.quarter(x) local _, month = value.civil(days_of(x)) return floor((month + 2) / 3) end
--- 1 for Monday … 7 for Sunday.
function shared.weekday(x) return value.weekday(days_of(x)) end
--- Whole calendar days from the other date or time to this one.
function shared.days_since(x, other)
  if not (is_date(other) or is_time(other)) then
    error(("days_since: got %s; wanted a date or a time"):format(kind(other)), 2)
  end
  return days_of(x) - days_of(other)
end
function shared.add_months(x, months)
  return plus(x, Duration(months, 0, 0))
end

local date_methods, time_methods = {}, {}
for name, fn in pairs(shared) do date_methods[name], time_methods[name] = fn, fn end

--- The days since 1970-01-01: a number that can be the key of a table.
function date_methods.days(x) return x.value end
function time_methods.hour(x) local _, seconds = wall(x) return floor(seconds / 3600) end
function time_methods.minute(x) local _, seconds = wall(x) return floor(seconds / 60) % 60 end
function time_methods.second(x) local _, seconds = wall(x) return seconds % 60 end
function time_methods.date(x) return Date((wall(x))) end
--- Seconds since 1970-01-01T00:00Z, a number.
function time_methods.seconds(x) return tonumber(x.value) / 1e6 end
--- Seconds from the other time to this one.
function time_methods.seconds_since(x, other)
  if not is_time(other) then error(("seconds_since: got %s; wanted a time"):format(kind(other)), 2) end
  return tonumber(x.value - other.value) / 1e6
end

local duration_methods = {}
function duration_methods.days(d) return d.month_part * 30.436875 + d.day_part + tonumber(d.micro_part) / 86400e6 end
function duration_methods.hours(d) return duration_methods.days(d) * 24 end
function duration_methods.seconds(d) return duration_methods.days(d) * 86400 end

local function members(methods, what)
  return function(_, key)
    local method = methods[key]
    if method == nil then error(("%s has no '%s'"):format(what, tostring(key)), 2) end
    return method
  end
end

local function locked() error("dates, times and durations cannot be changed", 2) end

local function register(ctype, is, methods, what, text)
  ffi.metatype(ctype, {
    __index = members(methods, what), __newindex = locked, __tostring = text, __concat = concat,
    __add = add, __sub = subtract, __eq = equality(is),
    __lt = comparison(is, function(a, b) return a < b end),
    __le = comparison(is, function(a, b) return a <= b end),
  })
end

register(Date, is_date, date_methods, "a date", function(x) return value.format_date(x.value) end)
register(Time, is_time, time_methods, "a time", function(x)
  local days, seconds, micros = wall(x)
  return value.format_date(days) .. " " .. value.format_clock(seconds, micros)
end)

local function duration_text(d)
  local parts = {}
  local function part(count, unit) if count ~= 0 then parts[#parts + 1] = count .. unit end end
  local seconds = tonumber(d.micro_part) / 1e6
  local sign = (d.month_part < 0 or d.day_part < 0 or seconds < 0) and -1 or 1
  part(sign * d.month_part, "mo")
  part(sign * d.day_part, "d")
  seconds = sign * seconds
  part(floor(seconds / 3600), "h")
  part(floor(seconds / 60) % 60, "m")
  part(seconds % 60, "s")
  if #parts == 0 then return "0s" end
  return (sign < 0 and "-" or "") .. table.concat(parts)
end

local function duration_equal(a, b)
  return is_duration(a) and is_duration(b) and a.month_part == b.month_part and a.day_part == b.day_part
    and a.micro_part == b.micro_part
end

ffi.metatype(Duration, {
  __index = members(duration_methods, "a duration"), __newindex = locked, __tostring = duration_text,
  __concat = concat, __eq = duration_equal, __add = add, __sub = subtract, __unm = negate,
})

return M
