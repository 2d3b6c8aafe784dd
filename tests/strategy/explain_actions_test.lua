-- explain of actions: each way in which one is planned or not, told with its numbers; and it agrees with what is due.
local ms = require "moonsift"
local test = require "moonsift.test"

local people = ms.frame {
  { "id", { 1, 2, 3, 4, 5, 6 } }, { "worth", { 60, 50, 40, 30, 20, 10 } },
  { "may", { true, true, true, true, true, false } },
}
local blocked = ms.frame {
  { "id", { 5, 4 } }, { "channel", { "mail", ms.null } }, { "until", { ms.date "2025-03-01", ms.date "2024-12-31" } },
}

local function strategy(more)
  local given = {
    name = "s",
    inputs = {
      people = { columns = { "id", "worth", "may" } },
      blocked = { columns = { "id", "channel", "until" }, customer = "id" },
    },
    parameters = { least = 15 },
    customers = function(s) return s.people:select("customer = id", "worth", "may") end,
    actions = {
      { "call", "worth >= 40", channel = "phone", every = 30, value = "worth", cost = 5 },
      { "mail", "worth >= @least", channel = "mail", every = 10, value = "worth / 10.0", cost = 1, at = "10:00" },
      { "gift", function(c) return c.worth > 50 end, once = true, value = "100", cost = 2 },
    },
    consent = "may",
  }
  for part, value in pairs(more or {}) do given[part] = value end
  return ms.strategy(given)
end

local function database(s, days)
  local db = ms.open(test.temporary "s.db", { write = true, create = true })
  db:write("people", people)
  db:write("blocked", blocked)
  for _, day in ipairs(days or {}) do s:run { db = db, as_of = day } end
  return db
end

test("each reason is told with its numbers", function()
  local lines = {}
  local function tell(what, more, customer, day, days)
    local s = strategy(more)
    local db = database(s, days)
    lines[#lines + 1] = ("%s\n%s\n"):format(what, (s:explain(customer, { db = db, as_of = day }):gsub("^.-\n\n", "")))
    db:close()
  end
  local day = "2025-01-01"
  tell("planned, and a rule that does not hold", nil, 2, day)
  tell("no consent", { actions = { { "mail", "worth < 15" }, { "call", "worth > 15" } } }, 6, day)
  tell("suppressed for a channel", { suppress = "blocked" }, 5, day)
  tell("not suppressed any more", { suppress = "blocked" }, 4, day)
  tell("resting, and done once", nil, 1, "2025-01-09", { day })
  tell("a cap that others of the day fill", { caps = { { most = 1, days = 7 } } }, 1, day)
  tell("a cap that the ledger fills", { caps = { { most = 1, days = 30, channel = "mail" } } }, 4, "2025-01-15",
    { day })
  tell("a cap half full", { caps = { { most = 4, days = 30 } } }, 1, "2025-01-31", { day })
  tell("beyond the capacity", { capacity = { phone = 2 } }, 3, day)
  tell("no capacity at all", { capacity = { phone = 0 } }, 3, day)
  tell("beyond the budget", { budget = 13 }, 3, day)
  tell("held out", { holdout = 0.999999 }, 2, day)
  tell("in the quiet hours", { quiet = { from = "09:00", to = "12:00", dates = { "2025-01-02" } } }, 4, "2025-01-02")
  test.golden("strategy-explain-actions", table.concat(lines, "\n"))
end)

-- "name: planned…" by name, of what explain says.
local function told(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do
    local name, fate = line:match "^  (%a+): (%a+)"
    if name then list[name] = fate end
  end
  return list
end

test("what explain says of a customer is what is due for him, whatever binds", function()
  math.randomseed(20261123)
  local random, seen = math.random, {}
  for _ = 1, 40 do
    local more = { caps = {}, suppress = random(2) == 1 and "blocked" or nil, holdout = random(3) == 1 and 0.4 or nil }
    if random(2) == 1 then more.capacity = { phone = random(0, 3), mail = random(1, 4) } end
    if random(2) == 1 then more.budget = random(1, 20) end
    for i = 1, random(0, 2) do more.caps[i] = { most = random(2), days = random(1, 30) } end
    if random(2) == 1 and more.caps[1] then more.caps[1].channel = "mail" end
    local s = strategy(more)
    local db = database(s, { "2025-01-01", "2025-01-08" })
    local as_of = ("2025-01-%02d"):format(random(9, 31))
    local due = {}
    for row in s:run({ db = db, as_of = as_of, dry_run = true }).due:rows() do
      due[row.customer .. row.action] = row.status == "planned" and "planned" or "held"
    end
    for customer = 1, 6 do
      local list = told(s:explain(customer, { db = db, as_of = as_of }))
      for _, action in ipairs(s.actions) do
        local wanted = due[customer .. action[1]] or customer ~= 6 and "not" or nil
        test.equal({ as_of, customer, action[1], list[action[1]] }, { as_of, customer, action[1], wanted })
        seen[wanted or "silent"] = true
      end
    end
    db:close()
  end
  test.equal(seen, { planned = true, held = true, ["not"] = true, silent = true })
end)
