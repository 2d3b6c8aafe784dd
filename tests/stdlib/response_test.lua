-- scripts/scoring/response.lua on Hillstrom's e-mail test.
local test = require "moonsift.test"

test("response: the model tells visitors from others, the best tenth visits more, mailing fewer earns more", function()
  local path = test.data "hillstrom/hillstrom.csv.gz"
  local status, output, errors = test.command("run scripts/scoring/response.lua " .. path, { seconds = 100 })
  test.equal(status, 0, errors)
  test.contains(output, "logistic regression of visit = 1, learned from 21347 rows")
  local auc = tonumber(output:match "\nauc +([%d.]+)")
  test.check(auc > 0.6 and auc < 0.7, auc)
  -- At .30 a contact, mailing everybody loses money and mailing the chosen earns some.
  local chosen, all = output:match "\n +0%.30.- (%-?[%d.]+) +(%-?[%d.]+)\n"
  test.check(tonumber(all) < 0, output)
  test.check(tonumber(chosen) > 0, output)
end)
