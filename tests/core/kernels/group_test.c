/* Groups of rows: numbering, equality of keys, every way of finding them, any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/kernels/relational/group.h"

#include <math.h>
#include <stdio.h>

typedef struct {
  ms_context *context;
  uint64_t random;
} fixture;

static int set_up(void **state) {
  fixture *f = calloc(1, sizeof *f);
  f->context = ms_context_new();
  f->random = 88172645463325252u;
  *state = f;
  return 0;
}
static int tear_down(void **state) {
  fixture *f = *state;
  ms_context_free(f->context);
  free(f);
  return 0;
}

static int64_t draw(fixture *f, int64_t below) {
  f->random ^= f->random << 13;
  f->random ^= f->random >> 7;
  f->random ^= f->random << 17;
  return (int64_t)(f->random >> 1) % below;
}

typedef enum { FEW, MANY, SPARSE, EXTREME, REALS, TEXTS, FLAGS, KINDS } kind;

static void put(fixture *f, ms_builder *builder, size_t column, kind k) {
  static const double reals[] = {0.0, -0.0, 1.5, -1.5, NAN, -NAN, INFINITY, 1e300};
  char text[32];
  if (draw(f, 10) == 0) {
    ms_builder_null(builder, column);
    return;
  }
  switch (k) {
    case FEW: ms_builder_integer(builder, column, draw(f, 7) - 3); break;
    case MANY: ms_builder_integer(builder, column, draw(f, 5000)); break;
    case SPARSE: ms_builder_integer(builder, column, draw(f, 900) << 40); break;
    case EXTREME:
      ms_builder_integer(builder, column, draw(f, 2) ? INT64_MIN : INT64_MAX - draw(f, 3));
      break;
    case REALS: ms_builder_real(builder, column, reals[draw(f, 8)]); break;
    case TEXTS:
      (void)snprintf(text, sizeof text, "text %d", (int)draw(f, 50));
      ms_builder_text(builder, column, text, strlen(text));
      break;
    case FLAGS:
    case KINDS: ms_builder_integer(builder, column, draw(f, 2)); break;
  }
}

static ms_frame *make(fixture *f, int64_t rows, const kind *kinds, size_t count) {
  ms_builder *builder = ms_builder_new(f->context);
  for (size_t c = 0; c < count; c++) {
    char name[8] = {(char)('a' + c)};
    ms_type type = kinds[c] == REALS ? MS_REAL : kinds[c] == TEXTS ? MS_TEXT : MS_INTEGER;
    ms_builder_column(builder, name, kinds[c] == FLAGS ? MS_BOOLEAN : type);
    for (int64_t i = 0; i < rows; i++) put(f, builder, c, kinds[c]);
  }
  return ms_builder_finish(builder);
}

static bool same_cell(const ms_frame *frame, size_t c, int64_t i, int64_t j) {
  bool valid = ms_cell_valid(frame, c, i);
  if (!valid || !ms_cell_valid(frame, c, j)) return valid == ms_cell_valid(frame, c, j);
  if (ms_frame_type(frame, c) == MS_REAL) {
    double x = ms_cell_real(frame, c, i), y = ms_cell_real(frame, c, j);
    return x == y || (isnan(x) && isnan(y));
  }
  if (ms_frame_type(frame, c) == MS_TEXT) {
    size_t n, m;
    const char *x = ms_cell_text(frame, c, i, &n), *y = ms_cell_text(frame, c, j, &m);
    return n == m && memcmp(x, y, n) == 0;
  }
  return ms_cell_integer(frame, c, i) == ms_cell_integer(frame, c, j);
}

/* Equal rows have the id of the group; groups are numbered by their first rows, and differ. */
static void check(const ms_frame *frame, const ms_groups *groups) {
  int64_t rows = ms_frame_rows(frame), seen = 0;
  for (int64_t i = 0; i < rows; i++) {
    uint32_t id = groups->ids[i];
    assert_true(id <= seen && id < groups->count);
    if (id == seen) assert_int_equal(groups->first[seen++], i);
    for (size_t c = 0; c < ms_frame_columns(frame); c++) {
      assert_true(same_cell(frame, c, i, groups->first[id]));
    }
  }
  assert_int_equal(seen, groups->count);
  for (int64_t g = 1; g < groups->count && groups->count < 2000; g++) {
    for (int64_t h = 0; h < g; h++) {
      bool same = true;
      for (size_t c = 0; c < ms_frame_columns(frame); c++) {
        same = same && same_cell(frame, c, groups->first[g], groups->first[h]);
      }
      assert_false(same);
    }
  }
}

