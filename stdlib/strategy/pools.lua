-- The private pools of owners and the public pool (私海, 公海): who has whom, who is sent back, who gets him next.
-- In this order, each on what the one before left: who is new comes to the owner that the column names; claims, in
-- order of time; recycling, by the first rule that holds; escalation of who has been in the public pool for long.
-- docs/pools.md tells it whole.
local claims = require "moonsift.strategy.pools.claims"
local condition = require "moonsift.strategy.condition"
local definition = require "moonsift.strategy.definition"

local M = {}

local MOVE = { "customer", "kind", "from", "to", "reason", "day" }
local NEVER = 1000000000 -- days left where no rule is near

local quoted = condition.quoted

local function type_of(frame, name)
  for _, column in ipairs(frame:schema()) do
    if column.name == name then return column.type end
  end
end

-- Who has whom before anything happens today: what the run before left, the column's owner for who is new.
local function begin(strategy, frame, memory, given)
  local pools = strategy.pools
  frame = definition.within(strategy, "pools", function()
    local since = pools.since and ("coalesce(cast(%s as date), @as_of)"):format(quoted(pools.since)) or "@as_of"
    return frame:with_columns("`#new` = " .. (pools.owner and quoted(pools.owner) or "cast(null as text)"),
      "`#since` = " .. since, given)
  end)
  if not memory.holdings then
    return frame:with_columns("owner = `#new`", "`#how` = 'first seen'"):drop "#new"
  end
  return frame:join(memory.holdings:select("customer", "`#held` = true", "`#owner` = owner", "`#from` = since",
      "`#why` = reason"), { on = "customer", how = "left" })
    :with_columns("owner = case when `#held` then `#owner` else `#new` end",
      "`#since` = case when `#held` then `#from` else `#since` end", "`#how` = coalesce(`#why`, 'first seen')")
    :drop("#new", "#held", "#owner", "#from", "#why")
end

