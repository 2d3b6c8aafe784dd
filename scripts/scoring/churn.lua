-- Who will leave, why, and whom to call first.
--
--   moonsift run scripts/scoring/churn.lua Telco-Customer-Churn.csv
--   moonsift run scripts/scoring/churn.lua --db telco.db
--
-- Reads customers (a CSV, or the table `customers` of a database) with the columns customerID, Churn (Yes, No) and
-- MonthlyCharges; all other columns are learned from. Prints a small tree as rules that can be read to anyone, how well
-- a boosted model does on customers it has not seen, and those still there by what is likely to be lost with them:
-- chance of leaving × a year of charges, each with the reasons. With --db the whole list is written to the table
-- `churn_customers` (with --dry-run it is not).
local ms = require "moonsift"

-- What you may want to change.
local EVENT = "Churn == 'Yes'"
local VALUE = "12 * MonthlyCharges" -- what a customer is worth: a year of charges
local TREE = { target = "Churn", event = "Yes", cp = 0.004, minbucket = 150, minsplit = 300, folds = 10, seed = 1 }
local BOOST = { target = "Churn", event = "Yes", trees = 150, learning_rate = 0.05, max_depth = 4, min_child_weight = 5,
  column_sample = 0.5 }
local FOLDS, SHOWN = 5, 12

local arguments = ms.arguments()
local path = arguments.db or (arg and arg[1]) or error("give the customers: a CSV file, or --db telco.db", 0)
local shop = arguments.db and ms.open(arguments.db, { write = not arguments.dry_run })
local customers = shop and shop:table("customers"):collect() or ms.read_csv(path)
local left = customers:filter(EVENT)
print(("%d customers, of whom %d (%.1f %%) left"):format(customers:nrow(), left:nrow(),
  100 * left:nrow() / customers:nrow()))

-- 1. The rules: one tree on all customers, as large as its errors by cross-validation allow.
local inputs = customers:drop "customerID"
local tree = ms.tree(inputs, TREE):prune "1se"
local rules = tree:rules():with_columns("left = case when prediction == @event then confidence else 1 - confidence end",
  { event = TREE.event }):sort("-left", "-customers")
print "\nWho leaves, in rules (share that left, lift, customers):"
for row in rules:rows() do
  local lift = row.left * customers:nrow() / left:nrow()
  local line = ("%5.1f %%  %4.2f  %5d  "):format(100 * row.left, lift, row.customers)
  for part in (row.rule .. " and "):gmatch "(.-) and " do
    local more = line:match "%d  $" and line .. part or line .. " and " .. part
    if #more > 108 then
      print(line)
      more = (" "):rep(22) .. "and " .. part
    end
    line = more
  end
  print(line)
end

-- 2. The scores: each customer by a model that was made of the others.
local numbered = customers:row_index("row"):with_columns(("fold = (row * 7919) %% %d"):format(FOLDS)):drop "row"
local parts = {}
for fold = 0, FOLDS - 1 do
  local others = numbered:filter("fold != @fold", { fold = fold }):drop("fold", "customerID")
  local model = ms.boost(others, BOOST)
  parts[#parts + 1] = model:reasons(numbered:filter("fold == @fold", { fold = fold }), { top = 3 })
end
local scored = ms.concat(unpack(parts)):drop("fold", "prediction")

-- Chance that one who left was given a higher probability than one who stayed.
local function area(frame)
  local went, ones, ranks = frame:sort("probability"):with_columns("went = " .. EVENT):column "went", 0, 0
  for i = 1, #went do
    if went[i] then ones, ranks = ones + 1, ranks + i end
  end
  return (ranks - ones * (ones + 1) / 2) / (ones * (#went - ones))
end
local tenth = scored:sort("-probability"):head(math.floor(scored:nrow() / 10))
print(("\nBoosted model on customers it has not seen: AUC %.4f; of the tenth with the highest scores %.1f %% left")
  :format(area(scored), 100 * tenth:filter(EVENT):nrow() / tenth:nrow()))
print "\nWhat matters most:"
print(ms.boost(inputs, BOOST):importance():head(8))

-- 3. The list: who is still there, by what is likely to be lost.
local list = scored:filter("not (" .. EVENT .. ")"):with_columns("value = " .. VALUE)
  :with_columns("at_risk = probability * value")
  :select("customerID", "probability", "value", "at_risk", "reason_1", "reason_2", "reason_3")
  :sort("-at_risk", "customerID")
local total = list:group_by():agg("at_risk = sum(at_risk)"):column "at_risk"[1]
local function money(x) return (("%.0f"):format(x):reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")) end
print(("\nStill there: %d customers; at risk in a year: %s. Call first:"):format(list:nrow(), money(total)))
for row in list:head(SHOWN):rows() do
  print(("%-12s %4.0f %% of %6s = %6s  %s"):format(row.customerID, 100 * row.probability, money(row.value),
    money(row.at_risk), row.reason_1 or ""))
  for _, reason in ipairs { row.reason_2 or "", row.reason_3 or "" } do
    if reason ~= "" then print((" "):rep(37) .. reason) end
  end
end

if shop then
  if arguments.dry_run then
    print(("dry run: %s is as it was"):format(arguments.db))
  else
    shop:write("churn_customers", list, { mode = "replace" })
    print(("%d customers are in %s: table churn_customers"):format(list:nrow(), arguments.db))
  end
  shop:close()
end
