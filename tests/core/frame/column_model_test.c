/* Columns against a plain model: an array of values and one of validity. Every storage, gather, slice,
 * concat, repeat, views. */
#include "tests/core/unit.h"

#include <math.h>

#include "core/frame/frame.h"

enum { ROWS = 70000 }; /* more than a morsel */

static ms_context *context;

static int begin(void **state) {
  (void)state;
  context = ms_context_new();
  ms_context_threads(context, 4);
  return context ? 0 : -1;
}

static int end(void **state) {
  (void)state;
  ms_context_end(context);
  ms_context_free(context);
  return 0;
}

/* What a column should hold. */
typedef struct {
  int64_t rows;
  int64_t *values;
  bool *valid;
} model;

static model model_new(int64_t rows, int64_t low, int64_t high, int null_every) {
  model m = {rows, ms_scratch(context, (size_t)rows, 8), ms_scratch(context, (size_t)rows, 1)};
  uint64_t span = (uint64_t)high - (uint64_t)low, draw = 88172645463325252ULL;
  for (int64_t i = 0; i < rows; i++) {
    draw ^= draw << 13, draw ^= draw >> 7, draw ^= draw << 17; /* xorshift64 */
    m.values[i] = (int64_t)((uint64_t)low + (span == UINT64_MAX ? draw : draw % (span + 1)));
    m.valid[i] = !null_every || i % null_every != 0;
    if (i == 1) m.values[i] = low;
    if (i == 2) m.values[i] = high;
  }
  return m;
}

static ms_buffer *validity_of(const model *m) {
  ms_buffer *validity = ms_buffer_zero(context, ms_bitmap_words(m->rows), 8);
  for (int64_t i = 0; i < m->rows; i++) {
    if (m->valid[i]) ms_bit_set((uint64_t *)(void *)validity->data, i);
  }
  return validity;
}

static ms_column *integers_of(const model *m) {
  /* What stands at a null must not widen the storage. */
  for (int64_t i = 0; i < m->rows; i++) {
    if (!m->valid[i]) m->values[i] = INT64_MAX;
  }
  return ms_column_from_int64(context, MS_INTEGER, m->rows, m->values, validity_of(m));
}

static void expect_integers(const ms_column *column, const model *m) {
  int64_t nulls = 0;
  assert_non_null(column);
  assert_int_equal(column->rows, m->rows);
  for (int64_t i = 0; i < m->rows; i++) {
    nulls += !m->valid[i];
    assert_int_equal(ms_column_valid(column, i), m->valid[i]);
    if (!m->valid[i]) continue;
    assert_int_equal(ms_column_integer(column, i), m->values[i]);
    assert_true(m->values[i] >= column->low && m->values[i] <= column->high);
  }
  assert_int_equal(column->nulls, nulls);
  assert_int_equal(column->validity != NULL, nulls > 0);
}

static void integers_are_stored_as_narrow_as_they_allow(void **state) {
  (void)state;
  const struct {
    int64_t low, high;
    ms_storage storage;
  } cases[] = {{0, 1, MS_INT8},
               {INT8_MIN, INT8_MAX, MS_INT8},
               {INT8_MIN - 1, 0, MS_INT16},
               {0, INT16_MAX, MS_INT16},
               {0, INT16_MAX + 1, MS_INT32},
               {INT32_MIN, INT32_MAX, MS_INT32},
               {INT32_MIN, INT32_MAX + INT64_C(1), MS_INT64},
               {INT64_MIN, INT64_MAX, MS_INT64}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    for (int null_every = 0; null_every < 8; null_every += 7) {
      model m = model_new(ROWS, cases[i].low, cases[i].high, null_every);
      ms_column *column = integers_of(&m);
      assert_int_equal(column->storage, cases[i].storage);
      expect_integers(column, &m);
      int64_t *loaded = ms_scratch(context, 100, 8);
      ms_load_int64(column, 69900, 100, loaded);
      for (int j = 0; j < 100; j++) {
        if (m.valid[69900 + j]) assert_int_equal(loaded[j], m.values[69900 + j]);
      }
      ms_column_free(column);
      ms_context_end(context);
    }
  }
}

static void a_column_of_nulls_or_of_nothing_is_a_column(void **state) {
  (void)state;
  for (int type = 0; type < MS_TYPE_COUNT; type++) {
    ms_column *column = ms_column_null(context, (ms_type)type, 100), *none;
    assert_int_equal(column->nulls, 100);
    assert_int_equal(column->type, type);
    none = ms_column_slice(context, column, 50, 0);
    assert_int_equal(none->rows, 0);
    ms_column *again = ms_column_slice(context, column, 3, 97);
    assert_int_equal(again->nulls, 97);
    ms_column_free(again);
    ms_column_free(none);
    ms_column_free(column);
  }
}

