-- What help says about mixture.
return {
  name = "mixture",
  text = [[
Clusters that overlap: the rows as drawn from k normal distributions, each with a share, a mean and covariances. Unlike in k-means,
clusters may be wide or narrow, round or long, and each row belongs to each of them with a probability. covariance = "full", "diagonal" (no
correlations within a component) or "spherical" (one variance for all columns).

Found by expectation and maximisation from the clusters of k-means (`starts`, `centres`, `seed` as there), until the mean
log-likelihood changes by less than `tolerance`. `ridge` is added to each variance, so that none becomes 0. Of several k or shapes take the one with the least
bic (they must have the same columns, rows and scale). Components are numbered by the size of the k-means clusters that they began as.

model:matched(old, frame) has the numbers of an older model, paired by the rows they share.
model:predict(frame) adds cluster and probability; each = true adds probability_1, probability_2, …; null where a value is missing.

Sources: Dempster, Laird, Rubin (1977); Fraley and Raftery (2002). Figures are those of scikit-learn's GaussianMixture.
]],
  columns = {
    { "components", "cluster, share, and the mean: a column an input" },
    { "covariances", "cluster, input, and its covariances: a column an input" },
    { "inputs", "role, name, type, level: the columns that it was made of" },
    { "facts", "rows, k, likelihood (its logarithm), parameters, bic, aic, iterations, settled, covariance, scale" },
  },
  examples = {
    {
      code = [[
local customers = ms.frame { { "amount", { 10, 12, 11, 13, 12, 90, 70, 95, 110, 100 } } }
local model = ms.mixture(customers, { k = 2 })
local p = model:predict(ms.frame { { "amount", { 11, 60 } } })
print(p:column "cluster"[1], p:column "cluster"[2])
]],
      output = "1\t2\n",
    },
  },
}
