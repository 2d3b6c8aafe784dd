-- glm: generalised linear models against R's glm (epsilon = 1e-14). Where its steps are not Newton's it was started
-- again from its own coefficients, since its errors belong to the weights of the step before the last.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function near(got, want, tolerance)
  test.equal(#got, #want)
  for i = 1, #want do test.close(got[i] / want[i], 1, tolerance or 1e-8) end
end

local function facts(model, ...)
  local list = {}
  for i, name in ipairs { ... } do list[i] = model:fact(name) end
  return list
end

-- Dobson (1990), page 93, as in R's ?glm.
local counts = ms.frame {
  { "counts", { 18, 17, 15, 20, 10, 20, 25, 13, 12 } },
  { "outcome", { "1", "2", "3", "1", "2", "3", "1", "2", "3" } },
  { "treatment", { "1", "1", "1", "2", "2", "2", "3", "3", "3" } },
}

test("counts: Dobson's example", function()
  -- R 4.2.2: glm(counts ~ outcome + treatment, poisson, epsilon = 1e-14)
  local model = ms.glm(counts, { target = "counts", family = "poisson" })
  local e = model.terms:column "estimate"
  near({ e[1], e[2], e[3] }, { 3.044522437723423, -0.45425527227759593, -0.29298712468147392 }, 1e-12)
  test.close(e[4], 0, 1e-12)
  near(model.terms:column "error", { 0.1708986518564414, 0.20217075919384539, 0.19274234515979277, 0.2, 0.2 }, 1e-12)
  near(facts(model, "deviance", "null_deviance", "aic"), { 5.1291410770011385, 10.581445863750867, 56.761318401957681 },
    1e-12)
  -- Fitted means keep the margins: the sums of the counts of each outcome.
  local p = model:predict(counts):column "prediction"
  near({ p[1] + p[4] + p[7], p[2] + p[5] + p[8] }, { 63, 40 })
end)

-- McCullagh and Nelder (1989), pages 300-2, as in R's ?glm.
local clotting = ms.frame {
  { "x", { 5, 10, 15, 20, 30, 40, 60, 80, 100 } }, { "seconds", { 118, 58, 42, 35, 27, 25, 21, 19, 18 } },
}:with_columns("x = ln(x)")

test("amounts: a gamma with its own link and with the logarithm", function()
  -- R 4.2.2: glm(lot1 ~ log(u), data = clotting, family = Gamma, epsilon = 1e-14), and Gamma("log")
  local model = ms.glm(clotting, { target = "seconds", family = "gamma" })
  near(model.terms:column "estimate", { -0.016554381726200267, 0.015343114910324664 }, 1e-10)
  near(model.terms:column "error", { 0.00092754913865819642, 0.00041495964266633552 }, 1e-10)
  near(model.terms:column "p_value", { 4.2792295935531954e-07, 2.7511909097892865e-09 })
  near(facts(model, "deviance", "null_deviance", "aic", "dispersion"),
    { 0.016729715178483442, 3.5128262638285168, 37.989923949554417, 0.0024460362420932955 }, 1e-10)
  local log = ms.glm(clotting, { target = "seconds", family = "gamma", link = "log" })
  near(log.terms:column "estimate", { 5.5032302275160001, -0.60191767174237432 }, 1e-10)
  near(log.terms:column "error", { 0.19030092491736697, 0.055307803032634502 }, 1e-10)
  near(facts(log, "deviance", "aic", "dispersion"), { 0.16260829449733033, 58.481656206584567, 0.02435438456519002 },
    1e-10)
end)

-- Bliss (1935): beetles killed at doses.
local beetles = ms.frame {
  { "dose", { 1.6907, 1.7242, 1.7552, 1.7842, 1.8113, 1.8369, 1.8610, 1.8839 } },
  { "n", { 59, 60, 62, 56, 63, 59, 62, 60 } }, { "killed", { 6, 13, 18, 28, 52, 53, 61, 60 } },
}:with_columns("share = killed / n"):drop "killed"

test("shares of a number of trials, by logit and probit", function()
  -- R 4.2.2: glm(share ~ dose, binomial(link), weights = n, epsilon = 1e-14)
  local model = ms.glm(beetles, { target = "share", family = "binomial", weights = "n" })
  near(model.terms:column "estimate", { -60.717454561635307, 34.270325734146923 }, 1e-10)
  near(model.terms:column "error", { 5.1807114633408258, 2.9121400706357425 }, 1e-10)
  near(facts(model, "deviance", "null_deviance", "aic"), { 11.232231097419383, 284.20244948083143, 41.430269314511825 },
    1e-10)
  local probit = ms.glm(beetles, { target = "share", family = "binomial", weights = "n", link = "probit" })
  near(probit.terms:column "estimate", { -34.935258899178002, 19.727934211322335 }, 1e-10)
  near(probit.terms:column "error", { 2.6479177986178883, 1.4872350409027721 }, 1e-10)
  near(facts(probit, "deviance", "aic"), { 10.119758113001494, 40.317796330093998 }, 1e-10)
end)

test("Telco: probit of churn; counts with an offset and weights", function()
  local f = ms.read_csv(test.data "telco-churn/Telco-Customer-Churn.csv")
  -- R 4.2.2: glm(churn ~ tenure + MonthlyCharges + Contract + PaperlessBilling + SeniorCitizen, binomial("probit"),
  -- epsilon = 1e-14), started again from its own coefficients four times
  local model = ms.glm(f, { target = "Churn", family = "binomial", link = "probit",
    columns = { "tenure", "MonthlyCharges", "Contract", "PaperlessBilling", "SeniorCitizen" } })
  near(model.terms:column "estimate", { -1.0300116795834693, -0.021089991157180646, 0.014575134482028835,
    -0.55279804829679646, -0.9405898087148179, 0.27005480054283498, 0.25331690990722272 }, 1e-10)
  near(model.terms:column "error", { 0.052692029744934393, 0.001171232439880194, 0.00079883203723896611,
    0.056191164598866909, 0.080207008630158311, 0.041487199999305086, 0.047560373503007056 }, 1e-10)
  near(facts(model, "deviance", "aic"), { 6084.1203506246757, 6098.1203506246757 }, 1e-10)
  -- R 4.2.2: glm(tenure ~ Contract + MonthlyCharges, poisson, offset = log(tenure + 1), weights = SeniorCitizen + 1)
  f = f:with_columns("o = ln(tenure + 1)", "w = SeniorCitizen + 1")
  local count = ms.glm(f, { target = "tenure", family = "poisson", columns = { "Contract", "MonthlyCharges" },
    offset = "o", weights = "w" })
  near(count.terms:column "estimate", { -0.07064529268049749, 0.029441700335126286, 0.036856022675960172,
    0.00024721058083367986 })
  near(count.terms:column "error", { 0.0059863739873753452, 0.0050269872558363037, 0.0046049161691945843,
    6.3905680404707327e-05 })
  near(facts(count, "deviance", "null_deviance", "aic"), { 627.53087692838869, 704.38540377484071, 39791.819100923822 },
    1e-9)
end)

test("gaussian with the identity is least squares", function()
  local a = ms.glm(counts, { target = "counts" })
  local b = ms.linear(counts, { target = "counts" })
  test.equal(tostring(a.terms), tostring(b.terms))
end)

test("gaussian with the logarithm fits a curve", function()
  local f = ms.frame { { "x", { 0, 1, 2, 3 } }, { "y", { 2, 6, 18, 54 } } }
  local model = ms.glm(f, { target = "y", link = "log" })
  near(model.terms:column "estimate", { math.log(2), math.log(3) })
  near(model:predict(f):column "prediction", { 2, 6, 18, 54 })
end)

test("what a family cannot take is said", function()
  local function raises(given, text, frame)
    given.target = given.target or "counts"
    test.raises(function() return ms.glm(frame or counts, given) end, text)
  end
  raises({ family = "binomial" }, "column 'counts' has 18 in row 1; family binomial wants 0 to 1")
  raises({ family = "gamma", link = "probit" }, "family gamma has no link probit")
  raises({ family = "poisson" }, "family poisson wants 0 or more", counts:with_columns("counts = -counts"))
  raises({ family = "gamma" }, "family gamma wants a number above 0", counts:with_columns("counts = counts - 10"))
  raises({ family = "poison" }, "family")
  raises({ family = "poisson", target = "outcome" }, "a number is wanted")
  raises({ family = "binomial", target = "outcome" }, "has 3 classes; two are wanted")
  raises({ family = "binomial", target = "outcome" }, "there are no rows to learn from", counts:head(0))
end)

test("counts that are all zero, and a class model", function()
  local none = counts:with_columns("counts = 0")
  local zero = ms.glm(none, { target = "counts", family = "poisson", columns = { "outcome" } })
  test.check(zero:fact "deviance" < 1e-6)
  local f = counts:with_columns("many = counts > 16")
  local model = ms.glm(f, { target = "many", family = "binomial", columns = { "outcome" }, link = "probit" })
  local p = model:predict(f, { each = true })
  test.equal(p:column "prediction"[1], true)
  for i = 1, 9 do test.close(p:column "probability_true"[i] + p:column "probability_false"[i], 1, 1e-12) end
end)

test("saved, loaded, and written as SQL and Lua, it predicts the same", function()
  local db = ms.open(test.temporary "model.db", { write = true, create = true })
  local model = ms.glm(counts, { target = "counts", family = "poisson" })
  model:save(db, "m")
  test.equal(tostring(ms.load(db, "m"):predict(counts)), tostring(model:predict(counts)))
  db:write("t", counts, { mode = "create" })
  local want = model:predict(counts):column "prediction"
  near(db:query("select " .. model:to_sql() .. " as s from t"):column "s", want, 1e-12)
  db:close()
  test.close(assert(loadstring(model:to_lua()))() { outcome = "2", treatment = "3" }, want[8], 1e-12)
  local probit = ms.glm(beetles, { target = "share", family = "binomial", weights = "n", link = "probit" })
  test.raises(function() return probit:to_sql() end, "the link probit has no formula")
  test.equal(probit:predict(beetles:head(0)):nrow(), 0)
  local missing = beetles:with_columns("dose = cast(null as real)"):head(1)
  test.equal(probit:predict(missing):column("prediction", null), { null })
end)
