-- Conditions that can be reasoned about: comparisons of a column with constants, joined by and, or, not and
-- brackets. Such a condition changes its value only where a column passes one of the constants.
local errors = require "moonsift.errors"

local M = {}

--- A name as expressions write it, whatever is in it.
function M.quoted(name) return "`" .. name:gsub("`", "``") .. "`" end

--- The frame with a condition as a column: true, or false (also where it is null).
function M.truth(frame, name, text, given)
  local made = frame:with_columns(M.quoted(name) .. " = " .. text, given)
  for _, column in ipairs(made:schema()) do
    if column.name == name and column.type ~= "boolean" then
      errors.raise {
        code = "E-TYPE", message = ("the rule gives %s; true or false wanted"):format(column.type),
        hint = ("compare it with something, as in \"amount > 0\"; the rule is: %s"):format(text),
      }
    end
  end
  return made:with_columns(("%s = coalesce(%s, false)"):format(M.quoted(name), M.quoted(name)))
end

--- The pieces of an expression: quoted texts and names whole, words and numbers, operators, blanks and other
-- characters.
function M.tokens(text)
  local list, at = {}, 1
  while at <= #text do
    local quote, last = text:match("^['\"`]", at)
    if quote then last = text:find(quote, at + 1, true) or #text end
    if not quote then
      last = select(2, text:find("^%d+%.?%d*[eE]?%d*", at)) or select(2, text:find("^@?[%w_\128-\255]+", at))
        or select(2, text:find("^[<>=~!]=", at)) or at
    end
    list[#list + 1] = text:sub(at, last)
    at = last + 1
  end
  return list
end

--- The parts of a condition that are joined by "and" outside of all brackets; one part if it is joined by "or". The
-- "and" of "between … and …", and what stands in case … end, belong to their part.
function M.clauses(text)
  local parts, current, depth, between = {}, {}, 0, false
  for _, token in ipairs(M.tokens(text)) do
    local word = token:lower()
    if token == "(" or token == "[" or word == "case" then depth = depth + 1 end
    if token == ")" or token == "]" or word == "end" then depth = depth - 1 end
    if depth == 0 and word == "or" then return { text } end
    if depth == 0 and word == "between" then between = true end
    if depth == 0 and word == "and" and not between then
      parts[#parts + 1] = table.concat(current)
      current = {}
    else
      if depth == 0 and word == "and" then between = false end
      current[#current + 1] = token
    end
  end
  parts[#parts + 1] = table.concat(current)
  for i, part in ipairs(parts) do parts[i] = part:match "^%s*(.-)%s*$" end
  return parts
end

local comparison = { ["<"] = true, ["<="] = true, [">"] = true, [">="] = true, ["=="] = true, ["="] = true,
  ["~="] = true, ["!="] = true }

-- A reader of tokens. `known`: columns; `given`: values of parameters; `cuts`: constants by column, filled in.
local Reader = {}
Reader.__index = Reader

function Reader:peek() return self.list[self.at] end
function Reader:word() local token = self:peek() return token and token:lower() end
function Reader:take(wanted)
  if self:word() ~= wanted then return false end
  self.at = self.at + 1
  return true
end

-- Raised where the condition is none of those that can be reasoned about.
local beyond = {}

function Reader:constant()
  local sign = self:take "-" and -1 or 1
  local token = self:peek() or error(beyond, 0)
  self.at = self.at + 1
  local value
  if tonumber(token) then value = sign * tonumber(token) end
  if token:find "^['\"]" then value = token:sub(2, -2) end
  if token:sub(1, 1) == "@" then value = self.given[token:sub(2)] end
  if token:lower() == "true" or token:lower() == "false" then value = token:lower() == "true" end
  if value == nil or type(value) == "cdata" then error(beyond, 0) end
  if type(value) == "number" and token:sub(1, 1) == "@" then value = sign * value end
  return value
end

function Reader:cut(column, value)
  local cuts = self.cuts[column] or {}
  cuts[#cuts + 1] = value
  self.cuts[column] = cuts
end

function Reader:column()
  local token = self:peek() or error(beyond, 0)
  local name = token:match "^`(.*)`$" or token
  if not self.known[name] then return nil end
  self.at = self.at + 1
  self.cuts[name] = self.cuts[name] or {}
  return name
end

function Reader:list_of(column)
  if not self:take "(" then error(beyond, 0) end
  repeat self:cut(column, self:constant()) until not self:take ","
  if not self:take ")" then error(beyond, 0) end
end

-- What stands behind a column.
function Reader:rest(column)
  if comparison[self:peek() or ""] then
    self.at = self.at + 1
    return self:cut(column, self:constant())
  end
  if self:take "is" then
    self:take "not"
    if not self:take "null" then error(beyond, 0) end
    return
  end
  self:take "not"
  if self:take "in" then return self:list_of(column) end
  if self:take "between" then
    self:cut(column, self:constant())
    if not self:take "and" then error(beyond, 0) end
    return self:cut(column, self:constant())
  end
  if self.known[column] ~= "boolean" then error(beyond, 0) end
end

function Reader:atom()
  if self:take "(" then
    self:either()
    if not self:take ")" then error(beyond, 0) end
    return
  end
  if self:take "not" then return self:atom() end
  if (self:word() == "true" or self:word() == "false") and not comparison[self.list[self.at + 1] or ""] then
    self.at = self.at + 1
    return
  end
  local column = self:column()
  if column then return self:rest(column) end
  local value = self:constant() -- constant < column
  if not comparison[self:peek() or ""] then error(beyond, 0) end
  self.at = self.at + 1
  column = self:column() or error(beyond, 0)
  self:cut(column, value)
end

function Reader:both() repeat self:atom() until not self:take "and" end
function Reader:either() repeat self:both() until not self:take "or" end

--- Adds the constants that each column is compared with to `cuts`, lists by column. known: types by column; given:
-- values of the parameters. false where the condition says something else than such comparisons.
function M.cuts(text, known, given, cuts)
  local found, list = {}, {}
  for _, token in ipairs(M.tokens(text)) do
    if token:find "%S" then list[#list + 1] = token end
  end
  local reader = setmetatable({ list = list, at = 1, known = known, given = given, cuts = found }, Reader)
  local fine, problem = pcall(reader.either, reader)
  if not fine and problem ~= beyond then error(problem, 0) end
  if not fine or reader:peek() then return false end
  for column, values in pairs(found) do
    cuts[column] = cuts[column] or {}
    for _, value in ipairs(values) do table.insert(cuts[column], value) end
  end
  return true
end

local function numbers(values, whole)
  local sorted, seen, list = {}, {}, {}
  for _, value in ipairs(values) do
    if type(value) == "number" and not seen[value] then
      seen[value] = true
      sorted[#sorted + 1] = value
    end
  end
  table.sort(sorted)
  if #sorted == 0 then return { 0 } end
  local function add(x) list[#list + 1] = x end
  local function step(cut) return cut == 0 and 1 or math.min(1, math.abs(cut) / 2) end
  add(whole and math.ceil(sorted[1]) - 1 or sorted[1] - step(sorted[1]))
  for i, cut in ipairs(sorted) do
    if not whole or cut % 1 == 0 then add(cut) end
    local next_cut = sorted[i + 1]
    if not next_cut then
      add(whole and math.floor(cut) + 1 or cut + step(cut))
    elseif not whole then
      add((cut + next_cut) / 2)
    elseif math.floor(cut) + 1 < next_cut then
      add(math.floor(cut) + 1)
    end
  end
  return list
end

--- Values of a column, one for each stretch in which no condition changes: below, at, between and above its
-- constants.
function M.representatives(values, kind)
  if kind == "boolean" then return { false, true } end
  if kind == "integer" or kind == "real" then return numbers(values, kind == "integer") end
  local list, seen = {}, {}
  for _, value in ipairs(values) do
    if type(value) == "string" and not seen[value] then
      seen[value] = true
      list[#list + 1] = value
    end
  end
  table.sort(list)
  list[#list + 1] = "(anything else)"
  return list
end

return M
