-- load.lua DATA_DIR: a CSV file of half a gigabyte to a frame.
local ms = require "moonsift"
local timing = dofile("tests/bench/timing.lua")

local directory = (arg and arg[1]) or "/tmp/peers-data"
ms.threads(2)

timing.task("load.csv", function() return ms.read_csv(directory .. "/groupby.csv") end, timing.sum("v3"))