static void gathering_takes_the_rows_and_null_where_missing(void **state) {
  (void)state;
  model m = model_new(ROWS, -1000, 1000, 5), want = model_new(ROWS, 0, 0, 0);
  ms_column *column = integers_of(&m);
  uint32_t *index = ms_scratch(context, ROWS, sizeof *index);
  for (int64_t i = 0; i < ROWS; i++) {
    int64_t from = (i * 7919 + 13) % ROWS;
    index[i] = i % 11 == 0 ? MS_MISSING : (uint32_t)from;
    want.valid[i] = i % 11 != 0 && m.valid[from];
    want.values[i] = m.values[from];
  }
  ms_column *taken = ms_column_gather(context, column, index, ROWS);
  expect_integers(taken, &want);
  ms_column_free(taken);
  ms_column_free(column);
}

static void slices_and_their_sum_are_the_column(void **state) {
  (void)state;
  model m = model_new(ROWS, -40000, 40000, 9);
  ms_column *column = integers_of(&m);
  const int64_t cuts[] = {0, 1, 64, 65, 1000, 66000, ROWS};
  ms_column *parts[6];
  for (size_t i = 0; i < 6; i++) {
    parts[i] = ms_column_slice(context, column, cuts[i], cuts[i + 1] - cuts[i]);
    model part = {cuts[i + 1] - cuts[i], m.values + cuts[i], m.valid + cuts[i]};
    expect_integers(parts[i], &part);
  }
  ms_column *whole = ms_column_concat(context, (const ms_column *const *)parts, 6);
  expect_integers(whole, &m);
  for (size_t i = 0; i < 6; i++) ms_column_free(parts[i]);
  ms_column_free(whole);
  ms_column_free(column);
}

/* Texts of which `kinds` differ; as codes or as plain rows. */
static ms_column *texts_of(const model *m, bool plain) {
  ms_intern *intern = ms_intern_new(context);
  uint32_t *codes = ms_scratch(context, (size_t)m->rows, sizeof *codes);
  for (int64_t i = 0; i < m->rows; i++) {
    char text[32];
    int size = snprintf(text, sizeof text, "值%lld", (long long)m->values[i]);
    int64_t code = plain ? ms_intern_append(intern, text, (size_t)size)
                         : ms_intern_add(intern, text, (size_t)size);
    codes[i] = (uint32_t)code;
  }
  ms_dictionary *dictionary = ms_intern_done(intern);
  ms_intern_free(intern);
  return plain ? ms_column_from_texts(context, dictionary, validity_of(m))
               : ms_column_from_codes(context, m->rows, codes, dictionary, validity_of(m));
}

static void expect_texts(const ms_column *column, const model *m) {
  assert_non_null(column);
  assert_int_equal(column->rows, m->rows);
  for (int64_t i = 0; i < m->rows; i++) {
    char text[32];
    int size = snprintf(text, sizeof text, "值%lld", (long long)m->values[i]);
    assert_int_equal(ms_column_valid(column, i), m->valid[i]);
    if (!m->valid[i]) continue;
    ms_slice got = ms_column_text(column, i);
    assert_int_equal(got.size, size);
    assert_memory_equal(got.data, text, (size_t)size);
  }
}

static void texts_have_codes_as_wide_as_their_dictionary(void **state) {
  (void)state;
  const struct {
    int64_t kinds;
    ms_storage storage;
  } cases[] = {
      {1, MS_CODE8}, {200, MS_CODE8}, {300, MS_CODE16}, {60000, MS_CODE16}, {0, MS_CODE_ROW}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t most = cases[i].kinds ? cases[i].kinds - 1 : 1000;
    model m = model_new(ROWS, 0, most, 6);
    ms_column *column = texts_of(&m, cases[i].kinds == 0);
    assert_int_equal(column->storage, cases[i].storage);
    expect_texts(column, &m);
    ms_column *distinct = ms_column_distinct(context, column);
    expect_texts(distinct, &m);
    assert_true(distinct->dictionary->distinct);
    ms_column *half = ms_column_slice(context, column, ROWS / 2, ROWS / 2);
    model rest = {ROWS / 2, m.values + ROWS / 2, m.valid + ROWS / 2};
    expect_texts(half, &rest);
    ms_column *parts[] = {half, distinct, half};
    ms_column *sum = ms_column_concat(context, (const ms_column *const *)parts, 3);
    ms_column *back = ms_column_slice(context, sum, ROWS / 2, ROWS);
    expect_texts(back, &m);
    ms_column_free(back);
    ms_column_free(sum);
    ms_column_free(half);
    ms_column_free(distinct);
    ms_column_free(column);
    ms_context_end(context);
  }
}

