-- The next best offer: for each customer the one category he has not bought yet that is worth most to offer.
--
--   moonsift run scripts/campaign/next_best_offer.lua --db shop.db --as-of 2025-01-01
--
-- How likely somebody is to take up a category is measured: of those who had bought b but not c `days` ago, how many
-- bought c since? Worth is that share, over all that he has bought, times the margin of a purchase. The most valuable
-- go out, as far as budget and capacity go. Copy it and write down your own offers.
local ms = require "moonsift"

local OFFERS = { -- category, margin, cost of the mailing
  { "美妆", 0.45, 0.30 }, { "服饰", 0.40, 0.30 }, { "食品", 0.20, 0.10 }, { "数码", 0.10, 0.10 },
  { "home", 0.35, 0.30 }, { "sport", 0.30, 0.30 }, { "books", 0.25, 0.10 }, { "toys", 0.35, 0.10 },
}

local names, margins, actions = {}, {}, {}
for i, offer in ipairs(OFFERS) do
  names[i], margins[i] = offer[1], offer[2]
  actions[i] = { "offer " .. offer[1], ("offer == '%s'"):format(offer[1]), channel = "mail", every = 60,
    cost = offer[3], value = "worth", detail = "product" }
end
local offers = ms.frame { { "offer", names }, { "margin", margins } }

-- What each customer had before a day, beside each offer that he had not; and whether he bought lately.
local function chances(lines, at, days)
  local had = lines:filter("day < @at", { at = at }):group_by("customer", "category"):agg "last = max(day)"
    :with_columns("lately = max(last) over (partition by customer) >= @at - @days", { at = at, days = days })
  return had:select("customer", "had = category", "lately"):join(offers, { how = "cross" })
    :join(had, { on = { "customer", "offer == category" }, how = "anti" })
end

return ms.strategy {
  name = "next_best_offer",
  about = "the one category to offer to each customer, within budget and capacity",
  inputs = {
    customers = { columns = { "customer_id", "joined_at", "consent" }, time = "joined_at" },
    orders = { columns = { "order_id", "customer_id", "ordered_at", "status" }, time = "ordered_at" },
    order_lines = { columns = { "order_id", "product_id", "amount" } },
    products = { columns = { "product_id", "category", "name" } },
  },
  parameters = { days = { 90, "days within which somebody takes up an offer, and looked back to measure it" } },
  customers = function(s)
    local days = s.parameters.days
    local lines = s.order_lines:collect()
      :join(s.orders:filter "status == 'paid'"
        :select("order_id", "customer = customer_id", "day = cast(ordered_at as date)"):collect(), { on = "order_id" })
      :join(s.products:collect(), { on = "product_id" })
    local price = lines:group_by "category":agg "price = mean(amount)"
    local favourite = lines:group_by("category", "product = name"):agg "n = count()":group_by "category"
      :top(1, "-n", "product")
    local since = lines:filter("day >= @cut", { cut = s.as_of - days }):unique("customer", "category")
      :select("customer", "category", "bought = true")
    -- The measured share, drawn towards that of the offer where there were few.
    local shares = chances(lines, s.as_of - days, days)
      :join(since, { on = { "customer", "offer == category" }, how = "left" })
      :group_by("had", "offer", "lately"):agg("seen = count()", "took = count(bought)")
      :with_columns("all_seen = sum(seen) over (partition by offer, lately)",
        "all_took = sum(took) over (partition by offer, lately)")
      :select("had", "offer", "lately", "chance = (took + 20 * all_took / all_seen) / (seen + 20)")
    local best = chances(lines, s.as_of, days):join(shares, { on = { "had", "offer", "lately" } })
      :group_by("customer", "offer", "margin"):agg "chance = mean(chance)"
      :join(price, { on = "offer == category" }):join(favourite, { on = "offer == category" })
      :with_columns "worth = chance * margin * price"
      :group_by "customer":top(1, "-worth", "offer")
    return s.customers:select("customer = customer_id", "consent"):collect()
      :join(best:select("customer", "offer", "product", "chance", "worth"), { on = "customer", how = "left" })
  end,
  segments = { { "an offer", "offer is not null" }, { "has all, or nothing is known" } },
  actions = actions,
  caps = { { most = 1, days = 14 } },
  consent = "consent",
  capacity = { mail = 300 },
  budget = 60,
  holdout = 0.1,
  value = "worth",
  summary = { "chance = mean(chance)" },
  tests = {
    { "two of the three who had food bought books since: books are offered to who has food now",
      as_of = "2025-03-01",
      set = { days = 30 },
      inputs = {
        customers = {
          { "customer_id", "joined_at", "consent" }, { 1, "2025-01-01", true }, { 2, "2025-01-01", true },
          { 3, "2025-01-01", true }, { 4, "2025-01-01", true },
        },
        orders = {
          { "order_id", "customer_id", "ordered_at", "status" }, { 1, 1, "2025-01-01", "paid" },
          { 2, 2, "2025-01-01", "paid" }, { 3, 3, "2025-01-01", "paid" }, { 4, 1, "2025-02-10", "paid" },
          { 5, 2, "2025-02-10", "paid" }, { 6, 4, "2025-02-20", "paid" },
        },
        order_lines = {
          { "order_id", "product_id", "amount" }, { 1, 1, 9 }, { 2, 1, 9 }, { 3, 1, 9 }, { 4, 2, 12 }, { 5, 2, 12 },
          { 6, 1, 9 },
        },
        products = { { "product_id", "category", "name" }, { 1, "食品", "茶" }, { 2, "books", "a novel" } },
      },
      expect = { { customer = 4, offer = "books", product = "a novel", chance = 2 / 3, worth = 2 / 3 * 0.25 * 12 } },
    },
  },
}
