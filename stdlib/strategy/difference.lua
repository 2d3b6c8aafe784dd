-- What would be another way if one strategy ran in the place of another: who moves, by which rule, with how much value;
-- whose scores change; which actions appear and vanish.
local compute = require "moonsift.strategy.compute"
local condition = require "moonsift.strategy.condition"
local sets = require "moonsift.strategy.rules.sets"

local M = {}

local quoted = condition.quoted

local function truth(strategy, outcome, prefix)
  local frame = compute.flags(strategy, outcome.customers, compute.given(outcome.settings))
  local columns = { "customer", ("`%s` = segment"):format(prefix == "#a" and "from" or "to") }
  for i in ipairs(strategy.segments) do
    columns[i + 2] = ("`%s%d` = %s"):format(prefix, i, quoted(compute.flag(i)))
  end
  if strategy.value then columns[#columns + 1] = ("`%s` = cast(%s as real)"):format(prefix, quoted(strategy.value)) end
  return frame:select(unpack(columns))
end

local function spoken(rule) return type(rule) == "string" and rule or rule and "a function" or "the rest" end

-- For each rule that is not the same in both: when it is what moved somebody, and how that is said.
local function reasons(old, new)
  local list, before = {}, {}
  for i, segment in ipairs(old.segments) do before[segment[1]] = i end
  for j, segment in ipairs(new.segments) do
    local i = before[segment[1]]
    before[segment[1]] = nil
    local after = spoken(segment[2])
    if not i then
      list[#list + 1] = { ("`#b%d`"):format(j), ("'%s' is new: %s"):format(segment[1], after) }
    else
      local was = spoken(old.segments[i][2])
      list[#list + 1] = { ("`#a%d` != `#b%d`"):format(i, j),
        ("'%s': %s"):format(segment[1], was == after and after or was .. " → " .. after) }
    end
  end
  for i, segment in ipairs(old.segments) do
    if before[segment[1]] then
      list[#list + 1] = { ("`#a%d`"):format(i), ("'%s' is gone: %s"):format(segment[1], spoken(segment[2])) }
    end
  end
  return list
end

--- Who moves between segments: from, to (null: was not there, is gone), because (the first rule, in the order of the
-- new strategy, that holds for the customer in one of the two only), customers, and the sum of the strategy's value.
function M.moves(old, new, before, after)
  local both = truth(old, before, "#a"):join(truth(new, after, "#b"), { on = "customer", how = "full" })
    :filter "coalesce(from != to, true)"
  local cases, given = { "when from is null then 'was not there'", "when to is null then 'is not there any more'" }, {}
  for i, reason in ipairs(reasons(old, new)) do
    given["why" .. i] = reason[2]
    cases[#cases + 1] = ("when coalesce(%s, false) then @why%d"):format(reason[1], i)
  end
  both = both:with_columns("because = case " .. table.concat(cases, " ") .. " else 'the order of the rules' end", given)
  local wanted, value = { "customers = count()" }, new.value and "`#b`" or old.value and "`#a`"
  if new.value and old.value then value = "coalesce(`#b`, `#a`)" end
  if value then wanted[2] = ("%s = total(%s)"):format(quoted(new.value or old.value), value) end
  return both:group_by("from", "to", "because"):agg(unpack(wanted)):sort("-customers", "from", "to", "because")
end

-- The members of a strategy's sets, and a mark.
local function inside(strategy, outcome, mark)
  local members = sets.members(strategy, outcome.customers)
  return members and members:with_columns(("`%s` = true"):format(mark))
end

--- Sets: set, before, after (customers), enter, leave. nil where neither has sets.
function M.sets(old, new, before, after)
  local was, is = inside(old, before, "#a"), inside(new, after, "#b")
  if not was and not is then return nil end
  was = was or is:head(0):rename { ["#b"] = "#a" }
  is = is or was:head(0):rename { ["#a"] = "#b" }
  return was:join(is, { on = { "customer", "name" }, how = "full" }):group_by "set = name"
    :agg("before = count(`#a`)", "after = count(`#b`)", "enter = count(where `#a` is null)",
      "leave = count(where `#b` is null)"):sort "set"
end

--- Scores that both have: score, customers whose score is another one, mean_change, largest_change.
function M.scores(old, new, before, after)
  local list, known = {}, {}
  for _, score in ipairs(old.scores) do known[score[1]] = true end
  for _, score in ipairs(new.scores) do
    local name = quoted(score[1])
    if known[score[1]] then
      list[#list + 1] = before.customers:select("customer", "`#was` = " .. name)
        :join(after.customers:select("customer", "`#is` = " .. name), { on = "customer" })
        :with_columns "`#change` = cast(`#is` - `#was` as real)"
        :filter "coalesce(`#change` != 0, (`#was` is null) != (`#is` is null))"
        :group_by("score = @score", { score = score[1] })
        :agg("customers = count()", "mean_change = mean(`#change`)", "largest_change = max(abs(`#change`))")
    end
  end
  local all = list[1]
  for i = 2, #list do all = all:concat(list[i]) end
  return all
end

-- The ledger's rows of the day, with a mark.
local function planned(outcome, mark)
  if not outcome.due then return nil end
  return outcome.due:filter "status == 'planned'"
    :select("customer", "action", ("`%s` = true"):format(mark), ("`%scost` = cost"):format(mark))
end

--- Actions: action, before, after (customers), appear, vanish, and by how much the cost changes. nil where there are
-- none.
function M.actions(before, after)
  local was, is = planned(before, "#a"), planned(after, "#b")
  if not was and not is then return nil end
  was = was or is:head(0):rename { ["#b"] = "#a", ["#bcost"] = "#acost" }
  is = is or was:head(0):rename { ["#a"] = "#b", ["#acost"] = "#bcost" }
  return was:join(is, { on = { "customer", "action" }, how = "full" }):group_by "action"
    :agg("before = count(`#a`)", "after = count(`#b`)", "appear = count(where `#a` is null)",
      "vanish = count(where `#b` is null)", "cost = total(`#bcost`) - total(`#acost`)"):sort "action"
end

-- The moves of a day with their owners as texts, and a mark; a customer once, however often the same claim for him was
-- refused; nil where nobody moves.
local function moved(outcome, mark)
  if not outcome.pool_moves then return nil end
  return outcome.pool_moves:select("customer", "kind", "from = cast(from as text)", "to = cast(to as text)", "reason",
    ("`%s` = true"):format(mark))
    :with_columns "`#key` = coalesce(from, '') .. '\n' .. coalesce(to, '') .. '\n' .. coalesce(reason, '')"
    :unique("customer", "kind", "#key")
end

--- Moves between pools: kind, from, to, reason, before, after (customers), appear, vanish; and owners: owner, before,
-- after (customers whom he has at the end of the day). nil, nil unless both have pools.
function M.pools(before, after)
  if not before.pools or not after.pools then return nil end
  local function held(outcome, name)
    return outcome.customers:group_by "owner = coalesce(cast(owner as text), '(public pool)')":agg(name .. " = count()")
  end
  local owners = held(before, "before"):join(held(after, "after"), { on = "owner", how = "full" })
    :with_columns("before = coalesce(before, 0)", "after = coalesce(after, 0)"):sort "owner"
  local was, is = moved(before, "#a"), moved(after, "#b")
  if not was and not is then return nil, owners end
  was = was or is:head(0):rename { ["#b"] = "#a" }
  is = is or was:head(0):rename { ["#a"] = "#b" }
  local both = was:join(is:drop("from", "to", "reason"), { on = { "customer", "kind", "#key" }, how = "left" })
    :concat(is:join(was, { on = { "customer", "kind", "#key" }, how = "anti" }), { how = "diagonal" })
  return both:group_by("kind", "from", "to", "reason")
    :agg("before = count(`#a`)", "after = count(`#b`)", "appear = count(where `#a` is null)",
      "vanish = count(where `#b` is null)"):sort("kind", "from", "to", "reason"), owners
end

return M
