-- What help says about read_csv.
return {
  name = "read_csv",
  text = [[
A frame from a CSV file, and a second frame of the rows that were set aside: their line, the column to blame, their text and the reason.
The second one is nil where there are none.

A column has the narrowest type that all of its fields have: boolean, integer, real, date, time, otherwise text. The whole file is looked
at, so nothing is ever cut or lost to a wrong guess. What looks like a number but would not come back the same stays text: leading zeros
(`00123`), a leading plus, more than 64 bits. An empty field is null, an empty field in quotes is an empty text (null in a column of
numbers). Delimiter, names and encoding (UTF-8, UTF-16, GB18030, Big5, Latin-1) are found out unless they are given; gzip is unpacked.
A date or time is ISO 8601 (`2024-01-31 12:30`) or has slashes (`2024/1/31`); other forms are named by `date_formats`, such as `"%d.%m.%Y"`.
A row with too few or too many fields, a broken quote, or a value that is not of the type in `types` is set aside, unless `on_bad` says
"error" or "null". Bytes that are not text in the encoding are kept as they are, and their row is named in the second frame too.
]],
  columns = {
    { "the file's columns", "or those of `columns`, in that order; one without a name is column_1 and so on" },
  },
  examples = {
    {
      code = [[
local path = os.tmpname()
local file = io.open(path, "w")
file:write("customer,phone,amount,day\n李雷,0138,12.5,2024-01-31\n\"Smith, Ann\",0139,7,\nBob\n")
file:close()
local orders, rejected = ms.read_csv(path)
print(orders)
print(rejected)
os.remove(path)
]],
      output = [[
┌────────────┬───────┬────────┬────────────┐
│ customer   │ phone │ amount │ day        │
│ text       │ text  │   real │ date       │
├────────────┼───────┼────────┼────────────┤
│ 李雷       │ 0138  │   12.5 │ 2024-01-31 │
│ Smith, Ann │ 0139  │    7.0 │ ∅          │
└────────────┴───────┴────────┴────────────┘
 2 rows × 4 columns
┌─────────┬────────┬──────┬───────────────────┐
│    line │ column │ text │ reason            │
│ integer │ text   │ text │ text              │
├─────────┼────────┼──────┼───────────────────┤
│       4 │ ∅      │ Bob  │ 1 field, 4 wanted │
└─────────┴────────┴──────┴───────────────────┘
 1 row × 4 columns
]],
    },
  },
}
