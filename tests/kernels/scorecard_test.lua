-- scorecard: bins by weight of evidence, points, reasons, and the card as a program.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

-- Worked out by hand: of 10 events 6 are young, of 20 others 4.
local function by_hand()
  local age, gone = {}, {}
  local function add(count, a, g) for _ = 1, count do age[#age + 1], gone[#gone + 1] = a, g end end
  add(6, 20, true) add(4, 20, false) add(4, 60, true) add(16, 60, false)
  return ms.frame { { "age", age }, { "gone", gone } }
end

test("weight of evidence, information value and points, by hand", function()
  local model = ms.scorecard(by_hand(), { target = "gone", round = false })
  local young, old = math.log((4 / 20) / (6 / 10)), math.log((16 / 20) / (4 / 10))
  test.equal(model.bins:column "label", { "up to 40", "above 40", "missing" })
  test.equal(model.bins:column("high", "-"), { 40, "-", "-" })
  test.equal(model.bins:column "rows", { 10, 20, 0 })
  test.close(model.bins:column "woe"[1], young, 1e-14)
  test.close(model.bins:column "woe"[2], old, 1e-14)
  test.equal(model.bins:column "woe"[3], 0)
  local iv = (4 / 20 - 6 / 10) * young + (16 / 20 - 4 / 10) * old
  test.close(model.terms:column("iv", 0)[2], iv, 1e-14)
  -- One input: the regression gives the bins' own odds back, so that its coefficient is -1.
  test.close(model.terms:column("coefficient", 0)[1], math.log(10 / 20), 1e-9)
  test.close(model.terms:column("coefficient", 0)[2], -1, 1e-9)
  local p = model:predict(ms.frame { { "age", { 20, 60 } } })
  test.close(p:column "probability"[1], 6 / 10, 1e-9)
  test.close(p:column "probability"[2], 4 / 20, 1e-9)
  local factor = 20 / math.log(2)
  test.close(p:column "score"[1], 600 + factor * (math.log(4 / 6) - math.log(50)), 1e-6)
  test.close(p:column "score"[2], 600 + factor * (math.log(16 / 4) - math.log(50)), 1e-6)
end)

test("the score is points at the odds, and double so many points away the odds are twice as high", function()
  local model = ms.scorecard(by_hand(), { target = "gone", points = 100, odds = 4, double = 10, round = false })
  test.close(model:predict(ms.frame { { "age", { 60 } } }):column "score"[1], 100, 1e-6)
  local turned = ms.scorecard(by_hand(), { target = "gone", points = 100, odds = 1.5, double = 10, round = false,
    high = "event" })
  test.close(turned:predict(ms.frame { { "age", { 20 } } }):column "score"[1], 100, 1e-6)
  local fours = turned:predict(ms.frame { { "age", { 60 } } }):column "score"[1] -- odds 1 to 4: a sixth of 1.5
  test.close(fours, 100 - 10 * math.log(6) / math.log(2), 1e-6)
end)

-- ---- the best bins ----

-- The largest information value of all ways to join neighbours, tried one by one.
local function best_of_all(counts, wanted)
  local rows, events = 0, 0
  for _, c in ipairs(counts) do rows, events = rows + c[1], events + c[2] end
  local best = 0
  local function value(n, e)
    local p, q = (n - e) / (rows - events), e / events
    return (p - q) * math.log(p / q)
  end
  local function extend(first, bins, iv, share)
    if first > #counts then best = math.max(best, iv) return end
    if bins == wanted.bins then return end
    local n, e = 0, 0
    for last = first, #counts do
      n, e = n + counts[last][1], e + counts[last][2]
      local fine = n >= wanted.least * rows and e > 0 and e < n
      if fine and (not share or wanted.trend == "none" or wanted.trend == "up" and e / n > share
          or wanted.trend == "down" and e / n < share) then
        extend(last + 1, bins + 1, iv + value(n, e), e / n)
      end
    end
  end
  extend(1, 0, 0, nil)
  return best
end

test("bins have the largest information value of all ways to join neighbours", function()
  local divided = 0
  for seed = 1, 60 do
    math.randomseed(seed)
    local x, gone, counts = {}, {}, {}
    for k = 1, math.random(2, 9) do
      local n = math.random(5, 60)
      local share = math.random()
      counts[k] = { n, 0 }
      for _ = 1, n do
        local event = math.random() < 0.2 + 0.6 * share
        counts[k][2] = counts[k][2] + (event and 1 or 0)
        x[#x + 1], gone[#gone + 1] = k * 10, event
      end
    end
    local frame = ms.frame { { "x", x }, { "gone", gone } }
    for _, trend in ipairs { "up", "down", "none", "auto" } do
      local wanted = { bins = math.random(2, 5), least = math.random(0, 20) / 100, trend = trend }
      local model = ms.scorecard(frame, { target = "gone", bins = wanted.bins, least = wanted.least, trend = trend,
        min_iv = 0 })
      local best = best_of_all(counts, wanted)
      if trend == "auto" then
        wanted.trend = "up"
        best = best_of_all(counts, wanted)
        wanted.trend = "down"
        best = math.max(best, best_of_all(counts, wanted))
      end
      test.close(model.terms:column("iv", 0)[2], best, 1e-10)
      if model.bins:nrow() > 3 then divided = divided + 1 end
    end
  end
  test.check(divided > 90, divided .. " cards with more than two bins")
end)

test("levels are joined by their share of events, also where they are Chinese", function()
  local city, gone = {}, {}
  for name, share in pairs { ["上海"] = 0.2, ["北京"] = 0.2, Rome = 0.6, Oslo = 0.6 } do
    for i = 1, 50 do city[#city + 1], gone[#gone + 1] = name, i <= share * 50 end
  end
  local model = ms.scorecard(ms.frame { { "city", city }, { "gone", gone } }, { target = "gone", bins = 2 })
  test.equal(model.bins:column "label", { "上海, 北京", "Oslo, Rome", "missing" })
  test.equal(model.levels:sort "level":column "bin", { 2, 2, 1, 1 })
end)

test("a bound is a short number, and every row scores as it was counted", function()
  local x, gone = {}, {}
  for i = 1, 4000 do
    x[i] = (i * 7919) % 4001 / 37 - 20
    gone[i] = (i * 31) % 100 < 30 + x[i] / 2
  end
  local frame = ms.frame { { "x", x }, { "gone", gone } }
  local model = ms.scorecard(frame, { target = "gone" })
  local scores = model:predict(frame):group_by("score"):agg("n = count()"):sort "-score":column "n"
  test.equal(scores, model.bins:filter "bin > 0":column "rows")
  for _, high in ipairs(model.bins:filter "high is not null":column "high") do
    test.check(#("%.15g"):format(high) <= 5, ("%.17g"):format(high))
  end
  test.equal(model.bins:filter("bin > 1"):column "low", model.bins:filter("high is not null"):column "high")
  local function bound(low, high)
    local values, events = {}, {}
    for i = 1, 40 do values[i], events[i] = i <= 20 and low or high, i % 20 < (i <= 20 and 15 or 5) end
    local two = ms.frame { { "x", values }, { "gone", events } }
    return ms.scorecard(two, { target = "gone" }).bins:column("high", "-")[1]
  end
  test.equal(bound(5, 6), 5)
  test.equal(bound(69.55, 69.6), 69.57)
  test.equal(bound(-3, 4), 0)
  test.equal(bound(-1234568, -1234567), -1234568)
  test.equal(bound(0.1 + 0.2, 0.30000000000000010), 0.1 + 0.2)
  test.equal(bound(0, 5e-324), 0)
end)

test("numbers may have a trend of their own", function()
  local frame = ms.frame(by_hand()):with_columns("older = age + row_number() % 2", "city = 'a'")
  local options = { target = "gone", columns = { "age", "older" }, min_iv = 0, decreasing = { "age" },
    increasing = { "older" } }
  local model = ms.scorecard(frame, options)
  test.equal(model.bins:filter "input == 'age' and bin > 0":nrow(), 2)
  local shares = model.bins:filter "input == 'older' and bin > 0":column "event_share"
  for k = 2, #shares do test.check(shares[k] > shares[k - 1], "shares rise") end
  local function raises(given, text)
    given.target = "gone"
    test.raises(function() ms.scorecard(frame, given) end, text)
  end
  raises({ columns = { "age" }, increasing = { "older" } }, "'older', which is no number that is learned from")
  raises({ decreasing = { "city" } }, "'city', which is no number that is learned from")
  raises({ decreasing = { "age" }, increasing = { "age" } }, "'age' is both increasing and decreasing")
end)

-- ---- against R ----

local telco_columns = { "tenure", "MonthlyCharges", "Contract", "TotalCharges" }
local function telco() return ms.read_csv(test.data "telco-churn/Telco-Customer-Churn.csv") end

test("Telco: the regression over weights of evidence is R's glm", function()
  local model = ms.scorecard(telco(), { target = "Churn", columns = telco_columns })
  -- R 4.2.2: glm(y ~ w_tenure + w_MonthlyCharges + w_Contract + w_TotalCharges, binomial), the weights of evidence of
  -- these bins as columns; control = list(epsilon = 1e-14, maxit = 50).
  local wanted = {
    { -1.034834281860, 0.0343525623453 }, { -0.435723561086, 0.0867324829048 }, { -1.483149611780, 0.0756605376464 },
    { -0.585687468177, 0.0417623277229 }, { -0.702828848449, 0.1290771881208 },
  }
  for i, row in ipairs(wanted) do
    test.close(model.terms:column("coefficient", 0)[i], row[1], 1e-8)
    test.close(model.terms:column("error", 0)[i], row[2], 1e-8)
  end
  test.close(model:fact "deviance", 6082.29605265, 1e-7)
  -- By hand, with the sqlite3 shell's counts of Contract: 1,655 of 3,875, 166 of 1,473 and 48 of 1,695 left.
  local woe = function(events, rows) return math.log(((rows - events) / 5174) / (events / 1869)) end
  test.close(model.bins:filter "input == 'Contract'":column "woe"[1], woe(48, 1695), 1e-12)
  test.close(model.bins:filter "input == 'Contract'":column "woe"[3], woe(1655, 3875), 1e-12)
end)

test("Telco: ten-fold AUC is that of a logistic regression with all columns", function()
  local found = ms.cross_validate(telco():drop("customerID", "Partner", "MultipleLines", "StreamingTV",
    "StreamingMovies"), { target = "Churn", fit = "scorecard", folds = 10, seed = 1 })
  test.check(found.mean.auc >= 0.844, "AUC " .. found.mean.auc) -- seen: see docs/models.md
end)

-- ---- rows that are unlike those of before ----

local function shop(n, seed)
  math.randomseed(seed or 4)
  local x, y, city, vip, gone, w = {}, {}, {}, {}, {}, {}
  for i = 1, n do
    x[i] = math.random(1, 100)
    y[i] = math.random() < 0.1 and null or math.floor(math.random() * 1000) / 10
    city[i] = math.random() < 0.1 and null or ({ "Rome", "Paris 'x'", "上\"海", "Oslo" })[math.random(4)]
    vip[i] = math.random() < 0.5
    local odds = -2 + x[i] / 40 - (city[i] == "Rome" and 1.5 or 0) + (y[i] == null and 1 or 0) + (vip[i] and 0.8 or 0)
    gone[i] = math.random() < 1 / (1 + math.exp(-odds)) and "left" or "stays"
    w[i] = math.random(1, 3)
  end
  return ms.frame { { "x", x }, { "y y", y }, { "city", city }, { "vip", vip }, { "w", w }, { "state", gone } }
end

local card_options = { target = "state", event = "left", columns = { "x", "y y", "city", "vip" } }

test("missing values are a bin of their own; a level that was not seen is one of them", function()
  local frame = shop(2000)
  local model = ms.scorecard(frame, card_options)
  local missing = model.bins:filter "label == 'missing' and input == 'city'":row(1)
  test.equal(missing.rows, frame:filter "city is null":nrow())
  local p = model:predict(ms.frame { { "x", { 5, 5 } }, { "y y", { 1, 1 } }, { "vip", { true, true } },
    { "city", { null, "Atlantis" } } })
  test.equal(p:column "score"[1], p:column "score"[2])
  test.equal(p:column "probability"[1], p:column "probability"[2])
  local none = ms.scorecard(frame:filter "city is not null", card_options)
  local unseen = none.bins:filter "label == 'missing' and input == 'city'":row(1)
  test.equal(unseen.woe, 0) -- nothing is known: neither for nor against
end)

test("columns that the card has left out need not be there", function()
  local frame = shop(2000):with_columns("n = row_number() % 7",
    "m = case when row_number() % 2 == 0 then 'p' else 'q' end")
  local model = ms.scorecard(frame, { target = "state", event = "left", columns = { "n", "x", "m", "city" } })
  test.equal(model.terms:filter("coefficient is null"):column "input", { "n", "m" })
  test.equal(model.bins:filter("points is null"):unique "input":column "input", { "n", "m" })
  local whole, part = model:predict(frame), model:predict(frame:select("city", "x"))
  test.equal(part:column "score", whole:column "score")
  local run = assert(loadstring(model:to_lua()))()
  local one = model:predict(ms.frame { { "x", { 5 } }, { "city", { "Rome" } } })
  test.equal((run { x = 5, city = "Rome" }), one:column "score"[1])
  test.check(not model:to_sql():find '"n"', "SQL of columns in use only")
  test.check(tostring(model):find("left out, with an information value below 0.02: n", 1, true), "print")
end)

test("a bin without an event has half a row added", function()
  local frame = ms.frame { { "x", { 1, 1, 1, 1, null, null } }, { "gone", { true, false, true, false, false, false } } }
  local model = ms.scorecard(frame, { target = "gone", min_iv = 0 })
  test.close(model.bins:column "woe"[2], math.log((2.5 / 4) / (0.5 / 2)), 1e-14)
end)

test("weights count rows as often as they say", function()
  local frame = shop(600)
  local again = frame
  for k = 2, 3 do again = again:concat(frame:filter("w >= @k", { k = k })) end
  local options = { target = "state", event = "left", columns = { "x", "city", "vip" }, pieces = 100 }
  local twice = ms.scorecard(again, options)
  options.weights = "w"
  local weighted = ms.scorecard(frame, options)
  for i, x in ipairs(twice.terms:column("coefficient", 0)) do
    test.close(weighted.terms:column("coefficient", 0)[i], x, 1e-8)
  end
  test.equal(weighted.bins:column "events", twice.bins:column "events")
end)

test("reasons are the bins that cost most points, as a plain loop finds them", function()
  local frame = shop(500)
  local model = ms.scorecard(frame, card_options)
  local best, sum, rows = {}, {}, {}
  for row in model.bins:rows() do
    if row.rows > 0 then
      best[row.input] = math.max(best[row.input] or -1e9, row.points)
      sum[row.input] = (sum[row.input] or 0) + row.rows * row.points
      rows[row.input] = (rows[row.input] or 0) + row.rows
    end
  end
  for _, against in ipairs { "best", "mean" } do
    local found = model:predict(frame, { reasons = 3, against = against })
    for row in found:rows() do
      local losses = {}
      for i, name in ipairs { "x", "y y", "city", "vip" } do
        local value, bin = row[name], nil
        for b in model.bins:filter("input == @n", { n = name }):rows() do
          local fits
          if b.label == "missing" then
            fits = value == nil
          elseif name == "city" or name == "vip" then
            fits = value ~= nil and b.label:find(tostring(value), 1, true)
          else
            fits = value ~= nil and value <= (b.high or math.huge)
          end
          if fits then bin = b break end
        end
        local wanted = against == "best" and best[name] or sum[name] / rows[name]
        if wanted - bin.points > 0 then losses[#losses + 1] = { wanted - bin.points, i, name .. ": " .. bin.label } end
      end
      table.sort(losses, function(a, b) return a[1] > b[1] or a[1] == b[1] and a[2] < b[2] end)
      for k = 1, 3 do test.equal(row["reason_" .. k], losses[k] and losses[k][3] or nil) end
    end
  end
end)

-- ---- the model as others ----

test("as Lua and as SQL the card gives what predict gives", function()
  local frame = shop(800)
  local model = ms.scorecard(frame, card_options)
  local extra = ms.frame { { "x", { 3, null } }, { "y y", { null, 9.5 } }, { "city", { "Nowhere", "Rome" } },
    { "vip", { null, true } } }
  frame = frame:drop("w", "state"):concat(extra)
  local said = model:predict(frame)
  local run = assert(loadstring(model:to_lua()))()
  local db = ms.open(":memory:", { write = true })
  db:write("people", said)
  local sql = db:query(("select score, probability, %s s, %s p from people order by rowid"):format(model:to_sql(),
    model:to_sql { value = "probability" }))
  for row in sql:rows() do
    test.equal(tonumber(row.s), tonumber(row.score))
    test.close(row.p, row.probability, 1e-15)
  end
  for row in said:rows() do
    local score, probability = run(row)
    test.equal(score, tonumber(row.score))
    test.equal(probability, row.probability)
  end
  test.raises(function() model:to_sql { value = "class" } end, "score or probability wanted")
end)

test("a card is the same for any number of threads, and after a round trip through a database", function()
  local frame = shop(3000)
  local db = ms.open(":memory:", { write = true })
  local model = ms.scorecard(frame, card_options)
  model:save(db, "card")
  local again = ms.load(db, "card")
  test.equal(tostring(again), tostring(model))
  local options = { reasons = 2, each = true }
  test.equal(again:predict(frame, options):show { rows = 3000 }, model:predict(frame, options):show { rows = 3000 })
  local threads = ms.threads()
  ms.threads(1)
  local one = ms.scorecard(frame, card_options)
  ms.threads(threads)
  test.equal(one.bins:show { rows = 100 }, model.bins:show { rows = 100 })
  test.equal(one.terms:column("coefficient", 0), model.terms:column("coefficient", 0))
end)

test("many morsels give the same bits for any number of threads", function()
  local frame = shop(3000)
  for _ = 1, 6 do frame = frame:concat(frame) end -- 192,000 rows
  frame = frame:with_columns "x = x + row_number() % 1000 / 1000.0"
  local before, seen = ms.threads(), {}
  for _, threads in ipairs { 1, 2, 4 } do
    ms.threads(threads)
    local model = ms.scorecard(frame, card_options)
    local sums = model:predict(frame):group_by():agg("p = sum(probability)", "s = sum(score)"):row(1)
    local text = { ("%.17g %d"):format(sums.p, sums.s) }
    for _, name in ipairs { "coefficient", "error" } do
      for _, x in ipairs(model.terms:column(name, 0)) do text[#text + 1] = ("%.17g"):format(x) end
    end
    for _, name in ipairs { "high", "rows", "woe", "points" } do
      for _, x in ipairs(model.bins:column(name, 0)) do text[#text + 1] = ("%.17g"):format(x) end
    end
    seen[#seen + 1] = table.concat(text, " ")
  end
  ms.threads(before)
  test.equal(seen[2], seen[1])
  test.equal(seen[3], seen[1])
end)

test("information says what each input is worth, and the print what each bin is", function()
  local model = ms.scorecard(shop(2000), card_options)
  local known = model:information()
  test.equal(known:names(), { "input", "iv", "reading", "used" })
  test.equal(known:column "input"[1], "x")
  test.check(tostring(model):find("x: information value", 1, true), tostring(model))
  test.check(tostring(model):find("600 points at odds of 50 to 1 for stays", 1, true), tostring(model))
  local noise = shop(2000):with_columns "n = row_number() % 7"
  local left = ms.scorecard(noise, { target = "state", columns = { "x", "n" } })
  test.check(tostring(left):find "left out, with an information value below 0.02: n %(0.0", tostring(left))
  test.equal(left:card():unique "input":nrow(), 1)
end)

test("what cannot be a card is said", function()
  local function raises(frame, options, text)
    options.target = options.target or "gone"
    test.raises(function() ms.scorecard(ms.frame(frame), options) end, text)
  end
  local gone = { "gone", { true, false, true, false } }
  raises({ { "x", { 5, 5, 5, 5 } }, gone }, {}, "no input has an information value of at least 0.02")
  raises({ { "x", { 1, 2, 3, 4 } }, { "gone", { true, true, true, true } } }, {}, "class")
  raises({ { "x", { 1, 2, 3, 1 / 0 } }, gone }, {}, "infinite")
  raises({ { "x", {} }, { "gone", {} } }, {}, "no row")
  raises({ { "x", { 1, 2, 3, 4 } }, { "gone", { "a", "b", "c", "a" } } }, {}, "classes")
  raises({ { "x", { 1, 2, 3, 4 } }, gone }, { bins = 0 }, "bins")
  raises({ { "x", { 1, 2, 3, 4 } }, gone }, { trend = "sideways" }, "trend")
  raises({ { "x", { 1, 2, 3, 4 } }, gone }, { columns = { "z" } }, "z")
  local model = ms.scorecard(by_hand(), { target = "gone" })
  test.raises(function() model:predict(ms.frame { { "x", { 1 } } }) end, "age")
  test.raises(function() model:predict(ms.frame { { "age", { "old" } } }) end, "age")
end)

test("a card that was changed in the database is refused", function()
  local frame = shop(5)
  for part, change in pairs {
    bins = "points = null where bin = 1", levels = "bin = 19", terms = "coefficient = null where input = '(intercept)'",
  } do
    local db = ms.open(":memory:", { write = true })
    ms.scorecard(shop(500), card_options):save(db, "card")
    for _, name in ipairs(db:tables():column "name") do
      if name:find(part .. "$") then db:execute(('update "%s" set %s'):format(name, change)) end
    end
    test.raises(function() ms.load(db, "card"):predict(frame) end, part)
  end
end)

test("neither prints nor is written as a program what was changed in the database", function()
  local db = ms.open(":memory:", { write = true })
  local model = ms.scorecard(shop(500), card_options)
  for _, change in ipairs {
    "delete from card_terms where rowid = 3", "update card_terms set coefficient = null where rowid = 1",
    "update card_terms set iv = null", "update card_terms set input = null where rowid = 2",
    "delete from card_bins where rowid = 1", "delete from card_bins where bin = 0",
    "update card_bins set label = null where rowid = 2", "update card_bins set rows = null where rowid = 2",
    "update card_bins set high = null where rowid = 1", "update card_bins set woe = 1e999 where rowid = 1",
    "update card_levels set bin = 7 where rowid = 1", "update card_levels set input = 'nobody' where rowid = 1",
    "delete from card_levels where rowid = 1", "update card_inputs set role = 'input' where role = 'target'",
    "delete from card_inputs where name = 'x'", "delete from card_facts where fact = 'odds'",
  } do
    model:save(db, "card")
    db:execute(change)
    local changed = ms.load(db, "card")
    test.raises(function() return tostring(changed) end, "is not as it was made")
    if not change:find "facts" then
      test.raises(function() return changed:to_lua() end, "is not as it was made")
      test.raises(function() return changed:to_sql() end, "is not as it was made")
    end
  end
end)
