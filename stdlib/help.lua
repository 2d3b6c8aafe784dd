-- help: what there is, and one thing in full, from the descriptors, the doc files and the library's own comments.
local binder = require "moonsift.ffi.binder"
local host = require "moonsift.host"

local M = {}

local WIDTH = 80

local function wrap(text, indent)
  local lines, line = {}, ""
  for word in text:gmatch "%S+" do
    if line ~= "" and #line + #word + 1 > WIDTH - #indent then
      lines[#lines + 1] = indent .. line
      line = word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  if line ~= "" then lines[#lines + 1] = indent .. line end
  return table.concat(lines, "\n")
end

-- A doc file of stdlib/doc, or nil.
local function doc_of(name)
  local text = host.file and host.file("stdlib/doc/" .. name .. ".lua")
  if not text then return nil end
  local chunk = loadstring(text, "@stdlib/doc/" .. name .. ".lua")
  return chunk and chunk()
end

-- ---- functions of the library that are written in Lua: the comment above each says all ----

local modules -- name as in scripts ("crm.rfm") to { { name, comment, arguments } }

local function functions_of(text)
  local found, comment = {}, nil
  for line in text:gmatch "([^\n]*)\n" do
    local first = line:match "^%-%-%- ?(.*)$"
    local more = line:match "^%-%- ?(.*)$"
    local name, arguments = line:match "^function M[%.:]([%w_]+)%((.-)%)"
    if first then
      comment = { first }
    elseif more and comment then
      comment[#comment + 1] = more
    else
      if name and comment then
        found[#found + 1] = { name = name, arguments = arguments, comment = table.concat(comment, "\n") }
      end
      comment = nil
    end
  end
  return found
end

-- Modules that scripts reach, by the name under which they do.
local public = { ["sim"] = "stdlib/sim.lua" }

local function read_modules()
  if modules then return modules end
  modules = {}
  for name, path in pairs(public) do modules[name] = functions_of(host.file(path) or "") end
  for _, path in ipairs(host.files and host.files() or {}) do
    local name = path:match "^stdlib/crm/([%w_]+)%.lua$"
    if name then modules["crm." .. name] = functions_of(host.file(path)) end
  end
  return modules
end

local function sorted(t)
  local names = {}
  for name in pairs(t) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- "crm.rfm.table", "rfm.table" or "table" where only one has it.
local function find_function(name)
  for _, module in ipairs(sorted(read_modules())) do
    for _, f in ipairs(modules[module]) do
      local full = module .. "." .. f.name
      if full == name or full:sub(-#name - 1) == "." .. name then return full, f end
    end
  end
end

local function function_page(full, f)
  return ("ms.%s(%s)\n\n%s\n"):format(full, f.arguments, f.comment)
end

local function module_page(name)
  local lines = { "ms." .. name, "" }
  for _, f in ipairs(modules[name]) do
    lines[#lines + 1] = ("  %s(%s)"):format(f.name, f.arguments)
    lines[#lines + 1] = wrap(f.comment:match "^[^\n]*", "      ")
  end
  return table.concat(lines, "\n") .. "\n"
end

-- ---- kernels ----

local function range_of(option)
  if option.type == "choice" then return "one of " .. option.unit:gsub(" ", ", ") end
  local words = { option.type }
  if option.unit then words[#words + 1] = "in " .. option.unit end
  if option.low ~= 0 or option.high ~= 0 then words[#words + 1] = ("%.15g … %.15g"):format(option.low, option.high) end
  return table.concat(words, " ")
end

local function options_of(kernel)
  if #kernel.options == 0 then return "no options\n" end
  local lines, width = { "options" }, 0
  for _, option in ipairs(kernel.options) do width = math.max(width, #option.name) end
  for _, option in ipairs(kernel.options) do
    local after = option.required and "required" or option.default and "default " .. option.default or ""
    lines[#lines + 1] = ("  %-" .. width .. "s  %s%s"):format(option.name, range_of(option),
      after ~= "" and " (" .. after .. ")" or "")
    if option.brief then lines[#lines + 1] = wrap(option.brief, (" "):rep(width + 4)) end
  end
  return table.concat(lines, "\n") .. "\n"
end

local function call_of(kernel)
  local frames = {}
  for i = 1, kernel.least do frames[i] = i == 1 and "frame" or "frame" .. i end
  if kernel.most < 0 or kernel.most > kernel.least then frames[#frames + 1] = "[frame …]" end
  frames[#frames + 1] = "{ options }"
  return ("ms.%s(%s)"):format(kernel.name, table.concat(frames, ", "))
end

local function kernel_page(kernel)
  local doc = doc_of(kernel.name)
  local parts = { kernel.name .. ": " .. (kernel.brief or ""), "", call_of(kernel), "" }
  local prose = doc and (doc.prose or doc.text)
  if prose then
    for paragraph in (prose .. "\n\n"):gmatch "(.-)\n\n+" do
      if paragraph:find "%S" then
        parts[#parts + 1] = wrap(paragraph, "")
        parts[#parts + 1] = ""
      end
    end
  end
  parts[#parts + 1] = options_of(kernel)
  if doc and doc.columns then
    parts[#parts + 1] = "columns of the result"
    for _, column in ipairs(doc.columns) do parts[#parts + 1] = ("  %s: %s"):format(column[1], column[2]) end
    parts[#parts + 1] = ""
  end
  for i, example in ipairs(doc and doc.examples or {}) do
    if i > 2 then break end
    parts[#parts + 1] = "example\n  " .. example.code:gsub("\n*$", ""):gsub("\n", "\n  ")
    if example.output then parts[#parts + 1] = example.output:gsub("\n*$", "") end
    parts[#parts + 1] = ""
  end
  if kernel.cost then parts[#parts + 1] = "cost: " .. kernel.cost .. "\n" end
  return table.concat(parts, "\n")
end

-- ---- the expression language ----

local function functions_page()
  local lines, seen = { "functions of expressions, by what they are about" }, {}
  for _, f in ipairs(binder.functions) do
    if not seen[f.group] then
      seen[f.group] = true
      lines[#lines + 1] = "\n" .. f.group
      for _, g in ipairs(binder.functions) do
        -- A function with two kinds of arguments is in the list twice.
        if g.group == f.group and not seen[g.signature] then
          seen[g.signature] = true
          lines[#lines + 1] = ("  %-44s %s"):format(g.signature, g.brief or "")
        end
      end
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

local function function_in_expressions(name)
  for _, f in ipairs(binder.functions) do
    if f.name == name then
      return ("%s\n\n%s (in expressions; %s)\n"):format(f.signature, f.brief or "", f.group)
    end
  end
end

-- ---- the overview ----

local groups = {
  { "frame", "frames" }, { "read", "reading" }, { "write", "writing" }, { "stats", "statistics" },
  { "mining", "mining" },
}

local function overview()
  local by_group, known = {}, {}
  for _, kernel in ipairs(binder.kernels) do
    local group = kernel.group or "other"
    by_group[group] = by_group[group] or {}
    table.insert(by_group[group], kernel)
  end
  local lines = {
    'What there is; ms.help "join" or `moonsift help join` says all of one.', "",
  }
  local order = {}
  for _, pair in ipairs(groups) do
    order[#order + 1] = pair
    known[pair[1]] = true
  end
  for _, group in ipairs(sorted(by_group)) do
    if not known[group] then order[#order + 1] = { group, group } end
  end
  for _, pair in ipairs(order) do
    local list = by_group[pair[1]]
    if list then
      lines[#lines + 1] = pair[2]
      table.sort(list, function(a, b) return a.name < b.name end)
      for _, kernel in ipairs(list) do
        lines[#lines + 1] = ("  %-16s %s"):format(kernel.name, kernel.brief or "")
      end
      lines[#lines + 1] = ""
    end
  end
  lines[#lines + 1] = "functions of expressions: help functions\n"
  lines[#lines + 1] = "modules"
  for _, module in ipairs(sorted(read_modules())) do
    local names = {}
    for i, f in ipairs(modules[module]) do names[i] = f.name end
    lines[#lines + 1] = ("  %-16s %s"):format(module, table.concat(names, ", "))
  end
  return table.concat(lines, "\n") .. "\n"
end

-- The nearest names to a wrong one: those that share a beginning or contain it.
local function near(name)
  local found = {}
  for _, kernel in ipairs(binder.kernels) do
    local within = kernel.name:find(name, 1, true) or name:find(kernel.name, 1, true)
    if within or kernel.name:sub(1, 3) == name:sub(1, 3) then
      found[#found + 1] = kernel.name
    end
  end
  table.sort(found)
  return found
end

--- The help text: an overview, or one verb, kernel, module or function by name.
function M.text(name)
  if name == nil then return overview() end
  name = tostring(name):gsub("^ms%.", "")
  local kernel = binder.by_name[name]
  if kernel then return kernel_page(kernel) end
  if read_modules()[name] then return module_page(name) end
  if name == "functions" then return functions_page() end
  local full, f = find_function(name)
  if not f and function_in_expressions(name) then return function_in_expressions(name) end
  if f then return function_page(full, f) end
  local others = near(name)
  return ("there is no help on '%s'%s\n"):format(name,
    #others > 0 and "; near it: " .. table.concat(others, ", ") or "; help() shows what there is")
end

return setmetatable(M, { __call = function(_, name) return M.text(name) end })
