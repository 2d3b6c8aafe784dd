-- logistic: logistic regression of two classes, against R's glm and scikit-learn.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function near(got, want, tolerance)
  test.equal(#got, #want)
  for i = 1, #want do test.close(got[i] / want[i], 1, tolerance or 1e-8) end
end

local telco_columns = { "tenure", "MonthlyCharges", "Contract", "PaperlessBilling", "SeniorCitizen" }
local function telco() return ms.read_csv(test.data "telco-churn/Telco-Customer-Churn.csv") end

-- 1 of 4 buy in shop a, 3 of 4 in shop b: log odds by hand.
local small = ms.frame {
  { "shop", { "a", "a", "a", "a", "b", "b", "b", "b" } },
  { "x", { 1, 2, 3, 4, 1, 2, 3, 4 } },
  { "buys", { "no", "no", "yes", "no", "yes", "no", "yes", "yes" } },
}

test("a table of two by two, worked out by hand", function()
  local model = ms.logistic(small, { target = "buys", columns = { "shop" } })
  near(model.terms:column "estimate", { -math.log(3), 2 * math.log(3) }, 1e-14)
  near(model.terms:column "error", { math.sqrt(1 + 1 / 3), math.sqrt(2 * (1 + 1 / 3)) }, 1e-11)
  near({ model:fact "deviance", model:fact "null_deviance" },
    { -2 * 2 * (3 * math.log(0.75) + math.log(0.25)), -2 * 8 * math.log(0.5) }, 1e-14)
  near(model:predict(small):column "probability", { .25, .25, .25, .25, .75, .75, .75, .75 }, 1e-14)
  test.equal(model:predict(small):column "prediction", { "no", "no", "no", "no", "yes", "yes", "yes", "yes" })
end)

test("Telco: estimates, errors, tests and deviance of glm", function()
  -- R 4.2.2: summary(glm(churn ~ tenure + MonthlyCharges + Contract + PaperlessBilling + SeniorCitizen, binomial,
  -- epsilon = 1e-14, maxit = 100))
  local model = ms.logistic(telco(), { target = "Churn", columns = telco_columns })
  near(model.terms:column "estimate", { -1.7493415023657157, -0.037174966065610056, 0.025089645778388497,
    -0.95288847623906658, -1.8440064553697151, 0.46727698185761796, 0.43045764872837067 }, 1e-11)
  near(model.terms:column "error", { 0.093712752534159935, 0.0020678417090841685, 0.0014060240220418983,
    0.1017517466031435, 0.16770325673319567, 0.071701648138374693, 0.080623112251587983 }, 1e-11)
  near(model.terms:column "p_value", { 9.1768664959049589e-78, 2.9151185210460257e-72, 3.1955422422049994e-71,
    7.6168087128894467e-21, 4.0101000496795882e-28, 7.1745154386755357e-11, 9.3391288031303973e-08 }, 1e-9)
  near({ model:fact "deviance", model:fact "null_deviance", model:fact "aic", model:fact "bic" },
    { 6069.749905158018, 8150.1458990196124, 6083.749905158018, 6131.7684316212362 }, 1e-12)
end)

test("Telco: all 19 predictors, of which seven follow from others", function()
  -- ../shared/data: blank TotalCharges = 0; R 4.2.2 glm: deviance 5828.284 of 24 columns
  local f = telco():with_columns("TotalCharges = coalesce(TotalCharges, 0)"):drop "customerID"
  local model = ms.logistic(f, { target = "Churn" })
  test.close(model:fact "deviance", 5828.284, 0.0005)
  test.equal(model:fact "rank", 24)
end)

test("Hillstrom: who visits", function()
  -- R 4.2.2: glm(visit ~ segment + recency + history + mens + womens + newbie + channel + zip_code, binomial),
  -- base No E-Mail, epsilon = 1e-14, started again from its own coefficients: glm's errors belong to the weights of the
  -- step before the last, and are off by 2e-8 here otherwise
  local f = ms.read_csv(test.data "hillstrom/hillstrom.csv.gz")
  local model = ms.logistic(f, { target = "visit", base = { "segment", "No E-Mail" },
    columns = { "segment", "recency", "history", "mens", "womens", "newbie", "channel", "zip_code" } })
  near(model.terms:column "estimate", { -2.1738711053701558, 0.64541356884584644, 0.41972807745438634,
    -0.053301355029230724, 0.00047344015161311106, 0.5706992776861709, 0.72561837906852433, -0.55693159547588478,
    -0.099102277267089312, 0.16572457659422579, -0.35603322840348856, -0.37184153027604666 }, 1e-11)
  near(model.terms:column "error", { 0.065557263662130771, 0.028830681746804285, 0.02967580351652948,
    0.0034084277020565612, 4.9783820370613619e-05, 0.036641428758858993, 0.037069634254988958, 0.024232545941508088,
    0.038204708405301303, 0.037484376744998618, 0.031796092287196431, 0.032394327249611964 }, 1e-11)
  test.close(model:fact "deviance", 51191.455037634471, 1e-6)
end)

test("the event is the last level, or the one that is named", function()
  local model = ms.logistic(small, { target = "buys", columns = { "shop" }, event = "no" })
  near(model.terms:column "estimate", { math.log(3), -2 * math.log(3) }, 1e-12)
  near(model:predict(small, { each = true }):column "probability_yes", { .25, .25, .25, .25, .75, .75, .75, .75 })
  near(model:predict(small, { linear = true }):head(1):column "prediction", { math.log(3) })
end)

test("boolean and 0/1 targets come back in their type", function()
  local f = small:with_columns("flag = buys == 'yes'", "code = case when buys == 'yes' then 1 else 0 end")
  for target, want in pairs { flag = { false, true }, code = { 0, 1 } } do
    local model = ms.logistic(f, { target = target, columns = { "shop" } })
    local p = model:predict(f):column "prediction"
    test.equal({ p[1], p[8] }, want)
  end
end)

test("weights count rows as often as they say", function()
  local twice = ms.concat(small, small:head(3))
  local f = small:with_columns("w = case when shop == 'a' and x < 4 then 2 else 1 end")
  local a, b = ms.logistic(twice, { target = "buys" }), ms.logistic(f, { target = "buys", weights = "w" })
  near(b.terms:column "estimate", a.terms:column "estimate", 1e-9)
  near(b.terms:column "error", a.terms:column "error", 1e-9)
  near({ b:fact "deviance" }, { a:fact "deviance" }, 1e-9)
end)

test("inputs that tell the classes apart are said, and l2 gives the estimates a limit", function()
  local f = ms.frame { { "x", { 1, 2, 3, 4 } }, { "y", { false, false, true, true } } }
  local model = ms.logistic(f, { target = "y" })
  test.equal(model:predict(f):column "prediction", { false, false, true, true })
  test.check(model:fact "deviance" < 1e-6)
  -- sklearn 1.2.1: LogisticRegression(C = 1, tol = 1e-12).fit([[1],[2],[3],[4]], [0,0,1,1])
  local limited = ms.logistic(f, { target = "y", l2 = 1 })
  near(limited.terms:column "estimate", { -2.395714811595579, 0.9582859300274709 }, 1e-7)
  test.equal(limited.terms:column("error", null), { null, null })
end)

test("Telco with a penalty: scikit-learn's", function()
  -- sklearn 1.2.1: LogisticRegression(C = 0.01, tol = 1e-14, solver = "newton-cg")
  local columns = { "tenure", "MonthlyCharges", "SeniorCitizen" }
  local model = ms.logistic(telco(), { target = "Churn", columns = columns, l2 = 100 })
  near(model.terms:column "estimate", { -1.7948114695196653, -0.054714499836132635, 0.03175277341797872,
    0.3877591833677635 }, 1e-6)
end)

test("a level that only one class has", function()
  local f = ms.frame {
    { "shop", { "a", "a", "a", "b", "b", "c", "c" } },
    { "y", { false, true, false, true, false, true, true } },
  }
  local p = ms.logistic(f, { target = "y" }):predict(f):column "probability"
  near({ p[1], p[4], p[6] }, { 1 / 3, 1 / 2, 1 }, 1e-6)
end)

test("saved and loaded, a model predicts the same", function()
  local db = ms.open(test.temporary "model.db", { write = true, create = true })
  local model = ms.logistic(small, { target = "buys" })
  model:save(db, "m")
  local each = { each = true }
  test.equal(tostring(ms.load(db, "m"):predict(small, each)), tostring(model:predict(small, each)))
  test.equal(tostring(ms.load(db, "m")), tostring(model))
  db:execute "update m_inputs set level = 'yes' where role = 'target' and level = 'no'"
  db:execute "delete from m_inputs where role = 'target' and rowid = 1"
  test.raises(function() return ms.load(db, "m"):predict(small) end, "part 'inputs' is not as it was made")
  db:close()
end)

test("as SQL and as Lua the score is the probability", function()
  local model = ms.logistic(small, { target = "buys" })
  local want = model:predict(small):column "probability"
  local score, i = assert(loadstring(model:to_lua()))(), 0
  for row in small:rows() do
    i = i + 1
    test.close(score(row), want[i], 1e-12)
  end
  local db = ms.open(test.temporary "score.db", { write = true, create = true })
  db:write("t", small, { mode = "create" })
  near(db:query("select " .. model:to_sql() .. " as s from t"):column "s", want, 1e-12)
  db:close()
end)

test("what cannot be learned is said", function()
  local function raises(frame, given, text)
    test.raises(function() return ms.logistic(frame, given) end, text)
  end
  raises(small:head(0), { target = "buys" }, "there are no rows to learn from")
  raises(small:filter "buys == 'yes'", { target = "buys" }, "two classes are wanted")
  raises(small, { target = "x" }, "has 4 classes; two are wanted")
  raises(small, { target = "buys", event = "yess" }, "no row has 'yess'")
  raises(small, { target = "buys", iterations = 0 }, "iterations")
end)

test("any number of threads gives the same bits, also where a sample of the rows is fitted first", function()
  local f = ms.sim.shop({ customers = 3000, tables = { "orders" } }).orders
    :with_columns("big = amount > 100", "hour = hour(ordered_at)"):select("hour", "channel", "big")
  while f:nrow() < 450000 do f = ms.concat(f, f) end
  local texts = {}
  for i, threads in ipairs { 1, 2, 4 } do
    ms.threads(threads)
    local model = ms.logistic(f, { target = "big" })
    local e, s = model.terms:column "estimate", model.terms:column "error"
    texts[i] = ("%.17g %.17g %.17g %.17g %.17g"):format(e[1], e[2], s[1], s[3], model:fact "deviance")
  end
  ms.threads(2)
  test.equal(texts[2], texts[1])
  test.equal(texts[3], texts[1])
end)
