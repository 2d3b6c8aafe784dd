-- tree: rules, explanations, programs, pruning, and what is missing.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

-- A shop whose figures are made by a rule; every 7th plan and every 5th number of visits is not known.
local function shop(rows)
  local plan, visits, paid, city, left, spend = {}, {}, {}, {}, {}, {}
  local names, cities = { "basic", "gold", "it's free" }, { "上海", "Berlin", "Oslo", "Rome" }
  for i = 1, rows do
    local p, v = i * 7919 % 3 + 1, i * 104729 % 50 / 2
    plan[i] = i % 7 == 0 and null or names[p]
    visits[i] = i % 5 == 0 and null or v
    paid[i] = i % 11 == 0 and null or (i * 31 % 4 > 0)
    city[i] = cities[i * 37 % 4 + 1]
    left[i] = (p == 2 and v < 12 or p == 3 and i * 37 % 4 < 2 or i % 13 == 0) and "yes" or "no"
    spend[i] = v * p + i % 3
  end
  return ms.frame { { "plan", plan }, { "visits", visits }, { "paid", paid }, { "city", city }, { "left", left },
    { "spend", spend } }
end

local function learn(rows, options)
  local given = { target = "left", columns = { "plan", "visits", "paid", "city" }, cp = 0.001 }
  for name, value in pairs(options or {}) do given[name] = value end
  return ms.tree(shop(rows), given)
end

-- New customers: levels that were not seen, and nothing known at all.
local function strangers()
  return ms.frame { { "plan", { "platinum", null, "gold", "basic" } }, { "visits", { 3, null, null, 20 } },
    { "paid", { null, null, true, false } }, { "city", { "Paris", null, "Oslo", null } } }
end

local function each_row(frame, check)
  local n = 0
  for row in frame:rows() do
    n = n + 1
    check(row, n)
  end
end

test("to_lua gives what predict gives, on every row", function()
  for _, options in ipairs { {}, { missing = "surrogate" }, { missing = "stay" }, { target = "spend" },
    { target = "city", columns = { "plan", "visits", "paid" }, cp = 0 } } do
    local model = learn(3000, options)
    local f = assert(loadstring(model:to_lua()))()
    for _, frame in ipairs { shop(3000), strangers() } do
      each_row(model:predict(frame), function(row)
        local prediction, probability = f(row)
        test.equal(prediction, row.prediction)
        if options.target ~= "spend" then test.equal(probability, row.probability) end
      end)
    end
  end
end)

test("to_sql gives what predict gives in the database, missing values and new levels too", function()
  for _, options in ipairs { {}, { missing = "surrogate" }, { missing = "stay" },
    { target = "spend", maxdepth = 9 }, { target = "city", columns = { "plan", "visits", "paid" }, maxdepth = 15 } } do
    local model = learn(2000, options)
    for i, frame in ipairs { shop(2000), strangers() } do
      local predicted = model:predict(frame)
      local db = ms.open(test.temporary("tree-sql.db"), { write = true, create = true })
      db:write("customers", frame, { mode = "replace" })
      local two = not options.target
      local got = db:query(("select %s as a, %s as b from customers order by rowid"):format(model:to_sql(),
        model:to_sql { value = "prediction" }))
      test.equal(got:column("b", false), predicted:column("prediction", false))
      if two then test.equal(got:column("a", false), predicted:column("probability", false)) end
      test.equal(got:nrow(), i == 1 and 2000 or 4)
      db:close()
    end
  end
  test.raises(function() return learn(500):to_sql { value = "best" } end, "probability or prediction wanted")
end)

test("rules say each input once, the most used first", function()
  local f = ms.frame { { "x", { 1, 2, 3, 4, 5, 6, 7, 8 } }, { "y", { "a", "a", "b", "b", "b", "a", "a", "a" } } }
  local rules = ms.tree(f, { target = "y", minsplit = 2, minbucket = 1 }):rules()
  test.equal(rules:column "rule", { "x >= 5.5", "x from 2.5 to below 5.5", "x < 2.5" })
  test.equal(rules:column "prediction", { "a", "b", "a" })
  test.equal(rules:column "customers", { 3, 3, 2 })
  test.equal(rules:column "support", { 3 / 8, 3 / 8, 2 / 8 })
  test.equal(rules:column "lift", { 8 / 5, 8 / 3, 8 / 5 })
  local amounts = ms.frame { { "x", { 1, 2, 3, 4 } }, { "y", { 1, 3, 7, 9 } } }
  rules = ms.tree(amounts, { target = "y", minsplit = 4, minbucket = 2 }):rules()
  test.equal(rules:column "prediction", { 2, 8 })
  test.equal(rules:column "deviation", { 1, 1 })
  test.equal(ms.tree(amounts, { target = "y" }):rules():column "rule", { "everyone" })
end)

