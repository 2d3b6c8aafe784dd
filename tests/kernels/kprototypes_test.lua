-- kprototypes: clusters of numbers and categories.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local small = ms.frame {
  { "x", { 1, 2, 3, 10, 11, 6 } },
  { "city", { "a", "a", "b", "b", "b", "a" } },
  { "vip", { true, false, true, false, false, false } },
}

-- The cost of a partition: squares around the means, gamma for each row that has not the mode.
local function cost(labels, gamma)
  local x, city, vip = small:column "x", small:column "city", small:column "vip"
  local total = 0
  for k = 0, 1 do
    local n, sum, counts = 0, 0, { a = 0, b = 0, [true] = 0, [false] = 0 }
    for i = 1, 6 do
      if labels[i] == k then
        n, sum = n + 1, sum + x[i]
        counts[city[i]], counts[vip[i]] = counts[city[i]] + 1, counts[vip[i]] + 1
      end
    end
    if n == 0 then return math.huge end
    for i = 1, 6 do
      if labels[i] == k then total = total + (x[i] - sum / n) ^ 2 end
    end
    total = total + gamma * (n - math.max(counts.a, counts.b) + n - math.max(counts[true], counts[false]))
  end
  return total
end

test("the best of all partitions into two is found, for several gamma", function()
  for _, gamma in ipairs { 0, 0.5, 5, 50, 1000 } do
    local best = math.huge
    for code = 0, 63 do
      local labels, rest = {}, code
      for i = 1, 6 do labels[i], rest = rest % 2, math.floor(rest / 2) end
      best = math.min(best, cost(labels, gamma))
    end
    local model = ms.kprototypes(small, { k = 2, gamma = gamma, scale = "none", starts = 100 })
    test.close(model:fact "within", best, 1e-9)
    local labels = {}
    for i, c in ipairs(model:predict(small):column "cluster") do labels[i] = c - 1 end
    test.close(cost(labels, gamma), best, 1e-9)
  end
end)

test("prototypes by hand: means and modes, the largest first; gamma is half the deviation", function()
  local model = ms.kprototypes(small, { k = 1, scale = "none" })
  test.equal(model.prototypes:names(), { "cluster", "size", "within", "x", "city", "vip" })
  test.equal(model.prototypes:column "x", { 5.5 })
  test.equal(model.prototypes:column "city", { "a" }) -- three of each: the first
  test.equal(model.prototypes:column "vip", { "false" })
  local squares = 4.5 ^ 2 + 3.5 ^ 2 + 2.5 ^ 2 + 4.5 ^ 2 + 5.5 ^ 2 + 0.5 ^ 2
  test.close(model:fact "gamma", 0.5 * math.sqrt(squares / 5), 1e-14)
  test.close(model:fact "within", squares + model:fact "gamma" * 5, 1e-12)
  test.close(ms.kprototypes(small, { k = 1 }):fact "gamma", 0.5, 1e-14)
  test.equal(ms.kprototypes(small, { k = 1, gamma = 0 }):fact "gamma", 0)
end)

test("categories alone are k-modes, numbers alone k-means", function()
  local modes = ms.kprototypes(small, { k = 2, columns = { "city", "vip" } })
  test.equal(modes:fact "gamma", 1)
  test.equal(modes.prototypes:column("size")[1] + modes.prototypes:column("size")[2], 6)
  local numbers = ms.kprototypes(small, { k = 2, columns = { "x" }, scale = "none" })
  test.close(numbers:fact "within", ms.kmeans(small, { k = 2, columns = { "x" } }):fact "within", 1e-12)
end)

test("new data: unseen and missing levels differ from all, missing numbers have no cluster", function()
  local model = ms.kprototypes(small, { k = 2, gamma = 3, scale = "none", columns = { "x", "city" }, starts = 50 })
  local new = ms.frame { { "x", { 2, 2, 2, null } }, { "city", { "a", "zz", null, "a" } } }
  local p = model:predict(new)
  local d = p:column("distance", -1)
  test.close(d[2], d[1] + 3, 1e-12)
  test.close(d[3], d[1] + 3, 1e-12)
  test.equal(d[4], -1)
  test.equal(p:column("cluster", 0)[4], 0)
end)

test("integer categories; any number of threads gives the same bits", function()
  local orders = ms.sim.shop({ customers = 20000, tables = { "orders" } }).orders
  local f = ms.concat(orders, orders):with_columns("hour = hour(ordered_at)"):select("hour", "amount", "channel")
  local texts = {}
  for _, threads in ipairs { 1, 2, 4 } do
    ms.threads(threads)
    local model = ms.kprototypes(f, { k = 3, starts = 1, categories = { "hour" }, max_iterations = 5 })
    texts[#texts + 1] = ("%.17g %s"):format(model:fact "within", tostring(model.prototypes))
  end
  ms.threads(2)
  test.equal(texts[2], texts[1])
  test.equal(texts[3], texts[1])
end)

test("saved and loaded, a model predicts the same; a changed one is refused", function()
  local db = ms.open(test.temporary "model.db", { write = true, create = true })
  local model = ms.kprototypes(small, { k = 2 })
  model:save(db, "mixed")
  test.equal(tostring(ms.load(db, "mixed"):predict(small)), tostring(model:predict(small)))
  test.equal(tostring(model):find("kprototypes: 2 clusters of 6 rows", 1, true), 1)
  db:execute "update mixed_prototypes set city = 'zz'"
  test.raises(function() return ms.load(db, "mixed"):predict(small) end, "'prototypes' is not as it was made")
  db:close()
end)

test("what cannot be clustered is said", function()
  local function raises(frame, given, text) test.raises(function() return ms.kprototypes(frame, given) end, text) end
  raises(small, {}, "k")
  raises(small, { k = 7 }, "7 clusters wanted of 6 rows")
  raises(ms.concat(small, small), { k = 7 }, "7 clusters wanted, but the rows have only 6 different points")
  raises(small:head(0), { k = 2 }, "there are no rows to learn from")
  raises(small:with_columns("size = x"), { k = 2 }, "column 'size' cannot be an input")
  local holes = ms.frame { { "x", { 1, 2, 3 } }, { "city", { "a", null, "b" } } }
  raises(holes, { k = 2 }, "column 'city' has missing values: 1")
  test.equal(ms.kprototypes(holes, { k = 2, missing = "drop" }):fact "rows", 2)
end)
