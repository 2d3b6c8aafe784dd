-- Strategies replayed over the past, and the runs of many customers.
local ms = require "moonsift"
local test = require "moonsift.test"

local function strategy()
  return ms.strategy {
    name = "recent",
    inputs = { orders = { columns = { "customer_id", "ordered_at" }, time = "ordered_at" } },
    customers = function(s)
      return s.orders:group_by "customer = customer_id":agg "last = max(ordered_at)":collect()
        :with_columns("recency = days_between(last, @as_of)", { as_of = s.as_of })
    end,
    segments = { { "active", "recency <= 10" }, { "gone" } },
  }
end

local function at(text) return ms.date(text) end

local orders = ms.frame {
  { "customer_id", { 1, 2, 3, 1 } },
  { "ordered_at", { at "2024-01-01", at "2024-01-10", at "2024-02-20", at "2024-02-25" } },
}

local function days(every, to)
  local found = strategy():backtest { inputs = { orders = orders }, from = "2024-01-31", to = to, every = every }
  local list = {}
  for i, day in ipairs(found.days) do list[i] = tostring(day) end
  return list
end

test("the step of a backtest is days, weeks, months or years", function()
  test.equal(days("1d", "2024-02-02"), { "2024-01-31", "2024-02-01", "2024-02-02" })
  test.equal(days("10d", "2024-02-25"), { "2024-01-31", "2024-02-10", "2024-02-20" })
  test.equal(days("2w", "2024-02-28"), { "2024-01-31", "2024-02-14", "2024-02-28" })
  test.equal(days("1mo", "2024-03-31"), { "2024-01-31", "2024-02-29", "2024-03-31" })
  test.equal(days("1y", "2025-01-31"), { "2024-01-31", "2025-01-31" })
  test.raises(function() days("0d", "2024-03-31") end, "every is '0d'")
end)

-- A policy with everything: who has not bought for some days is mailed or called, some are held out.
local function policy(more)
  local given = {
    name = "back",
    inputs = { orders = { columns = { "customer_id", "ordered_at", "amount" }, time = "ordered_at",
      customer = "customer_id" } },
    parameters = { away = 40 },
    customers = function(s)
      return s.orders:group_by "customer = customer_id":agg("last = max(ordered_at)", "spent = sum(amount)"):collect()
        :with_columns("recency = days_between(last, @as_of)", { as_of = s.as_of })
    end,
    states = { start = "here", { "here", "away", "recency > 60" }, { "away", "here", "recency <= 60" } },
    segments = { { "active", "recency <= @away" }, { "rich", "spent > 120" }, { "gone" } },
    actions = {
      { "mail", "segment == 'gone'", every = 30, cost = 0.5 }, { "call", "segment == 'rich'", once = true, cost = 6 },
    },
    kpis = {
      { "revenue_20", "total(amount)", of = "orders", within = 20 },
      { "back_20", "if(count() > 0, 1, 0)", of = "orders", within = 20 },
    },
    holdout = 0.3, value = "spent",
  }
  for part, value in pairs(more or {}) do given[part] = value end
  return ms.strategy(given)
end

local function shop(seed)
  math.randomseed(seed)
  local ids, when, amount = {}, {}, {}
  for i = 1, 400 do
    ids[i], amount[i] = math.random(1, 90), math.random(1, 60)
    when[i] = at "2024-01-01" + math.random(0, 300)
  end
  return ms.frame { { "customer_id", ids }, { "ordered_at", when }, { "amount", amount } }
end

local function same(a, b) test.equal(a:show { rows = 0, width = 0 }, b:show { rows = 0, width = 0 }) end

local year = { from = "2024-02-01", to = "2024-10-01", every = "2w" }
local function over(more)
  local given = { inputs = { orders = shop(5) } }
  for part, value in pairs(year) do given[part] = value end
  for part, value in pairs(more or {}) do given[part] = value end
  return given
end

