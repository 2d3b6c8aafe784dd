-- Campaign response: who visits after an e-mail, how well that is told in advance, and whom to mail at which cost.
--
--   moonsift run scripts/scoring/response.lua hillstrom.csv.gz
--
-- The file is the e-mail test of Kevin Hillstrom (MineThatData, 2008). Copy the script and change the columns. A model
-- of response says who buys, not who buys because of the mail: hold a part back without mail to learn that.
local ms = require "moonsift"

local path = arg[1] or "hillstrom.csv.gz"
local value = 1.50 -- margin of a visit
local costs = { 0.10, 0.20, 0.25, 0.30, 0.40 } -- of a contact

-- Customers who got a mail, half of them to learn from, half to judge by.
local mailed = ms.read_csv(path):filter "segment != 'No E-Mail'":folds{ folds = 2, stratify = "visit", seed = 1 }
local past, next_half = mailed:filter "fold == 1", mailed:filter "fold == 2"
local inputs = { "recency", "history", "mens", "womens", "zip_code", "newbie", "channel", "segment" }

local model = ms.logistic(past, { target = "visit", columns = inputs })
print(model)
print()
print(model:evaluate(next_half, { threshold = 0.2 }))

local scored = model:predict(next_half)
print "\nlift by tenths, the likeliest first"
print(scored:gains{ target = "visit" }:select("bin", "rows", "events", "rate", "lift", "captured"))

-- The threshold is chosen on the half that was learned from, and what it earns is counted on the other.
print(("\nwhom to mail, a visit being worth %.2f"):format(value))
print(("%8s  %10s  %9s  %8s  %8s  %9s  %9s"):format(
  "cost", "score from", "mailed", "visits", "rate", "profit", "mail all"))
local known = model:predict(past)
for _, cost in ipairs(costs) do
  local best = known:profit{ target = "visit", value = value, cost = cost }:filter "best":row(1)
  local chosen = best.threshold and scored:filter("probability >= @t", { t = best.threshold }) or scored:head(0)
  local visits = chosen:filter "visit == 1":nrow()
  local all = scored:filter "visit == 1":nrow() * value - scored:nrow() * cost
  print(("%8.2f  %10s  %9d  %8d  %8s  %9.2f  %9.2f"):format(cost,
    best.threshold and ("%.4f"):format(best.threshold) or "nobody", chosen:nrow(), visits,
    chosen:nrow() > 0 and ("%.1f %%"):format(100 * visits / chosen:nrow()) or "-",
    visits * value - chosen:nrow() * cost, all))
end
