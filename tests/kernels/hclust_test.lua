-- hclust: trees of clusters.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local two = { "Annual_Income", "Spending_Score" }
local function mall() return ms.read_csv(test.data "mall-customers/Mall_Customers.csv"):select(two[1], two[2]) end

-- By hand: 0 and 1 join at 1, 10 and 12 at 2, then the two at (10 + 12 + 9 + 11) / 4.
local small = ms.frame { { "x", { 0, 10, 1, 12 } } }

test("a tree by hand: average, complete, single and ward", function()
  local m = ms.hclust(small, { method = "average" }).merges
  test.equal(m:names(), { "step", "left", "right", "height", "size" })
  test.equal(m:column "left", { -1, -2, 1 })
  test.equal(m:column "right", { -3, -4, 2 })
  test.equal(m:column "height", { 1, 2, 10.5 })
  test.equal(m:column "size", { 2, 2, 4 })
  test.equal(ms.hclust(small, { method = "complete" }).merges:column "height", { 1, 2, 12 })
  test.equal(ms.hclust(small, { method = "single" }).merges:column "height", { 1, 2, 9 })
  -- Ward: sqrt(2 * rise of the sum of squares): the means 0.5 and 11 are 10.5 apart, 10.5^2 * 2 * 2 / 4 * 2.
  test.close(ms.hclust(small).merges:column "height"[3], math.sqrt(2) * 10.5, 1e-13)
end)

test("the first mall customers: merge and height of R's hclust", function()
  -- R 4.2.2: hclust(dist(x[1:8, ]), method), income and spending.
  local f = mall():head(8)
  local heights = {
    ward = { 1.414213562373095, 2, 2.236067977499790, 5.477225575051661, 19.748417658131498, 47.397257304616268,
      118.5 },
    average = { 1.414213562373095, 2, 2.236067977499790, 4.754135216376082, 16.162221070023325, 33.545159124194981,
      59.272016488642826 },
    complete = { 1.414213562373095, 2, 2.236067977499790, 5.385164807134504, 18.027756377319946, 34.014702703389901,
      88.022724338661547 },
    single = { 1.414213562373095, 2, 2.236067977499790, 4.123105625617661, 13.341664064126334, 33.015148038438355, 36 },
  }
  for method, want in pairs(heights) do
    local model = ms.hclust(f, { method = method })
    test.equal(model.merges:column "left", { -4, -3, -1, -2, -8, 2, 5 })
    test.equal(model.merges:column "right", { -6, -7, -5, 1, 4, 3, 6 })
    for i = 1, 7 do test.close(model.merges:column "height"[i], want[i], 1e-12) end
    test.equal(model:cut(f, { k = 3 }):column "cluster", { 1, 2, 3, 2, 1, 2, 3, 2 })
  end
end)

test("all mall customers, with many ties: sums over merge, heights and cuts of R's hclust and cutree", function()
  -- R 4.2.2: sum(h$height), sum(abs(h$merge[, 1]) * 1:199), sum(h$merge[, 2] * 1:199), table(cutree(h, 5)),
  -- sum(cutree(h, 5) * 1:200), max(cutree(h, h = 40)).
  local f = mall()
  local want = {
    ward = { 3478.313978674786, 2212972, 1440131, "23 21 85 39 32", 75738, 18 },
    average = { 1391.95025606027, 2241701, 1407044, "102 21 36 38 3", 52854, 7 },
    complete = { 2054.730550697454, 2206890, 1386234, "23 21 85 39 32", 75738, 10 },
    single = { 759.0653430489111, 2200814, 1638387, "193 3 2 1 1", 22870, 1 },
  }
  for method, w in pairs(want) do
    local model = ms.hclust(f, { method = method })
    local left, right = model.merges:column "left", model.merges:column "right"
    local sums, heights = { 0, 0, 0 }, model.merges:column "height"
    for i = 1, 199 do
      sums[1] = sums[1] + heights[i]
      sums[2] = sums[2] + math.abs(left[i]) * i
      sums[3] = sums[3] + right[i] * i
    end
    test.close(sums[1], w[1], 1e-9)
    test.equal({ sums[2], sums[3] }, { w[2], w[3] })
    local sizes, sum = { 0, 0, 0, 0, 0 }, 0
    for i, c in ipairs(model:cut(f, { k = 5 }):column "cluster") do
      sizes[c], sum = sizes[c] + 1, sum + c * i
    end
    test.equal(table.concat(sizes, " "), w[4])
    test.equal(sum, w[5])
    test.equal(model:cut(f, { height = 40 }):group_by("cluster"):agg("n = count()"):nrow(), w[6])
  end
end)

test("a model prints, is saved and loaded, and profiles its clusters", function()
  local f = mall()
  local model = ms.hclust(f, { scale = "standard" })
  test.equal(tostring(model):find("hclust: a tree of 200 rows, ward, scale standard", 1, true), 1)
  local db = ms.open(test.temporary "model.db", { write = true, create = true })
  model:save(db, "tree")
  test.equal(tostring(ms.load(db, "tree"):cut(f, { k = 4 })), tostring(model:cut(f, { k = 4 })))
  db:execute 'update tree_merges set "left" = 500 where step = 3'
  test.raises(function() return ms.load(db, "tree"):cut(f, { k = 4 }) end, "'merges' is not as it was made")
  db:close()
  local p, text = model:profile(f, { k = 4, shown = 1 })
  test.equal(p:nrow(), 8)
  test.equal(text:find("cluster 1: ", 1, true), 1)
end)

test("one row, equal rows, and what cannot be clustered", function()
  local one = ms.hclust(small:head(1))
  test.equal(one.merges:nrow(), 0)
  test.equal(one:cut(small:head(1), { k = 1 }):column "cluster", { 1 })
  test.equal(ms.hclust(ms.concat(small:head(1), small:head(1))).merges:column "height", { 0 })
  local function raises(frame, given, text) test.raises(function() return ms.hclust(frame, given) end, text) end
  raises(small:head(0), {}, "there are no rows to learn from")
  raises(ms.frame { { "x", { 1.5, null } } }, {}, "missing values: 1")
  raises(small, { method = "wards" }, "ward")
  raises(small:with_columns("y = 'a'"), {}, "column 'y' is text")
  local many = small
  for _ = 1, 13 do many = ms.concat(many, many) end
  raises(many, {}, "32768 rows, at most 20000 wanted")
  local model = ms.hclust(small)
  test.raises(function() return model:cut(small) end, "one of the options 'k' and 'height' is wanted")
  test.raises(function() return model:cut(small, { k = 2, height = 3 }) end, "one of the options")
  test.raises(function() return model:cut(small, { k = 5 }) end, "option 'k' is 5, but there are 4 rows")
  test.raises(function() return model:cut(small:head(3), { k = 2 }) end, "the tree was made of 4")
end)
