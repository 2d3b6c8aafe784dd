-- What help says about rename.
return {
  name = "rename",
  text = [[
Gives columns new names; order and values stay. In Lua the names are a table, { old = "new" }.
]],
  columns = { { "all columns", "of the frame, under their new names" } },
  examples = {
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(table.concat(orders:rename({ amount = "revenue" }):names(), " "))
]=],
      output = [[
id customer revenue
]],
    },
  },
}
