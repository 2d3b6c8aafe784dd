-- Scores of models: learned on each day from what was before it, saved in the customer database, or given as a value.
local ms = require "moonsift"
local test = require "moonsift.test"

local function at(text) return ms.date(text) end

-- Who bought often lately buys again.
local function shop(seed, people)
  math.randomseed(seed)
  local ids, when, amount = {}, {}, {}
  for i = 1, people do
    local rate = i % 2 == 0 and 0.8 * math.random() + 0.2 or 0.1
    for month = 0, 11 do
      for _ = 1, 3 do
        if math.random() < 0.6 * rate then
          ids[#ids + 1], amount[#amount + 1] = i, math.random(1, 50)
          when[#when + 1] = at "2024-01-01" + month * 30 + math.random(0, 29)
        end
      end
    end
  end
  return ms.frame { { "customer_id", ids }, { "ordered_at", when }, { "amount", amount } }
end

local orders = shop(11, 300)
local DAY = at "2024-09-01"

local function strategy(scores, more)
  local given = {
    name = "likely",
    inputs = { orders = { columns = { "customer_id", "ordered_at", "amount" }, time = "ordered_at",
      customer = "customer_id" } },
    events = {
      { "orders_90", "count()", of = "orders", within = 90 }, { "orders", "count()", of = "orders" },
      { "last", "max(ordered_at)", of = "orders" },
    },
    kpis = {
      { "back_30", "if(count() > 0, 1, 0)", of = "orders", within = 30 },
      { "spent_30", "total(amount)", of = "orders", within = 30 },
    },
    scores = scores,
  }
  for part, value in pairs(more or {}) do given[part] = value end
  return ms.strategy(given)
end

local back = { "back", learn = "logistic", kpi = "back_30", columns = { "recency", "orders_90", "orders" } }
local recency = { "recency", "days_between(last, @as_of)" }

-- The customers as they were before a day, by plain verbs.
local function features(day)
  local rows = orders:filter("ordered_at < @day", { day = day })
  local lately = rows:filter("ordered_at >= @from", { from = day - ms.duration "90d" })
    :group_by("customer = customer_id"):agg "orders_90 = count()"
  return rows:group_by("customer = customer_id"):agg("orders = count()", "last = max(ordered_at)")
    :join(lately, { on = "customer", how = "left" })
    :with_columns("orders_90 = coalesce(orders_90, 0)", "recency = days_between(last, @day)", { day = day })
    :sort "customer"
end

test("a learned score is the model of those before the kpi's days, asked of those of today", function()
  local before = DAY - ms.duration "30d"
  local bought = orders:filter("ordered_at >= @from and ordered_at < @day", { from = before, day = DAY })
    :group_by("customer = customer_id"):agg("spent = sum(amount)")
  local past = features(before):join(bought, { on = "customer", how = "left" })
    :with_columns("target = if(spent is null, 'no', 'yes')", "spent = cast(coalesce(spent, 0) as real)")
  local model = ms.logistic(past, { target = "target", event = "yes", columns = { "recency", "orders_90", "orders" } })
  local wanted = model:predict(features(DAY))
  local found = strategy({ recency, back }):customers { inputs = { orders = orders }, as_of = DAY }
  test.equal(found:column "customer", wanted:column "customer")
  test.equal(found:column "back", wanted:column "probability")
  test.equal(found:names()[#found:names()], "back") -- and nothing else is added
  -- Numbers are learned as numbers.
  local options = { trees = 20, seed = 4 }
  found = strategy { recency, { "spend", learn = "boost", kpi = "spent_30", columns = { "recency", "orders" },
    options = options } }:customers { inputs = { orders = orders }, as_of = DAY }
  model = ms.boost(past, { target = "spent", columns = { "recency", "orders" }, trees = 20, seed = 4 })
  test.equal(found:column "spend", model:predict(features(DAY)):column "prediction")
end)

test("a learned score knows nothing of its day and later, and something of what is true", function()
  local s = strategy { recency, back }
  local now = s:customers { inputs = { orders = orders }, as_of = DAY }
  local cut = orders:filter("ordered_at < @day", { day = DAY })
  test.equal(s:customers({ inputs = { orders = cut }, as_of = DAY }):column "back", now:column "back")
  local after = orders:filter("ordered_at >= @day and days_between(@day, ordered_at) < 30", { day = DAY })
    :select("customer = customer_id", "came = 'yes'"):unique "customer"
  local judged = now:join(after, { on = "customer", how = "left" }):with_columns "came = coalesce(came, 'no')"
  local auc = ms.metrics(judged, { target = "came", event = "yes", score = "back" }):row(1).auc
  test.check(auc > 0.7, auc)
end)

test("where nothing can be learned yet, a learned score is null", function()
  local s = strategy { recency, back }
  local found = s:customers { inputs = { orders = orders }, as_of = at "2024-01-15" } -- nobody was there before
  test.check(found:nrow() > 50)
  test.equal(found:filter "back is not null":nrow(), 0)
  local all = ms.frame { { "customer_id", { 1, 2, 1, 2 } }, { "amount", { 1, 1, 1, 1 } },
    { "ordered_at", { at "2024-01-01", at "2024-01-01", at "2024-02-20", at "2024-02-20" } } }
  found = s:customers { inputs = { orders = all }, as_of = at "2024-03-01" } -- all came back
  test.equal({ found:nrow(), found:filter "back is null":nrow() }, { 2, 2 })
end)

test("a backtest learns each day what was known then", function()
  local s = strategy({ recency, back }, { segments = { { "likely", "back > 0.5" }, { "other" } } })
  local found = s:backtest { inputs = { orders = orders }, from = "2024-06-01", to = "2024-11-01", every = "1mo" }
  for row in found.segments:filter "segment == 'likely'":rows() do
    local one = s:customers { inputs = { orders = orders }, as_of = row.day }
    test.equal(tonumber(row.customers), one:filter "back > 0.5":nrow())
  end
  test.check(found.segments:filter "segment == 'likely'":nrow() == 6)
end)

test("a score of a model is its prediction: of a value, and of one saved in the customer database", function()
  local model = ms.linear(features(DAY), { target = "orders", columns = { "recency" } })
  local db = ms.open(test.temporary "shop.db", { write = true, create = true })
  db:write("orders", orders, { mode = "replace" })
  model:save(db, "often")
  local wanted = model:predict(features(DAY)):column "prediction"
  local of_value = strategy { recency, { "often", model } }
  test.equal(of_value:customers({ inputs = { orders = orders }, as_of = DAY }):column "often", wanted)
  local of_name = strategy({ recency, { "often", model = "often" } }, { segments = { { "a", "often > 2" }, { "b" } } })
  test.equal(of_name:customers({ db = db, as_of = DAY }):column "often", wanted)
  local found = of_name:backtest { db = db, from = tostring(DAY), to = tostring(DAY) }
  test.equal(tonumber(found.segments:filter "segment == 'a'":row(1).customers),
    of_name:customers({ db = db, as_of = DAY }):filter "often > 2":nrow())
  local notes = of_name:check { db = db, as_of = DAY }
  local said = false
  for _, note in ipairs(notes) do said = said or note.text:find("score 'often'", 1, true) ~= nil end
  test.check(said)
  test.raises(function() of_name:customers { inputs = { orders = orders }, as_of = DAY } end,
    "score 'often' is of the model 'often', and there is no database")
  local other = strategy { recency, { "often", model = "oftn" } }
  test.raises(function() other:customers { db = db, as_of = DAY } end, "there is no model 'oftn'")
  test.raises(function() strategy({ { "often", model = "often" } }):customers { db = db, as_of = DAY } end, "recency")
end)

test("what a score of a model cannot be is said", function()
  local function refused(score, message) test.raises(function() strategy { score } end, message) end
  local function with(more)
    local score = { "back", learn = "logistic", kpi = "back_30", columns = { "orders" } }
    for part, value in pairs(more) do score[part] = value or nil end
    return score
  end
  refused(with { learn = "logistics" }, "did you mean 'logistic'?")
  refused(with { kpi = "back_60" }, "learns the kpi 'back_60', which there is not")
  refused(with { kpi = false }, "learns the kpi 'nil', which there is not")
  refused(with { columns = false }, "does not say from which columns")
  refused(with { options = { target = "x" } }, "the option 'target' is what the score says itself")
  refused(with { kolumns = { "orders" } }, "did you mean 'columns'?")
  refused(with { model = "x" }, "says two ways to come by it")
  refused({ "back", "orders", learn = "logistic" }, "says two ways to come by it")
  refused({ "back", model = 3 }, "model is 3; a text wanted")
  local function run(score)
    return strategy { score }:customers { inputs = { orders = orders }, as_of = DAY }
  end
  test.raises(function() run(with { kpi = "spent_30" }) end, "logistic learns what is 0 or 1; 'spent_30' is up to")
  test.raises(function() run(with { columns = { "odrers" } }) end, "score 'back': unknown column 'odrers'")
  test.raises(function() run(with { options = { foldz = 3 } }) end, "score 'back': unknown option 'foldz'")
end)
