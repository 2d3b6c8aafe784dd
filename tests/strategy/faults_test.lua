-- Runs that are killed, and runs of two processes at once: the database is as if each run had been whole and alone.
-- MOONSIFT_KILLS: how many times a run is killed (15).
local ms = require "moonsift"
local test = require "moonsift.test"

local KILLS = tonumber(os.getenv "MOONSIFT_KILLS") or 15

-- What a day gives depends on the days before it: states, and a cap over ten days.
local STRATEGY = [[
local ms = require "moonsift"
return ms.strategy {
  name = "recent", inputs = { orders = { columns = { "customer_id", "ordered_at", "amount" }, time = "ordered_at" } },
  customers = function(s)
    return s.orders:group_by "customer = customer_id":agg("last = max(ordered_at)", "spent = sum(amount)"):collect()
      :with_columns("recency = days_between(last, @as_of)", { as_of = s.as_of })
  end,
  scores = { { "heat", function(c) return c.recency < 30 and c.spent or 0 end } },
  segments = { { "active", "recency <= 90" }, { "drifting", function(c) return c.recency <= 200 end }, { "gone" } },
  states = { start = "new", { "new", "active", "recency < 60" }, { "active", "away", "recency >= 60" },
    { "away", "back", "recency < 60" }, { "back", "active", "days_in_state >= 30" } },
  actions = { { "mail", "state == 'active' and recency > 20", channel = "mail" },
    { "call", "state == 'away'", channel = "phone", value = "spent" } },
  caps = { { most = 1, days = 10 } },
  value = "spent",
}
]]

local orders = ms.sim.shop({ customers = 1500, tables = { "orders" } }).orders:select("customer_id", "ordered_at",
  "amount")

local function written(name, text)
  local path = test.temporary(name)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

local function database(name)
  local path = test.temporary(name)
  local db = ms.open(path, { write = true, create = true })
  db:write("orders", orders, { mode = "replace" })
  db:close()
  return path
end

local function shell(text)
  local status, out, err = test.command(text, { shell = true, seconds = 300 })
  test.equal({ status, err }, { 0, "" })
  return out
end

-- All that is in the database, row order left aside.
local function dump(path) return shell(("sqlite3 -cmd '.timeout 10000' '%s' .dump | LC_ALL=C sort"):format(path)) end

local function run(file, path, day) return ("$moonsift run '%s' --db '%s' --as-of %s"):format(file, path, day) end

test("killed at any moment, a run is there whole or not at all, and the next one completes", function()
  local file, path = written("recent.lua", STRATEGY), database "killed.db"
  shell(run(file, path, "2024-06-01") .. " >/dev/null")
  local before = dump(path)
  shell(("cp '%s' '%s.before'"):format(path, path))
  local command = run(file, path, "2024-07-01")
  local seconds = math.huge -- of the quickest of three: a machine that was busy once would let all kills come too late
  for _ = 1, 3 do
    shell(("rm -f '%s'-*; cp '%s.before' '%s'"):format(path, path, path))
    local began = ms.clock()
    shell(command .. " >/dev/null")
    seconds = math.min(seconds, ms.clock() - began)
  end
  local after = dump(path)
  test.check(after ~= before, "the run changes nothing")
  local random, kept = ms.clock() * 1e6 % 2 ^ 31, 0
  for _ = 1, KILLS do
    shell(("rm -f '%s'-*; cp '%s.before' '%s'"):format(path, path, path))
    random = (random * 16807) % (2 ^ 31 - 1)
    -- Whoever is killed must be gone before anybody looks: he may hold locks until then.
    local moment = random / 2 ^ 31 * seconds * 1.1
    test.command(("%s >/dev/null & p=$!; sleep %.4f; kill -KILL $p; wait $p"):format(command, moment),
      { shell = true })
    test.equal(shell(("sqlite3 -cmd '.timeout 10000' '%s' 'pragma integrity_check'"):format(path)), "ok\n")
    local now = dump(path)
    test.check(now == before or now == after,
      ("killed after %.4f s of %.4f: neither the state before nor the one after"):format(moment, seconds))
    if now == before then kept = kept + 1 end
    shell(command .. " >/dev/null")
    test.check(dump(path) == after, ("killed after %.4f s: the next run gives something else"):format(moment))
  end
  test.check(kept > 0, "no kill came before the run was whole")
end)

