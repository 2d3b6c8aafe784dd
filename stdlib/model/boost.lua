-- Boosted trees: how they print, what matters in them.
local binder = require "moonsift.ffi.binder"
local build = require "moonsift.ffi.build"
local ensemble_written = require "moonsift.model.ensemble_written"
local errors = require "moonsift.errors"
local frames = require "moonsift.ffi.frame"

local M = { methods = {} }

local function shorten(text, width)
  return #text <= width and text or text:sub(1, width - 1) .. "…"
end

local function bar(share, width)
  return ("█"):rep(math.floor(share * width + 0.5))
end

--- How much each input was used: the gain of all splits on it, its share, and their number; the most important first.
-- print(model:importance())
function M.methods.importance(model)
  local trees = model.parts.trees
  local inputs, gains = trees:column("input", false), trees:column("gain", 0)
  local names, gain, splits, total = {}, {}, {}, 0
  for _, input in ipairs(model:inputs_of "input") do
    names[#names + 1] = input.name
    gain[input.name], splits[input.name] = 0, 0
  end
  for i = 1, #inputs do
    local name = inputs[i]
    if name then
      gain[name] = gain[name] + gains[i]
      splits[name] = splits[name] + 1
      total = total + gains[i]
    end
  end
  local place = {}
  for i, name in ipairs(names) do place[name] = i end
  table.sort(names, function(a, b)
    if gain[a] ~= gain[b] then return gain[a] > gain[b] end
    return place[a] < place[b]
  end)
  local columns = { {}, {}, {}, {} }
  for i, name in ipairs(names) do
    columns[1][i], columns[2][i] = name, gain[name]
    columns[3][i], columns[4][i] = total > 0 and gain[name] / total or 0, splits[name]
  end
  return build.frame {
    { "input", columns[1] }, { "gain", columns[2] }, { "share", columns[3] }, { "splits", columns[4] },
  }
end

local function call(kernel, model, verb, frame, options)
  local inputs = { frames.of(frame) }
  if not inputs[1] then
    errors.raise {
      code = "E-ARGUMENT", verb = verb,
      message = ("%s: got %s where a frame is wanted"):format(verb, frame == nil and "nil" or "a " .. type(frame)),
    }
  end
  for _, name in ipairs(model.order) do inputs[#inputs + 1] = model.parts[name] end
  return (binder.call(kernel, inputs, options))
end

--- What each input adds to the prediction of each row (to the margin: log odds, a number, the logarithm of a count or
-- hazard): a column an input, and `base`. They add up to the prediction with margin = true. With more than two classes
-- `class` names one.
-- print(model:contributions(customers))
function M.methods.contributions(model, frame, options)
  return call("boost_contributions", model, "contributions", frame, options)
end

--- The frame with its predictions and the reasons for them: columns reason_1 … reason_top (3), the largest
-- contributions first, as "tenure = 2 (+0.53)": the input, its value, and what that adds to the margin.
-- print(model:reasons(customers, { top = 2 }))
function M.methods.reasons(model, frame, options)
  return call("boost_reasons", model, "reasons", frame, options)
end

--- The model as Lua source: a chunk that returns a function of a row (a table by column), which gives the prediction
-- and, of classes, its probability; the same bits as predict.
-- local score = assert(loadstring(model:to_lua()))()
function M.methods.to_lua(model) return ensemble_written.lua(model) end

--- The model as an expression of SQL: the prediction, or of two classes the event's probability (value = "prediction":
-- the class); of more, `class` names one. value = "margin": what the trees add up to, which needs no exp().
-- print(model:to_sql())
function M.methods.to_sql(model, options) return ensemble_written.sql(model, options) end

local function head(model)
  local target = model:inputs_of("target")[1]
  local lines = { ("boosted trees: %s of %s, learned from %d rows"):format(model:fact "objective", target.name,
    model:fact "rows") }
  if #target.levels == 2 then lines[1] = lines[1] .. ("; the event is %s"):format(target.levels[2]) end
  local trees = model:fact "trees"
  lines[2] = ("%d tree%s, %d nodes, learning rate %g"):format(trees, trees == 1 and "" or "s",
    model.parts.trees:nrow(), model:fact "learning_rate")
  if model:fact "held_out" > 0 then
    lines[2] = lines[2] .. ("; %d rows held out"):format(model:fact "held_out")
  end
  return lines
end

-- At most ten lines of the rounds, the last one (the best where learning was stopped early) among them.
local function rounds(model, lines)
  local part, kept = model.parts.rounds, model:fact "rounds"
  local round, learned, held = part:column "round", part:column("learned", false), part:column("held_out", false)
  local wanted, chosen = {}, {}
  for i = 1, #round do
    if round[i] == kept or learned[i] then chosen[#chosen + 1] = i end
  end
  local each = math.ceil(#chosen / 10)
  for k, i in ipairs(chosen) do
    if (#chosen - k) % each == 0 or round[i] == kept then wanted[#wanted + 1] = i end
  end
  local any = model:fact "held_out" > 0
  lines[#lines + 1] = ""
  lines[#lines + 1] = ("round   %s%s"):format(model:fact "measure", any and ": learned from, held out" or "")
  for _, i in ipairs(wanted) do
    local function cell(x) return x and ("%12.5f"):format(x) or (" "):rep(12) end
    lines[#lines + 1] = (("%5d%s%s%s"):format(round[i], cell(learned[i]), any and cell(held[i]) or "",
      round[i] == kept and any and "  *" or "")):gsub("%s+$", "")
  end
end

function M.show(model)
  local lines = head(model)
  rounds(model, lines)
  local importance = M.methods.importance(model)
  local names, shares, splits = importance:column "input", importance:column "share", importance:column "splits"
  lines[#lines + 1] = ""
  lines[#lines + 1] = "input                       gain   splits"
  for i = 1, math.min(10, #names) do
    lines[#lines + 1] = (("%-24s %5.1f %% %7d  %s"):format(shorten(names[i], 24), shares[i] * 100, splits[i],
      bar(shares[i], 36))):gsub("%s+$", "")
  end
  if #names > 10 then lines[#lines + 1] = ("and %d more: model:importance()"):format(#names - 10) end
  return table.concat(lines, "\n")
end

return M