test("an explanation names the values, what stands in for them, and the side of most", function()
  local f = ms.frame { { "plan", { "a", "a", "a", "b", "b", "b" } }, { "x", { 1, 2, 3, 4, 5, 6 } },
    { "y", { "n", "n", "n", "j", "j", "j" } } }
  local model = ms.tree(f, { target = "y", minsplit = 2, minbucket = 1 })
  test.equal(model:explain { plan = "a" }, "y is n: 100.0 % of 3 like this one\n  plan is a (a)")
  test.equal(model:explain { x = 5 },
    "y is j: 100.0 % of 3 like this one\n  plan is not known; x >= 3.5 (5) speaks for plan is b")
  test.equal(model:explain({ plan = "c" }):match "plan %(c%).*",
    "plan (c) was not seen; most are on the side of plan is b")
  local told = model:explain(f:head(2))
  test.equal(told:column "explanation"[2], "y is n: 100.0 % of 3 like this one\n  plan is a (a)")
  test.equal(model:explain(f:head(0)):nrow(), 0)
  test.raises(function() return model:explain(7) end, "a frame or a table of values by name is wanted")
end)

test("a pruned tree is the one that is learned with that cp", function()
  local large, small = learn(3000, { cp = 0 }), learn(3000, { cp = 0.05 })
  local pruned = large:prune(0.05)
  test.equal(pruned.nodes:column "node", small.nodes:column "node")
  test.equal(pruned.cp:column "splits", small.cp:column "splits")
  test.equal(pruned.cp:column "cp", small.cp:column "cp")
  test.equal(tostring(pruned:rules()), tostring(small:rules()))
  for _, frame in ipairs { shop(500), strangers() } do
    test.equal(tostring(pruned:predict(frame)), tostring(small:predict(frame)))
  end
  test.equal(large:prune(1):predict(strangers()):column "prediction", { "no", "no", "no", "no" })
  test.equal(large:prune(1):importance():nrow(), 0)
  test.raises(function() return large:prune "min" end, "needs errors by cross-validation")
  test.raises(function() return large:prune "best" end, "a number from 0 on, 'min' or '1se' wanted")
  local judged = learn(1000, { cp = 0, folds = 5 })
  local least = judged:prune "min"
  test.equal(judged:prune("1se").nodes:nrow() <= least.nodes:nrow(), true)
  test.equal(tostring(learn(1000, { cp = 0, folds = 5 }).cp), tostring(judged.cp))
  local db = ms.open(test.temporary "pruned.db", { write = true, create = true })
  least:save(db, "least")
  test.equal(tostring(ms.load(db, "least"):predict(strangers())), tostring(least:predict(strangers())))
  test.equal(tostring(ms.load(db, "least"):prune(1)), tostring(least:prune(1)))
  db:close()
end)

test("rows that cannot be sent stay in the node", function()
  local f = ms.frame { { "x", { 1, 2, 3, 4, null, null } }, { "z", { 1, 1, 1, 1, 1, 1 } },
    { "y", { 1, 1, 5, 5, 9, 9 } } }
  local o = { target = "y", minsplit = 2, minbucket = 1, missing = "stay", cp = 0 }
  local model = ms.tree(f, o)
  test.equal(model.nodes:column("rows"), { 6, 2, 2 })
  test.equal(model:predict(f):column "prediction", { 1, 1, 5, 5, 5, 5 })
end)

test("a loss moves the choice of a class, a prior its shares", function()
  -- Root of 3 n and 1 j: an error of j for n costs 1, of n for j 5: 5 > 3, so that j is said.
  local f = ms.frame { { "x", { 1, 1, 1, 1 } }, { "y", { "n", "n", "n", "j" } } }
  local model = ms.tree(f, { target = "y", event = "j", loss = { 0, 1, 5, 0 } })
  test.equal(model:predict(f):column "prediction", { "j", "j", "j", "j" })
  test.equal(model:predict(f):column "probability", { 0.25, 0.25, 0.25, 0.25 })
  test.equal(model.nodes:column "risk", { 3 })
  model = ms.tree(f, { target = "y", event = "j", prior = { 1, 1 } })
  test.equal(model:predict(f):column "probability", { 0.5, 0.5, 0.5, 0.5 })
  test.raises(function() return ms.tree(f, { target = "y", prior = { 1 } }) end, "1 numbers; 2 are wanted")
  test.raises(function() return ms.tree(f, { target = "y", loss = { 1, 1, 5, 0 } }) end, "0 wanted")
  test.raises(function() return ms.tree(f, { target = "y", prior = { 0, 1 } }) end, "more than 0 wanted")
  test.raises(function() return ms.tree(f, { target = "x", prior = { 0, 1 } }) end, "is for classes")
  test.raises(function() return ms.tree(f, { target = "y", columns = { "x" }, fold = "y" }) end,
    "no column of whole numbers")
  test.raises(function() return ms.tree(f, { target = "y", fold = "x" }) end, "no column to learn from")
end)

test("the same bits for one and two threads above one morsel", function()
  local f = shop(70000)
  for _, target in ipairs { "left", "city", "spend" } do
    local texts = {}
    for _, threads in ipairs { 1, 2 } do
      ms.threads(threads)
      local columns = target == "city" and { "plan", "visits", "paid" } or { "plan", "visits", "paid", "city" }
      local model = ms.tree(f, { target = target, columns = columns, cp = 0, maxdepth = 6, folds = 2 })
      local parts = {}
      for _, name in ipairs { "nodes", "shares", "splits", "cp" } do
        for _, column in ipairs(model[name]:names()) do
          for _, value in ipairs(model[name]:column(column, false)) do
            parts[#parts + 1] = type(value) == "number" and ("%a"):format(value) or tostring(value)
          end
        end
      end
      texts[threads] = table.concat(parts, " ")
    end
    test.check(texts[1] == texts[2], target)
  end
  ms.threads(2)
end)
