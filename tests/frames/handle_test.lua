-- Frames as Lua sees them: handles, cells, printing, columns that cannot be computed with.
local ms = require "moonsift"
local test = require "moonsift.test"

local function people()
  return ms.frame {
    { "id", { 1, 2, 3 } },
    { "城市", { "上海", ms.null, "杭州" } },
    { "age", { 30.5, 41, ms.null } },
    { "member", { true, false, ms.null } },
    { "since", { ms.date "2024-02-29", ms.null, ms.date "1969-12-31" } },
    { "seen", { ms.time "2024-02-29 08:30:15.25", ms.null, ms.time "1969-12-31T23:59:59Z" } },
  }
end

test("a frame of Lua values has their types and gives the values back", function()
  local frame = people()
  test.equal(frame:schema(), {
    { name = "id", type = "integer" }, { name = "城市", type = "text" }, { name = "age", type = "real" },
    { name = "member", type = "boolean" }, { name = "since", type = "date" }, { name = "seen", type = "time" },
  })
  test.equal(#frame, 3)
  test.equal(frame:nrow(), 3)
  test.equal(frame:ncol(), 6)
  test.equal(frame:column "城市", { "上海", nil, "杭州" })
  test.equal(frame:column "age", { 30.5, 41 })
  test.equal(frame:column "member", { true, false })
  test.equal(frame:column("age", -1), { 30.5, 41, -1 })
  test.equal(tostring(frame:column("since")[1]), "2024-02-29")
  test.equal(tostring(frame:column("since")[3]), "1969-12-31")
  test.equal(tostring(frame:column("seen")[1]), "2024-02-29 08:30:15.25")
  test.equal(tostring(frame:column("seen")[3]), "1969-12-31 23:59:59")
end)

test("rows come as tables, in order; a name that is no column raises with the nearest", function()
  local frame = people()
  local ids = {}
  for r in frame:rows() do ids[#ids + 1] = r.id end
  test.equal(ids, { 1, 2, 3 })
  test.equal(frame:row(1).age, 30.5)
  test.equal(frame:row(2)["城市"], nil)
  test.equal(frame:row(-1).id, 3)
  test.raises(function() return frame:row(1).aeg end, "did you mean 'age'?")
  test.raises(function() return frame:row(4) end, "1 … 3")
  test.raises(function() return frame:row(0) end, "1 … 3")
end)

test("integers are exact: numbers up to 2^53, int64 beyond, in both directions", function()
  local large = { 9007199254740991, 9007199254740992, 9007199254740993LL, -9007199254740993LL, 9223372036854775807LL }
  local frame = ms.frame { { "id", large } }
  local back = frame:column "id"
  test.equal(type(back[1]), "number")
  test.equal(back[2], 2 ^ 53)
  test.equal(type(back[3]), "cdata")
  for i = 3, 5 do test.check(back[i] == large[i], "id " .. i) end
  test.equal(ms.frame({ { "id", back } }):column("id")[5] == large[5], true)
  test.contains(tostring(frame), "9223372036854775807")
end)

test("rows and columns by name make a frame with columns sorted by name", function()
  test.equal(ms.frame({ b = { 1, 2 }, a = { "x", "y" } }):names(), { "a", "b" })
  local frame = ms.frame { { b = 1, a = "x" }, { a = "y" } }
  test.equal(frame:names(), { "a", "b" })
  test.equal(frame:column "b", { 1 })
  test.equal(ms.frame({}):nrow(), 0)
  test.equal(ms.frame({ a = {} }):names(), { "a" })
end)

test("columns of unequal length, of two types or of tables are refused by name", function()
  test.raises(function() ms.frame { { "a", { 1, 2 } }, { "b", { 1 } } } end, "column 'b' has 1 values, another has 2")
  local problem = test.raises(function() ms.frame { a = { 1, "x" } } end, "integer, and in row 2 text")
  test.equal(problem.code, "E-TYPE")
  test.equal(problem.column, "a")
  test.raises(function() ms.frame { a = { {} } } end, "column 'a' has a table in row 1")
  test.raises(function() ms.frame { { "a", { 1 } }, { "a", { 1 } } } end, "a")
  test.raises(function() ms.frame(5) end, "got a number; wanted columns or rows")
end)

test("an all-null column is text; whole and broken numbers make a real column", function()
  local frame = ms.frame { { "a", { ms.null, ms.null } }, { "b", { 1, 2.5 } }, { "c", { -0.0, 1 } } }
  test.equal({ frame:schema()[1].type, frame:schema()[2].type, frame:schema()[3].type }, { "text", "real", "real" })
  test.equal(1 / frame:column("c")[1], -math.huge)
end)

test("text keeps zero bytes and bytes that are not UTF-8", function()
  local odd = { "a\0b", "\255\254", "", "\239\187\191x" }
  test.equal(ms.frame({ { "t", odd } }):column "t", odd)
end)

test("a frame prints as a table, cut in the middle", function()
  local text = tostring(people())
  test.contains(text, "上海")
  test.contains(text, "integer")
  test.contains(text, "3 rows")
  local many = {}
  for i = 1, 100 do many[i] = i end
  local long = ms.frame({ { "n", many } }):show { rows = 4 }
  test.contains(long, "100 rows")
  test.check(not long:find("50", 1, true), "the middle row is left out")
end)

test("a column cannot be computed with, and says what to write", function()
  local frame = people()
  local operations = {
    function() return frame.age > 30 end, function() return frame.age <= 30 end, function() return 30 < frame.age end,
    function() return frame.age == 30 end, function() return frame.age ~= "x" end,
    function() return frame.age == frame.id end, function() return frame.age < frame.id end,
    function() return frame.age + 1 end, function() return -frame.age end, function() return frame.age .. "x" end,
  }
  for i, operation in ipairs(operations) do
    local problem = test.raises(operation, "column 'age' cannot be")
    test.contains(tostring(problem), "frame:filter(\"age > 30\")")
    test.equal(problem.code, "E-TYPE", i)
  end
  test.equal(tostring(frame.age), "column 'age'")
  test.raises(function() return frame.age.sum end, "has no 'sum'")
end)

test("a boolean in place of an expression asks about ==", function()
  local frame = people()
  test.raises(function() frame:filter(false) end, "got a boolean: did you write ==")
  test.raises(function() frame:select(true) end, "got a boolean: did you write ==")
  test.raises(function() frame:filter(nil) end, "got nil; wanted an expression")
  test.raises(function() frame:filter(ms.frame {}) end, "got a frame; wanted an expression")
end)

test("a handle shows nothing of the memory behind it and cannot be changed", function()
  local frame = people()
  for _, attempt in ipairs {
    function() return frame[0] end, function() return frame[1] end, function() frame[0] = 1 end,
    function() return frame + 1 end, function() return frame - frame end,
    function() return frame .. "" end, function() return frame() end, function() frame.age = 1 end,
    function() return frame.agee end, function() return #frame.age end,
  } do
    test.raises(attempt)
  end
  test.raises(function() frame.x = 1 end, "frame:with_columns")
  test.equal(tonumber(frame), nil)
  test.check(not tostring(frame):find "0x", "no address is printed")
end)

test("a verb that is called without its frame says so", function()
  test.raises(function() people().nrow(5) end, "with a colon")
  test.raises(function() people().head() end, "got nil where a frame is wanted")
end)

test("handles of large frames go away before memory is full of them", function()
  local values = {}
  for i = 1, 100000 do values[i] = "text " .. i end
  for _ = 1, 60 do ms.frame { { "t", values } } end
  test.check(true)
end)

test("dates and times compare, add and say their parts", function()
  local day = ms.date "2024-01-31"
  test.equal(tostring(day + 1), "2024-02-01")
  test.equal(tostring(day + "1mo"), "2024-02-29")
  test.equal(tostring(day - ms.duration "1y"), "2023-01-31")
  test.equal(ms.date "2024-03-01" - day, 30)
  test.check(day < ms.date "2024-02-01" and day == ms.date(2024, 1, 31) and day ~= ms.date "2024-02-01", "order")
  test.equal({ day:year(), day:month(), day:day(), day:weekday(), day:quarter() }, { 2024, 1, 31, 3, 1 })
  local time = ms.time "2024-02-29T23:30:00+08:00"
  test.equal({ time:hour(), time:minute(), tostring(time:date()) }, { 15, 30, "2024-02-29" })
  test.equal(tostring(time + "90m"), "2024-02-29 17:00:00")
  test.equal((time - ms.time "2024-02-28 15:30"):days(), 1)
  test.equal(time:days_since(ms.date "2024-01-31"), 29)
  test.check(day ~= 5 and day ~= "2024-01-31" and day ~= nil and day ~= time, "equal only to its own kind")
end)

test("what is no date says what was seen and what is wanted", function()
  test.raises(function() ms.date "2023-02-29" end, "got '2023-02-29'")
  test.raises(function() ms.date(5) end, "got a number")
  test.raises(function() ms.time "25:00" end, "got '25:00'")
  test.raises(function() ms.duration "soon" end, "got 'soon'")
  test.raises(function() return ms.date "2024-01-01" < "2024-01-02" end, "cannot compare a date with a string")
  test.raises(function() return ms.date "2024-01-01" < ms.time "2024-01-01" end, "cannot compare a date with a time")
  test.raises(function() return ms.date "2024-01-01" + "2h" end, "wanted a time")
  test.raises(function() return ms.date("2024-01-01"):years() end, "a date has no 'years'")
end)

test("a kernel that does not exist is named with the nearest", function()
  local problem = test.raises(function() ms.no_such_kernel(people(), { k = 1 }) end, "no_such_kernel")
  test.equal(problem.code, "E-KERNEL-UNKNOWN")
end)

test("options that are no values are refused by name", function()
  test.raises(function() ms.group_by(people(), { by = function() end }) end, "'by' is a function")
  test.raises(function() ms.group_by(people(), { by = { a = 1 } }) end, "'by' is a table with the name 'a' in it")
  test.raises(function() ms.group_by(people(), { by = { "a", nil, "b" } }) end, "a list without item 2")
  test.raises(function() ms.group_by(people(), 5) end, "got a number where a frame is wanted")
end)

test("threads and zone are asked and set by the same function", function()
  local threads, zone = ms.threads(), ms.zone()
  test.equal(ms.threads(2), 2)
  test.raises(function() ms.threads(1.5) end, "wanted a whole number")
  test.raises(function() ms.zone "Nowhere/Land" end, "Nowhere/Land")
  ms.threads(threads)
  test.equal(ms.zone(), zone)
end)

test("frames made in a loop have their columns, however the loop is compiled", function()
  for i = 1, 3000 do
    local values = { ms.null, 1.5, 2.5, i }
    if i % 3 > 0 then values = i % 3 == 1 and { ms.null, i } or { i } end
    test.equal(ms.frame{ { "x", values } }:nrow(), #values)
  end
end)
