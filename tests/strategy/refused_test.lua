-- An analyst's slips: each is refused with a message that names the strategy, the part, the value seen and what to do,
-- with exit status 1, and the database stays as it was. The messages are in tests/golden/refused/.
local ms = require "moonsift"
local test = require "moonsift.test"

-- The parts of a strategy that runs, as they are written; a case puts others in their place ("": left out).
local SOUND = {
  name = [["shop"]],
  inputs = [[{
    customers = { columns = { "customer_id", "joined_at", "email" }, time = "joined_at", customer = "customer_id" },
    orders = { columns = { "customer_id", "ordered_at", "amount" }, time = "ordered_at", customer = "customer_id" },
  }]],
  parameters = [[{ days = { 90, "days until drifting" } }]],
  customers = [[function(s) return s.customers:select("customer = customer_id", "email") end]],
  events = [[{ { "orders", "count()", of = "orders" }, { "spent", "total(amount)", of = "orders" },
    { "last", "max(ordered_at)", of = "orders" } }]],
  scores = [[{ { "recency", "days_between(last, @as_of)" } }]],
  segments = [[{ { "active", "recency <= @days" }, { "gone" } }]],
  actions = [[{ { "mail", "segment == 'gone'", channel = "mail" } }]],
}
local ORDER = { "name", "inputs", "parameters", "customers", "events", "scores", "states", "pools", "segments",
  "actions", "caps", "quiet", "suppress", "consent", "more" }

