-- model:evaluate, ms.cross_validate, ms.permutation_importance.
local ms = require "moonsift"
local test = require "moonsift.test"

-- A hundred customers: `spent` says much about who buys, `noise` nothing.
local function customers()
  local id, spent, noise, bought, tier, day, x = {}, {}, {}, {}, {}, {}, 7
  for i = 1, 120 do
    x = (x * 1103515245 + 12345) % 2147483648
    id[i], spent[i], noise[i], day[i] = i, i % 40, math.floor(x / 65536) % 100, i
    bought[i] = spent[i] + (math.floor(x / 1024) % 25) > 30 and "yes" or "no"
    tier[i] = spent[i] < 13 and "a" or spent[i] < 26 and "b" or "c"
  end
  return ms.frame{ { "id", id }, { "spent", spent }, { "noise", noise }, { "bought", bought }, { "tier", tier },
    { "day", day } }
end

local function fit(train) return ms.logistic(train, { target = "bought", columns = { "spent", "noise" } }) end

test("evaluate: two classes give the figures of metrics and of the threshold, by name and as a frame", function()
  local f = customers()
  local model = fit(f)
  local e, predicted = model:evaluate(f, { threshold = 0.3 }), model:predict(f)
  test.equal(e.auc, predicted:metrics{ target = "bought" }:row(1).auc)
  test.equal(e.recall, predicted:confusion{ target = "bought", thresholds = { 0.3 } }:row(1).recall)
  test.equal(e.measures:names(), { "measure", "value" })
  test.check(tostring(e):find "^rows +120 ")
  test.raises(function() model:evaluate(f, { treshold = 1 }) end, "evaluate: unknown option 'treshold'")
end)

test("evaluate: numbers give RMSE, more than two classes accuracy", function()
  local f = customers()
  local linear = ms.linear(f, { target = "noise", columns = { "spent" } })
  test.equal(linear:evaluate(f).rmse, linear:predict(f):number_metrics{ target = "noise" }:row(1).rmse)
  local bayes = ms.bayes(f, { target = "tier", columns = { "spent" } })
  local right = bayes:predict(f):filter "prediction == tier":nrow()
  test.close(bayes:evaluate(f).accuracy, right / 120, 1e-14)
end)

test("cross_validate: each row is predicted once, by a model that has not seen it", function()
  local f, seen = customers(), {}
  local cv = ms.cross_validate(f, { target = "bought", folds = 4, fit = function(train)
    seen[#seen + 1] = train
    return fit(train)
  end })
  test.equal(cv.predictions:column "id", f:column "id")
  test.equal(cv.folds:column "fold", { 1, 2, 3, 4 })
  for k, train in ipairs(seen) do
    test.equal(train:names(), f:names())
    test.equal(train:join(cv.predictions:filter("fold == @k", { k = k }), { on = "id", how = "semi" }):nrow(), 0)
    test.equal(cv.folds:column "auc" [k],
      cv.predictions:filter("fold == @k", { k = k }):metrics{ target = "bought" }:row(1).auc)
  end
  local mean, values = cv.summary:filter "measure == 'auc'":row(1), cv.folds:column "auc"
  local sum, squares = 0, 0
  for _, value in ipairs(values) do sum = sum + value end
  for _, value in ipairs(values) do squares = squares + (value - sum / 4) ^ 2 end
  test.close(mean.mean, sum / 4, 1e-14)
  test.close(mean.error, math.sqrt(squares / 3 / 4), 1e-14)
  test.check(tostring(cv):find "^4 folds, stratified by bought\n")
end)

test("cross_validate: by time each fold is judged by what came before; by group nobody stands on both sides", function()
  local f, last = customers(), {}
  local cv = ms.cross_validate(f, { target = "bought", folds = 4, time = "day", fit = function(train)
    last[#last + 1] = train:sort("-day"):row(1).day
    return fit(train)
  end })
  test.equal(cv.folds:column "fold", { 1, 2, 3, 4 })
  test.equal(last, { 24, 48, 72, 96 })
  local grouped = ms.cross_validate(f, { target = "bought", folds = 3, group = "spent", fit = "bayes",
    options = { columns = { "spent" } } })
  test.equal(grouped.predictions:group_by "spent":agg("n = count_distinct(fold)"):filter "n > 1":nrow(), 0)
end)

test("cross_validate: what is wrong is said", function()
  local f = customers()
  test.raises(function() ms.cross_validate(f, { target = "bought" }) end, "fit is wanted")
  test.raises(function() ms.cross_validate(f, { target = "bought", fit = "sort" }) end,
    "fit is no function and no learner")
  test.raises(function() ms.cross_validate(f, { fit = function() return 1 end }) end, "fit gives no model")
  test.raises(function() ms.cross_validate(f, { fold = 3 }) end, "unknown option 'fold'")
end)

test("permutation importance: the column that matters is first, and loses as much as the measure says", function()
  local f = customers()
  local model = fit(f)
  local p = model:importance_by_permutation(f, { repeats = 3, seed = 2 })
  test.equal(p:column "column", { "spent", "noise" })
  test.check(p:column "importance" [1] > 0.2)
  local once = ms.permutation_importance(model, f, { repeats = 1, seed = 5, columns = { "spent" } })
  local shuffled = f:shuffle{ columns = { "spent" }, seed = 5 * 1000003 }
  test.equal(once:column "importance", { model:evaluate(f).auc - model:evaluate(shuffled).auc })
  local loss = ms.permutation_importance(model, f, { measure = "log_loss", columns = { "spent" } })
  test.check(loss:column "importance" [1] > 0)
  test.raises(function() ms.permutation_importance(model, f, { measure = "aux" }) end, "there is no measure 'aux'")
end)
