-- What linear, logistic, glm and elastic net models share: how they print, and how they are written as SQL and as
-- Lua.
local errors = require "moonsift.errors"
local host = require "moonsift.host"
local model = require "moonsift.model"

local M = {}

-- ---- printing ---------------------------------------------------------------------------------------------------

local WIDTH, TERM, TERMS_MOST = 80, 30, 60

--- A number with `digits` significant digits, without an exponent where it can be.
local function significant(x, digits)
  if not x then return "" end
  if x == 0 then return "0" end
  local size = math.floor(math.log(math.abs(x)) / math.log(10))
  if size < -5 or size > 7 then return ("%." .. digits - 1 .. "e"):format(x) end
  return ("%." .. math.max(0, digits - 1 - size) .. "f"):format(x)
end
M.significant = significant

--- What the odds or the mean are multiplied by.
function M.ratio(estimate)
  local ratio = math.exp(estimate)
  return (ratio > 1e5 or ratio < 1e-4) and ("%.1e"):format(ratio) or significant(ratio, 4)
end

--- A probability as people read it.
local function p_text(p)
  if not p then return "" end
  return p < 0.0001 and "<0.0001" or ("%.4f"):format(p)
end

-- Cells are counted, not bytes, since names may be Chinese.
local function fit(text, cells)
  if host.width(text) <= cells then return text .. (" "):rep(cells - host.width(text)) end
  local kept = ""
  for point in text:gmatch "[%z\1-\127\194-\244][\128-\191]*" do
    if host.width(kept .. point) > cells - 1 then break end
    kept = kept .. point
  end
  return fit(kept .. "…", cells)
end

local function right(text, cells) return (" "):rep(math.max(1, cells - host.width(text))) .. text end

-- Digits behind the point that show an estimate to a hundredth of its error.
local function digits_for(error)
  if not error or error <= 0 then return nil end
  return math.max(0, math.min(9, 1 - math.floor(math.log(error) / math.log(10))))
end

local function rounded(x, digits)
  if not x then return "" end
  if not digits or math.abs(x) >= 1e9 then return significant(x, 5) end
  return ("%." .. digits .. "f"):format(x)
end

