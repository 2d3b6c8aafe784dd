-- Widths of text on a terminal: how many cells a UTF-8 text takes.
local M = {}

-- Ranges of characters that take two cells (UAX #11, wide and full-width), and none.
local wide = {
  { 0x1100, 0x115F }, { 0x2E80, 0x303E }, { 0x3041, 0xA4CF }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF },
  { 0xFE30, 0xFE6F }, { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1F64F },
  { 0x1F900, 0x1F9FF }, { 0x20000, 0x3FFFD },
}
local none = { { 0x300, 0x36F }, { 0x200B, 0x200F }, { 0xFE00, 0xFE0F } }

local function within(point, ranges)
  for _, range in ipairs(ranges) do
    if point >= range[1] and point <= range[2] then return true end
  end
  return false
end

local function point_of(bytes)
  local first = bytes:byte()
  if first < 0x80 then return first end
  local point = first % (first >= 0xF0 and 8 or first >= 0xE0 and 16 or 32)
  for i = 2, #bytes do point = point * 64 + bytes:byte(i) % 64 end
  return point
end

--- Cells that the text takes; control characters take none.
function M.width(text)
  local cells = 0
  for bytes in text:gmatch "[%z\1-\127\192-\255][\128-\191]*" do
    local point = point_of(bytes)
    if point >= 32 and not within(point, none) then cells = cells + (within(point, wide) and 2 or 1) end
  end
  return cells
end

return M
