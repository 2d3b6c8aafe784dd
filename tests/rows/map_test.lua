-- Row functions: what a function sees, what its results become, its errors.
local ms = require "moonsift"
local test = require "moonsift.test"

local function orders()
  return ms.frame {
    { "id", { 1, 2, 9007199254740993LL, 4 } },
    { "城市", { "上海", ms.null, "x", "上海" } },
    { "amount", { 1.5, 200, ms.null, 7 } },
    { "paid", { true, false, ms.null, true } },
    { "day", { ms.date "2024-02-29", ms.date "2024-01-01", ms.null, ms.date "1960-03-01" } },
    { "at", { ms.time "2024-02-29 08:30", ms.null, ms.time "1969-12-31 23:59:59.5", ms.time "2024-01-01 00:00" } },
  }
end

local function types(frame)
  local found = {}
  for i, column in ipairs(frame:schema()) do found[i] = column.type end
  return found
end

local function mapped(fn, options)
  local frame = orders():map("out", fn, options)
  return frame:column "out", frame:schema()[7].type
end

test("a function of numbers gives a column; null is nil", function()
  local values, kind = mapped(function(r) return r.amount and r.amount * 2 + 0.5 end)
  test.equal(values, { 3.5, 400.5, nil, 14.5 })
  test.equal(kind, "real")
end)

test("numbers that are all whole make an integer column, unless real is asked for", function()
  local values, kind = mapped(function(r) return r.amount and math.floor(r.amount) end)
  test.equal({ values, kind }, { { 1, 200, nil, 7 }, "integer" })
  values, kind = mapped(function(r) return r.amount and math.floor(r.amount) end, { type = "real" })
  test.equal({ values, kind }, { { 1, 200, nil, 7 }, "real" })
  test.equal(select(2, mapped(function() return 0 / 0 end)), "real")
  test.equal(select(2, mapped(function() return 2 ^ 60 end)), "real")
end)

