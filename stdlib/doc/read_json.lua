-- What help says about read_json.
return {
  name = "read_json",
  text = [[
A frame from JSON: objects one behind the other (JSON lines), or one array of objects. Each name that occurs is a column, in the order in
which they are first seen; an object that lacks it has null there. Types are those that all values of a name have: boolean, integer
(exact to 64 bits), real, date and time (texts in ISO 8601), text. Objects and arrays within an object, and values of mixed types, are kept
as JSON text. A fault is an error that names its line.
]],
  columns = { { "a name each", "of the objects" } },
  examples = {
    {
      code = [[
local path = os.tmpname()
local file = io.open(path, "w")
file:write('{"id": 1, "day": "2024-01-31"}\n{"id": 2, "tags": ["vip", "new"]}\n')
file:close()
print(ms.read_json(path))
os.remove(path)
]],
      output = [[
┌─────────┬────────────┬───────────────┐
│      id │ day        │ tags          │
│ integer │ date       │ text          │
├─────────┼────────────┼───────────────┤
│       1 │ 2024-01-31 │ ∅             │
│       2 │ ∅          │ ["vip","new"] │
└─────────┴────────────┴───────────────┘
 2 rows × 3 columns
]],
    },
  },
}
