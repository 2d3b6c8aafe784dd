-- neural: a small perceptron; values and fitted outputs of R's nnet from the same start weights.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function near(got, want, tolerance)
  test.equal(#got, #want)
  for i = 1, #want do test.close(got[i], want[i], tolerance or 1e-6) end
end

local small = ms.frame {
  { "x1", { 0.1, 0.4, 0.3, 0.9, 0.7, 0.2, 0.8, 0.5, 0.6, 0.35 } }, { "x2", { 1, 0, 1, 0, 1, 0, 1, 1, 0, 0 } },
  { "y", { 1.2, 0.7, 1.5, 0.4, 1.9, 0.6, 2.1, 1.7, 0.5, 0.65 } },
  { "cl", { true, false, true, false, true, false, true, true, false, true } },
  { "k3", { "a", "b", "a", "c", "a", "b", "c", "a", "c", "b" } }, { "w", { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 } },
}

local function start(n)
  local weights = {}
  for i = 1, n do weights[i] = math.sin(i) / 2 end
  return weights
end

-- R 4.2.2, nnet 7.3-18: nnet(x, y, size, decay, Wts = sin(1:n) / 2, maxit = 5000, abstol = 1e-30, reltol = 1e-30)
local function fit(target, size, decay, n, more)
  local given = { target = target, columns = { "x1", "x2" }, size = size, decay = decay, start = start(n),
    standardise = false, iterations = 5000, tolerance = 1e-30 }
  for name, value in pairs(more or {}) do given[name] = value end
  return ms.neural(small, given)
end

test("a number: nnet(linout = TRUE)", function()
  local model = fit("y", 2, 0.01, 9)
  test.close(model:fact "value", 0.356192335915263, 1e-9)
  near(model:predict(small):column "prediction", { 1.28270110454896, 0.61686579172443, 1.51582812311998,
    0.47402656033134, 1.88771463251772, 0.600594038933896, 1.94389128049771, 1.72698782766179, 0.586550036475535,
    0.617241321384904 })
  near(model.weights:column "weight", { 0.49024467469388, -1.43090012789207, 2.82215758230538, -0.144213914231996,
    -2.4490326690441, 0.702150301735053, -0.240071681145373, 2.9226879562451, -2.2194704973091 }, 1e-5)
  test.equal(model.weights:column "from",
    { "(bias)", "x1", "x2", "(bias)", "x1", "x2", "(bias)", "hidden 1", "hidden 2" })
end)

test("a class: nnet(entropy = TRUE)", function()
  local model = fit("cl", 2, 0.01, 9)
  test.close(model:fact "value", 3.10985258041736, 1e-9)
  near(model:predict(small):column "probability", { 0.984540204186649, 0.249469212869238, 0.98147114305699,
    0.14489381478944, 0.97021006739657, 0.319975148733769, 0.965597209505371, 0.97696707208229, 0.197199984305556,
    0.265269576295277 })
end)

test("three classes: nnet(softmax = TRUE)", function()
  local model = fit("k3", 2, 0.01, 15)
  test.close(model:fact "value", 3.56501044159028, 1e-8)
  local p = model:predict(small, { each = true })
  near({ p:column "probability_a"[1], p:column "probability_b"[1], p:column "probability_c"[1],
    p:column "probability_a"[7], p:column "probability_c"[10] },
    { 0.95330944844794, 0.0401953561224807, 0.00649519542957887, 0.328773218345656, 0.0521856709473169 })
  test.equal(p:column "prediction", { "a", "b", "a", "c", "a", "b", "c", "a", "c", "b" })
end)

test("weights: nnet(weights = 1:10)", function()
  local model = fit("y", 3, 0.1, 13, { weights = "w" })
  test.close(model:fact "value", 2.65432615807334, 1e-9)
  near(model:predict(small):column "prediction", { 1.71965303898044, 0.571034265698911, 1.75006565671202,
    0.656475563278352, 1.80973092759804, 0.537215791382377, 1.82439859406052, 1.78009490434345, 0.605066275241404,
    0.562558941872805 })
end)

test("Telco: churn by three standardised inputs", function()
  -- R 4.2.2, nnet 7.3-18: nnet(scale(x), churn, size = 4, entropy = TRUE, decay = 0.1, Wts = sin(1:21) / 2,
  -- maxit = 5000, abstol = 1e-30, reltol = 1e-12)
  local f = ms.read_csv(test.data "telco-churn/Telco-Customer-Churn.csv")
  local model = ms.neural(f, { target = "Churn", columns = { "tenure", "MonthlyCharges", "SeniorCitizen" }, size = 4,
    decay = 0.1, start = start(21), iterations = 5000, tolerance = 1e-12 })
  test.close(model:fact "value", 3104.08981886317, 1e-6)
  near(model:predict(f:head(5)):column "probability", { 0.479500206655173, 0.128423557379704, 0.508965823550098,
    0.0864035738331903, 0.606065516492797 }, 1e-5)
end)

test("a standardised target comes back in its own unit; categories are inputs", function()
  local f = small:with_columns("y = y * 1000 + 5000")
  local model = ms.neural(f, { target = "y", columns = { "x1", "k3", "cl" }, size = 3, iterations = 2000 })
  local p, y, squares = model:predict(f):column "prediction", f:column "y", 0
  for i = 1, #y do squares = squares + (p[i] - y[i]) ^ 2 end
  test.check(squares < 1e6, "squares " .. squares)
  local odd = ms.frame { { "x1", { 0.5, null } }, { "k3", { "zz", "a" } }, { "cl", { true, true } } }
  test.equal(model:predict(odd):column("prediction", null), { null, null })
end)

test("rows held out say when to stop", function()
  local f = ms.read_csv(test.data "telco-churn/Telco-Customer-Churn.csv"):head(1500)
  local given = { target = "Churn", columns = { "tenure", "MonthlyCharges", "Contract" }, size = 6, decay = 0,
    validation = 0.3, starts = 2, iterations = 400 }
  local model = ms.neural(f, given)
  test.check(model:fact "validation_loss" > 0)
  test.check(model:fact "iterations" < 400)
  test.raises(function() return ms.neural(small:head(1), { target = "y", columns = { "x1" }, validation = 0.5 }) end,
    "too few to hold")
end)

test("the best of several starts is kept, by a seed, the same for any number of threads", function()
  local texts = {}
  for i, threads in ipairs { 1, 2, 4 } do
    ms.threads(threads)
    local model = ms.neural(small, { target = "y", columns = { "x1", "x2" }, starts = 5, seed = 7 })
    texts[i] = table.concat(model.weights:column "weight", " ") .. tostring(model)
  end
  ms.threads(2)
  test.equal(texts[2], texts[1])
  test.equal(texts[3], texts[1])
  local one = ms.neural(small, { target = "y", columns = { "x1", "x2" }, starts = 1, seed = 7 })
  local five = ms.neural(small, { target = "y", columns = { "x1", "x2" }, starts = 5, seed = 7 })
  test.check(five:fact "value" <= one:fact "value")
end)

test("more rows than a morsel give the same bits for any number of threads", function()
  local f = ms.sim.shop({ customers = 3000, tables = { "orders" } }).orders
    :with_columns("big = amount > 100", "hour = hour(ordered_at)"):select("hour", "channel", "big")
  while f:nrow() < 70000 do f = ms.concat(f, f) end
  local texts = {}
  for i, threads in ipairs { 1, 2 } do
    ms.threads(threads)
    local model = ms.neural(f, { target = "big", size = 2, starts = 1, iterations = 4 })
    texts[i] = table.concat(model.weights:column "weight", " ")
  end
  ms.threads(2)
  test.equal(texts[2], texts[1])
end)

test("saved and loaded it predicts the same; a changed model is refused", function()
  local db = ms.open(test.temporary "model.db", { write = true, create = true })
  local model = fit("k3", 2, 0.01, 15)
  model:save(db, "m")
  local each = { each = true }
  test.equal(tostring(ms.load(db, "m"):predict(small, each)), tostring(model:predict(small, each)))
  test.equal(tostring(ms.load(db, "m")), tostring(model))
  test.equal(model:predict(small:head(0)):nrow(), 0)
  db:execute "update m_facts set number = 3 where fact = 'size'"
  test.raises(function() return ms.load(db, "m"):predict(small) end, "part 'weights' is not as it was made")
  db:execute "update m_facts set number = 2.5 where fact = 'size'"
  test.raises(function() return ms.load(db, "m"):predict(small) end, "part 'facts' is not as it was made")
  db:execute "update m_scales set scale = 0"
  test.raises(function() return ms.load(db, "m"):predict(small) end, "part 'scales' is not as it was made")
  db:close()
end)

test("what cannot be learned is said; what has one value is", function()
  local function raises(frame, given, text)
    given.target = given.target or "y"
    test.raises(function() return ms.neural(frame, given) end, text)
  end
  raises(small:head(0), {}, "there are no rows to learn from")
  raises(small, { size = 0 }, "size")
  raises(small, { size = 1000, columns = { "x1", "x2", "k3" } }, "the net has 6001 weights; at most 4000 are wanted")
  raises(small, { start = { 1, 2 }, columns = { "x1" }, size = 2 }, "has 2 weights; 7 are wanted")
  raises(small:with_columns("k3 = 'a'"), { target = "k3" }, "two classes are wanted")
  local one = ms.neural(small:head(1), { target = "y", columns = { "x1" }, size = 2 })
  test.close(one:predict(small:head(1)):column "prediction"[1], 1.2, 1e-6)
  local constant = ms.neural(small:with_columns("c = 3"), { target = "y", columns = { "c", "x1" }, size = 2 })
  test.equal(constant:predict(small:with_columns("c = 3")):nrow(), 10)
end)
