-- MOONSIFT_MEMORY: what does not fit ends with E-MEMORY, what fits is the same under any limit.
local test = require "moonsift.test"

local function limited(limit, code)
  local path = test.temporary "limited.lua"
  local file = assert(io.open(path, "wb"))
  file:write('local ms = require "moonsift"\n', code)
  file:close()
  return test.command(("MOONSIFT_MEMORY=%s $moonsift run %s"):format(limit, path), { shell = true, seconds = 60 })
end

-- The frame of each is small beside what the verb makes of it.
local cases = {
  join = [[
    local n = %d
    local f = ms.simulate_shop { table = "orders", customers = n, seed = 1 }
    local keyed = f:with_columns("k = order_id %% 8")
    return keyed:join(keyed:head(400), { on = "k" })]],
  group = [[
    local f = ms.simulate_shop { table = "orders", customers = %d, seed = 1 }
    return f:group_by("order_id", "ordered_at"):agg("a = sum(amount)", "b = median(amount)", "c = max(ordered_at)")]],
  sort = [[
    local f = ms.simulate_shop { table = "orders", customers = %d, seed = 1 }
    return f:sort("-amount", "ordered_at")]],
  csv = [[
    local path, n = %q, %d
    local file = io.open(path, "wb")
    file:write "a,b,c\n"
    for i = 1, n * 40 do file:write(i * 7919 %% 1000003, ",text ", i, ",", i / 7, "\n") end
    file:close()
    return ms.read_csv(path)]],
}

-- Runs a case over n customers; `how` makes of its function the text that is run.
local function text_of(name, n, how)
  local code = cases[name]
  code = name == "csv" and code:format(test.temporary "big.csv", n) or code:format(n)
  return "local function work()\n" .. code .. "\nend\n" .. how
end

for _, name in ipairs { "join", "group", "sort", "csv" } do
  test("a " .. name .. " that does not fit ends with E-MEMORY, and the session goes on", function()
    local status, out, err = limited("24M", text_of(name, 100000, [[
      local fine, problem = pcall(work)
      print(fine, not fine and problem.code, ms.frame { { "a", { 1, 2 } } }:nrow())]]))
    test.equal({ status, out, err }, { 0, "false\tE-MEMORY\t2\n", "" })
  end)

  test("a " .. name .. " that fits gives the same under a tight limit", function()
    local how = "local f = work() print(f:nrow()) print(f)"
    local status, wide = limited("80%", text_of(name, 1000, how))
    local narrow_status, narrow = limited("200M", text_of(name, 1000, how))
    test.equal({ status, narrow_status }, { 0, 0 })
    test.equal(narrow, wide)
  end)
end

test("an E-MEMORY that nobody catches is the script's end, with a message", function()
  local status, _, err = limited("24M", text_of("sort", 100000, "work()"))
  test.equal(status, 1)
  test.check(err:find("not enough memory", 1, true) or err:find("memory", 1, true), err)
end)

test("a wrong limit is refused", function()
  for _, wrong in ipairs { "lots", "5X", "10MM", "-1G", "0", "1M", "0%", "101%", "nan", "1e30", "%" } do
    local status, _, err = limited(wrong, "print(1)")
    test.equal(status, 2)
    test.check(err:find("MOONSIFT_MEMORY is '" .. wrong .. "'", 1, true), err)
  end
end)

test("bytes, units and percentages are understood", function()
  for _, right in ipairs { "100000000", "100000k", "100000K", "1g", "0.5G", "1T", "50%", "''" } do
    local status, out, err = limited(right, "print(1)")
    test.equal({ right, status, out, err }, { right, 0, "1\n", "" })
  end
end)
