-- Judging a way to learn on rows that it has not seen: cross-validation; and whom to contact first: gains.
local errors = require "moonsift.errors"
local frames = require "moonsift.ffi.frame"
local model = require "moonsift.model"
local null = require "moonsift.null"

local M = {}

local function quoted(name) return "`" .. name:gsub("`", "``") .. "`" end

local function fail(verb, message, hint)
  errors.raise { code = "E-ARGUMENT", verb = verb, message = ("%s: %s"):format(verb, message), hint = hint }
end

local function frame_of(verb, x)
  return frames.of(x) or fail(verb, ("got %s; wanted a frame"):format(x == nil and "nil" or "a " .. type(x)))
end

local function check(verb, options, known)
  if type(options) ~= "table" then fail(verb, "a table of options is wanted") end
  for name in pairs(options) do
    if not known[name] then fail(verb, ("unknown option '%s'"):format(tostring(name))) end
  end
end

local Folds = {}
Folds.__index = Folds

function Folds.__tostring(result)
  local lines = { tostring(result.folds), "" }
  for _, name in ipairs(result.measures) do
    lines[#lines + 1] = ("%-10s %9.4f ± %.4f"):format(name, result.mean[name], result.error[name])
  end
  return table.concat(lines, "\n")
end

-- The frame with its fold, 1 … k, in the column "#fold": by time in k + 1 stretches (the first is only learned
-- from), or at random within each class.
local function folded(frame, options, k)
  if options.time then
    return frame:with_columns(("`#fold` = ntile(%d) over (order by %s) - 1"):format(k + 1, quoted(options.time)))
  end
  local within = options.stratify == false and "" or ("partition by %s "):format(quoted(options.target))
  return frame:row_index "#row":with_columns(
    ("`#fold` = (row_number() over (%sorder by hash(`#row`, @seed)) - 1) %% @k + 1"):format(within),
    { seed = options.seed or 1, k = k }):drop "#row"
end

local known = { target = true, folds = true, stratify = true, time = true, seed = true, fit = true, threshold = true }

local function summarise(result, rows)
  local k = #rows
  for name in pairs(rows[1]) do
    if type(rows[1][name]) == "number" and name ~= "rows" and name ~= "threshold" then
      result.measures[#result.measures + 1] = name
    end
  end
  table.sort(result.measures)
  for _, name in ipairs(result.measures) do
    local sum, squares, n = 0, 0, 0
    for i = 1, k do
      local value = rows[i][name]
      if value then sum, n = sum + value, n + 1 end
    end
    local mean = sum / n
    for i = 1, k do squares = squares + ((rows[i][name] or mean) - mean) ^ 2 end
    result.mean[name], result.error[name] = mean, n > 1 and math.sqrt(squares / (n - 1) / n) or 0
  end
end

--- Learns on all folds but one and judges on that one, for each in turn.
-- options: target (its column), fit (a function of the rows to learn from that gives a model), folds (10), stratify
-- (true: each fold has its share of every class), time (a column: each stretch of time is judged by what came before
-- it), seed (1), threshold. Gives { folds = (a frame: fold and its measures), mean =, error = (standard errors, by
-- measure), predictions = (the rows with prediction and probability by a model that has not seen them) }.
-- ms.cross_validate(f, { target = "churn", fit = function(train) return ms.logistic(train, { target = "churn" }) end
-- })
function M.cross_validate(frame, options)
  frame = frame_of("cross_validate", frame)
  check("cross_validate", options, known)
  local k = options.folds or 10
  if type(k) ~= "number" or k % 1 ~= 0 or k < 2 then fail("cross_validate", "folds must be 2 or more") end
  if type(options.fit) ~= "function" then
    fail("cross_validate", "fit is wanted, a function of the rows to learn from",
      [[fit = function(train) return ms.logistic(train, { target = "…" }) end]])
  end
  if type(options.target) ~= "string" then fail("cross_validate", "target is wanted, the name of a column") end
  local marked = folded(frame:filter(quoted(options.target) .. " is not null"), options, k)
  local rows, parts = {}, {}
  for i = 1, k do
    local train = marked:filter(options.time and "`#fold` < @i" or "`#fold` != @i", { i = i }):drop "#fold"
    local test = marked:filter("`#fold` == @i", { i = i }):drop "#fold"
    local fitted = options.fit(train)
    if not model.is(fitted) then fail("cross_validate", "fit gives no model") end
    rows[i] = fitted:evaluate(test, { threshold = options.threshold, target = options.target })
    parts[i] = fitted:predict(test)
  end
  local result = setmetatable({ measures = {}, mean = {}, error = {} }, Folds)
  summarise(result, rows)
  local columns = { { "fold", {} }, { "rows", {} } }
  for i, name in ipairs(result.measures) do columns[i + 2] = { name, {} } end
  for i = 1, k do
    columns[1][2][i] = i
    for at = 2, #columns do columns[at][2][i] = rows[i][columns[at][1]] or null end
  end
  result.folds = require("moonsift.ffi.build").frame(columns)
  result.predictions = parts[1]:concat(unpack(parts, 2))
  return result
end

--- Whom to contact first: the rows in bins by falling score, and what each bin brings. options: target (true, 1 or
-- the event's name is a success), event, score ("probability"), bins (10), value (of a success), cost (of a
-- contact). Rows with equal scores stand in the order of the frame. Gives a frame: bin, rows, score (the least in
-- it), events, rate, lift (rate against that of all rows), captured (share of all events up to here), and with value
-- or cost: profit (up to here). print(ms.gains(model:predict(test), { target = "visit", value = 20, cost = 0.5 }))
function M.gains(frame, options)
  frame = frame_of("gains", frame)
  check("gains", options, { target = true, event = true, score = true, bins = true, value = true, cost = true })
  if type(options.target) ~= "string" then fail("gains", "target is wanted, the name of a column") end
  local target, score, k = quoted(options.target), quoted(options.score or "probability"), options.bins or 10
  if type(k) ~= "number" or k % 1 ~= 0 or k < 1 then fail("gains", "bins must be a whole number, 1 or more") end
  local event = options.event == nil and ("cast(%s as text) in ('true', '1')"):format(target)
    or ("cast(%s as text) == @event"):format(target)
  local table_of = frame:filter(score .. " is not null and " .. target .. " is not null")
    :with_columns(("bin = ntile(%d) over (order by %s desc)"):format(k, score), "y = if(" .. event .. ", 1, 0)",
      { event = tostring(options.event) })
    :group_by "bin":agg("rows = count()", "score = min(" .. score .. ")", "events = sum(y)"):sort "bin"
    :with_columns("rate = events / rows", "lift = rate / (total(events) / total(rows))",
      "captured = cumsum(events) over (order by bin) / total(events)")
  if options.value or options.cost then
    table_of = table_of:with_columns("profit = cumsum(events * @value - rows * @cost) over (order by bin)",
      { value = options.value or 0, cost = options.cost or 0 })
  end
  return table_of
end

return M
