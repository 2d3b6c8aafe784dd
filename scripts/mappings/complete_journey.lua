-- Where strategies find their inputs in a database of The Complete Journey (complete_journey_import.lua makes it): a
-- basket is a paid order and a visit; a campaign that a household was sent is a contact, and a coupon redeemed its
-- response. What a redemption was worth, the data do not say: ten dollars are put for it.
return {
  orders = {
    table = "baskets",
    columns = { order_id = "basket_id", customer_id = "household_id", ordered_at = "bought_at", status = "'paid'" },
  },
  visits = { table = "baskets", columns = { customer_id = "household_id", visited_at = "bought_at" } },
  customers = {
    table = "households",
    columns = { customer_id = "household_id", joined_at = "first", consent = "true" },
  },
  contacts = {
    table = "sent",
    columns = {
      customer_id = "household_id", sent_at = "start_date", arm = "'treated'", converted = "redemptions > 0",
      revenue = "10.0 * redemptions",
    },
  },
  order_lines = { table = "lines", columns = { order_id = "basket_id", amount = "sales_value" } },
  products = { columns = { category = "department", name = "product_type" } },
}
