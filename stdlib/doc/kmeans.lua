-- What help says about kmeans.
return {
  name = "kmeans",
  text = [[
k-means: the rows in k clusters, so that the sum of squared distances from each row to the mean of its cluster, its centre, is small.
Start centres are drawn by k-means++, `starts` times, and the best result is kept; or they are given: centres = a frame whose columns have
the names of the inputs, a model, or a list of numbers, centre by centre. Then each row goes to its nearest centre (the first of
equals), centres become the means of their rows, and so on, until no row changes its cluster. Rows that are certain to stay are not
looked at, which changes no result. A cluster that loses all its rows takes the row that is farthest from its centre.

Distances add up the columns as they are: columns in different units need scale = "standard" (deviation 1), "range" (0 to 1) or "robust"
(interquartile range / 1.349, so that a few large values do not count too much). Missing values are an error; missing = "drop"
leaves such rows out. `weights` says how often a row counts. batch = 1000 uses that many rows, drawn at random, in each iteration, for very many
rows; then all rows get their nearest centre once.

Clusters are numbered by their weight, largest first. match = an older model keeps the old numbers where the clusters are still there:
new centres are paired with old ones so that the squared distances add up to the least, and clusters beyond get new numbers. So
customers of "cluster 2" stay in "cluster 2" when the model is made anew each month.

model:predict(frame), or model:assign(frame), adds `cluster` and `distance` (to its centre, in scaled units; both null where a value is
missing). ms.choose_k helps to find k; model:profile(frame) says what is special about each cluster.

From plain frames: ms.kmeans(frame, old.centres, { frames = "match" }) is what match = old does.

Sources: Lloyd (1982); Arthur and Vassilvitskii, k-means++ (2007); Hamerly, Making k-means even faster (2010); Sculley, Web-scale
k-means clustering (2010).
]],
  columns = {
    { "centres", "cluster, size (rows), within (sum of squared distances, scaled), and the centre: a column an input" },
    { "scale", "input, centre, spread: (value - centre) / spread is what is used" },
    { "inputs", "role, name, type, level: the columns that it was made of" },
    { "facts", "rows, k, within, total, iterations, settled (1: before max_iterations were over), scale" },
  },
  examples = {
    {
      code = [[
local customers = ms.frame {
  { "orders", { 1, 2, 1, 9, 10, 8, 2 } },
  { "amount", { 20, 25, 22, 90, 95, 99, 300 } },
}
local model = ms.kmeans(customers, { k = 3, scale = "standard" })
print(model.centres:select("cluster", "size", "orders", "amount"))
print(model:predict(ms.frame { { "orders", { 9 } }, { "amount", { 80 } } }):column "cluster"[1])
]],
      output = [[
┌─────────┬─────────┬────────┬────────┐
│ cluster │    size │ orders │ amount │
│ integer │ integer │   real │   real │
├─────────┼─────────┼────────┼────────┤
│       1 │       3 │  1.333 │  22.33 │
│       2 │       3 │  9.000 │  94.67 │
│       3 │       1 │  2.000 │ 300.00 │
└─────────┴─────────┴────────┴────────┘
 3 rows × 4 columns
2
]],
    },
  },
}
