/* The frames that the stopped calls work on: "rows:N", N rows to learn from; "orders:N" and "customers:N", tables of a
 * shop of N customers. All are drawn from fixed seeds. */
#ifndef MS_TEST_STOPPING_ROWS_H
#define MS_TEST_STOPPING_ROWS_H

#include <math.h>

#include "core/api.h"
#include "tests/core/unit.h"

enum { STOPPING_FRAMES = 32 };
static struct {
  char name[64];
  ms_frame *frame;
} stopping_frames[STOPPING_FRAMES];

/* Uniform in [0, 1): a linear congruential generator, its upper bits. */
static double stopping_draw(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(*state >> 11) * 0x1p-53;
}

static void stopping_word(ms_builder *builder, size_t column, const char *form, int64_t value) {
  char text[32];
  int size = snprintf(text, sizeof text, form, (int)value);
  ms_builder_text(builder, column, text, (size_t)size);
}

/* x1 … x6 (real; x1 … x3 with a tenth of a unit between values, x4 sometimes null in `gaps`), few and many (texts of 6
 * and of 300 values), each (a text of its own a row), bought (boolean), kind (three classes), spent (real), visits
 * (counts), weight (1 … 5), time (real, over 0), gaps (x4 with nulls), id, group (a tenth as many as rows), share (a probability). */
static const struct {
  const char *name;
  ms_type type;
} stopping_columns[] = {
    {"x1", MS_REAL},        {"x2", MS_REAL},        {"x3", MS_REAL},   {"x4", MS_REAL},
    {"x5", MS_REAL},        {"x6", MS_REAL},        {"few", MS_TEXT},  {"many", MS_TEXT},
    {"each", MS_TEXT},      {"bought", MS_BOOLEAN}, {"kind", MS_TEXT}, {"spent", MS_REAL},
    {"visits", MS_INTEGER}, {"weight", MS_INTEGER}, {"time", MS_REAL}, {"gaps", MS_REAL},
    {"id", MS_INTEGER},     {"group", MS_INTEGER},  {"share", MS_REAL}};

static void stopping_row(ms_builder *builder, int64_t row, uint64_t *state) {
  double x[6], mean = -1;
  for (size_t j = 0; j < 6; j++) {
    x[j] = stopping_draw(state) + stopping_draw(state) + stopping_draw(state) - 1.5;
    if (j < 3) x[j] = floor(x[j] * 10) / 10;
    mean += x[j] * (double)(3 - (int)j) / 2;
    ms_builder_real(builder, j, x[j]);
  }
  int64_t few = (int64_t)(stopping_draw(state) * 6), many = (int64_t)(stopping_draw(state) * 300);
  mean += (double)few / 3 - (double)(many % 7) / 5 + stopping_draw(state) - 0.5;
  stopping_word(builder, 6, "few %d", few);
  stopping_word(builder, 7, "many %d", many);
  stopping_word(builder, 8, "each %d", row);
  ms_builder_integer(builder, 9, stopping_draw(state) < 1 / (1 + exp(-mean)));
  stopping_word(builder, 10, "kind %d", mean < -1.5 ? 0 : mean < 0.5 ? 1 : 2);
  ms_builder_real(builder, 11, 20 + mean * 10 + stopping_draw(state));
  ms_builder_integer(builder, 12, (int64_t)(stopping_draw(state) * exp(mean / 2) * 4));
  ms_builder_integer(builder, 13, 1 + (int64_t)(stopping_draw(state) * 5));
  ms_builder_real(builder, 14, -log(1 - stopping_draw(state)) * exp(-mean / 4) + 0.001);
  if (stopping_draw(state) < 0.1) {
    ms_builder_null(builder, 15);
  } else {
    ms_builder_real(builder, 15, x[3]);
  }
  ms_builder_integer(builder, 16, row);
  ms_builder_integer(builder, 17, row / 10);
  ms_builder_real(builder, 18, 1 / (1 + exp(-mean)));
}

static ms_frame *stopping_rows(ms_context *context, int64_t rows) {
  ms_builder *builder = ms_builder_new(context);
  uint64_t state = 7;
  for (size_t j = 0; j < sizeof stopping_columns / sizeof *stopping_columns; j++) {
    (void)ms_builder_column(builder, stopping_columns[j].name, stopping_columns[j].type);
  }
  for (int64_t i = 0; i < rows; i++) stopping_row(builder, i, &state);
  return ms_builder_finish(builder);
}

static ms_frame *stopping_shop(ms_context *context, const char *table, int64_t customers) {
  ms_options *options = ms_options_new(context);
  ms_options_text(options, "table", table, strlen(table));
  ms_options_integer(options, "customers", MS_INTEGER, customers);
  ms_frame *frame = ms_kernel_call(context, "simulate_shop", NULL, 0, options);
  ms_options_free(options);
  return frame;
}

/* The frame of that name with `percent` of the rows it says, at least 500; kept until the end. */
static const ms_frame *stopping_frame(ms_context *context, const char *name, int percent) {
  char table[32], kept[64];
  size_t size = strcspn(name, ":"), at = 0;
  int64_t rows = atoll(name + size + 1) * percent / 100;
  if (rows < 500) rows = 500;
  (void)snprintf(table, sizeof table, "%.*s", (int)size, name);
  (void)snprintf(kept, sizeof kept, "%s:%lld", table, (long long)rows);
  for (; stopping_frames[at].frame; at++) {
    if (strcmp(stopping_frames[at].name, kept) == 0) return stopping_frames[at].frame;
  }
  assert_in_range(at, 0, STOPPING_FRAMES - 2);
  ms_frame *frame = strcmp(table, "rows") == 0 ? stopping_rows(context, rows)
                                               : stopping_shop(context, table, rows);
  ms_context_end(context);
  if (!frame) fail_msg("%s: %s", kept, ms_error_text(context));
  (void)snprintf(stopping_frames[at].name, sizeof kept, "%s", kept);
  stopping_frames[at].frame = frame;
  return frame;
}

static void stopping_frames_free(void) {
  for (size_t i = 0; stopping_frames[i].frame; i++) {
    ms_frame_free(stopping_frames[i].frame);
    stopping_frames[i].frame = NULL;
  }
}

#endif
