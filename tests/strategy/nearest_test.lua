-- What explain says would have to change, against brute force over random rules: the change reaches the segment, no
-- change of fewer columns does; none of the clauses that it names can stay false. MOONSIFT_RULE_SETS: how many (60).
local ms = require "moonsift"
local test = require "moonsift.test"

local SETS = tonumber(os.getenv "MOONSIFT_RULE_SETS" or 60)
math.randomseed(20261123)
local random = math.random

local function pick(list) return list[random(#list)] end

-- A value in every stretch between the constants of the rules, and null.
local values = { a = { ms.null }, b = { ms.null }, c = { "x", "y", "z", "w", ms.null } }
for x = -1, 7 do table.insert(values.a, x) end
for x = -2, 14 do table.insert(values.b, x / 2) end
local columns = { customer = {}, a = {}, b = {}, c = {} }
for _, a in ipairs(values.a) do
  for _, b in ipairs(values.b) do
    for _, c in ipairs(values.c) do
      local at = #columns.customer + 1
      columns.customer[at], columns.a[at], columns.b[at], columns.c[at] = at, a, b, c
    end
  end
end

local function frame_of(of)
  return ms.frame { { "customer", of.customer }, { "a", of.a }, { "b", of.b }, { "c", of.c } }
    :with_columns("a = cast(a as integer)", "b = cast(b as real)", "c = cast(c as text)") -- also where all are null
end
local everybody = frame_of(columns)

local atoms = {
  function() return ("%s %s %d"):format(pick { "a", "b" }, pick { "<", "<=", ">", ">=", "==", "!=" }, random(0, 6)) end,
  function() return ("a between %d and %d"):format(random(0, 3), random(2, 6)) end,
  function() return ("a %sin (%d, %d)"):format(pick { "", "not " }, random(0, 6), random(0, 6)) end,
  function() return ("c %s '%s'"):format(pick { "==", "!=" }, pick { "x", "y", "z" }) end,
  function() return ("%s is %snull"):format(pick { "a", "b", "c" }, pick { "", "not " }) end,
}

local function rule()
  local parts = {}
  for i = 1, random(3) do
    parts[i] = pick(atoms)()
    if random(3) == 1 then parts[i] = ("%s(%s or %s)"):format(pick { "", "not " }, parts[i], pick(atoms)()) end
  end
  return table.concat(parts, random(5) == 1 and " or " or " and ")
end

local function strategy()
  local sets, segments = { named = rule() }, {}
  for i = 1, 3 do segments[i] = { "s" .. i, random(4) == 1 and rule() .. " and not named" or rule() } end
  segments[4] = { "rest" }
  return ms.strategy {
    name = "s", inputs = { x = { columns = { "customer", "a", "b", "c" } } }, customers = function(s) return s.x end,
    sets = sets, segments = segments,
  }
end

-- What explain says of the segments above: { name =, clauses = (text), changes = { column = value } or nil }.
local function said_of(text)
  local list = {}
  local wanted = text:match "would have to become true:\n(.*)" or ""
  for line in (wanted .. "\n"):gmatch "(.-)\n" do
    local name, clauses, how = line:match "^  (s%d): (.-)   %((.*)%)$"
    if not name then break end
    local one = { name = name, clauses = clauses }
    if how ~= "nobody can be in it" then
      one.changes, one.count = {}, 0
      for column, value in how:gsub("^as with ", ""):gmatch "(%a) (.-) instead of [^,]*" do
        one.changes[column], one.count = tonumber(value) or value, one.count + 1
        if value == "null" then one.changes[column] = ms.null end
      end
    end
    list[#list + 1] = one
  end
  return list
end

-- The fewest columns in which somebody of a segment is unlike the customer, by the names of segments.
local function fewest(found, one)
  local row, parts = one:row(1), {}
  for i, name in ipairs { "a", "b", "c" } do
    parts[i] = row[name] == nil and ("if(%s is null, 0, 1)"):format(name)
      or ("if(coalesce(%s == @%s, false), 0, 1)"):format(name, name)
  end
  local least, by_name = found:with_columns("n = " .. table.concat(parts, " + "), { a = row.a, b = row.b, c = row.c })
    :group_by "segment":agg "n = min(n)", {}
  for each in least:rows() do by_name[each.segment] = each.n end
  return by_name
end

test("the change that explain names reaches the segment, and no change of fewer columns does", function()
  local reached, none, counts = 0, 0, {}
  for _ = 1, SETS do
    local s = strategy()
    local found = s:customers { inputs = { x = everybody }, as_of = "2025-01-01" }
    local moved, wanted = { customer = {}, a = {}, b = {}, c = {} }, {}
    for _ = 1, 5 do
      local who = random(#columns.customer)
      local least = fewest(found, found:filter("customer == @who", { who = who }))
      for _, one in ipairs(said_of(s:explain(who, { inputs = { x = everybody }, as_of = "2025-01-01" }))) do
        local told = { s.segments, who, one }
        test.equal({ told, one.count }, { told, least[one.name] })
        if one.changes then
          local at = #moved.customer + 1
          moved.customer[at], wanted[at] = at, one.name
          for _, name in ipairs { "a", "b", "c" } do
            local value = one.changes[name]
            if value == nil then value = columns[name][who] end
            moved[name][at] = value
          end
          reached, counts[one.count] = reached + 1, true
        else
          none = none + 1
        end
        -- Where one of the clauses is false, the rule is.
        local segment = s.segments[tonumber(one.name:sub(2))]
        for _, clause in ipairs(require("moonsift.strategy.condition").clauses(one.clauses)) do
          test.equal(found:filter(("not coalesce((%s), false) and (%s)"):format(clause, segment[2])):nrow(), 0)
          test.equal(found:filter(("customer == @who and (%s)"):format(clause), { who = who }):nrow(), 0)
        end
      end
    end
    if #wanted > 0 then
      local after = s:customers { inputs = { x = frame_of(moved) }, as_of = "2025-01-01" }
      test.equal(after:column "segment", wanted)
    end
  end
  test.check(reached > SETS and none > 0 and counts[1] and counts[2], "too few kinds of changes were seen")
end)

test("numbers are changed as little as they can be", function()
  local s = ms.strategy {
    name = "s", inputs = { x = { columns = { "customer", "a", "b" } } }, customers = function(x) return x.x end,
    parameters = { least = 10 },
    segments = { { "near", "a >= @least or a <= 2" }, { "both", "a > 5 and b > 5" }, { "rest" } },
  }
  local text = s:explain(1, { as_of = "2025-01-01", inputs = {
    x = ms.frame { { "customer", { 1 } }, { "a", { 4 } }, { "b", { 1 } } },
  } })
  test.contains(text, "near: a >= @least or a <= 2   (as with a 2 instead of 4)")
  test.contains(text, "both: a > 5 and b > 5   (as with a 6 instead of 4, b 6 instead of 1)")
end)
