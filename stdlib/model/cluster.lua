-- What models of clusters share: how they print, and their methods.
local M = {}

M.methods = {}

--- The frame with the cluster of each row: the same as predict.
-- print(model:assign(customers))
function M.methods.assign(model, frame, options) return model:predict(frame, options) end

--- What is over- and under-represented in each cluster against all rows: a frame (cluster, column, level, value,
-- overall, lift, effect; the largest effects first) and a text to read. A number's value is its mean, and its effect
-- how many deviations that is away from the mean of all; a level's value is its share, and its effect Cohen's h.
-- Options: columns (all of the frame), shown (lines a cluster in the text, 5; of effects of at least 0.2).
-- print(select(2, model:profile(customers)))
function M.methods.profile(model, frame, options)
  return require("moonsift.model.profile").profile(model:predict(frame), options)
end

--- How well rows lie in their clusters, in the units that the model uses: the frame that ms.silhouette gives.
-- print(model:silhouette(customers))
function M.methods.silhouette(model, frame, options)
  local data, names, scaled = model:predict(frame), {}, {}
  local centre, spread = model.scale:column "centre", model.scale:column "spread"
  for i, name in ipairs(model.scale:column "input") do
    names[i] = name
    local quoted = "`" .. name:gsub("`", "``") .. "`"
    scaled[i] = ("%s = (cast(%s as real) - %.17g) / %.17g"):format(quoted, quoted, centre[i], spread[i])
  end
  local given = { columns = names }
  for name, value in pairs(options or {}) do given[name] = value end
  local binder = require "moonsift.ffi.binder"
  return (binder.call("silhouette", { data:with_columns(unpack(scaled)) }, given):sort "cluster")
end

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
