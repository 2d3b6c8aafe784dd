-- silhouette, choose_k, profile: judging clusters.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function mall() return ms.read_csv(test.data "mall-customers/Mall_Customers.csv") end
local two = { "Annual_Income", "Spending_Score" }

-- By hand: 0, 1 against 10, 14. Row 0: a = 1, b = 12: 11/12. Row 1: a = 1, b = 11: 10/11.
-- Row 10: a = 4, b = 9.5: 5.5/9.5. Row 14: a = 4, b = 13.5: 9.5/13.5.
local small = ms.frame { { "x", { 0, 1, 10, 14 } }, { "cluster", { "a", "a", "b", "b" } } }

test("widths by hand, a cluster a row and a last one for all", function()
  local s = ms.silhouette(small, { columns = { "x" } })
  test.equal(s:names(), { "cluster", "rows", "silhouette", "negative" })
  test.equal(s:column("cluster", "all"), { "a", "b", "all" })
  test.equal(s:column "rows", { 2, 2, 4 })
  local a, b = (11 / 12 + 10 / 11) / 2, (5.5 / 9.5 + 9.5 / 13.5) / 2
  test.close(s:column "silhouette"[1], a, 1e-15)
  test.close(s:column "silhouette"[2], b, 1e-15)
  test.close(s:column "silhouette"[3], (a + b) / 2, 1e-15)
end)

test("mall customers, five clusters: scikit-learn's silhouette_score", function()
  -- scikit-learn 1.2.1: silhouette_score(x, KMeans(5, n_init = 50).labels_)
  local f = mall()
  local model = ms.kmeans(f, { columns = two, k = 5 })
  local s = model:silhouette(f)
  test.close(s:column "silhouette"[6], 0.553931997444648, 1e-13)
  test.equal(s:column("cluster", 0), { 1, 2, 3, 4, 5, 0 })
  test.equal(ms.silhouette(model:predict(f), { columns = two }):column "silhouette"[6], s:column "silhouette"[6])
end)

test("alone in its cluster a row counts 0; a row in the wrong cluster is negative", function()
  local s = ms.silhouette(ms.concat(small, ms.frame { { "x", { 50, 2 } }, { "cluster", { "c", "b" } } }),
    { columns = { "x" } })
  test.equal(s:column "silhouette"[3], 0)
  test.equal(s:column "negative"[2], 1)
  test.equal(s:column "rows"[4], 6)
end)

test("rows without a cluster or a value are left out; samples are drawn by the seed", function()
  local holes = ms.concat(small, ms.frame { { "x", { null, 5 } }, { "cluster", { "a", null } } })
  local function text(frame) return tostring(ms.silhouette(frame, { columns = { "x" } })) end
  test.equal(text(holes), text(small))
  local f = mall()
  local p = ms.kmeans(f, { columns = two, k = 5 }):predict(f)
  local s = ms.silhouette(p, { columns = two, sample = 100 })
  test.equal(s:column "rows"[s:nrow()], 100)
  test.close(s:column "silhouette"[s:nrow()], 0.554, 0.06)
  test.equal(tostring(ms.silhouette(p, { columns = two, sample = 100 })), tostring(s))
end)

