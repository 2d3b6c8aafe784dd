-- What would change: moves with the rule responsible and the value, scores, states, actions; and that a strategy only
-- reads.
local ms = require "moonsift"
local test = require "moonsift.test"

local people
do
  local x, y, id = {}, {}, {}
  for i = 1, 200 do id[i], x[i], y[i] = i, i % 14, i * 7 % 11 end
  people = ms.frame { { "id", id }, { "x", x }, { "y", y } }
end
local given = { inputs = { people = people }, as_of = "2025-01-01" }

local function strategy(more)
  local all = {
    name = "who", inputs = { people = { columns = { "id", "x", "y" } } },
    customers = function(s) return s.people:select("customer = id", "x", "y") end,
    segments = { { "a", "x >= 7" }, { "rest" } }, value = "y",
  }
  for part, value in pairs(more or {}) do all[part] = value end
  return ms.strategy(all)
end

-- A rule as text and as a function.
local function random_rule(random)
  local column, limit = random(2) == 1 and "x" or "y", random(0, 12)
  if random(2) == 1 then return column .. " >= " .. limit, function(row) return row[column] >= limit end end
  return column .. " < " .. limit, function(row) return row[column] < limit end
end

local function random_rules(random)
  local list, holds = {}, {}
  for _, name in ipairs { "a", "b", "c", "d" } do
    if random() < 0.8 then
      local text, fn = random_rule(random)
      list[#list + 1], holds[name] = { name, text }, fn
    end
  end
  for i = #list, 2, -1 do
    local j = random(i)
    list[i], list[j] = list[j], list[i]
  end
  list[#list + 1] = { "rest" }
  return list, holds
end

local function segment_of(list, holds, row)
  for _, rule in ipairs(list) do
    if not rule[2] or holds[rule[1]](row) then return rule[1] end
  end
end

-- The name of the rule responsible.
local function responsible(old, was, new, is, row)
  for _, rule in ipairs(new) do
    local before = was[rule[1]]
    if rule[2] and (before and before(row) or false) ~= is[rule[1]](row) then return rule[1] end
  end
  for _, rule in ipairs(old) do
    if rule[2] and not is[rule[1]] and was[rule[1]](row) then return rule[1] end
  end
  return "order"
end

test("moves, their rule and their value are what plain Lua finds, for random rules", function()
  for seed = 1, 60 do
    math.randomseed(seed)
    local old, was = random_rules(math.random)
    local new, is = random_rules(math.random)
    local wanted = {}
    for row in people:rows() do
      local from, to = segment_of(old, was, row), segment_of(new, is, row)
      if from ~= to then
        local key = from .. " " .. to .. " " .. responsible(old, was, new, is, row)
        local at = wanted[key] or { 0, 0 }
        wanted[key] = { at[1] + 1, at[2] + row.y }
      end
    end
    local found = {}
    for row in strategy { segments = old }:diff(strategy { segments = new }, given).moves:rows() do
      local name = row.because == "the order of the rules" and "order" or row.because:match "^'(.-)'"
      local at = found[row.from .. " " .. row.to .. " " .. name] or { 0, 0 }
      found[row.from .. " " .. row.to .. " " .. name] = { at[1] + row.customers, at[2] + row.y }
    end
    test.equal(found, wanted)
  end
end)

test("a rule that is new, gone, or another one is told", function()
  local function because(segments)
    return strategy():diff(strategy { segments = segments }, given).moves:column "because"
  end
  test.equal(because { { "a", "x >= 9" }, { "rest" } }, { "'a': x >= 7 → x >= 9" })
  test.equal(because { { "b", "y < 2" }, { "a", "x >= 7" }, { "rest" } },
    { "'b' is new: y < 2", "'b' is new: y < 2" })
  test.equal(because { { "rest" } }, { "'a' is gone: x >= 7" })
  test.equal(strategy():diff(strategy(), given).moves:nrow(), 0)
end)

test("scores, states and actions are compared; settings against the defaults", function()
  local function with(k, limit)
    return strategy {
      parameters = { least = limit }, scores = { { "points", "x * " .. k } },
      states = { start = "cold", { "cold", "warm", "x >= @least" } },
      actions = { { "mail", "x >= @least", channel = "mail", cost = 2 } },
    }
  end
  local found = with(1, 12):diff(with(2, 13), given)
  local zero, thirteen, twelve = 0, 0, 0
  for row in people:rows() do
    if row.x == 0 then zero = zero + 1 end
    if row.x == 13 then thirteen = thirteen + 1 end
    if row.x == 12 then twelve = twelve + 1 end
  end
  local row = found.scores:row(1)
  test.equal({ row.score, row.customers, row.largest_change }, { "points", 200 - zero, 13 })
  test.equal({ found.states:row(1).from, found.states:row(1).customers }, { "warm", twelve })
  row = found.actions:row(1)
  test.equal({ row.action, row.before, row.after, row.appear, row.vanish, row.cost },
    { "mail", twelve + thirteen, thirteen, 0, twelve, -2 * twelve })
  local set = with(1, 12):diff(nil, { inputs = given.inputs, as_of = given.as_of, set = { least = 13 } })
  test.equal(set.states:row(1).customers, twelve)
  test.equal(set.actions:row(1).vanish, twelve)
end)

test("a strategy cannot write to a database while it is computed", function()
  local path = test.temporary "shop.db"
  local db = ms.open(path, { write = true, create = true })
  db:write("people", people, { mode = "replace" })
  local function refused(fn)
    local s = strategy { customers = function(s)
      fn()
      return s.people:select("customer = id", "x", "y")
    end }
    for _, dry in ipairs { true, false } do
      test.raises(function() s:run { db = db, as_of = "2025-01-01", dry_run = dry } end,
        "strategy who only reads; it cannot write to a database")
    end
  end
  refused(function() db:execute "delete from people" end)
  refused(function() db:write("people", people:head(1), { mode = "replace" }) end)
  refused(function() ms.open(path, { write = true }) end)
  refused(function() db:transaction(function() end) end)
  test.equal(db:query "select count(*) n from people":row(1).n, 200)
  db:execute "delete from people where id = 1" -- afterwards everybody may
  test.equal(strategy():run({ db = db, as_of = "2025-01-01" }).customers:nrow(), 199)
end)

test("check finds a column that is not there wherever it is named", function()
  for _, more in ipairs {
    { value = "yy" }, { summary = { "m = mean(yy)" } },
    { actions = { { "mail", "x > 1", value = "yy" } } }, { actions = { { "mail", "yy > 1" } } },
  } do
    local found = strategy(more):check(given)
    test.equal(found[1].level, "error")
    test.check(found[1].text:find("a run fails: strategy who: ", 1, true) and found[1].text:find "yy", found[1].text)
  end
end)

test("explain tells the state of a customer, and what leads out of it", function()
  local s = strategy { segments = {}, states = { start = "cold", { "cold", "warm", "x >= 5 and y < 3" } } }
  local text = s:explain(4, given)
  test.check(text:find("customer 4 is 'cold' on 2025-01-01: he is new", 1, true), text)
  test.check(text:find("no  x >= 5   (x is 4)", 1, true), text)
end)

test("who asks for a customer that cannot be is told so", function()
  test.raises(function() strategy():explain("x17", given) end, "its customers are integers; 'x17' is none")
  test.raises(function() strategy():explain("1017", given) end, "there is no customer 1017 on 2025-01-01")
  local db = ms.open(test.temporary "shop.db", { write = true, create = true })
  db:write("people", people, { mode = "replace" })
  strategy():run { db = db, as_of = "2025-01-01" }
  test.raises(function() strategy():history("x17", { db = db }) end, "its customers are integers; 'x17' is none")
  test.equal(strategy():history("17", { db = db }):column "name", { "rest" })
end)
