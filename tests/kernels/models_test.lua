-- What holds for every learner: saved and loaded it says the same, threads do not matter, and rows that are unlike
-- those it was made of are refused clearly or dealt with.
local ms = require "moonsift"
local test = require "moonsift.test"

-- 4,000 rows: two numbers, a text, a boolean; targets of all kinds.
local function people(n, infinite)
  math.randomseed(11)
  local age, spent, city, vip, gone, count, months = {}, {}, {}, {}, {}, {}, {}
  for i = 1, n or 4000 do
    age[i], spent[i] = math.random(18, 80), math.random() * 100
    city[i] = ({ "Rome", "上海", "O'Hara \"x\"" })[math.random(3)]
    vip[i] = math.random() < 0.3
    local odds = (age[i] - 50) / 15 + (city[i] == "Rome" and 1 or 0) + math.random() * 2 - 1
    gone[i] = odds > 0.3 and "left" or "here"
    count[i] = math.floor(math.random() * (2 + age[i] / 20))
    months[i] = 1 + age[i] / 10 + math.random()
  end
  if infinite then spent[7] = 1 / 0 end
  return ms.frame { { "age", age }, { "spent", spent }, { "city", city }, { "vip", vip }, { "gone", gone },
    { "count", count }, { "months", months } }
end

local all, numbers = { "age", "spent", "city", "vip" }, { "age", "spent" }
local learners = {
  { "bayes", { target = "gone" } }, { "tree", { target = "gone", missing = "surrogate" } },
  { "tree", { target = "months" } }, { "forest", { target = "gone", trees = 8 } },
  { "forest", { target = "months", trees = 8 } }, { "boost", { target = "gone", trees = 8 } },
  { "boost", { target = "count", objective = "poisson", trees = 8 } }, { "linear", { target = "months" } },
  { "logistic", { target = "gone" } }, { "glm", { target = "count", family = "poisson" } },
  { "elastic_net", { target = "gone", lambda = 0.01 } }, { "neural", { target = "gone", size = 2, iterations = 5 } },
  { "scorecard", { target = "gone" } }, { "kmeans", { k = 3 }, numbers = true },
  { "mixture", { k = 2 }, numbers = true }, { "pca", {}, numbers = true }, { "kprototypes", { k = 3, starts = 1 } },
}

local large = people(70000) -- more than a morsel

local function options_of(learner, columns)
  local made = { columns = columns or (learner.numbers and numbers or all) }
  for name, value in pairs(learner[2]) do made[name] = value end
  return made
end

local function learn(learner, frame, columns) return ms[learner[1]](frame, options_of(learner, columns)) end
local function shown(model, frame) return model:predict(frame):show { rows = 50, digits = 17 } end
local function name_of(learner) return learner[1] .. " of " .. tostring(learner[2].target) end

test("every learner there is stands in this file", function()
  local here = { hclust = true, choose_k = true } -- the one cuts its own rows (hclust_test), the other is no model
  for _, learner in ipairs(learners) do here[learner[1]] = true end
  for name, kernel in pairs(require("moonsift.ffi.binder").by_name) do
    if kernel.parts then test.check(here[name], name .. " is not tested here") end
  end
end)

for _, learner in ipairs(learners) do
  test(name_of(learner) .. ": saved and loaded it predicts and prints the same", function()
    local frame = people()
    local model = learn(learner, frame)
    local db = ms.open(":memory:", { write = true })
    model:save(db, "kept")
    local again = ms.load(db, "kept")
    test.equal(tostring(again), tostring(model))
    test.equal(shown(again, frame:head(50)), shown(model, frame:head(50)))
  end)

  test(name_of(learner) .. ": one thread and two give the same bits", function()
    local frame, threads = large, ms.threads()
    local small = frame:head(50)
    ms.threads(1)
    local one = shown(learn(learner, frame), small)
    ms.threads(2)
    local two = shown(learn(learner, frame), small)
    ms.threads(threads)
    test.equal(two, one)
  end)

  test(name_of(learner) .. ": wrong rows are refused by name", function()
    local frame = people(400)
    test.raises(function() learn(learner, frame:head(0)) end, "row")
    test.raises(function() learn(learner, people(400, true)) end, "spent")
    test.raises(function() learn(learner, frame, { "age", "heigth" }) end, "heigth")
    local model = learn(learner, frame)
    test.raises(function() model:predict(frame:drop "age") end, "age")
    test.raises(function() model:predict(frame:with_columns "age = 'old'") end, "age")
    test.equal(model:predict(frame:head(0)):nrow(), 0)
    if learner[2].target == "gone" then
      test.raises(function() learn(learner, frame:filter "gone == 'here'") end, "class")
    end
  end)

  test(name_of(learner) .. ": unseen levels, missing values and constant columns are dealt with", function()
    local frame = people(400)
    local model = learn(learner, frame)
    local odd = frame:head(3):drop("city", "age"):with_columns("city = 'Atlantis'", "age = if(spent < 0, 1, null)")
    test.equal(model:predict(odd):nrow(), 3)
    local constant = frame:with_columns "spent = 5.0"
    local fine, problem = pcall(learn, learner, constant)
    test.check(fine or tostring(problem):find "spent", tostring(problem))
    if fine then test.equal(learn(learner, constant):predict(constant):nrow(), 400) end
  end)
end
