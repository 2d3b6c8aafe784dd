-- Stability of clusters: whether they come again in other rows of the same kind.
local errors = require "moonsift.errors"
local fits = require "moonsift.model.fit"
local frames = require "moonsift.ffi.frame"
local models = require "moonsift.model"
local verbs = require "moonsift.frame"

local M = {}

local known = { fit = 1, options = 1, samples = 1, seed = 1 }

local function fail(message, hint)
  errors.raise {
    code = "E-ARGUMENT", verb = "cluster_stability", message = "cluster_stability: " .. message, hint = hint,
  }
end

-- The cluster of each row beside its number: `#row`, `name`.
local function labelled(fit, rows, name)
  local made = fit(rows:drop "#row")
  local found = models.is(made) and made:predict(rows:drop "#row") or frames.of(made)
  local there = false
  for _, column in ipairs(found and found:names() or {}) do there = there or column == "cluster" end
  if not there then fail("fit gives neither a model of clusters nor a frame with a column 'cluster'") end
  if found:nrow() ~= rows:nrow() then
    fail(("fit gives %d rows of %d; a cluster for each row is wanted"):format(found:nrow(), rows:nrow()))
  end
  return rows:row_index "#at":select("`#row`", "`#at`")
    :join(found:row_index "#at":select("`#at`", ("`%s` = cluster"):format(name)), { on = "#at" })
    :filter(("`%s` is not null"):format(name)):drop "#at"
end

-- Of each cluster of `first` that the sample holds the most alike one of `second`: cluster, alike.
local function compared(first, second)
  return first:join(second, { on = "#row" }):group_by("first", "second"):agg "both = count()"
    :with_columns("one = sum(both) over (partition by first)", "other = sum(both) over (partition by second)")
    :group_by("cluster = first"):agg "alike = max(both / (one + other - both))"
end

--- How stable clusters are under the bootstrap (Hennig 2007, Cluster-wise assessment of cluster stability): the rows
-- are drawn anew `samples` (100) times, with replacement, each drawn row counting once; the sample is clustered, and
-- each cluster is compared with the most alike one of the sample by Jaccard's index (rows in both over rows in
-- either, of the rows drawn). `fit` is a function that clusters a frame (a model, or a frame with the column
-- cluster), or the name of a learner with its `options`; `seed` is 1. Gives a frame: cluster, size, stability (the
-- mean index), recovered (the share of samples with at least 0.75), dissolved (at most 0.5). Hennig's reading: below
-- 0.6 do not trust it, from 0.75 it is a cluster, from 0.85 a very stable one. A stable cluster need not mean
-- anything.
-- print(ms.cluster_stability(customers, { fit = "kmeans", options = { k = 4, scale = "standard" } }))
function M.cluster_stability(frame, given)
  frame = frames.of(frame)
  if not frame then fail("the first argument is no frame", "ms.cluster_stability(customers, { fit = \"kmeans\" })") end
  if type(given) ~= "table" then fail "a table of options is missing" end
  for name in pairs(given) do
    if not known[name] then fail(("unknown option '%s'"):format(tostring(name))) end
  end
  local fit = fits.of(given.fit, given.options or {}, fail, "function(sample) return ms.kmeans(sample, { k = 4 }) end")
  local samples, seed = given.samples or 100, given.seed or 1
  if type(samples) ~= "number" or samples < 1 or samples % 1 ~= 0 then
    fail(("samples is %s; a whole number from 1 wanted"):format(tostring(samples)))
  end
  if type(seed) ~= "number" or seed % 1 ~= 0 or math.abs(seed) > 1e9 then
    fail(("seed is %s; a whole number wanted"):format(tostring(seed)))
  end
  local rows = frame:row_index "#row"
  local first, parts = labelled(fit, rows, "first"), {}
  for sample = 1, samples do
    local drawn = rows:select("`#row` = hash(`#row`, @salt) % @rows + @least", {
      salt = seed * 1000003 + sample, rows = frame:nrow(), least = rows:row(1)["#row"],
    }):unique "#row"
    local part = rows:join(drawn, { on = "#row", how = "semi" })
    local fine, second = pcall(labelled, fit, part, "second")
    if not fine then
      if type(second) ~= "table" or second.code ~= "E-DATA" then error(second, 0) end
      fail(("sample %d, %d of the %d rows, cannot be clustered: %s"):format(sample, part:nrow(), rows:nrow(),
        second.message), "more rows, or fewer clusters")
    end
    parts[sample] = compared(first, second)
  end
  local all = #parts > 1 and verbs.concat(unpack(parts)) or parts[1]
  local figures = all:group_by("cluster"):agg("stability = mean(alike)", "recovered = mean(if(alike >= 0.75, 1, 0))",
    "dissolved = mean(if(alike <= 0.5, 1, 0))")
  return (first:group_by("cluster = first"):agg("size = count()"):join(figures, { on = "cluster", how = "left" })
    :sort "cluster")
end

return M
