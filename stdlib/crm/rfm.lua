-- Recency, frequency, monetary value: the table of customers, segments by ordered rules, and moves between segments.
--
-- Source of the method: Hughes, "Strategic Database Marketing" (1994); scores are bins of equal size (ntile)
-- unless asked otherwise.
local errors = require "moonsift.errors"

local M = {}

--- The usual ten segments on the grid of recency score r and frequency score f (1 … 5, 5 is best). Each cell of
-- the grid belongs to exactly one of them.
M.grid = {
  { "champions", "r == 5 and f >= 4" },
  { "loyal", "r in (3, 4) and f >= 4" },
  { "potential loyalists", "r >= 4 and f in (2, 3)" },
  { "new customers", "r == 5 and f == 1" },
  { "promising", "r == 4 and f == 1" },
  { "need attention", "r == 3 and f == 3" },
  { "about to sleep", "r == 3 and f <= 2" },
  { "at risk", "r <= 2 and f in (3, 4)" },
  { "cannot lose them", "r <= 2 and f == 5" },
  { "hibernating", "r <= 2 and f <= 2" },
}

--- The eight types of customer value by high and low r, f and m, with the names that Chinese analysts use.
M.eight = {
  { "重要价值客户", "r >= 4 and f >= 4 and m >= 4" },
  { "重要发展客户", "r >= 4 and f <= 3 and m >= 4" },
  { "重要保持客户", "r <= 3 and f >= 4 and m >= 4" },
  { "重要挽留客户", "r <= 3 and f <= 3 and m >= 4" },
  { "一般价值客户", "r >= 4 and f >= 4 and m <= 3" },
  { "一般发展客户", "r >= 4 and f <= 3 and m <= 3" },
  { "一般保持客户", "r <= 3 and f >= 4 and m <= 3" },
  { "一般挽留客户", "r <= 3 and f <= 3 and m <= 3" },
}

local known = {
  as_of = true, customer = true, when = true, amount = true, where = true, params = true, k = true, method = true,
  cuts = true,
}

local function fail(message, hint, more)
  local e = { code = "E-ARGUMENT", verb = "rfm", message = "rfm: " .. message, hint = hint }
  for name, value in pairs(more or {}) do e[name] = value end
  errors.raise(e)
end

local function quoted(name)
  return "`" .. name:gsub("`", "``") .. "`"
end

-- One score by the method asked for. Bins count from 1; `best` says which end of the values gets k.
local function scores(customers, options, k)
  local method = options.method or "ntile"
  if method == "ntile" then
    return customers:with_columns(
      ("r = ntile(%d) over (order by recency desc, customer)"):format(k),
      ("f = ntile(%d) over (order by frequency, customer)"):format(k),
      ("m = ntile(%d) over (order by monetary, customer)"):format(k))
  end
  local cuts = options.cuts or {}
  for i, name in ipairs { "recency", "frequency", "monetary" } do
    local score = ({ "r", "f", "m" })[i]
    if method == "cuts" then
      if type(cuts[name]) ~= "table" then
        fail("method 'cuts' needs cuts for " .. name, "cuts = { recency = { 30, 90, 180, 365 }, … }")
      end
      customers = customers:bin { column = name, method = "cuts", cuts = cuts[name], name = score }
    elseif method == "quantile" then
      customers = customers:bin { column = name, method = "quantile", k = k, name = score }
    else
      fail(("method is '%s'; ntile, quantile or cuts wanted"):format(tostring(method)))
    end
  end
  -- A long absence is a low score.
  local most = method == "cuts" and #cuts.recency + 1 or k
  return customers:with_columns(("r = %d - r"):format(most + 1))
end

--- The RFM table: a row for each customer with an order before as_of.
-- orders: a frame or lazy table, a row an order. options: as_of (date or time, required), customer ("customer_id"),
-- when ("ordered_at"), amount ("amount"), where (a filter over the orders, e.g. "status == 'paid'"), params (of the
-- filter), method ("ntile": bins of equal size, ties broken by customer; "quantile": equal values share a bin; "cuts":
-- given limits), k (5 bins), cuts ({ recency = { days, … }, frequency = {…}, monetary = {…} }, ascending).
-- Result: customer, last (date or time of the last order), frequency (orders), monetary (their sum), average, recency
-- (days from last to as_of), r, f, m (1 … k, k is best), rfm (the three digits as one number), sorted by customer.
function M.table(orders, options)
  if type(options) ~= "table" then fail("a table of options is wanted") end
  for name in pairs(options) do
    if not known[name] then fail(("unknown option '%s'"):format(tostring(name))) end
  end
  if options.as_of == nil then fail("as_of is missing", "as_of = ms.date '2025-01-01'") end
  local k = options.k or 5
  if type(k) ~= "number" or k < 2 or k > 100 or k % 1 ~= 0 then fail("k must be a whole number, 2 … 100") end
  local customer, when = quoted(options.customer or "customer_id"), quoted(options.when or "ordered_at")
  local amount, params = quoted(options.amount or "amount"), { as_of = options.as_of }
  if options.where then orders = orders:filter(options.where, options.params) end
  local customers = orders
    :filter(when .. " < @as_of and " .. customer .. " is not null", params)
    :group_by("customer = " .. customer)
    :agg("last = max(" .. when .. ")", "frequency = count()", "monetary = sum(" .. amount .. ")",
      "average = monetary / frequency")
    :collect()
    :with_columns("recency = days_between(last, @as_of)", params)
    :sort "customer"
  customers = scores(customers, options, k)
  return customers:with_columns("rfm = r * 100 + f * 10 + m")
