-- tree: splits, complexity pruning and predictions, against R's rpart.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local small = ms.frame {
  { "city", { "a", "a", "b", "b", "c", "c" } },
  { "age", { 20, 30, 40, 50, 60, 70 } },
  { "buys", { "no", "no", "yes", "yes", "no", "no" } },
}
local fine = { target = "buys", minsplit = 2, minbucket = 1 }

test("a category is split by its levels, by hand", function()
  -- Gini: 6 (1 - 4/9 - 1/9) = 8/3 in the root, nothing left behind {a, c} | {b}.
  local model = ms.tree(small, fine)
  test.equal(model.nodes:column "node", { 1, 2, 3 })
  test.equal(model.nodes:column("sides", "-"), { "LRL", "-", "-" })
  test.close(model.nodes:column("improvement", 0)[1], 8 / 3, 1e-12)
  test.equal(model:predict(small):column "prediction", small:column "buys")
end)

test("what is missing or not seen before goes to the side of more weight", function()
  local model = ms.tree(small, fine)
  local new = ms.frame { { "city", { null, "zz", "b" } }, { "age", { 1, 1, 1 } } }
  test.equal(model:predict(new):column "prediction", { "no", "no", "yes" })
end)

test("Telco: nodes, risks and complexity of rpart", function()
  -- R 4.2, rpart 4.1.19: rpart(Churn ~ . - customerID - TotalCharges,
  -- control = rpart.control(maxsurrogate = 0, xval = 0)); the data has no missing value in these columns.
  local f = ms.read_csv(test.data "telco-churn/Telco-Customer-Churn.csv"):drop("customerID", "TotalCharges")
  local model = ms.tree(f, { target = "Churn" })
  test.equal(model.nodes:column "node", { 1, 2, 3, 6, 7, 14, 15 })
  test.equal(model.nodes:column "rows", { 7043, 3168, 3875, 1747, 2128, 1092, 1036 })
  test.equal(model.nodes:column "risk", { 1869, 214, 1655, 493, 966, 445, 319 })
  local complexity = model.nodes:column("complexity", 0)
  for _, at in ipairs { 1, 3, 5 } do test.close(complexity[at], 0.07098270019618, 1e-13) end
  test.equal(model.nodes:column("cut", 0)[5], 15.5)
  local p = model:predict(f):column "probability"
  test.close(p[1], 0.28219805381, 1e-11) -- a DSL customer by the month: leaf 6
  -- parms = list(split = "information"), cp = .002: 47 nodes, the deepest 958 and 959
  local nodes = ms.tree(f, { target = "Churn", criterion = "information", cp = 0.002 }).nodes
  test.equal(nodes:nrow(), 47)
  local at = {}
  for i, node in ipairs(nodes:column "node") do at[node] = i end
  local risk, rows, cp = nodes:column "risk", nodes:column "rows", nodes:column("complexity", 0)
  for node, want in pairs { [27] = { 373, 171, 0.005350454788657 }, [109] = { 266, 120, 0.004280363830926 },
    [479] = { 297, 116, 0.002675227394329 }, [241] = { 148, 74, 0.002318530408418 } } do
    test.equal({ rows[at[node]], risk[at[node]] }, { want[1], want[2] })
    test.close(cp[at[node]], want[3], 1e-14)
  end
end)

test("Telco: a regression of rpart", function()
  -- rpart(MonthlyCharges ~ tenure + Contract + InternetService + PaymentMethod,
  -- control = rpart.control(xval = 0, cp = .001))
  local f = ms.read_csv(test.data "telco-churn/Telco-Customer-Churn.csv")
  local nodes = ms.tree(f, { target = "MonthlyCharges", cp = 0.001,
    columns = { "tenure", "Contract", "InternetService", "PaymentMethod" } }).nodes
  test.equal(nodes:nrow(), 19)
  local at, cp = {}, nodes:column("complexity", 0)
  for i, node in ipairs(nodes:column "node") do at[node] = i end
  for node, want in pairs { [1] = { 6375903.7996258913, 0.61947214610997781 },
    [5] = { 639780.3961152425, 0.02408624315547684 },
    [22] = { 207136.0556696429, 0.00145581347899072 },
    [7] = { 170319.7028576317, 0.00381335046207305 } } do
    test.close(nodes:column "risk"[at[node]], want[1], 1e-6)
    test.close(cp[at[node]], want[2], 1e-13)
  end
end)

