-- What help knows of functions that are written in Lua: the comment above each says all.
local host = require "moonsift.host"

local M = {}

-- Files, and what stands before the dot or colon in a script for each table of functions in them. Of a method the
-- first argument is left out. `only`: these names.
local sources = {
  { file = "stdlib/init.lua", owners = { M = "ms." } },
  { file = "stdlib/ffi/build.lua", owners = { M = "ms." }, only = { frame = true } },
  { file = "stdlib/ffi/moment.lua", only = { date = true, time = true, duration = true }, owners = { M = "ms." } },
  { file = "stdlib/ffi/session.lua", owners = { M = "ms." } },
  { file = "stdlib/command.lua", owners = { M = "ms." }, only = { arguments = true } },
  { file = "stdlib/frame.lua", owners = { M = "frame:", Groups = "groups:" } },
  { file = "stdlib/lazy.lua", owners = { methods = "lazy:" } },
  { file = "stdlib/database.lua", owners = { M = "ms.", methods = "database:" } },
  { file = "stdlib/sim.lua", owners = { M = "ms.sim." } },
  { file = "stdlib/calendar.lua", owners = { M = "ms.calendar." } },
}

local function add(source, found, line, comment)
  local owner, colon, name, arguments = line:match "^function ([%w_]+)([%.:])([%w_]+)%((.-)%)"
  local before = owner and source.owners[owner]
  if not before or not comment or (source.only and not source.only[name]) then return end
  if before:sub(-1) == ":" and colon == "." then arguments = arguments:gsub("^[%w_]+,? ?", "") end
  found[#found + 1] = {
    name = name, owner = before:sub(1, -2), full = before .. name, call = before .. name .. "(" .. arguments .. ")",
    comment = table.concat(comment, "\n"),
  }
end

local function read(source, found)
  local comment
  for line in (host.file(source.file) or ""):gmatch "([^\n]*)\n" do
    local first, more = line:match "^%-%-%- ?(.*)$", line:match "^%-%- ?(.*)$"
    if first then
      comment = { first }
    elseif more and comment then
      comment[#comment + 1] = more
    else
      add(source, found, line, comment)
      comment = nil
    end
  end
end

local all

--- All functions: { name =, owner = "ms.crm.rfm", full =, call =, comment = }, in the order of their files.
function M.functions()
  if all then return all end
  all = {}
  for _, source in ipairs(sources) do read(source, all) end
  for _, path in ipairs(host.files()) do
    local name = path:match "^stdlib/crm/([%w_]+)%.lua$"
    if name then read({ file = path, owners = { M = "ms.crm." .. name .. "." } }, all) end
  end
  return all
end

--- Those that a name may mean: "rfm.table", "table", "frame:join", "join".
function M.find(name)
  local found = {}
  for _, f in ipairs(M.functions()) do
    local full = f.full
    local ends = full:sub(-#name) == name and full:sub(-#name - 1, -#name - 1):find "^[%.:]?$"
    if full == name or ends then found[#found + 1] = f end
  end
  return found
end

--- Those of one owner: "sim", "rfm", "ms.crm.rfm", "frame".
function M.of(owner)
  local found = {}
  for _, f in ipairs(M.functions()) do
    if f.owner == owner or f.owner:sub(-#owner - 1) == "." .. owner then found[#found + 1] = f end
  end
  return found
end

--- The owners, in order.
function M.owners()
  local owners, seen = {}, {}
  for _, f in ipairs(M.functions()) do
    if not seen[f.owner] then
      seen[f.owner] = true
      owners[#owners + 1] = f.owner
    end
  end
  return owners
end

return M
