-- CDNOW into a database: purchases, as they are in the file, and the customers with the day of the first one.
--
--   moonsift run scripts/mappings/cdnow_import.lua CDNOW_master.txt --db cdnow.db
--   moonsift run scripts/segmentation/rfm.lua --db cdnow.db --map scripts/mappings/cdnow.lua --as-of 1998-07-01
local ms = require "moonsift"

local purchases = ms.read_csv(arg[1] or error("give the file CDNOW_master.txt", 0), { delimiter = "whitespace" })
  :select("customer_id = customer_id::integer", "date = to_date(date::text, '%Y%m%d')", "number_of_cds",
    "dollar_value")

local shop = ms.open(ms.arguments().db or error("say which database: --db cdnow.db", 0),
  { write = true, create = true })
shop:transaction(function()
  shop:write("purchases", purchases, { mode = "replace" })
  shop:write("buyers", purchases:group_by "customer_id":agg "first = min(date)", { mode = "replace" })
end)
shop:close()
print(("%d purchases of %d customers"):format(purchases:nrow(), purchases:unique "customer_id":nrow()))
