-- metrics and gains: figures of a score.
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

local function figures(f, given)
  given.target, given.score = given.target or "y", given.score or "s"
  return f:metrics(given):row(1)
end

test("figures are those of scikit-learn 1.2.1, with and without weights", function()
  -- roc_auc_score, average_precision_score, log_loss, brier_score_loss
  local r = figures(scored(), {})
  test.equal({ r.rows, r.events }, { 12, 5 })
  test.close(r.auc, 0.757142857142857, 1e-14)
  test.close(r.gini, 0.514285714285714, 1e-14)
  test.close(r.average_precision, 0.697619047619048, 1e-14)
  test.close(r.log_loss, 0.583098287945134, 1e-14)
  test.close(r.brier, 0.2025, 1e-14)
  local w = figures(scored(), { weights = "w" })
  test.close(w.auc, 0.729166666666667, 1e-14)
  test.close(w.average_precision, 0.685876623376623, 1e-14)
  test.close(w.log_loss, 0.602132822795725, 1e-14)
  test.close(w.brier, 0.208235294117647, 1e-14)
end)

test("DeLong's error is that of the formula over all pairs, KS that of scipy's ks_2samp", function()
  local r = figures(scored(), {})
  test.close(r.auc_error, 0.150169971725919, 1e-14) -- numpy: the variances of the means of the 5 x 7 table of pairs
  test.close(r.auc_low, 0.462815121000658, 1e-13)
  test.equal(r.auc_high, 1)
  test.close(r.ks, 0.45714285714285713, 1e-14)
  test.equal(r.ks_score, 0.7)
end)

test("figures do not depend on the order of the rows, and hold for a score that sorts alike", function()
  local f = scored()
  test.equal(figures(f:sort("w", "-s", "y"), {}), figures(f, {}))
  local a, b = figures(f, {}), figures(f:with_columns("s = 100 * s - 20"), {})
  test.close(b.auc, a.auc, 1e-15)
  test.equal(b.log_loss, nil)
end)

test("the event: true, the greater number, the later text, or as named", function()
  local f = scored():with_columns("t = case when y == 1 then 'yes' else 'no' end", "b = y == 1", "n = 2 - y")
  for _, name in ipairs{ "t", "b" } do test.close(figures(f, { target = name }).auc, 0.757142857142857, 1e-14) end
  test.close(figures(f, { target = "n" }).auc, 1 - 0.757142857142857, 1e-14)
  test.close(figures(f, { target = "n", event = "1" }).auc, 0.757142857142857, 1e-14)
  test.close(figures(f, { target = "t", event = "no" }).auc, 1 - 0.757142857142857, 1e-14)
  test.close(figures(f, { target = "b", event = "false" }).auc, 1 - 0.757142857142857, 1e-14)
  test.equal(figures(f, { target = "w", event = "3" }).events, 1)
  test.raises(function() figures(f, { target = "w" }) end, "metrics: column 'w' has more than two values")
  test.raises(function() figures(f, { target = "b", event = "maybe" }) end, "event is 'maybe'")
end)

test("one class only: what needs both is null", function()
  local f = ms.frame{ { "y", { 1, 1 } }, { "s", { 0.5, 1 } } }
  local r = figures(f, {})
  test.equal({ r.events, r.auc, r.ks, r.average_precision }, { 2, nil, nil, nil })
  test.close(r.log_loss, -math.log(0.5) / 2, 1e-14)
  local text = f:with_columns("y = 'a'")
  test.raises(function() figures(text, {}) end, "column 'y' has one value only")
  test.equal(figures(text, { event = "a" }).events, 2)
end)

test("rows without outcome, score or weight are left out; no rows give no figures", function()
  local f = ms.frame{ { "y", { 1, 0, null, 1, 0, 1 } }, { "s", { 0.9, 0.1, 0.5, null, 0 / 0, 0.2 } },
    { "w", { 1, 1, 1, 1, 1, 0 } } }
  test.equal(figures(f, {}).rows, 3)
  test.equal(figures(f, { weights = "w" }).rows, 2)
  local none = figures(f:head(0), {})
  test.equal({ none.rows, none.rate, none.auc }, { 0, nil, nil })
  test.equal(figures(f:filter "y is null", {}).rows, 0)
end)

test("infinite scores rank; a negative weight and text as a score are refused", function()
  local f = ms.frame{ { "y", { 1, 0, 1 } }, { "s", { 1 / 0, 0.1, -1 / 0 } }, { "w", { 1, -1, 1 } },
    { "t", { "a", "b", "c" } } }
  test.equal(figures(f, {}).auc, 0.5)
  test.raises(function() figures(f, { weights = "w" }) end, "metrics: column 'w' has the weight -1, wanted 0 or more")
  test.raises(function() figures(f, { score = "t" }) end, "metrics: column 't' is no column of numbers")
  test.raises(function() figures(f, { level = 1.5 }) end, "level")
end)

local function gains(given)
  given.target, given.score = "y", "s"
  return scored():gains(given)
end

test("gains: bins of equal size; events of equal scores are shared between bins", function()
  local g = gains{ bins = 4 } -- by hand: 0.5, 0.5 lie on both sides of a cut, as do 0.3, 0.3
  test.equal(g:column "rows", { 3, 3, 3, 3 })
  test.equal(g:column "events", { 2, 1.5, 1, 0.5 })
  test.equal(g:column "high", { 0.9, 0.7, 0.5, 0.3 })
  test.equal(g:column "low", { 0.8, 0.5, 0.3, 0.1 })
  for i, gain in ipairs(g:column "captured") do test.close(gain, ({ 0.4, 0.7, 0.9, 1 })[i], 1e-14) end
  test.close(g:column "lift" [1], 1.6, 1e-14)
  test.close(g:column "cumulative_lift" [4], 1, 1e-14)
  test.close(g:column "ks" [1], 2 / 5 - 1 / 7, 1e-14)
end)

test("gains: all scores equal, more bins than rows, weights, no rows", function()
  local f = ms.frame{ { "y", { 1, 0, 0, 1 } }, { "s", { 1, 1, 1, 1 } } }
  test.equal(f:gains{ target = "y", score = "s", bins = 2 }:column "events", { 1, 1 })
  test.equal(f:gains{ target = "y", score = "s", bins = 10 }:nrow(), 4)
  test.equal(f:head(0):gains{ target = "y", score = "s" }:nrow(), 0)
  local total = 0
  for _, rows in ipairs(gains{ bins = 5, weights = "w" }:column "rows") do
    test.close(rows, 17 / 5, 1e-12)
    total = total + rows
  end
  test.close(total, 17, 1e-12)
end)