--- The table of terms as lines. statistic: the name of its tests, nil where there are none.
-- last: { title, function(row) → text }, a column of the kind's own; or nil.
function M.table_of(terms, statistic, last)
  local lines, cells, shown = {}, 10, math.min(terms:nrow(), TERMS_MOST)
  local rows = terms:head(shown)
  local there = {}
  for _, name in ipairs(rows:names()) do there[name] = true end
  local get = function(name) return there[name] and rows:column(name, false) or {} end
  local term, estimate, error, value, p = get "term", get "estimate", get "error", get "statistic", get "p_value"
  local low, high = get "low", get "high"
  for i = 1, shown do cells = math.max(cells, math.min(TERM, host.width(term[i]))) end
  lines[1] = fit("term", cells) .. right("estimate", 12) .. (statistic and
    right("error", 11) .. right(statistic, 8) .. right("p", 9) .. (last and right(last[1], 9) or "") or "")
  for i = 1, shown do
    local digits = digits_for(error[i])
    lines[#lines + 1] = fit(term[i], cells) .. (not statistic and right(significant(estimate[i], 5), 12) or
      estimate[i] and
      right(rounded(estimate[i], digits), 12) .. right(rounded(error[i], digits), 11) ..
      right(value[i] and ("%.2f"):format(value[i]) or "", 8) .. right(p_text(p[i]), 9) ..
      (last and right(last[2](estimate[i], low[i], high[i]), 9) or "") or right("–", 12))
  end
  if shown < terms:nrow() then lines[#lines + 1] = ("… %d more: model.terms"):format(terms:nrow() - shown) end
  return lines
end

--- "churn = yes" or "amount": what a model predicts.
function M.target_of(self)
  local target = self:inputs_of("target")[1]
  local event = target.levels[#target.levels]
  return event and ("%s = %s"):format(target.name, event) or target.name
end

--- The lines under the table that all generalised linear models have.
function M.footer(self)
  local deviance, null = self:fact "deviance", self:fact "null_deviance"
  local lines = { ("deviance %s on %d degrees of freedom; %s without inputs: %.1f %% explained"):format(
    significant(deviance, 6), self:fact "degrees_of_freedom", significant(null, 6),
    100 * (self:fact "explained_deviance" or 0)) }
  local aic = self:fact "aic"
  if aic then lines[2] = ("AIC %s, BIC %s, %d steps"):format(significant(aic, 6), significant(self:fact "bic", 6),
    self:fact "iterations") end
  if (self:fact "l2" or 0) > 0 then
    lines[2] = ("penalty l2 = %s: no errors and tests; %d steps"):format(significant(self:fact "l2", 3),
      self:fact "iterations")
  end
  return lines
end

--- A title that may need more than a line.
function M.wrap(text)
  local lines, line = {}, ""
  for word in text:gmatch "%S+" do
    if line ~= "" and host.width(line .. " " .. word) > WIDTH then
      lines[#lines + 1], line = line, "  " .. word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

-- ---- the score as a formula --------------------------------------------------------------------------------------

local function number(x)
  local text = ("%.17g"):format(x)
  if tonumber(("%.15g"):format(x)) == x then text = ("%.15g"):format(x) end
  return x < 0 and "(" .. text .. ")" or text
end

-- The constant, and each input with its coefficient, or with one a level.
local function score_of(self)
  local inputs, levels = self.terms:column("input", false), self.terms:column("level", false)
  local estimates, constant, by_name, list = self.terms:column("estimate", 0), 0, {}, {}
  for _, input in ipairs(self:inputs_of "input") do
    local item = { name = input.name, type = input.type, levels = input.levels, values = {} }
    for _, level in ipairs(input.levels) do item.values[level] = 0 end
    by_name[input.name] = item
    list[#list + 1] = item
  end
  for i = 1, #estimates do
    local item = by_name[inputs[i]]
    if not item then
      constant = estimates[i]
    elseif levels[i] then
      item.values[levels[i]] = estimates[i]
    else
      item.value = estimates[i]
    end
  end
  local offset = self:inputs_of("offset")[1]
  if offset then list[#list + 1] = { name = offset.name, type = "real", levels = {}, value = 1 } end
  return constant, list
end

local function sql_name(name) return '"' .. name:gsub('"', '""') .. '"' end

local function sql_literal(level, kind)
  if kind == "text" then return "'" .. level:gsub("'", "''") .. "'" end
  return level
end

local function sql_item(item)
  local name = sql_name(item.name)
  if item.value then
    if item.type == "boolean" then name = ("case when %s then 1 when not %s then 0 end"):format(name, name) end
    return ("%s * %s"):format(number(item.value), item.type == "boolean" and "(" .. name .. ")" or name)
  end
  local cases = {}
  for _, level in ipairs(item.levels) do
    cases[#cases + 1] = ("when %s then %s"):format(sql_literal(level, item.type), number(item.values[level]))
  end
  if #cases == 0 then return "null" end
  return ("case %s %s end"):format(name, table.concat(cases, " "))
end

local sql_links = {
  identity = "%s", logit = "1 / (1 + exp(-(%s)))", log = "exp(%s)", inverse = "1 / (%s)",
}

local function no_formula(verb, link)
  errors.raise {
    code = "E-ARGUMENT", verb = verb, message = ("%s: the link %s has no formula in it"):format(verb, link),
    hint = "model:predict(frame) gives the predictions",
  }
end

--- The prediction as an expression of SQL over the input columns (SQLite, PostgreSQL, DuckDB): the mean, or for
-- classes the probability of the event. Null where an input is missing or a level was never seen.
-- print(model:to_sql())
local function to_sql(self)
  local constant, list = score_of(model.check(self, "to_sql"))
  local parts, link = { number(constant) }, self:fact "link" or "identity"
  for _, item in ipairs(list) do parts[#parts + 1] = sql_item(item) end
  if not sql_links[link] then no_formula("to_sql", link) end
  return sql_links[link]:format(table.concat(parts, " + "))
end

local lua_links = {
  identity = "x", logit = "1 / (1 + math.exp(-x))", log = "math.exp(x)", inverse = "1 / x",
}

local function lua_key(level, kind)
  return kind == "text" and ("[%q]"):format(level) or "[" .. level .. "]"
end

--- The prediction as Lua source text: a chunk that returns a function of a row, which gives the mean, or for classes
-- the probability of the event; nil where an input is missing or a level was never seen.
-- local score = assert(load(model:to_lua()))()
local function to_lua(self)
  local constant, list = score_of(model.check(self, "to_lua"))
  local link = self:fact "link" or "identity"
  if not lua_links[link] then no_formula("to_lua", link) end
  local head, body = {}, { ("  local x = %s"):format(number(constant)) }
  for i, item in ipairs(list) do
    local value = ("r[%q]"):format(item.name)
    if item.value then
      body[#body + 1] = ("  local v%d = %s"):format(i, value)
      body[#body + 1] = ("  if v%d == nil then return nil end"):format(i)
      if item.type == "boolean" then value = ("(v%d and 1 or 0)"):format(i) else value = "v" .. i end
      body[#body + 1] = ("  x = x + %s * %s"):format(number(item.value), value)
    else
      local cases = {}
      for _, level in ipairs(item.levels) do
        cases[#cases + 1] = ("  %s = %s,"):format(lua_key(level, item.type), number(item.values[level]))
      end
      head[#head + 1] = ("local level%d = {\n%s\n}"):format(i, table.concat(cases, "\n"))
      body[#body + 1] = ("  local v%d = %s"):format(i, value)
      body[#body + 1] = ("  v%d = v%d ~= nil and level%d[v%d] or nil"):format(i, i, i, i)
      body[#body + 1] = ("  if v%d == nil then return nil end"):format(i)
      body[#body + 1] = ("  x = x + v%d"):format(i)
    end
  end
  head[#head + 1] = "return function(r)"
  return table.concat(head, "\n") .. "\n" .. table.concat(body, "\n") .. "\n  return " .. lua_links[link] .. "\nend\n"
end

M.methods = { to_sql = to_sql, to_lua = to_lua }

return M
