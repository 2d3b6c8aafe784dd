-- Pools: who has whom, against a plain simulation of random worlds; what is kept; what is refused.
local ms = require "moonsift"
local test = require "moonsift.test"

local world_of = dofile "tests/strategy/pools_world.lua"
local day, frame, strategy = world_of.day, world_of.frame, world_of.strategy

local function database()
  local path = test.temporary "pool.db"
  return ms.open(path, { write = true, create = true }), path
end

-- ---- the oracle: a loop over days, customers and claims ----

local function random_world(seed)
  math.randomseed(seed)
  local r = math.random
  local owners = { "ann", "bob", "cat" }
  local world = {
    accounts = {}, contacts = {}, claims = {}, quiet = r(3, 10), least = r(0, 8), held = r(5, 14), warn = r(0, 4),
    lock = r(0, 4), bar = r(0, 9), quota = r(1, 4), more = r(1, 5), a_day = r(1, 2), after = r(2, 9), boss = r() < 0.7,
  }
  for c = 1, r(3, 8) do
    world.accounts[c] = { c, r() < 0.6 and owners[r(3)] or nil, r(0, 1), day((c == 1 or r() < 0.7) and -1 or r(1, 12)) }
  end
  for _ = 1, r(5, 40) do table.insert(world.contacts, { r(#world.accounts), r(-5, 18) }) end
  for _ = 1, r(5, 60) do
    table.insert(world.claims, { r(#world.accounts + 1), r() < 0.9 and owners[r(3)] or nil, r(0, 18) })
  end
  world.days = { 0 }
  while world.days[#world.days] < 18 do
    table.insert(world.days, world.days[#world.days] + (r() < 0.6 and 1 or r(2, 4)))
  end
  return world
end

local function last_contact(world, c, now)
  local last
  for _, contact in ipairs(world.contacts) do
    if contact[1] == c and contact[2] < now and (not last or contact[2] > last) then last = contact[2] end
  end
  return last
end

-- Which rule holds for one who has had him since a day, after `wait` more days in which nothing happens.
local function rule_at(world, c, since, now, wait)
  local last, held = last_contact(world, c, now), now + wait - since
  if held < world.lock or c == 1 then return nil end -- 1 is exempt
  if last and now + wait - last >= world.quiet and held >= world.least then return "no contact" end
  if held >= world.held and world.accounts[c][3] == 0 then return "no order" end
end

local function left_of(world, c, since, now)
  for wait = 1, 60 do
    if rule_at(world, c, since, now, wait) then return wait end
  end
end

local function contact_left(world, c, since, now)
  for wait = 1, 60 do
    if rule_at(world, c, since, now, wait) == "no contact" then return wait end
  end
end

-- The state of the loop: who has whom (at: by customer), who was taken from whom (taken), who was told (told).
local function count_held(sim, owner)
  local n = 0
  for _, a in pairs(sim.at) do n = n + (a.owner == owner and 1 or 0) end
  return n
end

local function refusal(sim, world, claim, today)
  local c, by, on = claim[1], claim[2], claim[3]
  local a, lost = sim.at[c], sim.taken[c .. by]
  if not a then return "unknown" end
  if a.owner then return "owned" end
  if lost and on - lost < world.bar then return "barred" end
  if count_held(sim, by) >= (by == "bob" and world.more or world.quota) then return "quota" end
  if (today[by .. on] or 0) >= world.a_day then return "claims a day" end
end

local function settle_claims(sim, world, now, move)
  local list, today = {}, {}
  for _, claim in ipairs(world.claims) do
    if claim[3] >= sim.before and claim[3] < now then list[#list + 1] = claim end
  end
  table.sort(list, function(x, y)
    if x[3] ~= y[3] then return x[3] < y[3] end
    if x[1] ~= y[1] then return x[1] < y[1] end
    return (x[2] or "~") < (y[2] or "~")
  end)
  for _, claim in ipairs(list) do
    local c, by, on = claim[1], claim[2], claim[3]
    local a = sim.at[c]
    local why = by and refusal(sim, world, claim, today)
    if why then
      move(c, "refused", a and a.owner or "-", by, why, on)
    elseif by then
      today[by .. on] = (today[by .. on] or 0) + 1
      a.owner, a.since = by, on
      move(c, "claimed", "-", by, "asked for", on)
    elseif a and a.owner then
      move(c, "released", a.owner, "-", "given back", on)
      a.owner, a.since = nil, on
    end
  end
end

local function recycle_and_escalate(sim, world, now, move)
  for c in ipairs(world.accounts) do
    local a = sim.at[c]
    local rule = a and a.owner and rule_at(world, c, a.since, now, 0)
    if rule then
      move(c, "recycled", a.owner, "-", rule, now)
      sim.taken[c .. a.owner] = now
      a.owner, a.since, a.times = nil, now, a.times + 1
    elseif a and world.boss and not a.owner and now - a.since >= world.after then
      a.owner, a.since = "boss", now
      move(c, "escalated", "-", "boss", world.after .. " days in the pool", now)
    end
  end
end

-- A line a customer: owner, days with him or in the pool, days left, times recycled; and who is warned.
local function lines_of(sim, world, now, move)
  local lines = {}
  for c in ipairs(world.accounts) do
    local a = sim.at[c]
    if a then
      local left = a.owner and left_of(world, c, a.since, now)
      local near, key = a.owner and contact_left(world, c, a.since, now), c .. (a.owner or "")
      if near and near <= world.warn and not (sim.told[key] and now - sim.told[key] < world.warn) then
        sim.told[key] = now
        move(c, "warned", a.owner, a.owner, rule_at(world, c, a.since, now, left), now)
      end
      lines[#lines + 1] = table.concat({ c, a.owner or "-", now - a.since, left or "-", a.times }, " ")
    end
  end
  return lines
end

local function brute(world, tell)
  local sim = { at = {}, taken = {}, told = {} }
  for _, now in ipairs(world.days) do
    local moves = {}
    local function move(...) moves[#moves + 1] = table.concat({ ... }, " ") end
    for c, account in ipairs(world.accounts) do
      if account[4] < day(now) and not sim.at[c] then sim.at[c] = { owner = account[2], since = now, times = 0 } end
    end
    if sim.before then settle_claims(sim, world, now, move) end
    recycle_and_escalate(sim, world, now, move)
    local lines = lines_of(sim, world, now, move)
    table.sort(moves)
    tell(now, table.concat(moves, "\n"), table.concat(lines, "\n"))
    sim.before = now
  end
end

local function said(outcome)
  local moves, lines = {}, {}
  if outcome.pool_moves then
    for m in outcome.pool_moves:with_columns("n = days_between(@first, day)", { first = day(0) }):rows() do
      moves[#moves + 1] = table.concat({ m.customer, m.kind, m.from or "-", m.to or "-", m.reason, m.n }, " ")
    end
  end
  table.sort(moves)
  for c in outcome.customers:rows() do
    lines[#lines + 1] = table.concat({ c.customer, c.owner or "-", c.owner and c.days_held or c.days_in_pool,
      c.days_left or "-", c.times_recycled }, " ")
  end
  return table.concat(moves, "\n"), table.concat(lines, "\n")
end

local function inputs_of(world)
  local contacts, claims = {}, {}
  for i, x in ipairs(world.contacts) do contacts[i] = { x[1], day(x[2]) } end
  for i, x in ipairs(world.claims) do claims[i] = { x[1], x[2], day(x[3]) } end
  claims[#claims + 1] = { 1, "ann", day(99) } -- so that no column is all null
  local accounts = frame({ "customer", "rep", "orders", "seen" }, world.accounts)
  return {
    accounts = accounts:with_columns "rep = cast(rep as text)", contacts = frame({ "customer", "at" }, contacts),
    claims = frame({ "customer", "owner", "at" }, claims),
  }
end

local function of_world(world)
  return strategy({
    owner = "rep", claims = "claims", lock = world.lock, bar = world.bar, claims_a_day = world.a_day,
    recycle = {
      { "no contact", "days_since_contact >= @quiet and days_held >= " .. world.least, warn = world.warn },
      { "no order", "days_held >= " .. world.held .. " and orders == 0" },
    },
    quota = { default = world.quota, bob = world.more }, exempt = "customer == 1",
    escalate = world.boss and { after = world.after, to = "boss" } or nil,
  })
end

test("a hundred random worlds go as a plain loop over days and claims says", function()
  local happened = {}
  for seed = 1, 100 do
    local world = random_world(seed)
    local s, inputs = of_world(world), inputs_of(world)
    local db = database()
    brute(world, function(now, moves, lines)
      local given = { db = db, inputs = inputs, as_of = day(now), set = { quiet = world.quiet } }
      local got_moves, got_lines = said(s:run(given))
      test.equal(("world %d day %d\n%s"):format(seed, now, got_moves), ("world %d day %d\n%s"):format(seed, now, moves))
      test.equal(("world %d day %d\n%s"):format(seed, now, got_lines), ("world %d day %d\n%s"):format(seed, now, lines))
      for kind, reason in moves:gmatch "%d+ (%a+) %S+ %S+ ([%w ]+)" do
        kind = kind == "refused" and reason:match "^(.-) *%d*$" or kind
        happened[kind] = (happened[kind] or 0) + 1
      end
      if now % 7 == 0 then -- again, and the same comes of it
        local again_moves, again_lines = said(s:run(given))
        test.equal({ again_moves, again_lines }, { got_moves, got_lines })
      end
    end)
    db:close()
  end
  for _, kind in ipairs { "claimed", "released", "recycled", "escalated", "warned", "unknown", "owned", "barred",
    "quota", "claims a day" } do
    test.check((happened[kind] or 0) >= 5, kind .. ": " .. tostring(happened[kind]))
  end
end)

local accounts = frame({ "customer", "rep", "orders", "seen" }, {
  { 1, "ann", 0, day(-1) }, { 2, "ann", 1, day(-1) }, { 3, nil, 0, day(-1) }, { 4, "bob", 1, day(-1) },
})
local contacts = frame({ "customer", "at" }, { { 1, day(-7) }, { 2, day(-1) } })
local claims = frame({ "customer", "owner", "at" },
  { { 3, "bob", day(0) }, { 4, "ann", day(0) }, { 1, "ann", day(3) } })
local inputs = { accounts = accounts, contacts = contacts, claims = claims }
local plain = {
  owner = "rep", claims = "claims", recycle = { { "no contact", "days_since_contact >= @quiet", warn = 2 } }, bar = 30,
  quota = 50,
}

local function dump(path)
  local pipe = io.popen("sqlite3 '" .. path .. "' .dump")
  local text = pipe:read "*a"
  pipe:close()
  return text
end

test("an owner's table, a customer's history, and why: by hand", function()
  local db = database()
  local s = strategy(plain)
  local outcome = s:run { db = db, inputs = inputs, as_of = day(0) }
  test.equal(outcome.pools:column("owner", "-"), { "ann", "bob", "-" })
  test.equal(outcome.pools:column "held", { 2, 1, 1 })
  test.equal(outcome.pools:column("quota", "-"), { 50, 50, "-" })
  outcome = s:run { db = db, inputs = inputs, as_of = day(1) }
  test.equal(outcome.pool_moves:column "kind", { "claimed", "refused", "warned" })
  test.equal(outcome.pools:column "held", { 2, 2 })
  test.equal(outcome.pools:column "claimed", { 0, 1 })
  test.equal(outcome.pools:column "refused", { 1, 0 })
  test.equal(outcome.pools:column "at_risk", { 1, 0 })
  test.equal(outcome.customers:column("days_left", "-"), { 2, 8, "-", "-" })
  test.equal(outcome.customers:column "recycle_rule"[1], "no contact")
  local given = { db = db, inputs = inputs, as_of = day(2) }
  test.contains(s:explain(1, given), "customer 1: with ann since 2025-01-01, 2 days (first seen)\n"
    .. "1 day left: no contact, days_since_contact >= @quiet")
  s:run { db = db, inputs = inputs, as_of = day(3) }
  s:run { db = db, inputs = inputs, as_of = day(4) }
  given.as_of = day(5)
  test.contains(s:explain(1, given), "customer 1: in the public pool since 2025-01-04, 2 days (recycled: no contact)\n"
    .. "recycled 1 times before")
  local history = s:history(1, { db = db })
  test.equal(history:column "kind", { "pool", "warned", "pool", "refused" })
  test.equal(history:column "name", { "ann (first seen)", "ann: no contact", "public pool (recycled: no contact)",
    "ann: barred" })
  test.equal(history:column("left_on", "-")[1], day(3))
  test.equal(db:query "select owner, customers from ms_pool_owner where owner = 'bob'":row(1).customers, 2)
end)

test("a day that is run again leaves what it left the first time, and a dry run nothing", function()
  local db, path = database()
  local s = strategy(plain)
  for n = 0, 3 do s:run { db = db, inputs = inputs, as_of = day(n) } end
  local once = dump(path)
  s:run { db = db, inputs = inputs, as_of = day(3) }
  test.equal(dump(path), once)
  s:run { db = db, inputs = inputs, as_of = day(9), dry_run = true }
  test.equal(dump(path), once)
  strategy { owner = "rep" }:run { db = db, inputs = inputs, as_of = day(3) } -- other rules: what the day said goes
  test.equal(db:query "select count(*) n from ms_pool_move where kind = 'recycled'":row(1).n, 0)
  s:run { db = db, inputs = inputs, as_of = day(3) }
  test.equal(dump(path), once)
end)

test("segments and actions see the pools; rules may be functions, owners integers", function()
  local s = strategy({ recycle = { { "never bought", function(c) return c.orders == 0 end } }, owner = "rep" }, {
    segments = { { "public", "owner is null" }, { "held", "days_held == 0 and times_recycled == 0" } },
    actions = { { "hand over", "days_in_pool == 0 and times_recycled > 0" } },
  })
  local numbered = { accounts = accounts:with_columns "rep = if(rep == 'ann', 7, 8)", contacts = contacts,
    claims = claims }
  local outcome = s:run { inputs = numbered, as_of = day(0), dry_run = true }
  test.equal(outcome.customers:column "segment", { "public", "held", "public", "held" })
  test.equal(outcome.due:column "customer", { 1, 3 })
  test.equal(outcome.pool_moves:column "from", { 7, 8 })
  test.equal(outcome.pools:column("owner", "-"), { 7, 8, "-" })
end)

test("tables of version 1 are brought up, and what they hold stays", function()
  local db = database()
  local old = strategy(nil, { segments = { { "all" } } })
  old:run { db = db, inputs = inputs, as_of = day(0) }
  for _, name in ipairs { "view ms_pool_owner", "table ms_pool", "table ms_pool_move", "table ms_read" } do
    db:execute("drop " .. name)
  end
  db:execute "alter table ms_action drop column send_at"
  db:execute "alter table ms_action drop column detail"
  db:execute "update ms_schema set version = 1" -- as it was before there were pools
  test.equal(old:history(1, { db = db }):column "name", { "all" })
  local s = strategy(plain, { segments = { { "all" } } })
  test.equal(s:run({ db = db, inputs = inputs, as_of = day(1), dry_run = true }).pools:column "held", { 2, 1, 1 })
  s:run { db = db, inputs = inputs, as_of = day(1) }
  test.check(db:query "select version from ms_schema":row(1).version >= 2)
  test.equal(s:history(1, { db = db }):column "entered", { day(0), day(1), day(1) })
end)

test("what pools cannot be is said", function()
  local lines = {}
  local function refused(what, pools)
    local fine, problem = pcall(function()
      strategy(pools):run { inputs = inputs, as_of = day(0), dry_run = true }
    end)
    test.check(not fine, what)
    lines[#lines + 1] = ("%s\n%s\n"):format(what, (tostring(problem):gsub("^[^\n]-:%d+: ", "")))
  end
  refused("an unknown part", { recycel = {} })
  refused("a part of another kind", { lock = "long" })
  refused("a share of a day", { bar = 1.5 })
  refused("a rule without a condition", { recycle = { { "no contact" } } })
  refused("two rules of one name", { recycle = { { "a", "true" }, { "a", "false" } } })
  refused("a warning before a function", { recycle = { { "a", function() return true end, warn = 3 } } })
  refused("a quota that is none", { quota = { ann = -1 } })
  refused("an escalation to nobody", { escalate = { after = 3 } })
  refused("claims that are no input", { claims = "claim" })
  refused("claims without owner", { claims = "contacts" })
  refused("an owner that is no column", { owner = "repp" })
  refused("a rule with a typing error", { owner = "rep", recycle = { { "quiet", "days_since_contect >= 3" } } })
  refused("an exemption with a typing error", { owner = "rep", exempt = "tier == 'a'" })
  test.golden("pools-refused", table.concat(lines, "\n"))
end)
