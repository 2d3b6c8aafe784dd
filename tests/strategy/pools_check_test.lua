-- Pools before they run: diff against plain loops over both strategies' moves; what check proves of the rules.
local ms = require "moonsift"
local test = require "moonsift.test"
local world_of = dofile "tests/strategy/pools_world.lua"
local day, frame, strategy = world_of.day, world_of.frame, world_of.strategy

test("diff counts the moves that appear and vanish, and whom each owner would have", function()
  local appeared, vanished = 0, 0
  for seed = 1, 30 do
    math.randomseed(seed)
    local held, calls = {}, {}
    for c = 1, 40 do
      local owner = ({ "ann", "bob" })[math.random(3)] -- or the public pool
      held[c] = { c, owner, math.random(0, 1), day(-40) }
      calls[c] = { c, day(-math.random(1, 30)) }
    end
    local given = { as_of = day(1), set = { quiet = math.random(5, 25) }, inputs = {
      accounts = frame({ "customer", "rep", "orders", "seen" }, held),
      contacts = frame({ "customer", "at" }, calls),
      claims = frame({ "customer", "owner", "at" }, { { 1, "ann", day(-50) } }),
    } }
    local function made(rules, escalate)
      return strategy { owner = "rep", recycle = rules, escalate = escalate }
    end
    local silent = { "silent", ("days_since_contact > @quiet + %d"):format(math.random(-3, 3)),
      warn = math.random(0, 4) }
    local old = made { { "silent", "days_since_contact > @quiet", warn = 2 } }
    local new = made({ { "no order", "orders == 0 and days_since_contact > 20" }, silent },
      math.random(2) == 1 and { after = 0, to = "boss" } or nil)
    local found = old:diff(new, given)
    local wanted, count = {}, { before = {}, after = {} }
    for mark, s in pairs { before = old, after = new } do
      local outcome = s:run { inputs = given.inputs, as_of = given.as_of, set = given.set, dry_run = true }
      for row in outcome.customers:rows() do
        local owner = row.owner or "(public pool)"
        count[mark][owner] = (count[mark][owner] or 0) + 1
      end
      for row in outcome.pool_moves and outcome.pool_moves:rows() or function() end do
        local key = table.concat({ row.kind, tostring(row.from), tostring(row.to), tostring(row.reason) }, "|")
        wanted[key] = wanted[key] or { before = {}, after = {} }
        wanted[key][mark][tonumber(row.customer)] = true
      end
    end
    local seen = 0
    for row in found.pools and found.pools:rows() or function() end do
      local key = table.concat({ row.kind, tostring(row.from), tostring(row.to), tostring(row.reason) }, "|")
      local both, was, is, appear, vanish = wanted[key], 0, 0, 0, 0
      test.check(both, key)
      for c in pairs(both.before) do was, vanish = was + 1, vanish + (both.after[c] and 0 or 1) end
      for c in pairs(both.after) do is, appear = is + 1, appear + (both.before[c] and 0 or 1) end
      test.equal({ tonumber(row.before), tonumber(row.after), tonumber(row.appear), tonumber(row.vanish) },
        { was, is, appear, vanish })
      seen, appeared, vanished = seen + 1, appeared + appear, vanished + vanish
    end
    for _ in pairs(wanted) do seen = seen - 1 end
    test.equal(seen, 0)
    for row in found.owners:rows() do
      test.equal({ tonumber(row.before), tonumber(row.after) },
        { count.before[row.owner] or 0, count.after[row.owner] or 0 })
    end
  end
  test.check(appeared > 30 and vanished > 30, appeared .. " " .. vanished)
end)

-- ---- check ----

local world = {
  accounts = frame({ "customer", "rep", "orders", "seen" }, { { 1, "ann", 0, day(-9) }, { 2, nil, 3, day(-9) } }),
  contacts = frame({ "customer", "at" }, { { 1, day(-5) }, { 2, day(-3) } }),
  claims = frame({ "customer", "owner", "at" }, { { 1, "ann", day(-50) } }),
}

