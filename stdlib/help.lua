-- help: what there is, and one thing in full, from the descriptors, the doc files and the library's own comments.
local binder = require "moonsift.ffi.binder"
local host = require "moonsift.host"
local index = require "moonsift.help.index"

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

-- ---- functions that are written in Lua ----

local function function_page(f)
  return ("%s\n\n%s\n"):format(f.call, f.comment)
end

-- All that an owner has, each with its first sentence.
local function owner_page(owner, functions)
  local lines = { owner, "" }
  for _, f in ipairs(functions) do
    lines[#lines + 1] = "  " .. f.call:sub(#owner + 2)
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

-- Prose by paragraphs; one with columns of its own, or indented, stays as it is.
local function add_prose(parts, prose)
  for paragraph in (prose .. "\n\n"):gmatch "(.-)\n\n+" do
    if paragraph:find "%S" then
      local laid_out = paragraph:find "%S  +%S" or paragraph:find "^ " or paragraph:find "\n "
      parts[#parts + 1] = laid_out and paragraph:gsub("^\n+", "") or wrap(paragraph, "")
      parts[#parts + 1] = ""
    end
  end
end

-- The ways to call it: as methods, and by the name of the kernel.
local function add_calls(parts, kernel)
  for _, f in ipairs(index.find(kernel.name)) do
    if f.owner ~= "ms" then
      parts[#parts + 1] = f.call
      parts[#parts + 1] = wrap(f.comment:gsub("\n", " "), "    ")
    end
  end
  parts[#parts + 1] = call_of(kernel)
  parts[#parts + 1] = ""
end

local function kernel_page(kernel)
  local doc = doc_of(kernel.name)
  local parts = { kernel.name .. ": " .. (kernel.brief or ""), "" }
  add_calls(parts, kernel)
  local prose = doc and (doc.prose or doc.text)
  if prose then add_prose(parts, prose) end
  parts[#parts + 1] = options_of(kernel)
  if doc and doc.columns then
    parts[#parts + 1] = "columns of the result"
    for _, column in ipairs(doc.columns) do parts[#parts + 1] = ("  %s: %s"):format(column[1], column[2]) end
    parts[#parts + 1] = ""
  end
  for i, example in ipairs(doc and doc.examples or {}) do
    if i > 2 then break end
    parts[#parts + 1] = "example\n  " .. example.code:gsub("\n*$", ""):gsub("\n", "\n  ")
    if example.output then parts[#parts + 1] = "  " .. example.output:gsub("\n*$", ""):gsub("\n", "\n  ") end
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

local function sorted(t)
  local names = {}
  for name in pairs(t) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function overview()
  local by_group, known = {}, {}
  for _, kernel in ipairs(binder.kernels) do
    local group = kernel.group or "other"
    if group ~= "predict" then -- a verb of models
      by_group[group] = by_group[group] or {}
      table.insert(by_group[group], kernel)
    end
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
  lines[#lines + 1] = "in Lua (help with one of these names lists what it has)"
  for _, owner in ipairs(index.owners()) do
    local names = {}
    for i, f in ipairs(index.of(owner)) do names[i] = f.name end
    lines[#lines + 1] = wrap(owner .. ": " .. table.concat(names, ", "), "  ")
  end
  return table.concat(lines, "\n") .. "\n"
end

-- Names to be had: of kernels, of functions, and of their owners.
local function all_names()
  local names = {}
  for _, kernel in ipairs(binder.kernels) do names[#names + 1] = kernel.name end
  for _, f in ipairs(index.functions()) do
    names[#names + 1] = f.name
    names[#names + 1] = f.full
  end
  for _, owner in ipairs(index.owners()) do names[#names + 1] = owner end
  for _, f in ipairs(binder.functions) do names[#names + 1] = f.name end
  return names
end

-- What a wrong name may have meant: the nearest by letters, and what has it within.
local function near(name)
  local names, found, seen = all_names(), {}, {}
  local function add(other)
    if not seen[other] then found[#found + 1] = other end
    seen[other] = true
  end
  local at = host.nearest(name, names)
  if at then add(names[at]) end
  for _, kernel in ipairs(binder.kernels) do
    if #name > 2 and kernel.name:find(name, 1, true) then add(kernel.name) end
  end
  return found
end

--- The help text, and whether there is one: an overview, or one verb, kernel, module or function by name.
function M.text(name)
  if name == nil then return overview(), true end
  local plain = tostring(name):gsub("^ms%.", "")
  local kernel = binder.by_name[plain]
  if kernel then return kernel_page(kernel), true end
  local members = index.of(plain)
  if #members > 0 then return owner_page(members[1].owner, members), true end
  if plain == "functions" then return functions_page(), true end
  local pages = {}
  for i, f in ipairs(index.find(plain)) do pages[i] = function_page(f) end
  pages[#pages + 1] = function_in_expressions(plain)
  if #pages > 0 then return table.concat(pages, "\n"), true end
  local others = near(plain)
  return ("there is no help on '%s'%s\n"):format(name,
    #others > 0 and "; did you mean " .. table.concat(others, ", ") .. "?" or "; help() shows what there is"), false
end

--- What a program may want to know of kernels: a list of tables, as for JSON.
function M.described()
  local list = {}
  for i, kernel in ipairs(binder.kernels) do
    local options = {}
    for j, option in ipairs(kernel.options) do
      options[j] = {
        name = option.name, type = option.type, default = option.default, required = option.required,
        unit = option.unit, brief = option.brief,
      }
      if option.low ~= 0 or option.high ~= 0 then options[j].low, options[j].high = option.low, option.high end
    end
    list[i] = { name = kernel.name, group = kernel.group, brief = kernel.brief, cost = kernel.cost, options = options }
  end
  return list
end

return setmetatable(M, { __call = function(_, name) return (M.text(name)) end })
