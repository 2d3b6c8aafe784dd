/* The list of kernels, the one way to call them, and what help may know of them. */
#include "core/kernels/registry.h"

#include <string.h>

#define MS_KERNEL(name) extern const ms_kernel ms_kernel_##name;
#include "core/kernels/kernels.def"
#undef MS_KERNEL

const ms_kernel *const ms_kernels[] = {
#define MS_KERNEL(name) &ms_kernel_##name,
#include "core/kernels/kernels.def"
#undef MS_KERNEL
    NULL};

size_t ms_kernel_count(void) { return sizeof ms_kernels / sizeof *ms_kernels - 1; }

const ms_kernel *ms_kernel_find(ms_context *context, const char *name) {
  size_t count = ms_kernel_count();
  for (size_t i = 0; i < count; i++) {
    if (strcmp(ms_kernels[i]->name, name) == 0) return ms_kernels[i];
  }
  const char **names = ms_scratch(context, count, sizeof *names);
  if (!names) return NULL;
  for (size_t i = 0; i < count; i++) names[i] = ms_kernels[i]->name;
  (void)ms_fail(context, MS_EKERNEL, "there is no kernel '%s'", name);
  ms_fail_suggest(context, name, names, count);
  return NULL;
}

ms_frame *ms_kernel_call(ms_context *context, const char *kernel, const ms_frame *const *inputs,
                         size_t count, const ms_options *options) {
  const ms_kernel *found = ms_kernel_find(context, kernel);
  if (!found) return NULL;
  ms_inputs given = {inputs, count, options};
  ms_context_detach(context);
  ms_frame *frame = ms_kernel_run(context, found, &given);
  if (!frame) ms_context_detach(context);
  return frame;
}

static const char *text_or_empty(const char *text) { return text ? text : ""; }

const char *ms_kernel_name(size_t kernel) { return ms_kernels[kernel]->name; }
const char *ms_kernel_group(size_t kernel) { return text_or_empty(ms_kernels[kernel]->group); }
const char *ms_kernel_brief(size_t kernel) { return text_or_empty(ms_kernels[kernel]->brief); }
const char *ms_kernel_cost(size_t kernel) { return text_or_empty(ms_kernels[kernel]->cost); }
const char *ms_kernel_parts(size_t kernel) { return text_or_empty(ms_kernels[kernel]->parts); }
int ms_kernel_inputs_least(size_t kernel) { return ms_kernels[kernel]->least; }
int ms_kernel_inputs_most(size_t kernel) { return ms_kernels[kernel]->most; }
size_t ms_kernel_options(size_t kernel) { return ms_option_count(ms_kernels[kernel]); }

static const ms_option *option_at(size_t kernel, size_t option) {
  return &ms_kernels[kernel]->options[option];
}
const char *ms_option_name(size_t kernel, size_t option) { return option_at(kernel, option)->name; }
const char *ms_option_type(size_t kernel, size_t option) {
  return ms_option_type_word(option_at(kernel, option)->type);
}
const char *ms_option_default(size_t kernel, size_t option) {
  return text_or_empty(option_at(kernel, option)->fallback);
}
bool ms_option_required(size_t kernel, size_t option) {
  return option_at(kernel, option)->required;
}
const char *ms_option_unit(size_t kernel, size_t option) {
  return text_or_empty(option_at(kernel, option)->unit);
}
const char *ms_option_brief(size_t kernel, size_t option) {
  return text_or_empty(option_at(kernel, option)->brief);
}
double ms_option_low(size_t kernel, size_t option) { return option_at(kernel, option)->low; }
double ms_option_high(size_t kernel, size_t option) { return option_at(kernel, option)->high; }
