/* Families of generalised linear models and their links (McCullagh and Nelder 1989), as steps of a pass over the rows. */
#ifndef MS_MINING_FAMILY_H
#define MS_MINING_FAMILY_H

#include "core/kernels/mining/common/design.h"

/* In the order of the words of the options `family` and `link`. */
typedef enum { MS_GAUSSIAN, MS_BINOMIAL, MS_POISSON, MS_GAMMA } ms_family_id;
#define MS_FAMILY_WORDS "gaussian binomial poisson gamma"
typedef enum {
  MS_LINK_IDENTITY,
  MS_LINK_LOGIT,
  MS_LINK_LOG,
  MS_LINK_INVERSE,
  MS_LINK_PROBIT
} ms_link_id;
#define MS_LINK_WORDS "identity logit log inverse probit"

/* What the steps read. */
typedef struct {
  ms_family_id family;
  ms_link_id link;
  const double *y;       /* a row each */
  const double *weights; /* NULL: 1 */
  const double *offset;  /* NULL: 0 */
  double mean;           /* of y, for the linear step's second total */
  double dispersion;     /* of the log likelihood (gamma) */
} ms_family;

/* What totals[] of a pass are. */
enum { MS_TOTAL_DEVIANCE, MS_TOTAL_PEARSON, MS_TOTAL_CERTAIN, MS_TOTAL_LIKELIHOOD };

/* First step of iteratively reweighted least squares: fitted values made from y, as R's mustart. */
void ms_family_start(const void *family, const ms_design_block *block);
/* Weights and scores at eta, deviance, Pearson's chi-squared, and how many probabilities are 0 or 1. Where eta gives no mean of the family
 * the deviance is infinite. */
void ms_family_step(const void *family, const ms_design_block *block);
/* The same, faster, where y is 0 or 1, the link logit and no weights are given; without Pearson's. */
void ms_family_logistic(const void *family, const ms_design_block *block);
/* As the step, with the log likelihood as R's AIC has it. */
void ms_family_judge(const void *family, const ms_design_block *block);
/* Least squares: scores are residuals; totals: sum of their squares, and of squares of (y - offset - mean), of weights ×
 * (y - offset), of weights. */
void ms_family_linear(const void *family, const ms_design_block *block);

double ms_link_mean(ms_link_id link, double eta);
double ms_link_eta(ms_link_id link, double mean);
/* Whether y is a value of the family. */
bool ms_family_takes(ms_family_id family, double y);
/* Whether the dispersion is estimated rather than 1. */
static inline bool ms_family_dispersed(ms_family_id family) {
  return family == MS_GAUSSIAN || family == MS_GAMMA;
}
const char *ms_family_name(ms_family_id family);
const char *ms_link_name(ms_link_id link);

#endif
