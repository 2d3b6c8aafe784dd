-- A strategy's own tests: what they can expect, of one day or of several, and what they say where it comes otherwise.
local ms = require "moonsift"
local test = require "moonsift.test"

local ROWS = {
  { "customer_id", "ordered_at", "amount" },
  { 1, "2024-01-01", 5 }, { 1, "2024-04-15", 10 }, { 2, "2024-01-01", 50 },
}

local function strategy(example, more)
  local given = {
    name = "life",
    inputs = {
      orders = { columns = { "customer_id", "ordered_at", "amount" }, time = "ordered_at", customer = "customer_id" },
    },
    events = { { "last", "max(ordered_at)" }, { "spent", "total(amount)" } },
    scores = { { "worth", "spent * 2" }, { "recency", "days_between(last, @as_of)" } },
    states = {
      start = "new", { "new", "away", "recency >= 60" }, { "away", "back", "recency < 60" },
      { "back", "old", after = 30 },
    },
    segments = { { "big", "spent > 10" }, { "small" } },
    actions = {
      { "mail", "state == 'away'", channel = "mail", every = 60 }, { "call", "state == 'away' and spent > 10" },
    },
    caps = { { most = 2, days = 60 } },
  }
  for part, value in pairs(more or {}) do given[part] = value or nil end
  example[1] = "example"
  example.inputs = example.inputs or { orders = ROWS }
  given.tests = { example }
  return ms.strategy(given)
end

local function run(example, more) strategy(example, more):examples()[1][2]() end

local function wrong(example, more) return test.fails(function() run(example, more) end) end

test("a day's segments, states, scores, actions and columns are as expected", function()
  run {
    as_of = "2024-04-01",
    expect = { { customer = 1, last = "2024-01-01", state_before = ms.null, spent = 5 } },
    expect_segments = { "small", "big" }, expect_states = { [2] = "away" },
    expect_scores = { 91, { worth = 100, recency = 91 } },
    expect_actions = { "mail", { "call", "mail" } },
  }
end)

test("days follow each other: states, time-outs, rest and caps", function()
  run {
    before = { "2024-01-10" },
    days = {
      { as_of = "2024-02-01", expect_states = { "new", "new" }, expect_actions = { {}, {} } },
      { as_of = "2024-04-01", expect_states = { "away", "away" }, expect_actions = { "mail", { "call", "mail" } } },
      { as_of = "2024-04-20", expect_states = { "back", "away" }, expect_actions = { [2] = {} } },
      { as_of = "2024-05-20", expect_states = { "old", "away" }, expect = { { customer = 2, days_in_state = 49 } } },
      { as_of = "2024-06-20", expect_states = { "old", "away" }, expect_actions = { [2] = { "mail", "call" } } },
    },
  }
end)

test("days before the day are run, and nothing is expected of them", function()
  run { before = { "2024-04-01" }, as_of = "2024-04-20", expect_states = { "back", "away" },
    expect_actions = { {}, {} } }
  run { as_of = "2024-04-20", expect_states = { "new", "away" }, expect_actions = { {}, { "call", "mail" } } }
end)

test("whoever is held out has the action as held out", function()
  local held = ms.strategy {
    name = "life", inputs = { a = { columns = { "customer" } } }, customers = function(s) return s.a end,
    holdout = 0.999999, actions = { { "mail", "true" } },
    tests = { { "example", as_of = "2024-04-01", inputs = { a = { { "customer" }, { "k1" } } },
      expect_actions = { k1 = "mail (held out)" } } },
  }
  held:examples()[1][2]()
end)

test("owners are expected by their names, or the public pool", function()
  local more = {
    name = "pool", inputs = { owners = { columns = { "customer", "owner", "idle" } } }, states = false, actions = false,
    segments = false, events = false, scores = false, caps = false,
    customers = function(s) return s.owners:select("customer", "seller = owner", "idle") end,
    pools = { owner = "seller", recycle = { { "idle", "idle >= 30" } } },
  }
  local rows = { owners = { { "customer", "owner", "idle" }, { 1, "ann", 5 }, { 2, "bob", 40 } } }
  run({ inputs = rows, as_of = "2024-04-01", expect_pools = { "ann", "public pool" } }, more)
  test.equal(wrong({ inputs = rows, as_of = "2024-04-01", expect_pools = { "bob", "bob" } }, more),
    "2024-04-01, customer 1: owner: wanted 'bob', got 'ann'\n  "
      .. "2024-04-01, customer 2: owner: wanted 'bob', got 'public pool'")
end)

