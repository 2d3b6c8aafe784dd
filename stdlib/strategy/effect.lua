-- What actions brought: a measure of success of those who were treated, against those who were held out at random from
-- the same choice. kpis = { { "revenue_30", "total(amount)", of = "orders", where = …, within = 30 }, … }: an aggregate
-- over a customer's rows of an input within so many days from the day of the action on.
--
-- Each customer counts once an action, from the first day on which the ledger has it for him; what repeats of it within
-- those days cost counts too. Treated is whoever was not held out, whether the action was carried out or not (intention
-- to treat).
--
-- Means are compared by Student's test with the variance of both groups together: without an effect they are draws from
-- the same customers, and the variance of a small holdout of whom few bought is badly known. (Of simulated amounts, a
-- twentieth to an eighth of the customers buying, Welch's interval of 95 % missed in 10 to 21 % of the cases with 20 to
-- 200 held out, this one in 2 to 6 %.) A measure that is 0 or 1, as in "if(count() > 0, 1, 0)", is a share: the p-value
-- is that of the chi-squared test without correction, the interval the score interval of Newcombe (1998, method 10).
local condition = require "moonsift.strategy.condition"
local definition = require "moonsift.strategy.definition"
local events = require "moonsift.strategy.events"
local verbs = require "moonsift.frame"

local M = {}

local quoted = condition.quoted

local Q = 1.959963984540054 -- of the normal distribution, 97.5 %

--- The kpis of a strategy checked, as events are.
function M.check(strategy)
  local list = events.check(strategy.name, strategy.inputs, strategy.kpis, "kpi")
  for _, kpi in ipairs(list) do
    if not kpi.within then
      definition.fail(strategy.name, ("kpi '%s' does not say within how many days it counts"):format(kpi[1]),
        "{ \"revenue_30\", \"total(amount)\", of = \"orders\", within = 30 }")
    end
  end
  return list
end

-- The measure of each customer and action whose days are over: `#kpi`, and what was spent on him within them: cost.
local function measured(strategy, kpi, rows, ledger, given)
  local said = strategy.inputs[kpi.of]
  local over = ledger:filter("days_between(first, @as_of) >= @within", { as_of = given.as_of, within = kpi.within })
  local spent = over:filter("days_between(first, due) < @within", { within = kpi.within })
    :group_by("customer", "action"):agg "cost = sum(cost)"
  local done = over:filter "due == first":unique("customer", "action"):drop "cost"
    :join(spent, { on = { "customer", "action" } })
  if kpi.where then rows = rows:filter(kpi.where, given) end
  local key = quoted(said.customer)
  rows = rows:filter(key .. " is not null"):with_columns("`#customer` = " .. key):collect()
    :join(done:select("`#customer` = customer", "`#action` = action", "`#due` = due"),
      { on = "#customer", expect = "m:m" })
    :filter(("%s >= `#due` and %s < add_days(`#due`, %d)"):format(quoted(said.time), quoted(said.time), kpi.within))
  local found = rows:group_by("customer = `#customer`", "action = `#action`"):agg("`#kpi` = " .. kpi[2], given)
  -- Who has no rows, or a sum of none, has 0: left out, those who did not buy would make the groups alike.
  return done:join(found, { on = { "customer", "action" }, how = "left" })
    :with_columns "`#kpi` = coalesce(cast(`#kpi` as real), 0.0)"
end

-- The ends of Wilson's interval of a share p of n, as columns.
local function wilson(p, n, suffix)
  local given = { p = p, n = n, suffix = suffix }
  local half = "@q * sqrt($p * (1 - $p) / $n + @q * @q / (4.0 * $n * $n))"
  local ends = "(($p + @q * @q / (2.0 * $n)) %s " .. half .. ") / (1 + @q * @q / $n)"
  local function column(name, sign) return (name .. "$suffix = " .. ends:format(sign)):gsub("%$(%a+)", given) end
  return (column("below", "-")), (column("above", "+"))
end

local below1, above1 = wilson("m1", "n1", "1")
local below0, above0 = wilson("m0", "n0", "0")

