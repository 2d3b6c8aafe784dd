-- The tests that a strategy brings along: rows for its inputs, and what it must make of them, on one day or on several
-- that are run one after the other.
local build = require "moonsift.ffi.build"
local definition = require "moonsift.strategy.definition"
local moment = require "moonsift.ffi.moment"
local null = require "moonsift.null"
local scratch = require "moonsift.strategy.scratch"
local test = require "moonsift.test"

local M = {}

-- Rows as they are written in a strategy: { "column", … } first, then a list of values each. Dates may be texts; the
-- input's column of time is read as one.
local function frame_of(strategy, input, rows)
  local said, names, columns = strategy.inputs[input], rows[1], {}
  if type(names) ~= "table" then
    definition.fail(strategy.name, ("the rows of '%s' begin with a list of its columns"):format(input))
  end
  for at, name in ipairs(names) do
    local values = {}
    for i = 2, #rows do
      local value = rows[i][at]
      if name == said.time and type(value) == "string" then
        value = #value <= 10 and moment.date(value) or moment.time(value)
      end
      values[i - 1] = value
    end
    columns[at] = { name, values }
  end
  return build.frame(columns)
end

local function spoken(value)
  if value == nil or value == null then return "null" end
  return type(value) == "string" and "'" .. value .. "'" or tostring(value)
end

local function same(got, wanted)
  if wanted == null then return got == nil end
  if type(got) == "cdata" and type(wanted) == "string" then return tostring(got) == wanted end
  if type(got) == "number" and type(wanted) == "number" then return got == wanted or math.abs(got - wanted) < 1e-9 end
  return got == wanted
end

-- What came of a day by customer, and where it differs from what is wanted: a list of lines.
local Outcome = {}
Outcome.__index = Outcome

local function outcome_of(strategy, day, found)
  local outcome = setmetatable({
    strategy = strategy, day = tostring(day), rows = {}, columns = {}, actions = {}, list = {}, wrong = {},
  }, Outcome)
  for _, name in ipairs(found.customers:names()) do outcome.columns[name] = true end
  for row in found.customers:rows() do
    outcome.rows[row.customer] = row
    outcome.list[#outcome.list + 1] = spoken(row.customer)
  end
  if found.due then
    for row in found.due:rows() do
      local of = outcome.actions[row.customer] or {}
      of[#of + 1] = row.action .. (row.status == "planned" and "" or (" (%s)"):format(row.status))
      outcome.actions[row.customer] = of
    end
  end
  return outcome
end

function Outcome:differs(customer, what, wanted, got)
  self.wrong[#self.wrong + 1] = ("%s, customer %s: %s: wanted %s, got %s"):format(self.day, spoken(customer), what,
    wanted, got)
end

-- The customer's row; nil, and that is wrong, where there is none.
function Outcome:row(customer)
  local row, list = self.rows[customer], self.list
  if not row then
    self.wrong[#self.wrong + 1] = ("%s, customer %s is not there; there are %s"):format(self.day, spoken(customer),
      #list > 0 and table.concat(list, ", ", 1, math.min(#list, 10)) .. (#list > 10 and ", …" or "") or "none")
  end
  return row
end

function Outcome:value(customer, column, wanted)
  local row = self:row(customer)
  if not row then return end
  if not self.columns[column] then
    definition.fail(self.strategy.name, ("a test wants column '%s' of customer %s; there is none"):format(
      tostring(column), spoken(customer)), definition.nearest(column, self.columns))
  end
  if not same(row[column], wanted) then self:differs(customer, column, spoken(wanted), spoken(row[column])) end
end

local function listed(names)
  local list = {}
  for i, name in ipairs(names) do list[i] = spoken(name) end
  table.sort(list)
  return #list > 0 and table.concat(list, ", ") or "nothing"
end

local expected = {}

function expected.expect(outcome, _, rows)
  for _, row in ipairs(rows) do
    local names = {}
    for name in pairs(row) do names[#names + 1] = name end
    table.sort(names)
    for _, name in ipairs(names) do outcome:value(row.customer, name, row[name]) end
  end
end

function expected.segments(outcome, customer, wanted) outcome:value(customer, "segment", wanted) end
function expected.states(outcome, customer, wanted) outcome:value(customer, "state", wanted) end

function expected.pools(outcome, customer, wanted)
  local row = outcome:row(customer)
  if not row then return end
  local got = row.owner == nil and "public pool" or row.owner
  if got ~= wanted then outcome:differs(customer, "owner", spoken(wanted), spoken(got)) end
end

function expected.scores(outcome, customer, wanted)
  local scores = outcome.strategy.scores
  if type(wanted) ~= "table" then wanted = { [scores[#scores][1]] = wanted } end
  for _, score in ipairs(scores) do
    if wanted[score[1]] ~= nil then outcome:value(customer, score[1], wanted[score[1]]) end
  end
  for name in pairs(wanted) do
    if not outcome.columns[name] then outcome:value(customer, name) end
  end
end

function expected.actions(outcome, customer, wanted)
  if not outcome:row(customer) then return end
  wanted = listed(type(wanted) == "table" and wanted or { wanted or nil })
  local got = listed(outcome.actions[customer] or {})
  if got ~= wanted then outcome:differs(customer, "actions", wanted, got) end
end

local function by_customer(map)
  local keys = {}
  for customer in pairs(map) do keys[#keys + 1] = customer end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

local function check_day(outcome, said)
  if said.expect then expected.expect(outcome, nil, said.expect) end
  for _, kind in ipairs { "segments", "states", "pools", "scores", "actions" } do
    local map = said["expect_" .. kind] or {}
    for _, customer in ipairs(by_customer(map)) do
      expected[kind](outcome, customer, map[customer])
    end
  end
  return outcome.wrong
end

-- ---- running ----

-- The days of a test in order, each with what it expects.
local function steps_of(given)
  local steps = {}
  for _, day in ipairs(given.before or {}) do steps[#steps + 1] = { as_of = day } end
  for _, day in ipairs(given.days or { given }) do steps[#steps + 1] = day end
  return steps
end

local SHOWN = 20

local function run(strategy, given)
  local inputs, wrong = {}, {}
  for input, rows in pairs(given.inputs) do inputs[input] = frame_of(strategy, input, rows) end
  local steps = steps_of(given)
  local function play(history)
    for _, step in ipairs(steps) do
      local found = strategy:run {
        inputs = inputs, as_of = step.as_of, set = given.set, store = history, dry_run = history == nil,
      }
      for _, line in ipairs(check_day(outcome_of(strategy, step.as_of, found), step)) do
        wrong[#wrong + 1] = line
      end
    end
  end
  if #steps > 1 then scratch(play) else play() end
  if #wrong == 0 then return end
  if #wrong > SHOWN then wrong[SHOWN + 1] = ("and %d more"):format(#wrong - SHOWN) end
  test.check(false, table.concat(wrong, "\n  ", 1, math.min(#wrong, SHOWN + 1)))
end

--- The tests as a list of { name, function that raises where the strategy does something else }.
function M.of(strategy)
  local list = {}
  for i, given in ipairs(strategy.tests) do
    list[i] = { given[1], function() run(strategy, given) end }
  end
  return list
end

return M
