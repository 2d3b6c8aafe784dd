/* The frames, files and options of the sweep's scenarios. They belong to a context of their own, so that
 * no planned failure touches them. */
#include "tests/core/sweep/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DAY_MICROSECONDS = 86400 };

static ms_context *owner;
static ms_frame *orders, *customers, *empty, *large;
static char directory[64];

static const char *const cities[] = {"上海", "Berlin", "北京", "São Paulo", "Oslo"};

static void add_order(ms_builder *builder, int64_t i) {
  char note[32];
  ms_builder_integer(builder, 0, i + 1);
  if (i % 17 == 3) {
    ms_builder_null(builder, 1);
  } else {
    ms_builder_integer(builder, 1, i * 7 % 50 + 1);
  }
  if (i % 23 == 5) {
    ms_builder_null(builder, 2);
  } else {
    const char *city = cities[i * i % 5];
    ms_builder_text(builder, 2, city, strlen(city));
  }
  int size = snprintf(note, sizeof note, "note %lld", (long long)(i * 7919 % 100003));
  ms_builder_text(builder, 3, note, (size_t)size);
  if (i % 13 == 7) {
    ms_builder_null(builder, 4);
  } else {
    ms_builder_real(builder, 4, i % 31 == 11 ? (double)NAN : (double)(i * 37 % 1000) / 4);
  }
  ms_builder_integer(builder, 5, i % 3 != 0);
  ms_builder_integer(builder, 6, 19700 + i % 90);
  ms_builder_integer(builder, 7, (19700 + i % 90) * INT64_C(1000000) * DAY_MICROSECONDS + i);
}

static ms_frame *orders_new(int64_t rows) {
  ms_builder *builder = ms_builder_new(owner);
  (void)ms_builder_column(builder, "id", MS_INTEGER);
  (void)ms_builder_column(builder, "customer", MS_INTEGER);
  (void)ms_builder_column(builder, "city", MS_TEXT);
  (void)ms_builder_column(builder, "note", MS_TEXT);
  (void)ms_builder_column(builder, "amount", MS_REAL);
  (void)ms_builder_column(builder, "paid", MS_BOOLEAN);
  (void)ms_builder_column(builder, "day", MS_DATE);
  (void)ms_builder_column(builder, "at", MS_TIME);
  for (int64_t i = 0; i < rows; i++) add_order(builder, i);
  return ms_builder_finish(builder);
}

static ms_frame *customers_new(void) {
  ms_builder *builder = ms_builder_new(owner);
  (void)ms_builder_column(builder, "customer", MS_INTEGER);
  (void)ms_builder_column(builder, "name", MS_TEXT);
  (void)ms_builder_column(builder, "city", MS_TEXT);
  for (int64_t i = 0; i < 40; i++) {
    char name[32];
    int size = snprintf(name, sizeof name, "name %lld", (long long)i);
    ms_builder_integer(builder, 0, i + 1);
    ms_builder_text(builder, 1, name, (size_t)size);
    ms_builder_text(builder, 2, cities[i % 4], strlen(cities[i % 4]));
  }
  return ms_builder_finish(builder);
}

static void write_file(const char *name, const char *row, int rows) {
  char path[128];
  (void)snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *file = fopen(path, "wb");
  if (!file) return;
  bool csv = strstr(name, ".csv") != NULL;
  if (csv) (void)fputs("id,city,amount,day\n", file);
  for (int i = 0; i < rows; i++) (void)fprintf(file, row, i, cities[i % 5], i / 4.0, i % 28 + 1);
  (void)fclose(file);
}

static void write_database(void) {
  char path[128];
  (void)snprintf(path, sizeof path, "%s/shop.db", directory);
  ms_options *open = sweep_options(owner, "write=true;create=true"),
             *key = sweep_options(owner, "key=customer");
  ms_database *database = ms_database_open(owner, path, open);
  if (!database || ms_database_write(owner, database, "orders", orders, NULL) != MS_OK ||
      ms_database_write(owner, database, "customers", customers, key) != MS_OK) {
    (void)fprintf(stderr, "sweep: %s\n", ms_error_text(owner));
  }
  ms_database_close(database);
  ms_options_free(open);
  ms_options_free(key);
  ms_context_end(owner);
}

