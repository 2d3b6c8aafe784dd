/* What a model learns from: columns of a frame as arrays; and the same columns found again in new data.
 *
 * A model is a few frames, its parts (ms_kernel.parts). One of them, "inputs", is made and read here. It says which
 * columns the model was made of: role ("input", "target", "weights", "offset"), name, type, level: a row for a number, a
 * row a level for a category. */
#ifndef MS_MINING_TRAINING_H
#define MS_MINING_TRAINING_H

#include "core/frame/kernel.h"

/* A category's values, in order: text by its bytes, false before true, integers by size. */
typedef struct {
  size_t count;
  const char *const *names;
} ms_levels;
/* Most levels that a category or a target may have. */
enum { MS_LEVELS_MOST = 10000 };

typedef struct {
  const char *name;
  ms_type type; /* of the column that was learned from */
  bool category;
  const double *values; /* a number: NaN where missing; never infinite. Booleans are 0 and 1 */
  const uint32_t
      *codes; /* a category: index of the level; MS_MISSING where missing or not seen before */
  ms_levels levels; /* of a category */
} ms_input;

typedef struct {
  int64_t rows;
  size_t count;
  ms_input *items;
} ms_input_list;

/* What is to be predicted, without a missing value. A class: the last level is the event. */
typedef struct {
  const char *name; /* NULL: there is none */
  ms_type type;
  bool classes;
  ms_levels levels;
  const uint32_t *codes; /* of classes */
  const double *values;  /* of numbers; finite */
} ms_target;

typedef enum {
  MS_TARGET_NONE,
  MS_TARGET_NUMBER,
  MS_TARGET_BINARY,  /* two classes */
  MS_TARGET_CLASSES, /* two or more */
  MS_TARGET_ANY      /* text and boolean are classes, integer and real are numbers */
} ms_target_kind;

/* The usual options of a learner say these; all may be left empty. */
typedef struct {
  const char *kernel; /* in front of errors */
  ms_target_kind kind;
  const char *target, *event; /* event: the level to come last */
  ms_names columns;           /* none: every column that is named nowhere else here */
  ms_names categories;        /* integer columns whose values are names of things */
  ms_names except;            /* columns that are no inputs unless `columns` names them */
  const char *weights, *offset;
  bool complete; /* rows with a missing input are left out, not only those without a target */
  bool numbers;  /* text cannot be an input */
  bool boolean_categories; /* booleans are categories rather than 0 and 1 */
} ms_training_request;

typedef struct {
  const ms_frame *frame; /* the rows that are used */
  const uint32_t *kept;  /* their indexes in the frame that was given; NULL: all rows are used */
  ms_input_list inputs;
  ms_target target;
  const double *weights; /* positive; NULL: all 1 */
  const double *offset;  /* NULL: all 0 */
  const char *weights_name, *offset_name;
} ms_training;

/* Rows without a target, without a weight or with weight 0 are left out, with a warning that counts them. Errors: unknown
 * columns, dates and times (MS_ETYPE), infinite values, negative weights, no row left, one class only, no input
 * (MS_EDATA), too many levels (MS_ELIMIT). Everything lives in scratch. */
ms_status ms_training_read(ms_context *context, const ms_frame *frame,
                           const ms_training_request *request, ms_training *out);
/* The part "inputs"; the caller's. */
ms_frame *ms_training_part(ms_context *context, const ms_training *training);

/* The other way: what the part says, with the columns of `data`. `data` needs the inputs (and the offset if there was
 * one), not the target. A level that was not seen is missing; a warning counts the rows. Errors: a missing column
 * (MS_ECOLUMN), another kind of type (MS_ETYPE), an infinite value, a part that is none (MS_EDATA). */
typedef struct {
  ms_input_list inputs;
  ms_target target;     /* name, type, levels only */
  const double *offset; /* NaN where missing; NULL: the model has none */
} ms_inputs_found;
ms_status ms_inputs_find(ms_context *context, const char *kernel, const ms_frame *part,
                         const ms_frame *data, ms_inputs_found *out);

/* ---- the result of a prediction ------------------------------------------------------------------------------- */

/* `data` with the column "prediction" (real; null where NaN). The caller's. */
ms_frame *ms_predict_numbers(ms_context *context, const ms_frame *data, const double *values);
/* `data` with "prediction", of the target's type, and "probability": of the event where there are two classes (predicted
 * from 0.5 on), of the predicted class where there are more. `each`: also a column "probability_LEVEL" a class. What
 * is NaN gives null. probabilities: rows × levels, a row after the other. The caller's. */
ms_frame *ms_predict_classes(ms_context *context, const ms_frame *data, const ms_target *target,
                             const double *probabilities, bool each);
/* The same where the model chooses the classes itself: a level's index for each row, or MS_MISSING. */
typedef struct {
  const double *probabilities;
  const uint32_t *codes;
} ms_chosen;
ms_frame *ms_predict_chosen(ms_context *context, const ms_frame *data, const ms_target *target,
                            ms_chosen chosen, bool each);

/* The frame with one more column; both are taken over. Any may be NULL where it could not be made: NULL then. The
 * caller's. */
ms_frame *ms_predict_with(ms_context *context, ms_frame *frame, const char *name,
                          ms_column *column);

/* ---- facts: figures of a model as a whole ---------------------------------------------------------------------- */

/* The part "facts": fact, number, text. Finish gives NULL if an allocation failed on the way. */
typedef struct {
  ms_builder *builder;
} ms_facts;
ms_facts ms_facts_new(ms_context *context);
void ms_facts_number(ms_facts *facts, const char *fact, double number); /* NaN: null */
void ms_facts_text(ms_facts *facts, const char *fact, const char *text);
ms_frame *ms_facts_finish(ms_facts *facts);
/* Reads one: `fallback` where it is not there. */
double ms_facts_get(const ms_frame *facts, const char *fact, double fallback);
/* In scratch; "" where it is not there; NULL where memory is short. */
const char *ms_facts_get_text(ms_context *context, const ms_frame *facts, const char *fact);

/* A numeric column of a part as an array, NaN where null; NULL with MS_EDATA if the part is not as it was made. */
const double *ms_part_real(ms_context *context, const char *kernel, const ms_frame *part,
                           const char *column);
/* A whole number of a part that is used as an index: checked to be 0 … below - 1 in every row. */
const int64_t *ms_part_index(ms_context *context, const char *kernel, const ms_frame *part,
                             const char *column, int64_t below);
/* A column of texts of a part; NULL where there is none. Whether a row of it is that text. */
const ms_column *ms_part_text(const ms_frame *part, const char *column);
bool ms_part_says(const ms_column *texts, int64_t row, const char *text);
/* Cells of a part being made: null where the text is NULL, or the number is not finite. */
void ms_part_put_text(ms_builder *part, size_t column, const char *text);
void ms_part_put_real(ms_builder *part, size_t column, double value);
/* Makes `frame` (owned) the next part after the one that run returns; false with an error where it is NULL. */
bool ms_part_attach(ms_context *context, ms_frame *frame);

#endif