test("texts are Lua strings and may be compared, joined and looked up", function()
  local names = { ["上海"] = "SH", x = false }
  test.equal(mapped(function(r) return r["城市"] == "上海" end), { true, false, false, true })
  test.equal(mapped(function(r) return names[r["城市"]] or "other" end), { "SH", "other", "other", "SH" })
  test.equal(mapped(function(r) return r["城市"] and r["城市"] .. #r["城市"] end)[1], "上海6")
  test.equal(mapped(function(r) return r["城市"] and #r["城市"] end), { 6, nil, 1, 6 })
end)

test("dates and times are values with their parts", function()
  local cutoff, moment = ms.date "2024-01-15", ms.time "2024-01-01 00:00"
  test.equal(mapped(function(r) return r.day and r.day >= cutoff end), { true, false, nil, false })
  test.equal(mapped(function(r) return r.day and r.day:year() end), { 2024, 2024, nil, 1960 })
  test.equal(mapped(function(r) return r.at and r.at:hour() end), { 8, nil, 23, 0 })
  test.equal(mapped(function(r) return r.at == moment end), { false, false, false, true })
  test.equal(mapped(function(r) return r.day and cutoff - r.day end), { -45, 14, nil, 23330 })
  local values, kind = mapped(function(r) return r.day and r.day + "1mo" end)
  test.equal(kind, "date")
  test.equal({ tostring(values[1]), tostring(values[4]) }, { "2024-03-29", "1960-04-01" })
  values, kind = mapped(function(r) return r.at end)
  test.equal(kind, "time")
  test.equal(tostring(values[3]), "1969-12-31 23:59:59.5")
end)

test("integers beyond 2^53 go in and out exactly", function()
  local values, kind = mapped(function(r) return r.id end)
  test.equal(kind, "integer")
  test.check(values[3] == 9007199254740993LL, "the large id")
  test.equal(values[4], 4)
end)

test("booleans make a boolean column, and only nil an empty one", function()
  local values, kind = mapped(function(r) return r.paid end)
  test.equal({ values, kind }, { { true, false, nil, true }, "boolean" })
  values, kind = mapped(function() end)
  test.equal({ values, kind }, { {}, "text" })
  test.equal(select(2, mapped(function() end, { type = "date" })), "date")
end)

test("the column of a name that is there is put in its place", function()
  local frame = orders():map("amount", function(r) return (r.amount or 0) + 1 end)
  test.equal(frame:names(), orders():names())
  test.equal(frame:column "amount", { 2.5, 201, 1, 8 })
end)

test("filter keeps the rows for which the function gives true, not nil", function()
  local frame = orders():filter(function(r) return r.amount and r.amount > 2 end)
  test.equal(frame:column "id", { 2, 4 })
  test.equal(types(frame), types(orders()))
  test.equal(#orders():filter(function() return false end), 0)
  test.equal(#orders():filter(function() end), 0)
  local problem = test.raises(function() orders():filter(function(r) return r.id end) end,
    "the function gave a number for row 1; wanted true, false or nil")
  test.equal(problem.code, "E-TYPE")
end)

test("a frame without rows gives a column without rows", function()
  local none = orders():filter(function() return false end)
  local frame = none:map("out", function(r) return r.no_such_column end)
  test.equal({ #frame, frame:ncol() }, { 0, 7 })
end)

test("a column that there is not raises, with the row, the script's line and the nearest name", function()
  for _, fallback in ipairs { false, true } do
    local seen
    local line = debug.getinfo(1, "l").currentline + 4
    local problem = test.raises(function()
      orders():map("out", function(r)
        if fallback then seen = r.id end
        return r.id == 2 and r.amuont
      end)
    end, "unknown column 'amuont'")
    test.equal(problem.code, "E-COL-UNKNOWN")
    test.equal(problem.row, 2)
    test.contains(tostring(problem), "did you mean 'amount'?")
    test.contains(tostring(problem), "map_test.lua:" .. line)
    test.equal(seen, fallback and 2 or nil)
  end
end)

test("an error in the function names the row and the script's line", function()
  local line = debug.getinfo(1, "l").currentline + 1
  local problem = test.raises(function() mapped(function(r) return r.amount * 2 end) end, "row 3")
  test.equal(problem.code, "E-SCRIPT")
  test.equal(problem.row, 3)
  test.contains(tostring(problem), "map_test.lua:" .. line)
  test.contains(tostring(problem), "null is nil")
  test.raises(function() mapped(function() error("no luck", 0) end) end, "row 1: no luck")
  test.raises(function() mapped(function() error { code = "MINE", message = "mine" } end) end, "mine")
end)

test("results of two types name both rows and both types", function()
  local problem = test.raises(function() mapped(function(r) return r.paid == false and "no" or 1 end) end,
    "a number for row 1 and a text for row 2")
  test.equal(problem.code, "E-TYPE")
  test.raises(function() mapped(function() return {} end) end, "the function gave a table")
  test.raises(function() mapped(function(r) return r end) end, "the function gave a handle")
  test.raises(function() mapped(function() return "x" end, { type = "real" }) end, "gave text values; wanted real")
end)

test("arguments of map are checked before a row is touched", function()
  test.raises(function() orders():map(function() end) end, "wanted the name of the column and a function")
  test.raises(function() orders():map("x") end, "got a string and nil")
  test.raises(function() orders():map("x", function() end, { kind = "real" }) end, "unknown option 'kind'")
  test.raises(function() orders():map("x", function() end, { type = "float" }) end, "'type' is float")
end)

test("a row cannot be changed, kept, or read past its columns", function()
  test.raises(function() mapped(function(r) r.amount = 1 end) end, "a row cannot be changed")
  test.raises(function() mapped(function(r) return r[1] end) end, "unknown column '1'")
  local kept
  orders():map("x", function(r) kept = r return 1 end)
  test.raises(function() return kept.amount end, "only there while its function runs")
end)

test("fields by computed names, and more columns than a function has upvalues", function()
  test.equal(mapped(function(r) return r["am" .. "ount"] end), { 1.5, 200, nil, 7 })
  test.equal(mapped(function(r)
    local sum = 0
    for _, name in ipairs { "id", "amount" } do sum = sum + (tonumber(r[name:lower()]) or 0) end
    return sum < 1e9 and sum or 0
  end), { 2.5, 202, 0, 11 })
  local columns, code = {}, { "return function(r) return 0" }
  for i = 1, 150 do
    columns[i] = { "column " .. i, { i, 2 * i } }
    code[#code + 1] = (" + r['column %d']"):format(i)
  end
  local sum = loadstring(table.concat(code) .. " end")()
  test.equal(ms.frame(columns):map("sum", sum):column "sum", { 11325, 22650 })
end)

test("a function may map a frame itself", function()
  local inner, count = orders(), 0
  local frame = orders():map("n", function(r)
    count = count + 1
    local sums = inner:map("x", function(q) return (q.amount or 0) + 1 end):column "x"
    return sums[count] + (r.amount or 0)
  end)
  test.equal(frame:column "n", { 4, 401, 1, 15 })
end)

test("the parts of times are those of the session's zone", function()
  local before = ms.zone()
  ms.zone "Asia/Shanghai"
  local fine, problem = pcall(function()
    local frame = ms.frame { { "at", { ms.time "2024-01-01T20:30:00Z", ms.time "2024-01-01 07:00" } } }
    local function describe(r) return r.at:hour() .. " " .. r.at:day() end
    test.equal(frame:map("x", describe):column "x", { "4 2", "7 1" })
    test.equal(tostring(frame:row(1).at), "2024-01-02 04:30:00")
    ms.zone "Europe/Berlin"
    test.equal(frame:map("x", describe):column "x", { "21 1", "0 1" })
    test.equal(tostring(ms.time "2024-03-31 02:30"), "2024-03-31 03:30:00")
    test.equal(tostring(ms.time "2024-03-30 12:00" + "1d"), "2024-03-31 12:00:00")
    test.equal((ms.time "2024-03-31 12:00" - ms.time "2024-03-30 12:00"):hours(), 23)
  end)
  ms.zone(before)
  if not fine then error(problem, 0) end
end)
