-- Where strategies find their inputs in a database of CDNOW (cdnow_import.lua makes it): a purchase is a paid order.
-- There are no visits, contacts or products.
return {
  orders = {
    table = "purchases",
    columns = { ordered_at = "date", amount = "dollar_value", status = "'paid'" },
  },
  customers = {
    table = "buyers",
    columns = { joined_at = "first", consent = "true" },
  },
}
