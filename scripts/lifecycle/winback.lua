-- Win-back: who has stayed away gets one mail, the best of them a call; a tenth is left alone, to see what it brings.
--
--   moonsift run scripts/lifecycle/winback.lua --db shop.db --as-of 2025-01-01
local ms = require "moonsift"

return ms.strategy {
  name = "winback",
  about = "lapsed customers are written to or called, within caps and budget, against a holdout",
  inputs = {
    customers = { columns = { "customer_id", "joined_at", "consent" }, time = "joined_at" },
    orders = {
      columns = { "customer_id", "ordered_at", "amount", "status" }, time = "ordered_at", customer = "customer_id",
    },
  },
  parameters = {
    away = { 180, "days without an order" },
    rate = { 0.08, "share of the lapsed that a mail brings back" },
  },
  customers = function(s)
    local bought = s.orders:filter "status == 'paid'":group_by "customer = customer_id"
      :agg("orders = count()", "last = max(ordered_at)", "spent = sum(amount)", "average = spent / orders")
    return s.customers:select("customer = customer_id", "consent"):collect()
      :join(bought, { on = "customer" }) -- whoever has never bought cannot be won back
      :with_columns("recency = days_between(last, @as_of)", { as_of = s.as_of })
  end,
  segments = {
    { "lapsed, valuable", "recency >= @away and spent >= 1000" },
    { "lapsed", "recency >= @away" },
    { "with us" },
  },
  actions = {
    { "call", "segment == 'lapsed, valuable'", channel = "phone", every = 365, cost = 6,
      value = "average * @rate * 3" },
    { "mail", "segment != 'with us'", channel = "mail", every = 90, cost = 0.1, value = "average * @rate" },
  },
  caps = { { most = 1, days = 30 } },
  consent = "consent",
  capacity = { phone = 20 },
  budget = 150,
  holdout = 0.1,
  kpis = { -- moonsift effect: what it brought
    { "revenue_60", "total(amount)", of = "orders", where = "status == 'paid'", within = 60 },
    { "back_60", "if(count() > 0, 1, 0)", of = "orders", where = "status == 'paid'", within = 60 },
  },
  value = "spent",
  tests = {
    { "half a year away is lapsed",
      as_of = "2025-01-01",
      inputs = {
        customers = {
          { "customer_id", "joined_at", "consent" }, { 1, "2024-01-01", true }, { 2, "2024-01-01", false },
        },
        orders = {
          { "customer_id", "ordered_at", "amount", "status" },
          { 1, "2024-07-05", 1500, "paid" }, { 2, "2024-07-06", 10, "paid" },
        },
      },
      expect = { { customer = 1, segment = "lapsed, valuable", recency = 180 }, { customer = 2, segment = "with us" } },
    },
  },
}
