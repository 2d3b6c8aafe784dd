-- The lunar calendar against published dates, and birthdays by either calendar.
local ms = require "moonsift"
local test = require "moonsift.test"

local calendar = ms.calendar

-- 春节, as the holidays were announced and the Hong Kong Observatory's tables have them.
local spring = {
  "1949-01-29", "1950-02-17", "1960-01-28", "1970-02-06", "1980-02-16", "1984-02-02", "1985-02-20", "1990-01-27",
  "2000-02-05", "2007-02-18", "2008-02-07", "2012-01-23", "2013-02-10", "2014-01-31", "2015-02-19", "2016-02-08",
  "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10",
  "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03", "2033-01-31", "2034-02-19",
  "2050-01-23", "2099-01-21", "2100-02-09",
}

test("the Spring Festival is on its published day, and the day before ends the year", function()
  for _, text in ipairs(spring) do
    local day = ms.date(text)
    test.equal(calendar.lunar(day), { year = day:year(), month = 1, day = 1, leap = false })
    test.equal(tostring(calendar.solar { year = day:year(), month = 1, day = 1 }), text)
    local eve = calendar.lunar(day - 1)
    test.equal({ eve.year, eve.month, eve.day >= 29 }, { day:year() - 1, 12, true })
  end
end)

test("leap months are the published ones", function()
  -- Hong Kong Observatory: leap months of 1900 to 2100.
  local leaps = { [1900] = 8, [1976] = 8, [1979] = 6, [1982] = 4, [1984] = 10, [1987] = 6, [1990] = 5, [1993] = 3,
    [1995] = 8, [1998] = 5, [2001] = 4, [2004] = 2, [2006] = 7, [2009] = 5, [2012] = 4, [2014] = 9, [2017] = 6,
    [2020] = 4, [2023] = 2, [2025] = 6, [2028] = 5, [2031] = 3, [2033] = 11, [2036] = 6 }
  for year = 1976, 2036 do
    for month = 1, 12 do
      local fine = pcall(calendar.solar, { year = year, month = month, day = 1, leap = true })
      test.equal({ year, month, fine }, { year, month, leaps[year] == month })
    end
  end
  -- First days of leap months (Hong Kong Observatory): 闰四月, 闰二月, 闰六月, 闰冬月.
  for text, month in pairs { ["2020-05-23"] = 4, ["2023-03-22"] = 2, ["2025-07-25"] = 6, ["2033-12-22"] = 11 } do
    local day = ms.date(text)
    test.equal(calendar.lunar(day), { year = day:year(), month = month, day = 1, leap = true })
  end
end)

test("festivals are on their published days", function()
  for text, wanted in pairs {
    ["2024-06-10"] = { 5, 5 }, ["2024-09-17"] = { 8, 15 }, ["2025-05-31"] = { 5, 5 }, ["2025-10-06"] = { 8, 15 },
    ["2023-09-29"] = { 8, 15 }, ["2020-10-01"] = { 8, 15 }, ["2026-06-19"] = { 5, 5 }, ["1933-07-22"] = { 5, 30 },
  } do
    local found = calendar.lunar(ms.date(text))
    test.equal({ text, found.month, found.day }, { text, wanted[1], wanted[2] })
  end
end)

test("every day from 1900 to 2100 has one lunar date, and comes back from it", function()
  local day, last = ms.date "1900-01-31", ms.date "2101-01-28"
  local before
  while day <= last do
    local found = calendar.lunar(day)
    if calendar.solar(found) ~= day then test.equal(tostring(calendar.solar(found)), tostring(day)) end
    if before and found.day ~= 1 and found.day ~= before.day + 1 then test.equal(found.day, before.day + 1) end
    before, day = found, day + 1
  end
  test.equal(before, { year = 2100, month = 12, day = 29, leap = false })
end)

local function birthday(born, as_of, options)
  local day, age = calendar.birthday(ms.date(born), ms.date(as_of), options)
  return { tostring(day), age }
end

