-- pca: principal components.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function mall()
  return ms.read_csv(test.data "mall-customers/Mall_Customers.csv"):select("Age", "Annual_Income", "Spending_Score")
end

-- By hand: both columns lie on one line in direction (2, 1) / sqrt(5).
local line = ms.frame { { "a", { 2, 4, 6, 8 } }, { "b", { 1, 2, 3, 4 } } }

test("rows on a line have one component along it, by hand", function()
  local model = ms.pca(line)
  test.close(model.loadings:column "component_1"[1], 2 / math.sqrt(5), 1e-15)
  test.close(model.loadings:column "component_1"[2], 1 / math.sqrt(5), 1e-15)
  test.close(model.deviations:column "deviation"[1], math.sqrt(20 / 3 + 5 / 3), 1e-14)
  test.close(model.deviations:column "deviation"[2], 0, 1e-7)
  test.close(model:fact "variance", 25 / 3, 1e-14)
  local scores = model:scores(line):column "component_1"
  for i = 1, 4 do test.close(scores[i], (i - 2.5) * math.sqrt(5), 1e-14) end
  test.equal(model:predict(line):names(), { "a", "b", "component_1", "component_2" })
  test.equal(ms.pca(line, { components = 1 }):predict(line):names(), { "a", "b", "component_1" })
end)

test("mall customers: deviations, loadings and scores of R's prcomp, scaled and not", function()
  -- R 4.2.2: prcomp(d[, 3:5], scale. = TRUE); prcomp(d[, 3:5]). Signs by our rule.
  local f = mall()
  local model = ms.pca(f, { scale = true })
  local function check(part, name, want)
    local got = part:column(name)
    for i = 1, #want do test.close(got[i], want[i], 1e-12) end
  end
  check(model.deviations, "deviation", { 1.1523823220821086, 0.9996256068377163, 0.8202216955841729 })
  check(model.loadings, "component_1", { 0.70638234667000455, -0.04802397586318816, -0.70619946053170402 })
  check(model.loadings, "component_2", { 0.03014116231066602, 0.99883159754298012, -0.03777499284315350 })
  check(model.loadings, "component_3", { 0.707188440691404296, 0.005397915526398576, 0.707004506251855624 })
  check(model.scale, "centre", { 38.85, 60.56, 50.20 })
  check(model.scale, "spread", { 13.96900733155888, 26.26472116527124, 25.82352166837017 })
  local scores = model:predict(f)
  test.close(scores:column "component_1"[1], -0.6141787900453118, 1e-12)
  test.close(scores:column "component_2"[2], -1.816189379578199, 1e-12)
  test.close(scores:column "component_3"[200], 0.46568267976138322, 1e-12)
  local plain = ms.pca(f)
  check(plain.deviations, "deviation", { 26.46250847565098, 26.15970443950905, 12.93168681530016 })
  check(plain.loadings, "component_1", { -0.1889741999225616, 0.5886410193430680, 0.7859965026069660 })
  check(plain.loadings, "component_2", { 0.1309652028832071, 0.8083757274411878, -0.5739135814020183 })
end)

test("components are at right angles, and their scores have the deviations", function()
  local f = mall()
  local model = ms.pca(f)
  local l = {}
  for c = 1, 3 do l[c] = model.loadings:column("component_" .. c) end
  for a = 1, 3 do
    for b = 1, 3 do
      local dot = 0
      for j = 1, 3 do dot = dot + l[a][j] * l[b][j] end
      test.close(dot, a == b and 1 or 0, 1e-14)
    end
  end
  local d = model:predict(f):group_by():agg("s = std(component_2)", "m = mean(component_2)")
  test.close(d:column "s"[1], model.deviations:column "deviation"[2], 1e-11)
  test.close(d:column "m"[1], 0, 1e-12)
end)

test("weights count rows", function()
  local f = mall()
  local weighted = ms.pca(f:with_columns("w = case when Age < 30 then 2 else 1 end"), { weights = "w", scale = true })
  local twice = ms.pca(ms.concat(f, f:filter("Age < 30")), { scale = true })
  for i = 1, 3 do
    test.close(weighted.deviations:column "deviation"[i], twice.deviations:column "deviation"[i], 1e-12)
    test.close(weighted.loadings:column "component_1"[i], twice.loadings:column "component_1"[i], 1e-11)
  end
end)

test("far from 0 no digits are lost; without centring the means stay in", function()
  local f = mall()
  local far = f:with_columns("Age = Age + 100000000")
  test.close(ms.pca(far).deviations:column "deviation"[3], 12.93168681530016, 1e-6)
  -- By hand: without centring, (sum of squares) / (n - 1) along the line: (4 + 16 + 36 + 64 + 1 + 4 + 9 + 16) / 3.
  test.close(ms.pca(line, { centre = false }).deviations:column "deviation"[1], math.sqrt(150 / 3), 1e-13)
end)

test("any number of threads gives the same bits", function()
  local f = ms.sim.shop({ customers = 20000, tables = { "orders" } }).orders
  f = ms.concat(f, f):with_columns("hour = hour(ordered_at)", "day = day(ordered_at)"):select("hour", "amount", "day")
  local texts = {}
  for _, threads in ipairs { 1, 2, 4 } do
    ms.threads(threads)
    local model = ms.pca(f, { scale = true })
    texts[#texts + 1] = ("%.17g %.17g"):format(model.deviations:column "deviation"[1],
      model.loadings:column "component_2"[2])
  end
  ms.threads(2)
  test.equal(texts[2], texts[1])
  test.equal(texts[3], texts[1])
end)

test("missing values: an error, or rows left out; in prediction no score", function()
  local holes = ms.concat(line, ms.frame { { "a", { null, 3 } }, { "b", { 1, 0 } } })
  test.raises(function() return ms.pca(holes) end, "column 'a' has missing values: 1")
  local model = ms.pca(holes, { missing = "drop" })
  test.equal(model:fact "rows", 5)
  test.equal(model:predict(holes):column("component_1", "none")[5], "none")
end)

test("saved and loaded, a model scores the same; a changed one is refused", function()
  local db = ms.open(test.temporary "model.db", { write = true, create = true })
  local model = ms.pca(mall(), { components = 2 })
  model:save(db, "directions")
  test.equal(tostring(ms.load(db, "directions"):predict(mall())), tostring(model:predict(mall())))
  db:execute "delete from directions_loadings where input = 'Age'"
  test.raises(function() return ms.load(db, "directions"):predict(mall()) end, "'loadings' is not as it was made")
  db:close()
end)

test("what has no components is said", function()
  local function raises(frame, given, text) test.raises(function() return ms.pca(frame, given) end, text) end
  raises(line:head(1), {}, "at least 2 rows are wanted")
  raises(line:head(0), {}, "there are no rows to learn from")
  raises(line, { components = 3 }, "option 'components' is 3, but there are 2 columns")
  raises(line:with_columns("b = 1"), { scale = true }, "column 'b' is constant")
  raises(line:with_columns("c = 'x'"), {}, "column 'c' is text")
  raises(line, { component = 1 }, "components")
  test.equal(ms.pca(line:with_columns("b = 1")).deviations:nrow(), 2)
  test.equal(ms.pca(line):predict(line:head(0)):nrow(), 0)
end)