test("what a backtest's actions brought is what the effect of the same runs is", function()
  local db = ms.open(test.temporary "runs.db", { write = true, create = true })
  db:write("orders", shop(5), { mode = "replace" })
  local found = policy():backtest(over { inputs = false, db = db, as_of = "2024-11-01" })
  test.equal(db:tables():column "name", { "orders" })
  for _, day in ipairs(found.days) do policy():run { db = db, as_of = day } end
  local effect = policy():effect { db = db, as_of = "2024-11-01" }
  test.check(effect:filter "treated > 5 and held_out > 5":nrow() >= 4)
  same(found.effects, effect)
  local totals = db:query([[select action, count(distinct case when status != 'held out' then customer end) customers,
      count(distinct case when status = 'held out' then customer end) held_out,
      sum(status != 'held out') times, sum(case when status = 'held out' then 0 else cost end) cost
    from ms_action group by action union all
    select '(any)', count(distinct case when status != 'held out' then customer end),
      count(distinct case when status = 'held out' then customer end),
      sum(status != 'held out'), sum(case when status = 'held out' then 0 else cost end) from ms_action]])
  same(found.totals, totals)
  -- Success is measured up to the last run unless another day is said.
  local early = policy():backtest(over())
  test.check(early.effects:row(1).waiting > 0 and found.effects:row(1).waiting == 0)
  test.raises(function() policy():backtest(over { as_of = "2024-09-01" }) end, "cannot be measured on 2024-09-01")
end)

