/* The model matrix of a linear predictor, and sums over its rows. The matrix itself is never stored.
 *
 * Its columns are called terms: the intercept, then the inputs in their order: a number or boolean one term, a category a term a
 * level but its base (treatment contrasts, as R's contr.treatment). Numbers are centred and scaled by figures of a sample of the rows, so that the sums
 * keep their digits; coefficients are those of the centred and scaled terms until ms_design_original. A category costs a row
 * O(1) an addition, however many levels it has. */
#ifndef MS_MINING_DESIGN_H
#define MS_MINING_DESIGN_H

#include "core/kernels/mining/common/training.h"

enum { MS_DESIGN_MOST = 5000, MS_DESIGN_TOTALS = 4 };

typedef struct {
  const char *name;  /* "(intercept)", "age", "city = Rome" */
  size_t input;      /* index of the input; SIZE_MAX: the intercept */
  const char *level; /* of a category; NULL for a number */
  size_t place;      /* its place among the columns as they are summed */
} ms_term;

typedef struct {
  int64_t rows;
  bool intercept;
  size_t count;   /* of terms */
  ms_term *terms; /* in order */
  size_t dense,
      categories;          /* columns that are summed as numbers, the intercept first; categories */
  const double **values;   /* of the dense columns; NULL: the intercept */
  double *centre, *scale;  /* of the dense columns: (x - centre) * scale is summed */
  const uint32_t **codes;  /* of the categories */
  const uint32_t **places; /* of the categories: the column of a level; MS_MISSING: the base */
} ms_design;

typedef struct {
  const char *kernel;
  bool intercept;
  ms_names base; /* column, level, column, level, … */
} ms_design_request;

/* Lays out the terms; borrows the inputs. Everything in scratch. MS_EARGUMENT for a base that is no category or level,
 * MS_ELIMIT for more than MS_DESIGN_MOST terms. O(terms) and a sample of rows. */
ms_status ms_design_make(ms_context *context, const ms_input_list *inputs,
                         const ms_design_request *request, ms_design *out);

/* Some rows of a pass. The step reads eta (offset included) and writes, for `count` rows from `first` on, weight
 * (of the row in the cross products) and score (its factor in the gradient); it may add to the totals. Both arrays are aligned. */
typedef struct {
  int64_t first;
  size_t count;
  const double *eta;
  double *weight, *score, *totals;
} ms_design_block;
typedef void ms_design_step(const void *state, const ms_design_block *block);

typedef struct {
  const double *coefficients; /* of the centred and scaled terms; NULL: all 0 */
  const double *offset;       /* a row each; NULL: 0 */
  ms_design_step *step;
  const void *state;
  bool gram;       /* sum the cross products too */
  bool unweighted; /* weights are 1: the step need not write them */
  int64_t every;   /* only every so many-th block of rows; 0 and 1: all */
} ms_design_pass_request;

typedef struct {
  double *gram;     /* terms × terms, X' W X, lower triangle */
  double *gradient; /* X' score */
  double totals[MS_DESIGN_TOTALS];
} ms_design_sums;

ms_status ms_design_sums_new(ms_context *context, const ms_design *design, ms_design_sums *out);
/* One pass over the rows: in blocks, morsels in parallel, summed in their order. O(rows × (dense² / 2 + dense × categories +
 * categories² / 2)) with the cross products, O(rows × inputs) without. */
ms_status ms_design_pass(ms_context *context, const ms_design *design,
                         const ms_design_pass_request *request, ms_design_sums *sums);

/* Coefficients of the terms as they are, from those of the centred and scaled ones, in place. */
void ms_design_original(const ms_design *design, double *coefficients);
/* The same for a covariance matrix of theirs (terms × terms, whole), in place. */
void ms_design_original_covariance(const ms_design *design, double *covariance);
/* The factors of the term's coefficient: original = factor × scaled (but for the intercept). */
double ms_design_factor(const ms_design *design, size_t term);

#endif
