/* The expression language by tables: every file of tests/expressions, for several numbers of threads and sizes of
 * blocks. */
#include "tests/core/unit.h"

#include <glob.h>

#include "tests/core/expr/table.h"

static int run_all(int threads, int block, int copies) {
  glob_t files;
  int failed = 0;
  assert_int_equal(glob("tests/expressions/*.txt", 0, NULL, &files), 0);
  for (size_t i = 0; i < files.gl_pathc; i++) {
    ms_context *context = ms_context_new();
    ms_context_threads(context, threads);
    ms_context_block(context, block);
    failed += table_run(context, files.gl_pathv[i], copies);
    ms_context_free(context);
  }
  globfree(&files);
  return failed;
}

static void expressions_give_what_the_tables_say(void **state) {
  (void)state;
  assert_int_equal(run_all(1, 0, 1), 0);
}
static void repeated_rows_give_the_same(void **state) {
  (void)state;
  assert_int_equal(run_all(2, 0, 60), 0);
}
static void any_size_of_blocks_gives_the_same(void **state) {
  (void)state;
  assert_int_equal(run_all(1, 1, 2), 0);
  assert_int_equal(run_all(4, 3, 31), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(expressions_give_what_the_tables_say),
      cmocka_unit_test(repeated_rows_give_the_same),
      cmocka_unit_test(any_size_of_blocks_gives_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
