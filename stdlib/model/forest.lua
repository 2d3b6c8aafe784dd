-- Random forests: how they print.
local M = { methods = {} }

--- How much each input was used: the part `importance`, the most important first.
-- print(model:ranking())
function M.methods.ranking(model)
  return model.parts.importance:sort "-impurity"
end

local function shorten(text, width)
  return #text <= width and text or text:sub(1, width - 1) .. "…"
end

function M.show(model)
  local target = model:inputs_of("target")[1]
  local classes = #target.levels > 0
  local lines = {
    ("random forest of %s, learned from %d rows%s"):format(target.name, model:fact "rows",
      #target.levels == 2 and ("; the event is %s"):format(target.levels[2]) or ""),
    ("%d trees, %d nodes; %d columns tried at a split, %d rows at least in a leaf"):format(model:fact "trees",
      model.parts.trees:nrow(), model:fact "mtry", model:fact "min_leaf"),
  }
  local error = model:fact "out_of_bag_error"
  if error and classes then
    lines[3] = ("out of bag: %.2f %% of %d rows in the wrong class"):format(error * 100, model:fact "out_of_bag_rows")
  elseif error then
    lines[3] = ("out of bag: root mean squared error %.5g, R² %.4f, on %d rows"):format(math.sqrt(error),
      model:fact "out_of_bag_r_squared" or 0, model:fact "out_of_bag_rows")
  end
  local ranked = M.methods.ranking(model)
  local names, falls, splits = ranked:column "input", ranked:column "impurity", ranked:column "splits"
  local worse, total = ranked:column("permutation", false), 0
  for i = 1, #falls do total = total + falls[i] end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "input                    impurity   splits" .. (worse[1] and "  shuffled" or "")
  for i = 1, math.min(10, #names) do
    local share = total > 0 and falls[i] / total or 0
    lines[#lines + 1] = (("%-24s %6.1f %% %8d%s  %s"):format(shorten(names[i], 24), share * 100, splits[i],
      worse[i] and ("  %8.4f"):format(worse[i]) or "", ("█"):rep(math.floor(share * 24 + 0.5)))):gsub("%s+$", "")
  end
  if #names > 10 then lines[#lines + 1] = ("and %d more: model:ranking()"):format(#names - 10) end
  return table.concat(lines, "\n")
end

return M
