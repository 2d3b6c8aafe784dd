-- Row functions: a plain Lua function over the rows of a frame, on all cores where that changes nothing.
local cells = require "moonsift.ffi.cells"
local errors = require "moonsift.errors"
local frames = require "moonsift.ffi.frame"
local library = require "moonsift.ffi.library"
local program = require "moonsift.ffi.program"
local ship = require "moonsift.ffi.ship"
local standard = require "moonsift.ffi.standard"

local C, context = library.C, library.context

local M = {}

-- The states with their compiled programs, kept for the whole session.
local crew

-- What a frame's row functions did, a line each; by frame, as long as the frame is there.
local notes = setmetatable({}, { __mode = "k" })

--- The lines about the row functions that made the frame.
function M.notes(frame)
  return notes[frame] or {}
end

--- Says that a value, such as the module moonsift, stands for the standard one of that name.
M.standard = standard.register

-- Columns as a program wants them: those that the function may name first. Their number tells the slot.
local function describe(frame, texts)
  local named, others = {}, {}
  for i = 0, frames.columns(frame) - 1 do
    local column, name = C.ms_frame_column(frame, i), frames.name(frame, i)
    local list = texts[name] and named or others
    list[#list + 1] = {
      name = name, type = frames.type(frame, i), number = i + 1,
      ctype = cells.ctypes[tonumber(C.ms_column_storage(column))] or "", nulls = C.ms_column_validity(column) ~= nil,
    }
  end
  local used = #named
  for _, column in ipairs(others) do named[#named + 1] = column end
  return named, used
end

-- Rows of a block in this state, between two looks at whether somebody asked to stop.
local BLOCK = 4096

local function run_block(made, run, first, last)
  local fine, problem = pcall(made.loop, first, last)
  if fine then return end
  local told = program.describe(problem)
  if told.raised then error(told.raised, 0) end
  C.ms_row_run_fail(run, made.cell[0], told.missing or "", told.text or "")
  return true
end

local function run_morsels(made, run)
  local morsel = 0
  while true do
    local rows = tonumber(C.ms_row_run_morsel(run, morsel, made.slots))
    if rows < 0 then return end
    if morsel == 0 then made.begin() end
    for first = 0, rows - 1, BLOCK do
      if run_block(made, run, first, math.min(first + BLOCK, rows) - 1) then return end
    end
    morsel = morsel + 1
  end
end

-- All rows in this state. The row's accessors are put back, since a function may itself map a frame.
local function run_here(run, fn, columns, used)
  local made = program.new(fn, columns, used)
  local before = program.enter(made.fields)
  local fine, problem = pcall(run_morsels, made, run)
  program.enter(before)
  if not fine then error(problem, 0) end
end

local function run_crew(run, text)
  crew = crew or library.own(C.ms_crew_free, C.ms_crew_new, context)
  if crew == nil then library.raise "map" end
  C.ms_row_run_crew(run, crew, text, #text)
end

-- Runs the function over the frame; gives the run with its results, and the line for explain.
local function run_over(frame, fn, verb)
  library.pressure()
  local columns, used = describe(frame, ship.texts(fn))
  local text, reason = ship.pack(fn, columns, used)
  local run = library.own(C.ms_row_run_free, C.ms_row_run_new, context, frame, verb)
  if run == nil then library.raise(verb) end
  C.ms_error_clear(context)
  if text then run_crew(run, text) else run_here(run, fn, columns, used) end
  if C.ms_error_status(context) ~= C.MS_OK then library.raise(verb) end
  return run, text and "on all cores" or "on one core: " .. reason
end

-- The result as a frame, which remembers how it was made.
local function finish(made, frame, verb, line)
  if made == nil then library.raise(verb) end
  library.finish()
  local lines = {}
  for i, earlier in ipairs(M.notes(frame)) do lines[i] = earlier end
  lines[#lines + 1] = line
  notes[made] = lines
  return made
end

local function wanted_type(given)
  if given == nil then return -1 end
  local word = type(given) == "table" and given.type
  for name in pairs(type(given) == "table" and given or {}) do
    if name ~= "type" then
      errors.raise {
        code = "E-OPTION-UNKNOWN", verb = "map",
        message = ("map: unknown option '%s'; there is: type"):format(tostring(name)),
      }
    end
  end
  if word == nil then return -1 end
  if type(library.types[word]) == "number" then return library.types[word] end
  errors.raise {
    code = "E-ARGUMENT", verb = "map",
    message = ("map: option 'type' is %s; wanted boolean, integer, real, date, time or text"):format(tostring(word)),
  }
end

--- The frame with the function's results as a column.
function M.map(frame, name, fn, given)
  local kind = wanted_type(given)
  local run, how = run_over(frame, fn, "map")
  return finish(frames.own(C.ms_row_run_map, run, name, kind), frame, "map", ("map '%s' %s"):format(name, how))
end

--- The rows for which the function gives true.
function M.filter(frame, fn)
  local run, how = run_over(frame, fn, "filter")
  return finish(frames.own(C.ms_row_run_filter, run), frame, "filter", "filter " .. how)
end

return M
