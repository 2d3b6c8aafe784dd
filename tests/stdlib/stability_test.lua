-- ms.cluster_stability: clusters under the bootstrap.
local ms = require "moonsift"
local test = require "moonsift.test"

local function mall()
  return ms.read_csv(test.data "mall-customers/Mall_Customers.csv"):select("Annual_Income", "Spending_Score")
end

-- Three heaps, far apart, and a cloud without any.
local function points(heaps, n)
  math.randomseed(5)
  local x, y = {}, {}
  for i = 1, n do
    local at = heaps and (i % 3) * 100 or 0
    x[i], y[i] = at + math.random() * 20, (heaps and i % 3 == 1 and 100 or 0) + math.random() * 20
  end
  return ms.frame { { "x", x }, { "y", y } }
end

test("the index is that of plain loops over the same rows", function()
  local frame, fit = mall(), function(f) return ms.kmeans(f, { k = 6, starts = 3 }) end
  local n, samples, seed = frame:nrow(), 20, 7
  local first = fit(frame):predict(frame):column "cluster"
  local sums, recovered, dissolved, size = {}, {}, {}, {}
  for i = 1, n do size[first[i]] = (size[first[i]] or 0) + 1 end
  for sample = 1, samples do
    local numbers = frame:row_index "i"
    local least = tonumber(numbers:row(1).i)
    local picked = numbers:with_columns("pick = hash(i, @salt) % @n", { salt = seed * 1000003 + sample, n = n })
    local drawn, rows = {}, {}
    for _, i in ipairs(picked:column "pick") do drawn[tonumber(i) + 1] = true end
    for i = 1, n do if drawn[i] then rows[#rows + 1] = i + least - 1 end end
    local part = numbers:join(ms.frame { { "i", rows } }, { on = "i", how = "semi" }):drop "i"
    local second = fit(part):predict(part):column "cluster"
    for c = 1, 6 do
      local best = 0
      for d = 1, 6 do
        local both, either = 0, 0
        for at, i in ipairs(rows) do
          local one, other = first[i - least + 1] == c, second[at] == d
          if one and other then both = both + 1 end
          if one or other then either = either + 1 end
        end
        best = math.max(best, either > 0 and both / either or 0)
      end
      sums[c] = (sums[c] or 0) + best
      recovered[c] = (recovered[c] or 0) + (best >= 0.75 and 1 or 0)
      dissolved[c] = (dissolved[c] or 0) + (best <= 0.5 and 1 or 0)
    end
  end
  local found = ms.cluster_stability(frame, { fit = fit, samples = samples, seed = seed })
  for c, row in ipairs { found:row(1), found:row(2), found:row(3), found:row(4), found:row(5), found:row(6) } do
    test.equal(row.size, size[c])
    test.close(row.stability, sums[c] / samples, 1e-12)
    test.close(row.recovered, recovered[c] / samples, 1e-12)
    test.close(row.dissolved, dissolved[c] / samples, 1e-12)
  end
end)

test("mall customers: five clusters come again in every sample, as in R", function()
  local found = ms.cluster_stability(mall(), { fit = "kmeans", options = { k = 5, starts = 10 } })
  -- R 4.2.2: 200 samples, kmeans(nstart = 10), the same index written out: by size.
  local wanted = { 0.9777, 1, 0.9661, 0.9824, 0.9899 }
  test.equal(found:column "size", { 81, 39, 35, 23, 22 })
  for i, x in ipairs(wanted) do test.close(found:column "stability"[i], x, 0.02) end -- samples of R's own
  test.equal(found:column "dissolved", { 0, 0, 0, 0, 0 })
end)

test("heaps that lie apart are stable, a cloud that is cut is not, whatever learner gives the clusters", function()
  local function least(frame, fit, options)
    local found = ms.cluster_stability(frame, { fit = fit, options = options, samples = 20 })
    return found:sort "stability":row(1).stability
  end
  local heaps, cloud = points(true, 240), points(false, 240)
  test.equal(least(heaps, "kmeans", { k = 3 }), 1)
  test.equal(least(heaps, "mixture", { k = 3 }), 1)
  test.equal(least(heaps, "kprototypes", { k = 3 }), 1)
  test.equal(least(heaps, function(f) return ms.hclust(f):cut(f, { k = 3 }) end), 1)
  test.check(least(cloud, "kmeans", { k = 7, starts = 1 }) < 0.75)
end)

test("the same seed gives the same figures; what is wrong is said", function()
  local frame = points(false, 60)
  local function run(more)
    local given = { fit = "kmeans", options = { k = 4 }, samples = 5 }
    for name, value in pairs(more or {}) do given[name] = value end
    return tostring(ms.cluster_stability(frame, given))
  end
  test.equal(run(), run())
  test.check(run() ~= run { seed = 2 })
  test.raises(function() ms.cluster_stability(frame, {}) end, "fit is wanted")
  test.raises(function() ms.cluster_stability(nil, { fit = "kmeans" }) end, "the first argument is no frame")
  test.raises(function() ms.cluster_stability(frame:head(4), { fit = "kmeans", options = { k = 4 } }) end,
    "of the 4 rows, cannot be clustered: kmeans: 4 clusters wanted of")
  test.raises(function() run { samples = 0 } end, "samples is 0")
  test.raises(function() run { sample = 3 } end, "unknown option 'sample'")
  test.raises(function() run { seed = 0.5 } end, "seed is 0.5")
  test.raises(function() run { fit = function(f) return f end } end, "neither a model of clusters")
  local function two(f) return f:head(2):with_columns "cluster = 1" end
  test.raises(function() run { fit = two } end, "gives 2 rows of")
end)

test("old numbers are kept: clusters are paired with those of an older model by the rows they share", function()
  local old = points(true, 240):with_columns "kind = case when x > 150 then 'b' when y > 50 then 'a' else 'c' end"
  -- The heaps have other sizes now, and there is a fourth one.
  local far = ms.frame { { "x", { 900, 905, 910 } }, { "y", { 900, 905, 903 } }, { "kind", { "d", "d", "d" } } }
  local new = old:filter "x > 150 or row_number() % 2 == 0":concat(far)
  for _, kind in ipairs { "kmeans", "mixture", "kprototypes" } do
    local columns = kind == "kprototypes" and { "x", "y", "kind" } or { "x", "y" }
    local before = ms[kind](old, { k = 3, columns = columns })
    local after = ms[kind](new, { k = 4, columns = columns, starts = 10 })
    local same = after:matched(before, new)
    local heap = "x < 500"
    test.equal(same:predict(new):filter(heap):column "cluster", before:predict(new):filter(heap):column "cluster")
    test.check(after:predict(new):filter(heap):column("cluster")[1]
      ~= before:predict(new):filter(heap):column("cluster")[1] or kind ~= "kmeans", "the numbers were others")
    test.equal(same:predict(far):column "cluster", { 4, 4, 4 })
    local db = ms.open(":memory:", { write = true })
    same:save(db, "kept")
    test.equal(ms.load(db, "kept"):predict(new):column "cluster", same:predict(new):column "cluster")
  end
  local model = ms.mixture(old, { k = 2, columns = { "x" } })
  test.raises(function() model:matched(old, old) end, "an older model is wanted")
end)
