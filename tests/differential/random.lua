-- Random numbers for tests: the same for a seed on every machine (Park and Miller's generator).
local M = {}

function M.new(seed)
  local state = seed % 2147483646 + 1
  local random = {}
  --- A whole number 1 … n.
  function random.below(n)
    state = (state * 16807) % 2147483647
    return state % n + 1
  end
  --- One of a list.
  function random.pick(list)
    return list[random.below(#list)]
  end
  --- True in `percent` of 100 cases.
  function random.chance(percent)
    return random.below(100) <= percent
  end
  for _ = 1, 5 do random.below(2) end
  return random
end

return M
