-- Recycling (公海): customers whom their seller neither speaks with nor sells to go back to the public pool; there
-- anybody may ask for them, within a quota; whom nobody wants goes to the team's head.
--
--   moonsift run scripts/pool/recycle.lua --db shop.db --as-of 2025-01-01       every day
local ms = require "moonsift"

return ms.strategy {
  name = "recycle",
  about = "who keeps a customer, who goes back to the public pool, who gets him next",
  inputs = {
    owners = { columns = { "customer_id", "owner", "since" } },
    calls = { columns = { "customer", "called_at" }, time = "called_at" },
    orders = { columns = { "customer_id", "ordered_at", "amount", "status" }, time = "ordered_at" },
    claims = { columns = { "customer", "owner", "claimed_at" }, time = "claimed_at" },
  },
  parameters = {
    quiet = { 60, "days without a contact after which a customer goes back" },
    unsold = { 90, "days within which a seller must have sold something" },
    key = { 3000, "spent in a year by a key account, who is never taken" },
  },
  customers = function(s)
    local bought = s.orders:filter "status == 'paid'":group_by "customer = customer_id"
      :agg("last_order = max(ordered_at)", "year = sum(amount where days_between(ordered_at, @as_of) <= 365)",
        { as_of = s.as_of })
    local spoken = s.calls:group_by "customer":agg "last_contact = max(called_at)"
    return s.owners:select("customer = customer_id", "seller = owner", "since"):collect()
      :join(bought, { on = "customer", how = "left" }):join(spoken, { on = "customer", how = "left" })
      :with_columns("days_since_contact = days_between(last_contact, @as_of)", "year = coalesce(year, 0)",
        "days_since_order = days_between(last_order, @as_of)", { as_of = s.as_of })
  end,
  pools = {
    owner = "seller",
    since = "since",
    claims = "claims",
    recycle = {
      { "no contact", "days_since_contact >= @quiet and days_held >= @quiet", warn = 7 },
      { "no order", "days_since_order >= @unsold and days_held >= @unsold", warn = 14 },
      { "never bought", "days_held >= @unsold and days_since_order is null", warn = 14 },
    },
    lock = 30,
    bar = 30,
    quota = { default = 200, ["seller 1"] = 250 },
    claims_a_day = 5,
    exempt = "year >= @key",
    escalate = { after = 30, to = "head of sales", rule = "year > 0" },
  },
  segments = {
    { "to be spoken with", "at_risk" },
    { "held", "owner is not null" },
    { "public pool" },
  },
  value = "year",
  actions = {
    { "call before he goes", "at_risk", channel = "task", every = 14, value = "year" },
  },
  tests = {
    { "sixty quiet days take a customer from his seller, unless he is a key account or came a while ago",
      as_of = "2025-01-01",
      inputs = {
        owners = {
          { "customer_id", "owner", "since" },
          { 1, "ann", "2024-06-01" }, { 2, "ann", "2024-06-01" }, { 3, "ann", "2024-06-01" },
          { 4, "bob", "2024-12-10" }, { 5, "bob", "2024-10-10" },
        },
        calls = {
          { "customer", "called_at" },
          { 1, "2024-11-02" }, { 2, "2024-11-08" }, { 3, "2024-01-01" }, { 4, "2024-01-01" }, { 5, "2024-12-30" },
        },
        orders = {
          { "customer_id", "ordered_at", "amount", "status" },
          { 1, "2024-12-01", 10, "paid" }, { 2, "2024-12-01", 10, "paid" }, { 3, "2024-05-01", 3000, "paid" },
        },
        claims = { { "customer", "owner", "claimed_at" }, { 9, "bob", "2024-12-31" } },
      },
      expect_pools = { "public pool", "ann", "ann", "bob", "bob" },
      expect_actions = { [2] = "call before he goes", [5] = "call before he goes", [4] = {} },
      expect = {
        { customer = 1, times_recycled = 1, days_in_pool = 0 }, { customer = 4, days_left = 38 },
        { customer = 2, days_left = 6, recycle_rule = "no contact", segment = "to be spoken with" },
        { customer = 5, days_left = 7, recycle_rule = "never bought" },
      },
    },
  },
}