local function source_of(parts)
  local lines = { 'local ms = require "moonsift"', "return ms.strategy {" }
  for _, part in ipairs(ORDER) do
    local text = parts[part] or SOUND[part]
    if part == "more" and text then
      lines[#lines + 1] = "  " .. text .. ","
    elseif text and text ~= "" then
      lines[#lines + 1] = ("  %s = %s,"):format(part, text)
    end
  end
  return table.concat(lines, "\n") .. "\n}\n"
end

local function written(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

local folder = test.temporary("shop.db"):match "^(.*)/"

local function at(text) return ms.date(text) end

do
  local db = ms.open(folder .. "/shop.db", { write = true, create = true })
  db:write("customers", ms.frame {
    { "customer_id", { 1, 2, 3 } }, { "joined_at", { at "2024-01-01", at "2024-01-01", at "2024-01-01" } },
    { "email", { "a@x.org", "b@x.org", ms.null } },
  })
  db:write("orders", ms.frame {
    { "customer_id", { 1, 2, 2 } }, { "ordered_at", { at "2024-12-20", at "2024-05-01", at "2024-06-01" } },
    { "amount", { 10, 20, 30 } },
  })
  db:execute "create table oddments (customer_id integer, ordered_at text, amount text)"
  db:execute "insert into oddments values (1, 'last spring', 'a lot')"
  db:close()
end

local function dump()
  local _, text = test.command("sqlite3 shop.db .dump", { shell = true, directory = folder })
  return text
end

-- Runs the strategies of the cases: { title, parts (or the file's whole text), options of the command line, mapping }.
local function refused(golden, verb, cases)
  local lines, passed, before = {}, {}, dump()
  for _, case in ipairs(cases) do
    local parts = case[2]
    written(folder .. "/shop.lua", type(parts) == "string" and parts or source_of(parts))
    local options = case[3] or ""
    if case.mapping then
      written(folder .. "/shop.map.lua", case.mapping)
      options = options .. " --map shop.map.lua"
    end
    if not options:find "--as%-of" and not case.timeless then options = options .. " --as-of 2025-01-01" end
    local status, output, problem = test.command(("%s shop.lua --db shop.db %s"):format(verb, options),
      { directory = folder })
    if status ~= (case.status or 1) or output ~= "" then passed[#passed + 1] = case[1] end
    lines[#lines + 1] = ("%s\n%s"):format(case[1], problem)
  end
  test.golden("refused/" .. golden, table.concat(lines, "\n"))
  test.equal(passed, {})
  test.equal(dump(), before)
end

test("the strategy that the cases are made of runs", function()
  written(folder .. "/shop.lua", source_of {})
  local status, output, problem = test.command("run shop.lua --db shop.db --as-of 2025-01-01 --dry-run",
    { directory = folder })
  test.equal({ status, problem }, { 0, "" })
  test.contains(output, "dry run of shop for 2025-01-01: 3 customers, nothing written")
end)

local function segments(rule)
  return { segments = ("{ { 'active', %q }, { 'gone' } }"):format(rule) }
end

test("rules with typing errors", function()
  refused("rules", "run", {
    { "a misspelt column", segments "recensy <= 90" },
    { "an unbalanced bracket", segments "(recency <= 90 and spent > 5" },
    { "a bracket too many", segments "recency <= 90)" },
    { "one = for two", segments "recency = 90" },
    { "a text compared with a number", segments "email > 5" },
    { "a number compared with a text", segments "recency <= '90'" },
    { "a text without quotes", segments "email == nobody" },
    { "a rule that is a number", segments "recency + 1" },
    { "a rule that is a text", segments "email" },
    { "a misspelt parameter", segments "recency <= @dayz" },
    { "a parameter without @", segments "recency <= days" },
    { "a misspelt function", segments "lowr(email) == 'a@x.org'" },
    { "Lua's nil", segments "recency == nil" },
    { "&& for and", segments "recency > 1 && spent > 2" },
    { "an empty rule", segments "" },
    { "a text that does not end", segments "email == 'a" },
    { "a dangling and", segments "recency <= 90 and" },
    { "a function that fails", { segments = "{ { 'active', function(c) return c.recensy < 90 end }, { 'gone' } }" } },
    { "a function that compares null",
      { segments = "{ { 'active', function(c) return c.recency < 90 end }, { 'gone' } }" } },
    { "a function without return",
      { segments = "{ { 'active', function(c) local x = c.spent > 1 end }, { 'gone' } }" } },
    { "a boolean for a rule", { segments = "{ { 'active', true }, { 'gone' } }" } },
    { "a rule that is forgotten", { segments = "{ { 'active' }, { 'gone' } }" } },
    { "two segments of one name", { segments = "{ { 'a', 'true' }, { 'a' } }" } },
    { "a segment that is no list", { segments = "{ active = 'recency <= 90' }" } },
    { "a segment that is a text", { segments = "{ 'active', 'gone' }" } },
    { "nobody takes the rest", { segments = "{ { 'active', 'recency <= 90' } }" } },
    { "rules that overlap", { segments = "{ { 'a', 'recency < 90' }, { 'b', 'spent > 5' }, { 'c' } }",
      more = "exclusive = true" } },
    { "a range that is left", { more = "ranges = { spent = { 0, 20 } }" } },
    { "a range of no column", { more = "ranges = { spnt = { 0, 20 } }" } },
    { "a value that is no column", { more = "value = 'spnt'" } },
    { "a summary that is no aggregate", { more = "summary = { 'spent' }" } },
  })
end)

test("scores, features and events that give something else", function()
  local function score(text)
    return { scores = ("{ { 'recency', 'days_between(last, @as_of)' }, { 'worth', %s } }"):format(text) }
  end
  refused("values", "run", {
    { "a score that returns text", score "function() return 'much' end" },
    { "a score that returns text for some", score "function(c) return c.spent > 20 and c.spent or 'little' end" },
    { "a score that is a text", score "'upper(email)'" },
    { "a score without return", score "function(c) local worth = c.spent * 2 end" },
    { "a score that returns NaN", score "function(c) return 0 / 0 end" },
    { "a misspelt parameter in a score", score "'spent * @dayz'" },
    { "a score named like a part of the result", { scores = "{ { 'segment', 'spent' } }" } },
    { "an event of a column's name", { events = "{ { 'email', 'count()', of = 'orders' } }" } },
    { "an event named customer", { events = "{ { 'customer', 'count()', of = 'orders' } }" } },
    { "a score that returns a table", score "function(c) return {} end" },
    { "a score that fails", score "function(c) return c.spent / c.ordrs end" },
    { "a misspelt column in a score", score "'spnt * 2'" },
    { "two scores of one name", { scores = "{ { 'a', 'spent' }, { 'a', 'spent' } }" } },
    { "a score of an event's name", { scores = "{ { 'spent', '1' }, { 'recency', '1' } }" } },
    { "an event of no input", { events = "{ { 'orders', 'count()', of = 'order' } }" } },
    { "an event with a misspelt column", { events = "{ { 'spent', 'sum(amont)', of = 'orders' } }" } },
    { "an event with a misspelt condition",
      { events = "{ { 'spent', 'sum(amount)', of = 'orders', where = 'stats == 1' } }" } },
    { "an event that is no aggregate", { events = "{ { 'spent', 'amount', of = 'orders' } }" } },
    { "an event within half a day", { events = "{ { 'n', 'count()', of = 'orders', within = 0.5 } }" } },
    { "an event within a text", { events = "{ { 'n', 'count()', of = 'orders', within = '30' } }" } },
    { "an event with an unknown part", { events = "{ { 'n', 'count()', of = 'orders', witin = 30 } }" } },
    { "an event of one of two inputs", { events = "{ { 'n', 'count()' } }" } },
    { "two events of one name",
      { events = "{ { 'n', 'count()', of = 'orders' }, { 'n', 'count()', of = 'orders' } }" } },
    { "customers without return", { customers = "function(s) s.customers:select 'customer = customer_id' end" } },
    { "customers that give nil", { customers = "function(s) return s.parameters.none end" } },
    { "customers without the column", { customers = "function(s) return s.customers end" } },
    { "a customer twice", { customers = "function(s) return s.orders:select 'customer = customer_id' end" } },
    { "a misspelt input", { customers = "function(s) return s.custmers end" } },
    { "a misspelt column in customers",
      { customers = "function(s) return s.customers:select('customer = custmer_id') end" } },
    { "a dot for a colon", { customers = "function(s) return s.customers.select('customer = customer_id') end" } },
  })
end)

test("states that do not hold together", function()
  local function states(text)
    return { states = "{ start = 'new', " .. text .. " }" }
  end
  refused("states", "run", {
    { "transitions that chase each other on a day",
      states "{ 'new', 'old', 'spent >= 0' }, { 'old', 'new', 'spent >= 0' }" },
    { "a circle of three", states "{ 'new', 'a', 'true' }, { 'a', 'b', 'true' }, { 'b', 'a', 'spent > 20' }" },
    { "no start", { states = "{ { 'new', 'old', 'spent > 5' } }" } },
    { "a transition without a rule", states "{ 'new', 'old' }" },
    { "a transition from nowhere", states "{ 'new', 'old', 'spent > 5' }, { 'odl', 'new', 'spent > 9' }" },
    { "a transition with an unknown part", states "{ 'new', 'old', 'spent > 5', aftr = 3 }" },
    { "a time-out that is no number of days", states "{ 'new', 'old', after = '60' }" },
    { "a misspelt column in a transition", states "{ 'new', 'old', 'spnt > 5' }" },
    { "a misspelt parameter in a transition", states "{ 'new', 'old', 'spent > @dayz' }" },
    { "a transition whose rule is a number", states "{ 'new', 'old', 'spent + 1' }" },
    { "a part of states that is none",
      { states = "{ start = 'new', { 'new', 'old', 'spent > 5' }, finish = 'old' }" } },
    { "a transition to itself", states "{ 'new', 'new', 'spent > 5' }" },
    { "an action for a state that is none", { states = "{ start = 'new', { 'new', 'old', 'spent > 5' } }",
      actions = "{ { 'mail', entering = 'odl' } }" } },
    { "an action for a state without states", { actions = "{ { 'mail', entering = 'old' } }" } },
  })
end)

test("parts that are misspelt or of another kind", function()
  refused("parts", "run", {
    { "an unknown part", { more = "segmets = {}" } },
    { "a part of another kind", { segments = "'gold'" } },
    { "no name", { name = "" } },
    { "a name with a blank", { name = "'my shop'" } },
    { "inputs without columns", { inputs = "{ orders = { 'customer_id' } }" } },
    { "an input's misspelt part", { inputs = "{ orders = { columns = { 'customer_id' }, tiem = 'ordered_at' } }" } },
    { "a time that is no column", { inputs = "{ orders = { columns = { 'a', 'ordered_at' }, time = 'orderd_at' } }" } },
    { "no customers", { customers = "", events = "" } },
    { "a parameter that is a list", { parameters = "{ days = { { 1, 2 } } }" } },
    { "a parameter named as_of", { parameters = "{ as_of = 3 }" } },
    { "an action without a rule", { actions = "{ { 'mail', channel = 'mail' } }" } },
    { "an action's misspelt part", { actions = "{ { 'mail', 'true', chanel = 'mail' } }" } },
    { "an action's cost that is a text", { actions = "{ { 'mail', 'true', cost = '0.10' } }" } },
    { "a misspelt column in an action", { actions = "{ { 'mail', 'segmnt == 1' } }" } },
    { "a misspelt column in the value of an action", { actions = "{ { 'mail', 'true', value = 'spnt' } }" } },
    { "an action at no time", { actions = "{ { 'mail', 'true', at = '25:00' } }" } },
    { "two actions of one name", { actions = "{ { 'mail', 'true' }, { 'mail', 'false' } }" } },
    { "a cap that is none", { caps = "{ most = 2, days = 30 }" } },
    { "a cap with a misspelt part", { caps = "{ { most = 2, days = 30, chanel = 'mail' } }" } },
    { "a capacity that is no number", { more = "capacity = { mail = 'few' }" } },
    { "a holdout in percent", { more = "holdout = 10" } },
    { "a consent that is no column", { consent = "'may_write'" } },
    { "a consent that is no condition", { consent = "'email'" } },
    { "quiet on no weekday", { quiet = "{ weekdays = { 'sonday' } }" } },
    { "quiet without an end", { quiet = "{ from = '21:00' }" } },
    { "quiet with a misspelt part", { quiet = "{ form = '21:00', to = '09:00' }" } },
    { "quiet on no date", { quiet = "{ dates = { '2025-02-30' } }" } },
    { "suppress that is no input", { suppress = "'blocked'" } },
    { "pools with a misspelt part", { pools = "{ recycel = {} }" } },
    { "pools whose owner is no column", { pools = "{ owner = 'seller' }" } },
    { "a test without a day", { more = "tests = { { 'nobody', inputs = {}, expect = {} } }" } },
  })
end)

test("tables, columns, mappings, days and parameters from outside", function()
  local function orders(said)
    return "return { orders = { " .. said .. " } }"
  end
  refused("outside", "run", {
    { "a missing table", { inputs = SOUND.inputs:gsub("orders = {", "ordes = {"), events = "", scores = "",
      segments = "{ { 'all' } }", actions = "" } },
    { "a missing column",
      { inputs = SOUND.inputs:gsub('"amount"', '"price"'), events = SOUND.events:gsub("amount", "price") } },
    { "a mapped table that is not there", {}, mapping = orders "table = 'ordres'" },
    { "a mapped column that is not in the table", {}, mapping = orders "columns = { amount = 'prise' }" },
    { "a mapped expression that is none", {}, mapping = orders "columns = { amount = 'amount *' }" },
    { "a mapping of a column that is none", {}, mapping = orders "columns = { amont = 'amount' }" },
    { "a mapping of an input that is none", {}, mapping = "return { order = { table = 'orders' } }" },
    { "a mapping with a misspelt part", {}, mapping = orders "tabel = 'orders'" },
    { "a mapping whose table is a number", {}, mapping = orders "table = 3" },
    { "a mapping whose columns are a text", {}, mapping = orders "columns = 'amount'" },
    { "a mapping of a column to a number", {}, mapping = orders "columns = { amount = 3 }" },
    { "a mapping with a condition on no column", {}, mapping = orders "where = 'stats == 1'" },
    { "a mapping of a text to a time", {}, mapping = orders "columns = { ordered_at = \"'soon'\" }" },
    { "a mapping of a text to an amount",
      {}, mapping = orders "table = 'oddments', columns = { ordered_at = \"date'2024-01-01'\" }" },
    { "a mapping to times that are none", {}, mapping = orders "table = 'oddments', types = { ordered_at = 'time' }" },
    { "a mapping that returns nothing", {}, mapping = "local x = 1" },
    { "a mapping that is no Lua", {}, mapping = "return { orders = " },
    { "a mapping file that is not there", {}, "--map none.lua" },
    { "no day", {}, timeless = true },
    { "a day that is none", {}, "--as-of 2025-02-30", status = 2 },
    { "a day in words", {}, "--as-of yesterday", status = 2 },
    { "a parameter that is not there", {}, "--set dayz=60" },
    { "a parameter of another kind", {}, "--set days=many" },
    { "a strategy with a syntax error",
      "local ms = require 'moonsift'\nreturn ms.strategy {\n  name = 'shop'\n  inputs = {}\n}\n" },
    { "a rule whose quotes end early", "local ms = require 'moonsift'\nreturn ms.strategy {\n"
      .. "  name = 'shop',\n  segments = { { 'a', 'city == 'Oslo'' } },\n}\n" },
    { "ms without require", "return ms.strategy { name = 'shop' }\n" },
    { "a misspelt ms.strategy", "local ms = require 'moonsift'\nreturn ms.stratgy { name = 'shop' }\n" },
  })
end)

test("a strategy that writes to its inputs", function()
  local function with(parts)
    return (source_of(parts):gsub("\nreturn", "\nlocal db = ms.open('shop.db', { write = true })\nreturn", 1))
  end
  local execute = [[db:execute "delete from orders"]]
  local write = [[db:write("orders", ms.frame { { "customer_id", { 1 } } })]]
  refused("writing", "run", {
    { "customers that delete", with { customers = "function(s) " .. execute .. " return s.customers end" } },
    { "customers that write", with { customers = "function(s) " .. write .. " return s.customers end" } },
    { "a score that deletes", with { scores = "{ { 'recency', function(c) " .. execute .. " return 1 end } }" } },
    { "a rule that writes", with { segments = "{ { 'a', function(c) " .. write .. " return true end }, { 'b' } }" } },
    { "a transition that deletes", with { states = "{ start = 'new', { 'new', 'old', function(c) " .. execute
      .. " return true end } }" } },
    { "an action that writes", with { actions = "{ { 'mail', function(c) " .. write .. " return true end } }" } },
    { "a query that deletes",
      with { customers = "function(s) db:query('delete from orders') return s.customers end" } },
    { "a database that is opened", { customers = "function(s) ms.open('shop.db', { write = true }):execute "
      .. "'delete from orders' return s.customers end" } },
  })
end)

test("a strategy that is not returned", function()
  refused("not_returned", "run", {
    { "a file that returns nothing", (source_of({}):gsub("return ms", "ms")) },
  })
end)

test("a strategy is wanted, and something else is in the file", function()
  refused("files", "check", {
    { "a file that returns nothing", "local ms = require 'moonsift'\nms.strategy { name = 'shop', inputs = { orders = "
      .. "{ columns = { 'customer_id' } } }, customers = function(s) return s.orders end }\n" },
    { "a file that returns a table", "return { name = 'shop' }\n" },
    { "an empty file", "" },
  })
end)
