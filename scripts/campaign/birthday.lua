-- Birthdays: a greeting some days ahead, with a gift for who is worth it; by the lunar calendar (农历) for who keeps it.
--
--   moonsift run scripts/campaign/birthday.lua --db shop.db --as-of 2025-01-01
--   moonsift run scripts/campaign/birthday.lua --db shop.db --as-of 2025-01-01 --set days=30 --set "lunar=city == '上海'"
--
-- A lunar birthday in a leap month is kept in the month of the same number in years without it; one on the 30th on the
-- 29th where the month is short.
local ms = require "moonsift"

return ms.strategy {
  name = "birthday",
  about = "whose birthday comes, by which calendar, and who gets a gift",
  inputs = {
    customers = { columns = { "customer_id", "birthday", "city", "joined_at", "consent" }, time = "joined_at" },
    orders = { columns = { "customer_id", "ordered_at", "amount", "status" }, time = "ordered_at" },
  },
  parameters = {
    days = { 7, "days ahead" },
    leap_day = { "02-28", "when who was born on 29 February has the birthday in common years: 02-28 or 03-01" },
    lunar = { "false", "who keeps the lunar birthday: a condition on customer, birthday, city" },
    gift = { 500, "spent in the last year from which on there is a gift" },
  },
  customers = function(s)
    local spent = s.orders
      :filter("status == 'paid' and days_between(ordered_at, @as_of) <= 365", { as_of = s.as_of })
      :group_by "customer = customer_id":agg "spent = sum(amount)"
    local known = s.customers:select("customer = customer_id", "birthday", "city", "consent"):collect()
      :with_columns("lunar = " .. s.parameters.lunar)
    return ms.calendar.birthdays(known, { as_of = s.as_of, lunar = "lunar", leap_day = s.parameters.leap_day })
      :join(spent, { on = "customer", how = "left" })
      :with_columns("spent = coalesce(spent, 0.0)", "days_left = days_between(@as_of, next_birthday)",
        "round = turns % 10 == 0", { as_of = s.as_of })
      :with_columns("worth = spent >= @gift or spent > 0 and coalesce(round, false)", { gift = s.parameters.gift })
  end,
  segments = {
    { "today", "days_left == 0" },
    { "within days", "days_left <= @days" },
    { "later", "days_left is not null" },
    { "birthday unknown" },
  },
  actions = {
    { "gift", "days_left <= @days and worth", channel = "mail", every = 300, cost = 5, value = "spent * 0.05" },
    { "greeting", "days_left <= @days and not worth", channel = "mail", every = 300, cost = 0.05, value = "1" },
    { "ask for the birthday", "birthday is null and worth", channel = "app", once = true },
  },
  caps = { { most = 1, days = 14 } },
  consent = "consent",
  value = "spent",
  summary = { "lunar = count(where lunar)", "round = count(where round)" },
  tests = {
    { "29 February, a lunar birthday in a leap month, and the one who has none",
      as_of = "2025-02-22",
      set = { lunar = "city == '上海'" },
      inputs = {
        customers = {
          { "customer_id", "birthday", "city", "joined_at", "consent" },
          { 1, ms.date "2000-02-29", "Oslo", "2024-01-01", true },
          { 2, ms.date "2023-03-22", "上海", "2024-01-01", true }, -- 2023 闰二月初一; 2025 has no leap second month
          { 3, ms.date "1990-02-22", "Oslo", "2024-01-01", true },
          { 4, ms.null, "Oslo", "2024-01-01", true },
        },
        orders = { { "customer_id", "ordered_at", "amount", "status" }, { 3, "2024-12-01", 600, "paid" } },
      },
      expect = {
        { customer = 1, days_left = 6, turns = 25, segment = "within days" },
        { customer = 2, days_left = 6, turns = 2, segment = "within days" }, -- 二月初一: 2025-02-28
        { customer = 3, days_left = 0, turns = 35, spent = 600, segment = "today" },
        { customer = 4, segment = "birthday unknown" },
      },
      expect_actions = { "greeting", "greeting", "gift", {} },
    },
    { "in a common year 29 February may also be 1 March",
      as_of = "2025-02-22",
      set = { leap_day = "03-01" },
      inputs = {
        customers = {
          { "customer_id", "birthday", "city", "joined_at", "consent" },
          { 1, ms.date "2000-02-29", "Oslo", "2024-01-01", true },
        },
        orders = { { "customer_id", "ordered_at", "amount", "status" }, { 1, "2020-01-01", 6, "paid" } },
      },
      expect = { { customer = 1, days_left = 7, turns = 25 } },
    },
  },
}
