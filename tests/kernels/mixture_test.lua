-- mixture: Gaussian components.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local two = { "Annual_Income", "Spending_Score" }
local function mall() return ms.read_csv(test.data "mall-customers/Mall_Customers.csv"):select(two[1], two[2]) end
local start = { 15, 39, 15, 81, 40, 42, 71, 75, 71, 9 }

test("one component is the mean and the covariances, by hand", function()
  local f = ms.frame { { "a", { 1, 2, 3, 6 } }, { "b", { 2, 2, 4, 4 } } }
  local model = ms.mixture(f, { k = 1, ridge = 0 })
  test.equal(model.components:column "share", { 1 })
  test.equal(model.components:column "a", { 3 })
  test.close(model.covariances:column "a"[1], 3.5, 1e-12) -- (4 + 1 + 0 + 9) / 4
  test.close(model.covariances:column "a"[2], 1.5, 1e-12) -- (2 + 1 + 0 + 3) / 4
  test.close(model.covariances:column "b"[2], 1, 1e-12)
  local determinant = 3.5 * 1 - 1.5 ^ 2
  test.close(model:fact "likelihood", -0.5 * 4 * (2 + math.log(determinant) + 2 * math.log(2 * math.pi)), 1e-12)
  test.equal(model:fact "parameters", 5)
  test.close(model:fact "bic", -2 * model:fact "likelihood" + 5 * math.log(4), 1e-12)
end)

test("mall customers: scikit-learn's GaussianMixture from the same clusters, in all shapes", function()
  -- scikit-learn 1.2.1: GaussianMixture(5, covariance_type), responsibilities begun from the labels of
  -- KMeans(5, init = x[[0, 1, 49, 129, 130]]), by falling size; n_iter_, score(x) * 200, bic, aic, weights_,
  -- means_[:, 0], covariances_[1], the largest of predict_proba(x)[0].
  local f = mall()
  local want = {
    full = { 6, -1755.4004444637335, 3664.45209255736, 3568.800888927467,
      { 0.4128517310171099, 0.1966995214000074, 0.1656978040942823, 0.1212196862475678, 0.1035312572410327 },
      { 55.71388270939485, 86.23999747895596, 88.79768857828441, 27.068016787414546, 25.116109018708094 },
      { 269.19229948917683, -3.7071769591579007, 87.94022767452438 }, 0.9990262173617225 },
    diagonal = { 3, -1760.1547635843285, 3647.46914396581, 3568.309527168657,
      { 0.4000677119062176, 0.19619091221127, 0.1852241212858511, 0.1109857337342585, 0.1075315208624027 },
      { 54.6811753736062, 86.28808105863797, 87.14365987250027, 25.880693120528775, 25.49386807745817 },
      { 268.718179735885, 0, 87.1171107184797 }, 0.9980136754292418 },
    spherical = { 3, -1776.6955906064015, 3654.0592111772157, 3591.391181212803,
      { 0.3943718072670273, 0.1972150842054945, 0.18835571109801, 0.1117847287326452, 0.108272668696823 },
      { 54.487094120697094, 86.28709042492079, 86.98069436375012, 25.98681888557976, 25.550957686366 },
      { 178.91767150121643, 0, 178.91767150121643 }, 0.999796177388813 },
  }
  for shape, w in pairs(want) do
    local model = ms.mixture(f, { k = 5, covariance = shape, centres = start })
    test.equal(model:fact "iterations", w[1])
    test.close(model:fact "likelihood", w[2], 1e-7)
    test.close(model:fact "bic", w[3], 1e-7)
    test.close(model:fact "aic", w[4], 1e-7)
    for k = 1, 5 do
      test.close(model.components:column "share"[k], w[5][k], 1e-10)
      test.close(model.components:column(two[1])[k], w[6][k], 1e-8)
    end
    test.close(model.covariances:column(two[1])[3], w[7][1], 1e-7)
    test.close(model.covariances:column(two[2])[3], w[7][2], 1e-7)
    test.close(model.covariances:column(two[2])[4], w[7][3], 1e-7)
    local p = model:predict(f)
    test.equal(p:column "cluster"[1], 4)
    test.close(p:column "probability"[1], w[8], 1e-9)
  end
end)

