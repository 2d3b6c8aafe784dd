-- What tests of pools share: days, frames of rows with nulls, and a strategy over accounts, contacts and claims.
local ms = require "moonsift"

local first = ms.date "2025-01-01"
local function day(n) return first + ms.duration(n .. "d") end

local function or_null(x)
  if x == nil then return ms.null end
  return x
end

-- A frame of rows with columns that may be null: { { "name", at }, … }.
local function frame(columns, rows)
  local made = {}
  for i, name in ipairs(columns) do
    local values = {}
    for k, row in ipairs(rows) do values[k] = or_null(row[i]) end
    made[i] = { name, values }
  end
  return ms.frame(made)
end

local function strategy(pools, more)
  local given = {
    name = "pool",
    inputs = {
      accounts = { columns = { "customer", "rep", "orders", "seen" }, time = "seen" },
      contacts = { columns = { "customer", "at" }, time = "at" },
      claims = { columns = { "customer", "owner", "at" }, time = "at" },
    },
    parameters = { quiet = 10 },
    customers = function(s)
      local last = s.contacts:group_by "customer":agg "last = max(at)":collect()
      return s.accounts:select("customer", "rep", "orders"):collect():join(last, { on = "customer", how = "left" })
        :with_columns("days_since_contact = days_between(last, @as_of)", { as_of = s.as_of })
    end,
    pools = pools,
  }
  for part, value in pairs(more or {}) do given[part] = value end
  return ms.strategy(given)
end

return { day = day, frame = frame, strategy = strategy }
