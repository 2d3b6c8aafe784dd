-- What models of clusters share: how they print, and their methods.
local M = {}

M.methods = {}

--- The frame with the cluster of each row and nothing else that predict adds.
function M.with_cluster(model, frame, options)
  local plain = {}
  for _, name in ipairs(frame:names()) do
    if name ~= "cluster" then plain[#plain + 1] = "`" .. name:gsub("`", "``") .. "`" end
  end
  local found = model:predict(frame, options):row_index "#row":select("`#row`", "cluster")
  return frame:select(unpack(plain)):row_index "#row":join(found, { on = "#row" }):drop "#row"
end

--- The frame with the cluster of each row: the same as predict.
-- print(model:assign(customers))
function M.methods.assign(model, frame, options) return model:predict(frame, options) end

--- What is over- and under-represented in each cluster against all rows: a frame (cluster, column, level, value,
-- overall, lift, effect; the largest effects first) and a text to read. A number's value is its mean, and its effect
-- how many deviations that is away from the mean of all; a level's value is its share, and its effect Cohen's h.
-- Options: columns (all of the frame but integers that number its rows), shown (lines a cluster in the text, 5; of
-- effects of at least 0.2).
-- print(select(2, model:profile(customers)))
function M.methods.profile(model, frame, options)
  return require("moonsift.model.profile").profile(M.with_cluster(model, frame), options)
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

-- The new number of each cluster: pairs of an old and a new one by the rows they share, the most first; who finds no
-- partner gets a number of its own.
local function new_numbers(model, old, frame)
  local function labels(of, name)
    return of:predict(frame):row_index "#row":select("`#row`", name .. " = cluster"):filter(name .. " is not null")
  end
  local shared = labels(model, "now"):join(labels(old, "was"), { on = "#row" }):group_by("now", "was")
    :agg "rows = count()":sort("-rows", "was", "now")
  local number, taken, last = {}, {}, 0
  for row in shared:rows() do
    local now, was = tonumber(row.now), tonumber(row.was)
    if not number[now] and not taken[was] then number[now], taken[was] = was, true end
  end
  for _, was in ipairs(old.parts[old.order[1]]:column "cluster") do last = math.max(last, tonumber(was)) end
  for _, now in ipairs(model.parts[model.order[1]]:column "cluster") do
    now = tonumber(now)
    if not number[now] then last, number[now] = last + 1, last + 1 end
  end
  return number
end

--- The same model with the numbers of an older one: the clusters of both are paired by the rows of a frame that they
-- share, so that customers of "cluster 2" stay in "cluster 2"; a cluster without a partner gets a new number.
-- local model = ms.mixture(customers, { k = 4 }):matched(last_month, customers)
function M.methods.matched(model, old, frame)
  local models = require "moonsift.model"
  if not models.is(old) then
    require("moonsift.errors").raise {
      code = "E-ARGUMENT", verb = "matched",
      message = ("matched: got a %s where an older model is wanted"):format(type(old)),
      hint = "model:matched(old, customers)",
    }
  end
  local cases, parts = {}, {}
  for now, was in pairs(new_numbers(model, old, frame)) do cases[#cases + 1] = ("when %d then %d"):format(now, was) end
  table.sort(cases) -- pairs has no order of its own
  for i, name in ipairs(model.order) do
    parts[i] = model.parts[name]
    for _, column in ipairs(parts[i]:names()) do
      if column == "cluster" then
        parts[i] = parts[i]:with_columns("cluster = case cluster " .. table.concat(cases, " ") .. " end"):sort "cluster"
      end
    end
  end
  return models.new(model.kind, table.concat(model.order, " "), unpack(parts))
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
