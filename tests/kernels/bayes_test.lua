-- bayes: naive Bayes, and what every model does: parts, predict, save and load, errors.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

-- Worked out by hand: 4 of 6 buy; of the buyers 3 of 4 are from a, of the others 1 of 2.
local small = ms.frame {
  { "city", { "a", "a", "a", "b", "a", "b" } },
  { "age", { 20, 30, 40, 30, 50, 60 } },
  { "buys", { "yes", "yes", "yes", "yes", "no", "no" } },
}

test("terms are shares of categories and moments of numbers within a class", function()
  local model = ms.bayes(small, { target = "buys" })
  test.equal(model.kind, "bayes")
  test.equal(model.terms:column "input", { "city", "city", "city", "city", "age", "age" })
  test.equal(model.terms:column("level", "-"), { "a", "b", "a", "b", "-", "-" })
  test.equal(model.terms:column "class", { "no", "no", "yes", "yes", "no", "yes" })
  test.equal(model.terms:column("share", "-"), { 0.5, 0.5, 0.75, 0.25, "-", "-" })
  test.equal(model.terms:column("mean", "-"), { "-", "-", "-", "-", 55, 30 })
  test.close(model.terms:column("deviation", 0)[6], math.sqrt(200 / 3), 1e-12)
  test.equal(model.classes:column "prior", { 2 / 6, 4 / 6 })
  test.equal(model:fact "rows", 6)
end)

test("laplace is added to every level", function()
  local terms = ms.bayes(small, { target = "buys", laplace = 1 }).terms
  test.equal(terms:column("share", "-"), { 0.5, 0.5, 4 / 6, 2 / 6, "-", "-" })
end)

test("a prediction is prior times shares and densities, by hand", function()
  local model = ms.bayes(small, { target = "buys" })
  local function normal(x, mean, deviation)
    return math.exp(-(x - mean) ^ 2 / (2 * deviation ^ 2)) / (deviation * math.sqrt(2 * math.pi))
  end
  local no = 2 / 6 * 0.5 * normal(50, 55, math.sqrt(50))
  local yes = 4 / 6 * 0.75 * normal(50, 30, math.sqrt(200 / 3))
  local p = model:predict(small, { each = true })
  test.close(p:column "probability"[5], yes / (yes + no), 1e-12)
  test.close(p:column "probability_no"[5], no / (yes + no), 1e-12)
  test.equal(p:column "prediction", { "yes", "yes", "yes", "yes", "no", "no" })
end)

test("the event is the last class, or the one that is named", function()
  local model = ms.bayes(small, { target = "buys", event = "no" })
  test.equal(model.classes:column "class", { "yes", "no" })
  local p, q = model:predict(small), ms.bayes(small, { target = "buys" }):predict(small)
  for i = 1, 6 do test.close(p:column "probability"[i], 1 - q:column "probability"[i], 1e-12) end
  test.equal(p:column "prediction", q:column "prediction")
end)

test("weights count rows as often as they say, and 0 leaves a row out", function()
  local twice = ms.concat(small, small:head(2))
  local weighted = small:with_columns("w = case when row_number() over (order by age, city) <= 0 then 0 else 1 end")
    :with_columns("w = case when buys == 'yes' and age <= 30 and city == 'a' then 2 else w end")
  local a = ms.bayes(twice, { target = "buys" })
  local b = ms.bayes(weighted, { target = "buys", weights = "w" })
  test.equal(tostring(a.terms), tostring(b.terms))
  test.equal(tostring(a.classes), tostring(b.classes))
  local without = ms.bayes(small:with_columns("w = case when age < 60 then 1 else 0 end"),
    { target = "buys", weights = "w" })
  test.equal(without:fact "rows", 5)
end)

test("missing values do not count, in learning and in prediction", function()
  local holes = ms.frame {
    { "city", { "a", null, "a", "b", "a", "b" } }, { "age", { 20, 30, null, 30, 50, 60 } },
    { "buys", { "yes", "yes", "yes", "yes", "no", "no" } },
  }
  local model = ms.bayes(holes, { target = "buys" })
  test.equal(model.terms:column("share", 0)[3], 2 / 3)
  test.close(model.terms:column("mean", 0)[6], 80 / 3, 1e-12)
  local none = ms.frame { { "city", { null, "zz" } }, { "age", { null, null } } }
    :with_columns("city = cast(city as text)", "age = cast(age as real)")
  test.equal(model:predict(none):column "probability", { 4 / 6, 4 / 6 }) -- the prior; an unseen level is missing
end)

test("Telco: the tables and probabilities of e1071::naiveBayes", function()
  -- R 4.2.2, e1071 1.7: naiveBayes(Churn ~ tenure + Contract + MonthlyCharges + TotalCharges, laplace = 1),
  -- predict(type = "raw"). Row 489 has no TotalCharges.
  local f = ms.read_csv(test.data "telco-churn/Telco-Customer-Churn.csv")
  local model = ms.bayes(f,
    { target = "Churn", columns = { "tenure", "Contract", "MonthlyCharges", "TotalCharges" }, laplace = 1 })
  local share = model.terms:column("share", 0)
  test.close(share[3], 0.4290129418582190, 1e-14)
  test.close(share[8], 0.0261752136752137, 1e-14)
  test.close(model.terms:column("mean", 0)[1], 37.5699652106687, 1e-12)
  test.close(model.terms:column("deviation", 0)[2], 19.5311230545196, 1e-12)
  local p = model:predict(f):column "probability"
  for row, want in pairs { [1] = 0.568818115209778, [2] = 0.124264441167891, [3] = 0.742307098183048 } do
    test.close(p[row], want, 1e-12)
  end
  test.close(p[489], 0.066687381594218, 1e-12)
  local sum = 0
  for i = 1, #p do sum = sum + p[i] end
  test.close(sum, 2358.57322509402, 1e-8)
end)