test("any number of threads gives the same bits; saved and loaded, a tree predicts the same", function()
  local texts = {}
  for _, threads in ipairs { 1, 2 } do
    ms.threads(threads)
    texts[threads] = tostring(ms.tree(small, fine).nodes)
  end
  ms.threads(2)
  test.equal(texts[2], texts[1])
  local db = ms.open(test.temporary "tree.db", { write = true, create = true })
  local model = ms.tree(small, fine)
  model:save(db, "buyers")
  test.equal(tostring(ms.load(db, "buyers"):predict(small)), tostring(model:predict(small)))
  db:execute "update buyers_nodes set \"left\" = 1 where node = 1"
  test.raises(function() return ms.load(db, "buyers"):predict(small) end, "is not as it was made")
  db:close()
end)

test("a constant column, one row, no rows, a bad option", function()
  local flat = ms.frame { { "x", { 1, 1, 1 } }, { "y", { 1, 2, 3 } } }
  test.equal(ms.tree(flat, { target = "y", minsplit = 2, minbucket = 1 }).nodes:column "prediction", { 2 })
  test.equal(ms.tree(flat:head(1), { target = "y" }):predict(flat):column "prediction", { 1, 1, 1 })
  test.raises(function() return ms.tree(small:head(0), fine) end, "there are no rows to learn from")
  test.raises(function() return ms.tree(small, { target = "buys", cp = 2 }) end, "cp")
end)

test("an empty column is never asked; infinite values, one class and a column that is not there are errors", function()
  local f = ms.frame { { "a", { null, null, null, null } }, { "b", { 0.5, null, 2, 3 } },
    { "y", { "n", "n", "j", "j" } } }
  f = f:with_columns "a = cast(a as real)"
  local model = ms.tree(f, { target = "y", minsplit = 2, minbucket = 1 })
  test.equal(model.splits:column "input", { 2 })
  test.equal(model.nodes:column "rows", { 4, 3, 1 }) -- the row without b goes with most
  test.raises(function() return model:predict(f:drop "b") end, "b")
  test.raises(function() return ms.tree(f:filter("y == 'n'"), { target = "y" }) end, "two classes are wanted")
  local wide = ms.frame { { "x", { 1, math.huge } }, { "y", { "n", "j" } } }
  test.raises(function() return ms.tree(wide, { target = "y" }) end, "infinite")
  test.raises(function() return ms.tree(f, { target = "y", maxdepth = 31 }) end, "maxdepth")
  test.raises(function() return ms.tree(f, { target = "y", missing = "left" }) end, "missing")
end)

test("values that differ in their last bits only are told apart, and 0 from -0 is not", function()
  local next_up = 1 + 2 ^ -52
  local f = ms.frame { { "x", { next_up, 1, next_up, 1, 1e300, -1e300 } }, { "y", { 5, 1, 5, 1, 5, 1 } } }
  local nodes = ms.tree(f, { target = "y", minsplit = 2, minbucket = 1 }).nodes
  test.equal(nodes:column("rows"), { 6, 3, 3 })
  test.equal(nodes:column("cut", 0)[1], next_up)
  f = ms.frame { { "x", { 0.0, -0.0, 0.0, -0.0 } }, { "y", { 1, 2, 1, 2 } } }
  test.equal(ms.tree(f, { target = "y", minsplit = 2, minbucket = 1 }).nodes:nrow(), 1)
end)