test("a birthday is the next one, today's being today", function()
  test.equal(birthday("1990-05-20", "2025-05-19"), { "2025-05-20", 35 })
  test.equal(birthday("1990-05-20", "2025-05-20"), { "2025-05-20", 35 })
  test.equal(birthday("1990-05-20", "2025-05-21"), { "2026-05-20", 36 })
end)

test("who was born on 29 February has the birthday on 28 February or 1 March of common years", function()
  test.equal(birthday("2000-02-29", "2025-01-10"), { "2025-02-28", 25 })
  test.equal(birthday("2000-02-29", "2025-01-10", { leap_day = "03-01" }), { "2025-03-01", 25 })
  test.equal(birthday("2000-02-29", "2025-03-01", { leap_day = "03-01" }), { "2025-03-01", 25 })
  test.equal(birthday("2000-02-29", "2024-01-10", { leap_day = "03-01" }), { "2024-02-29", 24 })
  test.equal(birthday("1896-02-29", "1900-01-10"), { "1900-02-28", 4 })
  test.raises(function() birthday("2000-02-29", "2025-01-10", { leap_day = "02-29" }) end, "02-28 or 03-01")
end)

local lunar = { lunar = true }

test("lunar birthdays: ordinary, at the turn of the year, in a leap month, on the 30th of a short month", function()
  -- 1984-10-01 is 1984-九月初七; of 2025 that is 2025-10-27.
  test.equal(calendar.lunar(ms.date "1984-10-01"), { year = 1984, month = 9, day = 7, leap = false })
  test.equal(birthday("1984-10-01", "2025-01-01", lunar), { "2025-10-27", 41 })
  -- 1985-02-19 is 除夕, the thirtieth of the twelfth month of 1984. That month of 2024 has 29 days: 2025-01-28.
  test.equal(calendar.lunar(ms.date "1985-02-19"), { year = 1984, month = 12, day = 30, leap = false })
  test.equal(birthday("1985-02-19", "2025-01-01", lunar), { "2025-01-28", 40 })
  -- 2020-05-23 is the first of the leap fourth month; 2021 has none: the first of the fourth, 2021-05-12.
  test.equal(birthday("2020-05-23", "2021-01-01", lunar), { "2021-05-12", 1 })
  -- 2001-05-23 too is the first of a leap fourth month, and 2020 has it again, behind the regular one (2020-04-23).
  test.equal(calendar.lunar(ms.date "2001-05-23"), { year = 2001, month = 4, day = 1, leap = true })
  test.equal(birthday("2001-05-23", "2020-04-01", lunar), { "2020-05-23", 19 })
end)

test("a frame gets the next birthday of each, by the calendar of each", function()
  local frame = ms.frame {
    { "id", { 1, 2, 3, 4 } },
    { "born", { ms.date "2000-02-29", ms.date "1984-10-01", ms.date "1984-10-01", ms.null } },
    { "old", { false, true, ms.null, true } },
  }
  local found = calendar.birthdays(frame, { as_of = ms.date "2025-01-01", birthday = "born", lunar = "old" })
  test.equal(found:names(), { "id", "born", "old", "next_birthday", "turns" })
  test.equal(found:select "next_birthday = cast(next_birthday as text)":column("next_birthday", "-"),
    { "2025-02-28", "2025-10-27", "2025-10-01", "-" })
  test.equal(found:column("turns", 0), { 25, 41, 41, 0 })
  test.equal(calendar.birthdays(frame:head(0), { as_of = ms.date "2025-01-01", birthday = "born" }):nrow(), 0)
  test.raises(function() calendar.birthdays(frame, {}) end, "as_of is missing")
end)

test("what is not in the calendar is said", function()
  test.raises(function() calendar.lunar(ms.date "1899-12-31") end, "outside of the lunar calendar's table")
  test.raises(function() calendar.lunar(ms.date "2101-01-29") end, "1900-01-31 to 2101-01-28")
  test.raises(function() calendar.solar { year = 2021, month = 4, day = 1, leap = true } end, "has no leap month 4")
  test.raises(function() calendar.solar { year = 2024, month = 12, day = 30 } end, "has 29 days, not 30")
end)
