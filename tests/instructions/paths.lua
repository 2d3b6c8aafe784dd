-- The hot paths whose instructions are counted: one call of a kernel each, over small inputs that are the same every
-- time. Run under callgrind by tests/instructions/count.sh, which counts what happens within ms_kernel_call.
--
--   moonsift run tests/instructions/paths.lua FOLDER          makes the inputs in the folder and runs every path
--   moonsift run tests/instructions/paths.lua FOLDER names    the names of the calls, one a line, in their order
local ms = require "moonsift"

local folder, only_names = arg[1], arg[2] == "names"
ms.threads(1)

-- Each path is one call of a kernel; calls that prepare something come before the first of them.
local names, run = {}, not only_names
local function path(name, call)
  names[#names + 1] = name
  return run and call()
end

local ROWS = 100000
local function drawn(count, below, seed)
  local values, x = {}, seed
  for i = 1, count do
    x = (x * 1103515245 + 12345) % 2147483648
    values[i] = math.floor(x / 65536) % below
  end
  return values
end

local function texts(values, prefix)
  local out = {}
  for i = 1, #values do out[i] = prefix .. values[i] end
  return out
end

local f, right, labels, tall, notes
if run then
  local wide, amount = drawn(ROWS, 30000, 7), drawn(ROWS, 32768, 5)
  for i = 1, ROWS do amount[i] = amount[i] / 64 + 0.5 end
  f = ms.frame {
    { "id", drawn(ROWS, 32000, 3) }, { "small", drawn(ROWS, 100, 11) }, { "wide", wide }, { "amount", amount },
    { "city", texts(drawn(ROWS, 50, 13), "city ") }, { "note", texts(drawn(ROWS, 30000, 17), "note ") },
  }
  local keys, value = {}, drawn(32000, 1000, 19)
  for i = 1, 32000 do keys[i] = i - 1 end
  right = ms.frame { { "id", keys }, { "value", value } }
  local file = assert(io.open(folder .. "/paths.csv", "w"))
  file:write "id,city,amount,day\n"
  for i = 1, 20000 do
    file:write(("%d,city %d,%.2f,2024-%02d-%02d\n"):format(i, i * 7 % 50, i * 37 % 1000 / 4, i % 12 + 1, i % 28 + 1))
  end
  file:close()
  local x, y = {}, {}
  for i = 1, 20000 do
    x[i] = (i * 7919 % 10007) / 1000
    y[i] = (x[i] + i % 5) % 3 > 1.4
  end
  labels = ms.frame { { "x", x }, { "z", drawn(20000, 100, 23) }, { "y", y } }
  tall = f:head(20000)
  notes = tall:unique "note":select("note", "n = id")
end

path("read_csv", function() return ms.read_csv(folder .. "/paths.csv") end)
path("group_by: sum by a text of 50", function() return f:group_by "city":agg "s = sum(amount)" end)
path("group_by: mean by a small integer", function()
  return f:group_by "small":agg("a = mean(amount)", "b = mean(wide)", "c = mean(id)")
end)
path("group_by: sum by 30,000 texts", function() return f:group_by "note":agg "s = sum(amount)" end)
path("group_by: median and deviation", function()
  return f:group_by "small":agg("a = median(amount)", "b = deviation(amount)")
end)
path("group_by: three keys", function() return f:group_by("city", "small", "id"):agg "n = count()" end)
path("group_by: distinct values", function() return f:group_by "city":agg "n = count_distinct(wide)" end)
path("join: integers, inner", function() return f:join(right, { on = "id" }) end)
path("join: texts, left", function() return f:join(notes, { on = "note", how = "left" }) end)
path("sort: a real, descending", function() return f:sort "-amount" end)
path("sort: a text and an integer", function() return f:sort("city", "wide") end)
path("top: ten of all", function() return f:top(10, "-amount") end)
path("filter: comparison and text", function() return f:filter "amount > 100 and city != 'city 7'" end)
path("with_columns: arithmetic", function() return f:with_columns "x = amount * 2 + wide / 3 - small" end)
path("with_columns: case", function()
  return f:with_columns "tier = case when amount > 400 then 'gold' when amount > 100 then 'silver' else 'none' end"
end)
path("with_columns: ntile", function() return f:with_columns "t = ntile(5) over (order by amount, id)" end)
path("with_columns: cumsum by city", function()
  return f:with_columns "c = cumsum(amount) over (partition by city order by id)"
end)
path("unique: a text", function() return f:unique "note" end)
path("pivot", function() return f:pivot { index = "small", columns = "city", values = "amount", aggregate = "sum" } end)
path("write_csv", function() return tall:write_csv(folder .. "/out.csv") end)
path("bayes", function() return ms.bayes(labels, { target = "y" }) end)
path("linear", function() return ms.linear(labels, { target = "x", columns = { "z" } }) end)
path("kmeans", function() return ms.kmeans(labels, { columns = { "x", "z" }, k = 4, seed = 1 }) end)

if only_names then print(table.concat(names, "\n")) end
