-- What help says about pca.
return {
  name = "pca",
  text = [[
Principal components: directions in which the rows differ most, each at right angles to those before. A few of them often hold nearly all
of the variance of many columns, which then can be drawn, or clustered, in their place. They are the eigenvectors of the covariance
matrix; with scale = true (columns in different units) of the correlation matrix. centre = false leaves the means in.

model:predict(frame), or model:scores(frame), adds component_1, component_2, …: each row's place along the components, null where an input
is missing. Missing values in learning are an error; missing = "drop" leaves such rows out. `weights` says how often a row counts.

The sign of a component is any: here the loading that is largest in size is positive. All other figures are those of R's prcomp;
deviations below 1e-7 of the first one are rounding.

Source: Jolliffe, Principal Component Analysis (2002).
]],
  columns = {
    { "loadings", "input, and a column a component: what an input's (centred, scaled) value counts" },
    { "deviations", "component, deviation along it, share of the variance, and of all components up to it" },
    { "scale", "input, centre, spread: (value - centre) / spread is what is used" },
    { "inputs", "role, name, type, level: the columns that it was made of" },
    { "facts", "rows, components, variance (of all columns)" },
  },
  examples = {
    {
      code = [[
local customers = ms.frame {
  { "visits", { 2, 4, 6, 8 } },
  { "orders", { 1, 2, 3, 4 } },
}
local model = ms.pca(customers)
print(model.deviations)
print(model:scores(customers):column "component_1"[1])
]],
      output = [[
┌───────────┬───────────┬───────┬────────────┐
│ component │ deviation │ share │ cumulative │
│   integer │      real │  real │       real │
├───────────┼───────────┼───────┼────────────┤
│         1 │     2.887 │     1 │          1 │
│         2 │     0.000 │     0 │          1 │
└───────────┴───────────┴───────┴────────────┘
 2 rows × 4 columns
-3.3541019662497
]],
    },
  },
}