test("everything that is otherwise is said, with the day, the customer, what was wanted and what came", function()
  test.equal(wrong {
    days = {
      { as_of = "2024-02-01", expect_states = { [1] = "new", [3] = "away" } },
      { as_of = "2024-04-01", expect_actions = { "call", { "mail" } }, expect_segments = { "big", "big" } },
      { as_of = "2024-04-20", expect_states = { "back", "back" }, expect_scores = { 3, { worth = 1 } },
        expect = { { customer = 1, last = "2024-04-14", spent = ms.null } } },
    },
  }, table.concat({
    "2024-02-01, customer 3 is not there; there are 1, 2",
    "2024-04-01, customer 1: segment: wanted 'big', got 'small'",
    "2024-04-01, customer 1: actions: wanted 'call', got 'mail'",
    "2024-04-01, customer 2: actions: wanted 'mail', got 'call', 'mail'",
    "2024-04-20, customer 1: last: wanted '2024-04-14', got 2024-04-15",
    "2024-04-20, customer 1: spent: wanted null, got 15",
    "2024-04-20, customer 2: state: wanted 'back', got 'away'",
    "2024-04-20, customer 1: recency: wanted 3, got 5",
    "2024-04-20, customer 2: worth: wanted 1, got 100",
  }, "\n  "))
end)

test("what is expected of a column that is not there is a slip", function()
  local function raises(example, text) test.raises(function() run(example) end, text) end
  raises({ as_of = "2024-02-01", expect = { { customer = 1, spnt = 3 } } }, "column 'spnt' of customer 1")
  raises({ as_of = "2024-02-01", expect_scores = { { wrth = 3 } } }, "did you mean 'worth'?")
end)

test("what a test cannot be is said before anything runs", function()
  local lines = {}
  local function refused(what, example, more)
    local fine, problem = pcall(strategy, example, more)
    test.check(not fine, what)
    lines[#lines + 1] = ("%s\n%s\n"):format(what, (tostring(problem):gsub("^[^\n]-:%d+: ", "")))
  end
  local day = "2024-02-01"
  refused("no day", { expect = {} })
  refused("nothing expected", { as_of = day })
  refused("an unknown part", { as_of = day, expects = {} })
  refused("a part of another kind", { as_of = day, expect_states = "away" })
  refused("a day that is none", { as_of = "2024-02-30", expect = {} })
  refused("a segment that is none", { as_of = day, expect_segments = { "bigg" } })
  refused("a state that is none", { as_of = day, expect_states = { "awya" } })
  refused("an action that is none", { as_of = day, expect_actions = { { "mail", "cal" } } })
  refused("a state where there are none", { as_of = day, expect_states = { "x" } }, { states = false })
  refused("a pool where there are none", { as_of = day, expect_pools = { "ann" } })
  refused("a score where there are none", { as_of = day, expect_scores = { 3 } }, { scores = false })
  refused("a row without a customer", { as_of = day, expect = { { segment = "big" } } })
  refused("a day within days without a date", { days = { { "2024-02-01" } } })
  refused("days and a day", { as_of = day, days = { { as_of = day, expect = {} } } })
  refused("rows of no input", { as_of = day, inputs = { order = ROWS }, expect = {} })
  refused("a day before that is none", { as_of = day, before = { "yesterday" }, expect = {} })
  test.golden("strategy-examples-refused", table.concat(lines, "\n"))
end)

test("the command line shows them", function()
  local file = test.temporary "life.lua"
  local out = assert(io.open(file, "w"))
  out:write [[
local ms = require "moonsift"
return ms.strategy {
  name = "s", inputs = { a = { columns = { "customer", "x" } } }, customers = function(s) return s.a end,
  segments = { { "big", "x > 3" }, { "small" } },
  tests = {
    { "fine", as_of = "2024-01-01", inputs = { a = { { "customer", "x" }, { 1, 5 } } }, expect_segments = { "big" } },
    { "three is big", as_of = "2024-01-01", inputs = { a = { { "customer", "x" }, { 1, 3 } } },
      expect_segments = { "big" } },
  },
}
]]
  out:close()
  local status, output = test.command("test '" .. file .. "'")
  test.equal({ status, output }, { 1, "FAIL  " .. file .. ": three is big\n"
    .. "  2024-01-01, customer 1: segment: wanted 'big', got 'small'\n\n1 passed, 1 failed\n" })
end)
