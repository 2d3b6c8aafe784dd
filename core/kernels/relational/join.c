/* join: rows of two frames with equal keys side by side.
 *
 * The rows that meet are found first (join_match.c), then the columns are gathered. Where every left row is there
 * once, in place, the left columns are shared as they are. */
#include <string.h>

#include "core/kernels/relational/join.h"

typedef struct {
  ms_names on;
  int how, nulls, expect;
  const char *suffix;
  int64_t limit_rows;
} join_options;

static const ms_option table_of_options[] = {
    {.name = "on",
     .type = MS_OPTION_TEXTS,
     .brief = "key columns, of both frames (\"id\") or of each (\"customer_id == id\")",
     .offset = offsetof(join_options, on)},
    {.name = "how",
     .type = MS_OPTION_CHOICE,
     .fallback = "inner",
     .unit = "inner left right full semi anti cross",
     .brief = "which rows without a match stay; semi and anti keep left rows with and without one",
     .offset = offsetof(join_options, how)},
    {.name = "nulls",
     .type = MS_OPTION_CHOICE,
     .fallback = "differ",
     .unit = "differ match",
     .brief = "whether a null key meets a null key",
     .offset = offsetof(join_options, nulls)},
    {.name = "expect",
     .type = MS_OPTION_CHOICE,
     .fallback = "any",
     .unit = "1:1 1:m m:1 m:m any",
     .brief = "how often a key may be there on the left and on the right; any warns of m:m",
     .offset = offsetof(join_options, expect)},
    {.name = "suffix",
     .type = MS_OPTION_TEXT,
     .fallback = "_right",
     .brief = "put behind names of right columns that the left frame has too",
     .offset = offsetof(join_options, suffix)},
    {.name = "limit_rows",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = 4294967294,
     .unit = "rows",
     .brief = "most rows of the result; 0: 2^25, or ten times the rows of both frames",
     .offset = offsetof(join_options, limit_rows)},
    {0}};

/* ---- columns of the result ---- */

/* Whether the right column is a key, whose values the left one has already. */
static bool is_key(const ms_join_on *on, const ms_column *column, const char *name) {
  for (size_t k = 0; k < on->count; k++) {
    if (on->columns[MS_RIGHT][k] == column && strcmp(on->names[MS_RIGHT][k], name) == 0)
      return true;
  }
  return false;
}

static ms_column *gather_left(ms_context *context, const ms_join_match *match,
                              const ms_column *column) {
  if (!match->left) return ms_column_share(column);
  return ms_column_gather(context, column, match->left, match->matched);
}

/* A left column with the unmatched right rows below it: the right key's values, or nulls. */
static ms_column *left_column(ms_context *context, const ms_join_match *match,
                              const ms_column *column, const ms_column *key) {
  int64_t below = match->rows - match->matched;
  if (below == 0) return gather_left(context, match, column);
  const ms_column *parts[2];
  ms_column *part = gather_left(context, match, column);
  parts[0] = ms_column_keep(context, part);
  if (!parts[0]) return NULL;
  part = key ? ms_column_gather(context, key, match->right + match->matched, below)
             : ms_column_null(context, column->type, below);
  parts[1] = ms_column_keep(context, part);
  return parts[1] ? ms_column_concat(context, parts, 2) : NULL;
}

static const ms_column *key_of(const ms_join_on *on, const char *name) {
  for (size_t k = 0; k < on->count; k++) {
    if (strcmp(on->names[MS_LEFT][k], name) == 0) return on->columns[MS_RIGHT][k];
  }
  return NULL;
}

static ms_frame *assemble(ms_context *context, const ms_inputs *inputs, const ms_join_on *on,
                          const ms_join_match *match, const char *suffix) {
  const ms_frame *left = inputs->frames[MS_LEFT], *right = inputs->frames[MS_RIGHT];
  ms_assembly parts = ms_assembly_new(context, left->count + right->count);
  for (size_t i = 0; i < left->count && !parts.failed; i++) {
    const ms_column *key = key_of(on, left->names[i]);
    ms_assembly_add(&parts, left->names[i], left_column(context, match, left->columns[i], key));
  }
  for (size_t i = 0; i < right->count && !parts.failed; i++) {
    const char *name = right->names[i];
    if (is_key(on, right->columns[i], name)) continue;
    if (ms_frame_find(left, name) >= 0) name = ms_scratch_format(context, "%s%s", name, suffix);
    if (!name) {
      parts.failed = true;
      break;
    }
    ms_column *column = ms_column_gather(context, right->columns[i], match->right, match->rows);
    ms_assembly_add(&parts, name, column);
  }
  ms_frame *frame = ms_assembly_finish(&parts, match->rows);
  if (!frame && ms_error_status(context) == MS_EDUPLICATE) {
    ms_fail_hint(context, "choose another suffix for the right frame's columns: suffix = \"…\"");
  }
  return frame;
}

