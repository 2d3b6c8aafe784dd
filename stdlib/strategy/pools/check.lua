-- What the part `pools` of a strategy says, checked before anything runs: docs/pools.md tells it whole.
local definition = require "moonsift.strategy.definition"

local M = {}

local fail, nearest = definition.fail, definition.nearest

local parts = {
  owner = "string", since = "string", claims = "string", recycle = "table", lock = "number", bar = "number",
  quota = "number or table", claims_a_day = "number", exempt = "string", escalate = "table",
}

local function wanted_of(name, part, value, wanted)
  if (" or " .. wanted .. " or "):find(" or " .. type(value) .. " or ", 1, true) then return end
  fail(name, ("pools: %s is a %s; a %s wanted"):format(part, type(value), (wanted:gsub("string", "text"))))
end

local function whole(name, part, value)
  if type(value) ~= "number" or value < 0 or value % 1 ~= 0 then
    fail(name, ("pools: %s is %s; a whole number from 0 wanted"):format(part, tostring(value)))
  end
end

-- { "no contact", "days_since_contact >= @quiet", warn = 3 }
local function check_rules(name, rules)
  local seen = {}
  for i, rule in ipairs(rules) do
    local kind = type(rule) == "table" and type(rule[1]) == "string" and type(rule[2])
    if kind ~= "string" and kind ~= "function" then
      fail(name, ("pools: recycling rule %d is not { name, rule }"):format(i),
        [[recycle = { { "no contact", "days_since_contact >= 15", warn = 3 } }]])
    end
    if seen[rule[1]] then fail(name, ("pools: two recycling rules named '%s'"):format(rule[1])) end
    seen[rule[1]] = true
    for key in pairs(rule) do
      if type(key) == "string" and key ~= "warn" then
        fail(name, ("pools: the rule '%s' has an unknown part '%s'"):format(rule[1], key), "there is warn")
      end
    end
    if rule.warn then whole(name, ("warn of '%s'"):format(rule[1]), rule.warn) end
    if rule.warn and kind == "function" then
      fail(name, ("pools: the rule '%s' is a function: the days left are not known, and nobody can be warned")
        :format(rule[1]), "write it as an expression that compares days: days_since_contact >= 15")
    end
  end
end

-- A number, or { default =, owner = number }.
local function check_quota(name, quota)
  if type(quota) == "number" then return whole(name, "quota", quota) end
  for owner, most in pairs(quota or {}) do whole(name, ("quota of '%s'"):format(tostring(owner)), most) end
end

local escalate_parts = { after = true, to = true, rule = true }

local function check_escalate(name, escalate)
  if not escalate then return end
  for part in pairs(escalate) do
    if not escalate_parts[part] then
      fail(name, ("pools: escalate has an unknown part '%s'"):format(tostring(part)), nearest(part, escalate_parts))
    end
  end
  whole(name, "after of escalate", escalate.after)
  if type(escalate.to) ~= "string" and type(escalate.to) ~= "number" then
    fail(name, "pools: escalate does not say to whom", [[escalate = { after = 14, to = "manager" }]])
  end
end

local function check_claims(name, claims, inputs)
  if not claims then return end
  local said = inputs[claims]
  if not said then fail(name, ("pools: there is no input '%s'"):format(claims), nearest(claims, inputs)) end
  local known = {}
  for _, column in ipairs(said.columns) do known[column] = true end
  if not (known.customer and known.owner and said.time) then
    fail(name, ("pools: the input '%s' must have the columns customer and owner, and a time"):format(claims),
      ([[%s = { columns = { "customer", "owner", "claimed_at" }, time = "claimed_at" }]]):format(claims))
  end
end

--- The part `pools` with everything in its place. strategy: as definition.check gives it.
function M.check(strategy, pools)
  local name = strategy.name
  for part, value in pairs(pools) do
    if not parts[part] then
      fail(name, ("pools: there is no part '%s'"):format(tostring(part)), nearest(part, parts))
    end
    wanted_of(name, part, value, parts[part])
  end
  check_rules(name, pools.recycle or {})
  check_quota(name, pools.quota)
  check_escalate(name, pools.escalate)
  check_claims(name, pools.claims, strategy.inputs)
  for _, part in ipairs { "lock", "bar", "claims_a_day" } do
    if pools[part] then whole(name, part, pools[part]) end
  end
  local quota = pools.quota
  return {
    owner = pools.owner, since = pools.since, claims = pools.claims, recycle = pools.recycle or {},
    lock = pools.lock or 0, bar = pools.bar or 0, claims_a_day = pools.claims_a_day, exempt = pools.exempt,
    escalate = pools.escalate, quota = type(quota) == "number" and { default = quota } or quota or {},
  }
end

return M
