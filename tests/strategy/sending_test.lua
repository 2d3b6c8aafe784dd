-- Who must be left alone, when an action is sent, and points that fade.
local ms = require "moonsift"
local test = require "moonsift.test"

local people = ms.frame { { "id", { 1, 2, 3, 4, 5 } } }

local function strategy(more)
  local given = {
    name = "send",
    inputs = {
      people = { columns = { "id" } },
      blocked = { columns = { "id", "channel", "until" }, customer = "id" },
    },
    customers = function(s) return s.people:select "customer = id" end,
    actions = {
      { "letter", "true", channel = "mail", value = "2", at = "22:30" }, { "call", "true", channel = "phone" },
    },
  }
  for part, value in pairs(more or {}) do given[part] = value end
  return ms.strategy(given)
end

local function blocked_of(rows)
  local id, channel, last = {}, {}, {}
  for i, row in ipairs(rows) do
    id[i], channel[i], last[i] = row[1], row[2] or ms.null, row[3] and ms.date(row[3]) or ms.null
  end
  return ms.frame { { "id", id }, { "channel", channel, "text" }, { "until", last, "date" } }
end

local list = blocked_of { { 1 }, { 2, "mail" }, { 3, nil, "2025-01-01" }, { 4, nil, "2024-12-31" }, { 9 } }

