-- A file whose first record cannot be cut into fields is refused, with its line.
local test = require "moonsift.test"
local ms = require "moonsift"

test("without a header, a broken quote in the first record is an error and no crash", function()
  local path = test.temporary("broken.csv")
  local file = assert(io.open(path, "wb"))
  file:write('{"id":1\n{"id":2\n')
  file:close()
  test.raises(function() ms.read_csv(path, { header = false, delimiter = ":" }) end,
    "line 1: the first record has a broken quote")
end)