/* ---- kinds of join ---- */

static ms_frame *cross(ms_context *context, const ms_inputs *inputs, const join_options *o) {
  const int64_t rows[] = {inputs->frames[MS_LEFT]->rows, inputs->frames[MS_RIGHT]->rows};
  ms_join_wish wish = {.how = MS_JOIN_CROSS, .limit_rows = o->limit_rows};
  ms_join_match match = {0};
  if (o->on.count > 0) {
    return ms_fail_null(context, MS_EARGUMENT, "join: how = 'cross' takes no 'on'");
  }
  if (__builtin_mul_overflow(rows[0], rows[1], &match.rows)) match.rows = INT64_MAX;
  if (ms_join_guard(context, &wish, rows, match.rows) != MS_OK) return NULL;
  uint32_t *left = ms_scratch(context, (size_t)match.rows, sizeof *left);
  uint32_t *right = left ? ms_scratch(context, (size_t)match.rows, sizeof *right) : NULL;
  if (!right) return NULL;
  for (int64_t i = 0, at = 0; i < rows[MS_LEFT]; i++) {
    if (ms_cancelled(context)) return NULL;
    for (int64_t j = 0; j < rows[MS_RIGHT]; j++, at++) {
      left[at] = (uint32_t)i;
      right[at] = (uint32_t)j;
    }
  }
  match.matched = match.rows;
  match.left = left;
  match.right = right;
  ms_join_on none = {0};
  return assemble(context, inputs, &none, &match, o->suffix);
}

static void warn_of_growth(ms_context *context, const int64_t *rows, int64_t result) {
  ms_warn(context,
          "join: keys repeat on both sides; %lld and %lld rows became %lld. If that is meant, say "
          "expect = \"m:m\"",
          (long long)rows[MS_LEFT], (long long)rows[MS_RIGHT], (long long)result);
}

static ms_frame *joined(ms_context *context, const ms_inputs *inputs, const join_options *o,
                        const ms_join_on *on, const ms_join_table *table) {
  const ms_frame *left = inputs->frames[MS_LEFT];
  if (o->how == MS_JOIN_SEMI || o->how == MS_JOIN_ANTI) {
    int64_t count;
    uint32_t *rows = ms_join_left_rows(context, table, o->how == MS_JOIN_SEMI, &count);
    if (!rows) return NULL;
    return count == left->rows ? ms_frame_share(left) : ms_frame_gather(context, left, rows, count);
  }
  ms_join_wish wish = {.how = (ms_join_how)o->how, .limit_rows = o->limit_rows};
  wish.watch = o->expect == 4;
  ms_join_match match;
  if (ms_join_match_rows(context, table, &wish, &match) != MS_OK) return NULL;
  ms_frame *frame = assemble(context, inputs, on, &match, o->suffix);
  if (frame && match.many_to_many) warn_of_growth(context, table->code->rows, match.rows);
  return frame;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *given) {
  const join_options *o = given;
  ms_join_on on;
  if (o->how == MS_JOIN_CROSS) return cross(context, inputs, o);
  if (o->on.count == 0) {
    (void)ms_fail(context, MS_EARGUMENT, "join: option 'on' names no key");
    ms_fail_hint(context, "on = \"id\", or on = { \"customer_id == id\", \"year\" }");
    return NULL;
  }
  if (ms_join_on_read(context, "join", inputs->frames, &o->on, &on) != MS_OK) return NULL;
  ms_join_pairs pairs = {.verb = "join", .count = on.count, .nulls_match = o->nulls == 1};
  for (int side = 0; side < 2; side++) {
    pairs.names[side] = on.names[side];
    pairs.columns[side] = on.columns[side];
    pairs.rows[side] = inputs->frames[side]->rows;
  }
  ms_join_code code;
  ms_join_table table;
  if (ms_join_code_new(context, &pairs, &code) != MS_OK) return NULL;
  if (ms_join_expect(context, &on, pairs.rows, o->expect) != MS_OK) return NULL;
  if (ms_join_table_new(context, &code, &table) != MS_OK) return NULL;
  return joined(context, inputs, o, &on, &table);
}

const ms_kernel ms_kernel_join = {
    .name = "join",
    .group = "frame",
    .brief = "puts rows of two frames with equal keys side by side; left rows keep their order",
    .cost = "O(left + right + result) time and memory",
    .least = 2,
    .most = 2,
    .options = table_of_options,
    .size = sizeof(join_options),
    .run = run,
};