local function due(s, day)
  local found, inputs = {}, { people = people, blocked = list }
  for row in s:run({ inputs = inputs, as_of = day or "2025-01-01", dry_run = true }).due:rows() do
    found[#found + 1] = row.customer .. " " .. row.action
  end
  return found
end

test("who is suppressed gets nothing, of the channel or of all, up to and with the last day", function()
  test.equal(due(strategy { suppress = "blocked" }), { "2 call", "4 letter", "4 call", "5 letter", "5 call" })
  test.equal(due(strategy { suppress = "blocked" }, "2025-01-02"),
    { "2 call", "3 letter", "3 call", "4 letter", "4 call", "5 letter", "5 call" })
  test.equal(#due(strategy()), 10)
end)

local function sent(quiet, day, at)
  local s = strategy { quiet = quiet, actions = { { "letter", "true", at = at } } }
  local run = s:run { inputs = { people = people, blocked = list }, as_of = day, dry_run = true }
  return tostring(run.due:row(1).send_at)
end

test("an action is sent at its time, or as soon as it is not quiet", function()
  test.equal(sent(nil, "2025-01-01", "10:15"), "2025-01-01 10:15:00")
  test.equal(sent(nil, "2025-01-01"), "2025-01-01 00:00:00")
  local night = { from = "21:00", to = "09:00" }
  test.equal(sent(night, "2025-01-01", "20:59"), "2025-01-01 20:59:00")
  test.equal(sent(night, "2025-01-01", "21:00"), "2025-01-02 09:00:00")
  test.equal(sent(night, "2025-01-01", "08:59"), "2025-01-01 09:00:00")
  test.equal(sent(night, "2025-01-01", "09:00"), "2025-01-01 09:00:00")
  test.equal(sent({ from = "12:00", to = "14:00" }, "2025-01-01", "12:30"), "2025-01-01 14:00:00")
  -- 2025-01-04 is a Saturday; the new year of 2025 began on 29 January.
  test.equal(sent({ weekdays = { "saturday", "Sunday" } }, "2025-01-04", "10:00"), "2025-01-06 00:00:00")
  local festival = { from = "21:00", to = "09:00", weekdays = { "sunday" },
    dates = { "2025-01-28", "2025-01-29", "2025-01-30", "2025-01-31", "2025-02-01" } }
  test.equal(sent(festival, "2025-01-27", "23:00"), "2025-02-03 09:00:00") -- 2 February is a Sunday
end)

test("the ledger keeps when; tables of an older version get the column", function()
  local db = ms.open(test.temporary "send.db", { write = true, create = true })
  db:write("people", people, { mode = "replace" })
  db:write("blocked", list, { mode = "replace" })
  local s = strategy { suppress = "blocked", quiet = { from = "21:00", to = "09:00" } }
  s:run { db = db, as_of = "2025-01-01" }
  db:execute "alter table ms_action drop column send_at"
  db:execute "alter table ms_action drop column detail"
  db:execute "update ms_schema set version = 3"
  s:run { db = db, as_of = "2025-01-02" }
  local rows = db:query [[select action, due, send_at from ms_action where customer = 5 order by due, action]]
  test.equal(rows:column("send_at", "-"), { "-", "-", "2025-01-02 09:00:00", "2025-01-03 09:00:00" })
end)

test("the ledger keeps what an action is about, as it is on the last run of the day until it was done", function()
  local db = ms.open(test.temporary "detail.db", { write = true, create = true })
  local function run(detail)
    strategy {
      parameters = { share = 0.5 },
      actions = { { "offer", "customer < 3", detail = detail }, { "call", "customer == 1" } },
    }:run { db = db, inputs = { people = people, blocked = list }, as_of = "2025-01-01" }
    local rows = {}
    for row in db:query "select customer, action, detail from ms_action order by customer, action":rows() do
      rows[#rows + 1] = ("%d %s %s"):format(row.customer, row.action, tostring(row.detail))
    end
    return rows
  end
  test.equal(run "customer * @share", { "1 call nil", "1 offer 0.5", "2 offer 1" })
  db:execute "update ms_action set status = 'done' where customer = 2"
  test.equal(run "if(customer == 1, 'tea', 'coffee')", { "1 call nil", "1 offer tea", "2 offer 1" })
  test.equal(run(nil), { "1 call nil", "1 offer nil", "2 offer 1" })
  test.raises(function() run "custmer" end, "detail of the action 'offer': unknown column 'custmer'")
end)

test("what suppression and quiet cannot be is said", function()
  local function raises(more, text) test.raises(function() strategy(more) end, text) end
  raises({ suppress = "blokced" }, "suppress names 'blokced', which is no input")
  raises({ suppress = "people" }, "the input 'people' of suppress does not say which column is the customer")
  raises({ quiet = { from = "21:00" } }, "quiet wants both from and to")
  raises({ quiet = { from = "21:00", to = "25:00" } }, "to of quiet is '25:00'; a time of day")
  raises({ quiet = { weekdays = { "sonday" } } }, "'sonday' is no weekday")
  raises({ quiet = { weekdays = { "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday" } } },
    "every weekday is quiet")
  raises({ quiet = { dates = { "tomorrow" } } }, "quiet: 'tomorrow' in its dates is no date")
  raises({ quiet = { hours = {} } }, "quiet has an unknown part 'hours'")
  raises({ actions = { { "a", "true", at = "noon" } } }, "at of the action 'a' is 'noon'; a time of day")
end)

test("points fade by half in their time, and a score caps them", function()
  local s = ms.strategy {
    name = "warm",
    inputs = { visits = { columns = { "id", "at" }, time = "at", customer = "id" } },
    events = { { "warmth", "sum(10 * pow(0.5, days_between(at, @as_of) / 30.0))" } },
    scores = { { "points", "least(warmth, 12)" } },
  }
  local visits = ms.frame {
    { "id", { 1, 1, 2 } }, { "at", { ms.date "2024-12-02", ms.date "2024-11-02", ms.date "2024-12-31" } },
  }
  local found = s:customers { inputs = { visits = visits }, as_of = "2025-01-01" }
  test.close(found:column "warmth"[1], 7.5, 1e-12) -- 10 / 2 + 10 / 4
  test.close(found:column "warmth"[2], 10 * 0.5 ^ (1 / 30), 1e-12)
  local day = ms.date "2024-12-30"
  local three = ms.frame { { "id", { 1, 1, 1 } }, { "at", { day, day, day } } }
  test.equal(s:customers({ inputs = { visits = three }, as_of = "2025-01-01" }):column "points"[1], 12)
end)

test("who is held out is there only if capacity and budget would have reached him", function()
  local worth, ids = {}, {}
  for i = 1, 300 do ids[i], worth[i] = i, i * 37 % 101 end
  local crowd = ms.frame { { "id", ids }, { "worth", worth } }
  local function run(more)
    local given = {
      name = "reach", inputs = { people = { columns = { "id", "worth" } } },
      customers = function(s) return s.people:select("customer = id", "worth") end,
      actions = { { "call", "true", channel = "phone", value = "worth", cost = 3 } }, holdout = 0.3,
    }
    for part, value in pairs(more) do given[part] = value end
    return ms.strategy(given):run { inputs = { people = crowd }, as_of = "2025-01-01", dry_run = true }
  end
  local all = {}
  for row in run({}).customers:rows() do all[#all + 1] = row end
  table.sort(all, function(a, b)
    if a.worth ~= b.worth then return a.worth > b.worth end
    return a.customer < b.customer
  end)
  local limits = { { capacity = { phone = 20 } }, { budget = 61 }, { capacity = { phone = 50 }, budget = 90 } }
  for _, more in ipairs(limits) do
    local most = math.min(more.capacity and more.capacity.phone or 300, math.floor((more.budget or 900) / 3))
    local wanted, taken = {}, 0
    for _, row in ipairs(all) do
      if taken < most then wanted[row.customer] = row.held_out and "held out" or "planned" end
      if not row.held_out then taken = taken + 1 end
    end
    local found = {}
    for row in run(more).due:rows() do found[row.customer] = row.status end
    test.equal(found, wanted)
  end
end)
