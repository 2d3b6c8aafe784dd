-- What a strategy makes of its inputs: a row a customer, with the features, the scores, the segment and the number
-- of the rule that decided it. A function of inputs, parameters and as_of alone.
local condition = require "moonsift.strategy.condition"
local definition = require "moonsift.strategy.definition"
local events = require "moonsift.strategy.events"
local frames = require "moonsift.ffi.frame"
local lifecycle = require "moonsift.strategy.lifecycle"
local pools = require "moonsift.strategy.pools"
local scores = require "moonsift.strategy.scores"
local sets = require "moonsift.strategy.rules.sets"

local M = {}

local fail = definition.fail

local quoted = condition.quoted

--- Column that says whether rule i is true; there while a strategy is computed or explained.
function M.flag(i) return "#rule" .. i end

-- What the strategy's functions see: its inputs by name, as_of, parameters.
local function view(strategy, inputs, settings)
  local s = { as_of = settings.as_of, parameters = settings.parameters }
  for name, frame in pairs(inputs) do s[name] = frame end
  return setmetatable(s, {
    __index = function(_, key)
      fail(strategy.name, ("there is no input '%s'"):format(tostring(key)), definition.nearest(key, inputs))
    end,
  })
end

local function check_customers(strategy, frame)
  local types = {}
  for _, column in ipairs(frame:schema()) do types[column.name] = column.type end
  if not types.customer then
    fail(strategy.name, "customers gives no column 'customer'",
      "name it: group_by \"customer = customer_id\"\nit gives " .. table.concat(frame:names(), ", "), "E-COL-UNKNOWN")
  end
  if types.customer ~= "integer" and types.customer ~= "text" then
    fail(strategy.name, ("customer is %s; integer or text wanted"):format(types.customer), nil, "E-TYPE")
  end
  local twice = frame:group_by("customer"):agg("times = count()"):filter "times > 1 or customer is null"
  if twice:nrow() > 0 then
    local row = twice:row(1)
    fail(strategy.name, row.customer == nil and "a customer is null"
      or ("customer %s has %d rows"):format(tostring(row.customer), row.times), "one row a customer is wanted",
      "E-DATA")
  end
end

-- What the function of the strategy gives, and the events beside it; without a function, whoever has events.
local function customers_of(strategy, inputs, settings, given)
  local frame
  if strategy.make_customers then
    local made
    frame = definition.within(strategy, "customers", function()
      made = strategy.make_customers(view(strategy, inputs, settings))
      return frames.of(made)
    end)
    if not frame then
      fail(strategy.name, ("customers gives %s; a frame wanted"):format(definition.described(made)),
        "customers = function(s) return a frame with a row a customer end")
    end
    check_customers(strategy, frame)
  end
  if #strategy.events == 0 then return frame end
  local known = settings.events or definition.within(strategy, "events", function()
    return events.frame(strategy, inputs, given)
  end)
  frame = events.join(strategy, frame, known, inputs, given)
  if not strategy.make_customers then check_customers(strategy, frame) end
  return frame
end

-- Raises where a column is outside of the range that the strategy states: its rules were proved within it.
local function check_ranges(strategy, frame)
  for column, range in pairs(strategy.ranges) do
    local bad = definition.within(strategy, ("range of '%s'"):format(column), function()
      return frame:filter(quoted(column) .. " < @low or " .. quoted(column) .. " > @high",
        { low = range[1], high = range[2] })
    end)
    if bad:nrow() > 0 then
      local row = bad:row(1)
      fail(strategy.name, ("%s is %s for customer %s; %g to %g is its range"):format(column, tostring(row[column]),
        tostring(row.customer), range[1], range[2]),
        "the rules were proved within it: say what the column can really be", "E-DATA")
    end
  end
  return frame
end

--- The frame with a boolean column for each rule.
function M.flags(strategy, frame, given)
  for i, segment in ipairs(strategy.segments) do
    local flag, rule = M.flag(i), segment[2]
    local column = quoted(flag)
    frame = definition.within(strategy, ("segment '%s'"):format(segment[1]), function()
      if type(rule) == "function" then return frame:map(flag, function(c) return rule(c) == true end) end
      if not rule then return frame:with_columns(column .. " = true") end
      return condition.truth(frame, flag, rule, given)
    end, frame)
  end
  return frame
