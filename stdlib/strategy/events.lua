-- What customers did, declared: events = { { "orders_30", "count()", of = "orders", where = "status == 'paid'",
-- within = 30 }, … }. Each is a column of the customers, an aggregate over the rows of an input that are a customer's.
local condition = require "moonsift.strategy.condition"
local definition = require "moonsift.strategy.definition"
local lazy = require "moonsift.lazy"
local moment = require "moonsift.ffi.moment"

local M = {}

local fail = definition.fail
local parts = { of = "string", where = "string", within = "number" }

local quoted = condition.quoted

-- The input of an event: the one it names, or the only one that has customers.
local function input_of(name, inputs, event, word)
  local with, only = {}, nil
  for input, said in pairs(inputs) do
    if said.customer then with[input], only = true, input end
  end
  if event.of then
    if with[event.of] then return event.of end
    fail(name, ("%s '%s' is of '%s', %s"):format(word, event[1], event.of, inputs[event.of]
      and "an input that does not say which column is the customer" or "which is no input"),
      inputs[event.of] and ("%s = { columns = { … }, customer = \"customer_id\" }"):format(event.of)
        or definition.nearest(event.of, inputs))
  end
  if not only then
    fail(name, ("%s '%s': no input says which column is the customer"):format(word, event[1]),
      "inputs = { orders = { columns = { … }, customer = \"customer_id\" } }")
  end
  if next(with, next(with)) then
    fail(name, ("%s '%s' does not say of which input"):format(word, event[1]), definition.nearest("", with))
  end
  return only
end

--- The events of a strategy checked: a list of { name, expression, of =, where =, within = }. word: what they are
-- called ("event").
function M.check(name, inputs, events, word)
  local made = {}
  word = word or "event"
  definition.check_columns(name, definition.check_list(name, events, word, false), word)
  for i, event in ipairs(events) do
    definition.check_parts(name, word, event, parts)
    if type(event[2]) ~= "string" then
      fail(name, ("%s '%s' has a function; an aggregate such as \"count()\" wanted"):format(word, event[1]))
    end
    local of = input_of(name, inputs, event, word)
    if event.within and not inputs[of].time then
      fail(name, ("%s '%s' has within, but the input '%s' has no time"):format(word, event[1], of))
    end
    if event.within and (event.within < 1 or event.within % 1 ~= 0) then
      fail(name, ("%s '%s': within is %g; a number of days from 1 wanted"):format(word, event[1], event.within))
    end
    made[i] = { event[1], event[2], of = of, where = event.where, within = event.within }
  end
  return made
end

--- The names of the inputs that events are of, sorted.
function M.inputs(strategy)
  local seen, list = {}, {}
  for _, event in ipairs(strategy.events) do
    if not seen[event.of] then seen[event.of], list[#list + 1] = true, event.of end
  end
  table.sort(list)
  return list
end

-- The rows that an event is about.
local function rows_of(strategy, event, frame, given)
  if event.where then frame = frame:filter(event.where, given) end
  if not event.within then return frame end
  return frame:filter(quoted(strategy.inputs[event.of].time) .. " >= @from",
    { from = given.as_of - moment.duration(("%dd"):format(event.within)) })
end

-- One column: the aggregate a customer, null for whoever has no such row. The first day on which the oldest row within
-- the window is out of it goes to the column "#until".
local function add(strategy, frame, event, rows, given)
  local said, wanted = strategy.inputs[event.of], { quoted(event[1]) .. " = " .. event[2], given }
  if event.within then table.insert(wanted, 1, ("`#oldest` = min(%s)"):format(quoted(said.time))) end
  local found = rows_of(strategy, event, rows, given):group_by("customer = " .. quoted(said.customer))
    :agg(unpack(wanted))
  frame = frame:join(found, { on = "customer", how = "left" })
  if not event.within then return frame end
  return frame:with_columns(("`#until` = least(`#until`, add_days(cast(`#oldest` as date), %d))")
    :format(event.within + 1)):drop "#oldest"
end

--- A row for each customer of whom an input of events has rows, sorted: customer, "#until" (the first day on which an
-- event changes though nothing happens; null: none will), the events. inputs: frames by name. given: as_of, parameters.
function M.frame(strategy, inputs, given)
  local rows, keys = {}, nil
  for _, input in ipairs(M.inputs(strategy)) do
    local key = quoted(strategy.inputs[input].customer)
    rows[input] = inputs[input]:filter(key .. " is not null"):collect()
    local of = rows[input]:select("customer = " .. key)
    keys = keys and keys:concat(of) or of
  end
  local frame = keys:unique "customer":with_columns "`#until` = cast(null as date)"
  for _, event in ipairs(strategy.events) do
    frame = definition.within(strategy, ("event '%s'"):format(event[1]), function()
      return add(strategy, frame, event, rows[event.of], given)
    end)
  end
  return frame:sort "customer"
end

--- The customers with their events. customers: a frame, or nil: whoever has events. events: what M.frame gives. Who has
-- no row gets what the aggregate gives of no rows: 0 for a count, null for a maximum.
function M.join(strategy, customers, events, inputs, given)
  local frame = events:drop "#until"
  for _, name in ipairs(customers and customers:names() or {}) do
    for _, event in ipairs(strategy.events) do
      if event[1] == name then
        fail(strategy.name, ("event '%s' has the name of a column that customers gives"):format(name),
          "give it another name")
      end
    end
  end
  if customers then frame = customers:join(frame, { on = "customer", how = "left" }) end
  for _, event in ipairs(strategy.events) do
    local name = quoted(event[1])
    local none = lazy.empty(inputs[event.of]):group_by():agg(name .. " = " .. event[2], given):row(1)[event[1]]
    if none ~= nil then
      frame = frame:with_columns(("%s = coalesce(%s, @none)"):format(name, name), { none = none })
    end
  end
  return frame
end

return M
