-- What help says about silhouette.
return {
  name = "silhouette",
  text = [[
How well rows lie in their clusters, whoever made these. A row's width is (b - a) / max(a, b): a is its mean distance to the other rows of
its cluster, b the least mean distance to the rows of another one. Near 1 it lies well, near 0 between two clusters, below 0
perhaps in the wrong one; alone in its cluster it counts 0. A mean above 0.5 is a clear structure, below 0.25 hardly any.

Distances are Euclidean, over `columns` as they are. Rows without a cluster or with a missing value are left out. Of more rows than `sample`
(10,000) so many are drawn at random and looked at among themselves; below that the figures are exact.

model:silhouette(frame) does it for a model of clusters, in the scaled units that the model uses.

Source: Rousseeuw, Silhouettes, Journal of Computational and Applied Mathematics 20 (1987).
]],
  columns = {
    { "cluster", "the cluster; null in the last row, which is all" },
    { "rows", "rows that were looked at" },
    { "silhouette", "their mean width" },
    { "negative", "how many of them have a width below 0" },
  },
  examples = {
    {
      code = [[
local customers = ms.frame {
  { "amount", { 10, 12, 11, 90, 95 } },
  { "cluster", { 1, 1, 1, 2, 2 } },
}
print(ms.silhouette(customers, { columns = { "amount" } }))
]],
      output = [[
┌─────────┬─────────┬────────────┬──────────┐
│ cluster │    rows │ silhouette │ negative │
│ integer │ integer │       real │  integer │
├─────────┼─────────┼────────────┼──────────┤
│       1 │       3 │     0.9836 │        0 │
│       2 │       2 │     0.9386 │        0 │
│       ∅ │       5 │     0.9656 │        0 │
└─────────┴─────────┴────────────┴──────────┘
 3 rows × 4 columns
]],
    },
  },
}
