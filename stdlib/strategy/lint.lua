-- What is wrong with a strategy before it runs: rules that are never reached, that overlap, that leave somebody out;
-- inputs that hold their future; calls that give something else every time.
--
-- Where all rules compare columns with constants, the columns' values are cut at the constants, and the rules are
-- evaluated in every cell of that grid: what is found then is proved, and what is not found is not there. Otherwise
-- the customers at hand are the sample.
local cells_of = require "moonsift.strategy.rules.cells"
local check_pools = require "moonsift.strategy.pools.lint"
local compute = require "moonsift.strategy.compute"
local condition = require "moonsift.strategy.condition"
local transitions = require "moonsift.strategy.lifecycle.transitions"

local M = {}

local function add(list, level, text) list[#list + 1] = { level = level, text = text } end

-- "recency 91, spent 0": a row as an example, without the columns that are null.
local function example(frame, names)
  local row, said = frame:row(1), {}
  for _, name in ipairs(names) do
    local value = row[name]
    said[#said + 1] = ("%s %s"):format(name, value == nil and "null" or tostring(value))
  end
  return table.concat(said, ", ")
end

local function any_null(names)
  local parts = {}
  for i, name in ipairs(names) do parts[i] = condition.quoted(name) .. " is null" end
  return #parts > 0 and "(" .. table.concat(parts, " or ") .. ")" or "false"
end

local function flag(i) return condition.quoted(compute.flag(i)) end

local function earlier(i)
  local parts = {}
  for k = 1, i - 1 do parts[k] = flag(k) end
  return i > 1 and "(" .. table.concat(parts, " or ") .. ")" or "false"
end

-- What the flags of all cells (or customers) say. whole: a cell is a proof.
local function judge(found, strategy, frame, names, whole)
  local count = #strategy.segments
  for i, segment in ipairs(strategy.segments) do
    local mine = frame:filter(flag(i))
    if mine:nrow() == 0 then
      add(found, whole and "error" or "note", ("segment '%s' %s: %s"):format(segment[1],
        whole and "can never be reached" or "has none of the customers at hand",
        tostring(segment[2] or "takes the rest")))
    elseif i > 1 and mine:filter("not " .. earlier(i)):nrow() == 0 then
      add(found, whole and "error" or "note", ("segment '%s' %s: those before it take everybody that its rule means")
        :format(segment[1], whole and "is shadowed" or "gets none of the customers at hand"))
    end
  end
  if strategy.segments[count][2] then
    local out = frame:filter("not " .. earlier(count + 1))
    local known = out:filter("not " .. any_null(names))
    if known:nrow() > 0 then
      add(found, "error", "nobody takes a customer with " .. example(known, names))
    elseif out:nrow() > 0 then
      add(found, "note", "where a value is null, nobody takes a customer, as with " .. example(out, names))
    end
  end
  if not strategy.exclusive then return end
  for i = 2, count do
    for k = 1, i - 1 do
      local both = frame:filter(flag(i) .. " and " .. flag(k))
      if strategy.segments[i][2] and both:nrow() > 0 then
        add(found, "error", ("'%s' and '%s' both take a customer with %s"):format(strategy.segments[k][1],
          strategy.segments[i][1], example(both, names)))
      end
    end
  end
end

local function types_of(frame)
  local types = {}
  for _, column in ipairs(frame:schema()) do types[column.name] = column.type end
  return types
end

local function check_segments(found, strategy, customers, settings)
  if #strategy.segments == 0 then return end
  local given = compute.given(settings)
  local cells, names = cells_of(strategy, strategy.segments, types_of(customers), given)
  if cells then
    judge(found, strategy, compute.flags(strategy, cells, given), names, true)
    add(found, "proved", ("the segments: %d cells over %s"):format(cells:nrow(), table.concat(names, ", ")))
    return
  end
  local beyond = names
  local why = beyond and ("the rule of '%s' is more than comparisons with constants"):format(beyond[1])
    or "too many columns and constants"
  add(found, "note", ("the segments are not proved (%s), only looked at on %d customers"):format(why, customers:nrow()))
  if customers:nrow() > 0 then
    judge(found, strategy, compute.flags(strategy, customers, given), { "customer" }, false)
  end
end

-- Sets that nobody, or everybody, can be in.
local function check_sets(found, strategy, customers, settings)
  local given, types = compute.given(settings), types_of(customers)
  for _, set in ipairs(strategy.sets) do
    local inside = condition.quoted(set[1])
    local cells = cells_of(strategy, { { "a rule", inside } }, types, given)
    local rows = cells or customers
    local count = rows:filter(inside):nrow()
    if count == 0 then
      add(found, cells and "error" or "note", ("set '%s' %s: %s"):format(set[1],
        cells and "can never have anybody" or "has none of the customers at hand",
        type(set[2]) == "string" and set[2] or "a function"))
    elseif cells and count == rows:nrow() then
      add(found, "note", ("set '%s' has everybody: %s"):format(set[1], set[2]))
    end
  end
end

local function check_states(found, states)
  local unreached, final = transitions.graph(states)
  for _, name in ipairs(unreached) do
    add(found, "error", ("state '%s' can never be reached: no way leads there from '%s'"):format(name, states.start))
  end
  for _, name in ipairs(final) do add(found, "note", ("nobody leaves the state '%s'"):format(name)) end
end

-- The way from a state back to itself by the first rules that hold in a row of flags, or nil.
local function circle(states, from, row)
  local way, at, seen = { from }, from, {}
  while not seen[at] do
    seen[at] = true
    local to
    for i, move in ipairs(states) do
      if not to and move[1] == at and row["#move" .. i] then to = move[2] end
    end
    if not to then return nil end
    way[#way + 1], at = to, to
  end
  return at == from and "'" .. table.concat(way, "' → '") .. "'" or nil
end

-- The first circle among the cells, and the cell.
local function find_circle(states, cells, flags)
  local kinds = cells:unique(unpack(flags))
  for i = 1, kinds:nrow() do
    local one = kinds:slice(i, 1)
    for _, move in ipairs(states) do
      local way = circle(states, move[1], one:row(1))
      if way then return way, one end
    end
  end
end

-- Moves that follow each other in a circle on one day: behind the first of them days_in_state is 0.
local function check_circles(found, strategy, customers, settings)
  local states, given, rules, flags = strategy.states, compute.given(settings), {}, {}
  if #states == 0 then return end
  for i, move in ipairs(states) do
    rules[i], flags[i] = { ("%s → %s"):format(move[1], move[2]), move[3] }, "#move" .. i
  end
  local cells, names = cells_of(strategy, rules, types_of(customers), given, { days_in_state = 0 })
  if not cells then
    add(found, "note", "it is not proved that the states go in no circle on one day: " .. (names
      and ("the rule of '%s' is more than comparisons with constants"):format(names[1])
      or "too many columns and constants"))
    return
  end
  if types_of(cells).days_in_state then cells = cells:filter "days_in_state == 0" end
  for i, move in ipairs(states) do cells = condition.truth(cells, flags[i], move[3], given) end
  local way, one = find_circle(states, cells, flags)
  if way then
    add(found, "error", ("the states go in a circle on one day, as with %s: %s"):format(example(one, names), way))
  else
    add(found, "proved", ("the states go in no circle on one day: %d cells over %s"):format(cells:nrow(),
      table.concat(names, ", ")))
  end
end

-- ---- time and chance ----

local changing = { "os%.time", "os%.date", "os%.clock", "math%.random", "ms%.clock" }

-- What reads something that is not cut at the day.
local reading = { "io%.open", "io%.lines", "ms%.open", "ms%.load", "os%.getenv" }

local function check_source(found, source)
  local number = 0
  for line in (source .. "\n"):gmatch "(.-)\n" do
    number = number + 1
    local code = line:gsub("%-%-.*", "")
    for _, call in ipairs(changing) do
      local word = code:match("%f[%w_]" .. call .. "%f[^%w_]")
      if word then add(found, "error", ("line %d: %s gives something else every time"):format(number, word)) end
    end
    for _, call in ipairs(reading) do
      local word = code:match("%f[%w_]" .. call .. "%f[^%w_]")
      if word then
        add(found, "note", ("line %d: what %s reads is not an input: it is not cut at the day"):format(number, word))
      end
    end
  end
end

-- What a run for a day of the past sees though it was not there then.
local function check_past(found, strategy)
  local names = {}
  for name in pairs(strategy.inputs) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    if not strategy.inputs[name].time then
      add(found, "note", ("input '%s' has no time: a run for a day of the past sees what it holds today"):format(name))
    end
  end
  for _, score in ipairs(strategy.scores) do
    if score.model then
      add(found, "note", ("score '%s' is of a model as it is now: a run for a past day sees what it learned since")
        :format(score[1]))
    end
  end
end

--- What is wrong: a list of { level = "error", "note" or "proved", text = }, errors first. customers: as computed,
-- without segments; source: the text of the strategy's file, or nil.
function M.check(strategy, customers, settings, source)
  local found = {}
  if source then check_source(found, source) end
  check_segments(found, strategy, customers, settings)
  check_sets(found, strategy, customers, settings)
  if strategy.states then
    check_states(found, strategy.states)
    check_circles(found, strategy, customers, settings)
  end
  if strategy.pools then check_pools(found, strategy, types_of(customers), compute.given(settings)) end
  check_past(found, strategy)
  local rank = { error = 1, note = 2, proved = 3 }
  for i, item in ipairs(found) do item.at = i end
  table.sort(found, function(a, b)
    if a.level ~= b.level then return rank[a.level] < rank[b.level] end
    return a.at < b.at
  end)
  return found
end

return M
