-- What is special about each cluster: its numbers and shares against those of all rows.
local errors = require "moonsift.errors"

local M = {}

local LEVELS_MOST = 50

local function quoted(name) return "`" .. name:gsub("`", "``") .. "`" end

local function words(x)
  if x == math.floor(x) and math.abs(x) < 1e6 then return ("%d"):format(x) end
  return ("%.3g"):format(x)
end

-- A number: its mean in the cluster, and how many deviations of all rows that is away from the mean of all.
local function number_lines(data, column, sizes, lines)
  local name = quoted(column)
  local all = data:group_by():agg("m = mean(" .. name .. ")", "s = std(" .. name .. ")")
  local mean, deviation = all:column("m", false)[1], all:column("s", false)[1]
  if not mean or not deviation or deviation <= 0 then return end
  local of = data:group_by("cluster"):agg("m = mean(" .. name .. ")")
  local clusters, means = of:column("cluster", false), of:column("m", false)
  for i = 1, #clusters do
    if clusters[i] and means[i] and sizes[clusters[i]] then
      local effect = (means[i] - mean) / deviation
      lines[#lines + 1] = {
        cluster = clusters[i], column = column, value = means[i], overall = mean,
        lift = mean ~= 0 and means[i] / mean or nil, effect = effect,
        text = ("%s %s on average, %s over all (%+.1f deviations)"):format(column, words(means[i]), words(mean),
          effect),
      }
    end
  end
end

-- A level of a category: its share in the cluster; the effect is Cohen's h.
local function level_lines(data, column, sizes, lines)
  local name = quoted(column)
  local known = data:filter(name .. " is not null")
  local all = known:group_by(column):agg("n = count()")
  if all:nrow() > LEVELS_MOST or all:nrow() < 2 then return end
  local levels, counts, total, share = all:column(column), all:column "n", known:nrow(), {}
  for i = 1, #levels do share[levels[i]] = counts[i] / total end
  local within, inside = {}, known:group_by("cluster"):agg("n = count()")
  for row in inside:rows() do if row.cluster then within[row.cluster] = row.n end end
  local of, found = known:group_by("cluster", column):agg("n = count()"), {}
  local clusters, values, numbers = of:column("cluster", false), of:column(column), of:column "n"
  for i = 1, #clusters do
    if clusters[i] then
      found[clusters[i]] = found[clusters[i]] or {}
      found[clusters[i]][values[i]] = numbers[i] / within[clusters[i]]
    end
  end
  for _, cluster in ipairs(sizes.order) do
    for _, level in ipairs(levels) do
      local here = found[cluster] and found[cluster][level] or 0
      if within[cluster] then
        lines[#lines + 1] = {
          cluster = cluster, column = column, level = tostring(level), value = here, overall = share[level],
          lift = here / share[level],
          effect = 2 * math.asin(math.sqrt(here)) - 2 * math.asin(math.sqrt(share[level])),
          text = ("%s is %s: %.0f %%, %.0f %% over all (%.1f times)"):format(column, tostring(level), 100 * here,
            100 * share[level], here / share[level]),
        }
      end
    end
  end
end

local function sizes_of(data)
  local sizes = { order = {} }
  for row in data:group_by("cluster"):agg("n = count()"):sort("cluster"):rows() do
    if row.cluster then
      sizes[row.cluster] = row.n
      sizes.order[#sizes.order + 1] = row.cluster
    end
  end
  return sizes
end

local function frame_of(lines)
  local ms, null = require "moonsift", require "moonsift.null"
  local columns = {}
  for _, name in ipairs { "cluster", "column", "level", "value", "overall", "lift", "effect" } do
    local values = {}
    for i, line in ipairs(lines) do values[i] = line[name] == nil and null or line[name] end
    columns[#columns + 1] = { name, values }
  end
  return ms.frame(columns)
end

-- The strongest lines of each cluster as text.
local function text_of(lines, sizes, rows, shown)
  local out = {}
  for _, cluster in ipairs(sizes.order) do
    out[#out + 1] = ("cluster %s: %d of %d rows, %.0f %%"):format(tostring(cluster), sizes[cluster], rows,
      100 * sizes[cluster] / rows)
    local count = 0
    for _, line in ipairs(lines) do
      if line.cluster == cluster and count < shown and math.abs(line.effect) >= 0.2 then
        out[#out + 1], count = "  " .. line.text, count + 1
      end
    end
    if count == 0 then out[#out + 1] = "  much like all rows" end
  end
  return table.concat(out, "\n")
end

-- Whether a column numbers the rows: an integer that is another one in each.
local function is_key(data, column, kind)
  return kind == "integer" and data:nrow() >= 20 and data:unique(column):nrow() == data:nrow()
end

--- What is over- and under-represented in each cluster of a frame that has a column `cluster`. Unless given.columns
-- names them, integers that number the rows are left out.
function M.profile(data, given)
  given = given or {}
  for name in pairs(given) do
    if name ~= "columns" and name ~= "shown" then
      errors.raise { code = "E-OPTION-UNKNOWN", verb = "profile",
        message = ("profile: there is no option '%s'"):format(tostring(name)), hint = "options are columns, shown" }
    end
  end
  local types, lines, sizes = {}, {}, sizes_of(data)
  for _, column in ipairs(data:schema()) do types[column.name] = column.type end
  for _, column in ipairs(given.columns or data:names()) do
    if not types[column] then
      errors.raise {
        code = "E-COL-UNKNOWN", verb = "profile", message = ("profile: unknown column '%s'"):format(column),
      }
    end
    local told = given.columns or not is_key(data, column, types[column])
    if column ~= "cluster" and told then
      if types[column] == "integer" or types[column] == "real" then
        number_lines(data, column, sizes, lines)
      elseif types[column] == "text" or types[column] == "boolean" then
        level_lines(data, column, sizes, lines)
      end
    end
  end
  -- Rounded, so that effects of one size stay in order whatever the last digit is.
  for i, line in ipairs(lines) do line.at, line.size = i, math.floor(math.abs(line.effect) * 1e9 + 0.5) end
  local rank = {}
  for i, cluster in ipairs(sizes.order) do rank[cluster] = i end
  table.sort(lines, function(a, b)
    if a.cluster ~= b.cluster then return rank[a.cluster] < rank[b.cluster] end
    if a.size ~= b.size then return a.size > b.size end
    return a.at < b.at
  end)
  return frame_of(lines), text_of(lines, sizes, data:nrow(), given.shown or 5)
end

return M
