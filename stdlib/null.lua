-- ms.null: the absent value where nil cannot stand, such as in lists and options.
return setmetatable({}, {
  __tostring = function() return "null" end,
  __newindex = function() error("ms.null cannot be changed", 2) end,
  __metatable = false,
})
