-- kmeans: clusters around centres.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function mall()
  return ms.read_csv(test.data "mall-customers/Mall_Customers.csv")
end

-- Rows i, j, … of a frame.
local function pick(frame, ...)
  local parts = {}
  for i, row in ipairs { ... } do parts[i] = frame:slice(row, 1) end
  return ms.concat(unpack(parts))
end

local two = { "Annual_Income", "Spending_Score" }

-- By hand: two clusters, around (1.5, 0) with squares 0.25 + 0.25, and around (10, 1) with squares 1 + 0 + 1.
local small = ms.frame {
  { "x", { 1, 2, 10, 10, 10 } },
  { "y", { 0, 0, 0, 1, 2 } },
}

test("two clusters by hand, the larger first", function()
  local model = ms.kmeans(small, { k = 2 })
  test.equal(model.kind, "kmeans")
  test.equal(model.centres:names(), { "cluster", "size", "within", "x", "y" })
  test.equal(model.centres:column "cluster", { 1, 2 })
  test.equal(model.centres:column "size", { 3, 2 })
  test.equal(model.centres:column "within", { 2, 0.5 })
  test.equal(model.centres:column "x", { 10, 1.5 })
  test.equal(model.centres:column "y", { 1, 0 })
  test.equal(model:fact "within", 2.5)
  -- The mean of all rows is (6.6, 0.6): 31.36 + 21.16 + 3 * 11.56 + 0.36 * 3 + 0.16 + 1.96.
  test.close(model:fact "total", 90.4, 1e-12)
  test.equal(model:fact "settled", 1)
  local p = model:predict(small)
  test.equal(p:column "cluster", { 2, 2, 1, 1, 1 })
  test.equal(p:column "distance", { 0.5, 0.5, 1, 0, 1 })
  test.equal(tostring(model:assign(small)), tostring(p))
end)

test("one cluster is the mean; as many clusters as rows have no distance", function()
  local one = ms.kmeans(small, { k = 1 })
  test.close(one.centres:column "x"[1], 6.6, 1e-14)
  test.close(one:fact "within", one:fact "total", 1e-12)
  local each = ms.kmeans(small, { k = 5 })
  test.equal(each:fact "within", 0)
  test.equal(each.centres:column "size", { 1, 1, 1, 1, 1 })
end)

test("mall customers from given centres: centres, sizes and squares of R's kmeans", function()
  -- R 4.2.2: kmeans(x, x[c(1, 2, 50, 130, 131), ], algorithm = "Lloyd", iter.max = 100), by falling size.
  local f = mall()
  local model = ms.kmeans(f, { columns = two, centres = pick(f, 1, 2, 50, 130, 131) })
  test.equal(model.centres:column "size", { 80, 39, 36, 23, 22 })
  local income = { 55.0875, 86.53846153846153, 87.75, 26.30434782608696, 25.72727272727273 }
  local within = { 9348.775000000007, 13444.051282051283, 13043.499999999998, 5098.695652173913, 3519.454545454546 }
  for i = 1, 5 do
    test.close(model.centres:column "Annual_Income"[i], income[i], 1e-11)
    test.close(model.centres:column "within"[i], within[i], 1e-8)
  end
  test.close(model:fact "total", 269981.28, 1e-7)
  test.close(model:fact "within", 44454.47647967975, 1e-7)
  local listed = ms.kmeans(f, { columns = two, centres = { 15, 39, 15, 81, 40, 42, 71, 75, 71, 9 } })
  test.equal(listed:fact "k", 5)
end)

test("mall customers: the known five clusters on income and spending are found from k-means++", function()
  -- scikit-learn 1.2.1: KMeans(5, n_init = 50): inertia 44448.4554479337, sizes 81 39 35 23 22.
  local model = ms.kmeans(mall(), { columns = two, k = 5 })
  test.close(model:fact "within", 44448.4554479337, 1e-6)
  test.equal(model.centres:column "size", { 81, 39, 35, 23, 22 })
  test.close(model.centres:column "Spending_Score"[2], 82.12820512820512, 1e-10)
end)

