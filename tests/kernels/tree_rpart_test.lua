-- tree: splits, surrogates, complexity, cross-validation and importance, equal to R rpart to ten digits.
--
-- tests/golden/tree-rpart.txt was written by R 4.2.2, rpart 4.1.19, LC_ALL=C. x$a[i %% n == 0] <- NA makes the holes
-- that `holes` makes here, where i counts rows from 1; xval = (i - 1) %% 10 + 1. The calls:
--   telco: holes in tenure 11, MonthlyCharges 7, Contract 13, InternetService 5;
--     rpart(Churn ~ . - customerID, cp = .007, maxcompete = 2)
--   costs: of the same, with weights = 1 + i %% 3, xval = 0, maxcompete = 0,
--     rpart(Churn ~ tenure + MonthlyCharges + Contract + InternetService + PaymentMethod,
--       parms = list(prior = c(.6, .4), loss = matrix(c(0, 3, 1, 0), 2)))
--   mall: holes in Age 9; rpart(Spending_Score ~ Genre + Age + Annual_Income, cp = .03, maxcompete = 2)
--   of the first 20,000 rows of Hillstrom, holes in recency 8, zip_code 6, maxcompete = 0:
--   channel: channel ~ recency + history + history_segment + mens + womens + zip_code + newbie, cp = .0022
--   history: weights = 1 + (i %% 4) / 2, cp = .004,
--     history ~ recency + mens + womens + zip_code + newbie + channel + segment
-- Written are frame, then splits (primary, surrogates, competitors) with count, improve, adj and cut, cptable, and
-- variable.importance. Of a split "<" is rpart's ncat -1, ">" 1. Where equal weights go to either side, a row without a
-- value stays in rpart's node, and goes left here: that does not happen in these trees. With a loss that is not
-- symmetric rpart's xerror reads the matrix the other way round, so that the costs are without folds.
local ms = require "moonsift"
local test = require "moonsift.test"

local function text(x) return ("%.11g"):format(x) end

local function written(m)
  local lines, inputs, splits = {}, m:inputs_of "input", {}
  local function add(...) lines[#lines + 1] = (...):format(select(2, ...)) end
  for r in m.splits:rows() do
    splits[r.node] = splits[r.node] or {}
    table.insert(splits[r.node], r)
  end
  for r in m.nodes:rows() do
    add("node %d rows %d weight %s risk %s prediction %s complexity %s", r.node, r.rows, text(r.weight), text(r.risk),
      text(r.prediction), r.complexity and text(r.complexity) or "-")
    for _, s in ipairs(r.complexity and splits[r.node] or {}) do
      add("%s %s %d %s %s %s", s.kind, inputs[s.input].name, s.rows, text(s.improvement),
        s.adjusted and text(s.adjusted) or "-", s.sides or (s.swapped == 0 and "<" or ">") .. text(s.cut))
    end
  end
  for r in m.cp:rows() do
    add("cp %s %s %s%s", text(r.cp), text(r.splits), text(r.error),
      r.xerror and (" %s %s"):format(text(r.xerror), text(r.xstd)) or "")
  end
  for r in m:importance():rows() do add("importance %s %s", r.input, text(r.importance)) end
  return lines
end

local function golden(part)
  local file, lines, inside = assert(io.open "tests/golden/tree-rpart.txt"), {}, false
  for line in file:lines() do
    if line:sub(1, 2) == "==" then
      inside = line == "== " .. part
    elseif inside then
      lines[#lines + 1] = line:match "^%s*(.-)%s*$"
    end
  end
  file:close()
  return lines
end

-- Importances that are equal but for rounding have no order: by name.
local function by_name(lines)
  local first = 1
  while not lines[first]:match "^importance" do first = first + 1 end
  local names = {}
  for i = first, #lines do names[#names + 1] = lines[i] end
  table.sort(names)
  for i = first, #lines do lines[i] = names[i - first + 1] end
  return lines
end

-- Word by word; numbers to a part in 1e9.
local function check(part, model)
  local want, got = by_name(golden(part)), by_name(written(model))
  test.equal(#got, #want)
  for i, line in ipairs(want) do
    local words = line:gmatch "%S+"
    for word in got[i]:gmatch "%S+" do
      local other = words()
      local a, b = tonumber((word:gsub("^[<>]", ""))), tonumber(((other or ""):gsub("^[<>]", "")))
      local same = word == other or (a and b and math.abs(a - b) <= 1e-9 * math.max(math.abs(a), 1e-3) and
        word:match "^[<>]?" == other:match "^[<>]?")
      test.check(same, ("%s:\n  got  %s\n  want %s"):format(part, got[i], line))
    end
  end
end

local function holes(f, name, every)
  return f:with_columns(("`%s` = case when i %% %d == 0 then null else `%s` end"):format(name, every, name))
end

local function telco()
  local f = ms.read_csv(test.data "telco-churn/Telco-Customer-Churn.csv"):drop("customerID"):row_index("i")
  f = holes(holes(holes(holes(f, "tenure", 11), "MonthlyCharges", 7), "Contract", 13), "InternetService", 5)
  return f:with_columns("fold = (i - 1) % 10", "w = 1 + i % 3"):drop "i"
end

test("Telco with holes: surrogates and competitors are rpart's, and so are the folds", function()
  check("telco", ms.tree(telco():drop "w", { target = "Churn", cp = 0.007, maxcompete = 2, fold = "fold" }))
end)

test("priors, losses and weights are rpart's", function()
  -- Costs of a row are those of a true class: 1 for saying Yes of No, 3 for saying No of Yes.
  check("costs", ms.tree(telco(), { target = "Churn", weights = "w", prior = { 0.6, 0.4 }, loss = { 0, 1, 3, 0 },
    columns = { "tenure", "MonthlyCharges", "Contract", "InternetService", "PaymentMethod" } }))
end)

test("mall customers: a regression with holes is rpart's", function()
  local f = ms.read_csv(test.data "mall-customers/Mall_Customers.csv"):row_index "i"
  f = holes(f, "Age", 9):with_columns "fold = (i - 1) % 10"
  check("mall", ms.tree(f, { target = "Spending_Score", columns = { "Genre", "Age", "Annual_Income" }, cp = 0.03,
    maxcompete = 2, fold = "fold" }))
end)

test("Hillstrom: three classes, and a weighted regression, are rpart's", function()
  local f = ms.read_csv(test.data "hillstrom/hillstrom.csv.gz"):head(20000):row_index "i"
  f = holes(holes(f, "recency", 8), "zip_code", 6):with_columns("fold = (i - 1) % 10", "w = 1 + (i % 4) / 2")
  check("channel", ms.tree(f, { target = "channel", cp = 0.0022, fold = "fold",
    columns = { "recency", "history", "history_segment", "mens", "womens", "zip_code", "newbie" } }))
  check("history", ms.tree(f, { target = "history", cp = 0.004, fold = "fold", weights = "w",
    columns = { "recency", "mens", "womens", "zip_code", "newbie", "channel", "segment" } }))
end)
