/* The context: scratch, deferred releases, errors with hints, cancellation. */
#include "tests/core/unit.h"

#include "core/base/context.h"

static int begin(void **state) {
  *state = ms_context_new();
  return *state ? 0 : -1;
}

static int end(void **state) {
  ms_context_free(*state);
  return 0;
}

static void scratch_is_aligned_and_goes_with_the_call(void **state) {
  ms_context *context = *state;
  uint64_t before = ms_context_memory(context);
  for (size_t i = 0; i < 2000; i++) {
    unsigned char *block = ms_scratch_zero(context, i, 3);
    assert_int_equal((uintptr_t)block % 64, 0);
    for (size_t j = 0; j < i * 3; j += 97) assert_int_equal(block[j], 0);
    memset(block, 0xFF, i * 3);
  }
  assert_true(ms_context_memory(context) > before);
  ms_context_end(context);
  assert_int_equal(ms_context_memory(context), before);
}

static void a_released_mark_gives_back_only_what_came_after(void **state) {
  ms_context *context = *state;
  char *kept = ms_scratch_text(context, "kept", 4);
  ms_mark mark = ms_scratch_mark(context);
  uint64_t before = ms_context_memory(context);
  for (int i = 0; i < 100; i++) (void)ms_scratch(context, 1000, 1000);
  ms_scratch_release(context, mark);
  assert_int_equal(ms_context_memory(context), before);
  assert_string_equal(kept, "kept");
  assert_string_equal(ms_scratch_format(context, "%s %d", kept, 7), "kept 7");
}

static void scratch_that_overflows_or_is_refused_is_an_error(void **state) {
  ms_context *context = *state;
  assert_null(ms_scratch(context, SIZE_MAX / 2, 3));
  assert_int_equal(ms_error_status(context), MS_EMEMORY);
  ms_error_clear(context);
  ms_context_fail_at(context, 1);
  assert_null(ms_scratch(context, 1, 1));
  assert_int_equal(ms_error_status(context), MS_EMEMORY);
  assert_string_equal(ms_error_code(context), "E-MEMORY");
  assert_non_null(ms_scratch(context, 1, 1));
}

static int released;
static void release(void *thing) { released = released * 10 + *(int *)thing; }

static void deferred_things_are_released_last_first(void **state) {
  ms_context *context = *state;
  int one = 1, two = 2;
  released = 0;
  assert_int_equal(ms_defer(context, release, &one), MS_OK);
  assert_int_equal(ms_defer(context, release, &two), MS_OK);
  assert_int_equal(released, 0);
  ms_context_end(context);
  assert_int_equal(released, 21);
  ms_context_end(context);
  assert_int_equal(released, 21);
}

static void a_thing_that_cannot_be_noted_is_released_at_once(void **state) {
  ms_context *context = *state;
  int one = 1;
  released = 0;
  ms_context_fail_at(context, 1);
  assert_int_equal(ms_defer(context, release, &one), MS_EMEMORY);
  assert_int_equal(released, 1);
}

static void an_error_has_code_text_hint_and_place(void **state) {
  ms_context *context = *state;
  assert_int_equal(ms_error_status(context), MS_OK);
  assert_int_equal(ms_fail(context, MS_ECOLUMN, "filter: unknown column '%s'", "ciyt"), MS_ECOLUMN);
  const char *names[] = {"id", "city", "amount"};
  ms_fail_suggest(context, "ciyt", names, 3);
  ms_fail_place(context, "ciyt == 'x'", 0, 4);
  ms_fail_cell(context, "city", 12);
  assert_string_equal(ms_error_code(context), "E-COL-UNKNOWN");
  assert_string_equal(ms_error_text(context), "filter: unknown column 'ciyt'");
  assert_string_equal(ms_error_hint(context), "did you mean 'city'?\nthere are: id, city, amount");
  assert_string_equal(ms_error_source(context), "ciyt == 'x'");
  assert_int_equal(ms_error_end(context), 4);
  assert_string_equal(ms_error_column(context), "city");
  assert_int_equal(ms_error_row(context), 12);
}

static void a_new_error_takes_the_place_of_the_old_one_whole(void **state) {
  ms_context *context = *state;
  (void)ms_fail(context, MS_EDATA, "one");
  ms_fail_hint(context, "do this");
  ms_fail_cell(context, "x", 3);
  assert_null(ms_fail_null(context, MS_EIO, "%s and two", ms_error_text(context)));
  assert_string_equal(ms_error_text(context), "one and two");
  assert_string_equal(ms_error_hint(context), "");
  assert_string_equal(ms_error_column(context), "");
  assert_int_equal(ms_error_row(context), -1);
  ms_context_end(context);
  assert_string_equal(ms_error_text(context), "one and two");
}

static void an_error_text_beyond_all_bounds_is_cut(void **state) {
  ms_context *context = *state;
  static char names[100000];
  memset(names, 'x', sizeof names - 1);
  (void)ms_fail(context, MS_EDATA, "%s", names);
  ms_fail_hint(context, "%s", names);
  ms_fail_cell(context, names, 0);
  const char *list[] = {names, names, "a", "b", "c", "d", "e", "f", "g", "h"};
  ms_fail_suggest(context, names, list, 10);
  ms_fail_suggest(context, "a", list, 10);
  assert_true(strlen(ms_error_text(context)) > 100);
}

static void the_nearest_name_is_near(void **state) {
  (void)state;
  const char *names[] = {"amount", "city", "customer_id", "count"};
  assert_int_equal(ms_nearest("ciyt", names, 4), 1);
  assert_int_equal(ms_nearest("amuont", names, 4), 0);
  assert_int_equal(ms_nearest("custmer_id", names, 4), 2);
  assert_int_equal(ms_nearest("count", names, 4), 3);
  assert_int_equal(ms_nearest("revenue", names, 4), -1);
  assert_int_equal(ms_nearest("x", names, 0), -1);
  assert_int_equal(ms_nearest("", names, 4), -1);
}

static void cancelling_is_an_error_until_resumed(void **state) {
  ms_context *context = *state;
  assert_false(ms_cancelled(context));
  ms_context_cancel(context);
  assert_true(ms_cancelled(context));
  assert_int_equal(ms_error_status(context), MS_ECANCEL);
  assert_string_equal(ms_error_code(context), "E-INTERRUPTED");
  ms_context_resume(context);
  ms_error_clear(context);
  assert_false(ms_cancelled(context));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(scratch_is_aligned_and_goes_with_the_call),
      TEST(a_released_mark_gives_back_only_what_came_after),
      TEST(scratch_that_overflows_or_is_refused_is_an_error),
      TEST(deferred_things_are_released_last_first),
      TEST(a_thing_that_cannot_be_noted_is_released_at_once),
      TEST(an_error_has_code_text_hint_and_place),
      TEST(a_new_error_takes_the_place_of_the_old_one_whole),
      TEST(an_error_text_beyond_all_bounds_is_cut),
      TEST(the_nearest_name_is_near),
      TEST(cancelling_is_an_error_until_resumed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
