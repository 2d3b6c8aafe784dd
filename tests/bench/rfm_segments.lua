-- rfm_segments.lua: the RFM segments of a frame of orders, as a function, for the benchmarks.
local ms = require "moonsift"

return function(orders)
  return orders:filter("status == 'paid'")
    :group_by("customer_id")
    :agg("last = max(ordered_at)", "frequency = count()", "monetary = sum(amount)")
    :with_columns("recency = days_between(last, @as_of)", { as_of = ms.date "2025-01-01" })
    :with_columns(
      "r = ntile(5) over (order by recency desc, customer_id)",
      "f = ntile(5) over (order by frequency, customer_id)",
      "m = ntile(5) over (order by monetary, customer_id)")
    :with_columns("segment = case when r >= 4 and f >= 4 then 'champions' when f >= 4 then 'loyal' " ..
      "when r >= 4 then 'recent' when r <= 2 and f <= 2 then 'lost' else 'regular' end")
    :collect()
end

