/* The scanner against libcsv: thousands of random files, plain and broken, in parts and windows of a few
 * bytes, on 1, 2 and 4 threads. The frame and the rejected rows must be the same. A failing file is
 * named by its seed: MS_TEST_SEED=n runs it alone; MS_TEST_FILES=n sets their number. */
#include <iconv.h>
#include <stdint.h>

#include "csv_helpers.h"

typedef struct {
  uint64_t state;
  char *text;
  size_t size;
  int columns;
  int kinds[8];
  bool plain; /* nothing broken */
} random_file;

static unsigned pick(random_file *f, unsigned below) {
  f->state ^= f->state << 13;
  f->state ^= f->state >> 7;
  f->state ^= f->state << 17;
  return (unsigned)((f->state >> 24) % below);
}

static void put(random_file *f, const char *text) {
  size_t size = strlen(text);
  memcpy(f->text + f->size, text, size);
  f->size += size;
}

static void put_number(random_file *f, const char *format, int value) {
  char room[64];
  snprintf(room, sizeof room, format, value);
  put(f, room);
}

static void put_text(random_file *f) {
  static const char *const words[] = {"x",
                                      "上海",
                                      "a b",
                                      "NA",
                                      "é",
                                      "0",
                                      "-1",
                                      "1.5",
                                      "true",
                                      "=1",
                                      "O'N",
                                      "…",
                                      "2024-01-01",
                                      "",
                                      "007",
                                      "1e3",
                                      "9223372036854775808"};
  for (unsigned n = pick(f, 3); n < 3; n++) put(f, words[pick(f, sizeof words / sizeof *words)]);
}

static void put_quoted(random_file *f) {
  static const char *const parts[] = {"\"\"", ",",  "\n",  "\r\n",     "a",
                                      "\r",   "上", ",\n", "\"\"\"\"", "12"};
  put(f, "\"");
  for (unsigned n = pick(f, 6); n > 0; n--) put(f, parts[pick(f, sizeof parts / sizeof *parts)]);
  put(f, "\"");
  if (!f->plain && pick(f, 60) == 0) put(f, "y");
}

static void put_field(random_file *f, int kind) {
  unsigned odd = pick(f, 40);
  if (odd == 0 || kind == 9) return;
  if (odd == 1) kind = 5;
  if (odd == 2) kind = 6;
  switch (kind) {
    case 0: put_number(f, "%d", (int)pick(f, 100)); return;
    case 1: put_number(f, "%d", (int)pick(f, 2000000) - 1000000); return;
    case 2:
      put_number(f, "%d", (int)pick(f, 1000));
      put_number(f, ".%02d", (int)pick(f, 100));
      return;
    case 3: put_number(f, "2024-01-%02d", (int)pick(f, 31) + 1); return;
    case 4: put(f, pick(f, 2) ? "true" : "False"); return;
    case 5: put_text(f); return;
    case 6: put_quoted(f); return;
    case 7: put_number(f, "2024-02-03 04:%02d", (int)pick(f, 60)); return;
    default: put_number(f, "id%03d", (int)pick(f, 300)); return;
  }
}

static void put_line_end(random_file *f) {
  unsigned odd = pick(f, 30);
  put(f, odd == 0 ? "\r\n" : odd == 1 ? "\n\n" : odd == 2 && !f->plain ? "\r" : "\n");
}

static void make_file(random_file *f, uint64_t seed) {
  f->state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
  for (int i = 0; i < 5; i++) pick(f, 2);
  f->size = 0;
  f->columns = 1 + (int)pick(f, 6);
  f->plain = pick(f, 3) > 0;
  for (int j = 0; j < f->columns; j++) {
    f->kinds[j] = (int)pick(f, 10);
    put_number(f, j ? ",c%d" : "c%d", j);
  }
  put(f, "\n");
  for (unsigned rows = pick(f, pick(f, 4) ? 60 : 600); rows > 0; rows--) {
    int columns = pick(f, 50) ? f->columns : (int)pick(f, 8) + 1;
    for (int j = 0; j < columns; j++) {
      if (j) put(f, ",");
      put_field(f, f->kinds[j % f->columns]);
    }
    if (!f->plain && pick(f, 200) == 0) put(f, "\"");
    if (rows > 1 || pick(f, 2)) put_line_end(f);
  }
}

