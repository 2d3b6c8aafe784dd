-- Lua functions from the descriptors of kernels: nothing here knows one kernel from another.
local ffi = require "ffi"
local errors = require "moonsift.errors"
local frames = require "moonsift.ffi.frame"
local library = require "moonsift.ffi.library"
local options = require "moonsift.ffi.options"

local C, context = library.C, library.context

local M = {}

local function attempt(kernel, inputs, count, bag)
  library.pressure()
  return frames.own(C.ms_kernel_call, context, kernel, inputs, count, bag)
end

local function described(kernel, x)
  errors.raise {
    code = "E-ARGUMENT", verb = kernel,
    message = ("%s: got %s where a frame is wanted"):format(kernel, type(x) == "cdata" and "another handle" or
      x == nil and "nil" or "a " .. type(x)),
  }
end

--- Runs a kernel. inputs: a list of frames; given: its options by name; parameters: of its expressions, by name
-- without "@". Gives the frame, and further ones (rejected rows, a report, the parts of a model) where there are some.
function M.call(kernel, inputs, given, parameters)
  local count = #inputs
  local array, held = ffi.new("const ms_frame *[?]", math.max(1, count)), {}
  for i = 1, count do
    local frame = frames.of(inputs[i]) or described(kernel, inputs[i])
    held[i], array[i - 1] = frame, frame
  end
  M.inputs = held -- the collector runs before the call: a collected lazy frame has no other owner
  local bag = options.bag(kernel, given, parameters)
  local result = attempt(kernel, array, count, bag)
  -- Frames that nobody holds any more may have filled the budget.
  if result == nil and C.ms_error_status(context) == C.MS_EMEMORY and library.reclaim() then
    result = attempt(kernel, array, count, bag)
  end
  if result == nil then library.raise(kernel) end
  M.inputs = nil
  local all = { result }
  local attached = frames.own(C.ms_context_attached, context)
  while attached ~= nil do
    all[#all + 1] = attached
    attached = frames.own(C.ms_context_attached, context)
  end
  library.finish()
  return unpack(all) -- mostly one value: print(frame:verb()) shows nothing behind it
end

local function text(pointer)
  if pointer ~= nil and pointer[0] ~= 0 then return ffi.string(pointer) end
end

local function describe_option(kernel, i)
  return {
    name = ffi.string(C.ms_option_name(kernel, i)),
    type = ffi.string(C.ms_option_type(kernel, i)),
    default = text(C.ms_option_default(kernel, i)),
    required = C.ms_option_required(kernel, i),
    unit = text(C.ms_option_unit(kernel, i)),
    brief = text(C.ms_option_brief(kernel, i)),
    low = C.ms_option_low(kernel, i),
    high = C.ms_option_high(kernel, i),
  }
end

local function describe(kernel)
  local given = {}
  for i = 1, tonumber(C.ms_kernel_options(kernel)) do given[i] = describe_option(kernel, i - 1) end
  return {
    name = ffi.string(C.ms_kernel_name(kernel)),
    group = text(C.ms_kernel_group(kernel)),
    brief = text(C.ms_kernel_brief(kernel)),
    cost = text(C.ms_kernel_cost(kernel)),
    least = C.ms_kernel_inputs_least(kernel),
    most = C.ms_kernel_inputs_most(kernel),
    parts = text(C.ms_kernel_parts(kernel)),
    options = given,
  }
end

--- The kernels' descriptors: a list in the order of kernels.def, and by name.
M.kernels, M.by_name = {}, {}
for i = 1, tonumber(C.ms_kernel_count()) do
  local kernel = describe(i - 1)
  M.kernels[i], M.by_name[kernel.name] = kernel, kernel
end

-- frame, frame, …, { options }: what a kernel's Lua function is called with.
local function arguments(kernel, ...)
  local inputs, given = {}, nil
  local count = select("#", ...)
  for i = 1, count do
    local x = select(i, ...)
    local frame = frames.of(x)
    if frame then
      inputs[#inputs + 1] = frame
    elseif i == count and (type(x) == "table" or x == nil) then
      given = x
    else
      described(kernel, x)
    end
  end
  return inputs, given
end

--- The functions of the expression language: { name, signature, brief, group } each.
M.functions = {}
for i = 0, tonumber(C.ms_function_count()) - 1 do
  M.functions[i + 1] = {
    name = ffi.string(C.ms_function_name(i)),
    signature = ffi.string(C.ms_function_signature(i)),
    brief = text(C.ms_function_brief(i)),
    group = ffi.string(C.ms_function_group(i)),
  }
end

--- The Lua function of a kernel, the same each time: function(frame, …, options). A name that is none gives a function
-- that raises E-KERNEL-UNKNOWN with the nearest name. A learner's gives a model (stdlib/model.lua).
local functions = {}
function M.of(kernel)
  local made = functions[kernel]
  if not made then
    local parts = M.by_name[kernel] and M.by_name[kernel].parts
    made = function(...)
      if parts then
        local inputs, given = arguments(kernel, ...)
        return M.model(kernel, parts, M.call(kernel, M.prepare(kernel, inputs, given)))
      end
      return M.call(kernel, arguments(kernel, ...))
    end
    functions[kernel] = made
  end
  return made
end

frames.kernel(function(name) return M.by_name[name] and M.of(name) end, M.by_name)

return M