test("scaled by deviations: R's kmeans on scale(x)", function()
  -- R 4.2.2: s <- scale(d[, c("Age", "Annual_Income", "Spending_Score")]); kmeans(s, s[c(1, 2, 3, 150), ], "Lloyd").
  local f = mall()
  local model = ms.kmeans(f,
    { columns = { "Age", two[1], two[2] }, scale = "standard", centres = pick(f, 1, 2, 3, 150) })
  test.equal(model.centres:column "size", { 65, 57, 40, 38 })
  local within = { 74.83280168680656, 61.43214705376561, 23.91543955956516, 44.01863343923814 }
  for i = 1, 4 do test.close(model.centres:column "within"[i], within[i], 1e-10) end
  test.close(model:fact "total", 597, 1e-9)
  local scale = model.scale
  test.close((model.centres:column "Age"[3] - scale:column "centre"[1]) / scale:column "spread"[1],
    -0.42773261250291128, 1e-12)
end)

test("weights: scikit-learn's KMeans with sample_weight", function()
  -- scikit-learn 1.2.1: KMeans(5, init = x[[0, 1, 49, 129, 130]], n_init = 1, tol = 0), weights 1, 2, 3, 1, 2, 3, …
  local f = mall():with_columns("w = 1 + (CustomerID - 1) % 3")
  local model = ms.kmeans(f, { columns = two, centres = pick(f, 1, 2, 50, 130, 131), weights = "w" })
  test.close(model:fact "within", 87038.84058873032, 1e-6)
  local twice = ms.kmeans(small:with_columns("w = case when x == 1 then 2 else 1 end"), { k = 2, weights = "w" })
  local again = ms.kmeans(ms.concat(small, small:head(1)), { k = 2 })
  test.close(twice:fact "within", again:fact "within", 1e-12)
  test.close(twice:fact "total", again:fact "total", 1e-12)
end)

test("range and robust scales", function()
  local function spreads(scale) return ms.kmeans(small, { k = 2, scale = scale }).scale end
  test.equal(spreads "range":column "spread", { 9, 2 })
  test.equal(spreads "range":column "centre", { 1, 0 })
  test.equal(spreads "robust":column "centre", { 10, 0 })
  test.close(spreads "robust":column "spread"[1], 8 / 1.349, 1e-12)
  test.close(spreads "robust":column "spread"[2], 1 / 1.349, 1e-12)
  test.equal(spreads "none":column "spread", { 1, 1 })
  local constant = ms.kmeans(small:with_columns("y = 0.1"), { k = 2, scale = "standard" })
  test.equal(constant.scale:column "spread"[2], 1)
  test.equal(constant.centres:column "size", { 3, 2 })
end)

test("skipping distances changes nothing: the iterations as they are written in a textbook", function()
  local f = mall()
  local start, x, y = { 15, 39, 20, 60, 60, 42, 61, 75, 71, 9 }, f:column(two[1]), f:column(two[2])
  local centres, changed, label = {}, true, {}
  for c = 1, 5 do centres[c] = { start[2 * c - 1], start[2 * c] } end
  local rounds = 0
  while changed do
    changed = false
    rounds = rounds + 1
    local sums = {}
    for c = 1, 5 do sums[c] = { 0, 0, 0 } end
    for i = 1, #x do
      local best, near
      for c = 1, 5 do
        local d = (x[i] - centres[c][1]) ^ 2 + (y[i] - centres[c][2]) ^ 2
        if not near or d < near then best, near = c, d end
      end
      if label[i] ~= best then label[i], changed = best, true end
      local s = sums[best]
      s[1], s[2], s[3] = s[1] + x[i], s[2] + y[i], s[3] + 1
    end
    for c = 1, 5 do centres[c] = { sums[c][1] / sums[c][3], sums[c][2] / sums[c][3] } end
  end
  local model = ms.kmeans(f, { columns = two, centres = start })
  test.equal(model:fact "iterations", rounds - 1)
  local p, number = model:predict(f):column "cluster", {}
  for i = 1, #x do
    number[label[i]] = number[label[i]] or p[i]
    test.equal(p[i], number[label[i]])
  end
end)

