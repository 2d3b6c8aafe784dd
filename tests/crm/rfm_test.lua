-- RFM: the table, the segments and their checks, moves between segments.
local ms = require "moonsift"
local rfm = require "moonsift.crm.rfm"
local test = require "moonsift.test"

local as_of = ms.date "2025-01-01"

local function orders()
  local function at(text) return ms.date(text) end
  return ms.frame {
    { "customer_id", { 1, 1, 2, 3, 3, 3, 4, 5, 5 } },
    { "ordered_at", { at "2024-12-30", at "2024-12-01", at "2024-06-01", at "2024-12-31", at "2024-11-01",
      at "2024-01-01", at "2023-02-01", at "2025-01-01", at "2024-10-10" } },
    { "amount", { 10, 30, 5, 100, 50, 25, 7, 1000, 20 } },
  }
end

test("each customer has recency, frequency and monetary value before as_of", function()
  local t = rfm.table(orders(), { as_of = as_of })
  test.equal(t:column "customer", { 1, 2, 3, 4, 5 })
  test.equal(t:column "recency", { 2, 214, 1, 700, 83 })
  test.equal(t:column "frequency", { 2, 1, 3, 1, 1 }) -- the order on as_of itself is in the future
  test.equal(t:column "monetary", { 40, 5, 175, 7, 20 })
  test.equal(t:column "average", { 20, 5, 175 / 3, 7, 20 })
  test.equal(t:column "r", { 4, 2, 5, 1, 3 })
  test.equal(t:column "f", { 4, 1, 5, 2, 3 }) -- ties by customer
  test.equal(t:column "m", { 4, 1, 5, 2, 3 })
  test.equal(t:column "rfm", { 444, 211, 555, 122, 333 })
end)

test("the order of the rows changes nothing", function()
  local a = rfm.table(orders(), { as_of = as_of })
  local b = rfm.table(orders():sort("amount"), { as_of = as_of })
  test.equal(tostring(a), tostring(b))
end)

test("equal values share a bin by quantile, given cuts decide by cuts", function()
  local q = rfm.table(orders(), { as_of = as_of, method = "quantile", k = 2 })
  local f = q:column "f"
  test.equal(f[2], f[4])
  test.equal(f[2], f[5])
  local c = rfm.table(orders(), {
    as_of = as_of, method = "cuts",
    cuts = { recency = { 30, 100 }, frequency = { 1, 2 }, monetary = { 10, 50 } },
  })
  test.equal(c:column "r", { 3, 1, 3, 1, 2 })
  test.equal(c:column "f", { 2, 1, 3, 1, 1 })
  test.equal(c:column "m", { 2, 1, 3, 1, 2 })
end)

test("a filter chooses the orders that count", function()
  local t = rfm.table(orders(), { as_of = as_of, where = "amount >= @least", params = { least = 20 } })
  test.equal(t:column "customer", { 1, 3, 5 })
end)

test("the grid and the eight types place every combination once", function()
  local r, f, m = {}, {}, {}
  for i = 0, 124 do r[i + 1], f[i + 1], m[i + 1] = i % 5 + 1, math.floor(i / 5) % 5 + 1, math.floor(i / 25) + 1 end
  local all = ms.frame { { "r", r }, { "f", f }, { "m", m }, { "monetary", m }, { "recency", m }, { "frequency", m } }
  for _, rules in ipairs { rfm.grid, rfm.eight } do
    local placed = rfm.segment(all, rules)
    test.equal(placed:filter("segment is null"):nrow(), 0)
    test.equal(placed:unique("segment"):nrow(), #rules)
  end
end)

test("rules that overlap are named, with a customer", function()
  local t = rfm.table(orders(), { as_of = as_of })
  local rules = { { "good", "r >= 3" }, { "bad", "r < 5" } }
  test.raises(function() rfm.segment(t, rules) end, "customer 1")
  test.raises(function() rfm.segment(t, rules) end, "good (r >= 3) and bad (r < 5)")
  local first = rfm.segment(t, rules, { overlap = "first" })
  test.equal(first:column "segment", { "good", "bad", "good", "bad", "good" })
end)

test("a customer whom no rule covers is named", function()
  local t = rfm.table(orders(), { as_of = as_of })
  local rules = { { "good", "r >= 3" }, { "bad", "r == 1" } }
  test.raises(function() rfm.segment(t, rules) end, "match no segment, for example customer 2")
  test.equal(rfm.segment(t, rules, { otherwise = "rest" }):column "segment", { "good", "rest", "good", "bad", "good" })
end)

test("a null in a rule is no match", function()
  local t = ms.frame { { "customer", { 1, 2 } }, { "r", { 5, ms.null } } }
  test.raises(function() rfm.segment(t, { { "a", "r > 3" }, { "b", "r <= 3" } }) end, "customer 2")
end)

test("the summary adds up", function()
  local t = rfm.segment(rfm.table(orders(), { as_of = as_of }), { { "active", "r >= 4" }, { "quiet", "r < 4" } })
  local s = rfm.summary(t)
  test.equal(s:column "segment", { "active", "quiet" })
  test.equal(s:column "customers", { 2, 3 })
  test.equal(s:column "revenue", { 215, 32 })
  test.close(s:column("share")[1], 0.4, 1e-15)
  test.close(s:column("revenue_share")[1], 215 / 247, 1e-15)
end)

test("moves between two dates count who came, went and stayed", function()
  local rules = { { "active", "r >= 2" }, { "quiet", "r < 2" } }
  local before = rfm.segment(rfm.table(orders(), { as_of = ms.date "2024-07-01", k = 2 }), rules)
  local after = rfm.segment(rfm.table(orders(), { as_of = as_of, k = 2 }), rules)
  local moves = rfm.migrate(before, after)
  local total = 0
  for row in moves:rows() do total = total + row.customers end
  test.equal(total, 5)
  test.equal(moves:filter("`from` is null"):nrow() > 0, true)
end)

test("no orders at all give an empty table", function()
  local t = rfm.table(orders():head(0), { as_of = as_of })
  test.equal(t:nrow(), 0)
  test.equal(rfm.summary(rfm.segment(t)):nrow(), 0)
end)

test("wrong options are refused with what is wanted", function()
  test.raises(function() rfm.table(orders(), {}) end, "as_of is missing")
  test.raises(function() rfm.table(orders(), { as_of = as_of, costumer = "x" }) end, "unknown option 'costumer'")
  test.raises(function() rfm.table(orders(), { as_of = as_of, customer = "costumer_id" }) end,
    "did you mean 'customer_id'")
  test.raises(function() rfm.table(orders(), { as_of = as_of, k = 1 }) end, "2 … 100")
  test.raises(function() rfm.segment(orders(), {}) end, "a list of { name, rule }")
end)