test("probabilities add up to 1; scale changes no probability", function()
  local f = mall()
  local p = ms.mixture(f, { k = 3 }):predict(f, { each = true })
  local sum = p:with_columns("s = probability_1 + probability_2 + probability_3")
    :group_by():agg("a = min(s)", "b = max(s)")
  test.close(sum:column "a"[1], 1, 1e-14)
  test.close(sum:column "b"[1], 1, 1e-14)
  local given = { k = 2, ridge = 0, tolerance = 1e-10, max_iterations = 1000, centres = { 26, 50, 88, 50 } }
  local plain = ms.mixture(f, given)
  given.scale = "range"
  local scaled = ms.mixture(f, given)
  test.close(plain.components:column "share"[1], scaled.components:column "share"[1], 1e-3)
end)

test("weights count rows; any number of threads gives the same bits", function()
  local f = mall()
  local twice = ms.mixture(ms.concat(f, f:head(50)), { k = 2, centres = { 26, 50, 88, 50 } })
  local weighted = ms.mixture(f:row_index "nr":with_columns("w = case when nr <= 50 then 2 else 1 end"):drop "nr",
    { k = 2, centres = { 26, 50, 88, 50 }, weights = "w" })
  test.close(weighted:fact "likelihood", twice:fact "likelihood", 1e-8)
  local orders = ms.sim.shop({ customers = 20000, tables = { "orders" } }).orders
  local many = ms.concat(orders, orders):with_columns("hour = hour(ordered_at)"):select("hour", "amount")
  local texts = {}
  for _, threads in ipairs { 1, 2, 4 } do
    ms.threads(threads)
    local model = ms.mixture(many, { k = 2, starts = 1, scale = "standard", max_iterations = 5 })
    texts[#texts + 1] = ("%.17g %.17g"):format(model:fact "likelihood", model.components:column "amount"[1])
  end
  ms.threads(2)
  test.equal(texts[2], texts[1])
  test.equal(texts[3], texts[1])
end)

test("saved and loaded, a model predicts the same; a changed one is refused; missing values have no cluster", function()
  local f = mall()
  local db = ms.open(test.temporary "model.db", { write = true, create = true })
  local model = ms.mixture(f, { k = 3 })
  model:save(db, "soft")
  test.equal(tostring(ms.load(db, "soft"):predict(f)), tostring(model:predict(f)))
  db:execute "update soft_covariances set Annual_Income = -1"
  test.raises(function() return ms.load(db, "soft"):predict(f) end, "not positive definite")
  db:close()
  local holes = ms.frame { { two[1], { null, 20 } }, { two[2], { 50, 50 } } }
  test.equal(model:predict(holes):column("probability", "none")[1], "none")
  test.equal(model:predict(holes):column("cluster", "none")[1], "none")
end)

test("what cannot be mixed is said", function()
  local f = mall()
  local function raises(frame, given, text) test.raises(function() return ms.mixture(frame, given) end, text) end
  raises(f, {}, "k")
  raises(f:head(2), { k = 3 }, "3 components wanted of 2 rows")
  raises(f:head(0), { k = 1 }, "there are no rows to learn from")
  raises(f, { k = 2, covariance = "diag" }, "diagonal")
  raises(f, { k = 2, centres = { 1, 2, 3, 4, 5, 6 } }, "option 'k' is 2, but 3 start centres are given")
  raises(f:with_columns("share = 1"), { k = 2 }, "column 'share' cannot be an input")
  raises(f:with_columns("Annual_Income = 5"), { k = 2, ridge = 0 }, "not positive definite")
  raises(ms.frame { { "x", { 1.5, null } } }, { k = 1 }, "missing values: 1")
end)
