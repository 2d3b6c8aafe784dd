-- elastic_net: penalised linear and logistic regression against glmnet.
local ms = require "moonsift"
local test = require "moonsift.test"

local function near(got, want, tolerance)
  test.equal(#got, #want)
  for i = 1, #want do
    if want[i] == 0 then test.equal(got[i], 0) else test.close(got[i] / want[i], 1, tolerance or 1e-8) end
  end
end

local function telco() return ms.read_csv(test.data "telco-churn/Telco-Customer-Churn.csv") end
local charges = { "tenure", "Contract", "PaperlessBilling", "InternetService", "SeniorCitizen" }
local churn = { "tenure", "MonthlyCharges", "Contract", "PaperlessBilling", "SeniorCitizen" }

-- Two inputs that are not correlated, each with deviation 1: the lasso is ordinary least squares pulled to 0 by lambda.
local small = ms.frame { { "a", { -1, -1, 1, 1 } }, { "b", { -1, 1, -1, 1 } }, { "y", { 1, 2, 7, 8 } } }

test("without correlation the lasso pulls each coefficient by lambda, by hand", function()
  -- Least squares: 4.5 + 3 a + 0.5 b.
  local model = ms.elastic_net(small, { target = "y", lambda = 0.75 })
  near(model.terms:column "estimate", { 4.5, 2.25, 0 }, 1e-12)
  near(model:predict(small):column "prediction", { 2.25, 2.25, 6.75, 6.75 }, 1e-12)
end)

test("Telco: linear coefficients of glmnet for a lasso, a mixture, ridge, and with weights", function()
  -- R 4.2.2, glmnet 4.1-6: coef(glmnet(X, MonthlyCharges, alpha = a, lambda = 2, thresh = 1e-20))
  local f = telco():with_columns("w = tenure + 1")
  local want = {
    [1] = { 52.4138430530491, 0.188265331203498, 0, 0, 0, 30.6307722222894, -33.2828180104314, 0 },
    [0.5] = { 51.2976279218958, 0.218277467881305, 0, 0.266846797922622, 0, 31.2687658910669, -34.2058177440323, 0 },
    [0] = { 48.851464591114, 0.194800350996673, 3.69698633502809, 4.86852036654577, 2.01439207141658, 32.1877407846076,
      -35.3831069960903, -0.10092255230247 },
  }
  local given = { target = "MonthlyCharges", columns = charges, lambda = 2 }
  for alpha, coefficients in pairs(want) do
    given.alpha = alpha
    near(ms.elastic_net(f, given).terms:column "estimate", coefficients)
  end
  given.alpha, given.weights = 0.5, "w"
  near(ms.elastic_net(f, given).terms:column "estimate", { 54.1424081037354, 0.185398973864289, 0, 2.13652174686422,
    0.117972684920767, 31.3515082689861, -40.088153779204, 0 })
end)

test("Telco: logistic coefficients of glmnet", function()
  -- R 4.2.2, glmnet 4.1-6: glmnet(X, churn, family = "binomial", alpha = a, lambda = 0.02, thresh = 1e-20)
  local f = telco()
  local model = ms.elastic_net(f, { target = "Churn", columns = churn, lambda = 0.02 })
  near(model.terms:column "estimate", { -1.3664102798893, -0.0305408113144274, 0.0180559325539971, -0.574679519024125,
    -1.04538987020017, 0.305285715831475, 0.246667796656151 }, 1e-9)
  test.close(model:fact "explained_deviance", 0.239131172225135, 1e-9)
  model = ms.elastic_net(f, { target = "Churn", columns = churn, lambda = 0.02, alpha = 0.5 })
  near(model.terms:column "estimate", { -1.44125548334763, -0.0301417548504919, 0.0185292797214492, -0.731027417767628,
    -1.23747673520552, 0.386389366278828, 0.337674920900529 }, 1e-9)
end)

-- Rows in the folds 1 to 5 in turn, as foldid = (0:(n - 1)) %% 5 + 1.
local function folded(f, names)
  local columns, fold = {}, {}
  for i = 1, f:nrow() do fold[i] = (i - 1) % 5 + 1 end
  for i, name in ipairs(names) do columns[i] = { name, f:column(name) } end
  columns[#columns + 1] = { "fold", fold }
  return ms.frame(columns)
end

local function at(model, name, rows)
  local values, list = model.path:column(name), {}
  for i, row in ipairs(rows) do list[i] = values[row] end
  return list
end

test("Telco: the path and its cross-validation are cv.glmnet's", function()
  -- R 4.2.2, glmnet 4.1-6: cv.glmnet(X, MonthlyCharges, foldid, lambda = glmnet(X, MonthlyCharges)$lambda,
  -- thresh = 1e-20); without `lambda` cv.glmnet interpolates between the lambdas of its folds
  local f = folded(telco(), { "tenure", "Contract", "PaperlessBilling", "InternetService", "SeniorCitizen",
    "MonthlyCharges" })
  local model = ms.elastic_net(f, { target = "MonthlyCharges", columns = charges, fold = "fold", choose = "one_error" })
  test.equal(model.path:nrow(), 64)
  near(at(model, "lambda", { 1, 2, 30 }), { 23.6811574576801, 21.5773886971447, 1.59472482069937 }, 1e-12)
  near(at(model, "error", { 1, 2, 30 }), { 901.727239791, 798.28957753, 125.586918164 }, 1e-11)
  near(at(model, "deviation", { 1, 2, 30 }), { 13.1684699224, 12.9031314899, 2.90775330819 }, 1e-10)
  near({ model:fact "lambda_minimum", model:fact "lambda_one_error" }, { 0.0674447858455489, 0.573114385063779 }, 1e-12)
  near(model.terms:column "estimate", { 50.0989686978478, 0.210267360128044, 1.71640923684625, 2.83817657566752,
    0.18607841093438, 32.9964434782114, -36.0035352177587, 0 }, 1e-6)
end)

test("Telco: the same for classes", function()
  -- R 4.2.2, glmnet 4.1-6: cv.glmnet(X, churn, family = "binomial", foldid, lambda = …, thresh = 1e-14)
  local f = folded(telco(), { "tenure", "MonthlyCharges", "Contract", "PaperlessBilling", "SeniorCitizen", "Churn" })
  local model = ms.elastic_net(f, { target = "Churn", columns = churn, fold = "fold", choose = "one_error" })
  test.equal(model.path:nrow(), 56)
  near(at(model, "lambda", { 1, 2, 30 }), { 0.155519509385797, 0.141703584801692, 0.0104729180642345 }, 1e-12)
  near(at(model, "error", { 1, 2, 30 }), { 1.15573819054, 1.13682854529, 0.869915556384 }, 1e-8)
  near(at(model, "deviation", { 1, 2, 30 }), { 0.0122512401557, 0.0122474428523, 0.00874460173678 }, 1e-7)
  local chosen = { model:fact "lambda_minimum", model:fact "lambda_one_error" }
  near(chosen, { 0.000932314964941141, 0.0138445813336248 }, 1e-12)
end)

test("folds are random by a seed, and the number of threads does not matter", function()
  local f = telco():select("tenure", "MonthlyCharges", "Contract", "Churn"):head(2000)
  local texts = {}
  for i, threads in ipairs { 1, 2, 4 } do
    ms.threads(threads)
    local model = ms.elastic_net(f, { target = "Churn", lambdas = 20, folds = 4 })
    texts[i] = table.concat(at(model, "error", { 1, 5, 9 }), " ") .. tostring(model)
  end
  ms.threads(2)
  test.equal(texts[2], texts[1])
  test.equal(texts[3], texts[1])
  local other = ms.elastic_net(f, { target = "Churn", lambdas = 20, folds = 4, seed = 2 })
  test.check(table.concat(at(other, "error", { 1, 5, 9 }), " ") ~= texts[1]:sub(1, 40))
end)

test("saved and loaded it predicts the same; SQL and Lua give the score", function()
  local db = ms.open(test.temporary "model.db", { write = true, create = true })
  local f = small:with_columns("high = y > 4")
  local model = ms.elastic_net(f, { target = "high", columns = { "a", "b" }, lambda = 0.1 })
  model:save(db, "m")
  test.equal(tostring(ms.load(db, "m"):predict(f, { each = true })), tostring(model:predict(f, { each = true })))
  test.equal(tostring(ms.load(db, "m")), tostring(model))
  db:close()
  local want = model:predict(f):column "probability"
  test.close(assert(loadstring(model:to_lua()))() { a = -1, b = 1 }, want[2], 1e-12)
end)

test("what cannot be learned is said", function()
  local function raises(frame, given, text)
    given.target = given.target or "y"
    test.raises(function() return ms.elastic_net(frame, given) end, text)
  end
  raises(small, {}, "4 rows are too few for 10 folds")
  raises(small, { alpha = 1.5 }, "alpha")
  raises(small:head(0), {}, "there are no rows to learn from")
  raises(small:with_columns("f = 1"), { fold = "f" }, "has no 2 to 1000 folds")
  raises(small:with_columns("f = case when a > 0 then 5 else 1 end"), { fold = "f" }, "has no row of fold 2")
  raises(small:with_columns("y = cast(y as text)"), {}, "has 4 classes; two are wanted")
  local split = small:with_columns("high = y > 4", "f = case when y > 4 then 1 else 2 end")
  raises(split, { target = "high", columns = { "a" }, fold = "f" }, "without one of the folds there is one class only")
end)

test("a constant input and a constant target", function()
  local model = ms.elastic_net(small:with_columns("c = 7"), { target = "y", lambda = 0.75 })
  near(model.terms:column "estimate", { 4.5, 2.25, 0, 0 }, 1e-12)
  local constant = ms.elastic_net(small:with_columns("y = 3"), { target = "y", lambda = 1 })
  near(constant.terms:column "estimate", { 3, 0, 0 }, 1e-12)
  local path = ms.elastic_net(small:with_columns("y = 3"), { target = "y", folds = 2 })
  near(path.terms:column "estimate", { 3, 0, 0 }, 1e-12)
end)
