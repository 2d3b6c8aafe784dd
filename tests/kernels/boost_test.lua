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

-- Shapley values from their definition: what a tree says where only the inputs in `known` are known, over all subsets.
local function brute_force(model, row, names)
  local trees, value_of = model.trees, {}
  local column = {}
  for _, name in ipairs { "tree", "node", "input", "threshold", "missing_left", "left", "right", "cover", "value" } do
    column[name] = trees:column(name, false)
  end
  local first = {}
  for i = 1, trees:nrow() do first[column.tree[i]] = first[column.tree[i]] or i end
  local function says(i, known)
    local input = column.input[i]
    if not input then return column.value[i] end
    local base = first[column.tree[i]] - 1
    local left, right = base + column.left[i], base + column.right[i]
    if known[input] then
      local x = row[input]
      local goes = x == nil and column.missing_left[i] or x ~= nil and x <= column.threshold[i]
      return says(goes and left or right, known)
    end
    local share = column.cover[left] / (column.cover[left] + column.cover[right])
    return share * says(left, known) + (1 - share) * says(right, known)
  end
  local function all(mask)
    if not value_of[mask] then
      local known, sum = {}, 0
      for k, name in ipairs(names) do known[name] = math.floor(mask / 2 ^ (k - 1)) % 2 == 1 end
      for _, i in pairs(first) do sum = sum + says(i, known) end
      value_of[mask] = sum
    end
    return value_of[mask]
  end
  local function factorial(n) return n < 2 and 1 or n * factorial(n - 1) end
  local shares, n = {}, #names
  for k, name in ipairs(names) do
    shares[name] = 0
    for mask = 0, 2 ^ n - 1 do
      if math.floor(mask / 2 ^ (k - 1)) % 2 == 0 then
        local size = 0
        for j = 0, n - 1 do size = size + math.floor(mask / 2 ^ j) % 2 end
        shares[name] = shares[name] + factorial(size) * factorial(n - size - 1) / factorial(n)
          * (all(mask + 2 ^ (k - 1)) - all(mask))
      end
    end
  end
  return shares
end

test("contributions are Shapley values by their definition, and add up to the margin", function()
  local f = telco():select("tenure", "MonthlyCharges", "TotalCharges", "SeniorCitizen", "Churn")
  local names = { "tenure", "MonthlyCharges", "TotalCharges", "SeniorCitizen" }
  local model = ms.boost(f, { target = "Churn", trees = 10, max_depth = 5 })
  local c, margin = model:contributions(f), model:predict(f, { margin = true }):column "prediction"
  local got, base = {}, c:column "base"
  for _, name in ipairs(names) do got[name] = c:column(name) end
  for i = 1, #margin do
    local sum = base[i]
    for _, name in ipairs(names) do sum = sum + got[name][i] end
    if math.abs(sum - margin[i]) > 1e-9 then test.close(sum, margin[i], 1e-9) end
  end
  for _, i in ipairs { 1, 2, 489, 4000 } do
    local row = {}
    for _, name in ipairs(names) do row[name] = f:column(name, null)[i] end
    if row.TotalCharges == null then row.TotalCharges = nil end
    local want = brute_force(model, row, names)
    for _, name in ipairs(names) do test.close(got[name][i], want[name], 1e-11) end
  end
end)

test("Telco: contributions are those of XGBoost", function()
  -- xgboost 1.7.4, the logistic model of above: predict(pred_contribs=True), rows 1, 2 and 489; single precision.
  local f = telco()
  local model = ms.boost(f, {
    target = "Churn", columns = { "tenure", "MonthlyCharges", "TotalCharges", "SeniorCitizen" },
    exact = true, max_depth = 3, learning_rate = 0.3, trees = 3, base_score = 0.5,
  })
  local c = model:contributions(f)
  for row, want in pairs {
    [1] = { 0.79740727, -0.18511713, 0.04744121, -0.00540316, -0.6421567 },
    [2] = { -0.23565328, -0.24876311, -0.00635127, -0.01619701, -0.6421567 },
    [489] = { 0.776122, -0.10197357, -0.01441699, -0.00540316, -0.6421567 },
  } do
    for k, name in ipairs { "tenure", "MonthlyCharges", "TotalCharges", "SeniorCitizen", "base" } do
      test.close(c:column(name)[row], want[k], 1e-6)
    end
  end
end)

test("reasons are the largest contributions in words", function()
  local model = ms.boost(small, { target = "y", trees = 1, max_depth = 1, learning_rate = 1, lambda = 0 })
  local r = model:reasons(small, { top = 2 })
  test.equal(r:column "reason_1"[1], "x = 1 (-2.50)")
  test.equal(r:column "reason_1"[6], "x = 5 (+2.50)")
  test.equal(r:column("reason_2", "-")[1], "-")
  test.close(r:column "prediction"[1], 2, 1e-12)
  test.raises(function() return model:reasons(small, { top = 0 }) end, "top")
  test.raises(function() return model:contributions(small, { class = "a" }) end, "more than two classes")
  test.raises(function() return model:reasons() end, "wanted")
end)

