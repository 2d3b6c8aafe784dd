-- Models: what a learner gives. A model is a few frames, its parts, and what can be done with them: predict, evaluate,
-- save, load. Each kind adds its own methods and its own print in stdlib/model/<kind>.lua.
local binder = require "moonsift.ffi.binder"
local errors = require "moonsift.errors"
local frames = require "moonsift.ffi.frame"
local host = require "moonsift.host"

local M = {}

local Model = {}
local known = setmetatable({}, { __mode = "k" })

-- The module of a kind, or an empty one.
local kinds = {}
local function kind_of(name)
  if not kinds[name] then
    local path = "moonsift.model." .. name
    kinds[name] = host.file and host.file("stdlib/model/" .. name .. ".lua") and require(path) or {}
  end
  return kinds[name]
end

--- A model of its parts: `names` are separated by blanks, the frames follow in that order.
function M.new(kind, names, ...)
  local self = { kind = kind, order = {}, parts = {} }
  for name in names:gmatch "%S+" do
    self.order[#self.order + 1] = name
    self.parts[name] = select(#self.order, ...)
  end
  known[self] = true
  return setmetatable(self, Model)
end

--- What a learner is called with, once its kind has turned options that are models or frames into inputs.
function M.prepare(kind, inputs, given)
  local own = kind_of(kind).prepare
  if own then return own(inputs, given) end
  return inputs, given
end

function M.is(x) return known[x] == true end

local methods = {}

local function check(model, verb)
  if M.is(model) then return model end
  errors.raise {
    code = "E-ARGUMENT", verb = verb,
    message = ("%s: got %s where a model is wanted"):format(verb, model == nil and "nil" or "a " .. type(model)),
    hint = ("write model:%s(…) with a colon"):format(verb),
  }
end
M.check = check

--- The frame with what the model says of each row: `prediction`, and for classes `probability` (of the event, or of the
-- predicted class where there are more than two). Columns that the model was made of must be there.
-- print(model:predict(customers, { each = true }))
function methods.predict(model, frame, options)
  check(model, "predict")
  local inputs = { frames.of(frame) }
  if not inputs[1] then
    errors.raise {
      code = "E-ARGUMENT", verb = "predict",
      message = ("predict: got %s where a frame is wanted"):format(frame == nil and "nil" or "a " .. type(frame)),
    }
  end
  for _, name in ipairs(model.order) do inputs[#inputs + 1] = model.parts[name] end
  return (binder.call(model.kind .. "_predict", inputs, options))
end

--- How well the model does on a frame that has the true values: a table of measures.
-- print(model:evaluate(test))
function methods.evaluate(model, frame, options)
  return require("moonsift.model.evaluate").evaluate(check(model, "evaluate"), frame, options)
end

--- How much the model relies on each column: the loss when the column's values are shuffled.
-- print(model:importance_by_permutation(test, { repeats = 10 }))
function methods.importance_by_permutation(model, frame, options)
  check(model, "importance_by_permutation")
  return require("moonsift.model.importance").permutation_importance(model, frame, options)
end

--- Writes the model to an open database, a table a part: in place of one of the same name.
-- model:save(shop, "churn")
function methods.save(model, database, name)
  return require("moonsift.model.store").save(check(model, "save"), database, name)
end

--- A fact about the model as a whole (the part `facts`) by its name, or nil.
-- print(model:fact "rows")
function methods.fact(model, name)
  check(model, "fact")
  local facts = model.parts.facts
  local names, numbers, texts = facts:column "fact", facts:column("number", false), facts:column("text", false)
  for i = 1, #names do
    if names[i] == name then return numbers[i] or texts[i] or nil end
  end
end

--- The columns of a role ("input", "target", "weights", "offset"): a list of { name =, type =, levels = { … } }.
-- print(model:inputs_of("target")[1].name)
function methods.inputs_of(model, role)
  check(model, "inputs_of")
  local part = model.parts.inputs
  local roles, names, types = part:column "role", part:column "name", part:column "type"
  local levels, list = part:column("level", false), {}
  for i = 1, #names do
    if roles[i] == role or (role == "input" and roles[i] == "empty") then
      local last = list[#list]
      if not last or last.name ~= names[i] then
        last = { name = names[i], type = types[i], levels = {} }
        list[#list + 1] = last
      end
      if levels[i] then last.levels[#last.levels + 1] = levels[i] end
    end
  end
  return list
end

local function no_such(model, key)
  local names = { "kind" }
  for _, from in ipairs { methods, model.parts, kind_of(model.kind).methods or {} } do
    for name in pairs(from) do names[#names + 1] = name end
  end
  table.sort(names) -- pairs has no order of its own
  local at = host.nearest and host.nearest(key, names)
  errors.raise {
    code = "E-ARGUMENT", verb = model.kind,
    message = ("%s: a model of this kind has no '%s'"):format(model.kind, tostring(key)),
    hint = at and ("did you mean '%s'?"):format(names[at]) or "it has " .. table.concat(names, ", "),
  }
end

function Model.__index(model, key)
  local own = kind_of(model.kind).methods
  local found = own and own[key] or methods[key] or model.parts[key]
  if found == nil and type(key) == "string" then no_such(model, key) end
  return found
end

-- What every model can say of itself.
local function show(model)
  local inputs, target = model:inputs_of "input", model:inputs_of("target")[1]
  local names = {}
  for i, input in ipairs(inputs) do names[i] = input.name end
  local rows = model:fact "rows"
  local lines = { model.kind .. (target and " of " .. target.name or "") ..
    (rows and (", learned from %d rows"):format(rows) or "") }
  lines[2] = "inputs: " .. table.concat(names, ", ")
  return table.concat(lines, "\n") .. "\n" .. tostring(model.parts[model.order[1]])
end

function Model.__tostring(model) return (kind_of(model.kind).show or show)(model) end

Model.__metatable = false
Model.__newindex = function(model)
  errors.raise { code = "E-ARGUMENT", verb = model.kind, message = model.kind .. ": a model cannot be changed" }
end

return M
