-- Makes a synthetic shop as an SQLite database: moonsift run examples/shop.lua shop.db [CUSTOMERS [SEED]]
local ms = require "moonsift"

local path, customers, seed = arg[1] or "shop.db", tonumber(arg[2] or 2000), tonumber(arg[3] or 1)
local shop = ms.sim.shop { customers = customers, seed = seed }
local database = ms.open(path, { write = true, create = true })
ms.sim.save(shop, database)
database:close()
print(("%s: %d customers, %d orders, %d order lines, %d visits"):format(path, shop.customers:nrow(), shop.orders:nrow(),
  shop.order_lines:nrow(), shop.visits:nrow()))
