/* The embedded files: whole, named by their path, readable as text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "core/base/embedded.h"

static const ms_embedded_file *find(const char *name) {
  for (const ms_embedded_file *file = ms_embedded_files; file->name; file++) {
    if (strcmp(file->name, name) == 0) {
      return file;
    }
  }
  return NULL;
}

static void the_test_runner_is_embedded_whole(void **state) {
  (void)state;
  const ms_embedded_file *file = find("stdlib/test.lua");
  assert_non_null(file);
  assert_int_equal(file->data[0], '-');
  assert_int_equal(strlen(file->data), file->size);
  assert_memory_equal(file->data + file->size - 9, "return M\n", 9);
}

static void the_list_has_no_name_twice(void **state) {
  (void)state;
  for (const ms_embedded_file *file = ms_embedded_files; file->name; file++) {
    assert_ptr_equal(find(file->name), file);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_test_runner_is_embedded_whole),
      cmocka_unit_test(the_list_has_no_name_twice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
