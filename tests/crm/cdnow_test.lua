-- CDNOW's RFM table, row by row, against SQL in the sqlite3 shell.
local ms = require "moonsift"
local rfm = require "moonsift.crm.rfm"
local test = require "moonsift.test"

-- In cents, so that sums are exact in both and equal totals are ties in both.
local SQL = [[
.mode csv
.import '%s' purchases
with per as (
  select cast(customer_id as integer) customer, max(day) last, count(*) frequency, sum(cast(cents as integer)) monetary
  from purchases where day < '1998-07-01' group by 1),
days as (select *, cast(julianday('1998-07-01') - julianday(last) as integer) recency from per)
select customer, last, frequency, monetary, recency,
  ntile(5) over (order by recency desc, customer), ntile(5) over (order by frequency, customer),
  ntile(5) over (order by monetary, customer)
from days order by customer;
]]

test("CDNOW: 69,659 purchases, 2,500,315.63 in all, and each customer's row is what the sqlite3 shell gives", function()
  local file = test.data "cdnow/CDNOW_master.txt"
  if os.execute "command -v sqlite3 >/dev/null" ~= 0 then test.skip "the sqlite3 shell is not installed" end
  local raw = ms.read_csv(file, { delimiter = "whitespace" })
    :rename { date = "day", number_of_cds = "cds", dollar_value = "dollars" }
  test.equal(raw:nrow(), 69659)
  -- The totals of the published file, as the data's README states them.
  local total = raw:group_by():agg("dollars = sum(dollars)", "cds = sum(cds)"):row(1)
  test.close(total.dollars, 2500315.63, 0.005)
  test.equal(total.cds, 167881)
  local purchases = raw:select("customer_id = customer_id::integer", "day = to_date(day::text, '%Y%m%d')",
    "cents = round(dollars * 100)::integer")
  local got = rfm.table(purchases, { as_of = ms.date "1998-07-01", when = "day", amount = "cents" })
  test.equal(got:nrow(), 23570)

  local csv, script = test.temporary "purchases.csv", test.temporary "rfm.sql"
  purchases:write_csv(csv)
  local out = assert(io.open(script, "w"))
  out:write(SQL:format(csv))
  out:close()
  local shell = assert(io.popen("sqlite3 :memory: <" .. script))
  local columns = { "customer", "last", "frequency", "monetary", "recency", "r", "f", "m" }
  local values, row = {}, 0
  for i, name in ipairs(columns) do values[i] = got:column(name) end
  for line in shell:lines() do
    row = row + 1
    local mine = {}
    for i = 1, #columns do mine[i] = tostring(values[i][row]) end
    test.equal(table.concat(mine, ","), (line:gsub("[\r\"]", "")))
  end
  shell:close()
  test.equal(row, 23570)
end)
