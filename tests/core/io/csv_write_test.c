/* write_csv: what it writes reads back as it was, and a failure leaves the old file. */
#include <dirent.h>
#include <math.h>
#include <sys/stat.h>

#include "csv_helpers.h"

static char folder[64], path[96];

static int make_folder(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/moonsift-write-%ld", (long)getpid());
  snprintf(path, sizeof path, "%s/out.csv", folder);
  return mkdir(folder, 0700);
}
static int remove_folder(void **state) {
  (void)state;
  unlink(path);
  return rmdir(folder); /* fails if anything was left */
}

static ms_frame *write_to(ms_context *context, const ms_frame *frame, const char *where,
                          const char *const *pairs) {
  ms_options *options = options_of(context, pairs);
  ms_options_text(options, "path", where, strlen(where));
  ms_frame *report =
      ms_kernel_call(context, "write_csv", (const ms_frame *const[]){frame}, 1, options);
  ms_options_free(options);
  ms_context_end(context);
  return report;
}

static ms_frame *sample(ms_context *context) {
  ms_builder *builder = ms_builder_new(context);
  static const double reals[] = {0.1, -0.0, 1e300, 5e-324, 123456.789, 1.0 / 3, 3, NAN, INFINITY};
  static const char *const texts[] = {"plain", "",   "a,b",  "say \"x\"", "two\nlines",
                                      "=1+1",  "-5", "上海", "@x"};
  ms_builder_column(builder, "name, odd", MS_TEXT);
  ms_builder_column(builder, "i", MS_INTEGER);
  ms_builder_column(builder, "r", MS_REAL);
  ms_builder_column(builder, "d", MS_DATE);
  ms_builder_column(builder, "t", MS_TIME);
  ms_builder_column(builder, "b", MS_BOOLEAN);
  for (int i = 0; i < 9; i++) {
    ms_builder_text(builder, 0, texts[i], strlen(texts[i]));
    ms_builder_integer(builder, 1, i == 4 ? INT64_MIN : INT64_MAX - i);
    ms_builder_real(builder, 2, reals[i]);
    ms_builder_integer(builder, 3, i * 1000 - 3000);
    ms_builder_integer(builder, 4, i * INT64_C(1234567890123) - INT64_C(5000000000000));
    ms_builder_integer(builder, 5, i % 2);
  }
  for (size_t j = 0; j < 6; j++) ms_builder_null(builder, j);
  return ms_builder_finish(builder);
}

static void reads_back_what_it_writes(void **state) {
  (void)state;
  static const char *const forms[][3] = {{"line_end=lf", NULL},
                                         {"line_end=crlf", "encoding=utf-8-bom", NULL},
                                         {"delimiter=;", "encoding=gbk", NULL},
                                         {"delimiter=tab", "encoding=utf-16le", NULL}};
  ms_context *context = ms_context_new();
  ms_frame *frame = sample(context);
  char *wanted = frame_text(frame);
  for (size_t i = 0; i < 4; i++) {
    const char *pairs[] = {"escape_formulas=false", forms[i][0], forms[i][1], NULL};
    ms_frame *report = write_to(context, frame, path, pairs);
    if (!report) fail_msg("%s", ms_error_text(context));
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(ms_cell_integer(report, 0, 0), 10);
    assert_int_equal(ms_cell_integer(report, 1, 0), about.st_size);
    ms_frame_free(report);
    ms_frame *back = read_path(context, path, (const char *const[]){"header=true", NULL});
    if (!back) fail_msg("%s", ms_error_text(context));
    char *got = frame_text(back);
    assert_string_equal(got, wanted);
    free(got);
    ms_frame_free(back);
  }
  free(wanted);
  ms_frame_free(frame);
  ms_context_free(context);
}

