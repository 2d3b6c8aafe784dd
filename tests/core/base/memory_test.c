/* The account of memory: it counts, keeps a budget, fails where it was told to. */
#include "tests/core/unit.h"

#include "core/base/memory.h"

static void blocks_are_counted_and_given_back(void **state) {
  (void)state;
  ms_memory *memory = ms_memory_new();
  assert_int_equal(ms_memory_used(memory), 0);
  void *one = ms_memory_take(memory, 1000), *none = ms_memory_take(memory, 0);
  assert_non_null(none);
  assert_int_equal((uintptr_t)one % 64, 0);
  assert_true(ms_memory_used(memory) >= 1000);
  uint64_t peak = ms_memory_peak(memory);
  ms_memory_give(one);
  ms_memory_give(none);
  ms_memory_give(NULL);
  assert_int_equal(ms_memory_used(memory), 0);
  assert_int_equal(ms_memory_peak(memory), peak);
  ms_memory_free(memory);
}

static void a_block_may_outlive_its_account(void **state) {
  (void)state;
  ms_memory *memory = ms_memory_new();
  void *block = ms_memory_take(memory, 10);
  ms_memory_free(memory);
  memset(block, 1, 10);
  ms_memory_give(block); /* a sanitizer sees what is used or left behind */
}

static void the_budget_refuses_and_recovers(void **state) {
  (void)state;
  ms_memory *memory = ms_memory_new();
  ms_memory_budget(memory, 4096);
  assert_null(ms_memory_take(memory, 5000));
  assert_int_equal(ms_memory_used(memory), 0);
  void *block = ms_memory_take(memory, 3000);
  assert_non_null(block);
  assert_null(ms_memory_take(memory, 3000));
  ms_memory_give(block);
  block = ms_memory_take(memory, 3000);
  assert_non_null(block);
  ms_memory_give(block);
  ms_memory_free(memory);
}

static void only_the_planned_request_fails(void **state) {
  (void)state;
  ms_memory *memory = ms_memory_new();
  ms_memory_fail_at(memory, 3);
  void *first = ms_memory_take(memory, 1);
  assert_int_equal(ms_memory_fail_left(memory), 2);
  assert_false(ms_memory_fails(memory));
  assert_null(ms_memory_take(memory, 1));
  assert_int_equal(ms_memory_fail_left(memory), 0);
  void *second = ms_memory_take(memory, 1);
  assert_non_null(first);
  assert_non_null(second);
  ms_memory_give(first);
  ms_memory_give(second);
  ms_memory_free(memory);
}

static void growing_keeps_the_bytes_and_failing_keeps_the_block(void **state) {
  (void)state;
  ms_memory *memory = ms_memory_new();
  char *block = ms_memory_grow(memory, NULL, 6);
  memcpy(block, "hello", 6);
  block = ms_memory_grow(memory, block, 100000);
  assert_string_equal(block, "hello");
  ms_memory_fail_at(memory, 1);
  assert_null(ms_memory_grow(memory, block, 1000000));
  assert_string_equal(block, "hello");
  ms_memory_give(block);
  assert_int_equal(ms_memory_used(memory), 0);
  ms_memory_free(memory);
}

static void sizes_that_overflow_are_refused(void **state) {
  (void)state;
  ms_memory *memory = ms_memory_new();
  assert_null(ms_memory_take(memory, SIZE_MAX));
  assert_null(ms_memory_take(memory, SIZE_MAX / 2 + 1));
  assert_null(ms_memory_zero(memory, SIZE_MAX / 2, 3));
  unsigned char *zeros = ms_memory_zero(memory, 10, 10);
  for (int i = 0; i < 100; i++) assert_int_equal(zeros[i], 0);
  ms_memory_give(zeros);
  assert_int_equal(ms_memory_used(memory), 0);
  ms_memory_free(memory);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks_are_counted_and_given_back),
      cmocka_unit_test(a_block_may_outlive_its_account),
      cmocka_unit_test(the_budget_refuses_and_recovers),
      cmocka_unit_test(only_the_planned_request_fails),
      cmocka_unit_test(growing_keeps_the_bytes_and_failing_keeps_the_block),
      cmocka_unit_test(sizes_that_overflow_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