test("turnover is what the moves of each day say, over who was there before", function()
  local found = policy():backtest(over())
  test.equal(found.turnover:nrow(), 2 * (#found.days - 1))
  local sizes = {}
  for row in found.segments:rows() do
    sizes[tostring(row.day)] = (sizes[tostring(row.day)] or 0) + tonumber(row.customers)
  end
  local at_all = 0
  for row in found.turnover:rows() do
    local came, gone, moved, before = 0, 0, 0, nil
    for i, day in ipairs(found.days) do
      if day == row.day then before = sizes[tostring(found.days[i - 1])] end
    end
    for move in found.moves:filter("day == @day and kind == @kind", { day = row.day, kind = row.kind }):rows() do
      local count = tonumber(move.customers)
      if not move.from then
        came = came + count
      elseif not move.to then
        gone = gone + count
      else
        moved = moved + count
      end
    end
    test.equal({ tonumber(row.came), tonumber(row.gone), tonumber(row.moved) }, { came, gone, moved })
    test.close(row.share_moved, moved / before, 1e-12)
    at_all = at_all + moved
  end
  test.check(at_all > 50)
  local counted = found.migration:filter "from is not null and to is not null":group_by():agg "n = sum(customers)"
  test.equal(tonumber(counted:row(1).n), at_all)
end)

test("the series has each name on each day, and the values that the days have", function()
  local found = policy():backtest(over())
  for _, source in ipairs { { "segments", "segment" }, { "states", "state" }, { "actions", "action" } } do
    local series = found.series:filter("kind == @kind and name != '(all)' and measure == 'customers'",
      { kind = source[2] })
    local names = found[source[1]]:select(source[2]):unique():nrow()
    test.equal(series:nrow(), names * #found.days)
    local daily = found[source[1]]:select("day", "name = " .. source[2], "customers = cast(customers as real)")
    local joined = series:join(daily, { on = { "day", "name" }, how = "left" })
    test.equal(joined:filter "value != coalesce(customers, 0)":nrow(), 0)
  end
  test.equal(found.summary:filter "measure == 'share_moved'":nrow(), 2)
  local row = found.summary:filter "kind == 'segment' and name == 'gone' and measure == 'customers'":row(1)
  local series = found.series:filter "kind == 'segment' and name == 'gone' and measure == 'customers'":column "value"
  test.equal({ row.first, row.last }, { series[1], series[#series] })
  test.equal(#row.course, 3 * #series) -- a block each, three bytes long
  test.equal({ row.least, row.greatest }, { math.min(unpack(series)), math.max(unpack(series)) })
end)

test("the course of many days is drawn from means of neighbours, from the least to the greatest", function()
  local ids, when = {}, {}
  for i = 1, 36 do ids[i], when[i] = i, at "2023-12-31" + i - 1 end -- one more each day
  local found = strategy():backtest { inputs = { orders = ms.frame { { "customer_id", ids }, { "ordered_at", when } } },
    from = "2024-01-01", to = "2024-02-05", every = "1d" }
  local gone = found.summary:filter "name == 'gone' and measure == 'customers'":row(1)
  test.equal({ gone.first, gone.last }, { 0, 26 })
  -- Of 18 pairs of days the first five have nobody, the others 1.5, 3.5, … 25.5.
  test.equal(gone.course, "▁▁▁▁▁▁▂▂▃▃▄▅▅▆▇▇██")
end)

test("two policies are each replayed as if alone, and laid side by side", function()
  local found = policy():backtest(over { against = { set = { away = 70 } } })
  local alone = { old = policy():backtest(over()), new = policy():backtest(over { set = { away = 70 } }) }
  test.equal(found.policies, { old = "back", new = "back away=70" })
  for policy_name, single in pairs(alone) do
    for _, part in ipairs { "segments", "states", "actions", "moves", "turnover", "totals", "effects", "series" } do
      same(found[part]:filter("policy == @policy", { policy = policy_name }):drop "policy", single[part])
    end
  end
  local function figure(kind, name, measure, how)
    return found.comparison:filter("kind == @kind and name == @name and measure == @measure and over == @how",
      { kind = kind, name = name, measure = measure, how = how }):row(1)
  end
  local gone = figure("segment", "gone", "customers", "mean of days")
  for policy_name, single in pairs(alone) do
    local sum = single.segments:filter "segment == 'gone'":group_by():agg "n = sum(customers)":row(1).n
    test.close(gone[policy_name], tonumber(sum) / #single.days, 1e-9)
  end
  test.close(gone.difference, gone.new - gone.old, 1e-12)
  test.close(gone.change, gone.difference / gone.old, 1e-12)
  local mail = figure("action", "mail", "cost", "all days")
  test.equal({ mail.old, mail.new }, { alone.old.totals:filter "action == 'mail'":row(1).cost,
    alone.new.totals:filter "action == 'mail'":row(1).cost })
  local kpi = figure("kpi", "mail: back_20", "effect", "all days")
  test.equal(kpi.new, alone.new.effects:filter "action == 'mail' and kpi == 'back_20'":row(1).effect)
  -- These segments have no memory: on the last day both are as a diff of that day says.
  local diff = policy():diff(nil, { inputs = over().inputs, as_of = found.days[#found.days], set = { away = 70 } })
  same(found.elsewhere, diff.moves)
  test.check(found.elsewhere:nrow() > 0)
end)

test("another strategy can be the second policy, with what was set for both", function()
  local other = policy { name = "other", segments = { { "active", "recency <= @away" }, { "gone" } } }
  local found = policy():backtest(over { against = other, set = { away = 50 } })
  test.equal(found.policies, { old = "back away=50", new = "other away=50" })
  local rich = found.comparison:filter "name == 'rich' and over == 'last day'":row(1)
  test.check(rich.old > 0 and rich.new == nil and rich.difference == nil)
  same(found.segments:filter "policy == 'new'":drop "policy",
    other:backtest(over { set = { away = 50 } }).segments)
  found = policy():backtest(over { against = { strategy = other, set = { away = 9 } }, set = { away = 50 } })
  test.equal(found.policies.new, "other away=9")
end)

test("what a backtest cannot compare is said", function()
  test.raises(function() policy():backtest(over { against = 3 }) end, "against is 3")
  test.raises(function() policy():backtest(over { against = { days = 3 } }) end, "against has an unknown part 'days'")
  test.raises(function() policy():backtest(over { against = { set = { awya = 3 } } }) end, "did you mean 'away'")
  test.raises(function() policy():backtest(over { against = { strategy = "x.lua" } }) end, "against: strategy is")
end)

test("days without anybody, and policies without segments or actions, have a backtest too", function()
  local given = over { from = "2023-12-01" }
  local found = policy():backtest(given)
  local active = found.series:filter "kind == 'segment' and name == 'active' and measure == 'customers'"
  test.equal({ active:nrow(), active:row(1).value }, { #found.days, 0 })
  local bare = ms.strategy { name = "bare", inputs = { orders = { columns = { "customer_id", "ordered_at" },
    time = "ordered_at" } }, customers = function(s) return s.orders:select("customer = customer_id"):unique() end }
  found = bare:backtest(given)
  test.equal({ found.segments, found.series, found.summary, found.effects }, {})
  found = bare:backtest(over { against = policy() })
  test.equal(found.segments:select "policy":unique():column "policy", { "new" })
  test.equal(found.elsewhere, nil)
end)

test("the next day's run of many customers takes about as long as the first", function()
  local count, ids, when = 20000, {}, {}
  for i = 1, count do ids[i], when[i] = i, at "2024-01-01" end
  local db = ms.open(test.temporary "many.db", { write = true, create = true })
  db:write("orders", ms.frame { { "customer_id", ids }, { "ordered_at", when } }, { mode = "replace" })
  local function seconds(day)
    local start = os.clock()
    strategy():run { db = db, as_of = day }
    return os.clock() - start
  end
  local first = seconds "2024-01-05"
  test.check(seconds "2024-01-06" < 10 * first + 1) -- 20,000² comparisons take far longer
  test.equal(db:query "select count(*) n from ms_member":row(1).n, count)
end)

test("the command prints courses and comparison, writes the days, and says beforehand what it cannot write", function()
  local path, out = test.temporary "shop.db", test.temporary "days.csv"
  local db = ms.open(path, { write = true, create = true })
  ms.sim.save(ms.sim.shop { customers = 400, seed = 3 }, db)
  db:close()
  local which = ("--db '%s' --from 2024-01-01 --to 2024-06-01"):format(path)
  local status, text, problem = test.command(("backtest scripts/lifecycle/winback.lua %s --out '%s'")
    :format(which, out))
  test.equal({ status, problem }, { 0, "" })
  test.check(text:find "│ with us +│ customers   │ [▁-█]+ +│", text)
  test.check(text:find "│ %(any%)  │ back_60", text)
  test.check(text:find "6 runs of winback from 2024%-01%-01 to 2024%-06%-01, nothing written\nthe days are in ", text)
  local series = ms.read_csv(out)
  test.equal(series:names(), { "day", "kind", "name", "measure", "value" })
  test.equal(series:filter "name == 'with us' and measure == 'customers'":nrow(), 6)
  status, text = test.command(("backtest scripts/lifecycle/winback.lua %s --against away=90 --json"):format(which))
  test.equal(status, 0)
  test.check(text:find('"policies":{"new":"winback away=90","old":"winback"}', 1, true), text:sub(-200))
  local winback = "backtest scripts/lifecycle/winback.lua "
  status, text = test.command(winback .. "scripts/lifecycle/customer.lua " .. which)
  test.equal(status, 0)
  test.check(text:find "6 runs of winback %(old%) and life %(new%) from", text)
  status, text = test.command(winback .. ("--db '%s' --from 1990-01-01 --to 1990-03-01"):format(path))
  test.equal(status, 0)
  test.check(text:find("the ledger has no actions: there is no effect to show", 1, true), text)
  status, text, problem = test.command(("%s %s --out '%s/no/x.csv'"):format(winback, which, out))
  test.equal({ status, text }, { 1, "" })
  test.check(problem:find "%-%-out: .*days.csv/no/x.csv", problem)
end)
