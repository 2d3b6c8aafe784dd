-- Who asked for whom since the run before, in order of time, and who got him. Claims are few: a loop over rows.
local build = require "moonsift.ffi.build"
local condition = require "moonsift.strategy.condition"
local definition = require "moonsift.strategy.definition"
local null = require "moonsift.null"

local M = {}

local quoted = condition.quoted

-- The claims since the run before, each with who has the customer then (#known: whether he is there at all).
local function asked(strategy, frame, inputs, memory, given)
  local name = strategy.pools.claims
  local time = quoted(strategy.inputs[name].time)
  given.since = memory.since
  return definition.within(strategy, ("claims '%s'"):format(name), function()
    local list = inputs[name]:filter(time .. " >= @since", given):collect()
    local by = list:with_columns("`#time` = " .. time, "`#day` = cast(" .. time .. " as date)")
      :select("customer", "by = owner", "`#time`", "`#day`", "`#ago` = days_between(`#day`, @as_of)", given)
    return by:join(frame:select("customer", "owner", "`#known` = true"), { on = "customer", how = "left" })
      :sort("`#time`", "customer", "by")
  end)
end

-- How many customers each owner has.
local function holdings(frame)
  local held = {}
  for row in frame:filter("owner is not null"):group_by("owner"):agg("held = count()"):rows() do
    held[tostring(row.owner)] = row.held
  end
  return held
end

-- Since when (days before as_of) an owner has been without a customer that was taken from him: "customer\0owner" → ago.
local function taken(list, memory)
  local last = {}
  if not memory.taken then return last end
  local those = memory.taken:join(list:select "customer":unique "customer", { on = "customer" })
  for row in those:rows() do
    local key = tostring(row.customer) .. "\0" .. tostring(row.from)
    last[key] = math.min(last[key] or math.huge, row.ago)
  end
  return last
end

-- Why a claim is refused, nil if it is granted.
local function refusal(pools, world, claim, owner, key)
  if not claim["#known"] then return "unknown" end
  if owner then return "owned" end
  local by = tostring(claim.by)
  local ago = world.taken[key .. "\0" .. by]
  if ago and ago - claim["#ago"] < pools.bar then return "barred" end
  local quota = pools.quota[claim.by] or pools.quota.default
  if quota and (world.held[by] or 0) >= quota then return "quota" end
  local today = world.today[by .. "\0" .. claim["#ago"]] or 0
  if pools.claims_a_day and today >= pools.claims_a_day then return "claims a day" end
end

-- Follows one claim; what came of it: kind, from, to, reason.
local function follow(pools, world, claim)
  local key = tostring(claim.customer)
  local at = world.at[key] or { owner = claim.owner }
  local before = at.owner
  if claim.by == nil then -- given back
    if before == nil then return end
    world.held[tostring(before)] = world.held[tostring(before)] - 1
    world.at[key] = { customer = claim.customer, day = claim["#day"] }
    return "released", before, nil, "given back"
  end
  local why = refusal(pools, world, claim, before, key)
  if why then return "refused", before, claim.by, why end
  local by = tostring(claim.by)
  world.held[by] = (world.held[by] or 0) + 1
  local day = by .. "\0" .. claim["#ago"]
  world.today[day] = (world.today[day] or 0) + 1
  world.at[key] = { customer = claim.customer, owner = claim.by, day = claim["#day"] }
  return "claimed", nil, claim.by, "asked for"
end

local function or_null(x)
  if x == nil then return null end
  return x
end

local function frame_of(rows, columns)
  local made = {}
  for i, name in ipairs(columns) do
    local values = {}
    for k, row in ipairs(rows) do values[k] = or_null(row[i]) end
    made[i] = { name, values }
  end
  return build.frame(made)
end

--- What came of the claims: the moves (customer, kind, from, to, reason, day) and who has whom after them (customer,
-- `#got`, `#on`, `#how`); nil where nobody asked. frame: customers with their owner.
function M.settle(strategy, frame, inputs, memory, given)
  local list = asked(strategy, frame, inputs, memory, given)
  if list:nrow() == 0 then return nil end
  local world = { at = {}, today = {}, held = holdings(frame), taken = taken(list, memory) }
  local moves, order = {}, {}
  for claim in list:rows() do
    local fresh = not world.at[tostring(claim.customer)]
    local kind, from, to, reason = follow(strategy.pools, world, claim)
    if kind then moves[#moves + 1] = { claim.customer, kind, from, to, reason, claim["#day"] } end
    if fresh and world.at[tostring(claim.customer)] then order[#order + 1] = tostring(claim.customer) end
  end
  local got = {}
  for i, key in ipairs(order) do
    local at = world.at[key]
    got[i] = { at.customer, at.owner, at.day, at.owner == nil and "given back" or "asked for" }
  end
  return #moves > 0 and frame_of(moves, { "customer", "kind", "from", "to", "reason", "day" }) or nil,
    #got > 0 and frame_of(got, { "customer", "#got", "#on", "#how" }) or nil
end

return M