static void times_without_offset_are_in_the_sessions_zone(void **state) {
  (void)state;
  ms_context *context = ms_context_new();
  assert_int_equal(ms_context_zone(context, "Asia/Shanghai"), MS_OK);
  const char *text = "t,u\n2024-01-01 08:00,2024-01-01\n2024-01-01T00:00:01Z,2024-01-01 01:00\n";
  ms_frame *frame = read_bytes(context, text, strlen(text), NULL);
  char *wanted = frame_text(frame);
  assert_string_equal(wanted, "t:time u:time\n1704067200000000|1704038400000000\n"
                              "1704067201000000|1704042000000000\n");
  ms_frame_free(write_to(context, frame, path, NULL));
  ms_frame *back = read_path(context, path, NULL);
  char *got = frame_text(back);
  assert_string_equal(got, wanted);
  free(got);
  free(wanted);
  ms_frame_free(back);
  ms_frame_free(frame);
  ms_context_free(context);
}

static void packs_where_the_name_says_so(void **state) {
  (void)state;
  char packed[128];
  snprintf(packed, sizeof packed, "%s.gz", path);
  ms_context *context = ms_context_new();
  ms_frame *frame = sample(context);
  ms_frame_free(write_to(context, frame, packed, NULL));
  FILE *file = fopen(packed, "rb");
  assert_int_equal(fgetc(file), 0x1f);
  fclose(file);
  ms_frame *back = read_path(context, packed, NULL);
  assert_int_equal(ms_frame_rows(back), 10);
  ms_frame_free(back);
  ms_frame_free(frame);
  ms_context_free(context);
  unlink(packed);
}

static void escapes_formulas_of_texts_only(void **state) {
  (void)state;
  ms_context *context = ms_context_new();
  ms_builder *builder = ms_builder_new(context);
  ms_builder_column(builder, "=x", MS_TEXT);
  ms_builder_column(builder, "i", MS_INTEGER);
  ms_builder_text(builder, 0, "+1", 2);
  ms_builder_integer(builder, 1, -1);
  ms_frame *frame = ms_builder_finish(builder);
  ms_frame_free(write_to(context, frame, path, NULL));
  char got[64];
  FILE *file = fopen(path, "rb");
  got[fread(got, 1, sizeof got - 1, file)] = 0;
  fclose(file);
  assert_string_equal(got, "'=x,i\n'+1,-1\n");
  ms_frame_free(frame);
  ms_context_free(context);
}

static int entries(void) {
  DIR *directory = opendir(folder);
  int count = 0;
  for (struct dirent *entry; (entry = readdir(directory));) count += entry->d_name[0] != '.';
  closedir(directory);
  return count;
}

static void leaves_the_old_file_where_it_fails(void **state) {
  (void)state;
  ms_context *context = ms_context_new();
  ms_builder *builder = ms_builder_new(context);
  ms_builder_column(builder, "x", MS_TEXT);
  for (int i = 0; i < 200000; i++)
    ms_builder_text(builder, 0, i < 199999 ? "abc" : "😎", i < 199999 ? 3 : 4);
  ms_frame *frame = ms_builder_finish(builder);
  FILE *file = fopen(path, "wb");
  fputs("old", file);
  fclose(file);
  assert_null(write_to(context, frame, path, (const char *const[]){"encoding=gbk", NULL}));
  assert_string_equal(ms_error_code(context), "E-ENCODING");
  assert_int_equal(entries(), 1);
  char got[8];
  file = fopen(path, "rb");
  got[fread(got, 1, sizeof got - 1, file)] = 0;
  fclose(file);
  assert_string_equal(got, "old");
  assert_null(write_to(context, frame, "/nowhere/x.csv", NULL));
  assert_string_equal(ms_error_code(context), "E-IO");
  assert_null(write_to(context, frame, "/dev/full", NULL));
  assert_string_equal(ms_error_code(context), "E-IO");
  assert_null(write_to(context, frame, folder, NULL));
  assert_string_equal(ms_error_code(context), "E-IO");
  ms_frame_free(frame);
  ms_context_free(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_back_what_it_writes),
      cmocka_unit_test(times_without_offset_are_in_the_sessions_zone),
      cmocka_unit_test(packs_where_the_name_says_so),
      cmocka_unit_test(escapes_formulas_of_texts_only),
      cmocka_unit_test(leaves_the_old_file_where_it_fails),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
