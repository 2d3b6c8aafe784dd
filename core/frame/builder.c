/* Frames built value by value. A column switches from interning to plain appending where nearly all
 * of its first values differ. */
#include <string.h>

#include "core/frame/frame.h"

/* After this many texts, more than 9 in 10 of them distinct, a text column is kept plain. */
enum { TRIAL = 4096 };

typedef struct {
  char *name;
  ms_type type;
  int64_t rows, capacity, nulls;
  int64_t *values; /* integers; reals by their bits; codes */
  uint64_t *valid;
  ms_intern *intern;
  bool plain;
} building;

struct ms_builder {
  ms_context *context;
  size_t count, capacity;
  building *columns;
  bool failed;
};

static ms_memory *account(ms_builder *builder) { return ms_context_account(builder->context); }

ms_builder *ms_builder_new(ms_context *context) {
  ms_builder *builder = ms_memory_zero(ms_context_account(context), 1, sizeof *builder);
  if (!builder) return ms_fail_null(context, MS_EMEMORY, "not enough memory for a frame");
  builder->context = context;
  return builder;
}

void ms_builder_free(ms_builder *builder) {
  if (!builder) return;
  for (size_t i = 0; i < builder->count; i++) {
    building *column = &builder->columns[i];
    ms_memory_give(column->name);
    ms_memory_give(column->values);
    ms_memory_give(column->valid);
    ms_intern_free(column->intern);
  }
  ms_memory_give(builder->columns);
  ms_memory_give(builder);
}

static ms_status no_memory(ms_builder *builder) {
  builder->failed = true;
  return ms_fail(builder->context, MS_EMEMORY, "not enough memory for a frame");
}

ms_status ms_builder_column(ms_builder *builder, const char *name, ms_type type) {
  if (builder->count == builder->capacity) {
    size_t capacity = builder->capacity ? builder->capacity * 2 : 8;
    building *grown = ms_memory_grow(account(builder), builder->columns, capacity * sizeof *grown);
    if (!grown) return no_memory(builder);
    builder->columns = grown;
    builder->capacity = capacity;
  }
  building column = {.type = type};
  size_t size = strlen(name) + 1;
  column.name = ms_memory_take(account(builder), size);
  if (column.name && type == MS_TEXT) column.intern = ms_intern_new(builder->context);
  if (!column.name || (type == MS_TEXT && !column.intern)) {
    ms_memory_give(column.name);
    return no_memory(builder);
  }
  memcpy(column.name, name, size);
  builder->columns[builder->count++] = column;
  return MS_OK;
}

static void push(ms_builder *builder, size_t at, int64_t value, bool valid) {
  building *column = &builder->columns[at];
  if (builder->failed) return;
  if (column->rows == column->capacity) {
    int64_t capacity = column->capacity ? column->capacity * 2 : 64;
    ms_memory *memory = account(builder);
    int64_t *values = ms_memory_grow(memory, column->values, (size_t)capacity * sizeof *values);
    if (values) column->values = values;
    size_t words = ms_bitmap_words(capacity), old = ms_bitmap_words(column->capacity);
    uint64_t *bits = values ? ms_memory_grow(memory, column->valid, words * sizeof *bits) : NULL;
    if (!bits) {
      (void)no_memory(builder);
      return;
    }
    memset(bits + old, 0, (words - old) * sizeof *bits);
    column->valid = bits;
    column->capacity = capacity;
  }
  column->values[column->rows] = value;
  if (valid) {
    ms_bit_set(column->valid, column->rows);
  } else {
    column->nulls++;
  }
  column->rows++;
}

void ms_builder_null(ms_builder *builder, size_t column) { push(builder, column, 0, false); }

void ms_builder_integer(ms_builder *builder, size_t column, int64_t value) {
  push(builder, column, value, true);
}

void ms_builder_real(ms_builder *builder, size_t column, double value) {
  int64_t bits;
  memcpy(&bits, &value, sizeof bits);
  push(builder, column, bits, true);
}

void ms_builder_text(ms_builder *builder, size_t column, const char *text, size_t size) {
  building *part = &builder->columns[column];
  if (builder->failed) return;
  int64_t texts = part->rows - part->nulls;
  if (texts == TRIAL && ms_intern_count(part->intern) * 10 > texts * 9) part->plain = true;
  int64_t code = part->plain ? ms_intern_append(part->intern, text, size)
                             : ms_intern_add(part->intern, text, size);
  if (code < 0) {
    builder->failed = true;
    return;
  }
  push(builder, column, code, true);
}

static ms_buffer *validity_of(ms_context *context, const building *part) {
  ms_buffer *validity = ms_buffer_new(context, ms_bitmap_words(part->rows), sizeof(uint64_t));
  if (validity && part->rows) memcpy(validity->data, part->valid, validity->size);
  return validity;
}

static ms_column *finish_text(ms_context *context, building *part, ms_buffer *validity) {
  uint32_t *codes = ms_scratch(context, (size_t)part->rows, sizeof *codes);
  ms_dictionary *dictionary = codes ? ms_intern_done(part->intern) : NULL;
  if (!dictionary) {
    ms_buffer_free(validity);
    return NULL;
  }
  for (int64_t i = 0; i < part->rows; i++) codes[i] = (uint32_t)part->values[i];
  return ms_column_from_codes(context, part->rows, codes, dictionary, validity);
}

static ms_column *finish_column(ms_context *context, building *part) {
  ms_buffer *validity = NULL;
  if (part->nulls) {
    validity = validity_of(context, part);
    if (!validity) return NULL;
  }
  if (part->type == MS_TEXT) return finish_text(context, part, validity);
  if (part->type != MS_REAL) {
    return ms_column_from_int64(context, part->type, part->rows, part->values, validity);
  }
  ms_buffer *values = ms_buffer_new(context, (size_t)part->rows, sizeof(double));
  if (values && part->rows) memcpy(values->data, part->values, values->size);
  return ms_column_from_real(context, part->rows, values, validity);
}

ms_frame *ms_builder_finish(ms_builder *builder) {
  ms_frame *frame = NULL;
  if (!builder->failed) {
    ms_assembly parts = ms_assembly_new(builder->context, builder->count);
    for (size_t i = 0; i < builder->count && !parts.failed; i++) {
      building *part = &builder->columns[i];
      ms_assembly_add(&parts, part->name, finish_column(builder->context, part));
    }
    frame = ms_assembly_finish(&parts, builder->count ? builder->columns[0].rows : 0);
  }
  ms_builder_free(builder);
  return frame;
}
