-- Value × engagement: a 2×2 of what customers are worth and how near they are, with what to do in each corner.
--
--   moonsift run scripts/segmentation/value_engagement.lua --db shop.db --as-of 2025-01-01
local ms = require "moonsift"

return ms.strategy {
  name = "value_engagement",
  about = "who is worth much and who is near: four groups with a policy each",
  inputs = {
    orders = {
      columns = { "customer_id", "ordered_at", "amount", "status" }, time = "ordered_at", customer = "customer_id",
    },
    visits = { columns = { "customer_id", "visited_at" }, time = "visited_at", customer = "customer_id" },
  },
  parameters = {
    days = { 180, "days of visits that count as engagement" },
    visits = { 6, "visits in that time from which on a customer is near" },
    share = { 0.2, "share of the customers that count as valuable" },
  },
  customers = function(s) -- whoever has paid for something
    return s.orders:filter "status == 'paid'":select "customer = customer_id":collect():unique "customer"
  end,
  events = {
    { "orders", "count()", of = "orders", where = "status == 'paid'" },
    { "spent", "sum(amount)", of = "orders", where = "status == 'paid'" },
    { "visits", "count()", of = "visits", where = "days_between(visited_at, @as_of) <= @days" },
  },
  scores = { { "place", "percent_rank() over (order by spent desc)" } },
  sets = { valuable = "place < @share", near = "visits >= @visits" },
  segments = {
    { "keep close", "valuable and near" },
    { "win back", "valuable" },
    { "grow", "near" },
    { "leave alone" },
  },
  value = "spent",
  tests = {
    { "a fifth is valuable, six visits within the days are near, and what is not paid counts nothing",
      as_of = "2025-01-01",
      inputs = {
        orders = {
          { "customer_id", "ordered_at", "amount", "status" },
          { 1, "2023-01-01", 500, "paid" }, { 2, "2024-12-01", 90, "paid" }, { 3, "2024-12-01", 80, "paid" },
          { 4, "2024-12-01", 70, "paid" }, { 5, "2024-12-01", 60, "paid" }, { 5, "2024-12-02", 900, "refunded" },
        },
        visits = {
          { "customer_id", "visited_at" }, { 1, "2024-01-01" }, { 1, "2024-01-02" }, { 2, "2024-12-01" },
          { 2, "2024-12-02" }, { 5, "2024-12-02" },
        },
      },
      set = { visits = 2 },
      expect_segments = { "win back", "grow", [5] = "leave alone" },
      expect = { { customer = 1, visits = 0 }, { customer = 2, visits = 2 }, { customer = 5, spent = 60 } },
    },
  },
}