static void try_kinds(fixture *f, int64_t rows, const kind *kinds, size_t count) {
  ms_frame *frame = make(f, rows, kinds, count);
  assert_non_null(frame);
  const ms_column *keys[8];
  for (size_t c = 0; c < count; c++) keys[c] = ms_frame_column(frame, c);
  ms_groups groups[3];
  for (int t = 0; t < 3; t++) {
    ms_context_threads(f->context, 1 << t);
    assert_int_equal(ms_groups_new(f->context, keys, count, rows, &groups[t]), MS_OK);
    if (t == 0) {
      check(frame, &groups[0]);
      continue;
    }
    assert_int_equal(groups[t].count, groups[0].count);
    assert_memory_equal(groups[t].ids, groups[0].ids, (size_t)rows * sizeof(uint32_t));
    assert_memory_equal(groups[t].first, groups[0].first,
                        (size_t)groups[0].count * sizeof(uint32_t));
  }
  ms_context_end(f->context);
  ms_frame_free(frame);
}

static void one_key_of_each_kind(void **state) {
  for (kind k = FEW; k < KINDS; k++) {
    try_kinds(*state, 1, &k, 1);
    try_kinds(*state, 1000, &k, 1);
    try_kinds(*state, 200000, &k, 1);
  }
}

static void two_keys_of_all_kinds(void **state) {
  for (kind k = FEW; k < KINDS; k++) {
    for (kind l = FEW; l < KINDS; l++) try_kinds(*state, 3000, (kind[]){k, l}, 2);
  }
}

static void many_keys_that_do_not_fit_one_word(void **state) {
  kind kinds[] = {SPARSE, REALS, TEXTS, EXTREME, SPARSE, FLAGS, REALS};
  try_kinds(*state, 5000, kinds, 7);
  try_kinds(*state, 150000, kinds, 7);
  kind wide[] = {EXTREME, SPARSE, SPARSE};
  try_kinds(*state, 70000, wide, 3);
}

static void no_key_is_one_group_even_of_no_rows(void **state) {
  fixture *f = *state;
  ms_groups groups;
  assert_int_equal(ms_groups_new(f->context, NULL, 0, 0, &groups), MS_OK);
  assert_int_equal(groups.count, 1);
  assert_int_equal(ms_groups_new(f->context, NULL, 0, 5, &groups), MS_OK);
  assert_int_equal(groups.count, 1);
  assert_int_equal(groups.first[0], 0);
  for (int i = 0; i < 5; i++) assert_int_equal(groups.ids[i], 0);
}

static void a_key_without_rows_has_no_group(void **state) {
  fixture *f = *state;
  for (kind k = FEW; k < KINDS; k++) {
    ms_frame *frame = make(f, 0, &k, 1);
    const ms_column *key = ms_frame_column(frame, 0);
    ms_groups groups;
    assert_int_equal(ms_groups_new(f->context, &key, 1, 0, &groups), MS_OK);
    assert_int_equal(groups.count, 0);
    ms_context_end(f->context);
    ms_frame_free(frame);
  }
}

static void nulls_alone_are_one_group(void **state) {
  fixture *f = *state;
  for (int type = 0; type < MS_TYPE_COUNT; type++) {
    ms_column *nulls = ms_column_null(f->context, (ms_type)type, 300);
    const ms_column *key = nulls;
    ms_groups groups;
    assert_int_equal(ms_groups_new(f->context, &key, 1, 300, &groups), MS_OK);
    assert_int_equal(groups.count, 1);
    ms_context_end(f->context);
    ms_column_free(nulls);
  }
}

static void nearly_distinct_keys_of_many_rows(void **state) {
  fixture *f = *state;
  enum { ROWS = 300000 };
  int64_t *values = malloc(ROWS * sizeof *values);
  for (int64_t i = 0; i < ROWS; i++) values[i] = (i < ROWS - 1000 ? i : i - 5000) * 1000003;
  ms_column *column = ms_column_from_int64(f->context, MS_INTEGER, ROWS, values, NULL);
  const ms_column *key = column;
  ms_groups groups;
  assert_int_equal(ms_groups_new(f->context, &key, 1, ROWS, &groups), MS_OK);
  assert_int_equal(groups.count, ROWS - 1000);
  for (int64_t i = 0; i < ROWS; i++) {
    assert_int_equal(groups.ids[i], i < ROWS - 1000 ? i : i - 5000);
  }
  ms_context_end(f->context);
  ms_column_free(column);
  free(values);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(one_key_of_each_kind),
      TEST(two_keys_of_all_kinds),
      TEST(many_keys_that_do_not_fit_one_word),
      TEST(no_key_is_one_group_even_of_no_rows),
      TEST(a_key_without_rows_has_no_group),
      TEST(nulls_alone_are_one_group),
      TEST(nearly_distinct_keys_of_many_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
