-- boost, forest: written down as Lua and as SQL they say what predict says.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null
local PLAN, ODD = "套餐", 'odd "name\' here'

-- Numbers, a boolean, texts with quotes; every 7th plan and every 5th number is missing.
local function shop(rows)
  local plan, visits, paid, city, left, spend, size = {}, {}, {}, {}, {}, {}, {}
  local names, cities = { "basic", "gold", "it's \"free\"" }, { "上海", "Berlin", "Oslo", "Ro\nme" }
  for i = 1, rows do
    local p, v = i * 7919 % 3 + 1, i * 104729 % 50 / 2
    plan[i] = i % 7 == 0 and null or names[p]
    visits[i] = i % 5 == 0 and null or v
    paid[i] = i % 11 == 0 and null or (i * 31 % 4 > 0)
    city[i] = cities[i * 37 % 4 + 1]
    size[i] = i * 13 % 6 + 7
    left[i] = (p == 2 and v < 12 or p == 3 and i * 37 % 4 < 2 or i % 13 == 0) and "yes" or "no"
    spend[i] = v * p + i % 3
  end
  return ms.frame { { PLAN, plan }, { ODD, visits }, { "paid", paid }, { "city", city }, { "size", size },
    { "left", left }, { "spend", spend } }
end

-- Levels that were not seen, and nothing known at all.
local function strangers()
  return ms.frame { { PLAN, { "platinum", null, "gold", "basic" } }, { ODD, { 3, null, null, 1e308 } },
    { "paid", { null, null, true, false } }, { "city", { "Paris", null, "Oslo", null } },
    { "size", { 1, null, 8, 99 } }, { "spend", { 0, 1, 2, 3 } } }
end

local models = {
  { "boost", { target = "left", trees = 40, max_depth = 5 } },
  { "boost", { target = "left", trees = 10, categories = { "size", "paid" } } },
  { "boost", { target = "spend", columns = { PLAN, ODD, "paid", "size" }, trees = 130, max_depth = 3 } },
  { "boost", { target = "spend", objective = "poisson", columns = { PLAN, ODD, "paid" }, trees = 20 } },
  { "boost", { target = "left", columns = { PLAN, ODD, "city" }, offset = "spend", trees = 20 } },
  { "boost", { target = "city", trees = 8, columns = { PLAN, ODD, "paid", "size" } }, "Oslo" },
  { "forest", { target = "left", columns = { PLAN, ODD, "paid", "city", "size" }, trees = 30, max_depth = 7 } },
  { "forest", { target = "spend", columns = { PLAN, ODD, "paid", "size" }, trees = 20, max_depth = 7 } },
  { "forest", { target = "city", columns = { PLAN, ODD, "paid", "size" }, trees = 20, max_depth = 6 }, "上海" },
}

for number, case in ipairs(models) do
  local kind, options, class = case[1], case[2], case[3]
  local name = ("%s of %s (model %d)"):format(kind, options.target, number)
  local function learned() return ms[kind](shop(2000), options) end

  test(name .. ": to_lua gives the bits of predict", function()
    local model = learned()
    local f = assert(loadstring(model:to_lua()))()
    for _, frame in ipairs { shop(2000), strangers() } do
      local rows = 0
      for row in model:predict(frame):rows() do
        local prediction, probability = f(row)
        test.equal(prediction, row.prediction)
        if options.target ~= "spend" then test.equal(probability, row.probability) end
        rows = rows + 1
      end
      test.equal(rows, frame:nrow())
    end
  end)

  test(name .. ": to_sql gives in the database what predict gives", function()
    local model = learned()
    for _, frame in ipairs { shop(2000), strangers() } do
      local two = options.target == "left"
      local wanted = model:predict(frame, { each = class and true or nil })
      local db = ms.open(test.temporary "ensemble-sql.db", { write = true, create = true })
      db:write("customers", frame, { mode = "replace" })
      local got = db:query(("select %s as a, %s as b from customers order by rowid"):format(
        model:to_sql { class = class }, two and model:to_sql { value = "prediction" } or "0"))
      db:close()
      local column = class and "probability_" .. class or two and "probability" or "prediction"
      local want = wanted:column(column, false)
      for i, x in ipairs(got:column("a", false)) do
        test.close(x, want[i], 1e-12 * math.max(1, math.abs(want[i])))
      end
      if two then test.equal(got:column("b", false), wanted:column("prediction", false)) end
    end
  end)
end

test("a margin is written without exp, and missing offsets give nothing", function()
  local f = shop(500)
  local model = ms.boost(f, { target = "left", columns = { PLAN, ODD }, offset = "spend", trees = 5 })
  local sql = model:to_sql { value = "margin" }
  test.equal(sql:find("exp(", 1, true), nil)
  local db = ms.open(test.temporary "margin.db", { write = true, create = true })
  db:write("t", f, { mode = "create" })
  local want = model:predict(f, { margin = true }):column "prediction"
  for i, x in ipairs(db:query("select " .. sql .. " as m from t order by rowid"):column "m") do
    test.close(x, want[i], 1e-12 * math.max(1, math.abs(want[i])))
  end
  test.equal(db:query("select " .. model:to_sql { value = "prediction" } ..
    " as m from (select null as spend, 1 as \"" .. PLAN .. '", 1 as ' .. '"odd ""name\' here")'):column("m", false)[1],
    false)
  db:close()
  test.equal(assert(loadstring(model:to_lua()))() { [PLAN] = "gold" }, nil)
end)

test("the deepest tree that is written is one that SQLite reads; what is too large is said", function()
  local x, y = {}, {}
  for i = 1, 4000 do x[i], y[i] = i, 1.4 ^ (i % 97) + i * i % 89 end
  local f = ms.frame { { "x", x }, { "y", y } }
  local deep = ms.forest(f, { target = "y", trees = 101, max_depth = 12, min_leaf = 60 })
  local db = ms.open(test.temporary "deep.db", { write = true, create = true })
  db:write("t", f, { mode = "create" })
  local want = deep:predict(f):column "prediction"
  for i, p in ipairs(db:query("select " .. deep:to_sql() .. " as p from t order by rowid"):column "p") do
    test.close(p, want[i], 1e-12 * math.abs(want[i]))
  end
  db:close()
  local model = ms.forest(f, { target = "y", trees = 3, min_leaf = 1 })
  test.raises(function() return model:to_sql() end, "more than 12 splits deep")
  test.raises(function() return ms.forest(f, { target = "y", trees = 500, max_depth = 10, min_leaf = 1 }):to_sql() end,
    "bytes, which SQLite cannot read")
  test.raises(function() return model:to_sql { value = "margin" } end, "probability or prediction wanted")
  local classes = ms.boost(shop(300), { target = "city", trees = 2 })
  test.raises(function() return classes:to_sql() end, "'class' is 'nil'; one of")
  test.raises(function() return classes:to_sql { value = "prediction", class = "Oslo" } end, "with a class, is wanted")
end)
