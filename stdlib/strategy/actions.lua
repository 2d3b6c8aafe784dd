-- What is to be done with whom: the actions whose rule holds, less what the ledger, consent, caps, capacity and
-- budget forbid. A function of the customers and of the ledger before the day.
local definition = require "moonsift.strategy.definition"
local sending = require "moonsift.strategy.actions.sending"

local M = {}

local COLUMNS = { "customer", "action", "channel", "cost", "value", "status", "send_at", "detail" }

--- Whose rule holds, of all actions under each other, in the order of the strategy.
function M.candidates(strategy, frame, given)
  local list = {}
  for i, action in ipairs(strategy.actions) do
    local rule = action[2]
    local found = definition.within(strategy, ("action '%s'"):format(action[1]), function()
      return frame:filter(rule, type(rule) == "string" and given or nil)
    end, frame)
    given.send_at = sending.time(strategy.quiet, given.as_of, sending.minute(strategy, action))
    given.action, given.channel, given.cost = action[1], action.channel or "", action.cost or 0
    list[i] = definition.within(strategy, ("value of the action '%s'"):format(action[1]), function()
      return found:with_columns("value = cast(" .. (action.value or "0") .. " as real)", given)
    end)
    list[i] = definition.within(strategy, ("detail of the action '%s'"):format(action[1]), function()
      return list[i]:with_columns("`#detail` = cast(" .. (action.detail or "null") .. " as text)", given)
    end):select("customer", "action = @action", "channel = nullif(@channel, '')", "cost = cast(@cost as real)", "value",
      "held_out", "send_at = @send_at", "detail = `#detail`", ("`#priority` = %d"):format(i),
      ("`#every` = %d"):format(action.once and 1000000 or action.every or 1), given)
  end
  local all = list[1]
  for i = 2, #list do all = all:concat(list[i]) end
  return all
end

-- What was done with the same customer less than `every` days ago is not done again.
local function rested(due, ledger, given)
  if not ledger then return due end
  local last = ledger:group_by("customer", "action"):agg "`#last` = max(due)"
  return due:join(last, { on = { "customer", "action" }, how = "left" })
    :filter("coalesce(days_between(`#last`, @as_of) >= `#every`, true)", given):drop "#last"
end

-- A cap: at most so many actions (of a channel) for a customer within so many days, the most valuable first.
local function capped(due, cap, ledger, given)
  given.most, given.days, given.channel = cap.most, cap.days, cap.channel or ""
  local mine = "(@channel == '' or coalesce(channel == @channel, false))"
  if ledger then
    local before = ledger:filter(mine .. " and days_between(due, @as_of) < @days", given)
      :group_by "customer":agg "`#before` = count()"
    due = due:join(before, { on = "customer", how = "left" })
  else
    due = due:with_columns "`#before` = 0"
  end
  return due:with_columns("`#mine` = if(" .. mine .. ", 1, 0)", given)
    :with_columns "`#rank` = `#mine` * cumsum(`#mine`) over (partition by customer order by value desc, `#priority`)"
    :filter("`#rank` == 0 or `#rank` + coalesce(`#before`, 0) <= @most", given):drop("#rank", "#before", "#mine")
end

--- The rows with their rank among those of their channel, "#rank": the most valuable first. Who is held out takes no
-- place, and stays if he would have been chosen: only so can the two groups be compared.
function M.ranked(due)
  return due:with_columns("`#rank` = if(held_out, 1, 0) + cumsum(if(held_out, 0, 1)) over (partition by channel"
    .. " order by value desc, customer, `#priority`)")
end

--- The rows with what is spent when it comes to them, "#spent": the most valuable for their cost first.
function M.spent(due)
  return due:with_columns("`#spent` = if(held_out, cost, 0) + cumsum(if(held_out, 0, cost)) over"
    .. " (order by value - cost desc, customer, `#priority`)")
end

--- What takes rows away, in order: a list of { kind =, run = (a function of the rows), … }.
function M.steps(strategy, ledger, given, blocked)
  local steps = {}
  local function add(kind, step, run)
    step.kind, step.run = kind, run
    steps[#steps + 1] = step
  end
  add("suppress", {}, function(due)
    return definition.within(strategy, "suppress", function()
      return sending.allowed(strategy, due, blocked, given)
    end)
  end)
  add("rest", {}, function(due) return rested(due, ledger, given) end)
  -- First the caps of channels: what they take away must not fill the caps over all channels.
  for _, narrow in ipairs { true, false } do
    for _, cap in ipairs(strategy.caps) do
      if (cap.channel ~= nil) == narrow then
        add("cap", { cap = cap }, function(due) return capped(due, cap, ledger, given) end)
      end
    end
  end
  for channel, most in pairs(strategy.capacity) do -- each takes of its own channel only: in any order
    add("capacity", { channel = channel, most = most }, function(due)
      return M.ranked(due):filter("coalesce(channel != @channel, true) or `#rank` <= @most",
        { channel = channel, most = most }):drop "#rank"
    end)
  end
  if strategy.budget then
    add("budget", { budget = strategy.budget }, function(due)
      return M.spent(due):filter("`#spent` <= @budget", { budget = strategy.budget }):drop "#spent"
    end)
  end
  return steps
end

--- The customers who may be written to, with held_out.
function M.consenting(strategy, customers, given)
  if strategy.holdout == 0 then customers = customers:with_columns "held_out = false" end
  if not strategy.consent then return customers end
  return definition.within(strategy, "consent", function() return customers:filter(strategy.consent, given) end)
end

--- The actions due on the day: customer, action, channel, cost, value, status ("planned", or "held out" for the
-- share that is left alone so that the effect can be measured). ledger: earlier rows (customer, action, channel,
-- due), or nil. blocked: the input of suppress, or nil.
function M.due(strategy, customers, ledger, given, blocked)
  local due = M.candidates(strategy, M.consenting(strategy, customers, given), given)
  for _, step in ipairs(M.steps(strategy, ledger, given, blocked)) do due = step.run(due) end
  return due:sort("customer", "`#priority`"):with_columns "status = if(held_out, 'held out', 'planned')"
    :select(unpack(COLUMNS))
end

--- The actions counted: action, channel, customers, held_out, cost, value.
function M.summary(due)
  return due:group_by("action", "channel")
    :agg("customers = count(where status == 'planned')", "held_out = count(where status == 'held out')",
      "cost = total(cost where status == 'planned')", "value = total(value where status == 'planned')"):sort "action"
end

return M
