-- Row functions on worker states: what is shipped, what stays on one core and why, and the same results for any
-- number of threads.
local ms = require "moonsift"
local test = require "moonsift.test"

local ROWS = 200000 -- several morsels

local large
local function frame()
  if large then return large end
  local ids, cities, amounts = {}, {}, {}
  for i = 1, ROWS do
    ids[i] = i
    cities[i] = i % 7 == 0 and ms.null or "city " .. (i * 7919) % 31
    amounts[i] = i % 11 == 0 and ms.null or (i * 7907) % 1000 / 8
  end
  large = ms.frame { { "id", ids }, { "city", cities }, { "amount", amounts } }
  return large
end

local function with_threads(count, fn)
  local before = ms.threads()
  ms.threads(count)
  local fine, result = pcall(fn)
  ms.threads(before)
  if not fine then error(result, 0) end
  return result
end

local function where(fn)
  local made = ms.frame({ id = { 1, 2 }, city = { "a", "b" } }):map("x", fn)
  return made:explain():match "map 'x' (.*)$"
end

test("results are the same, row by row, for 1, 2 and 4 threads and on one core", function()
  local rate, label = 0.5, { low = "low", high = "high" }
  local function score(r)
    if r.city == nil then return nil end
    if r.city == "city 3" then return label.high .. r.id % 5 end
    return r.amount and r.amount * rate > 30 and label.high or label.low
  end
  local want = {}
  for r in frame():rows() do want[#want + 1] = score(r) or false end
  for _, threads in ipairs { 1, 2, 4 } do
    local made = with_threads(threads, function() return frame():map("s", score) end)
    test.contains(made:explain(), "on all cores")
    local got = made:column("s", false)
    for i = 1, ROWS do
      if got[i] ~= want[i] then test.equal({ i, got[i] }, { i, want[i] }) end
    end
  end
end)

test("more texts than are looked up by a table are all there, each once", function()
  for _, threads in ipairs { 1, 4 } do
    local made = with_threads(threads, function()
      return frame():map("name", function(r) return "name " .. r.id % 150000 end)
    end)
    local names = made:column "name"
    for i = 1, ROWS do
      if names[i] ~= "name " .. i % 150000 then test.equal({ i, names[i] }, { i, "name " .. i % 150000 }) end
    end
  end
end)

test("of several failing rows the first is named, for any number of threads", function()
  for _, threads in ipairs { 1, 2, 4 } do
    local problem = test.raises(function()
      with_threads(threads, function()
        return frame():map("s", function(r) return r.id >= 70000 and error("too late") or 1 end)
      end)
    end, "row 70000")
    test.equal(problem.row, 70000)
  end
end)

test("after an error the next function runs", function()
  test.raises(function() frame():map("s", function(r) return r.id + r.city end) end, "row ")
  test.equal(frame():map("s", function(r) return r.id end):column("s")[ROWS], ROWS)
end)

test("upvalues are shipped: numbers, texts, booleans, nil, dates, tables, functions", function()
  local number, text, flag, nothing, day = 1 / 3, "a\0\n\"上海", false, nil, ms.date "2024-02-29"
  local huge, id, span = -math.huge, 9223372036854775807LL, ms.duration "1mo2d"
  local tree = { 1, { 2, x = { "y" } }, [10] = true }
  tree[2].again = tree[2].x
  local function outer(x) return x * number end
  local function both(x) return outer(x) + tree[2][1] end
  local log, find, md = math.log, string.find, ms.date
  local function all(r)
    local fine = text == "a\0\n\"上海" and flag == false and nothing == nil and huge == -math.huge
      and id == 9223372036854775807LL and tree[2].again == tree[2].x and tree[10] and log(1) == 0
      and find("abc", "b", 1, true) == 2 and day + span == md "2024-03-31" and tostring(day) == "2024-02-29"
    return fine and both(r.id)
  end
  test.equal(where(all), "on all cores")
  local made = ms.frame({ id = { 3, 6 } }):map("x", all)
  test.equal(made:column "x", { 3, 4 })
end)

test("globals are shipped as they are when the verb is called", function()
  local chunk = assert(loadstring "return function(r) return r.id * rate + offset(r.id) end")
  local environment = setmetatable({ rate = 2, offset = function(x) return x + 100 end }, { __index = _G })
  local fn = setfenv(chunk, environment)()
  test.equal(ms.frame({ id = { 1, 2 } }):map("x", fn):column "x", { 103, 106 })
  environment.rate = 3
  local made = ms.frame({ id = { 1, 2 } }):map("x", fn)
  test.equal(made:column "x", { 104, 108 })
  test.contains(made:explain(), "on all cores")
end)

test("what must stay on one core says why", function()
  local total, list, box = 0, {}, setmetatable({}, {})
  local people = ms.frame { id = { 1 } }
  local function again(n) return n <= 0 and 0 or again(n - 1) end
  local thread = coroutine.create(function() end)
  local function apply(f, n) return n <= 0 and 0 or f(f, n - 1) end
  local function many(n) for i = 1, 1000 do n = n + i end return n end
  local tools, loop = { twice = function(t, n) return n <= 0 and 0 or t.twice(t, n - 1) end }, {}
  function loop.run(n) return n <= 0 and 0 or loop.run(n - 1) end
  local reasons = {
    { function(r) total = total + r.id return total end, "it assigns to 'total', which is outside of it (line " },
    { function(r) local function add() total = total + r.id end add() return total end, "it assigns to 'total'" },
    { function(r) list[#list + 1] = r.id return 1 end, "it stores into a table, and 'list'" },
    { function(r) table.insert(list, r.id) return 1 end, "it stores into a table, and 'list'" },
    { function(r) return box[r.id] end, "'box' is a table with a metatable" },
    { function() return people:nrow() end, "'people' is a handle" },
    { function(r) return again(r.id) end, "'again' calls itself" },
    { function() return coroutine.status(thread) end, "'thread' is a coroutine" },
    { function(r) local n = 0 while n < r.id do n = n + 1 end return n end, "it has a while or repeat loop (line " },
    { function(r) local n = 0 repeat n = n + 1 until n > r.id return n end, "it has a while or repeat loop" },
    { function(r) local n = 0 for _ = 1, r.id do n = n + 1 end return n end, "a bound that is not a constant" },
    { function(r) local n = 0 for _ = 1, 1e9 do if n > r.id then break end n = n + 1 end return n end,
      "its loops may run 1000000000 times for a row" },
    { function(r) local n = 0 for _ = 1, 1e3 do for _ = 1, 1e4 do n = n + r.id end end return n end,
      "its loops may run" },
    { function(r) local n = 0 for _ = 1, 1e4 do n = n + many(r.id) end return n end, "its loops may run" },
    { function(r) return apply(apply, r.id) end, "it passes a function on (line " },
    { function(r) local f = apply return f(f, r.id) end, "it passes a function on" },
    { function(r) local own = { apply } return own[1](own[1], r.id) end, "it passes a function on" },
    { function(r) return pcall(apply, apply, r.id) end, "it passes a function on" },
    { function(r) local function give() return apply end return give()(give(), r.id) end, "it passes a function on" },
    { function(r) return tools.twice(tools, r.id) end, "it passes a function on" },
    { function(r) return loop.run(r.id) end, "a function in 'loop' uses the table itself" },
    { function() return math.random() < 2 end, "it uses math.random" },
    { function() return os.time() > 0 end, "'os'" },
    { function() return type(io.write) end, "'io'" },
    { function(r) return type(r) == type(print) end, "'print' is not one of the standard functions" },
  }
  for i, case in ipairs(reasons) do
    local reason = where(case[1])
    if not reason:find(case[2], 1, true) or not reason:find("on one core: ", 1, true) then
      test.equal(i .. ": " .. reason, case[2])
    end
  end
  test.equal(#list, 4)
end)

test("loops that end stay on all cores", function()
  local weights = { 1, 2, 3 }
  test.equal(where(function(r)
    local sum = 0
    for i = 1, 10 do sum = sum + i end
    for i = #weights, 1, -1 do sum = sum + weights[i] end
    for _, w in ipairs(weights) do sum = sum + w end
    for _, w in pairs(weights) do sum = sum + w end
    for word in ("a b"):gmatch "%a" do sum = sum + #word end
    return sum + r.id
  end), "on all cores")
  local function half(x) return x / 2 end
  local rules = { { limit = 3, of = half }, name = half }
  test.equal(where(function(r) return half(half(r.id)) + rules.name(r.id) + math.max(half(1), rules[1].of(2)) end),
    "on all cores")
  test.equal(where(function(r)
    local n = 0
    for i = 1, 1000 do for j = 1, 900 do n = n + i * j end end
    return n + r.id
  end), "on all cores")
  test.equal(where(function(r) local own = { r.id } own[2] = 5 table.sort(own) return own[1] end), "on all cores")
end)

test("a function on a worker reaches nothing that has effects", function()
  local names = { "io", "os", "require", "loadstring", "debug", "package", "getfenv", "setfenv", "_G", "ffi", "jit" }
  for _, name in ipairs(names) do
    local fn = assert(loadstring(("return function(r) return type(rawget(%s and {} or {}, 1)) end"):format(name)))()
    setfenv(fn, { type = type, rawget = rawget })
    local made = ms.frame({ id = { 1 } }):map("x", fn)
    test.equal(made:column "x", { "nil" })
  end
end)

test("the same program serves frame after frame, also with other texts and with nulls", function()
  local function fn(r) return (r.t or "none") .. "!" end
  for round = 1, 5 do
    local made = ms.frame({ t = { "a" .. round, "b" .. round } }):map("x", fn)
    test.equal(made:column "x", { "a" .. round .. "!", "b" .. round .. "!" })
    test.equal(ms.frame({ t = { ms.null, "c" .. round } }):map("x", fn):column "x", { "none!", "c" .. round .. "!" })
  end
end)

test("hundreds of different functions do not fill the states", function()
  for i = 1, 200 do
    local fn = loadstring(("return function(r) return r.id * %d end"):format(i))()
    test.equal(ms.frame({ id = { 1, 2 } }):map("x", fn):column "x", { i, 2 * i })
  end
end)

test("explain keeps the lines of earlier functions", function()
  local total = 0
  local made = ms.frame({ id = { 1, 2 } }):map("a", function(r) return r.id end):map("b", function(r)
    total = total + r.id
    return total
  end):filter(function(r) return r.id > 1 end)
  local text = made:explain()
  test.contains(text, "map 'a' on all cores")
  test.contains(text, "map 'b' on one core: it assigns to 'total'")
  test.contains(text, "filter on all cores")
end)
