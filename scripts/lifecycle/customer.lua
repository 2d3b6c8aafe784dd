-- The life of a customer: prospect, new, active, loyal, at risk, lapsed, won back.
--
--   moonsift run scripts/lifecycle/customer.lua --db shop.db --as-of 2025-01-01
local ms = require "moonsift"

return ms.strategy {
  name = "life",
  about = "where each customer stands between prospect and lapsed",
  inputs = {
    customers = { columns = { "customer_id", "joined_at" }, time = "joined_at" },
    orders = {
      columns = { "customer_id", "ordered_at", "amount", "status" }, time = "ordered_at", customer = "customer_id",
    },
  },
  parameters = {
    risk = { 120, "days without an order from which on a customer is at risk" },
    lapse = { 240, "days without an order after which he has lapsed" },
    loyal = { 4, "orders within a year that make a loyal customer" },
  },
  customers = function(s) return s.customers:select "customer = customer_id" end,
  events = {
    { "orders", "count()", of = "orders", where = "status == 'paid'" },
    { "year", "count()", of = "orders", where = "status == 'paid'", within = 365 },
    { "spent", "total(amount)", of = "orders", where = "status == 'paid'" },
    { "last", "max(ordered_at)", of = "orders", where = "status == 'paid'" },
  },
  scores = { { "recency", "days_between(last, @as_of)" } },
  states = {
    start = "prospect",
    { "prospect", "new", "orders > 0" },
    { "new", "active", "orders > 1 and recency < @risk" },
    { "new", "at risk", "recency >= @risk" },
    { "active", "loyal", "year >= @loyal and recency < @risk" },
    { "active", "at risk", "recency >= @risk" },
    { "loyal", "at risk", "recency >= @risk" },
    { "at risk", "active", "recency < @risk" },
    { "at risk", "lapsed", "recency >= @lapse" },
    { "lapsed", "won back", "recency < @risk" },
    { "won back", "active", "days_in_state >= 60 and recency < @risk" },
    { "won back", "at risk", "recency >= @risk" },
  },
  value = "spent",
  tests = {
    { "from registration to lapse",
      as_of = "2025-01-01",
      inputs = {
        customers = {
          { "customer_id", "joined_at" },
          { 1, "2024-12-01" }, { 2, "2024-12-01" }, { 3, "2024-01-01" }, { 4, "2023-01-01" }, { 5, "2024-01-01" },
        },
        orders = {
          { "customer_id", "ordered_at", "amount", "status" },
          { 2, "2024-12-05", 10, "paid" }, { 3, "2024-08-20", 10, "paid" }, { 4, "2023-02-01", 10, "paid" },
          { 5, "2024-03-01", 5, "paid" }, { 5, "2024-05-01", 5, "paid" }, { 5, "2024-10-01", 5, "paid" },
          { 5, "2024-12-31", 5, "paid" },
        },
      },
      expect_states = { "prospect", "new", "at risk", "lapsed", "loyal" },
    },
    { "who comes back is won back for sixty days, and then active",
      inputs = {
        customers = { { "customer_id", "joined_at" }, { 1, "2023-01-01" } },
        orders = {
          { "customer_id", "ordered_at", "amount", "status" }, { 1, "2023-02-01", 10, "paid" },
          { 1, "2024-01-20", 10, "paid" }, { 1, "2024-03-20", 10, "paid" },
        },
      },
      days = {
        { as_of = "2024-01-01", expect_states = { "lapsed" } },
        { as_of = "2024-02-01", expect_states = { "won back" } },
        { as_of = "2024-04-01", expect_states = { "active" } },
        { as_of = "2024-08-01", expect_states = { "at risk" } },
      },
    },
  },
}
