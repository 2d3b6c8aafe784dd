-- The Chinese lunar calendar (农历) of the years 1900 to 2100, and birthdays by either calendar.
--
-- Source of the table: computed by the rules of GB/T 33661-2017 (a month begins on the day of the new moon in Beijing;
-- the eleventh holds the winter solstice; of thirteen months between two solstices the first without a major solar
-- term is the leap month) from positions of Sun and Moon (those of libastro, in PyEphem 4.1.4; Beijing's local time
-- before 1929), and compared with two tables in use. From that of many libraries, corrected after the Hong Kong
-- Observatory's, it differs in 2057 alone: the new moon of 28 September, as the Observatory has it too, is within
-- seconds of midnight, and others put it on the 29th. From Debian's python3-lunardate 0.2.0 it differs in 1933, 1954,
-- 1956 and 1978, where that table has errors. Months 3 and 4 of 1906 stand as they were published then (computed, they
-- have 29 and 30 days). Tests hold dates that the Observatory has published.
local build = require "moonsift.ffi.build"
local errors = require "moonsift.errors"
local moment = require "moonsift.ffi.moment"

local M = {}

-- A year a word, from 1900 on, which began on 1900-01-31. Bit i (from 0) says whether the month in place i + 1, the
-- leap month counted, has 30 days (else 29); what stands above bit 12 is the number of the month behind which the leap
-- month comes, 0 for none.
local YEARS =
  "116d2 00752 00ea5 0b64a 0064b 00a9b 09556 0056a 00b59 05752 00752 0db25 00b25 00a4b 0b4ab 002ad" ..
  "0056b 04b69 00da9 0fd92 00e92 00d25 0ba4d 00a56 002b6 095b5 006d4 00ea9 05e92 00e92 0cd26 0052b" ..
  "00a57 0b2b6 00b5a 006d4 06ec9 00749 0f693 00a93 0052b 0ca5b 00aad 0056a 09b55 00ba4 00b49 05a93" ..
  "00a95 0f52d 00536 00aad 0b5aa 005b2 00da5 07d4a 00d4a 10a95 00a97 00556 0cab5 00ad5 006d2 08ea5" ..
  "00ea5 0064a 06c97 00a9b 0f55a 0056a 00b69 0b752 00b52 00b25 0964b 00a4b 114ab 002ad 0056d 0cb69" ..
  "00da9 00d92 09d25 00d25 15a4d 00a56 002b6 0c5b5 006d5 00ea9 0be92 00e92 00d26 06a56 00a57 114d6" ..
  "0035a 006d5 0b6c9 00749 00693 0952b 0052b 00a5b 0555a 0056a 0fb55 00ba4 00b49 0ba93 00a95 0052d" ..
  "08aad 00ab5 135aa 005d2 00da5 0dd4a 00d4a 00c95 0952e 00556 00ab5 055b2 006d2 0cea5 00725 0064b" ..
  "0ac97 00cab 0055a 06ad6 00b69 17752 00b52 00b25 0da4b 00a4b 004ab 0a55b 005ad 00b6a 05b52 00d92" ..
  "0fd25 00d25 00a55 0b4ad 004b6 005b5 06daa 00ec9 11e92 00e92 00d26 0ca56 00a57 00556 086d5 00755" ..
  "00749 06e93 00693 0f52b 0052b 00a5b 0b55a 0056a 00b65 0974a 00b4a 11a95 00a95 0052d 0caad 00ab5" ..
  "005aa 08ba5 00da5 00d4a 07c95 00c96 0f94e 00556 00ab5 0b5b2 006d2 00ea5 08e4a 0068b 10c97 004ab" ..
  "0055b 0cad6 00b6a 00752 09725 00b45 00a8b 0549b 004ab"

local function fail(message, hint)
  errors.raise { code = "E-ARGUMENT", verb = "calendar", message = "calendar: " .. message, hint = hint }
end

