-- join.lua DATA_DIR: joins of ten million rows with small, medium and big tables, by integers and by texts.
local ms = require "moonsift"
local timing = dofile("tests/bench/timing.lua")

local directory = (arg and arg[1]) or "/tmp/peers-data"
ms.threads(2)

local x = ms.read_csv(directory .. "/join_x.csv")
local small = ms.read_csv(directory .. "/join_small.csv")
local medium = ms.read_csv(directory .. "/join_medium.csv")
local big = ms.read_csv(directory .. "/join_big.csv")

local check = timing.sum("v1", "v2")
timing.task("join.q1", function() return x:join(small, { on = "id1" }) end, check)
timing.task("join.q2", function() return x:join(medium, { on = "id2" }) end, check)
timing.task("join.q3", function() return x:join(medium, { on = "id2", how = "left" }) end, check)
timing.task("join.q4", function() return x:join(medium, { on = "id5" }) end, check)
timing.task("join.q5", function() return x:join(big, { on = "id3" }) end, check)
