-- The Complete Journey: four tables joined, against the same joins in the sqlite3 shell.
local ms = require "moonsift"
local test = require "moonsift.test"

local SQL = [[
.mode csv
.import '|zcat -f %stransactions_sample.csv.gz' transactions
.import '|zcat -f %sproducts.csv.gz' products
.import %sdemographics.csv demographics
.import %scoupon_redemptions.csv redemptions
create index product on products(product_id);
create index household on demographics(household_id);
select p.department, coalesce(d.income, ''), count(*), count(distinct t.household_id),
  sum(cast(round(t.sales_value * 100) as integer))
from transactions t join products p on p.product_id = t.product_id
  left join demographics d on d.household_id = t.household_id
where exists (select 1 from redemptions r where r.household_id = t.household_id)
group by 1, 2 order by 1, 2;
]]

test("households that redeem coupons, by department and income, are those of the sqlite3 shell", function()
  local folder = test.data("completejourney/demographics.csv"):match "^(.*/)"
  if os.execute "command -v sqlite3 >/dev/null" ~= 0 then test.skip "the sqlite3 shell is not installed" end
  local keys = { types = { "household_id:text" } }
  local transactions = ms.read_csv(folder .. "transactions_sample.csv.gz",
    { types = { "household_id:text", "product_id:text" } })
  local products = ms.read_csv(folder .. "products.csv.gz", { types = { "product_id:text" } })
  local demographics = ms.read_csv(folder .. "demographics.csv", keys)
  local redemptions = ms.read_csv(folder .. "coupon_redemptions.csv", keys)
  -- The rows that the package's documentation states.
  test.equal({ transactions:nrow(), products:nrow(), demographics:nrow(), redemptions:nrow() },
    { 75000, 92331, 801, 2102 })

  local result = transactions
    :join(products, { on = "product_id", expect = "m:1" })
    :join(demographics, { on = "household_id", how = "left", expect = "m:1" })
    :join(redemptions, { on = "household_id", how = "semi" })
    :with_columns("cents = round(sales_value * 100)::integer", "income = coalesce(income, '')",
      "department = coalesce(department, '')")
    :group_by("department", "income")
    :agg("n = count()", "households = count_distinct(household_id)", "cents = sum(cents)")
    :sort("department", "income")
  local csv, script = test.temporary "got.csv", test.temporary "joins.sql"
  local out = assert(io.open(script, "w"))
  out:write((SQL:gsub("%%s", (folder:gsub("%%", "%%%%")))))
  out:close()
  result:write_csv(csv, { header = false })
  local shell = assert(io.popen("sqlite3 :memory: <" .. script))
  local want = shell:read("*a"):gsub("\r", ""):gsub('"', "")
  shell:close()
  local file = assert(io.open(csv))
  local got = file:read("*a"):gsub('"', "")
  file:close()
  test.check(#want > 1000, "the shell gave too little: " .. want)
  test.equal(got, want)
end)
