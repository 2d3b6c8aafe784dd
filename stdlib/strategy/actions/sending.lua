-- Who must not be written to, and when nothing is sent: suppress = "blocked" (an input of customers, perhaps with a
-- channel and a last day), quiet = { from = "21:00", to = "09:00", weekdays = { "sunday" }, dates = { … } }.
local definition = require "moonsift.strategy.definition"
local moment = require "moonsift.ffi.moment"

local M = {}

local fail = definition.fail

local weekdays = { monday = 1, tuesday = 2, wednesday = 3, thursday = 4, friday = 5, saturday = 6, sunday = 7 }
local quiet_parts = { from = "string", to = "string", weekdays = "table", dates = "table" }

-- "21:30" as minutes of the day.
local function minutes_of(name, what, text)
  local hours, minutes = tostring(text):match "^(%d%d?):(%d%d)$"
  hours, minutes = tonumber(hours), tonumber(minutes)
  if not hours or hours > 23 or minutes > 59 then
    fail(name, ("%s is '%s'; a time of day such as \"09:30\" wanted"):format(what, tostring(text)))
  end
  return hours * 60 + minutes
end

local function check_quiet(name, quiet)
  for part, value in pairs(quiet) do
    if type(value) ~= quiet_parts[part] then
      fail(name, quiet_parts[part] and ("%s of quiet is a %s; a %s wanted"):format(part, type(value), quiet_parts[part])
        or ("quiet has an unknown part '%s'"):format(tostring(part)), definition.nearest(part, quiet_parts))
    end
  end
  if (quiet.from == nil) ~= (quiet.to == nil) then fail(name, "quiet wants both from and to, or none of them",
    [[quiet = { from = "21:00", to = "09:00" }]]) end
  local made = { days = {}, dates = {} }
  if quiet.from then
    made.from, made.to = minutes_of(name, "from of quiet", quiet.from), minutes_of(name, "to of quiet", quiet.to)
    if made.from == made.to then fail(name, "quiet begins and ends at the same time of day") end
  end
  local count = 0
  for _, day in ipairs(quiet.weekdays or {}) do
    local number = weekdays[tostring(day):lower()]
    if not number then
      fail(name, ("quiet: '%s' is no weekday"):format(tostring(day)), definition.nearest(day, weekdays))
    end
    count = count + (made.days[number] and 0 or 1)
    made.days[number] = true
  end
  if count == 7 then fail(name, "every weekday is quiet: nothing could ever be sent") end
  for _, date in ipairs(quiet.dates or {}) do
    local fine, day = pcall(moment.date, date)
    if not fine then fail(name, ("quiet: '%s' in its dates is no date"):format(tostring(date)), "2025-01-29 is one") end
    made.dates[tostring(day)] = true
  end
  return made
end

local function check_suppress(strategy, suppress)
  local said = strategy.inputs[suppress]
  if not said then
    fail(strategy.name, ("suppress names '%s', which is no input"):format(suppress),
      definition.nearest(suppress, strategy.inputs))
  end
  if not said.customer then
    fail(strategy.name, ("the input '%s' of suppress does not say which column is the customer"):format(suppress),
      ("%s = { columns = { … }, customer = \"customer_id\" }"):format(suppress))
  end
  return suppress
end

--- Checks both parts. Gives quiet and suppress.
function M.check(strategy, given)
  for _, action in ipairs(strategy.actions) do M.minute(strategy, action) end
  return given.quiet and check_quiet(strategy.name, given.quiet),
    given.suppress and check_suppress(strategy, given.suppress)
end

--- The minute of the day of an action's `at`.
function M.minute(strategy, action)
  return action.at and minutes_of(strategy.name, ("at of the action '%s'"):format(action[1]), action.at) or 0
end

-- Whether a minute of the day is quiet, and when that ends.
local function hushed(quiet, minute)
  if not quiet.from then return false end
  if quiet.from < quiet.to then return minute >= quiet.from and minute < quiet.to, quiet.to end
  if minute < quiet.to then return true, quiet.to end
  return minute >= quiet.from, 24 * 60 + quiet.to
end

--- When an action that is due on a day at a minute is sent: a time, the first that is not quiet.
function M.time(quiet, day, minute)
  local date = day
  for _ = 1, 3660 do
    while minute >= 24 * 60 do date, minute = date + moment.duration "1d", minute - 24 * 60 end
    local silent, over = hushed(quiet or { days = {}, dates = {} }, minute)
    if quiet and (quiet.days[date:weekday()] or quiet.dates[tostring(date)]) then
      minute = 24 * 60
    elseif silent then
      minute = over
    else
      return moment.time(("%s %02d:%02d:00"):format(tostring(date), math.floor(minute / 60), minute % 60))
    end
  end
  definition.fail(nil, "quiet leaves no day within ten years")
end

--- The rows of due whose customer is not in the list of those who must be left alone: of all channels where the list
-- has no column channel or none in a row; up to and with the day `until` where it has that column.
function M.allowed(strategy, due, list, given)
  if not list then return due end
  local columns, said = {}, strategy.inputs[strategy.suppress]
  for _, name in ipairs(list:names()) do columns[name] = true end
  local blocked = list:select("customer = `" .. said.customer .. "`",
    "channel = " .. (columns.channel and "channel" or "cast(null as text)"),
    "`#until` = " .. (columns["until"] and "`until`" or "cast(null as date)")):collect()
    :filter("`#until` is null or `#until` >= @as_of", given)
  return due:join(blocked:filter "channel is null", { on = "customer", how = "anti" })
    :join(blocked:filter "channel is not null", { on = { "customer", "channel" }, how = "anti" })
end

return M
