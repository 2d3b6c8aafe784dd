-- forest: random forests; single trees against scikit-learn, the rest within the error of drawing.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function telco()
  return ms.read_csv(test.data "telco-churn/Telco-Customer-Churn.csv"):drop "customerID"
end

local small = ms.frame { { "x", { 1, 1, 2, 3, 4, 5 } }, { "y", { 1, 2, 3, 6, 7, 8 } } }

local function whole(given)
  given.trees, given.replace, given.exact = 1, false, true
  return given
end

test("one tree on all rows, by hand", function()
  local model = ms.forest(small, whole { target = "y", max_depth = 1 })
  test.equal(model.trees:column("threshold", "-"), { 2.5, "-", "-" })
  test.equal(model.trees:column "value", { 4.5, 2, 7 })
  test.close(model.trees:column("gain", 0)[1], 37.5, 1e-12) -- of the squared error 41.5 stay 2 + 2
  test.equal(model:predict(small):column "prediction", { 2, 2, 2, 7, 7, 7 })
end)

local function sums(p)
  local s, q = 0, 0
  for i = 1, #p do s, q = s + p[i], q + p[i] ^ 2 end
  return s, q
end

test("Telco: a tree of classes is scikit-learn's", function()
  -- scikit-learn 1.2.1: DecisionTreeClassifier(max_depth=6, min_samples_leaf=20, random_state=1).predict_proba
  local f = telco()
  local model = ms.forest(f, whole { target = "Churn", columns = { "tenure", "MonthlyCharges", "SeniorCitizen" },
    mtry = 3, max_depth = 6, min_leaf = 20 })
  local p = model:predict(f):column "probability"
  for i, want in ipairs { 0.36363636, 0.09252669, 0.52434457, 0.09252669, 0.53968254 } do
    test.close(p[i], want, 1e-8)
  end
  local sum, squares = sums(p)
  test.close(sum, 1869, 1e-8)
  test.close(squares, 904.8158051728558, 1e-8)
  test.equal(model.trees:filter("input is null"):nrow(), 56)
end)

test("Telco: a tree of numbers is scikit-learn's", function()
  -- scikit-learn 1.2.1: DecisionTreeRegressor(max_depth=5, min_samples_leaf=10, random_state=1).predict
  local f = telco()
  local model = ms.forest(f, whole { target = "MonthlyCharges", columns = { "tenure", "SeniorCitizen" },
    mtry = 2, max_depth = 5, min_leaf = 10 })
  local p = model:predict(f):column "prediction"
  for i, want in ipairs { 48.32912713, 66.20827068, 55.43965702, 62.12181698 } do test.close(p[i], want, 1e-8) end
  local sum, squares = sums(p)
  test.close(sum, 456116.6, 1e-6)
  test.close(squares, 30295085.435718887, 1e-5)
end)

test("Telco: the out-of-bag error is scikit-learn's within the error of drawing", function()
  -- scikit-learn 1.2.1: RandomForestClassifier(500, max_features=1, oob_score=True, random_state=1): 0.24592
  local model = ms.forest(telco(), { target = "Churn", columns = { "tenure", "MonthlyCharges", "SeniorCitizen" },
    trees = 200, exact = true })
  test.close(model:fact "out_of_bag_error", 0.24592, 0.004)
  test.equal(model:fact "out_of_bag_rows", 7043)
end)

test("permutation importance is about nothing for noise, and large for what matters", function()
  local f = telco():select("tenure", "Contract", "Churn"):row_index("row")
    :with_columns("noise = (row * 7919) % 101"):drop "row"
  local model = ms.forest(f, { target = "Churn", trees = 50, permutation = true, min_leaf = 20 })
  local worse = model.importance:column "permutation"
  test.equal(worse[2] > 0.01, true)
  test.equal(math.abs(worse[3]) < 0.002, true)
  test.equal(model:ranking():column "input"[3], "noise")
end)

test("class weights move the balance, several classes add up to 1", function()
  local f = telco()
  local plain = ms.forest(f, { target = "Churn", trees = 20, min_leaf = 20 })
  local balanced = ms.forest(f, { target = "Churn", trees = 20, min_leaf = 20, balanced = true })
  local function churners(model) return model:predict(f):filter("prediction == 'Yes'"):nrow() end
  test.equal(churners(balanced) > churners(plain) * 1.3, true)
  local three = ms.forest(f, { target = "Contract", trees = 10, min_leaf = 5 })
  local p = three:predict(f:head(5), { each = true })
  for i = 1, 5 do
    test.close(p:column "probability_Month-to-month"[i] + p:column "probability_One year"[i]
      + p:column "probability_Two year"[i], 1, 1e-12)
  end
end)

test("any number of threads gives the same bits; saved and loaded, a forest predicts the same", function()
  local f = telco()
  local texts = {}
  for _, threads in ipairs { 1, 2, 4 } do
    ms.threads(threads)
    local model = ms.forest(f, { target = "Churn", trees = 20, min_leaf = 5 })
    texts[#texts + 1] = ("%.17g %.17g"):format(sums(model:predict(f):column "probability"))
      .. tostring(model.importance)
  end
  ms.threads(2)
  test.equal(texts[2], texts[1])
  test.equal(texts[3], texts[1])
  local db = ms.open(test.temporary "model.db", { write = true, create = true })
  local model = ms.forest(f, { target = "Churn", trees = 5, min_leaf = 50 })
  model:save(db, "churn")
  local again = ms.load(db, "churn")
  test.equal(tostring(again:predict(f)), tostring(model:predict(f)))
  test.equal(tostring(again), tostring(model))
  db:execute "update churn_trees set input = 'x' where node = 1"
  test.raises(function() return ms.load(db, "churn"):predict(f) end, "an input that is not known")
  db:close()
end)

test("odd frames, and what cannot be learned", function()
  test.equal(ms.forest(small:head(1), { target = "y", trees = 3 }):predict(small:head(1)):column "prediction", { 1 })
  local holes = ms.frame { { "x", { 1, null, null, 2 } }, { "y", { 1, 9, 9, 1 } } }
  local model = ms.forest(holes, whole { target = "y", min_node = 2 })
  test.equal(model:predict(holes):column "prediction", { 1, 9, 9, 1 })
  test.equal(model:predict(holes:head(0)):nrow(), 0)
  local function raises(frame, given, text)
    test.raises(function() return ms.forest(frame, given) end, text)
  end
  raises(small, {}, "target")
  raises(small:head(0), { target = "y" }, "there are no rows to learn from")
  raises(small, { target = "y", trees = 0 }, "trees")
  raises(small, { target = "y", class_weights = { 1, 2 } }, "one for each of")
  raises(small:with_columns("y = 'a'"), { target = "y" }, "two classes are wanted")
end)

test("rules of a tree say what is asked on the way to each leaf", function()
  local f = ms.frame {
    { "x", { 1, 2, 3, 4, 5, 6 } }, { "c", { "a", "a", "b", "b", "c", "c" } }, { "y", { 1, 1, 5, 5, 9, 11 } },
  }
  local rules = ms.forest(f, whole { target = "y", mtry = 2, min_node = 2 }):rules()
  test.equal(rules:column "rows", { 1, 1, 2, 2 })
  test.equal(rules:column "value", { 11, 9, 5, 1 })
  test.equal(rules:column "rule", { "x over 5.5", "x over 4.5 up to 5.5", "x over 2.5 up to 4.5", "x up to 2.5" })
end)
