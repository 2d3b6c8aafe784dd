-- Many rows a group and many aggregates: the table of all groups is filled by rows although it leaves the cache.
local ms = require "moonsift"
local test = require "moonsift.test"

local ROWS, GROUPS, SUMS = 1100000, 33000, 16

local rows = ms.frame { { "zero", { 0 } } }
for _ = 1, 21 do rows = rows:concat(rows) end
rows = rows:head(ROWS):row_index "i"
  :with_columns("key = hash(i, 1) % @groups", "v = hash(i, 2) % 1000", "x = (hash(i, 3) % 10007) / 7",
    { groups = GROUPS })

local calls = { "n = sum(v)" }
for k = 1, SUMS do calls[#calls + 1] = ("s%d = sum(x * %d)"):format(k, k) end

test("a wide table of groups gives what a narrow one gives, the same bits for any number of threads", function()
  local narrow = rows:group_by("key"):agg("n = sum(v)", "s3 = sum(x * 3)")
  local first
  for _, threads in ipairs { 1, 2, 4 } do
    ms.threads(threads)
    local wide = rows:group_by("key"):agg(unpack(calls))
    test.equal(wide:column "key", narrow:column "key")
    test.equal(wide:column "n", narrow:column "n")
    local s3, other = wide:column "s3", narrow:column "s3"
    for g = 1, #s3 do
      if math.abs(s3[g] - other[g]) > 1e-9 * other[g] then test.equal(s3[g], other[g]) end
    end
    first = first or s3
    test.equal(s3, first)
  end
end)
