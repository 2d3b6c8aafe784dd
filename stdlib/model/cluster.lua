-- What models of clusters share: how they print, and their methods.
local M = {}

M.methods = {}

--- The frame with the cluster of each row: the same as predict.
-- print(model:assign(customers))
function M.methods.assign(model, frame, options) return model:predict(frame, options) end

-- 1234567 as 1,234,567.
function M.whole(x)
  local text, count = ("%d"):format(x), 1
  while count > 0 do text, count = text:gsub("^(%-?%d+)(%d%d%d)", "%1,%2") end
  return text
end

--- The names of the columns that the model was made of.
function M.names(model)
  local names = {}
  for i, input in ipairs(model:inputs_of "input") do names[i] = input.name end
  return names
end

-- A list of names in a line of at most 80 columns.
function M.listed(head, names)
  local line, shown = head, 0
  for i, name in ipairs(names) do
    local more = (i > 1 and ", " or "") .. name
    if #line + #more > 70 and shown > 0 then return ("%s … (+%d)"):format(line, #names - shown) end
    line, shown = line .. more, shown + 1
  end
  return line
end

--- Settings of the start: `centres` and `match` may be frames or models, which become further frames of the call.
function M.prepare(inputs, given)
  local frames = require "moonsift.ffi.frame"
  local model = require "moonsift.model"
  local function frame_of(x)
    if model.is(x) then return x.centres end
    return frames.of(x)
  end
  local centres, match = given and frame_of(given.centres), given and frame_of(given.match)
  if not (centres or match) then return inputs, given end
  local all, rest = { inputs[1] }, {}
  for name, value in pairs(given) do rest[name] = value end
  if centres then
    all[#all + 1], rest.centres = centres, nil
  end
  if match then
    all[#all + 1], rest.match = match, nil
  end
  rest.frames = centres and match and "both" or match and "match" or "centres"
  return all, rest
end

return M