local function add_move(moves, frame, ...)
  if frame:nrow() == 0 then return end
  local list = { ... }
  for i, name in ipairs(MOVE) do list[i] = name == "customer" and name or quoted(name) .. " = " .. list[i] end
  list[#MOVE + 1] = select(#MOVE + 1, ...)
  moves[#moves + 1] = frame:select(unpack(list))
end

-- made, got: what claims.settle gives.
local function claimed(frame, made, got, moves)
  local kind = type_of(frame, "owner")
  if made then
    moves[#moves + 1] = made:with_columns(("from = cast(from as %s)"):format(kind),
      ("to = cast(to as %s)"):format(kind))
  end
  if not got then return frame end
  return frame:join(got:with_columns(("`#got` = cast(`#got` as %s)"):format(kind)), { on = "customer", how = "left",
      suffix = "_got" })
    :with_columns("owner = case when `#on` is null then owner else `#got` end", "`#since` = coalesce(`#on`, `#since`)",
      "`#how` = coalesce(`#how_got`, `#how`)"):drop("#got", "#on", "#how_got")
end

-- The columns that rules see, of what holds at the moment.
local function described(frame, given)
  return frame:with_columns("days_held = case when owner is not null then days_between(`#since`, @as_of) end",
    "days_in_pool = case when owner is null then days_between(`#since`, @as_of) end", given)
end

-- Whether a customer is exempt, and a column for each rule.
local function flagged(strategy, frame, given)
  local pools = strategy.pools
  frame = definition.within(strategy, "pools: exempt", function()
    return frame:with_columns("`#exempt` = coalesce((" .. (pools.exempt or "false") .. "), false)", given)
  end)
  for i, rule in ipairs(pools.recycle) do
    local flag = "#recycle" .. i
    frame = definition.within(strategy, ("recycling rule '%s'"):format(rule[1]), function()
      if type(rule[2]) == "function" then return frame:map(flag, function(c) return rule[2](c) == true end) end
      return frame:with_columns(quoted(flag) .. " = coalesce((" .. rule[2] .. "), false)", given)
    end)
  end
  return frame
end

local function flags(pools)
  local list = { "#exempt" }
  for i = 1, #pools.recycle do list[#list + 1] = "#recycle" .. i end
  return unpack(list)
end

-- The first rule that holds sends a customer to the public pool.
local function recycled(strategy, frame, given, moves)
  local pools, cases = strategy.pools, {}
  frame = flagged(strategy, frame, given)
  given.lock = pools.lock
  for i, rule in ipairs(pools.recycle) do
    given["recycle" .. i] = rule[1]
    cases[i] = ("when `#recycle%d` then @recycle%d"):format(i, i)
  end
  if #cases == 0 then return frame:drop(flags(pools)) end
  frame = frame:with_columns("`#why` = case when owner is null or `#exempt` or days_held < @lock then null "
    .. table.concat(cases, " ") .. " end", given):drop(flags(pools))
  add_move(moves, frame:filter "`#why` is not null", "customer", "'recycled'", "owner", ("cast(null as %s)"):format(
    type_of(frame, "owner")), "`#why`", "@as_of", given)
  return frame:with_columns("owner = case when `#why` is null then owner end",
    "`#since` = case when `#why` is null then `#since` else @as_of end",
    "`#how` = case when `#why` is null then `#how` else 'recycled: ' .. `#why` end",
    "times_recycled = times_recycled + if(`#why` is null, 0, 1)", given):drop "#why"
end

local function escalated(strategy, frame, given, moves)
  local escalate = strategy.pools.escalate
  if not escalate then return frame end
  given.after, given.to = escalate.after, escalate.to
  frame = definition.within(strategy, "pools: escalate", function()
    return frame:with_columns("`#up` = coalesce(days_in_pool >= @after and (" .. (escalate.rule or "true")
      .. "), false)", given)
  end)
  add_move(moves, frame:filter "`#up`", "customer", "'escalated'", ("cast(null as %s)"):format(type_of(frame, "owner")),
    "@to", "cast(@after as text) .. ' days in the pool'", "@as_of", given)
  return frame:with_columns("owner = case when `#up` then @to else owner end",
    "`#since` = case when `#up` then @as_of else `#since` end",
    "`#how` = case when `#up` then 'escalated' else `#how` end", given):drop "#up"
end

-- A clause `days >= limit` over a column that counts days (days_…, recency): column, the number of days at which it
-- becomes true; nil for any other.
local function count_of(clause, given)
  local list = {}
  for _, token in ipairs(condition.tokens(clause)) do
    if token:find "%S" then list[#list + 1] = token end
  end
  local column = list[1] and (list[1]:match "^`(.*)`$" or list[1])
  if #list ~= 3 or not (column:find "^days_" or column == "recency") then return nil end
  local limit = list[3]:sub(1, 1) == "@" and given[list[3]:sub(2)] or tonumber(list[3])
  if type(limit) ~= "number" then return nil end
  if list[2] == ">=" then return column, math.ceil(limit) end
  if list[2] == ">" then return column, math.floor(limit) + 1 end
end

-- The days after which a rule would hold if nothing but time went on, as an expression; null where it would not, or
-- where that is not known.
local function days_until(rule, given)
  if type(rule[2]) == "function" then return "null" end
  local waits, now = { "1", "@lock - days_held" }, { "owner is not null and not `#exempt`" }
  for _, clause in ipairs(condition.clauses(rule[2])) do
    local column, limit = count_of(clause, given)
    if column then
      waits[#waits + 1] = ("%d - %s"):format(limit, quoted(column))
      now[#now + 1] = quoted(column) .. " is not null"
    else
      now[#now + 1] = "coalesce((" .. clause .. "), false)"
    end
  end
  return ("case when %s then greatest(%s) end"):format(table.concat(now, " and "), table.concat(waits, ", "))
end

-- days_left, recycle_rule (which rule that is), at_risk (whether its owner is to be warned).
local function ahead(strategy, frame, given)
  local pools = strategy.pools
  frame = flagged(strategy, described(frame, given), given)
  local lefts, rules, risks = { tostring(NEVER) }, {}, {}
  for i, rule in ipairs(pools.recycle) do
    local left = "`#left" .. i .. "`"
    frame = frame:with_columns(left .. " = cast(" .. days_until(rule, given) .. " as integer)", given)
    lefts[#lefts + 1] = ("coalesce(%s, %d)"):format(left, NEVER)
    rules[i] = ("when days_left == %s then @recycle%d"):format(left, i)
    if rule.warn then risks[#risks + 1] = ("coalesce(%s <= %d, false)"):format(left, rule.warn) end
  end
  frame = frame:with_columns("days_left = nullif(least(" .. table.concat(lefts, ", ") .. ", " .. NEVER .. "), "
    .. NEVER .. ")", given)
  frame = frame:with_columns(#rules > 0 and "recycle_rule = case " .. table.concat(rules, " ") .. " end"
    or "recycle_rule = cast(null as text)",
    "at_risk = " .. (#risks > 0 and table.concat(risks, " or ") or "false"), given)
  local drop = { flags(pools) }
  for i = 1, #pools.recycle do drop[#drop + 1] = "#left" .. i end
  return frame:drop(unpack(drop))
end

-- Whoever comes near to a recycling is told once: the rules' warn is the rest, since behind it nothing is left.
local function warned(strategy, frame, memory, given, moves)
  local most = 0
  for _, rule in ipairs(strategy.pools.recycle) do most = math.max(most, rule.warn or 0) end
  if most == 0 then return end
  local near = frame:filter "at_risk"
  if memory.warned then
    given.rest = most
    near = near:join(memory.warned:filter("ago < @rest", given):select("customer", "owner = from", "`#told` = true")
      :unique("customer", "owner"), { on = { "customer", "owner" }, how = "left" }):filter "`#told` is null"
  end
  add_move(moves, near, "customer", "'warned'", "owner", "owner", "recycle_rule", "@as_of", given)
end

--- The customers with owner, days_held (null in the public pool), days_in_pool (null otherwise), days_left,
-- recycle_rule, at_risk, times_recycled; and what happened: { moves = (customer, kind, from, to, reason, day; nil:
-- none), holdings = (customer, owner, since, reason), }. memory: what pool_store.memory gives, {} for a first run.
function M.settle(strategy, frame, inputs, memory, given)
  local moves = {}
  frame = begin(strategy, frame, memory, given)
  if memory.times then
    frame = frame:join(memory.times, { on = "customer", how = "left" })
      :with_columns "times_recycled = coalesce(times_recycled, 0)"
  else
    frame = frame:with_columns "times_recycled = 0"
  end
  if strategy.pools.claims and memory.holdings then
    local made, got = claims.settle(strategy, frame, inputs, memory, given)
    frame = claimed(frame, made, got, moves)
  end
  frame = described(frame, given)
  frame = recycled(strategy, frame, given, moves)
  frame = ahead(strategy, escalated(strategy, frame, given, moves), given)
  warned(strategy, frame, memory, given, moves)
  local all = moves[1]
  for i = 2, #moves do all = all:concat(moves[i]) end
  local holdings = frame:select("customer", "owner", "since = `#since`", "reason = `#how`")
  return frame:drop("#since", "#how"), { moves = all, holdings = holdings }
end

--- Who has a customer, since when and why, and when he goes: a text. settings: with what settle gave as pool.
function M.explain(strategy, customers, settings, customer)
  local found = customers:filter("customer == @customer", { customer = customer })
  if found:nrow() == 0 then
    definition.fail(strategy.name, ("there is no customer %s on %s"):format(tostring(customer),
      tostring(settings.as_of)))
  end
  local row = found:row(1)
  local stay = settings.pool.holdings:filter("customer == @customer", { customer = customer }):row(1)
  local lines = { row.owner == nil and ("in the public pool since %s, %d days (%s)"):format(tostring(stay.since),
      row.days_in_pool, stay.reason)
    or ("with %s since %s, %d days (%s)"):format(tostring(row.owner), tostring(stay.since), row.days_held,
      stay.reason) }
  if row.owner ~= nil and row.days_left == nil then lines[2] = "no recycling is near that time alone would bring" end
  if row.days_left ~= nil then
    for _, rule in ipairs(strategy.pools.recycle) do
      if rule[1] == row.recycle_rule then
        lines[2] = ("%d %s left: %s, %s"):format(row.days_left, row.days_left == 1 and "day" or "days", rule[1],
          rule[2])
      end
    end
  end
  if row.times_recycled > 0 then lines[#lines + 1] = ("recycled %d times before"):format(row.times_recycled) end
  return table.concat(lines, "\n")
end

local function counted(owners, moves, kind, by)
  if not moves then return owners:with_columns(kind .. " = 0") end
  local count = moves:filter("kind == @kind", { kind = kind }):group_by("owner = " .. quoted(by))
    :agg(kind .. " = count()")
  return owners:join(count, { on = "owner", how = "left", nulls = "match" })
    :with_columns(("%s = coalesce(%s, 0)"):format(kind, kind))
end

-- The quota of an owner as an expression, and its parameters.
local function quotas(quota)
  local given, cases, count = { default = quota.default }, {}, 0
  for owner, most in pairs(quota) do
    if owner ~= "default" then
      count = count + 1
      given["owner" .. count], given["most" .. count] = owner, most
      cases[count] = ("when owner == @owner%d then @most%d"):format(count, count)
    end
  end
  cases[#cases + 1] = given.default and "when owner is not null then @default" or nil
  return #cases > 0 and "case " .. table.concat(cases, " ") .. " end" or "null", given
end

--- A row an owner, the public pool (null) last: held, quota, claimed, refused, recycled (from him), at_risk.
function M.summary(strategy, customers, moves)
  local owners = customers:group_by("owner"):agg("held = count()", "at_risk = count(where at_risk)")
  if moves then
    local others = moves:select "owner = `to`":concat(moves:select "owner = `from`"):filter "owner is not null"
      :unique "owner":join(owners:select("owner", "`#there` = true"), { on = "owner", how = "left" })
      :filter "`#there` is null":select("owner", "held = 0", "at_risk = 0")
    owners = owners:concat(others)
  end
  owners = counted(counted(counted(owners, moves, "claimed", "to"), moves, "refused", "to"), moves, "recycled", "from")
  local most, given = quotas(strategy.pools.quota)
  return owners:with_columns("quota = cast(" .. most .. " as integer)", given)
    :sort "owner":select("owner", "held", "quota", "claimed", "refused", "recycled", "at_risk")
end

return M