test("old labels are kept: clusters are paired with those of an older model", function()
  local old = ms.kmeans(small, { k = 2 })
  -- Now the cluster around x = 1.5 is the larger one: without the old model it would be number 1.
  local grown = ms.concat(small, ms.frame { { "x", { 1, 2, 3 } }, { "y", { 1, 1, 1 } } })
  test.equal(ms.kmeans(grown, { k = 2 }):predict(small):column "cluster", { 1, 1, 2, 2, 2 })
  local new = ms.kmeans(grown, { k = 2, match = old })
  test.equal(new:predict(small):column "cluster", { 2, 2, 1, 1, 1 })
  test.equal(new.centres:column "cluster", { 1, 2 })
  test.equal(ms.kmeans(grown, { k = 2, match = old.centres }):predict(small):column "cluster", { 2, 2, 1, 1, 1 })
  test.equal(ms.kmeans(grown, old.centres, { k = 2, frames = "match" }):predict(small):column "cluster",
    { 2, 2, 1, 1, 1 })
  -- A third cluster gets a number of its own; both at once: started from and named as the old ones.
  local third = ms.concat(grown, ms.frame { { "x", { 50, 51 } }, { "y", { 50, 50 } } })
  test.equal(ms.kmeans(third, { k = 3, match = new }):predict(third:tail(1)):column "cluster", { 3 })
  test.equal(ms.kmeans(grown, { centres = old, match = old }):predict(small):column "cluster", { 2, 2, 1, 1, 1 })
  -- Fewer clusters than before: each keeps the number of the old one that is nearest as a whole.
  local far = ms.frame { { "x", { 10, 11 } }, { "y", { 1, 1 } } }
  test.equal(ms.kmeans(far, { k = 1, match = old }).centres:column "cluster", { 1 })
  test.equal(ms.kmeans(small:head(2), { k = 1, match = old }).centres:column "cluster", { 2 })
end)

test("a cluster without rows takes the row that is farthest from its centre", function()
  local model = ms.kmeans(small, { centres = { 1, 0, 10, 1, 1000, 1000 } })
  test.equal(model.centres:nrow(), 3)
  local sizes = model.centres:column "size"
  test.equal(sizes[1] + sizes[2] + sizes[3], 5)
  test.equal(sizes[3] >= 1, true)
end)

test("mini-batches come near to the best clusters", function()
  local f = mall()
  local model = ms.kmeans(f, { columns = two, k = 5, batch = 100, max_iterations = 200 })
  test.equal(model:fact "within" < 44448.4554479337 * 1.05, true)
  test.equal(model:fact "within" >= 44448.4554479337 - 1e-6, true)
  local again = ms.kmeans(f, { columns = two, k = 5, batch = 100, max_iterations = 200 })
  test.equal(tostring(again.centres), tostring(model.centres))
end)

test("max_iterations and tolerance end the iterations", function()
  local f = mall()
  local function iterations(given)
    given.columns, given.centres = two, { 15, 39, 20, 60, 60, 42, 61, 75, 71, 9 }
    local model = ms.kmeans(f, given)
    return model:fact "iterations", model:fact "settled"
  end
  local full, settled = iterations {}
  test.equal(settled, 1)
  test.equal({ iterations { max_iterations = 2 } }, { 2, 0 })
  test.equal({ iterations { max_iterations = 0 } }, { 0, 1 })
  local early, so = iterations { tolerance = 20 }
  test.equal(early < full and so == 1, true)
end)

