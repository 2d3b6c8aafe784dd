-- What help says about simulate_shop.
return {
  name = "simulate_shop",
  prose = [[
One table of a synthetic shop whose truth is known, for trying, teaching and testing. Tables of the same options belong
together, whichever of them are drawn; `ms.sim.shop` draws them all.

Purchases follow BG/NBD (Fader, Hardie, Lee 2005, Marketing Science 24(2)): each customer's rate of orders a week is
Gamma(0.85, 9), and after each repeat purchase the customer drops out with a probability that is Beta(0.7, 3.2). Values of
orders follow Gamma-Gamma (Fader, Hardie 2013, note 025) with p = 4, q = 4.5, gamma = 175: 200 in the mean. Visits are a
Poisson process while a customer is active. Five personas decide tastes, visits, and how campaigns work; six pairs of
products are planted that go together. Some customers have registered twice, with slips of the pen.

`truth` says what is true of each customer (persona, rate, dropout, mean value of an order, when they dropped out, of whom
they are a duplicate), `parameters` what the models were given.
]],
  columns = {
    { "customers", "customer_id, name, gender, birthday, city, email, phone, source, joined_at, consent" },
    { "orders", "order_id, customer_id, ordered_at, amount, channel, status (paid, refunded, cancelled)" },
    { "order_lines", "order_id, line, product_id, quantity, amount: they add up to the order's" },
    { "products", "product_id, name, category, list_price" },
    { "visits", "visit_id, customer_id, visited_at, channel, pages, seconds" },
    { "campaigns", "campaign_id, name, channel, sent_on, cost_per_contact" },
    { "contacts", "campaign_id, customer_id, arm (treated or control), sent_at, opened, clicked, converted, revenue" },
    { "truth",
      "customer_id, persona, orders_per_week, dropout, order_value, active, dropped_at, uplift, duplicate_of" },
    { "parameters", "name, value" },
  },
  examples = {
    {
      code = [[
local orders = ms.simulate_shop{ table = "orders", customers = 3, seed = 1 }
print(orders:head(4))
]],
      output = [[
┌──────────┬─────────────┬─────────────────────┬────────┬─────────┬──────────┐
│ order_id │ customer_id │ ordered_at          │ amount │ channel │ status   │
│  integer │     integer │ time                │   real │ text    │ text     │
├──────────┼─────────────┼─────────────────────┼────────┼─────────┼──────────┤
│        1 │           1 │ 2023-03-20 10:10:55 │ 426.22 │ 天猫    │ paid     │
│        2 │           1 │ 2023-04-04 00:46:33 │ 200.17 │ 微信    │ paid     │
│        3 │           2 │ 2024-09-07 22:42:02 │  92.64 │ app     │ paid     │
│        4 │           2 │ 2024-09-11 02:33:35 │ 100.87 │ app     │ refunded │
└──────────┴─────────────┴─────────────────────┴────────┴─────────┴──────────┘
 4 rows × 6 columns
]],
    },
  },
}
