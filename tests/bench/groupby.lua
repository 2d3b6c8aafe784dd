-- groupby.lua DATA_DIR: the tasks of the public group-by benchmark of data-frame libraries, over groupby.csv.
local ms = require "moonsift"
local timing = dofile("tests/bench/timing.lua")

local directory = (arg and arg[1]) or "/tmp/peers-data"
ms.threads(2)
local x = ms.read_csv(directory .. "/groupby.csv")

local function group(task, by, definitions, ...)
  timing.task(task, function() return x:group_by(unpack(by)):agg(unpack(definitions)) end, timing.sum(...))
end

group("groupby.q1", { "id1" }, { "a = sum(v1)" }, "a")
group("groupby.q2", { "id1", "id2" }, { "a = sum(v1)" }, "a")
group("groupby.q3", { "id3" }, { "a = sum(v1)", "b = mean(v3)" }, "a", "b")
group("groupby.q4", { "id4" }, { "a = mean(v1)", "b = mean(v2)", "c = mean(v3)" }, "a", "b", "c")
group("groupby.q5", { "id6" }, { "a = sum(v1)", "b = sum(v2)", "c = sum(v3)" }, "a", "b", "c")
group("groupby.q6", { "id4", "id5" }, { "a = median(v3)", "b = deviation(v3)" }, "a", "b")
group("groupby.q7", { "id3" }, { "a = max(v1) - min(v2)" }, "a")
timing.task("groupby.q8", function()
  return x:select("id6", "v3"):filter("v3 is not null"):group_by("id6"):top(2, "-v3")
end, timing.sum("v3"))
group("groupby.q9", { "id2", "id4" }, { "a = correlation(v1, v2) ^ 2" }, "a")
group("groupby.q10", { "id1", "id2", "id3", "id4", "id5", "id6" }, { "a = sum(v3)", "b = count()" }, "a", "b")
