-- scripts/scoring/churn.lua: what it prints, and what it writes.
local ms = require "moonsift"
local test = require "moonsift.test"

test("the churn script prints rules, scores and the list, and writes the list to the database", function()
  local path = test.data "telco-churn/Telco-Customer-Churn.csv"
  local db = test.temporary "telco.db"
  local shop = ms.open(db, { write = true, create = true })
  shop:write("customers", ms.read_csv(path), { mode = "create" })
  shop:close()
  local status, output, errors = test.command("run scripts/scoring/churn.lua --db " .. db, { seconds = 100 })
  test.check(status == 0, output .. errors)
  test.check(output:find("7043 customers, of whom 1869 (26.5 %) left", 1, true), output)
  test.check(output:find("69.2 %  2.61   1036  Contract is Month-to-month and InternetService is Fiber optic and " ..
    "tenure < 15.5\n", 1, true), output)
  test.check(output:find("\n  6.8 %  0.25   3168  Contract in One year, Two year\n", 1, true), output)
  test.check(tonumber(output:match "AUC (0%.%d+)") > 0.846, output)
  test.check(tonumber(output:match "highest scores ([%d.]+) %%") > 70, output)
  local list = ms.open(db):table("churn_customers"):collect()
  test.equal(list:nrow(), 5174)
  local risk = list:column "at_risk"
  test.equal(risk[1] >= risk[2], true)
end)

test("without customers the script says what it wants", function()
  local status, _, errors = test.command("run scripts/scoring/churn.lua", { seconds = 20 })
  test.equal(status ~= 0, true)
  test.check(errors:find("give the customers", 1, true), errors)
end)
