-- What help says about kprototypes.
return {
  name = "kprototypes",
  text = [[
Clusters of rows that have numbers and categories: k-means for the numbers together with k-modes for the categories. A prototype
has the means of the
numbers and the most frequent levels (the first of equals); a row's distance to it is the sum of squares over the numbers plus
`gamma` for each category that differs. Texts, booleans and the integer columns in `categories` are categories.

gamma is half the mean deviation of the (scaled) numbers unless it is given, 1 where there are no numbers; a larger one lets the
categories count more. Numbers are scaled to deviation 1 unless `scale` says otherwise (see ms.kmeans). Starts are rows drawn as k-means++
draws them, by this distance; the best of `starts` is kept. A missing value is an error; missing = "drop" leaves such rows out.

model:predict(frame), or model:assign(frame), adds cluster and distance; a level that the model has never seen, or none, differs from
all; without a number both are null. Clusters are numbered by size, the largest first; model:matched(old, frame) has the numbers of an
older model, paired by the rows that they share.

Sources: Huang (1997), Clustering large data sets with mixed numeric and categorical values; Huang (1998).
]],
  columns = {
    { "prototypes", "cluster, size (rows), within (sum of distances), and a column an input: mean or level" },
    { "scale", "input, centre, spread of the numbers" },
    { "inputs", "role, name, type, level: the columns that it was made of" },
    { "facts", "rows, k, gamma, within, iterations, settled, scale" },
  },
  examples = {
    {
      code = [[
local customers = ms.frame {
  { "amount", { 10, 12, 11, 90, 95, 12 } },
  { "channel", { "shop", "shop", "shop", "mail", "mail", "shop" } },
}
local model = ms.kprototypes(customers, { k = 2 })
for r in model.prototypes:rows() do print(r.cluster, r.size, r.amount, r.channel) end
]],
      output = "1\t4\t11.25\tshop\n2\t2\t92.5\tmail\n",
    },
  },
}
