-- RFM segmentation of the customers of a shop: recency, frequency and monetary value, in ten segments.
--
--   moonsift run scripts/segmentation/rfm.lua --db shop.db --as-of 2025-01-01
--
-- Copy it and change the rules. The first score is the bin of recency r, then frequency f and monetary value m; 5 is
-- best.
local ms = require "moonsift"

return ms.strategy {
  name = "rfm",
  about = "customers in ten segments by recency, frequency and monetary value",
  inputs = {
    orders = { columns = { "customer_id", "ordered_at", "amount", "status" }, time = "ordered_at" },
  },
  customers = function(s)
    return ms.crm.rfm.table(s.orders, { as_of = s.as_of, where = "status == 'paid'" })
  end,
  exclusive = true,
  ranges = { r = { 1, 5 }, f = { 1, 5 }, m = { 1, 5 } },
  segments = {
    { "champions", "r == 5 and f >= 4" },
    { "loyal", "r in (3, 4) and f >= 4" },
    { "potential loyalists", "r >= 4 and f in (2, 3)" },
    { "new customers", "r == 5 and f == 1" },
    { "promising", "r == 4 and f == 1" },
    { "need attention", "r == 3 and f == 3" },
    { "about to sleep", "r == 3 and f <= 2" },
    { "at risk", "r <= 2 and f in (3, 4)" },
    { "cannot lose them", "r <= 2 and f == 5" },
    { "hibernating", "r <= 2 and f <= 2" },
  },
  value = "monetary",
  summary = { "recency = mean(recency)", "average = sum(monetary) / sum(frequency)" },
  tests = {
    { "who bought last and most often is a champion, who stayed away long hibernates",
      as_of = "2025-01-01",
      inputs = {
        orders = {
          { "customer_id", "ordered_at", "amount", "status" },
          { 1, "2024-12-30", 10, "paid" }, { 1, "2024-12-29", 10, "paid" }, { 1, "2024-12-28", 10, "paid" },
          { 2, "2024-11-01", 20, "paid" }, { 2, "2024-10-01", 20, "paid" },
          { 3, "2024-06-01", 30, "paid" }, { 4, "2024-03-01", 30, "paid" },
          { 5, "2023-01-01", 40, "paid" }, { 5, "2025-01-02", 40, "paid" }, { 6, "2024-12-31", 9, "refunded" },
        },
      },
      expect = {
        { customer = 1, r = 5, f = 5, monetary = 30, segment = "champions" },
        { customer = 5, recency = 731, frequency = 1, segment = "at risk" },
        { customer = 3, segment = "about to sleep" },
      },
    },
  },
}
