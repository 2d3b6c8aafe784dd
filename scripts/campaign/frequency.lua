-- Send frequency by measured response: how often may we write to whom before a further contact does not pay?
--
--   moonsift run scripts/campaign/frequency.lua --db shop.db --as-of 2025-01-01
--   moonsift run scripts/campaign/frequency.lua --db shop.db --as-of 2025-01-01 --set days=365
--
-- Each past contact counts as the first, second, … within `days`, in the class that its customer was in when it was
-- sent. The n-th contact pays if the lower end of its response rate's interval (Wilson, one-sided 90 %) times the
-- margin of a response is at least its cost; the frequency of a class is how many contacts pay one after the other.
-- A response is not an effect: the holdout is there to measure that.
local ms = require "moonsift"

local MOST = 4 -- contacts within the days that are looked at; more count as this many

-- The contacts of the same customer within @days up to this one: 1 … MOST.
local nth = { "1" }
for i = 1, MOST - 1 do
  local before = ("lag(at, %d) over (partition by customer order by at)"):format(i)
  nth[i + 1] = ("if(days_between(%s, at) < @days, 1, 0)"):format(before)
end

local CLASS = "class = case when since <= @active then 'active' when since <= 3 * @active then 'quiet' "
  .. "when since is not null then 'asleep' else 'never bought' end"

return ms.strategy {
  name = "frequency",
  about = "contacts per month for each class of customers, as often as they pay, and who is due for one",
  inputs = {
    customers = { columns = { "customer_id", "joined_at", "consent" }, time = "joined_at" },
    orders = { columns = { "customer_id", "ordered_at", "status" }, time = "ordered_at" },
    contacts = { columns = { "customer_id", "sent_at", "arm", "converted", "revenue" }, time = "sent_at" },
  },
  parameters = {
    days = { 30, "days within which contacts are counted" },
    active = { 60, "days since the last order up to which a customer is active; three times as many: quiet" },
    margin = { 0.3, "share of a response's revenue that stays" },
    cost = { 0.1, "cost of a contact" },
    untried = { 1, "contacts within the days where nothing was measured yet" },
  },
  customers = function(s)
    local given = { as_of = s.as_of }
    for name, value in pairs(s.parameters) do given[name] = value end
    local orders = s.orders:filter "status == 'paid'"
      :select("customer = customer_id", "day = cast(ordered_at as date)"):collect():sort "day"
    local function classed(frame) -- by the last order before the column `at`
      return frame:join_asof(orders, { on = "at == day", by = "customer", exact = false })
        :with_columns "since = days_between(day, at)":with_columns(CLASS, given)
    end
    local sent = s.contacts:filter "arm != 'control'"
      :select("customer = customer_id", "at = cast(sent_at as date)", "converted", "revenue"):collect()
    -- What the n-th contact of a class brought.
    local steps = classed(sent:with_columns("n = " .. table.concat(nth, " + "), given))
      :group_by("class", "n")
      :agg("contacts = count()", "responses = count(where converted)", "revenue = total(revenue where converted)")
      :with_columns("rate = responses / contacts", "class_revenue = sum(revenue) over (partition by class)",
        "gain = @margin * class_revenue / sum(responses) over (partition by class)", given)
      :with_columns "spread = 1.2816 * sqrt(rate * (1 - rate) / contacts + 0.4106 / contacts ^ 2)"
      :with_columns "brings = coalesce(gain, 0) * (rate + 0.8212 / contacts - spread) / (1 + 1.6424 / contacts)"
      :with_columns("pays = min(if(brings >= @cost, 1, 0)) over (partition by class order by n)", given)
    local rates = steps:group_by "class":agg("frequency = sum(pays)", "tried = max(n)", "measured = sum(contacts)",
      "rate = sum(responses) / measured", "brings = max(brings where n == 1)")
    local recent = sent:filter("days_between(at, @as_of) < @days", given):group_by "customer":agg "sent = count()"
    return classed(s.customers:select("customer = customer_id", "consent", "at = @as_of", given):collect())
      :select("customer", "consent", "class")
      :join(rates, { on = "class", how = "left" }):join(recent, { on = "customer", how = "left" })
      :with_columns("sent = coalesce(sent, 0)", "frequency = coalesce(frequency, @untried)", given)
  end,
  segments = {
    { "active", "class == 'active'" }, { "quiet", "class == 'quiet'" }, { "asleep", "class == 'asleep'" }, { "others" },
  },
  actions = { { "mail", "sent < frequency", channel = "mail", every = 7, cost = 0.1, value = "coalesce(brings, 0)" } },
  caps = { { most = MOST, days = 30 } },
  consent = "consent",
  holdout = 0.1,
  summary = { "measured = max(measured)", "rate = max(rate)", "tried = max(tried)", "frequency = max(frequency)",
    "due = count(where sent < frequency)" },
  tests = {
    { "all three answered the first mail of the month and nobody the second: one mail a month",
      as_of = "2025-01-31",
      inputs = {
        customers = {
          { "customer_id", "joined_at", "consent" },
          { 1, "2024-01-01", true }, { 2, "2024-01-01", true }, { 3, "2024-01-01", true }, { 4, "2024-01-01", true },
        },
        orders = { { "customer_id", "ordered_at", "status" }, { 4, "2025-01-20", "paid" } },
        contacts = {
          { "customer_id", "sent_at", "arm", "converted", "revenue" },
          { 1, "2024-12-20", "treated", true, 10 }, { 2, "2024-12-20", "treated", true, 10 },
          { 3, "2024-12-20", "treated", true, 10 }, { 3, "2025-01-10", "control", true, 10 },
          { 1, "2025-01-10", "treated", false, 0 }, { 2, "2025-01-10", "treated", false, 0 },
        },
      },
      expect = {
        { customer = 1, class = "never bought", rate = 0.6, tried = 2, frequency = 1, sent = 1 },
        { customer = 3, frequency = 1, sent = 0 },
        { customer = 4, class = "active", frequency = 1, sent = 0 }, -- untried
      },
    },
  },
}