-- Both groups of each action side by side: n, m (mean), c (cost) of each, effect, low, high, p_value, test.
local function compared(frame)
  local function group(condition_of, suffix)
    return frame:filter(condition_of):group_by("action")
      :agg(("n%s = count(`#kpi`)"):format(suffix), ("m%s = mean(`#kpi`)"):format(suffix),
        ("v%s = var(`#kpi`)"):format(suffix), ("c%s = sum(cost)"):format(suffix),
        ("o%s = count(where `#kpi` not in (0, 1))"):format(suffix))
  end
  return group("status != 'held out'", "1"):join(group("status == 'held out'", "0"), { on = "action", how = "full" })
    :with_columns("effect = m1 - m0", "degrees = n1 + n0 - 2",
      "error = sqrt(((n1 - 1) * v1 + (n0 - 1) * v0) / (n1 + n0 - 2) * (1.0 / n1 + 1.0 / n0))",
      "pooled = (n1 * m1 + n0 * m0) / (n1 + n0)", "share = o1 + o0 == 0 and pooled > 0")
    :with_columns(below1, above1, below0, above0,
      "z = effect / sqrt(nullif(pooled * (1 - pooled), 0) * (1.0 / n1 + 1.0 / n0))",
      "half = t_quantile(0.975, degrees) * error", { q = Q })
    :with_columns("test = if(share, 'shares', 'means')",
      "low = effect - if(share, sqrt(pow(m1 - below1, 2) + pow(above0 - m0, 2)), half)",
      "high = effect + if(share, sqrt(pow(above1 - m1, 2) + pow(m0 - below0, 2)), half)",
      "p_value = if(share, t_beyond(z, @normal), t_beyond(effect / error, degrees))", { normal = math.huge })
end

-- The ledger, and the same for all actions together, where there are several: "(any)", from a customer's first one on.
local function with_any(ledger)
  local function dated(frame) return frame:with_columns "first = min(due) over (partition by customer, action)" end
  if ledger:select "action":unique():nrow() < 2 then return dated(ledger) end
  return dated(ledger:concat(ledger:with_columns "action = '(any)'"))
end

--- A row an action and kpi (and action "(any)" for all together): treated, held_out (customers whose days are over),
-- waiting (whose are not), mean_treated, mean_held_out, effect (the difference), lift (its share of mean_held_out),
-- low, high (the effect's interval of 95 %), p_value (two-sided), test ("shares" or "means"), total (effect ×
-- treated), cost (of the treated), gain (total / cost: what each unit of money brought). Null where a group has nobody,
-- or, for means, fewer than two customers. inputs: frames. ledger: what store.actions gives. given: as_of, parameters.
function M.of(strategy, inputs, ledger, given)
  if #strategy.kpis == 0 then
    definition.fail(strategy.name, "it has no kpis", "kpis = { { \"revenue_30\", \"total(amount)\", of = \"orders\", "
      .. "within = 30 } }")
  end
  local parts = {}
  ledger = with_any(ledger)
  for i, kpi in ipairs(strategy.kpis) do
    local frame = definition.within(strategy, ("kpi '%s'"):format(kpi[1]), function()
      return measured(strategy, kpi, inputs[kpi.of], ledger, given)
    end)
    local waiting = ledger:filter("due == first and days_between(first, @as_of) < @within",
      { as_of = given.as_of, within = kpi.within }):group_by("action"):agg "waiting = count_distinct(customer)"
    parts[i] = compared(frame):join(waiting, { on = "action", how = "full" })
      :select("action", "kpi = @kpi", "treated = coalesce(n1, 0)", "held_out = coalesce(n0, 0)",
        "waiting = coalesce(waiting, 0)", "mean_treated = m1", "mean_held_out = m0", "effect",
        "lift = effect / nullif(m0, 0)", "low", "high", "p_value", "test", "total = effect * n1", "cost = c1",
        "gain = effect * n1 / nullif(c1, 0)",
        { kpi = kpi[1] })
  end
  return (#parts > 1 and verbs.concat(unpack(parts)) or parts[1]):sort("action", "kpi")
end

return M