/* The whole text in another encoding; as it is where that cannot say it. */
static void encode(random_file *f, const char *encoding) {
  iconv_t handle = iconv_open(encoding, "UTF-8");
  char *out = malloc(f->size * 4 + 16), *to = out, *from = f->text;
  size_t left = f->size, space = f->size * 4 + 16;
  if (handle != (iconv_t)-1 && iconv(handle, &from, &left, &to, &space) != (size_t)-1) {
    f->size = (size_t)(to - out);
    memcpy(f->text, out, f->size);
  }
  if (handle != (iconv_t)-1) iconv_close(handle);
  free(out);
}

/* Frame and rejected rows as text; "refused" where the scanner says that the file is not for it. */
static char *outcome(const char *path, int threads, const char *const *pairs) {
  ms_context *context = ms_context_new();
  ms_context_threads(context, threads);
  ms_frame *frame = read_path(context, path, pairs), *rejects = ms_context_attached(context);
  char *text;
  if (frame) {
    char *rows = frame_text(frame), *bad = rejects ? frame_text(rejects) : strdup("");
    text = malloc(strlen(rows) + strlen(bad) + 2);
    sprintf(text, "%s\n%s", rows, bad);
    free(rows);
    free(bad);
  } else {
    text = strdup(strstr(ms_error_text(context), "not for the scanner") ? "refused"
                                                                        : ms_error_text(context));
  }
  ms_frame_free(rejects);
  ms_frame_free(frame);
  ms_context_free(context);
  return text;
}

static bool check_file(random_file *f, uint64_t seed, bool *scanned) {
  char chunk[32], window[32];
  const char *bad = pick(f, 2) ? "on_bad=reject" : "on_bad=null";
  make_file(f, seed);
  unsigned other = pick(f, 12);
  const char *encoding = other == 0   ? "encoding=utf-16le"
                         : other == 1 ? "encoding=gb18030"
                                      : "encoding=auto";
  if (other < 2) encode(f, strchr(encoding, '=') + 1);
  snprintf(chunk, sizeof chunk, "chunk=%u", 1 + pick(f, 300));
  snprintf(window, sizeof window, "window=%u", 1 + pick(f, 400));
  const char *path = file_with(f->text, f->size);
  const char *reference[] = {"engine=libcsv", "header=true", "delimiter=,", bad, encoding, NULL};
  const char *scanner[] = {"engine=scanner", "header=true", "delimiter=,", bad,
                           encoding,         chunk,         window,        NULL};
  const char *automatic[] = {"header=true", "delimiter=,", bad, encoding, chunk, NULL};
  char *wanted = outcome(path, 1, reference);
  bool same = true;
  *scanned = true;
  for (int threads = 1; threads <= 4; threads *= 2) {
    char *got = outcome(path, threads, scanner), *any = outcome(path, threads, automatic);
    bool refused = strcmp(got, "refused") == 0;
    *scanned &= !refused;
    if ((!refused && strcmp(got, wanted) != 0) || strcmp(any, wanted) != 0 ||
        (refused && f->plain)) {
      same = false;
      fprintf(stderr, "seed %llu, %d threads, %s %s:\n--- libcsv\n%s--- %s\n%s\n",
              (unsigned long long)seed, threads, chunk, window, wanted,
              strcmp(any, wanted) ? "auto" : "scanner", strcmp(any, wanted) ? any : got);
    }
    free(got);
    free(any);
    if (!same) break;
  }
  unlink(path);
  free(wanted);
  return same;
}

static void gives_what_libcsv_gives(void **state) {
  const char *one = getenv("MS_TEST_SEED"), *number = getenv("MS_TEST_FILES");
  unsigned long long first = one ? strtoull(one, NULL, 10) : 1, scanned = 0;
  unsigned long long last = one ? first : number ? strtoull(number, NULL, 10) : 1500;
  random_file f = {.state = 88172645463325252u, .text = malloc(1 << 20)};
  (void)state;
  for (unsigned long long seed = first; seed <= last; seed++) {
    bool by_scanner;
    f.state = seed + 1;
    if (!check_file(&f, seed, &by_scanner)) fail_msg("different at seed %llu", seed);
    scanned += by_scanner;
  }
  free(f.text);
  if (!one) assert_true(scanned > last / 2); /* or the test tests nothing */
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(gives_what_libcsv_gives)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