test("Telco: the area under the curve over ten folds is that of the best known models", function()
  local f = telco():row_index "row":with_columns("fold = (row * 7919) % 10"):drop "row"
  local parts = {}
  for fold = 0, 9 do
    local model = ms.boost(f:filter("fold != @fold", { fold = fold }):drop "fold",
      { target = "Churn", trees = 150, learning_rate = 0.05, max_depth = 4, min_child_weight = 5, column_sample = 0.5 })
    parts[#parts + 1] = model:predict(f:filter("fold == @fold", { fold = fold })):select("Churn", "probability", "fold")
  end
  local sum = 0
  for _, part in ipairs(parts) do
    local y, ones, ranks = part:sort("probability"):column "Churn", 0, 0
    for i = 1, #y do
      if y[i] == "Yes" then ones, ranks = ones + 1, ranks + i end
    end
    sum = sum + (ranks - ones * (ones + 1) / 2) / (ones * (#y - ones))
  end
  test.equal(sum / 10 > 0.846, true) -- ../shared/data/README.md: gradient boosting of scikit-learn 0.8462
end)

test("several classes: probabilities add up to 1, and follow the classes", function()
  local f = telco()
  local model = ms.boost(f, { target = "Contract", trees = 30 })
  test.equal(model:fact "objective", "softmax")
  local p = model:predict(f, { each = true })
  local right = p:filter("prediction == Contract"):nrow()
  test.equal(right / f:nrow() > 0.75, true)
  local a, b, c = p:column "probability_Month-to-month"[1], p:column "probability_One year"[1],
    p:column "probability_Two year"[1]
  test.close(a + b + c, 1, 1e-12)
  test.equal(model:contributions(f:head(2), { class = "One year" }):nrow(), 2)
  test.raises(function() return model:contributions(f, { class = "Two years" }) end, "did you mean")
end)

test("an increasing input never lowers the prediction", function()
  local f = telco():select("tenure", "MonthlyCharges", "Churn")
  local model = ms.boost(f,
    { target = "Churn", trees = 30, increasing = { "MonthlyCharges" }, decreasing = { "tenure" } })
  local months, charges = {}, {}
  for i = 1, 100 do months[i], charges[i] = i % 7 * 10, 20 + i end
  for tenure = 0, 70, 10 do
    for i = 1, 100 do months[i] = tenure end
    local p = model:predict(ms.frame { { "tenure", months }, { "MonthlyCharges", charges } }):column "probability"
    for i = 2, 100 do test.equal(p[i] >= p[i - 1], true) end
  end
end)

test("learning stops where the rows held out do no better, and keeps the best rounds", function()
  local f = telco()
  local model = ms.boost(f, { target = "Churn", trees = 500, learning_rate = 0.3, early_stopping = 10 })
  local held, best = model.rounds:column "held_out", 1
  for i = 2, #held do if held[i] < held[best] then best = i end end
  test.equal(model:fact "rounds", best)
  test.equal(model:fact "trees", best)
  test.equal(#held, best + 10)
end)

test("Rossi, Cox: gains and margins of XGBoost", function()
  -- xgboost 1.7.4: train({objective="survival:cox", tree_method="exact", max_depth=2, eta=.3, base_score=1}, 3 rounds),
  -- label 1000 week + row, negative where nobody was arrested: among equal times XGBoost gives some rows only a part of
  -- Breslow's sum, by their order. survival/rossi.csv.
  local f = ms.read_csv(test.data "survival/rossi.csv"):row_index("row"):with_columns("t = week * 1000 + row")
    :drop("row", "week")
  local model = ms.boost(f, {
    target = "t", event = "arrest", objective = "cox", exact = true, max_depth = 2, learning_rate = 0.3, trees = 3,
  })
  local gain, roots = model.trees:column("gain", 0), {}
  for i, node in ipairs(model.trees:column "node") do
    if node == 1 then roots[#roots + 1] = gain[i] end
  end
  for i, want in ipairs { 23.4010506, 10.7206545, 5.95640707 } do test.close(roots[i] / want, 1, 3e-5) end
  local p = model:predict(f, { margin = true }):column "prediction"
  for i, want in ipairs { 0.1530497, 0.87366486, 1.6554279, -0.18874764, 0.3227993 } do
    test.close(p[i], want, 1e-6)
  end
  test.close(model:predict(f):column "prediction"[1], math.exp(p[1]), 1e-12) -- a relative hazard
end)

test("counts: one Poisson split by hand, the step held to 0.7", function()
  local f = ms.frame { { "x", { 1, 1, 2, 2 } }, { "y", { 0, 2, 5, 9 } } }
  local given = { target = "y", objective = "poisson", trees = 1, max_depth = 1, learning_rate = 1, lambda = 0 }
  local values = ms.boost(f, given).trees:column "value" -- mean 4: G = 8 - 2, H = 8; G = 8 - 14
  test.close(values[2], -0.7, 1e-12)
  test.close(values[3], 0.7, 1e-12)
  given.max_step = 5
  test.close(ms.boost(f, given).trees:column "value"[2], -6 / 8, 1e-12)
  test.close(ms.boost(f, given):predict(f):column "prediction"[3], 4 * math.exp(6 / 8), 1e-12)
end)

test("weights count rows as often as they say; an offset is where a row begins", function()
  local twice = ms.concat(small, small:head(2))
  local weighted = small:with_columns("w = case when x == 1 then 2 else 1 end")
  local a = ms.boost(twice, { target = "y", trees = 3, max_depth = 2 }):predict(small):column "prediction"
  local model = ms.boost(weighted, { target = "y", weights = "w", trees = 3, max_depth = 2 })
  local b = model:predict(small):column "prediction"
  for i = 1, #a do test.close(a[i], b[i], 1e-12) end
  local moved = small:with_columns("o = 100 * x", "z = y + 100 * x")
  local with = ms.boost(moved, { target = "z", columns = { "x" }, offset = "o", trees = 3 })
  local c = with:predict(moved):column "prediction"
  local d = ms.boost(small, { target = "y", trees = 3 }):predict(small):column "prediction"
  for i = 1, #c do test.close(c[i] - 100 * moved:column "x"[i], d[i], 1e-9) end
end)
