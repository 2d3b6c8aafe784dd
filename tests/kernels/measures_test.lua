-- confusion, calibration, profit, roc, number_metrics, folds, shuffle.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function scored()
  return ms.frame{
    { "y", { 1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0 } },
    { "s", { 0.9, 0.8, 0.8, 0.7, 0.6, 0.5, 0.5, 0.4, 0.3, 0.3, 0.2, 0.1 } },
    { "w", { 1, 2, 1, 3, 1, 1, 2, 1, 1, 1, 2, 1 } },
  }
end

local function close(got, want, tolerance)
  test.equal(#got, #want)
  for i = 1, #want do test.close(got[i], want[i], tolerance or 1e-13) end
end

local function given(more)
  local all = { target = "y", score = "s" }
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

test("confusion: counts and ratios are those of scikit-learn 1.2.1 at two thresholds", function()
  -- confusion_matrix, precision_score, recall_score, f1_score, accuracy_score, matthews_corrcoef of s >= threshold
  local c = scored():confusion(given{ thresholds = { 0.5, 0.65 } })
  test.equal(c:column "true_negative", { 4, 6 })
  test.equal(c:column "false_positive", { 3, 1 })
  test.equal(c:column "false_negative", { 1, 2 })
  test.equal(c:column "true_positive", { 4, 3 })
  close(c:column "precision", { 0.571428571428571, 0.75 })
  close(c:column "recall", { 0.8, 0.6 })
  close(c:column "f1", { 0.666666666666667, 0.666666666666667 })
  close(c:column "accuracy", { 0.666666666666667, 0.75 })
  close(c:column "mcc", { 0.371428571428571, 0.478091443733757 })
end)

test("confusion: nothing predicted, no rows, a threshold that is no number", function()
  local r = scored():confusion(given{ thresholds = { 2 } }):row(1)
  test.equal({ r.true_positive, r.precision, r.recall, r.mcc }, { 0, nil, 0, 0 })
  test.equal(scored():head(0):confusion(given()):row(1).accuracy, nil)
  test.raises(function() scored():confusion(given{ thresholds = { 0 / 0 } }) end, "threshold 1 is NaN")
end)

test("calibration: bins are those of scikit-learn's calibration_curve", function()
  local width = scored():calibration(given{ bins = 5, method = "width" })
  close(width:column "rate", { 0, 1 / 3, 1 / 3, 2 / 3, 1 })
  close(width:column "predicted", { 0.15, 1 / 3, 0.533333333333333, 0.766666666666667, 0.9 })
  local quantile = scored():calibration(given{ bins = 3 })
  close(quantile:column "rate", { 0.25, 0.25, 0.75 })
  close(quantile:column "predicted", { 0.225, 0.5, 0.8 })
  test.equal(quantile:column "rows", { 4, 4, 4 })
end)

test("calibration: Wilson's interval by hand, and scores that are no probabilities", function()
  local r = ms.frame{ { "y", { 1, 0, 0, 0 } }, { "s", { 0.5, 0.5, 0.5, 0.5 } } }:calibration(given{ bins = 2 }):row(1)
  test.close(r.rate_low, 0.045587260809701, 1e-12) -- (1/4 + z²/8 - z sqrt(3/64 + z²/64)) / (1 + z²/4)
  test.close(r.rate_high, 0.6993581574176, 1e-12)
  test.raises(function() scored():with_columns("s = 2 * s"):calibration(given()) end, "scores outside 0 … 1")
  test.equal(scored():head(0):calibration(given()):nrow(), 0)
end)

test("profit: the best threshold is found among all scores, and stands in the table", function()
  -- by hand: 10 an event, 4 a contact: 4 rows from 0.7 on have 3 events: 30 - 16 = 14
  local p = scored():profit(given{ value = 10, cost = 4, bins = 4 })
  test.equal(p:column "rows", { 0, 3, 4, 7, 10, 12 })
  test.equal(p:column "profit", { 0, 8, 14, 12, 10, 2 })
  test.equal(p:column "best", { false, false, true, false, false, false })
  test.equal(p:filter("best"):column "threshold", { 0.7 })
end)

test("profit: where no contact pays, nobody is contacted; fixed costs count once", function()
  test.equal(scored():profit(given{ value = 10, cost = 11 }):filter("best"):column "rows", { 0 })
  local p = scored():profit(given{ value = 10, cost = 4, fixed = 20, bins = 1 })
  test.equal(p:column "profit", { 0, -18 })
  test.raises(function() scored():profit(given{ value = 10 }) end, "cost")
end)

test("roc: from nobody to everybody; the area under it is the metric's", function()
  local r = scored():roc(given())
  local x, y, area = r:column "false_positive_rate", r:column "true_positive_rate", 0
  test.equal({ x[1], y[1], x[#x], y[#y] }, { 0, 0, 1, 1 })
  for i = 2, #x do area = area + (x[i] - x[i - 1]) * (y[i] + y[i - 1]) / 2 end
  test.close(area, 0.757142857142857, 1e-14)
  test.equal(#x, 10)
  test.equal(scored():roc(given{ points = 5 }):column("threshold", "-"), { "-", 0.8, 0.5, 0.3, 0.1 })
end)

test("number_metrics: figures of scikit-learn 1.2.1, with and without weights", function()
  -- mean_squared_error(squared=False), mean_absolute_error, r2_score
  local f = ms.frame{ { "a", { 3, -0.5, 2, 7, 4.25 } }, { "p", { 2.5, 0, 2, 8, 4 } }, { "w", { 1, 2, 1, 0.5, 3 } } }
  local r = f:number_metrics{ target = "a", prediction = "p" }:row(1)
  close({ r.rmse, r.mae, r.r_squared, r.bias }, { 0.559016994374947, 0.45, 0.949104234527687, 0.15 })
  local w = f:number_metrics{ target = "a", prediction = "p", weights = "w" }:row(1)
  close({ w.rmse, w.mae, w.r_squared }, { 0.437797517885457, 0.366666666666667, 0.961679440186604 })
  local none = f:head(0):number_metrics{ target = "a", prediction = "p" }:row(1)
  test.equal({ none.rows, none.rmse, none.r_squared }, { 0, nil, nil })
  test.equal(f:head(1):number_metrics{ target = "a", prediction = "p" }:row(1).r_squared, nil)
  test.raises(function() f:with_columns("p = 'x'"):number_metrics{ target = "a", prediction = "p" } end,
    "number_metrics: column 'p' is no column of numbers")
end)

local function many(rows)
  local class, customer, day = {}, {}, {}
  for i = 1, rows do
    class[i] = i % 7 == 0 and "yes" or i % 5 == 0 and null or "no"
    customer[i] = i * i % 37
    day[i] = i * 31 % 50
  end
  return ms.frame{ { "class", class }, { "customer", customer }, { "day", day } }
end

test("folds: sizes differ by one at most, and so do those of each class when stratified", function()
  for _, by in ipairs{ "class", false } do
    local f = many(103):folds{ folds = 4, stratify = by or nil }
    local sizes = f:group_by("fold"):agg("n = count()"):sort("fold")
    test.equal(sizes:column "fold", { 1, 2, 3, 4 })
    for _, n in ipairs(sizes:column "n") do test.check(n == 25 or n == 26) end
    if by then
      local low, high = {}, {}
      for r in f:group_by("class", "fold"):agg("n = count()"):rows() do
        local key = r.class or "none"
        low[key], high[key] = math.min(low[key] or r.n, r.n), math.max(high[key] or 0, r.n)
      end
      for key in pairs(low) do test.check(high[key] - low[key] <= 1, key) end
    end
  end
end)

test("folds: a group stays in one fold, time runs forward, the seed decides the rest", function()
  local f = many(200):folds{ folds = 5, group = "customer" }
  test.equal(f:group_by("customer"):agg("n = count_distinct(fold)"):filter("n > 1"):nrow(), 0)
  local t = many(200):folds{ folds = 4, time = "day" }
  local ends = t:group_by("fold"):agg("a = min(day)", "b = max(day)"):sort("fold")
  local a, b = ends:column "a", ends:column "b"
  for i = 2, #a do test.check(a[i] > b[i - 1]) end
  local function folds(seed) return many(50):folds{ folds = 3, seed = seed }:column "fold" end
  test.equal(folds(7), folds(7))
  test.check(table.concat(folds(7)) ~= table.concat(folds(8)))
  test.raises(function() many(9):folds{ group = "customer", time = "day" } end, "more than one of stratify, group")
  test.raises(function() many(9):folds{ folds = 1 } end, "folds")
  test.equal(many(9):head(0):folds{}:nrow(), 0)
end)

test("shuffle: the same values in another order, columns named together in one", function()
  local f = many(100):with_columns("twice = customer * 2")
  local s = f:shuffle{ columns = { "customer", "twice" }, seed = 3 }
  test.equal(s:column "day", f:column "day")
  test.equal(s:filter("twice != 2 * customer"):nrow(), 0)
  test.equal(s:sort("customer"):column "customer", f:sort("customer"):column "customer")
  test.check(table.concat(s:column "customer", " ") ~= table.concat(f:column "customer", " "))
end)