-- All months in order: first (days since 1970-01-01), length, year, month, leap; and the index of each by its name.
local months, index = {}, {}
local function name(year, month, leap) return year * 100 + month + (leap and 0.5 or 0) end
do
  local first, year = moment.date("1900-01-31"):days(), 1900
  for word in YEARS:gmatch "%x%x%x%x%x" do
    local bits = tonumber(word, 16)
    local behind = bit.rshift(bits, 13)
    local month, leap = 1, false
    for place = 0, behind > 0 and 12 or 11 do
      local length = bit.band(bit.rshift(bits, place), 1) + 29
      months[#months + 1] = { first = first, length = length, year = year, month = month, leap = leap }
      index[name(year, month, leap)] = #months
      first, leap = first + length, month == behind and not leap
      if not leap then month = month + 1 end
    end
    year = year + 1
  end
end

--- The lunar date of a date from 1900-01-31 to 2101-01-28: { year =, month =, day =, leap = }. leap is true in a leap
-- month (闰月), which has the number of the month before it.
-- ms.calendar.lunar(ms.date "2025-01-29") is { year = 2025, month = 1, day = 1, leap = false }
function M.lunar(date)
  local day, low, high = date:days(), 1, #months
  if day < months[1].first or day >= months[high].first + months[high].length then
    fail(("%s is outside of the lunar calendar's table"):format(tostring(date)), "1900-01-31 to 2101-01-28 is known")
  end
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if months[middle].first <= day then low = middle else high = middle - 1 end
  end
  local found = months[low]
  return { year = found.year, month = found.month, day = day - found.first + 1, leap = found.leap }
end

--- The date of a lunar date { year =, month =, day =, leap = }. Raises where there is no such day.
-- ms.calendar.solar { year = 2025, month = 1, day = 1 } is 2025-01-29
function M.solar(lunar)
  local found = months[index[name(lunar.year, lunar.month, lunar.leap)]]
  if not found then
    fail(("the lunar year %s has no %smonth %s"):format(tostring(lunar.year), lunar.leap and "leap " or "",
      tostring(lunar.month)), "years from 1900 to 2100 are known")
  end
  if lunar.day < 1 or lunar.day > found.length then
    fail(("%smonth %d of the lunar year %d has %d days, not %s"):format(lunar.leap and "leap " or "", lunar.month,
      lunar.year, found.length, tostring(lunar.day)))
  end
  return moment.date_of(found.first + lunar.day - 1)
end

-- The lunar birthday of a year: in the leap month where the year has that one, otherwise in the month of the same
-- number; on the 29th where a month is too short for the 30th.
local function lunar_birthday(born, year)
  local found = months[index[name(year, born.month, born.leap)] or index[name(year, born.month, false)]]
  if not found then fail(("the lunar year %d is outside of the table"):format(year), "1900 to 2100 is known") end
  return moment.date_of(found.first + math.min(born.day, found.length) - 1)
end

local function solar_birthday(born, year, leap_day)
  if born:month() ~= 2 or born:day() ~= 29 then return moment.date(year, born:month(), born:day()) end
  local march = moment.date(year, 3, 1)
  if (march - 1):day() == 29 or leap_day == "02-28" then return march - 1 end
  return march
end

--- The first birthday on or behind a day of who was born on a date, and the age that is then reached. options: lunar
-- (false: whether the lunar calendar counts), leap_day ("02-28" or "03-01": when who was born on 29 February has
-- the birthday in other years). A lunar birthday in a leap month is kept in the month of the same number in years
-- without it, one on the 30th on the 29th where the month is short; the age then counts lunar years.
-- ms.calendar.birthday(ms.date "1990-05-20", ms.date "2025-01-01") is 2025-05-20, 35
function M.birthday(born, as_of, options)
  local leap_day = options and options.leap_day or "02-28"
  if leap_day ~= "02-28" and leap_day ~= "03-01" then
    fail(("leap_day is '%s'; 02-28 or 03-01 wanted"):format(tostring(leap_day)))
  end
  local from, year, at = born, as_of:year(), solar_birthday
  if options and options.lunar then from, year, at = M.lunar(born), M.lunar(as_of).year, lunar_birthday end
  local birthday = at(from, year, leap_day)
  if birthday < as_of then
    year = year + 1
    birthday = at(from, year, leap_day)
  end
  return birthday, year - (type(from) == "table" and from.year or born:year())
end

--- The frame with two more columns: next_birthday (the first on or behind as_of) and turns (the age then reached);
-- null where the birthday is. options: as_of (a date, required), birthday ("birthday", a column of dates), lunar (the
-- name of a boolean column: for whom the lunar calendar counts), leap_day (as for birthday).
-- ms.calendar.birthdays(customers, { as_of = ms.date "2025-01-01" })
function M.birthdays(frame, options)
  if not options or not options.as_of then fail("as_of is missing", "as_of = ms.date \"2025-01-01\"") end
  local column = "`" .. (options.birthday or "birthday"):gsub("`", "``") .. "`"
  local lunar = options.lunar and "coalesce(`" .. options.lunar:gsub("`", "``") .. "`, false)" or "false"
  local keyed = frame:with_columns("`#born` = " .. column, "`#lunar` = " .. lunar)
  local born, by_lunar, birthdays, turns = {}, {}, {}, {}
  for row in keyed:select("`#born`", "`#lunar`"):filter "`#born` is not null":unique():rows() do
    local i = #born + 1
    born[i], by_lunar[i] = row["#born"], row["#lunar"]
    birthdays[i], turns[i] = M.birthday(born[i], options.as_of, { lunar = by_lunar[i], leap_day = options.leap_day })
  end
  if #born == 0 then
    return frame:with_columns("next_birthday = cast(null as date)", "turns = cast(null as integer)")
  end
  local found = build.frame {
    { "#born", born }, { "#lunar", by_lunar }, { "next_birthday", birthdays }, { "turns", turns },
  }
  return keyed:join(found, { on = { "#born", "#lunar" }, how = "left" }):drop("#born", "#lunar")
end

return M
