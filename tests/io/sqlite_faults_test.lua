-- What goes wrong while a database is written: killed, interrupted, locked, the disk full. The database is as before.
local ms = require "moonsift"
local test = require "moonsift.test"

local moonsift = os.getenv "MOONSIFT" or "build/dev/moonsift"

local function sh(command)
  local pipe = assert(io.popen(("{ %s\n} 2>&1; echo \" status $?\""):format(command)))
  local text = pipe:read "*a"
  pipe:close()
  local output, status = text:match "^(.*) status (%d+)\n$"
  return (output:gsub("\n$", "")), tonumber(status)
end

local function save(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

-- A script that writes a million rows over the table `state` of a database, and says when it begins.
local function writer(path, flag)
  return save(test.temporary "writer.lua", ([[
    local ms = require "moonsift"
    local db = ms.open(%q, { write = true })
    local rows = db:query("with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000) " ..
      "select i as id, 'text ' || i as t from n")
    print "begins"
    io.stdout:flush()
    db:write("state", rows, { mode = "replace" })
    print "done"
  ]]):format(path, flag))
end

local function committed(name)
  local path = test.temporary(name)
  local db = ms.open(path, { write = true, create = true })
  db:write("state", ms.frame { { "id", { 1, 2, 3 } }, { "t", { "a", "b", "c" } } })
  db:close()
  return path
end

-- Runs the writer and sends it a signal once it is in the middle of its write.
local function interrupted(path, signal)
  local output = test.temporary "output.txt"
  return sh(([[
    '%s' run '%s' >'%s' 2>&1 & pid=$!
    i=0; while ! grep -q begins '%s' && [ $i -lt 600 ]; do sleep 0.05; i=$((i + 1)); done
    sleep 0.1; kill -%s $pid; wait $pid; echo "ended with $?"; cat '%s']]):format(
    moonsift, writer(path), output, output, signal, output))
end

local function unchanged(path)
  test.equal(sh(("sqlite3 '%s' 'pragma integrity_check; select group_concat(id || t) from state'"):format(path)),
    "ok\n1a,2b,3c")
end

test("a process that is killed in the middle of a write leaves what was last committed", function()
  local path = committed "killed.db"
  local text = interrupted(path, "KILL")
  test.contains(text, "ended with 137\nbegins")
  test.check(not text:find("done", 1, true), "the signal should come before the write ends")
  unchanged(path)
end)

test("Ctrl-C in the middle of a write leaves the database as it was, and says so", function()
  local path = committed "interrupted.db"
  local text = interrupted(path, "INT")
  test.check(not text:find("done", 1, true), "the signal should come before the write ends")
  test.contains(text, "interrupted")
  unchanged(path)
end)

test("a locked database says who waits how long, and what to do", function()
  local path = committed "locked.db"
  local first = ms.open(path, { write = true })
  local second = ms.open(path, { write = true, timeout = 0.1 })
  first:transaction(function()
    local problem = test.raises(function() second:write("more", ms.frame { { "a", { 1 } } }) end, "is locked")
    test.equal(problem.code, "E-DATABASE-LOCKED")
    test.golden("database-locked", problem.message .. "\n" .. problem.hint .. "\n")
  end)
  second:write("more", ms.frame { { "a", { 1 } } })
end)

test("a full disk says so, and leaves the database as it was", function()
  local folder = test.temporary "small"
  local _, status = sh(("mkdir -p '%s' && mount -t tmpfs -o size=2m tmpfs '%s'"):format(folder, folder))
  if status ~= 0 then test.skip "mounting a small file system needs root" end
  local ok, problem = pcall(function()
    local path = folder .. "/full.db"
    local db = ms.open(path, { write = true, create = true })
    db:write("state", ms.frame { { "id", { 1, 2, 3 } }, { "t", { "a", "b", "c" } } })
    local rows = db:query("with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) " ..
      "select i as id, 'text ' || i as t from n")
    local full = test.raises(function() db:write("state", rows, { mode = "replace" }) end, "full.db: the disk is full")
    test.golden("disk-full", full.message .. "\n" .. full.hint .. "\n")
    test.equal(db:query("select group_concat(id || t) x from state"):row(1).x, "1a,2b,3c")
    db:close()
    unchanged(path)
  end)
  sh(("umount -l '%s'"):format(folder))
  if not ok then error(problem, 0) end
end)
