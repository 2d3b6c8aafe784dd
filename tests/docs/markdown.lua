-- Reads the examples out of documents: the ```lua blocks, and the ```text block that shows their output.
local M = {}

--- The blocks of a Markdown text, in order: { info, line (of the first line of content), text }.
function M.blocks(text)
  local blocks, open, number = {}, nil, 0
  for line in (text .. "\n"):gmatch("(.-)\r?\n") do
    number = number + 1
    if open then
      if line:find("^%s*```%s*$") then
        open.text = table.concat(open.lines, "\n") .. (#open.lines > 0 and "\n" or "")
        blocks[#blocks + 1] = open
        open = nil
      else
        open.lines[#open.lines + 1] = line
      end
    else
      local info = line:match("^```(.*)$")
      if info then open = { info = info:match("^%s*(.-)%s*$"), line = number + 1, lines = {} } end
    end
  end
  return blocks, open and open.line
end

--- The examples: each ```lua block that runs, with `output`, the ```text block right behind it, if one is
-- there. "lua no-run" is skipped; of "lua error" the raised message is the output.
function M.examples(text)
  local examples = {}
  local blocks, unclosed = M.blocks(text)
  for i, block in ipairs(blocks) do
    if block.info == "lua" or block.info == "lua error" then
      local next_block = blocks[i + 1]
      local shown = next_block and next_block.info == "text"
      examples[#examples + 1] = {
        line = block.line, lines = block.lines, raises = block.info == "lua error",
        output = shown and next_block.text or nil,
      }
    end
  end
  return examples, unclosed
end

--- The steps of a page for the command line, in order: a block "lua file NAME" (or of another language) is a file that
-- the reader writes: { file =, text = }; a block "sh run" is typed: { text =, status =, output = }, where "sh run 1"
-- ends with status 1, and output is the ```text block right behind it, if one is there.
function M.steps(text)
  local steps, blocks = {}, M.blocks(text)
  for i, block in ipairs(blocks) do
    local file, status = block.info:match "^%w+ file (%S+)$", block.info:match "^sh run ?(%d*)$"
    local next_block = blocks[i + 1]
    local shown = next_block and next_block.info == "text"
    if file then steps[#steps + 1] = { line = block.line, file = file, text = block.text } end
    if status then
      steps[#steps + 1] = {
        line = block.line, text = block.text, status = tonumber(status) or 0, output = shown and next_block.text or nil,
      }
    end
  end
  return steps
end

local mark = "\1"

--- One script of all examples, so that locals live on, each on the lines where it stands in the document.
-- What it prints is cut by marks: see M.outputs.
function M.script(examples)
  local lines, at = {}, 1
  for _, example in ipairs(examples) do
    while at < example.line do
      lines[#lines + 1] = ""
      at = at + 1
    end
    local first = #lines + 1
    for _, line in ipairs(example.lines) do lines[#lines + 1] = line end
    at = at + #example.lines
    local before, after = ('io.write("%s") '):format("\\1"), ""
    if example.raises then
      before = before .. "do local fine_, problem_ = pcall(function() "
      after = " end) assert(not fine_, \"no error was raised\") print(problem_) end"
    end
    lines[first] = before .. (lines[first] or "")
    lines[math.max(first, #lines)] = lines[math.max(first, #lines)] .. after
  end
  return table.concat(lines, "\n") .. "\n"
end

--- The output of each example, from what the script printed.
function M.outputs(printed)
  local outputs = {}
  for part in printed:gmatch(mark .. "([^" .. mark .. "]*)") do outputs[#outputs + 1] = part end
  return outputs
end

return M
