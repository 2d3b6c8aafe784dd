-- Numbers that are read eight at a time are those that libcsv's rows give one by one.
local test = require "moonsift.test"
local ms = require "moonsift"

local function digits(count, first)
  local out = { tostring(math.random(first or 1, 9)) }
  for _ = 2, count do out[#out + 1] = tostring(math.random(0, 9)) end
  return table.concat(out)
end

local forms = {
  function() return digits(math.random(1, 8)) end,
  function() return digits(math.random(9, 18)) end,
  function() return "-" .. digits(math.random(1, 8)) end,
  function() return "0" end,
  function() return "" end,
  function() return digits(math.random(1, 8)) .. "." .. digits(math.random(1, 7), 0) end,
  function() return digits(math.random(1, 9)) .. "." .. digits(math.random(8, 10), 0) end,
  function() return "0." .. digits(math.random(1, 7), 0) end,
  function() return "-0.5" end,
  function() return "1e3" end,
}

-- A file of so many rows: an integer column, a real one in the middle and one at the end; one row in `odd` is unusual.
local function write(rows, odd, line_end)
  local path = test.temporary("numbers.csv")
  local file = assert(io.open(path, "wb"))
  file:write("whole,middle,last", line_end)
  for _ = 1, rows do
    local unusual = math.random(odd) == 1
    file:write(unusual and forms[math.random(1, 5)]() or forms[1](), ",",
      unusual and forms[math.random(5, 10)]() or forms[6](), ",",
      unusual and forms[math.random(5, 10)]() or forms[6](), line_end)
  end
  file:close()
  return path
end

test("eight rows at a time give the bits that single rows give", function()
  math.randomseed(7)
  for _, rows in ipairs { 1, 7, 8, 9, 1000 } do
    for _, odd in ipairs { 1, 4, 40, 1000000 } do
      for _, line_end in ipairs { "\n", "\r\n" } do
        local path = write(rows, odd, line_end)
        local function read(engine)
          return ms.read_csv(path, { engine = engine, types = { "middle:real", "last:real" } })
        end
        local fast, slow = read("scanner"), read("libcsv")
        for _, name in ipairs { "whole", "middle", "last" } do
          local a, b = fast:column(name), slow:column(name)
          for row = 1, rows do
            test.equal(("%.17g"):format(tonumber(a[row]) or 0 / 0), ("%.17g"):format(tonumber(b[row]) or 0 / 0))
          end
        end
      end
    end
  end
end)

test("zeros in front make a text, wherever they stand behind the rows that are looked at first", function()
  local rows = 20000
  for at = rows - 16, rows do
    local path = test.temporary("zeros.csv")
    local file = assert(io.open(path, "wb"))
    file:write("id,next\n")
    for row = 1, rows do file:write(row == at and "007,1\n" or "700,1\n") end
    file:close()
    test.equal(ms.read_csv(path):column("id")[at], "007")
  end
end)
