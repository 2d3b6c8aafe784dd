-- Random expressions, each written twice: for moonsift and for SQLite, by rules that stand only here. Division,
-- remainder, LIKE and booleans differ between the two languages; the SQL says what moonsift's semantics demand.
--
-- Values are small multiples of 1/4 and divisors powers of two (or zero), so that sums and products are exact and
-- results can be compared bit by bit: otherwise SQLite, which adds from left to right, is off in the last digit.
local M = {}

local function both(text, sql) return { text = text, sql = sql } end

local function column(random, columns, type)
  local fit = {}
  for _, c in ipairs(columns) do
    if c.type == type then fit[#fit + 1] = c end
  end
  if #fit == 0 then return nil end
  local c = random.pick(fit)
  return both(c.name, '"' .. c.name .. '"')
end

local literals = {
  integer = { "0", "1", "2", "3", "-1", "-2", "7", "100" },
  real = { "0.0", "0.25", "1.5", "-2.75", "10.0" },
  text = { "''", "'a'", "'ab'", "'上海'", "'B'", "'zz'" },
  boolean = { "true", "false" },
}

local function literal(random, type)
  local word = random.pick(literals[type])
  local shown = word:sub(1, 1) == "-" and "(" .. word .. ")" or word
  if type == "boolean" then return both(word, word == "true" and "1" or "0") end
  return both(shown, shown)
end

local function leaf(random, columns, type)
  if random.chance(70) then
    local c = column(random, columns, type)
    if c then return c end
  end
  return literal(random, type)
end

local generate

local function binary(pattern_text, pattern_sql)
  return function(a, b)
    return both(pattern_text:gsub("%$1", function() return a.text end):gsub("%$2", function() return b.text end),
      (pattern_sql:gsub("%$1", function() return a.sql end):gsub("%$2", function() return b.sql end)))
  end
end

local forms = {
  integer = {
    { "integer", "integer", binary("($1 + $2)", "($1 + $2)") },
    { "integer", "integer", binary("($1 - $2)", "($1 - $2)") },
    { "integer", "integer", binary("($1 % $2)", "((($1 % $2) + $2) % $2)") },
    { "integer", "integer", binary("coalesce($1, $2)", "coalesce($1, $2)") },
    { "text", "text", binary("length($1)", "length($1)") },
    { "integer", "integer", binary("abs($1)", "abs($1)") },
    { "boolean", "integer", binary("case when $1 then $2 else 5 end", "case when $1 then $2 else 5 end") },
    { "boolean", "integer", binary("if($1, $2, 9)", "case when $1 then $2 else 9 end") },
    { "integer", "integer", binary("least($1, $2)",
      "case when $1 is null then $2 when $2 is null then $1 else min($1, $2) end") },
  },
  real = {
    { "real", "real", binary("($1 + $2)", "($1 + $2)") },
    { "real", "integer", binary("($1 - $2)", "($1 - $2)") },
    { "real", "real", binary("($1 * $2)", "($1 * $2)") },
    { "integer", "integer", binary("($1 / 4)", "(cast($1 as real) / 4)") },
    { "integer", "integer", binary("($1 / ($2 - $2))", "(cast($1 as real) / nullif($2 - $2, 0))") },
    { "real", "real", binary("($1 / -2.0)", "($1 / -2.0)") },
    { "real", "real", binary("($1 / 0.0)", "($1 / nullif(0.0, 0))") },
    { "real", "real", binary("coalesce($1, $2)", "coalesce($1, $2)") },
    { "real", "real", binary("abs($1)", "abs($1)") },
    { "integer", "integer", binary("cast($1 as real)", "cast($1 as real)") },
  },
  text = {
    { "text", "text", binary("($1 .. $2)", "($1 || $2)") },
    { "text", "text", binary("upper($1)", "upper($1)") },
    { "text", "text", binary("lower($1)", "lower($1)") },
    { "text", "text", binary("substr($1, 2)", "substr($1, 2)") },
    { "text", "text", binary("substr($1, 1, 1)", "substr($1, 1, 1)") },
    { "text", "text", binary("coalesce($1, $2)", "coalesce($1, $2)") },
    { "boolean", "text", binary("case when $1 then $2 end", "case when $1 then $2 end") },
    { "text", "text", binary("trim($1)", "trim($1)") },
    { "text", "text", binary("replace($1, 'a', 'xy')", "replace($1, 'a', 'xy')") },
  },
  boolean = {
    { "boolean", "boolean", binary("($1 and $2)", "($1 and $2)") },
    { "boolean", "boolean", binary("($1 or $2)", "($1 or $2)") },
    { "boolean", "boolean", binary("(not $1)", "(not $1)") },
    { "integer", "integer", binary("($1 < $2)", "($1 < $2)") },
    { "integer", "real", binary("($1 >= $2)", "($1 >= $2)") },
    { "real", "real", binary("($1 == $2)", "($1 = $2)") },
    { "integer", "integer", binary("($1 ~= $2)", "($1 <> $2)") },
    { "integer", "integer", binary("($1 <=> $2)", "($1 is $2)") },
    { "text", "text", binary("($1 == $2)", "($1 = $2)") },
    { "text", "text", binary("($1 < $2)", "($1 < $2)") },
    { "text", "text", binary("($1 <=> $2)", "($1 is $2)") },
    { "integer", "integer", binary("($1 in (1, 2, $2))", "($1 in (1, 2, $2))") },
    { "text", "text", binary("($1 not in ('a', '上海'))", "($1 not in ('a', '上海'))") },
    { "integer", "integer", binary("($1 between 0 and $2)", "($1 between 0 and $2)") },
    { "text", "text", binary("($1 is null)", "($1 is null)") },
    { "real", "real", binary("($1 is not null)", "($1 is not null)") },
    { "text", "text", binary("($1 like 'a%')", "($1 glob 'a*')") },
    { "text", "text", binary("starts_with($1, 'a')", "(substr($1, 1, 1) = 'a')") },
    { "text", "text", binary("contains($1, 'b')", "(instr($1, 'b') > 0)") },
  },
}

function generate(random, columns, type, depth)
  if depth <= 0 or random.chance(25) then return leaf(random, columns, type) end
  local form = random.pick(forms[type])
  return form[3](generate(random, columns, form[1], depth - 1), generate(random, columns, form[2], depth - 1))
end

M.generate = generate
return M
