-- linear: least squares; terms, errors and tests against R's lm.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function near(got, want, tolerance)
  test.equal(#got, #want)
  for i = 1, #want do
    if want[i] == null then
      test.equal(got[i], null)
    else
      test.close(got[i] / want[i], 1, tolerance or 1e-10)
    end
  end
end

-- y = 1 + 2 x for the first level, 4 more for the second: residuals 1, -1, -1, 1 by hand.
local small = ms.frame {
  { "x", { 0, 1, 2, 3, 0, 1, 2, 3 } },
  { "shop", { "a", "a", "a", "a", "b", "b", "b", "b" } },
  { "y", { 2, 2, 4, 8, 6, 6, 8, 12 } },
}

test("a line and a shift, worked out by hand", function()
  local model = ms.linear(small, { target = "y" })
  test.equal(model.terms:column "term", { "(intercept)", "x", "shop = b" })
  test.equal(model.terms:column("input", null), { null, "x", "shop" })
  test.equal(model.terms:column("level", null), { null, null, "b" })
  near(model.terms:column "estimate", { 1, 2, 4 })
  -- 8 squares of 1 over 8 - 3 degrees of freedom; x has squares 10 around its mean, the shift 4 * 4 / 8.
  near(model.terms:column "error", { math.sqrt(8 / 5 * (1 / 8 + 1.5 ^ 2 / 10 + 1 / 8)), math.sqrt(8 / 5 / 10),
    math.sqrt(8 / 5 / 2) })
  test.close(model:fact "deviance", 8, 1e-12)
  test.close(model:fact "null_deviance", 8 + 4 * 10 + 16 * 2, 1e-12)
  test.close(model:fact "r_squared", 1 - 8 / 80, 1e-12)
  test.equal(model:fact "degrees_of_freedom", 5)
  near(model:predict(small):column "prediction", { 1, 3, 5, 7, 5, 7, 9, 11 })
end)

test("Telco: estimates, errors, tests and intervals of lm", function()
  -- R 4.2.2: lm(MonthlyCharges ~ tenure + Contract + PaperlessBilling + InternetService + SeniorCitizen), confint
  local f = ms.read_csv(test.data "telco-churn/Telco-Customer-Churn.csv")
  local model = ms.linear(f, { target = "MonthlyCharges",
    columns = { "tenure", "Contract", "PaperlessBilling", "InternetService", "SeniorCitizen" } })
  local terms = model.terms
  near(terms:column "estimate", { 48.579037671156577, 0.18692516616915059, 4.7209698814601548, 6.4637632155506068,
    1.2482835726666928, 34.300431874371085, -37.375839432420626, -0.80376105900297934 })
  near(terms:column "error", { 0.32322208471001806, 0.0075355858209867413, 0.38958524679001438, 0.46331221789272353,
    0.2836524016804351, 0.30927657958462595, 0.36783461000002216, 0.36363594357121415 })
  near(terms:column "statistic", { 150.29615849034496, 24.805658194292029, 12.117938038872266, 13.951203887844034,
    4.4007509376670759, 110.90536477232868, -101.610447783634, -2.210345465603214 })
  local p = terms:column "p_value"
  test.equal(p[1], 0)
  near({ p[2], p[3], p[4], p[5], p[8] }, { 2.711587810103802e-130, 1.825772744988627e-33, 1.1761055864835609e-43,
    1.0946933066724697e-05, 0.027113260853860191 }, 1e-9)
  near(terms:column "low", { 47.945425014013423, 0.17215314785409863, 3.9572654346434977, 5.5555316950180123,
    0.69223941468466788, 33.694156608376908, -38.09690607871871, -1.5165970542463838 })
  near(terms:column "high", { 49.212650328299731, 0.20169718448420254, 5.484674328276812, 7.3719947360832014,
    1.8043277306487178, 34.906707140365263, -36.654772786122543, -0.090925063759574876 })
  near({ model:fact "residual_error", model:fact "r_squared", model:fact "adjusted_r_squared", model:fact "f_statistic",
    model:fact "aic", model:fact "bic", model:fact "log_likelihood" },
    { 10.754189615077944, 0.87239205196496361, 0.87226507888234173, 6870.6849826004918, 53455.574781008014,
      53517.312886460721, -26718.787390504007 })
end)

test("weights and an offset, as lm has them", function()
  -- R 4.2.2: lm(MonthlyCharges ~ Contract + PaperlessBilling, weights = tenure + 1, offset = SeniorCitizen * 3)
  local f = ms.read_csv(test.data "telco-churn/Telco-Customer-Churn.csv")
    :with_columns("w = tenure + 1", "o = SeniorCitizen * 3")
  local given = { target = "MonthlyCharges", columns = { "Contract", "PaperlessBilling" }, weights = "w", offset = "o" }
  local model = ms.linear(f, given)
  near(model.terms:column "estimate", { 59.654419666995331, -0.63952141790401107, -4.9956371874061212,
    20.773721593441159 })
  near(model.terms:column "error", { 0.80614310406204226, 0.91201102486765084, 0.83320160383867026,
    0.71787616585117331 })
  near({ model:fact "residual_error", model:fact "aic", model:fact "log_likelihood" },
    { 167.58631878186927, 70745.899746623545, -35367.949873311773 })
  -- The offset is part of the prediction.
  local p = model:predict(f:head(40)):column "prediction"
  given.offset = nil
  test.close(p[1] - 59.654419666995331 - 20.773721593441159, 0, 1e-9)
  test.check(model:fact "rows" == 7043)
end)

test("Longley's data, which are nearly collinear, keep ten digits", function()
  -- R 4.2.2: lm(Employed ~ ., longley), equal to NIST's certified values
  local f = ms.frame {
    { "deflator", { 83, 88.5, 88.2, 89.5, 96.2, 98.1, 99, 100, 101.2, 104.6, 108.4, 110.8, 112.6, 114.2, 115.7,
      116.9 } },
    { "gnp", { 234.289, 259.426, 258.054, 284.599, 328.975, 346.999, 365.385, 363.112, 397.469, 419.18, 442.769,
      444.546, 482.704, 502.601, 518.173, 554.894 } },
    { "unemployed", { 235.6, 232.5, 368.2, 335.1, 209.9, 193.2, 187, 357.8, 290.4, 282.2, 293.6, 468.1, 381.3, 393.1,
      480.6, 400.7 } },
    { "forces", { 159, 145.6, 161.6, 165, 309.9, 359.4, 354.7, 335, 304.8, 285.7, 279.8, 263.7, 255.2, 251.4, 257.2,
      282.7 } },
    { "population", { 107.608, 108.632, 109.773, 110.929, 112.075, 113.27, 115.094, 116.219, 117.388, 118.734, 120.445,
      121.95, 123.366, 125.368, 127.852, 130.081 } },
    { "year", { 1947, 1948, 1949, 1950, 1951, 1952, 1953, 1954, 1955, 1956, 1957, 1958, 1959, 1960, 1961, 1962 } },
    { "employed", { 60.323, 61.122, 60.171, 61.187, 63.221, 63.639, 64.989, 63.761, 66.019, 67.857, 68.169, 66.513,
      68.655, 69.564, 69.331, 70.551 } },
  }
  local model = ms.linear(f, { target = "employed" })
  near(model.terms:column "estimate", { -3482.2586345958143, 0.015061872271372709, -0.035819179292590986,
    -0.020202298038168233, -0.010332268671735883, -0.051104105653579125, 1.8291514646135498 }, 1e-9)
  near(model.terms:column "error", { 890.42038360737718, 0.084914925774767475, 0.033491007772243453,
    0.0048839968165170352, 0.0021427416316167599, 0.2260732000693729, 0.45547849914221422 }, 1e-9)
  near({ model:fact "residual_error", model:fact "r_squared" }, { 0.30485407356196614, 0.99547900457729555 }, 1e-10)
end)

test("what follows from terms before it has no estimate, and predictions do without it", function()
  local f = small:with_columns("twice = 2 * x + 1", "one = 5")
  local model = ms.linear(f, { target = "y", columns = { "x", "twice", "one", "shop" } })
  test.equal(model:fact "rank", 3)
  local e = model.terms:column("estimate", null)
  test.equal({ e[3], e[4] }, { null, null })
  near({ e[1], e[2], e[5] }, { 1, 2, 4 })
  near(model:predict(f):column "prediction", { 1, 3, 5, 7, 5, 7, 9, 11 })
end)

test("base chooses what levels are compared with", function()
  local model = ms.linear(small, { target = "y", base = { "shop", "b" } })
  test.equal(model.terms:column "term", { "(intercept)", "x", "shop = a" })
  near(model.terms:column "estimate", { 5, 2, -4 })
  near(model:predict(small):column "prediction", { 1, 3, 5, 7, 5, 7, 9, 11 })
  test.raises(function() return ms.linear(small, { target = "y", base = { "shop", "c" } }) end, "no row has 'c'")
  test.raises(function() return ms.linear(small, { target = "y", base = { "x", "1" } }) end, "'x' is no category")
  test.raises(function() return ms.linear(small, { target = "y", base = { "shop" } }) end, "wants pairs")
end)

test("integer columns named as categories, and booleans, are terms too", function()
  local f = small:with_columns("grade = case when shop == 'a' then 10 else 2 end", "late = x > 1"):drop "shop"
  local model = ms.linear(f, { target = "y", categories = { "grade" } })
  test.equal(model.terms:column "term", { "(intercept)", "x", "grade = 10", "late" })
  test.equal(model:predict(f:head(1)):nrow(), 1)
end)

test("without an intercept the line goes through the origin", function()
  local model = ms.linear(ms.frame { { "x", { 1, 2, 3 } }, { "y", { 2, 4, 7 } } }, { target = "y", intercept = false })
  near(model.terms:column "estimate", { 31 / 14 })
  test.close(model:fact "null_deviance", 69, 1e-12)
end)

test("l2 is ridge regression's penalty, the intercept free", function()
  -- sklearn 1.2.1: Ridge(alpha=1).fit([[0],[1],[2],[3]], [2,2,4,8]): coef 10/6, intercept 1.5
  local model = ms.linear(small:head(4), { target = "y", columns = { "x" }, l2 = 1 })
  near(model.terms:column "estimate", { 4 - 1.5 * 10 / 6, 10 / 6 })
  test.equal(model.terms:column("error", null), { null, null })
end)

test("rows with a missing value are left out; predictions of them are null", function()
  local f = ms.concat(small, ms.frame { { "x", { null, 1 } }, { "shop", { "a", null } }, { "y", { 1, 1 } } })
  local model = ms.linear(f, { target = "y" })
  test.equal(model:fact "rows", 8)
  near(model.terms:column "estimate", { 1, 2, 4 })
  local p = model:predict(f):column("prediction", null)
  test.equal({ p[9], p[10] }, { null, null })
  test.equal(model:predict(ms.frame { { "x", { 1 } }, { "shop", { "zz" } } }):column("prediction", null), { null })
end)

test("one row, as many rows as terms, a constant target", function()
  local one = ms.linear(small:head(1), { target = "y", columns = { "x" } })
  test.equal(one.terms:column("estimate", null), { 2, null })
  test.equal(one.terms:column("error", null), { null, null })
  local two = ms.linear(small:head(3):tail(2), { target = "y", columns = { "x" } })
  test.close(two.terms:column "estimate"[1], 0, 1e-12)
  test.close(two.terms:column "estimate"[2], 2, 1e-12)
  test.equal(two.terms:column("p_value", null), { null, null })
  local constant = ms.linear(small:with_columns("y = 3"), { target = "y" })
  test.close(constant.terms:column "estimate"[1], 3, 1e-12)
  test.equal(constant:fact "r_squared", nil)
end)

test("what cannot be learned is said", function()
  local function raises(frame, given, text)
    test.raises(function() return ms.linear(frame, given) end, text)
  end
  raises(small:head(0), { target = "y" }, "there are no rows to learn from")
  raises(small, { target = "shop" }, "a number is wanted")
  raises(small, { target = "y", confidence = 1 }, "confidence")
  raises(small, { target = "y", l2 = -1 }, "l2")
  raises(small, { target = "y", lambda = 1 }, "lambda")
  raises(small:with_columns("x = cast(null as real)"), { target = "y" }, "no row is left to learn from")
  raises(small:with_columns("y = y * 1e200"), { target = "y" }, "too large or too small to be fitted")
end)

test("inputs may have any size", function()
  for _, factor in ipairs { 1e-200, 1e-30, 1e30, 1e200 } do
    local model = ms.linear(small:with_columns("x = x * @f", { f = factor }), { target = "y" })
    near(model.terms:column "estimate", { 1, 2 / factor, 4 })
  end
  local far = ms.linear(small:with_columns("x = x + 1e9"), { target = "y" })
  near({ far.terms:column "estimate"[2], far.terms:column "estimate"[3] }, { 2, 4 })
end)

test("a model that was changed in the database is refused", function()
  local db = ms.open(test.temporary "model.db", { write = true, create = true })
  local model = ms.linear(small, { target = "y" })
  model:save(db, "m")
  test.equal(tostring(ms.load(db, "m"):predict(small)), tostring(model:predict(small)))
  test.equal(tostring(ms.load(db, "m")), tostring(model))
  db:execute "update m_terms set input = 'z' where input = 'x'"
  test.raises(function() return ms.load(db, "m"):predict(small) end, "is not as it was made")
  db:execute "update m_terms set input = 'x' where input = 'z'"
  db:execute "update m_facts set text = 'lgo' where fact = 'link'"
  test.raises(function() return ms.load(db, "m"):predict(small) end, "part 'facts' is not as it was made")
  db:execute "update m_facts set text = 'identity' where fact = 'link'"
  db:execute "delete from m_terms where level = 'b'"
  db:execute "delete from m_terms where input = 'x'"
  test.raises(function() return ms.load(db, "m"):predict(small) end, "part 'terms' is not as it was made")
  db:close()
end)

test("as SQL and as Lua the score is the prediction", function()
  local f = small:with_columns("late = x > 1", "`odd \"name` = x * x")
  local model = ms.linear(f, { target = "y" })
  local want = model:predict(f):column "prediction"
  local db = ms.open(test.temporary "score.db", { write = true, create = true })
  db:write("t", f, { mode = "create" })
  near(db:query("select " .. model:to_sql() .. " as s from t"):column "s", want, 1e-12)
  db:close()
  local score = assert(loadstring(model:to_lua()))()
  local i = 0
  for row in f:rows() do
    i = i + 1
    test.close(score(row), want[i], 1e-12)
  end
  test.equal(score { x = 1, shop = "zz", late = true, ['odd "name'] = 1 }, nil)
  test.equal(score { shop = "a" }, nil)
end)

test("any number of threads, and any order of equal blocks, gives the same bits", function()
  local f = ms.sim.shop({ customers = 3000, tables = { "orders" } }).orders
  f = ms.concat(f, f, f, f, f, f, f, f):with_columns("hour = hour(ordered_at)"):select("hour", "channel", "amount")
  local texts = {}
  for i, threads in ipairs { 1, 2, 4 } do
    ms.threads(threads)
    local model = ms.linear(f, { target = "amount" })
    local e, s = model.terms:column "estimate", model.terms:column "error"
    texts[i] = ("%.17g %.17g %.17g %.17g"):format(e[1], e[2], s[1], s[3])
  end
  ms.threads(2)
  test.equal(texts[2], texts[1])
  test.equal(texts[3], texts[1])
end)
