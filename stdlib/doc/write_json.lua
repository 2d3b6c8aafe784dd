-- What help says about write_json.
return {
  name = "write_json",
  text = [[
Writes a frame as JSON: an object a line, or with `format = "array"` one array of objects. The file appears whole or not at all. Null is
null, and so are NaN and the infinities, which JSON cannot say; dates and times are texts in ISO 8601, times in UTC. Integers and reals come
back exactly as they were. A path that ends in .gz is packed.
]],
  columns = { { "rows", "written" }, { "bytes", "of the file" } },
  examples = {
    {
      code = [[
local path = os.tmpname()
ms.frame{ { "id", { 1, 2 } }, { "city", { "上海", ms.null } } }:write_json(path)
print(io.open(path):read("*a"))
os.remove(path)
]],
      output = [[
{"id":1,"city":"上海"}
{"id":2,"city":null}

]],
    },
  },
}
