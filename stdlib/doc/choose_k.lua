-- What help says about choose_k.
return {
  name = "choose_k",
  text = [[
How many clusters: k-means for each k from `least` to `most`, and what speaks for it. `within` always falls as k grows; look for the k behind which it
falls slowly. The silhouette (see ms.silhouette) is largest where clusters are compact and apart. The gap compares log(within) with
what it would be without clusters, over `references` sets drawn uniformly from the box that holds the rows; by it the best k is the
least whose gap is at least the next gap less the next gap_error, which is careful and often says 1. They need not agree: the last
word has what the clusters are for.

Of more rows than `sample` (5,000) so many are drawn at random. references = 0 leaves the gap out, which takes most of the time.

Sources: Tibshirani, Walther, Hastie, Estimating the number of clusters via the gap statistic (2001); Rousseeuw (1987).
]],
  columns = {
    { "k", "number of clusters" },
    { "within, explained", "sum of squared distances to the centres, and the share of all squares that is not within" },
    { "silhouette", "mean width; null for k = 1" },
    { "gap, gap_error", "mean of log(within) over the references less log(within), and its error" },
    { "by_silhouette, by_gap", "whether this is the k to take by that figure" },
  },
  examples = {
    {
      code = [[
local customers = ms.frame {
  { "orders", { 1, 2, 1, 2, 9, 10, 9, 10, 20, 21, 20, 21 } },
  { "amount", { 20, 25, 22, 21, 90, 95, 99, 94, 30, 31, 29, 33 } },
}
local figures = ms.choose_k(customers, { most = 4, scale = "standard" })
print(figures:filter("by_silhouette"):column "k"[1])
]],
      output = "3\n",
    },
  },
}
