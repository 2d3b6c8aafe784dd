-- What is wrong with the rules of pools before they run: recycling rules that send nobody back, or nobody whom those
-- before them do not; claims that cannot succeed; an escalation that leaves no time to claim. The rules are evaluated
-- in the cells of the grid that their constants cut (rules/cells.lua), as those of segments are.
local cells_of = require "moonsift.strategy.rules.cells"
local condition = require "moonsift.strategy.condition"

local function add(list, level, text) list[#list + 1] = { level = level, text = text } end

-- ---- claims and escalation: numbers alone ----

local function check_claims(found, pools)
  if not pools.claims then
    if next(pools.quota) or pools.claims_a_day or pools.bar > 0 then
      add(found, "note", "pools: quota, bar and claims_a_day do nothing: there are no claims")
    end
    return
  end
  local least, owners = pools.quota.default or math.huge, {}
  for owner, most in pairs(pools.quota) do
    if owner ~= "default" then
      least = math.max(least, most)
      if most == 0 then owners[#owners + 1] = tostring(owner) end
    end
  end
  table.sort(owners) -- pairs has no order of its own
  if least == 0 or pools.claims_a_day == 0 then
    add(found, "error", ("pools: no claim can succeed: %s is 0"):format(least == 0 and "everybody's quota"
      or "claims_a_day"))
  elseif #owners > 0 then
    add(found, "note", ("pools: the quota of %s is 0: no claim of theirs can succeed"):format(
      table.concat(owners, ", ")))
  end
end

local function check_escalation(found, pools)
  local escalate = pools.escalate
  if not escalate or escalate.rule or not pools.claims then return end
  if escalate.after == 0 then
    add(found, "error", ("pools: nobody can be claimed: whoever comes to the public pool goes to '%s' on the same day")
      :format(tostring(escalate.to)))
  elseif pools.bar >= escalate.after then
    add(found, "note", ("pools: a former owner can never claim: after %d days in the pool the customer goes to '%s', "
      .. "and he is barred for %d"):format(escalate.after, tostring(escalate.to), pools.bar))
  end
end

-- ---- recycling ----

-- The cells with a column for each rule, "#exempt", and "#locked"; the names of the grid's columns. nil, and the rule
-- that cannot be reasoned about, if it is one.
local function evaluated(strategy, types, given)
  local pools, entries = strategy.pools, {}
  local locked = ("days_held < %d"):format(pools.lock)
  for i, rule in ipairs(pools.recycle) do entries[i] = { rule[1], rule[2] } end
  entries[#entries + 1] = { "exempt", pools.exempt or "false" }
  if pools.lock > 0 then entries[#entries + 1] = { "lock", locked } end
  local cells, names = cells_of(strategy, entries, types, given)
  if not cells then return nil, names end
  for _, name in ipairs(names) do -- only who has an owner is sent back
    if name == "days_held" then cells = cells:filter "days_held is not null" end
    if name == "days_in_pool" then cells = cells:filter "days_in_pool is null" end
  end
  for i, rule in ipairs(pools.recycle) do cells = condition.truth(cells, "#rule" .. i, rule[2], given) end
  cells = condition.truth(cells, "#exempt", pools.exempt or "false", given)
  cells = condition.truth(cells, "#locked", pools.lock > 0 and locked or "false", given)
  return cells, names
end

-- Why a rule sends nobody back, or nil.
local function why_never(cells, flag, lock)
  local there = cells:filter(flag)
  if there:nrow() == 0 then return "no customer can be so" end
  if there:filter "not `#locked`":nrow() == 0 then
    return ("whoever is so has been held for less than the %d days of lock"):format(lock)
  end
  if there:filter "not `#locked` and not `#exempt`":nrow() > 0 then return nil end
  return "whoever is so is exempt" .. (lock > 0 and ", or within the lock" or "")
end

local function check_recycling(found, strategy, types, given)
  local pools = strategy.pools
  if #pools.recycle == 0 then return end
  local cells, names = evaluated(strategy, types, given)
  if not cells then
    add(found, "note", "the recycling rules are not proved: " .. (names
      and ("'%s' is more than comparisons with constants"):format(names[1]) or "too many columns and constants"))
    return
  end
  local before = "false"
  for i, rule in ipairs(pools.recycle) do
    local flag = "`#rule" .. i .. "`"
    local never = why_never(cells, flag, pools.lock)
    if never then
      add(found, "error", ("recycling rule '%s' sends nobody back: %s: %s"):format(rule[1], never, rule[2]))
    elseif cells:filter(("%s and not (%s) and not `#locked` and not `#exempt`"):format(flag, before)):nrow() == 0 then
      add(found, "error", ("recycling rule '%s' is shadowed: those before it send back everybody that it means"):format(
        rule[1]))
    else
      before = before .. " or " .. flag
    end
  end
  add(found, "proved", ("the recycling rules: %d cells over %s"):format(cells:nrow(), table.concat(names, ", ")))
end

--- Adds to the list what is wrong. types: of the customers' columns by name; given: parameters of expressions.
return function(found, strategy, types, given)
  check_claims(found, strategy.pools)
  check_escalation(found, strategy.pools)
  check_recycling(found, strategy, types, given)
end
