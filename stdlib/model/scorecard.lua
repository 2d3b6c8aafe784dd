-- Scorecards: how they print, what their inputs are worth, and the card written as a program.
local build = require "moonsift.ffi.build"
local errors = require "moonsift.errors"
local host = require "moonsift.host"
local regression = require "moonsift.model.regression"

local M = { methods = {} }

-- Lines that printing shows.
local LINES_MOST = 60

-- A model that comes from a database may have been changed there.
local function intact(held, part)
  if held then return held end
  errors.raise {
    code = "E-DATA", verb = "scorecard",
    message = ("scorecard: the model's part '%s' is not as it was made"):format(part),
  }
end

local function number_of(value, part)
  local x = tonumber(value)
  return intact(x and x == x and math.abs(x) < math.huge and x, part)
end

local function optional(value, part) return value ~= nil and number_of(value, part) or nil end

local function read_terms(model, list, by_name)
  local constant
  for row in model.terms:rows() do
    if not constant then
      constant = number_of(row.coefficient, "terms")
    else
      intact(type(row.input) == "string" and not by_name[row.input], "terms")
      list[#list + 1] = {
        name = row.input, iv = number_of(row.iv, "terms"), coefficient = optional(row.coefficient, "terms"),
        levels = {},
      }
      by_name[row.input] = list[#list]
    end
  end
  return intact(constant, "terms")
end

-- Bins stand in order, that of missing values (0) last.
local function read_bins(model, by_name)
  for row in model.bins:rows() do
    local input, k = intact(by_name[row.input], "bins"), number_of(row.bin, "bins")
    local bin = {
      label = intact(type(row.label) == "string" and row.label, "bins"), high = optional(row.high, "bins"),
      rows = number_of(row.rows, "bins"), share = optional(row.event_share, "bins"),
      woe = number_of(row.woe, "bins"), points = optional(row.points, "bins"),
    }
    intact(not input.missing and (k == 0 or k == #input + 1) and (bin.points or not input.coefficient), "bins")
    if k == 0 then input.missing = bin else input[k] = bin end
  end
  for _, input in pairs(by_name) do
    intact(input.missing and #input > 0, "bins")
    for k = 1, input.coefficient and not input.category and #input - 1 or 0 do intact(input[k].high, "bins") end
  end
end

-- The card as tables: inputs in order, each { name =, iv =, levels = (by level the bin), bins (without that of missing
-- values; it is `missing`) }, and of those in use type =, category =, order = (the levels), coefficient =; the constant
-- of the log odds.
local function read(model)
  local list, by_name = {}, {}
  local constant, used = read_terms(model, list, by_name), 0
  for _, input in ipairs(list) do used = used + (input.coefficient and 1 or 0) end
  for _, input in ipairs(model:inputs_of "input") do
    local to = intact(by_name[input.name], "inputs")
    intact(to.coefficient and not to.order, "inputs")
    to.type, to.category, to.order = input.type, #input.levels > 0, input.levels
    used = used - 1
  end
  intact(used == 0 and model:inputs_of("target")[1], "inputs")
  read_bins(model, by_name)
  for row in model.levels:rows() do
    local input, k = intact(by_name[row.input], "levels"), number_of(row.bin, "levels")
    input.levels[intact(row.level, "levels")] = intact((k == 0 or input[k]) and k, "levels")
  end
  for _, input in ipairs(list) do
    for _, level in ipairs(input.order or {}) do intact(input.levels[level], "levels") end
  end
  return list, constant
end

-- Siddiqi (2006), chapter 6.
local function reading(iv)
  return iv < 0.02 and "none" or iv < 0.1 and "weak" or iv < 0.3 and "medium" or iv < 0.5 and "strong"
    or "suspiciously strong"
end

--- What each input tells of the target, the most telling first: input, iv (information value), reading (none below
-- 0.02, weak below 0.1, medium below 0.3, strong below 0.5, suspiciously strong: look whether it is known before the
-- event; Siddiqi 2006), used (whether the card has it).
-- print(model:information())
function M.methods.information(model)
  local names, values, words, used = {}, {}, {}, {}
  for i, input in ipairs((read(model))) do
    names[i], values[i], words[i], used[i] = input.name, input.iv, reading(input.iv), input.coefficient ~= nil
  end
  return build.frame { { "input", names }, { "iv", values }, { "reading", words }, { "used", used } }
    :sort("-iv", "input")
end

--- The card: input, label (of the bin), rows, share (of all rows), event_share, woe, points; of the inputs in use.
-- print(model:card())
function M.methods.card(model)
  local used = model.terms:filter "coefficient is not null":select "input"
  return model.bins:join(used, { on = "input", how = "semi" })
    :with_columns "share = rows / sum(rows) over (partition by input)"
    :select("input", "label", "rows", "share", "event_share", "woe", "points")
end

-- ---- printing ----

local function whole(x) return ("%.0f"):format(x) end
local function left(text, cells) return text .. (" "):rep(cells - host.width(text)) end
local function right(text, cells) return (" "):rep(math.max(1, cells - host.width(text))) .. text end

local function shortened(text, cells)
  if host.width(text) <= cells then return text end
  local kept = ""
  for point in text:gmatch "[%z\1-\127\194-\244][\128-\191]*" do
    if host.width(kept .. point) > cells - 1 then break end
    kept = kept .. point
  end
  return kept .. "…"
end

local function bin_line(bin, total, rounded)
  return "  " .. left(shortened(bin.label, 32), 32) .. right(whole(bin.rows), 9)
    .. right(("%.1f %%"):format(100 * bin.rows / total), 9)
    .. right(bin.share and ("%.1f %%"):format(100 * bin.share) or "", 9) .. right(("%.2f"):format(bin.woe), 8)
    .. right((rounded and "%.0f" or "%.2f"):format(bin.points), 9)
end

function M.show(model)
  local list = read(model)
  local target, rounded = model:inputs_of("target")[1], model:fact "rounded" == 1
  local function fact(name) return number_of(model:fact(name), "facts") end
  local other, event = target.levels[1], target.levels[#target.levels]
  local lines = {
    regression.wrap(("scorecard of %s, learned from %d rows"):format(regression.target_of(model), fact "rows")),
    ("%g points at odds of %g to 1 for %s; %g points double the odds"):format(fact "points", fact "odds",
      model:fact "high" == "event" and event or other, fact "double"),
    "", left("", 34) .. right("rows", 9) .. right("share", 9) .. right("events", 9) .. right("woe", 8)
      .. right("points", 9),
  }
  local unused = {}
  for _, input in ipairs(list) do
    if not input.coefficient then unused[#unused + 1] = ("%s (%.3f)"):format(input.name, input.iv) end
    if input.coefficient then
      local total = input.missing.rows
      for _, bin in ipairs(input) do total = total + bin.rows end
      lines[#lines + 1] = ("%s: information value %.3f, %s"):format(input.name, input.iv, reading(input.iv))
      for _, bin in ipairs(input) do lines[#lines + 1] = bin_line(bin, total, rounded) end
      if input.missing.rows > 0 then lines[#lines + 1] = bin_line(input.missing, total, rounded) end
    end
  end
  if #lines > LINES_MOST then
    local more = #lines - LINES_MOST
    for i = #lines, LINES_MOST + 1, -1 do lines[i] = nil end
    lines[#lines + 1] = ("… %d lines more: model:card()"):format(more)
  end
  if #unused > 0 then
    lines[#lines + 1] = ""
    lines[#lines + 1] = regression.wrap(("left out, with an information value below %g: %s"):format(
      fact "min_iv", table.concat(unused, ", ")))
  end
  return table.concat(lines, "\n")
end

-- ---- the card as a program ----

local function number(x)
  x = x + 0 -- no negative zero
  local text = ("%.15g"):format(x)
  return tonumber(text) == x and text or ("%.17g"):format(x)
end

local function sql_name(name) return '"' .. name:gsub('"', '""') .. '"' end
local function sql_text(text) return "'" .. text:gsub("'", "''") .. "'" end

local function sql_case(input, value)
  local name, cases = sql_name(input.name), {}
  if not input.category then
    cases[1] = ("when %s is null then %s"):format(name, value(input.missing))
    for k = 1, #input - 1 do
      cases[k + 1] = ("when %s <= %s then %s"):format(name, number(input[k].high), value(input[k]))
    end
    return ("case %s else %s end"):format(table.concat(cases, " "), value(input[#input]))
  end
  for i, level in ipairs(input.order) do
    cases[i] = ("when %s then %s"):format(input.type == "text" and sql_text(level) or level,
      value(input[input.levels[level]] or input.missing))
  end
  return ("case %s %s else %s end"):format(name, table.concat(cases, " "), value(input.missing))
end

local function wrong_value(verb, value)
  errors.raise {
    code = "E-ARGUMENT", verb = verb,
    message = ("%s: option 'value' is '%s'; score or probability wanted"):format(verb, tostring(value)),
  }
end

--- The score as an expression of SQL over the input columns; value = "probability": that of the event (by the log odds,
-- as predict gives it). A level that was not seen counts as missing.
-- print("select customer_id, " .. model:to_sql() .. " as score from customers")
function M.methods.to_sql(model, options)
  local wanted = options and options.value or "score"
  if wanted ~= "score" and wanted ~= "probability" then wrong_value("to_sql", wanted) end
  local list, constant = read(model)
  local parts = { wanted == "probability" and number(constant) or nil }
  for _, input in ipairs(list) do
    if input.coefficient then
      parts[#parts + 1] = sql_case(input, function(bin)
        return number(wanted == "score" and bin.points or input.coefficient * bin.woe)
      end)
    end
  end
  local sum = table.concat(parts, "\n  + ")
  return wanted == "score" and sum or ("1 / (1 + exp(-(%s)))"):format(sum)
end

local HELPERS = [[
-- The bin of a number; 0: it is missing.
local function cut(x, ends)
  x = tonumber(x)
  if not x or x ~= x then return 0 end
  for i = 1, #ends do
    if x <= ends[i] then return i end
  end
  return #ends + 1
end

local function level(x, bins)
  return bins[type(x) == "number" and ("%d"):format(x) or tostring(x)] or 0
end
]]

local function lua_input(i, input, head, body)
  local items, points, odds = {}, {}, {}
  if input.category then
    for l, name in ipairs(input.order) do items[l] = ("[%q] = %d"):format(name, input.levels[name]) end
  else
    for k = 1, #input - 1 do items[k] = number(input[k].high) end
  end
  for k = 0, #input do
    local bin = k == 0 and input.missing or input[k]
    points[k + 1] = ("[%d] = %s"):format(k, number(bin.points))
    odds[k + 1] = ("[%d] = %s"):format(k, number(input.coefficient * bin.woe))
  end
  head[#head + 1] = ("local bins%d = { %s }\nlocal points%d = { %s }\nlocal odds%d = { %s }"):format(i,
    table.concat(items, ", "), i, table.concat(points, ", "), i, table.concat(odds, ", "))
  body[#body + 1] = ("  k = %s(row[%q], bins%d)\n  score, odds = score + points%d[k], odds + odds%d[k]"):format(
    input.category and "level" or "cut", input.name, i, i, i)
end

--- The card as the source of a Lua function of a row (a table of values by name): it gives the score, and the
-- probability of the event as predict does. `loadstring(text)()` is the function.
-- print(model:to_lua())
function M.methods.to_lua(model)
  local list, constant = read(model)
  local head, body, count = {}, {}, 0
  for _, input in ipairs(list) do
    if input.coefficient then
      count = count + 1
      lua_input(count, input, head, body)
    end
  end
  if count > 60 then
    errors.raise {
      code = "E-LIMIT", verb = "to_lua",
      message = ("to_lua: the card has %d inputs; at most 60 can be written down"):format(count),
      hint = "learn it from fewer columns, or with a larger min_iv",
    }
  end
  return HELPERS .. "\n" .. table.concat(head, "\n") .. "\n\nreturn function(row)\n  local k, score, odds = 0, 0, "
    .. number(constant) .. "\n" .. table.concat(body, "\n") .. "\n  return score, 1 / (1 + math.exp(-odds))\nend\n"
end

return M
