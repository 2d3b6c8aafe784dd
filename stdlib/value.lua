-- The calendar in plain Lua: dates as days, times as seconds, durations as months, days and seconds.
--
-- The proleptic Gregorian calendar of ISO 8601; day 0 is 1970-01-01. Method: H. Hinnant, "chrono-Compatible
-- Low-Level Date Algorithms" (2013): years begin in March, so that a leap day is the last of its year.
local floor = math.floor

local M = {}

--- Days since 1970-01-01 of a date of the calendar; month and day may overflow.
-- M.days(1970, 1, 2) == 1
function M.days(year, month, day)
  local y = month <= 2 and year - 1 or year
  local era = floor(y / 400)
  local of_era = y - era * 400
  local of_year = floor((153 * (month + (month > 2 and -3 or 9)) + 2) / 5) + day - 1
  return era * 146097 + of_era * 365 + floor(of_era / 4) - floor(of_era / 100) + of_year - 719468
end

--- Year, month and day of a number of days since 1970-01-01.
-- M.civil(0) == 1970, 1, 1
function M.civil(days)
  local z = days + 719468
  local era = floor(z / 146097)
  local d = z - era * 146097
  local of_era = floor((d - floor(d / 1460) + floor(d / 36524) - floor(d / 146096)) / 365)
  local of_year = d - (365 * of_era + floor(of_era / 4) - floor(of_era / 100))
  local m = floor((5 * of_year + 2) / 153)
  local month = m < 10 and m + 3 or m - 9
  local year = of_era + era * 400
  return month <= 2 and year + 1 or year, month, of_year - floor((153 * m + 2) / 5) + 1
end

local LENGTHS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

--- Days of the month, 28 … 31.
function M.month_length(year, month)
  local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month == 2 and leap and 29 or LENGTHS[month]
end

--- The same day some months later; the last of the month where it has no such day.
-- M.add_months(M.days(2024, 1, 31), 1) == M.days(2024, 2, 29)
function M.add_months(days, months)
  local year, month, day = M.civil(days)
  local count = year * 12 + month - 1 + months
  year, month = floor(count / 12), count % 12 + 1
  return M.days(year, month, math.min(day, M.month_length(year, month)))
end

--- 1 for Monday … 7 for Sunday (ISO 8601).
function M.weekday(days)
  return (days + 3) % 7 + 1
end

--- Days of a text "2025-01-31"; nil where it is no date.
function M.parse_date(text)
  local year, month, day = text:match "^(%d%d%d%d)%-(%d%d?)%-(%d%d?)$"
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if not year or month < 1 or month > 12 or day < 1 or day > M.month_length(year, month) then return nil end
  return M.days(year, month, day)
end

local function parse_offset(text)
  if text == "" then return nil, true end
  if text == "Z" then return 0, true end
  local sign, hours, minutes = text:match "^([+-])(%d%d):?(%d%d)$"
  if not sign then return nil, false end
  return (sign == "-" and -1 or 1) * (hours * 3600 + minutes * 60), true
end

--- Days, seconds of the day (0 … 86400), microseconds, and the offset from UTC in seconds if one is given, of a
-- text "2025-01-31", "2025-01-31 08:30", "2025-01-31T08:30:00.25+08:00" or "…Z"; nil where it is no time.
function M.parse_time(text)
  local date, rest = text:match "^(%S-)[T ](.*)$"
  local days = M.parse_date(date or text)
  if not days then return nil end
  if not date then return days, 0, 0, nil end
  local hour, minute, behind = rest:match "^(%d%d):(%d%d)(.*)$"
  if not hour then return nil end
  local second, fraction = 0, 0
  if behind:match "^:%d%d" then
    second, behind = tonumber(behind:sub(2, 3)), behind:sub(4)
    local digits = behind:match "^%.(%d+)"
    if digits then
      fraction, behind = tonumber((digits .. "000000"):sub(1, 6)), behind:sub(#digits + 2)
    end
  end
  local offset, fine = parse_offset(behind)
  hour, minute = tonumber(hour), tonumber(minute)
  if not fine or hour > 23 or minute > 59 or second > 59 then return nil end
  return days, hour * 3600 + minute * 60 + second, fraction, offset
end

--- "2025-01-31" for days.
function M.format_date(days)
  local year, month, day = M.civil(days)
  return ("%04d-%02d-%02d"):format(year, month, day)
end

--- "08:30:00", with a fraction only where there is one, for seconds of the day and microseconds.
function M.format_clock(seconds, micros)
  local text = ("%02d:%02d:%02d"):format(floor(seconds / 3600), floor(seconds / 60) % 60, seconds % 60)
  if micros > 0 then text = text .. (("." .. ("%06d"):format(micros)):gsub("0+$", "")) end
  return text
end

local UNITS = {
  y = { 12, 0, 0 }, mo = { 1, 0, 0 }, w = { 0, 7, 0 }, d = { 0, 1, 0 },
  h = { 0, 0, 3600 }, m = { 0, 0, 60 }, min = { 0, 0, 60 }, s = { 0, 0, 1 },
}

--- Months, days and seconds of a text such as "7d", "1mo", "-2w", "1h30m", "1y6mo"; nil where it is none.
-- M.parse_duration("1mo2d") == 1, 2, 0
function M.parse_duration(text)
  local sign, rest = text:match "^%s*(%-?)%s*(.-)%s*$"
  if rest == "" then return nil end
  local months, days, seconds = 0, 0, 0
  while rest ~= "" do
    local count, unit, behind = rest:match "^(%d+)%s*(%a+)%s*(.*)$"
    local worth = unit and UNITS[unit]
    if not worth then return nil end
    months, days, seconds = months + count * worth[1], days + count * worth[2], seconds + count * worth[3]
    rest = behind
  end
  local by = sign == "-" and -1 or 1
  return by * months, by * days, by * seconds
end

return M
