-- A synthetic shop to try things on, whose truth is known.
local call = require("moonsift.ffi.binder").call

local M = {}

--- The tables of a shop, in the order in which they are written to a database.
M.tables = {
  "customers", "products", "orders", "order_lines", "visits", "campaigns", "contacts", "truth", "parameters",
}

local function copy(options)
  local given = {}
  for name, value in pairs(options or {}) do given[name] = value end
  return given
end

--- Draws a shop: a table of frames `customers products orders order_lines visits campaigns contacts`, and what is
-- true of it: `truth` (a row a customer: persona, rate, dropout, …) and `parameters` of the models.
-- Purchases follow BG/NBD, order values Gamma-Gamma, visits a Poisson process; personas decide tastes and how campaigns
-- work. The same options give the same shop.
-- options: customers (1000), seed (1), years (2), duplicates (0.02: share of second registrations), as_of (a date,
-- 2025-01-01: the end of the period), tables (a list of names: only these).
function M.shop(options)
  local given = copy(options)
  local wanted = given.tables or M.tables
  given.tables = nil
  local shop = {}
  for _, name in ipairs(wanted) do
    given.table = name
    shop[name] = call("simulate_shop", {}, given)
  end
  return shop
end

--- Writes the shop's tables to an open database in one transaction, in place of tables of these names.
function M.save(shop, database)
  database:transaction(function()
    for _, name in ipairs(M.tables) do
      if shop[name] then database:write(name, shop[name], { mode = "replace" }) end
    end
  end)
end

return M
