/* The conformance sets of ../shared/data: every file is read as its expected JSON says, or refused. The
 * exceptions, each with its reason, stand in tests/README.md. */
#include <dirent.h>
#include <jansson.h>

#include "csv_helpers.h"

#define DATA "../shared/data/"
#define SETS DATA "csv-conformance/"

static bool missing(const char *path) {
  if (access(path, R_OK) == 0) return false;
  print_message("skipped: %s is not there\n", path);
  return true;
}

static bool starts_with(const char *text, const char *start) {
  return strncmp(text, start, strlen(start)) == 0;
}

/* Every column as text, so that the fields themselves are compared; null is the empty text. */
static ms_frame *read_as_text(ms_context *context, const char *path, const char *header) {
  ms_frame *first =
      read_path(context, path, (const char *const[]){header, "delimiter=,", "on_bad=error", NULL});
  if (!first) return NULL;
  ms_options *options =
      options_of(context, (const char *const[]){header, "delimiter=,", "on_bad=error", NULL});
  ms_options_text(options, "path", path, strlen(path));
  for (size_t j = 0; j < ms_frame_columns(first); j++) {
    char type[256];
    snprintf(type, sizeof type, "%s:text", ms_frame_name(first, j));
    ms_options_text(options, "types", type, strlen(type));
  }
  ms_frame *frame = ms_kernel_call(context, "read_csv", NULL, 0, options);
  ms_options_free(options);
  ms_frame_free(first);
  return frame;
}

static void check_cell(const ms_frame *frame, size_t column, int64_t row, const json_t *wanted) {
  size_t size = 0;
  const char *got =
      ms_cell_valid(frame, column, row) ? ms_cell_text(frame, column, row, &size) : "";
  assert_int_equal(size, json_string_length(wanted));
  assert_memory_equal(got, json_string_value(wanted), size);
}

static void check_rows(const ms_frame *frame, const json_t *wanted) {
  size_t i;
  const json_t *row;
  assert_int_equal(ms_frame_rows(frame), json_array_size(wanted));
  json_array_foreach(wanted, i, row) {
    assert_int_equal(ms_frame_columns(frame),
                     json_is_array(row) ? json_array_size(row) : json_object_size(row));
    for (size_t j = 0; j < ms_frame_columns(frame); j++)
      check_cell(frame, j, (int64_t)i,
                 json_is_array(row) ? json_array_get(row, j)
                                    : json_object_get(row, ms_frame_name(frame, j)));
  }
}

static void check_file(const char *csv, const char *json, const char *header) {
  ms_context *context = ms_context_new();
  json_error_t error;
  json_t *wanted = json_load_file(json, 0, &error);
  if (!wanted) fail_msg("%s: %s", json, error.text);
  ms_frame *frame = read_as_text(context, csv, header);
  if (!frame) fail_msg("%s: %s", csv, ms_error_text(context));
  check_rows(frame, wanted);
  json_decref(wanted);
  ms_frame_free(frame);
  ms_context_free(context);
}

static void check_folder(const char *folder, bool (*excepted)(const char *name),
                         bool always_header) {
  char csvs[256], csv[600], json[600];
  snprintf(csvs, sizeof csvs, "%s", folder);
  DIR *directory = opendir(csvs);
  assert_non_null(directory);
  int count = 0;
  for (struct dirent *entry; (entry = readdir(directory));) {
    char *dot = strstr(entry->d_name, ".csv");
    if (!dot || excepted(entry->d_name)) continue;
    bool header = always_header || starts_with(entry->d_name, "header-");
    snprintf(csv, sizeof csv, "%s/%s", csvs, entry->d_name);
    snprintf(json, sizeof json, "%s/../json/%.*s.json", csvs, (int)(dot - entry->d_name),
             entry->d_name);
    check_file(csv, json, header ? "header=true" : "header=false");
    count++;
  }
  closedir(directory);
  assert_true(count > 10);
}

static bool spectrum_exception(const char *name) {
  return strcmp(name, "location_coordinates.csv") == 0;
}
static void csv_spectrum_is_read_as_its_json_says(void **state) {
  (void)state;
  if (missing(SETS "csv-spectrum")) return;
  check_folder(SETS "csv-spectrum/csvs", spectrum_exception, true);
}

static bool bad_file(const char *name) { return starts_with(name, "bad-"); }
static void csv_test_data_is_read_as_its_json_says(void **state) {
  (void)state;
  if (missing(SETS "csv-test-data")) return;
  check_folder(SETS "csv-test-data/csv", bad_file, false);
}

/* Rejected rows of the file; -1 where the read is refused. */
static int64_t rejected(const char *path, const char *const *pairs) {
  ms_context *context = ms_context_new();
  ms_frame *frame = read_path(context, path, pairs), *rejects = ms_context_attached(context);
  int64_t count = !frame ? -1 : rejects ? ms_frame_rows(rejects) : 0;
  ms_frame_free(rejects);
  ms_frame_free(frame);
  ms_context_free(context);
  return count;
}