void sweep_begin(void) {
  char command[512];
  owner = ms_context_new();
  orders = orders_new(200);
  customers = customers_new();
  empty = orders_new(0);
  large = orders_new(70000);
  (void)snprintf(directory, sizeof directory, "%s/sweep-XXXXXX", "/tmp");
  if (!mkdtemp(directory)) directory[0] = 0;
  write_file("shop.csv", "%d,\"%s\",%.2f,2024-01-%02d\n", 200);
  write_file("shop.jsonl", "{\"id\":%d,\"city\":\"%s\",\"amount\":%.2f,\"day\":\"2024-01-%02d\"}\n",
             200);
  (void)snprintf(command, sizeof command,
                 "cd '%s' && gzip -k shop.csv && iconv -f utf-8 -t utf-16 shop.csv >utf16.csv && "
                 "grep -v Paulo shop.csv | iconv -f utf-8 -t gbk >gbk.csv",
                 directory);
  if (system(command) != 0) directory[0] = 0;
  write_database();
}

static const sweep_scenario *learned;
static ms_frame *model[12];
static size_t model_parts;

static void forget_model(void) {
  for (size_t i = 0; i < model_parts; i++) ms_frame_free(model[i]);
  model_parts = 0;
  learned = NULL;
}

size_t sweep_model(const sweep_scenario *scenario, const ms_frame *const *data,
                   const ms_frame **parts, size_t most) {
  if (learned != scenario) {
    forget_model();
    char learner[64];
    (void)snprintf(learner, sizeof learner, "%s", scenario->kernel);
    *strrchr(learner, '_') = 0; /* boost_predict, boost_reasons: of boost */
    ms_options *options = sweep_options(owner, scenario->learn);
    ms_frame *part = ms_kernel_call(owner, learner, data, 1, options);
    if (!part) (void)fprintf(stderr, "%s: %s\n", learner, ms_error_text(owner));
    for (; part && model_parts < most; part = ms_context_attached(owner))
      model[model_parts++] = part;
    ms_options_free(options);
    ms_context_end(owner);
    learned = scenario;
  }
  for (size_t i = 0; i < model_parts; i++) parts[i] = model[i];
  return model_parts;
}

void sweep_end(void) {
  forget_model();
  char command[128];
  ms_frame_free(orders);
  ms_frame_free(customers);
  ms_frame_free(empty);
  ms_frame_free(large);
  ms_context_free(owner);
  (void)snprintf(command, sizeof command, "rm -rf '%s'", directory);
  if (directory[0] && system(command) != 0) (void)fputs("sweep: scratch files remain\n", stderr);
}

const char *sweep_directory(void) { return directory; }

const ms_frame *sweep_frame(const char *name) {
  if (strcmp(name, "orders") == 0) return orders;
  if (strcmp(name, "customers") == 0) return customers;
  if (strcmp(name, "empty") == 0) return empty;
  if (strcmp(name, "large") == 0) return large;
  return NULL;
}

/* Days since 1970 of a date as text, by Howard Hinnant's days_from_civil. */
static int64_t days_of(const char *text) {
  long year = strtol(text, NULL, 10), month = strtol(text + 5, NULL, 10),
       day = strtol(text + 8, NULL, 10);
  year -= month <= 2;
  long era = year / 400, of_era = year - era * 400;
  long of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097L + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void add_text(ms_options *options, const char *name, const char *value) {
  char text[512];
  size_t size = 0;
  for (const char *at = value; *at && size < sizeof text - 80; at++) {
    if (*at != '$') {
      text[size++] = *at;
      continue;
    }
    memcpy(text + size, directory, strlen(directory));
    size += strlen(directory);
  }
  ms_options_text(options, name, text, size);
}

static void add_option(ms_options *options, const char *name, const char *value) {
  if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0) {
    ms_options_integer(options, name, MS_BOOLEAN, value[0] == 't');
  } else if (value[0] == '#') {
    ms_options_integer(options, name, MS_INTEGER, strtoll(value + 1, NULL, 10));
  } else if (value[0] == '~') {
    ms_options_real(options, name, strtod(value + 1, NULL));
  } else if (strncmp(value, "!date ", 6) == 0) {
    ms_options_integer(options, name, MS_DATE, days_of(value + 6));
  } else {
    add_text(options, name, value);
  }
}

ms_options *sweep_options(ms_context *context, const char *text) {
  ms_options *options = ms_options_new(context);
  char pair[1024];
  while (*text) {
    size_t size = strcspn(text, ";");
    (void)snprintf(pair, sizeof pair, "%.*s", (int)size, text);
    char *equals = strchr(pair, '=');
    if (equals) {
      *equals = 0;
      add_option(options, pair, equals + 1);
    }
    text += size + strspn(text + size, "; ");
  }
  return options;
}