test("any number of threads gives the same bits", function()
  local f = ms.sim.shop({ customers = 2000, tables = { "orders" } }).orders
  local p = ms.kmeans(f, { columns = { "amount" }, k = 3, starts = 1 }):predict(f)
  local texts = {}
  for _, threads in ipairs { 1, 2, 4 } do
    ms.threads(threads)
    texts[#texts + 1] = ("%.17g"):format(ms.silhouette(p, { columns = { "amount" } }):column "silhouette"[4])
  end
  ms.threads(2)
  test.equal(texts[2], texts[1])
  test.equal(texts[3], texts[1])
end)

test("what has no silhouette is said", function()
  local function raises(frame, given, text) test.raises(function() return ms.silhouette(frame, given) end, text) end
  raises(small:head(2), { columns = { "x" } }, "rows of two clusters are wanted")
  raises(small:head(0), { columns = { "x" } }, "rows of two clusters are wanted")
  raises(small, {}, "columns")
  raises(small, { columns = { "cluster" } }, "a number is wanted")
  raises(small, { columns = { "x" }, cluster = "clsuter" }, "did you mean 'cluster'")
  local infinite = ms.frame { { "x", { math.huge, 1 } }, { "cluster", { 1, 2 } } }
  raises(infinite, { columns = { "x" } }, "infinite in row 1")
end)

test("choose_k: within, silhouette and gap of several k", function()
  local f = mall():select(two[1], two[2])
  local c = ms.choose_k(f, { references = 5 })
  test.equal(c:column "k", { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 })
  test.close(c:column "within"[1], 269981.28, 1e-7)
  test.close(c:column "within"[5], 44448.4554479337, 1e-6)
  test.close(c:column("silhouette", 0)[5], 0.553931997444648, 1e-13)
  test.equal(c:filter("by_silhouette"):column "k", { 5 })
  test.equal(c:column("silhouette", "none")[1], "none")
  test.close(c:column "explained"[5], 1 - 44448.4554479337 / 269981.28, 1e-12)
  -- The same seed, the same figures; k alone does not change those of another k.
  test.equal(ms.choose_k(f, { references = 5, least = 5, most = 5 }):column "gap"[1], c:column "gap"[5])
  test.equal(ms.choose_k(f, { references = 0, most = 3 }):column("gap", "none"), { "none", "none", "none" })
end)

test("the gap finds two clusters far apart, and one where there are none", function()
  local x, y = {}, {}
  for i = 0, 59 do
    local group = i % 2
    x[i + 1] = group * 100 + (i * 7) % 10
    y[i + 1] = (group == 1 and 80 or 0) + (i * 3) % 7
  end
  local apart = ms.frame { { "x", x }, { "y", y } }
  local c = ms.choose_k(apart, { most = 6 })
  test.equal(c:filter("by_gap"):column "k", { 2 })
  test.equal(c:filter("by_silhouette"):column "k", { 2 })
  local u, v = {}, {}
  for i = 0, 99 do u[i + 1], v[i + 1] = i % 10, math.floor(i / 10) end
  test.equal(ms.choose_k(ms.frame { { "u", u }, { "v", v } }, { most = 4 }):filter("by_gap"):column "k", { 1 })
end)

test("choose_k: what cannot be done is said", function()
  local function raises(frame, given, text) test.raises(function() return ms.choose_k(frame, given) end, text) end
  raises(small:select "x", { most = 6 }, "5 clusters wanted of 4 rows")
  raises(small:select "x", { least = 3, most = 2 }, "'most' is 2, below 'least', 3")
  raises(small, {}, "column 'cluster' is text")
  raises(ms.frame { { "x", { 1.5, null } } }, {}, "missing values: 1")
end)

test("profile: means in deviations, shares against shares, by hand", function()
  local f = ms.frame { { "x", { 0, 1, 10, 13 } }, { "city", { "Oslo", "Oslo", "Bonn", "Oslo" } } }
  local model = ms.kmeans(f, { columns = { "x" }, k = 2 })
  local p, text = model:profile(f)
  test.equal(p:names(), { "cluster", "column", "level", "value", "overall", "lift", "effect" })
  local first = p:filter("cluster == 1")
  test.equal(first:filter("column == 'x'"):column "value", { 0.5 })
  test.equal(first:filter("column == 'x'"):column "overall", { 6 })
  local deviation = math.sqrt((36 + 25 + 16 + 49) / 3)
  test.close(first:filter("column == 'x'"):column "effect"[1], -5.5 / deviation, 1e-14)
  local bonn = p:filter("cluster == 2 and level == 'Bonn'")
  test.equal(bonn:column "value", { 0.5 })
  test.equal(bonn:column "overall", { 0.25 })
  test.equal(bonn:column "lift", { 2 })
  test.close(bonn:column "effect"[1], math.pi / 2 - math.pi / 3, 1e-14)
  test.equal(text, table.concat({
    "cluster 1: 2 of 4 rows, 50 %",
    "  city is Oslo: 100 %, 75 % over all (1.3 times)",
    "  city is Bonn: 0 %, 25 % over all (0.0 times)",
    "  x 0.5 on average, 6 over all (-0.8 deviations)",
    "cluster 2: 2 of 4 rows, 50 %",
    "  x 11.5 on average, 6 over all (+0.8 deviations)",
    "  city is Oslo: 50 %, 75 % over all (0.7 times)",
    "  city is Bonn: 50 %, 25 % over all (2.0 times)" }, "\n"))
  test.raises(function() return model:profile(f, { column = { "x" } }) end, "there is no option 'column'")
  test.raises(function() return model:profile(f, { columns = { "z" } }) end, "unknown column 'z'")
end)

test("profile: what predict adds and what numbers the rows is not described", function()
  local id, x, distance = {}, {}, {}
  for i = 1, 40 do id[i], x[i], distance[i] = i, i <= 20 and i % 3 or 90 + i % 3, i <= 20 and 5 or 70 end
  local f = ms.frame { { "id", id }, { "x", x }, { "distance", distance } }
  for _, kind in ipairs { "kmeans", "mixture" } do
    local model = ms[kind](f, { k = 2, columns = { "x" } })
    local told = {}
    for _, column in ipairs((model:profile(f)):column "column") do told[column] = true end
    test.equal(told, { x = true, distance = true })
    test.equal((model:profile(f, { columns = { "id" } })):nrow(), 2)
  end
end)
