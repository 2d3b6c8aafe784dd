-- A history that is there for a while: a database in a temporary file.
local databases = require "moonsift.database"

--- Calls the function with an open database that is gone afterwards; gives what it gives.
return function(work)
  local path = os.tmpname()
  os.remove(path)
  local history = databases.open(path, { write = true, create = true })
  local fine, result = pcall(work, history)
  history:close()
  for _, suffix in ipairs { "", "-wal", "-shm", "-journal" } do os.remove(path .. suffix) end
  if not fine then error(result, 0) end
  return result
end
