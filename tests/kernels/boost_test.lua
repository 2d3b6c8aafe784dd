-- boost: gradient boosting against XGBoost's exact method, and by hand.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function telco()
  return ms.read_csv(test.data "telco-churn/Telco-Customer-Churn.csv"):drop "customerID"
end

-- Six rows, squared loss, one tree of one question, worked by hand: base 4.5; x <= 2.5 parts {1, 2, 3} from {6, 7, 8}.
local small = ms.frame { { "x", { 1, 1, 2, 3, 4, 5 } }, { "y", { 1, 2, 3, 6, 7, 8 } } }

test("one split of six rows, by hand", function()
  local model = ms.boost(small, { target = "y", trees = 1, max_depth = 1, learning_rate = 0.5, lambda = 1 })
  test.equal(model:fact "base", 4.5)
  test.equal(model.trees:column("threshold", "-"), { 2.5, "-", "-" })
  test.close(model.trees:column("gain", 0)[1], 7.5 ^ 2 / 4 * 2, 1e-12)
  test.equal(model.trees:column "value", { 0, -0.5 * 7.5 / 4, 0.5 * 7.5 / 4 })
  test.equal(model.trees:column "cover", { 6, 3, 3 })
  test.equal(model:predict(small):column "prediction"[1], 4.5 - 0.5 * 7.5 / 4)
  test.equal(model:fact "objective", "squared")
end)

test("gamma is the gain that a split must have, min_child_weight the least cover of a leaf", function()
  local function nodes(given)
    given.target, given.trees, given.max_depth = "y", 1, 1
    return ms.boost(small, given).trees:nrow()
  end
  test.equal(nodes { gamma = 28.1 }, 3)
  test.equal(nodes { gamma = 28.2 }, 1)
  test.equal(nodes { min_child_weight = 3 }, 3)
  test.equal(nodes { min_child_weight = 3.1 }, 1)
end)

-- xgboost 1.7.4: train({objective, tree_method="exact", max_depth=3, eta=.3, lambda=1, base_score}, 3 rounds);
-- trees_to_dataframe, and predict(output_margin=True). It computes in single precision, so that a gain, a difference of
-- sums, has five digits.
local function check_exact(given, columns, gains, margins, sum)
  given.columns, given.exact, given.max_depth, given.learning_rate, given.trees = columns, true, 3, 0.3, 3
  local f = telco()
  local model = ms.boost(f, given)
  local root, node, gain = 0, model.trees:column "node", model.trees:column("gain", 0)
  for i = 1, #node do
    if node[i] <= 3 then
      root = root + 1
      if gains[root] then test.close(gain[i] / gains[root], 1, 3e-5) end
    end
  end
  local p, total = model:predict(f, { margin = true }):column "prediction", 0
  for i = 1, #p do total = total + p[i] end
  for i, want in ipairs(margins) do test.close(p[i], want, 1e-5) end
  test.close(total / sum, 1, 1e-6)
  return model
end

test("Telco, logistic: gains and margins of XGBoost's exact method", function()
  local model = check_exact({ target = "Churn", base_score = 0.5 },
    { "tenure", "MonthlyCharges", "TotalCharges", "SeniorCitizen" },
    { 582.878784, 321.690948, 117.716553, 316.994751, 188.508911, 64.984863, 192.377686, 126.244759,
      66.373505 },
    { 0.01217156, -1.1491215, 0.01217156, -1.1491215, 0.21630412 }, -4618.140400245786)
  test.equal(model.trees:column("threshold", 0)[1], 16.5)
  test.equal(model.trees:column("threshold", 0)[2], 68.625)
end)

test("Telco, squared: gains and margins of XGBoost's exact method, missing values sent the same way", function()
  check_exact({ target = "MonthlyCharges", base_score = 0 }, { "SeniorCitizen", "tenure", "TotalCharges" },
    { 2.313028e+06, 6.152510e+05, 2.765800e+05, 1.155466e+06, 3.777865e+05, 1.633350e+05, 6.115915e+05,
      2.227640e+05, 3.762900e+04 },
    { 26.084833, 39.02816, 33.548683, 23.037292, 33.548683 }, 299437.9866447449)
end)

test("any number of threads gives the same bits", function()
  local f = ms.sim.shop({ customers = 3000, tables = { "orders" } }).orders
  f = ms.concat(f, f, f, f, f, f, f, f):with_columns("big = amount > 100", "hour = hour(ordered_at)")
    :select("big", "hour", "channel", "customer_id")
  local texts = {}
  for _, threads in ipairs { 1, 2, 4 } do
    ms.threads(threads)
    local model = ms.boost(f, { target = "big", trees = 5, sample = 0.5, holdout = 0.1 })
    local p = model:predict(f):group_by():agg("s = sum(probability)")
    local values, sum = model.trees:column "value", 0
    for i = 1, #values do sum = sum + values[i] * i end
    texts[#texts + 1] = ("%.17g %.17g %.17g"):format(p:column "s"[1], sum, model.rounds:column "held_out"[5])
  end
  ms.threads(2)
  test.equal(texts[2], texts[1])
  test.equal(texts[3], texts[1])
end)

test("saved and loaded, a model predicts the same", function()
  local f = telco()
  local path = test.temporary "model.db"
  local db = ms.open(path, { write = true, create = true })
  local model = ms.boost(f, { target = "Churn", trees = 5 })
  model:save(db, "churn")
  local again = ms.load(db, "churn")
  test.equal(tostring(again:predict(f, { each = true })), tostring(model:predict(f, { each = true })))
  test.equal(tostring(again), tostring(model))
  db:execute "update churn_trees set left = 1 where tree = 2 and node = 1"
  test.raises(function() return ms.load(db, "churn"):predict(f) end, "a child that is not there")
  db:close()
end)

test("what cannot be learned is said", function()
  local function raises(frame, given, text)
    test.raises(function() return ms.boost(frame, given) end, text)
  end
  raises(small, {}, "target")
  raises(small:head(0), { target = "y" }, "there are no rows to learn from")
  raises(small, { target = "y", learning_rate = 0 }, "learning_rate")
  raises(small, { target = "y", objective = "logistic" }, "two are wanted")
  raises(small, { target = "y", objective = "cox" }, "wants the option 'event'")
  raises(small:with_columns("y = y - 5"), { target = "y", objective = "poisson" }, "0 or more wanted")
  raises(small, { target = "y", increasing = { "z" } }, "z")
  raises(small, { target = "y", base_score = { 1, 2 } }, "one number")
  raises(small:with_columns("z = x + 1"), { target = "y", fold = "z" }, "yes or no")
end)

test("odd frames: one row, a constant input, an input without values, a level not seen", function()
  test.equal(ms.boost(small:head(1), { target = "y" }):predict(small:head(1)):column "prediction", { 1 })
  local flat = small:with_columns("x = 1")
  test.close(ms.boost(flat, { target = "y" }):predict(flat):column "prediction"[1], 4.5, 1e-12)
  local none = ms.frame { { "x", { null, null, null } }, { "c", { "a", "b", "b" } }, { "y", { 1.5, 2, 2 } } }
    :with_columns("x = cast(x as real)")
  local model = ms.boost(none, { target = "y", min_child_weight = 0, lambda = 0, smooth = 0 })
  test.close(model:predict(none):column "prediction"[1], 1.5, 1e-3)
  local unseen = ms.frame { { "x", { 3.5 } }, { "c", { "zz" } } }
  test.equal(model:predict(unseen):nrow(), 1)
  test.equal(model:predict(unseen:head(0)):names(), { "x", "c", "prediction" })
end)
