-- Lead score: points for who somebody is and for what he did lately, grades A to D, and the hand-over to sales.
--
--   moonsift run scripts/scoring/lead.lua --db shop.db --as-of 2025-01-01
--
-- A lead is who has bought less than `bought` times. What a lead did counts half as much after `half_life` days. The
-- grades' limits stand in the segments: change points and limits together, and see with `moonsift diff` who moves.
local ms = require "moonsift"

return ms.strategy {
  name = "lead",
  about = "leads graded A to D by who they are and what they did; the A leads go to sales",
  inputs = {
    customers = { columns = { "customer_id", "source", "email", "phone", "joined_at", "consent" }, time = "joined_at" },
    orders = { columns = { "customer_id", "ordered_at", "status" }, time = "ordered_at" },
    visits = { columns = { "customer_id", "visited_at", "pages" }, time = "visited_at" },
    contacts = { columns = { "customer_id", "sent_at", "opened", "clicked" }, time = "sent_at" },
  },
  parameters = {
    bought = { 2, "paid orders from which on a lead is a customer" },
    half_life = { 14, "days after which what a lead did counts half" },
  },
  customers = function(s)
    local given = { as_of = s.as_of, half_life = s.parameters.half_life, bought = s.parameters.bought }
    local function past(frame, when) -- how much of it still counts
      return frame:with_columns(("weight = 0.5 ^ (days_between(%s, @as_of) / @half_life)"):format(when), given)
        :group_by "customer = customer_id"
    end
    local orders = s.orders:filter "status == 'paid'":group_by "customer = customer_id":agg "orders = count()"
    return s.customers:select("customer = customer_id", "source", "email", "phone", "consent", "joined_at"):collect()
      :join(orders, { on = "customer", how = "left" }):filter("coalesce(orders, 0) < @bought", given)
      :join(past(s.visits, "visited_at"):agg("visits = sum(weight)", "pages = sum(weight * least(pages, 10))"),
        { on = "customer", how = "left" })
      :join(past(s.contacts, "sent_at")
        :agg("clicks = total(weight where clicked)", "opens = total(weight where opened)"),
        { on = "customer", how = "left" })
      :with_columns("orders = coalesce(orders, 0)", "visits = coalesce(visits, 0)", "pages = coalesce(pages, 0)",
        "clicks = coalesce(clicks, 0)", "opens = coalesce(opens, 0)", "age = days_between(joined_at, @as_of)", given)
  end,
  scores = {
    { "who", "if(source in ('friend', 'store'), 15, 5) + if(phone is not null, 10, 0) + if(email is not null, 5, 0)" },
    { "did", "least(8 * visits, 40) + least(1.5 * pages, 20) + least(20 * clicks + 5 * opens, 20)"
      .. " + if(age <= 30, 10, 0)" },
    { "points", "who + did" },
  },
  ranges = { points = { 0, 120 } },
  segments = {
    { "A", "points >= 80" },
    { "B", "points >= 55" },
    { "C", "points >= 30" },
    { "D" },
  },
  actions = {
    { "sales call", "segment == 'A' and phone is not null", channel = "phone", every = 90, cost = 4,
      value = "points / 4" },
    { "offer by mail", "segment in ('A', 'B') and email is not null", channel = "mail", every = 30, cost = 0.1,
      value = "points / 40" },
    { "newsletter", "segment == 'C' and email is not null", channel = "mail", every = 30, cost = 0.05,
      value = "points / 100" },
  },
  caps = { { most = 1, days = 14 } },
  consent = "consent",
  capacity = { phone = 25 },
  summary = { "points = mean(points)", "who = mean(who)", "did = mean(did)" },
  tests = {
    { "what was done counts half after two weeks; the second order makes a customer",
      as_of = "2025-01-15",
      inputs = {
        customers = {
          { "customer_id", "source", "email", "phone", "joined_at", "consent" },
          { 1, "friend", "a@x.org", "1", "2024-06-01", true }, { 2, "search", ms.null, ms.null, "2024-06-01", true },
          { 3, "search", ms.null, "3", "2025-01-14", true }, { 4, "store", "d@x.org", "4", "2024-06-01", true },
        },
        orders = {
          { "customer_id", "ordered_at", "status" },
          { 1, "2024-06-01", "paid" }, { 1, "2024-06-02", "refunded" }, { 4, "2024-06-01", "paid" },
          { 4, "2024-07-01", "paid" },
        },
        visits = {
          { "customer_id", "visited_at", "pages" },
          { 1, "2025-01-15", 8 }, { 1, "2025-01-01", 4 }, { 3, "2025-01-01", 50 },
        },
        contacts = {
          { "customer_id", "sent_at", "opened", "clicked" },
          { 1, "2025-01-01", true, true }, { 1, "2025-01-02", false, false },
        },
      },
      expect_scores = {
        { who = 30, did = 19.5, points = 49.5 }, -- the visit of 15 January is not before as_of; 4 + 3 + 12.5
        { who = 5, did = 0 }, { who = 15, did = 21.5 }, -- 4 + 7.5 + 10
      },
      expect_segments = { "C", "D", "C" },
      expect_actions = { "newsletter", {}, {} }, -- the third has no address
    },
  },
}