test("any number of threads gives the same bits", function()
  local f = ms.sim.shop({ customers = 3000, tables = { "orders" } }).orders
  f = ms.concat(f, f, f, f, f, f, f, f):with_columns("big = amount > 100", "hour = hour(ordered_at)")
    :select("big", "hour", "channel", "amount")
  local texts = {}
  for _, threads in ipairs { 1, 2, 4 } do
    ms.threads(threads)
    local model = ms.bayes(f, { target = "big" })
    local p = model:predict(f):group_by():agg("s = sum(probability)", "n = count(prediction)")
    texts[#texts + 1] = ("%.17g %.17g %.17g"):format(p:column "s"[1], model.terms:column("mean", 0)[2],
      model.terms:column("deviation", 0)[2])
  end
  ms.threads(2)
  test.equal(texts[2], texts[1])
  test.equal(texts[3], texts[1])
end)

test("integer and boolean targets come back in their type", function()
  local f = small:with_columns("flag = buys == 'yes'", "grade = case when buys == 'yes' then 3 else -1 end"):drop "buys"
  test.equal(ms.bayes(f, { target = "flag", columns = { "age" } }):predict(f):column "prediction",
    { true, true, true, true, false, false })
  test.equal(ms.bayes(f, { target = "grade", columns = { "age" } }):predict(f):column "prediction",
    { 3, 3, 3, 3, -1, -1 })
end)

test("saved and loaded, a model predicts the same; a second save takes the place of the first", function()
  local path = test.temporary "model.db"
  local db = ms.open(path, { write = true, create = true })
  local model = ms.bayes(small, { target = "buys" })
  ms.bayes(small, { target = "buys", laplace = 2 }):save(db, "buyers")
  model:save(db, "buyers")
  local again = ms.load(db, "buyers")
  test.equal(again.kind, "bayes")
  test.equal(tostring(again:predict(small, { each = true })), tostring(model:predict(small, { each = true })))
  test.equal(tostring(again), tostring(model))
  test.raises(function() return ms.load(db, "buyer") end, "there is no model 'buyer'")
  test.raises(function() model:save(db, "a b") end, "wanted a name of letters")
  db:write("x_terms", small, { mode = "create" })
  test.raises(function() model:save(db, "x") end, "'x_terms' is there already")
  test.raises(function() return ms.load(db, "x") end, "there is no model 'x'")
  db:execute "update buyers_inputs set level = 'a' where name = 'buys'"
  db:execute "delete from buyers_terms where input = 'age'"
  test.raises(function() return ms.load(db, "buyers"):predict(small) end, "is not as it was made")
  db:close()
end)

test("what cannot be learned is said", function()
  local function raises(frame, given, text)
    test.raises(function() return ms.bayes(frame, given) end, text)
  end
  raises(small, {}, "target")
  raises(small, { target = "bys" }, "did you mean 'buys'")
  raises(small:head(0), { target = "buys" }, "there are no rows to learn from")
  raises(small:head(3), { target = "buys" }, "'yes' in every row; two classes are wanted")
  raises(small, { target = "buys", event = "maybe" }, "no row has 'maybe' in column 'buys'")
  raises(small, { target = "buys", columns = { "buys" } }, "cannot be an input too")
  raises(small:select "buys", { target = "buys" }, "there is no column to learn from")
  raises(ms.frame { { "age", { 1.5, math.huge } }, { "buys", { "no", "yes" } } }, { target = "buys" },
    "'age' is infinite in row 2")
  raises(small:with_columns("d = cast('2024-01-01' as date)"), { target = "buys" }, "column 'd' is a date")
  raises(small:with_columns("w = age - 25"), { target = "buys", weights = "w" }, "weight -5 in column 'w', row 1")
  raises(small:with_columns("buys = case when age > 99 then 'x' end"), { target = "buys" },
    "no row is left to learn from")
  raises(small, { target = "age", laplace = -1 }, "laplace")
  raises(small:with_columns("age = age + 0.5"), { target = "age" }, "a category is text, boolean or integer")
end)

test("what cannot be predicted is said", function()
  local model = ms.bayes(small, { target = "buys" })
  test.raises(function() return model:predict(small:drop "age") end, "unknown column 'age'")
  test.raises(function() return model:predict(small:with_columns("age = 'x'")) end, "the model was made of numbers")
  test.raises(function() return model:predict(small:with_columns("city = 1")) end, "the model was made of text")
  test.raises(function() return model:predict(small, { eech = true }) end, "each")
  test.raises(function() return model:predict() end, "wanted")
  test.raises(function() return model.predict(small) end, "model:predict")
  test.raises(function() return model.trems end, "did you mean 'terms'")
  test.raises(function() model.terms2 = 1 end, "cannot be changed")
  test.equal(model:predict(small:head(0)):nrow(), 0)
  test.equal(model:predict(small:head(0)):names(), { "city", "age", "buys", "prediction", "probability" })
end)