static void bad_files_are_refused(void **state) {
  (void)state;
  if (missing(SETS "csv-test-data")) return;
  static const char *const rows[] = {"bad-header-less-fields", "bad-header-more-fields",
                                     "bad-missing-quote", "bad-quotes-with-unescaped-quote",
                                     "bad-unescaped-quote"};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char path[256];
    snprintf(path, sizeof path, SETS "csv-test-data/csv/%s.csv", rows[i]);
    assert_int_equal(rejected(path, (const char *const[]){"on_bad=error", NULL}), -1);
    assert_int_equal(rejected(path, NULL), 1);
  }
  assert_int_equal(rejected(SETS "csv-test-data/csv/bad-header-no-header.csv", NULL), -1);
  assert_int_equal(rejected(SETS "csv-test-data/csv/bad-header-wrong-header.csv",
                            (const char *const[]){"columns=foo", NULL}),
                   -1);
  assert_int_equal(rejected(SETS "csv-spectrum/csvs/location_coordinates.csv", NULL), 1);
}

/* Rows, columns and rejected rows of a file, and its first record. */
static void check_shape(const char *path, const char *const *pairs, int64_t rows, size_t columns,
                        int64_t bad) {
  if (missing(path)) return;
  ms_context *context = ms_context_new();
  ms_frame *frame = read_path(context, path, pairs);
  if (!frame) fail_msg("%s: %s", path, ms_error_text(context));
  assert_int_equal(ms_frame_rows(frame), rows);
  assert_int_equal(ms_frame_columns(frame), columns);
  ms_frame_free(frame);
  assert_int_equal(rejected(path, pairs), bad);
  ms_context_free(context);
}

static void odd_files_are_read_with_the_options_that_say_so(void **state) {
  (void)state;
  check_shape(SETS "rust-csv/smallpop.csv", NULL, 10, 4, 0);
  check_shape(SETS "rust-csv/smallpop-colon.csv", NULL, 10, 4, 0);
  check_shape(SETS "rust-csv/smallpop-no-headers.csv", NULL, 10, 4, 0);
  check_shape(SETS "rust-csv/uspop-null.csv", NULL, 100, 5, 0);
  check_shape(SETS "rust-csv/uspop-latin1.csv", NULL, 100, 5, 0);
  check_shape(SETS "rust-csv/strange.csv",
              (const char *const[]){"escape=\\", "comment=#", "delimiter=;", "header=false", NULL},
              5, 2, 1);
  check_shape(SETS "clevercsv/imdb.csv", (const char *const[]){"escape=\\", NULL}, 100, 44, 0);
  check_shape(SETS "clevercsv/airedale.csv", (const char *const[]){"thousands=,", NULL}, 54, 8, 0);
  check_shape(SETS "clevercsv/milk.csv", (const char *const[]){"duplicates=rename", NULL}, 380, 23,
              0);
}

static void real_files_have_their_published_size(void **state) {
  (void)state;
  check_shape(DATA "cdnow/CDNOW_master.txt", (const char *const[]){"delimiter=whitespace", NULL},
              69659, 4, 0);
  check_shape(DATA "gbk-meal-orders/meal_order_info.csv",
              (const char *const[]){"null_values=NA", NULL}, 945, 21, 0);
  check_shape(DATA "gbk-meal-orders/meal_order_detail.csv", NULL, 10037, 19, 0);
  check_shape(DATA "completejourney/transactions_sample.csv.gz", NULL, 75000, 11, 0);
  check_shape(DATA "completejourney/products.csv.gz", NULL, 92331, 7, 0);
  check_shape(DATA "completejourney/coupons.csv.gz", NULL, 116204, 3, 0);
  check_shape(DATA "hillstrom/hillstrom.csv.gz", NULL, 64000, 12, 0);
}

static void the_sum_of_cdnow_is_right(void **state) {
  (void)state;
  if (missing(DATA "cdnow/CDNOW_master.txt")) return;
  ms_context *context = ms_context_new();
  ms_frame *frame =
      read_path(context, DATA "cdnow/CDNOW_master.txt",
                (const char *const[]){"delimiter=whitespace", "types=date:date", NULL});
  assert_non_null(frame);
  size_t column = (size_t)ms_frame_find(frame, "dollar_value");
  double cents = 0;
  for (int64_t i = 0; i < ms_frame_rows(frame); i++) cents += ms_cell_real(frame, column, i) * 100;
  assert_int_equal((long long)(cents + 0.5), 250031563); /* ../shared/data/README.md */
  assert_int_equal(ms_frame_type(frame, (size_t)ms_frame_find(frame, "customer_id")), MS_TEXT);
  assert_int_equal(ms_cell_integer(frame, (size_t)ms_frame_find(frame, "date"), 0),
                   9862); /* 1997-01-01 */
  ms_frame_free(frame);
  ms_context_free(context);
}

static void chinese_names_are_readable(void **state) {
  (void)state;
  if (missing(DATA "gbk-meal-orders/meal_order_info.csv")) return;
  ms_context *context = ms_context_new();
  ms_frame *frame = read_path(context, DATA "gbk-meal-orders/meal_order_info.csv", NULL);
  size_t size;
  const char *name = ms_cell_text(frame, (size_t)ms_frame_find(frame, "name"), 0, &size);
  assert_int_equal(size, 9);
  assert_memory_equal(name, "苗宇怡", 9);
  ms_frame_free(frame);
  ms_context_free(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(csv_spectrum_is_read_as_its_json_says),
      cmocka_unit_test(csv_test_data_is_read_as_its_json_says),
      cmocka_unit_test(bad_files_are_refused),
      cmocka_unit_test(odd_files_are_read_with_the_options_that_say_so),
      cmocka_unit_test(real_files_have_their_published_size),
      cmocka_unit_test(the_sum_of_cdnow_is_right),
      cmocka_unit_test(chinese_names_are_readable),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