-- The findings about pools, as lines.
local function findings(pools)
  local list = {}
  for _, item in ipairs(strategy(pools):check { inputs = world, as_of = day(1) }) do
    if item.text:find "pools:" or item.text:find "recycling" then list[#list + 1] = item.level .. ": " .. item.text end
  end
  return list
end

test("diff counts a customer once, however often the same claim for him is refused", function()
  local db = ms.open(test.temporary "refused.db", { write = true, create = true })
  local asked = { { 2, "bob", day(2) }, { 3, "bob", day(3) } }
  for n = 1, 3 do asked[n + 2] = { 1, "bob", day(n) } end
  local inputs = {
    accounts = frame({ "customer", "rep", "orders", "seen" },
      { { 1, "ann", 0, day(-40) }, { 2, nil, 0, day(-40) }, { 3, nil, 0, day(-40) } }),
    contacts = frame({ "customer", "at" }, { { 1, day(-1) } }),
    claims = frame({ "customer", "owner", "at" }, asked),
  }
  local function made(quota) return strategy { owner = "rep", claims = "claims", quota = quota } end
  made(5):run { db = db, inputs = inputs, as_of = day(0) }
  local list = {}
  for row in made(5):diff(made(1), { db = db, inputs = inputs, as_of = day(5) }).pools:rows() do
    list[#list + 1] = ("%s %s: %d %d %d %d"):format(row.kind, row.reason, tonumber(row.before), tonumber(row.after),
      tonumber(row.appear), tonumber(row.vanish))
  end
  test.equal(list, { "claimed asked for: 2 1 0 1", "refused owned: 1 1 0 0", "refused quota: 0 1 1 0" })
end)

test("check says which recycling rules send nobody back, and why", function()
  local cells = "proved: the recycling rules: "
  local function says(pools, wanted)
    local list = findings(pools)
    for i, line in ipairs(list) do
      if line:find(cells, 1, true) then list[i] = "proved" end
    end
    test.equal(list, wanted)
  end
  local quiet = { "quiet", "days_since_contact > @quiet" }
  says({ owner = "rep", recycle = { quiet, { "unsold", "days_held >= 90 and orders == 0" } } }, { "proved" })
  says({ owner = "rep", recycle = { { "both", "orders > 3 and orders < 2" } } },
    { "error: recycling rule 'both' sends nobody back: no customer can be so: orders > 3 and orders < 2", "proved" })
  says({ owner = "rep", lock = 30, recycle = { { "fresh", "days_held < 7 and orders == 0" } } },
    { "error: recycling rule 'fresh' sends nobody back: whoever is so has been held for less than the 30 days of lock: "
      .. "days_held < 7 and orders == 0", "proved" })
  says({ owner = "rep", exempt = "orders > 2", recycle = { { "many", "orders > 5" } } },
    { "error: recycling rule 'many' sends nobody back: whoever is so is exempt: orders > 5", "proved" })
  says({ owner = "rep", recycle = { quiet, { "quieter", "days_since_contact > 30 and orders == 0" } } },
    { "error: recycling rule 'quieter' is shadowed: those before it send back everybody that it means", "proved" })
  says({ owner = "rep", exempt = "orders > 2", recycle = { { "few", "orders < 2" }, { "not two", "orders != 2" } } },
    { "error: recycling rule 'not two' is shadowed: those before it send back everybody that it means", "proved" })
  says({ owner = "rep", recycle = { { "in the pool", "days_in_pool > 3" } } },
    { "error: recycling rule 'in the pool' sends nobody back: no customer can be so: days_in_pool > 3", "proved" })
  says({ owner = "rep", recycle = { { "odd", "orders % 2 == 1" } } },
    { "note: the recycling rules are not proved: 'odd' is more than comparisons with constants" })
end)

test("check says which claims cannot succeed", function()
  local function says(more, wanted)
    local pools = { owner = "rep", claims = "claims" }
    for part, value in pairs(more) do pools[part] = value or nil end
    test.equal(findings(pools), wanted)
  end
  says({ quota = { default = 5, ann = 3 }, bar = 5, escalate = { after = 9, to = "boss" } }, {})
  says({ quota = 0 }, { "error: pools: no claim can succeed: everybody's quota is 0" })
  says({ claims_a_day = 0 }, { "error: pools: no claim can succeed: claims_a_day is 0" })
  says({ quota = { default = 0, ann = 3 } }, {})
  says({ quota = { default = 2, cat = 0, bob = 0 } },
    { "note: pools: the quota of bob, cat is 0: no claim of theirs can succeed" })
  says({ escalate = { after = 0, to = "boss" } },
    { "error: pools: nobody can be claimed: whoever comes to the public pool goes to 'boss' on the same day" })
  says({ escalate = { after = 0, to = "boss", rule = "orders > 1" } }, {})
  says({ bar = 9, escalate = { after = 9, to = "boss" } },
    { "note: pools: a former owner can never claim: after 9 days in the pool the customer goes to 'boss', and he is "
      .. "barred for 9" })
  says({ claims = false, quota = 5 }, { "note: pools: quota, bar and claims_a_day do nothing: there are no claims" })
end)

test("a recycling rule that check calls shadowed or dead never sends anybody back", function()
  local dead = 0
  for seed = 1, 40 do
    math.randomseed(seed)
    local function rule()
      local parts = {}
      for i = 1, math.random(2) do
        parts[i] = ("%s %s %d"):format(({ "orders", "days_held", "days_since_contact" })[math.random(3)],
          ({ ">", "<", "==", ">=" })[math.random(4)], math.random(0, 6))
      end
      return table.concat(parts, math.random(2) == 1 and " and " or " or ")
    end
    local pools = { owner = "rep", since = "seen", lock = math.random(0, 4), exempt = rule(),
      recycle = { { "a", rule() }, { "b", rule() }, { "c", rule() } } }
    local held, calls = {}, {}
    for c = 1, 400 do
      held[c] = { c, "ann", math.random(-1, 7), day(-math.random(0, 8)) }
      calls[c] = { c, day(-math.random(0, 8)) }
    end
    local tables = { accounts = frame({ "customer", "rep", "orders", "seen" }, held), claims = world.claims,
      contacts = frame({ "customer", "at" }, calls) }
    local made = strategy(pools, { customers = function(s)
      return s.accounts:join(s.contacts, { on = "customer" })
        :with_columns("days_since_contact = days_between(at, @as_of)", { as_of = s.as_of })
    end })
    local sent = {}
    local moves = made:run({ inputs = tables, as_of = day(1), dry_run = true }).pool_moves
    for row in moves and moves:rows() or function() end do sent[row.reason] = true end
    for _, item in ipairs(made:check { inputs = tables, as_of = day(1) }) do
      local name = item.level == "error" and item.text:match "^recycling rule '(%a)'"
      if name then
        dead = dead + 1
        test.check(not sent[name], ("%d: %s"):format(seed, item.text))
      end
    end
  end
  test.check(dead > 10, dead)
end)
