/* The bag of named values. Account memory; an allocation that fails is remembered and reported by
 * the call that the bag is given to. */
#include "core/frame/options.h"

#include <string.h>

typedef struct {
  ms_option_value value;
  size_t capacity;
} entry;

struct ms_options {
  ms_memory *memory;
  size_t count, capacity;
  entry *entries;
  bool failed;
};

ms_options *ms_options_new(ms_context *context) {
  ms_memory *memory = ms_context_account(context);
  ms_options *options = ms_memory_zero(memory, 1, sizeof *options);
  if (!options) return ms_fail_null(context, MS_EMEMORY, "not enough memory for options");
  options->memory = memory;
  return options;
}

static void free_text(const char *text) { ms_memory_give((void *)(uintptr_t)text); }

void ms_options_free(ms_options *options) {
  if (!options) return;
  for (size_t i = 0; i < options->count; i++) {
    ms_option_value *option = &options->entries[i].value;
    for (size_t j = 0; j < option->count; j++) {
      if (option->values[j].type == MS_TEXT && !option->values[j].null) {
        free_text(option->values[j].text.data);
      }
    }
    free_text(option->name);
    ms_memory_give(option->values);
  }
  ms_memory_give(options->entries);
  ms_memory_give(options);
}

bool ms_options_failed(const ms_options *options) { return options && options->failed; }

static char *copy_text(ms_options *options, const char *text, size_t size) {
  char *copy = ms_memory_take(options->memory, size + 1);
  if (!copy) return NULL;
  if (size) memcpy(copy, text, size);
  copy[size] = 0;
  return copy;
}

static entry *find_or_add(ms_options *options, const char *name) {
  for (size_t i = 0; i < options->count; i++) {
    if (strcmp(options->entries[i].value.name, name) == 0) return &options->entries[i];
  }
  if (options->count == options->capacity) {
    size_t capacity = options->capacity ? options->capacity * 2 : 8;
    entry *grown = ms_memory_grow(options->memory, options->entries, capacity * sizeof *grown);
    if (!grown) return NULL;
    options->entries = grown;
    options->capacity = capacity;
  }
  char *copy = copy_text(options, name, strlen(name));
  if (!copy) return NULL;
  entry *added = &options->entries[options->count++];
  *added = (entry){.value.name = copy};
  return added;
}

static bool add(ms_options *options, const char *name, ms_value value) {
  entry *at = find_or_add(options, name);
  if (at && at->value.count == at->capacity) {
    size_t capacity = at->capacity ? at->capacity * 2 : 1;
    ms_value *grown = ms_memory_grow(options->memory, at->value.values, capacity * sizeof *grown);
    if (!grown) {
      at = NULL;
    } else {
      at->value.values = grown;
      at->capacity = capacity;
    }
  }
  if (!at) {
    options->failed = true;
    return false;
  }
  at->value.values[at->value.count++] = value;
  if (at->value.count > 1) at->value.list = true;
  return true;
}

void ms_options_null(ms_options *options, const char *name) {
  (void)add(options, name, (ms_value){.null = true});
}

void ms_options_integer(ms_options *options, const char *name, ms_type type, int64_t value) {
  (void)add(options, name, (ms_value){.type = type, .integer = value});
}

void ms_options_real(ms_options *options, const char *name, double value) {
  (void)add(options, name, (ms_value){.type = MS_REAL, .real = value});
}

void ms_options_text(ms_options *options, const char *name, const char *text, size_t size) {
  char *copy = copy_text(options, text, size);
  if (!copy) {
    options->failed = true;
    return;
  }
  if (!add(options, name, (ms_value){.type = MS_TEXT, .text = {copy, size}})) ms_memory_give(copy);
}

void ms_options_list(ms_options *options, const char *name) {
  entry *at = find_or_add(options, name);
  if (at) {
    at->value.list = true;
  } else {
    options->failed = true;
  }
}

const ms_option_value *ms_options_find(const ms_options *options, const char *name) {
  for (size_t i = 0; options && i < options->count; i++) {
    if (strcmp(options->entries[i].value.name, name) == 0) return &options->entries[i].value;
  }
  return NULL;
}

size_t ms_options_count(const ms_options *options) { return options ? options->count : 0; }
const ms_option_value *ms_options_at(const ms_options *options, size_t i) {
  return &options->entries[i].value;
}
