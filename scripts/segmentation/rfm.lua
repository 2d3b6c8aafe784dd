-- RFM segmentation of the customers of a shop.
--
--   moonsift run scripts/segmentation/rfm.lua --db shop.db --as-of 2025-01-01
--
-- Reads the table `orders` (customer_id, ordered_at, amount, status), puts every customer with a paid order into one of
-- ten segments, writes the tables `rfm_customers` and `rfm_segments` in one transaction (running it again replaces
-- them), and prints the segments. With --dry-run nothing is written.
local ms = require "moonsift"
local rfm = ms.crm.rfm

-- What you may want to change: the orders that count, and who belongs where. The first number of a score is the
-- bin of recency r, then frequency f and monetary value m; 5 is best.
local PAID = "status == 'paid'"
local SEGMENTS = rfm.grid

local arguments = ms.arguments()
if not arguments.db then error("give the customer database: --db shop.db", 0) end
local as_of = arguments.as_of or error("give the day to look from: --as-of 2025-01-01", 0)

local shop = ms.open(arguments.db, { write = not arguments.dry_run })
local orders = shop:table("orders"):select("customer_id", "ordered_at", "amount", "status")
local customers = rfm.segment(rfm.table(orders, { as_of = as_of, where = PAID }), SEGMENTS)
local segments = rfm.summary(customers)

print(segments)
if arguments.dry_run then
  print(("dry run: %s is as it was"):format(arguments.db))
else
  shop:transaction(function()
    shop:write("rfm_customers", customers, { mode = "replace" })
    shop:write("rfm_segments", segments, { mode = "replace" })
  end)
  print(("%d customers and %d segments are in %s: tables rfm_customers, rfm_segments")
    :format(customers:nrow(), segments:nrow(), arguments.db))
end
shop:close()