end

-- Raises where two rules hold for the same customer.
local function check_exclusive(strategy, frame, sum)
  local twice = frame:filter(sum .. " > 1")
  if twice:nrow() == 0 then return end
  local row, rules = twice:row(1), {}
  for i, segment in ipairs(strategy.segments) do
    if segment[2] and row[M.flag(i)] then
      rules[#rules + 1] = ("'%s' (%s)"):format(segment[1], type(segment[2]) == "string" and segment[2] or "a function")
    end
  end
  fail(strategy.name, ("%d customers are in more than one segment; customer %s is in %s"):format(twice:nrow(),
    tostring(row.customer), table.concat(rules, " and ")),
    "make the rules exclude each other, or let the first one win: exclusive = false", "E-DATA")
end

local function place(strategy, frame, given)
  local cases, names, drop, sum = {}, {}, {}, {}
  frame = M.flags(strategy, frame, given) -- its messages name the parameters: before those below are there
  for i, segment in ipairs(strategy.segments) do
    cases[i] = ("when %s then %d"):format(quoted(M.flag(i)), i)
    names[i] = ("when rule == %d then @segment%d"):format(i, i)
    given["segment" .. i] = segment[1]
    drop[i] = M.flag(i)
    -- The rest is for those who match no rule.
    if segment[2] then sum[#sum + 1] = ("if(%s, 1, 0)"):format(quoted(M.flag(i))) end
  end
  if strategy.exclusive then check_exclusive(strategy, frame, table.concat(sum, " + ")) end
  frame = frame:with_columns("rule = case " .. table.concat(cases, " ") .. " end")
    :with_columns("segment = case " .. table.concat(names, " ") .. " end", given)
    :drop(unpack(drop))
  local none = frame:filter "rule is null"
  if none:nrow() > 0 then
    fail(strategy.name, ("%d customers are in no segment, for example customer %s"):format(none:nrow(),
      tostring(none:row(1).customer)), "end the segments with one that takes the rest: { \"other\" }", "E-DATA")
  end
  return frame
end

--- The parameters of the strategy's expressions: as_of, and its own.
function M.given(settings)
  local given = { as_of = settings.as_of }
  for name, value in pairs(settings.parameters) do given[name] = value end
  return given
end

-- Features, held_out, and the first scores (all of them, unless a number is given).
local function scored(strategy, inputs, settings, count)
  local given = M.given(settings)
  local frame = customers_of(strategy, inputs, settings, given):sort "customer"
  if strategy.holdout > 0 then
    frame = frame:with_columns("held_out = hash(customer, @salt) % 1000000 < @held", {
      salt = strategy.salt, held = math.floor(strategy.holdout * 1000000 + 0.5),
    })
  end
  local context = { settings = settings, given = given, inputs = inputs, features = function(...)
    return scored(strategy, ...)
  end }
  for i = 1, count or #strategy.scores do frame = scores.add(strategy, frame, strategy.scores[i], context) end
  return frame, given
end

-- The same with states, pools and sets: what the rules of segments see; and the parameters of expressions.
local function described(strategy, inputs, settings, states)
  local frame, given = scored(strategy, inputs, settings)
  if strategy.states then frame = lifecycle.move(strategy, frame, states, given, settings.rests) end
  if strategy.pools then
    frame, settings.pool = pools.settle(strategy, frame, inputs, settings.pool_memory or {}, given)
  end
  return sets.add(strategy, check_ranges(strategy, frame), given), given
end

--- The frame of customers, sorted by customer. inputs: frames by name. settings: as_of, parameters, model_database
-- (where saved models are, or nil), pool_memory (what pools.store.memory gives; what comes of it is laid into
-- settings.pool). states: who was where before (customer, state, entered), or nil.
function M.customers(strategy, inputs, settings, states)
  local frame, given = described(strategy, inputs, settings, states)
  if #strategy.segments > 0 then frame = place(strategy, frame, given) end
  return frame
end

--- The same before anybody is put into a segment.
function M.unplaced(strategy, inputs, settings)
  return (described(strategy, inputs, settings))
end

return M
