-- The Complete Journey (the sample of the R package completejourney, as CSV files) into a database.
--
--   moonsift run scripts/mappings/complete_journey_import.lua FOLDER --db journey.db
--   moonsift run scripts/segmentation/rfm.lua --db journey.db --as-of 2018-01-01 \
--     --map scripts/mappings/complete_journey.lua
--
-- Beside the lines as they are, a row a basket, a row a household, and a row a household and campaign that it was sent.
local ms = require "moonsift"

local folder = arg[1] or error("give the folder with the CSV files", 0)
local function read(name)
  local zipped = io.open(folder .. "/" .. name .. ".csv.gz", "rb")
  if zipped then zipped:close() end
  return ms.read_csv(folder .. "/" .. name .. (zipped and ".csv.gz" or ".csv"))
end

local lines = read "transactions_sample"
  :with_columns("basket_id = basket_id::integer", "bought_at = transaction_timestamp"):drop "transaction_timestamp"
local baskets = lines:group_by("household_id", "basket_id")
  :agg("bought_at = min(bought_at)", "amount = sum(sales_value)", "products = count()")
local households = baskets:group_by "household_id":agg "first = min(bought_at)"
local redeemed = read "coupon_redemptions":group_by("household_id", "campaign_id"):agg "redemptions = count()"
local sent = read "campaigns":join(read "campaign_descriptions", { on = "campaign_id" })
  :join(redeemed, { on = { "household_id", "campaign_id" }, how = "left" })
  :with_columns "redemptions = coalesce(redemptions, 0)"

local shop = ms.open(ms.arguments().db or error("say which database: --db journey.db", 0),
  { write = true, create = true })
shop:transaction(function()
  shop:write("lines", lines, { mode = "replace" })
  shop:write("products", read "products":with_columns "product_id = product_id::integer", { mode = "replace" })
  shop:write("baskets", baskets, { mode = "replace" })
  shop:write("households", households, { mode = "replace" })
  shop:write("sent", sent, { mode = "replace" })
end)
shop:close()
print(("%d lines in %d baskets of %d households, %d campaigns sent"):format(lines:nrow(), baskets:nrow(),
  households:nrow(), sent:nrow()))