test("missing values are an error, or their rows are left out; in prediction they have no cluster", function()
  local holes = ms.concat(small, ms.frame { { "x", { null, 3 } }, { "y", { 1, 0 } } })
  test.raises(function() return ms.kmeans(holes, { k = 2 }) end, "column 'x' has missing values: 1")
  local model = ms.kmeans(holes, { k = 2, missing = "drop" })
  test.equal(model:fact "rows", 6)
  test.equal(model:predict(holes):column("cluster", 0)[6], 0)
  test.equal(model:predict(holes):column("distance", -1)[6], -1)
end)

test("any number of threads gives the same bits", function()
  local f = ms.sim.shop({ customers = 20000, tables = { "orders" } }).orders
  f = ms.concat(f, f):with_columns("hour = hour(ordered_at)"):select("hour", "amount")
  test.equal(f:nrow() > 70000, true)
  local texts = {}
  for _, threads in ipairs { 1, 2, 4 } do
    ms.threads(threads)
    local model = ms.kmeans(f, { k = 6, starts = 2, scale = "standard", max_iterations = 20 })
    texts[#texts + 1] = ("%.17g %.17g %.17g"):format(model:fact "within", model:fact "total",
      model.centres:column "amount"[3])
  end
  ms.threads(2)
  test.equal(texts[2], texts[1])
  test.equal(texts[3], texts[1])
end)

test("saved and loaded, a model predicts the same; a changed one is refused", function()
  local db = ms.open(test.temporary "model.db", { write = true, create = true })
  local model = ms.kmeans(small, { k = 2, scale = "standard" })
  model:save(db, "groups")
  local again = ms.load(db, "groups")
  test.equal(tostring(again:predict(small)), tostring(model:predict(small)))
  test.equal(tostring(again), tostring(model))
  db:execute "update groups_scale set spread = 0"
  test.raises(function() return ms.load(db, "groups"):predict(small) end, "'scale' is not as it was made")
  model:save(db, "groups")
  db:execute "update groups_centres set cluster = -1"
  test.raises(function() return ms.load(db, "groups"):predict(small) end, "changed since it was made")
  model:save(db, "groups")
  db:execute "delete from groups_centres"
  test.raises(function() return ms.load(db, "groups"):predict(small) end, "'centres' is not as it was made")
  db:close()
end)

test("a model prints what it has found", function()
  test.golden("kmeans", tostring(ms.kmeans(mall(), { columns = two, k = 5 })))
end)

test("what cannot be clustered is said", function()
  local function raises(frame, given, text)
    test.raises(function() return ms.kmeans(frame, given) end, text)
  end
  raises(small, {}, "option 'k' is missing")
  raises(small, { k = 6 }, "6 clusters wanted of 5 rows")
  raises(ms.concat(small, small), { k = 6 }, "6 clusters wanted, but the rows have only 5 different points")
  raises(small, { k = 1001 }, "k")
  raises(small, { k = 2, scale = "standart" }, "standard")
  raises(small, { k = 2, columns = { "z" } }, "unknown column 'z'")
  raises(small:head(0), { k = 2 }, "there are no rows to learn from")
  raises(small:with_columns("name = 'a'"), { k = 2 }, "column 'name' is text")
  raises(small:with_columns("size = x"), { k = 2 }, "column 'size' cannot be an input")
  raises(ms.frame { { "x", { 1, math.huge } } }, { k = 2 }, "'x' is infinite in row 2")
  raises(small, { centres = { 1, 2, 3 } }, "option 'centres' has 3 numbers")
  raises(small, { centres = small:select "x" }, "unknown column 'y'")
  raises(small, { k = 3, centres = small:head(2) }, "option 'k' is 3, but 2 start centres are given")
  raises(small, { k = 2, frames = "match" }, "0 further frames given, 1 wanted")
  raises(small:with_columns("x = cast(null as real)"), { k = 2, missing = "drop" }, "no row is left")
  local model = ms.kmeans(small, { k = 2 })
  test.raises(function() return model:predict(small:drop "x") end, "unknown column 'x'")
  test.equal(model:predict(small:head(0)):names(), { "x", "y", "cluster", "distance" })
end)
