-- What help says about hclust.
return {
  name = "hclust",
  text = [[
A tree of clusters: first every row is its own cluster, then the two nearest ones are joined, until one is left. Cut at any
number of clusters, or at a height. How far two clusters are apart is the method: ward (by how much the sum of squares within rises; compact clusters of
like size), average (mean distance of their rows), complete (largest), single (least; follows chains).

At most 20,000 rows (1.6 GB of distances): for more, cluster a sample, or the centres of ms.kmeans with a large k. Missing
values are an error. `scale` as in ms.kmeans. merges and heights are those of R's hclust(dist(x), "ward.D2", "average", "complete", "single"), ties included.

model:cut(frame, { k = 4 }) or { height = 10 } adds the column cluster to the frame that the tree was made of, numbered by
first rows, as R's cutree; model:profile(frame, { k = 4 }) says what is special about each.

Sources: Ward (1963); Lance and Williams (1967); Murtagh, Multidimensional Clustering Algorithms (1985).
]],
  columns = {
    { "merges", "step, left, right (minus a row, or the step that made it), height, size (rows)" },
    { "inputs", "role, name, type, level: the columns that it was made of" },
    { "facts", "rows, method, scale" },
  },
  examples = {
    {
      code = [[
local customers = ms.frame { { "amount", { 10, 90, 12, 95, 11 } } }
local model = ms.hclust(customers, { method = "average" })
print(model.merges)
for r in model:cut(customers, { k = 2 }):rows() do print(r.amount, r.cluster) end
]],
      output = [[
┌─────────┬─────────┬─────────┬────────┬─────────┐
│    step │    left │   right │ height │    size │
│ integer │ integer │ integer │   real │ integer │
├─────────┼─────────┼─────────┼────────┼─────────┤
│       1 │      -1 │      -5 │    1.0 │       2 │
│       2 │      -3 │       1 │    1.5 │       3 │
│       3 │      -2 │      -4 │    5.0 │       2 │
│       4 │       2 │       3 │   81.5 │       5 │
└─────────┴─────────┴─────────┴────────┴─────────┘
 4 rows × 5 columns
10	1
90	2
12	1
95	2
11	1
]],
    },
  },
}
