-- Progress of work that consists of many calls: one line for all of it, where the command line shows progress.
local host = require "moonsift.host"

--- Calls work(tell); each tell() is one step done of `total`. Gives what work gives. Work within other work shows none
-- of its own.
return function(what, total, work)
  if not host.work(what, 0, total) then return work(function() end) end
  local done = 0
  local fine, result = pcall(work, function()
    done = done + 1
    host.work(what, done, total)
    return done
  end)
  host.work()
  if not fine then error(result, 0) end
  return result
end
