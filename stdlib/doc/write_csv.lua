-- What help says about write_csv.
return {
  name = "write_csv",
  text = [[
Writes a frame to a CSV file. The file appears whole or not at all: it is written beside the old one, which is replaced when all is on the
disk; where anything fails the old file is as it was. Fields are quoted only where they must be; null is an empty field, an empty text is
a pair of quotes. Integers and reals come back exactly as they were. A text that a spreadsheet would run as a formula (it begins with
= + - @) gets a ' in front, unless `escape_formulas` is false. For Excel choose the encoding "utf-8-bom". A path that ends in .gz is packed.
]],
  columns = { { "rows", "written" }, { "bytes", "of the file" } },
  examples = {
    {
      code = [[
local path = os.tmpname()
local offers = ms.frame{ { "customer", { "李雷", "Smith, Ann" } }, { "discount", { 0.1, ms.null } } }
print(offers:write_csv(path))
print(io.open(path):read("*a"))
os.remove(path)
]],
      output = [[
┌─────────┬─────────┐
│    rows │   bytes │
│ integer │ integer │
├─────────┼─────────┤
│       2 │      43 │
└─────────┴─────────┘
 1 row × 2 columns
customer,discount
李雷,0.1
"Smith, Ann",

]],
    },
  },
}
