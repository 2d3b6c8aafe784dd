-- rfm.lua DATA_DIR: RFM segments of orders in memory, from CSV and from SQLite; and a score by a plain Lua function.
local ms = require "moonsift"
local timing = dofile("tests/bench/timing.lua")
local rfm = dofile("tests/bench/rfm_segments.lua")

local directory = (arg and arg[1]) or "/tmp/peers-data"
ms.threads(2)

local function revenue(customers)
  return timing.sum("monetary")(customers:filter("segment == 'champions'"))
end

local csv = directory .. "/orders.csv"
local orders = ms.read_csv(csv)
timing.task("rfm.frame", function() return rfm(orders) end, revenue)
timing.task("rfm.csv", function() return rfm(ms.read_csv(csv)) end, revenue, 2)

local db = ms.open(directory .. "/orders.db")
timing.task("rfm.sqlite", function()
  return rfm(db:table("orders", { types = { ordered_at = "time" } }))
end, revenue, 2)

timing.task("score.formula", function()
  return orders:map("s", function(r)
    if r.status == "refunded" then return 0.0 end
    if r.channel == "微信" or r.channel == "app" then return math.log(r.amount + 1) * 2.5 end
    if r.amount > 100 then return 10 + math.sqrt(r.amount) end
    if r.category == "美妆" then return r.amount * 0.08 end
    return r.amount * 0.05
  end)
end, timing.sum("s"))
