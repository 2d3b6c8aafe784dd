-- How the test runner shows values: Lua tables as one would write them, long texts as a diff.
local M = {}

local escapes = { ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ['"'] = '\\"', ["\\"] = "\\\\" }

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c)
    return escapes[c] or ("\\%03d"):format(c:byte())
  end) .. '"'
end

local function number(value)
  if value ~= value then return "nan" end
  if value == math.huge then return "inf" end
  if value == -math.huge then return "-inf" end
  local short = ("%.14g"):format(value)
  return tonumber(short) == value and short or ("%.17g"):format(value)
end

-- Keys in an order that does not change: numbers by size, then the others by type and text.
local function ordered_keys(value)
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    local kind_a, kind_b = type(a), type(b)
    if kind_a ~= kind_b then return kind_a == "number" or (kind_b ~= "number" and kind_a < kind_b) end
    if kind_a == "number" then return a < b end
    return tostring(a) < tostring(b)
  end)
  return keys
end

local render

local function render_table(value, depth, seen)
  if seen[value] then return "<itself>" end
  if depth > 8 then return "{…}" end
  seen[value] = true
  local parts, length = {}, #value
  for i = 1, length do parts[i] = render(value[i], depth + 1, seen) end
  for _, key in ipairs(ordered_keys(value)) do
    local position = type(key) == "number" and key >= 1 and key <= length and key % 1 == 0
    if not position then
      local plain = type(key) == "string" and key:match("^[%a_][%w_]*$")
      local left = plain and key or "[" .. render(key, depth + 1, seen) .. "]"
      parts[#parts + 1] = left .. " = " .. render(value[key], depth + 1, seen)
    end
  end
  seen[value] = nil
  local line = "{" .. table.concat(parts, ", ") .. "}"
  if #line <= 90 or #parts == 0 then return line end
  local indent = ("  "):rep(depth + 1)
  return "{\n" .. indent .. table.concat(parts, ",\n" .. indent) .. "\n" .. ("  "):rep(depth) .. "}"
end

function render(value, depth, seen)
  local kind = type(value)
  if kind == "string" then return quoted(value) end
  if kind == "number" then return number(value) end
  local meta = kind == "table" and getmetatable(value)
  if kind == "table" and not (type(meta) == "table" and meta.__tostring) then
    return render_table(value, depth, seen)
  end
  return tostring(value)
end

--- The value as text: tables as one would write them, with keys in a fixed order.
-- show.value({ 1, b = "x" }) --> {1, b = "x"}
function M.value(value)
  return render(value, 0, {})
end

local function lines_of(text)
  local lines = {}
  for line in (text .. "\n"):gmatch("(.-)\n") do lines[#lines + 1] = line end
  return lines
end

-- Lengths of the longest common run of lines of the two tails, for every pair of tails.
local function common_lengths(got, want)
  local length = {}
  for i = #got + 1, 1, -1 do
    length[i] = {}
    for j = #want + 1, 1, -1 do
      if i > #got or j > #want then
        length[i][j] = 0
      elseif got[i] == want[j] then
        length[i][j] = length[i + 1][j + 1] + 1
      else
        length[i][j] = math.max(length[i + 1][j], length[i][j + 1])
      end
    end
  end
  return length
end

local function edits(got, want)
  local length, out, i, j = common_lengths(got, want), {}, 1, 1
  while i <= #got or j <= #want do
    if i <= #got and j <= #want and got[i] == want[j] then
      out[#out + 1] = "  " .. got[i]
      i, j = i + 1, j + 1
    elseif j > #want or (i <= #got and length[i + 1][j] >= length[i][j + 1]) then
      out[#out + 1] = "+ " .. got[i]
      i = i + 1
    else
      out[#out + 1] = "- " .. want[j]
      j = j + 1
    end
  end
  return out
end

-- Only what differs, with two lines around it.
local function near_changes(lines)
  local keep, out, cut = {}, {}, false
  for i, line in ipairs(lines) do
    if line:sub(1, 1) ~= " " then
      for k = i - 2, i + 2 do keep[k] = true end
    end
  end
  for i, line in ipairs(lines) do
    if keep[i] then
      out[#out + 1] = line
      cut = false
    elseif not cut then
      out[#out + 1] = "  …"
      cut = true
    end
  end
  return out
end

--- A diff of two texts by lines: "-" is wanted and absent, "+" was got and is not wanted.
function M.diff(got, want)
  local got_lines, want_lines = lines_of(got), lines_of(want)
  if #got_lines * #want_lines > 4e6 then
    local at = 1
    while got_lines[at] == want_lines[at] do at = at + 1 end
    return ("line %d differs\n- %s\n+ %s"):format(at, want_lines[at] or "(end)", got_lines[at] or "(end)")
  end
  return table.concat(near_changes(edits(got_lines, want_lines)), "\n")
end

return M
