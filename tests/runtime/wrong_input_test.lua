-- Wrong input: each message as a golden file (tests/golden/errors), and the database as before.
local test = require "moonsift.test"

local function shell(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local out = pipe:read "*a"
  pipe:close()
  return out
end

if os.execute "command -v sqlite3 >/dev/null" ~= 0 then
  test("wrong input", function() test.skip "the sqlite3 shell is not installed" end)
  return
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

-- A folder with a small shop.db and files that are wrong in some way.
local function folder()
  local path = test.temporary "shop.db"
  local here = path:match "^(.*)/"
  write(here .. "/make.sql", [[
    create table orders(id integer primary key, customer_id integer, city text, amount real, paid_at text);
    insert into orders values (1, 1, '上海', 10.5, '2024-01-31'), (2, 1, '杭州', 20, '2024-02-29'), (3, 2, '上海', 7, null);
    create table mixed(id integer primary key, amount integer);
    insert into mixed values (1, 10), (2, 20), (3, 'thirty');
    create table results(note text);
    insert into results values ('as before');]])
  shell(("sqlite3 %s/shop.db <%s/make.sql"):format(here, here))
  write(here .. "/broken.csv", 'name,amount\n"Anna,10\nBert,20\n')
  write(here .. "/empty.csv", "")
  write(here .. "/plain.txt", "this is not a database, it is text, and long enough to be looked at as one would.")
  return here
end

local function dump(here) return shell(("sqlite3 %s/shop.db .dump"):format(here)) end

-- The folder's path and the program's own timing are not part of the message.
local function clean(text, here)
  return (text:gsub(here:gsub("%p", "%%%0"), "FOLDER"))
end

local HEAD = 'local ms = require "moonsift"\n'

-- Runs a script in the folder; checks status, golden message and that the database is as before.
local function wrong(name, code, options)
  test(name:gsub("_", " ") .. " is refused with a clear message", function()
    local here = folder()
    write(here .. "/strategy.lua", HEAD .. code)
    local before = dump(here)
    if options and options.before then options.before(here) end
    local status, out, err = test.command("run strategy.lua", { directory = here })
    if options and options.after then options.after(here) end
    test.equal(status, options and options.status or 1)
    test.golden("errors/" .. name, clean(out .. err, here))
    test.equal(dump(here), before)
  end)
end

wrong("unknown_column", [[
local shop = ms.open "shop.db"
print(shop:table("orders"):filter("paid_at >= '2024' and ciyt == '上海'"))]])

wrong("unknown_column_after_chinese_text", [[
local shop = ms.open "shop.db"
print(shop:table("orders"):filter("city == '上海' and amuont > 3"))]])

wrong("type_mismatch", [[
local shop = ms.open "shop.db"
print(shop:table("orders"):filter("city > 10"))]])

wrong("type_mismatch_in_a_join", [[
local shop = ms.open("shop.db", { write = true })
local orders = shop:table("orders"):collect()
local cities = ms.frame { { "customer_id", { "1", "2" } }, { "tier", { 1, 2 } } }
shop:write("results", orders:join(cities, { on = "customer_id" }), { mode = "replace" })]])

wrong("unknown_verb", [[
local shop = ms.open "shop.db"
print(shop:table("orders"):collect():gruop_by("city"))]])

wrong("unknown_function_of_ms", [[
local orders = ms.read_cvs "orders.csv"
print(orders)]])

wrong("unknown_function", [[
print(ms.frame { { "a", { 1 } } }:with_columns("b = sqr(a)"))]])

wrong("syntax", [[
print(ms.frame { { "a", { 1 } } }:filter("a = 1"))]])

wrong("boolean_for_an_expression", [[
local frame = ms.frame { { "a", { 1 } } }
print(frame:filter(frame.a == 1))]])

wrong("missing_table", [[
print(ms.open("shop.db"):table("ordres"))]])

wrong("missing_file", [[
print(ms.read_csv "customers.csv")]])

wrong("missing_database", [[
print(ms.open "shpo.db")]])

wrong("a_directory", [[
print(ms.read_csv ".")]])

wrong("a_directory_as_database", [[
print(ms.open ".")]])

wrong("text_as_database", [[
print(ms.open("plain.txt"):tables())]])

wrong("broken_quotes", [[
print(ms.read_csv("broken.csv", { on_bad = "error" }))]])

wrong("an_empty_file", [[
print(ms.read_csv "empty.csv")]])

wrong("a_column_of_mixed_types", [[
print(ms.open("shop.db"):table("mixed"):collect())]])

wrong("a_read_only_database", [[
local shop = ms.open "shop.db"
shop:write("results", ms.frame { { "note", { "new" } } }, { mode = "replace" })]])

wrong("a_write_with_an_unknown_column", [[
local shop = ms.open("shop.db", { write = true })
shop:write("results", ms.frame { { "notes", { "new" } } }, { mode = "append" })]])

wrong("an_integer_that_overflows", [[
local shop = ms.open("shop.db", { write = true })
local frame = ms.frame { { "a", { 9007199254740992 } } }
shop:write("results", frame:with_columns("note = (a * a)::text"), { mode = "replace" })]])

wrong("a_locked_database", [[
local shop = ms.open("shop.db", { write = true, timeout = 0.2 })
shop:write("results", ms.frame { { "note", { "new" } } }, { mode = "replace" })]], {
  before = function(here)
    local hold = [[( (printf 'begin exclusive;\n'; sleep 3) | sqlite3 %s/shop.db ) >/dev/null 2>&1 & sleep 0.3]]
    os.execute(hold:format(here))
  end,
  after = function() os.execute "sleep 3" end,
})

-- A tmpfs of a megabyte holds the small shop, not what is written to it.
test("a full disk is refused with a clear message", function()
  local here = folder()
  local mount = here .. "/small"
  local mounted = os.execute(("mkdir %s && mount -t tmpfs -o size=1m tmpfs %s 2>/dev/null"):format(mount, mount))
  if mounted ~= 0 then test.skip "a small tmpfs cannot be mounted (root is needed)" end
  local ok, problem = pcall(function()
    shell(("cp %s/shop.db %s/shop.db"):format(here, mount))
    local before = dump(mount)
    write(here .. "/strategy.lua", HEAD .. [[
local shop = ms.open("small/shop.db", { write = true })
shop:write("results", ms.simulate_shop { table = "orders", customers = 20000 }, { mode = "replace" })]])
    local status, out, err = test.command("run strategy.lua", { directory = here })
    test.equal(status, 1)
    test.golden("errors/a_full_disk", clean(out .. err, here))
    test.equal(dump(mount), before)
  end)
  os.execute(("umount %s"):format(mount))
  if not ok then error(problem, 0) end
end)

test("Ctrl-C in the middle of a write leaves the database as before", function()
  local here = folder()
  local before = dump(here)
  write(here .. "/strategy.lua", HEAD .. [[
local shop = ms.open("shop.db", { write = true })
local frame = ms.simulate_shop { table = "orders", customers = 200000 }
io.stderr:write "writing\n"
shop:write("results", frame, { mode = "replace" })
print "written"]])
  local _, out = test.command(([[
    cd %s; $moonsift run strategy.lua 2>err & pid=$!
    for i in $(seq 200); do grep -q writing err && break; sleep 0.05; done
    sleep 0.15; kill -INT $pid; wait $pid; echo "status $?"; cat err]]):format(here), { shell = true, seconds = 60 })
  test.equal(out, "status 130\nwriting\nmoonsift: interrupted\n")
  test.equal(dump(here), before)
end)
