-- describe: each column in a row of figures.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function orders()
  return ms.frame{
    { "city", { "b", "a", "b", null, "c" } },
    { "amount", { 4, 1, 2, 3, null } },
    { "share", { 0.5, null, 0.25, 0.5, 0.75 } },
    { "paid", { true, false, true, true, true } },
    { "day", { ms.date "2024-01-31", ms.date "2023-05-01", null, ms.date "2024-01-31", ms.date "2023-05-02" } },
  }
end

local function of(column)
  return orders():describe{ columns = { column } }:row(1)
end

test("there is a row for each column, in their order", function()
  local d = orders():describe()
  test.equal(d:column("column"), { "city", "amount", "share", "paid", "day" })
  test.equal(d:column("type"), { "text", "integer", "real", "boolean", "date" })
  test.equal(d:column("values"), { 4, 4, 4, 5, 4 })
  test.equal(d:column("nulls"), { 1, 1, 1, 0, 1 })
  test.equal(d:column("distinct"), { 3, 4, 3, 2, 3 })
end)

test("figures of numbers, by hand", function()
  local r = of("amount")
  test.equal(r.mean, 2.5)
  test.close(r.deviation, math.sqrt(5 / 3), 1e-15)
  test.equal({ r.min, r.q1, r.median, r.q3, r.max }, { "1", 1.75, 2.5, 3.25, "4" })
  test.equal({ r.top, r.top_count }, { "4", 1 })
end)

test("figures of text, dates and booleans", function()
  local r = of("city")
  test.equal({ r.min, r.max, r.top, r.top_count, r.mean or "-", r.median or "-" }, { "a", "c", "b", 2, "-", "-" })
  r = of("day")
  test.equal({ r.min, r.max, r.top, r.top_count }, { "2023-05-01", "2024-01-31", "2024-01-31", 2 })
  r = of("paid")
  test.equal({ r.mean, r.min, r.max, r.top, r.top_count }, { 0.8, "false", "true", "true", 4 })
end)

test("columns without a value have nulls for figures", function()
  local r = ms.frame{ { "x", { null, null } } }:describe():row(1)
  test.equal({ r.values, r.distinct }, { 0, 0 })
  test.equal({ r.mean or "-", r.min or "-", r.top or "-", r.top_count or "-" }, { "-", "-", "-", "-" })
end)

test("one row has no deviation", function()
  local r = ms.frame{ { "x", { 4 } } }:describe():row(1)
  test.equal({ r.mean, r.deviation or "-", r.q1, r.q3 }, { 4, "-", 4, 4 })
end)

test("a NaN shows", function()
  local r = ms.frame{ { "x", { 1.5, 0 / 0, 2 } } }:describe():row(1)
  test.check(r.mean ~= r.mean and r.median ~= r.median)
  test.equal(r.max, "NaN")
end)

test("an unknown column is named", function()
  test.raises(function() orders():describe{ columns = { "amonut" } } end, "amonut")
end)