static void integers_and_reals_together_are_reals(void **state) {
  (void)state;
  model m = model_new(1000, -5, 5, 4);
  ms_column *whole = integers_of(&m);
  ms_buffer *values = ms_buffer_new(context, 2, sizeof(double));
  ((double *)(void *)values->data)[0] = 0.5;
  ((double *)(void *)values->data)[1] = NAN;
  ms_column *real = ms_column_from_real(context, 2, values, NULL);
  const ms_column *parts[] = {whole, real};
  ms_column *both = ms_column_concat(context, parts, 2);
  assert_int_equal(both->type, MS_REAL);
  for (int64_t i = 0; i < 1000; i++) {
    assert_int_equal(ms_column_valid(both, i), m.valid[i]);
    if (m.valid[i]) assert_true(ms_column_real(both, i) == (double)m.values[i]);
  }
  assert_true(ms_column_real(both, 1000) == 0.5);
  assert_true(isnan(ms_column_real(both, 1001)));
  assert_int_equal(both->nulls, whole->nulls);
  ms_column *text = ms_column_null(context, MS_TEXT, 1);
  parts[1] = text;
  assert_null(ms_column_concat(context, parts, 2));
  assert_int_equal(ms_error_status(context), MS_ETYPE);
  ms_column_free(text);
  ms_column_free(both);
  ms_column_free(real);
  ms_column_free(whole);
}

static void views_widen_and_show_nulls_as_nan(void **state) {
  (void)state;
  model m = model_new(ROWS, -100, 100, 3);
  ms_column *column = integers_of(&m);
  const double *reals = ms_view_real(context, column);
  const int64_t *integers = ms_view_int64(context, column);
  for (int64_t i = 0; i < ROWS; i++) {
    if (m.valid[i]) {
      assert_true(reals[i] == (double)m.values[i]);
      assert_int_equal(integers[i], m.values[i]);
    } else {
      assert_true(isnan(reals[i]));
    }
  }
  ms_column_free(column);
}

static void a_row_repeated_is_that_row(void **state) {
  (void)state;
  model m = model_new(10, -300, 300, 4);
  ms_column *column = integers_of(&m), *texts = texts_of(&m, false);
  for (int64_t row = 0; row < 10; row++) {
    ms_column *same = ms_column_repeat(context, column, row, 3),
              *text = ms_column_repeat(context, texts, row, 3);
    model want = {3, (int64_t[]){m.values[row], m.values[row], m.values[row]},
                  (bool[]){m.valid[row], m.valid[row], m.valid[row]}};
    expect_integers(same, &want);
    expect_texts(text, &want);
    ms_column_free(same);
    ms_column_free(text);
  }
  ms_column_free(column);
  ms_column_free(texts);
}

static void dictionaries_map_and_rank_by_bytes(void **state) {
  (void)state;
  const char *const one[] = {"b", "a", "", "上", "a"}, *const two[] = {"上", "x", "b"};
  ms_intern *intern = ms_intern_new(context);
  for (size_t i = 0; i < 5; i++) (void)ms_intern_append(intern, one[i], strlen(one[i]));
  ms_dictionary *plain = ms_intern_done(intern);
  for (size_t i = 0; i < 3; i++) assert_int_equal(ms_intern_add(intern, two[i], strlen(two[i])), i);
  assert_int_equal(ms_intern_add(intern, "x", 1), 1);
  ms_dictionary *other = ms_intern_done(intern);
  ms_intern_free(intern);
  const uint32_t ranks[] = {2, 1, 0, 3, 1}, map[] = {2, MS_MISSING, MS_MISSING, 0, MS_MISSING},
                 canon[] = {0, 1, 2, 3, 1};
  assert_memory_equal(ms_dictionary_ranks(context, plain), ranks, sizeof ranks);
  assert_memory_equal(ms_dictionary_map(context, plain, other), map, sizeof map);
  assert_memory_equal(ms_dictionary_canon(context, plain), canon, sizeof canon);
  ms_dictionary_free(plain);
  ms_dictionary_free(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(integers_are_stored_as_narrow_as_they_allow),
      TEST(a_column_of_nulls_or_of_nothing_is_a_column),
      TEST(gathering_takes_the_rows_and_null_where_missing),
      TEST(slices_and_their_sum_are_the_column),
      TEST(texts_have_codes_as_wide_as_their_dictionary),
      TEST(integers_and_reals_together_are_reals),
      TEST(views_widen_and_show_nulls_as_nan),
      TEST(a_row_repeated_is_that_row),
      TEST(dictionaries_map_and_rank_by_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