end

local function check_rules(rules)
  if type(rules) ~= "table" or #rules == 0 then
    fail("segments are a list of { name, rule }", [[{ { "active", "r >= 4" }, { "sleeping", "r < 4" } }]])
  end
  local seen = {}
  for i, rule in ipairs(rules) do
    local name, text = rule[1], rule[2]
    if type(name) ~= "string" or type(text) ~= "string" then
      fail(("segment %d is not { name, rule }"):format(i))
    end
    if seen[name] then fail(("two segments named '%s'"):format(name)) end
    seen[name] = true
  end
end

-- The example's values, for the message: what an analyst needs to see why a rule matched.
local function example(row, frame)
  local parts, has = {}, {}
  for _, column in ipairs(frame:schema()) do has[column.name] = true end
  for _, name in ipairs { "customer", "customer_id", "r", "f", "m", "recency", "frequency", "monetary" } do
    if has[name] then parts[#parts + 1] = name .. " " .. tostring(row[name]) end
  end
  return table.concat(parts, ", ")
end

local function complain(frame, hits, rules)
  local row = hits:row(1)
  local matched = {}
  for i, rule in ipairs(rules) do
    if row["#rule" .. i] then matched[#matched + 1] = ("%s (%s)"):format(rule[1], rule[2]) end
  end
  local who = example(row, frame)
  if #matched == 0 then
    fail(("%d customers match no segment, for example %s"):format(hits:nrow(), who),
      [[add a rule for them, or { otherwise = "the rest" }]], { code = "E-DATA" })
  end
  fail(("%d customers match no or more than one segment; %s matches %s"):format(hits:nrow(), who,
    table.concat(matched, " and ")), [[make the rules exclude each other, or { overlap = "first" }]],
    { code = "E-DATA" })
end

--- Puts each customer into a segment: the column `segment` is added.
-- rules: a list of { name, expression }, M.grid unless given. They must exclude each other and cover everyone;
-- otherwise an error names the rules and a customer. options: otherwise (a name for whoever matches no rule), overlap
-- ("error", or "first": the first rule that matches wins), params (of the rules), name ("segment").
function M.segment(frame, rules, options)
  rules, options = rules or M.grid, options or {}
  check_rules(rules)
  local tests, sum, cases, params = {}, {}, {}, {}
  for name, value in pairs(options.params or {}) do params[name] = value end
  for i, rule in ipairs(rules) do
    local column = "`#rule" .. i .. "`"
    tests[i] = ("%s = coalesce((%s), false)"):format(column, rule[2])
    sum[i] = ("if(%s, 1, 0)"):format(column)
    cases[i] = ("when %s then @segment%d"):format(column, i)
    params["segment" .. i] = rule[1]
  end
  tests[#tests + 1] = params
  local tested = frame:with_columns(unpack(tests))
  local counted = tested:with_columns("`#rules` = " .. table.concat(sum, " + "))
  local bad = options.overlap == "first" and "`#rules` == 0" or "`#rules` != 1"
  if options.otherwise then
    params.otherwise = options.otherwise
    cases[#cases + 1] = "else @otherwise"
    bad = options.overlap == "first" and "false" or "`#rules` > 1"
  end
  local hits = counted:filter(bad)
  if hits:nrow() > 0 then complain(frame, hits, rules) end
  local name = options.name or "segment"
  local placed = tested:with_columns(quoted(name) .. " = case " .. table.concat(cases, " ") .. " end", params)
  local extra = {}
  for i = 1, #rules do extra[i] = "#rule" .. i end
  return placed:drop(unpack(extra))
end

--- The segments with their size and worth, the largest revenue first: segment, customers, share (of customers),
-- revenue, revenue_share, and the means of recency (days) and monetary value.
function M.summary(frame)
  return frame:group_by("segment")
    :agg("customers = count()", "revenue = sum(monetary)", "recency = mean(recency)", "monetary = mean(monetary)")
    :with_columns("share = customers / sum(customers)", "revenue_share = revenue / total(revenue)")
    :select("segment", "customers", "share", "revenue", "revenue_share", "recency", "monetary")
    :sort("-revenue", "segment")
end

--- Who moved where between two segmentations of M.segment: a row for each pair of segments, with `from` null for
-- customers who are new and `to` null for those who are gone; customers, and share of the customers in `from`.
function M.migrate(before, after)
  local from, to = before:select("customer", "from = segment"), after:select("customer", "to = segment")
  return from:join(to, { on = "customer", how = "full" })
    :group_by("from", "to"):agg("customers = count()")
    :with_columns("share = customers / sum(customers) over (partition by from)")
    :sort("from", "-customers", "to")
end

return M