-- Two shells that each run days one after the other; gives what the first said, and then the second.
local function together(file, path, first, second)
  local lines = {}
  for i, days in ipairs { first, second } do
    local commands = {}
    for j, day in ipairs(days) do
      commands[j] = ("%s 2>&1 >/dev/null; echo \"status $?\""):format(run(file, path, day))
    end
    lines[i] = ("{ %s; } >'%s.%d' & "):format(table.concat(commands, "; "), path, i)
  end
  return shell(("%swait; cat '%s.1' '%s.2'"):format(table.concat(lines), path, path))
end

-- Every run that was refused says that the other process was a day ahead, or held the database.
local function refused_clearly(said)
  local message = ""
  for line in said:gmatch "[^\n]+" do
    local status = line:match "^status (%d+)$"
    if status and status ~= "0" then
      test.check(message:find("is before that", 1, true) or message:find("locked", 1, true), said)
    end
    message = status and "" or message .. line .. "\n"
  end
end

-- The days that the database says were run, run again by one process in another one.
local function serial(file, path)
  local db = ms.open(path)
  local days = db:query "select as_of from ms_run order by as_of"
  local again = database "serial.db"
  for row in days:rows() do shell(run(file, again, row.as_of) .. " >/dev/null") end
  local twice = db:query [[select count(*) n from
    (select 1 from ms_action group by customer, action, due having count(*) > 1)]]
  test.equal(twice:row(1).n, 0)
  test.check(db:query("select count(*) n from ms_action"):row(1).n > 0, "the ledger is empty")
  db:close()
  local fine = dump(again) == dump(path)
  os.remove(again)
  return fine, days:nrow()
end

test("two processes that run the same days leave what one leaves", function()
  local file, path = written("recent.lua", STRATEGY), database "both.db"
  local days = { "2024-05-01", "2024-05-02", "2024-05-09", "2024-06-01", "2024-06-20", "2024-07-15" }
  local said = together(file, path, days, days)
  local fine, runs = serial(file, path)
  test.check(fine, "not what one process leaves")
  test.equal(runs, #days)
  refused_clearly(said)
end)

test("two processes that run days in any order leave what the runs that took place leave one by one", function()
  local file, path = written("recent.lua", STRATEGY), database "order.db"
  local said = together(file, path, { "2024-05-03", "2024-05-01", "2024-06-05", "2024-06-04", "2024-07-01" },
    { "2024-05-02", "2024-05-20", "2024-05-19", "2024-06-30", "2024-07-01" })
  local fine = serial(file, path)
  test.check(fine, "not what one process leaves")
  refused_clearly(said)
end)

test("a run that built on what has changed since is done again", function()
  local file, path = written("recent.lua", STRATEGY), database "overtaken.db"
  local s = ms.strategy.load(file)
  local db, other = ms.open(path, { write = true }), ms.open(path, { write = true })
  s:run { db = db, as_of = "2024-05-01" }
  local given, times = s.customers, 0
  -- Between the reading and the saving of the second run another process saves a day before it.
  function s.customers(strategy, options)
    times = times + 1
    local frame, settings = given(strategy, options)
    if times == 1 then
      s.customers = given
      s:run { db = other, as_of = "2024-05-02" }
      s.customers = function(...)
        times = times + 1
        return given(...)
      end
    end
    return frame, settings
  end
  s:run { db = db, as_of = "2024-05-05" }
  test.equal(times, 2)
  db:close()
  other:close()
  test.check(serial(file, path), "not what one process leaves")
end)
