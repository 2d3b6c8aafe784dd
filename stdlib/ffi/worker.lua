-- The Lua side of a state that runs row functions (core/lua/rows_state.c): it makes the shipped function again, with
-- the standard functions that are safe there, and loops over the rows.
local ffi = require "ffi"
local jit_options = require "jit.opt"
local moment = require "moonsift.ffi.moment"
local parcel = require "moonsift.ffi.parcel"
local program = require "moonsift.ffi.program"
local standard = require "moonsift.ffi.standard"

-- Formulas with many branches have many traces.
jit_options.start("maxtrace=8000", "maxrecord=16000", "maxside=1000", "maxmcode=16384", "hotexit=4", "hotloop=20")

local M = {}

--- Makes the core's functions known; before anything else that speaks of them.
function M.declare(declarations)
  ffi.cdef(declarations)
end

-- Programs by their text, so that their compiled code is kept; all are dropped when there are too many.
local MOST = 64
local programs, count = {}, 0
local running

local function make(text)
  local shipped = parcel.unpack(text, standard.values())
  return program.new(shipped.fn, shipped.columns, shipped.used)
end

--- The slots and the loop of a program.
function M.prepare(text)
  local made = programs[text]
  if not made then
    if count >= MOST then programs, count = {}, 0 end
    made = make(text)
    programs[text], count = made, count + 1
  end
  running = made
  program.enter(made.fields)
  return made.slots, made.loop
end

--- Readies the program for a frame, whose addresses are in the slots.
function M.begin()
  moment.zone_of(ffi.cast("const ms_context *", running.slots[program.slots.session]))
  running.begin()
end

--- An error as a table that C reads: `missing`, a column that there is not; `text`, what went wrong and where.
function M.describe(problem)
  return program.describe(problem)
end

return M
