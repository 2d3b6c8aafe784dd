/* Calls of the sweep that are no kernels: databases, builders, printing. */
#include <string.h>

#include "tests/core/sweep/sweep.h"

/* ---- databases --------------------------------------------------------------------------------- */

static ms_database *open_shop(ms_context *context, bool write) {
  const char *path = ms_scratch_format(context, "%s/shop.db", sweep_directory());
  ms_options *options = path && write ? ms_options_new(context) : NULL;
  if (!path || (write && !options)) return NULL;
  if (write) ms_options_integer(options, "write", MS_BOOLEAN, 1);
  ms_database *database = ms_database_open(context, path, options);
  ms_options_free(options);
  return database;
}

static const char *text_of(const ms_options *options, const char *name) {
  const ms_option_value *value = ms_options_find(options, name);
  return value ? value->values[0].text.data : "";
}

/* The bag without what only names the table or the query. */
static ms_options *rest_of(ms_context *context, const ms_options *given, const char *left_out) {
  ms_options *rest = ms_options_new(context);
  for (size_t i = 0; rest && i < ms_options_count(given); i++) {
    const ms_option_value *option = ms_options_at(given, i);
    if (strcmp(option->name, left_out) == 0) continue;
    for (size_t j = 0; j < option->count; j++) {
      const ms_value *value = &option->values[j];
      if (value->type == MS_TEXT) {
        ms_options_text(rest, option->name, value->text.data, value->text.size);
      } else {
        ms_options_integer(rest, option->name, value->type, value->integer);
      }
    }
  }
  return rest;
}

ms_frame *database_tables(ms_context *context, const ms_inputs *inputs) {
  (void)inputs;
  ms_database *shop = open_shop(context, false);
  ms_frame *frame = shop ? ms_database_tables(context, shop) : NULL;
  ms_database_close(shop);
  return frame;
}

ms_frame *database_schema(ms_context *context, const ms_inputs *inputs) {
  ms_database *shop = open_shop(context, false);
  ms_frame *frame =
      shop ? ms_database_schema(context, shop, text_of(inputs->given, "table")) : NULL;
  ms_database_close(shop);
  return frame;
}

ms_frame *database_read(ms_context *context, const ms_inputs *inputs) {
  ms_options *rest = rest_of(context, inputs->given, "table");
  ms_database *shop = rest ? open_shop(context, false) : NULL;
  const char *table = text_of(inputs->given, "table");
  ms_frame *frame = shop ? ms_database_read(context, shop, table, rest) : NULL;
  ms_database_close(shop);
  ms_options_free(rest);
  return frame;
}

ms_frame *database_query(ms_context *context, const ms_inputs *inputs) {
  ms_options *rest = rest_of(context, inputs->given, "sql");
  ms_database *shop = rest ? open_shop(context, false) : NULL;
  const char *sql = text_of(inputs->given, "sql");
  ms_frame *frame = shop ? ms_database_query(context, shop, sql, rest) : NULL;
  ms_database_close(shop);
  ms_options_free(rest);
  return frame;
}

ms_frame *database_write(ms_context *context, const ms_inputs *inputs) {
  ms_options *rest = rest_of(context, inputs->given, "table");
  ms_database *shop = rest ? open_shop(context, true) : NULL;
  const char *table = text_of(inputs->given, "table");
  ms_status status = shop ? ms_database_write(context, shop, table, inputs->frames[0], rest)
                          : ms_error_status(context);
  ms_database_close(shop);
  ms_options_free(rest);
  return status == MS_OK && shop ? ms_frame_share(inputs->frames[0]) : NULL;
}

/* ---- frames ------------------------------------------------------------------------------------ */

static void copy_cell(ms_builder *builder, const ms_frame *frame, size_t column, int64_t row) {
  size_t size;
  if (!ms_cell_valid(frame, column, row)) {
    ms_builder_null(builder, column);
  } else if (ms_frame_type(frame, column) == MS_TEXT) {
    const char *text = ms_cell_text(frame, column, row, &size);
    ms_builder_text(builder, column, text, size);
  } else if (ms_frame_type(frame, column) == MS_REAL) {
    ms_builder_real(builder, column, ms_cell_real(frame, column, row));
  } else {
    ms_builder_integer(builder, column, ms_cell_integer(frame, column, row));
  }
}

ms_frame *frame_build(ms_context *context, const ms_inputs *inputs) {
  const ms_frame *frame = inputs->frames[0];
  ms_builder *builder = ms_builder_new(context);
  size_t columns = ms_frame_columns(frame);
  for (size_t j = 0; builder && j < columns; j++) {
    if (ms_builder_column(builder, ms_frame_name(frame, j), ms_frame_type(frame, j)) != MS_OK) {
      ms_builder_free(builder);
      return NULL;
    }
  }
  for (int64_t i = 0; builder && i < ms_frame_rows(frame); i++) {
    for (size_t j = 0; j < columns; j++) copy_cell(builder, frame, j, i);
  }
  return builder ? ms_builder_finish(builder) : NULL;
}

ms_frame *frame_print(ms_context *context, const ms_inputs *inputs) {
  const ms_option_value *width = ms_options_find(inputs->given, "width"),
                        *rows = ms_options_find(inputs->given, "rows");
  ms_print_options options = {.width = width ? (int)width->values[0].integer : 0,
                              .rows = rows ? (int)rows->values[0].integer : 0};
  size_t size;
  const char *text = ms_frame_print(context, inputs->frames[0], &options, &size);
  ms_builder *builder = text ? ms_builder_new(context) : NULL;
  if (!builder) return NULL;
  if (ms_builder_column(builder, "text", MS_TEXT) != MS_OK) {
    ms_builder_free(builder);
    return NULL;
  }
  ms_builder_text(builder, 0, text, size);
  return ms_builder_finish(builder);
}
