/* .., like and ilike over texts. */
#include <string.h>

#include "core/expr/evaluate.h"
#include "core/expr/like.h"

static ms_status load_texts(const ms_run *run, const ms_step *step, size_t i, ms_lane *lane,
                            const ms_slice **texts) {
  ms_status status = ms_step_run(run, step->args[i], lane);
  return status ? status : ms_run_texts(run, step->args[i], lane, texts);
}

static ms_status run_concat(const ms_run *run, const ms_step *step, ms_lane *out) {
  ms_lane lanes[2];
  const ms_slice *a, *b;
  const uint8_t *valid;
  ms_status status = load_texts(run, step, 0, &lanes[0], &a);
  if (!status) status = load_texts(run, step, 1, &lanes[1], &b);
  if (!status) status = ms_run_both(run, lanes[0].valid, lanes[1].valid, &valid);
  if (status) return status;
  size_t total = 1;
  for (int64_t i = 0; i < run->count; i++) {
    if (!valid || valid[i]) total += a[i].size + b[i].size;
  }
  char *data = ms_scratch(run->context, total, 1);
  ms_slice *texts = ms_run_array(run, sizeof *texts);
  if (!data || !texts) return MS_EMEMORY;
  for (int64_t i = 0; i < run->count; i++) {
    texts[i] = (ms_slice){data, 0};
    if (valid && !valid[i]) continue;
    texts[i].size = a[i].size + b[i].size;
    memcpy(data, a[i].data, a[i].size);
    memcpy(data + a[i].size, b[i].data, b[i].size);
    data += texts[i].size;
  }
  *out = (ms_lane){.valid = valid, .texts = texts};
  return MS_OK;
}

static int32_t escape_of(const ms_node *node) {
  size_t at = 0;
  return node->count == 3 ? ms_utf8_next(node->args[2]->value.text, &at) : -1;
}

static ms_status run_like(const ms_run *run, const ms_step *step, ms_lane *out) {
  ms_lane lanes[2];
  const ms_slice *texts, *patterns;
  const uint8_t *valid;
  ms_status status = load_texts(run, step, 0, &lanes[0], &texts);
  if (!status) status = load_texts(run, step, 1, &lanes[1], &patterns);
  if (!status) status = ms_run_both(run, lanes[0].valid, lanes[1].valid, &valid);
  uint8_t *flags = ms_run_array(run, 1);
  if (status || !flags) return status ? status : MS_EMEMORY;
  int32_t escape = escape_of(step->node);
  bool fold = step->node->op == MS_OP_ILIKE;
  for (int64_t i = 0; i < run->count; i++) {
    flags[i] = 0;
    if (valid && !valid[i]) continue;
    ms_slice text = texts[i], pattern = patterns[i];
    ms_mark mark = ms_scratch_mark(run->context);
    if (fold) {
      text = ms_letters_change(run->context, text, MS_LETTERS_LOWER);
      pattern = ms_letters_change(run->context, pattern, MS_LETTERS_LOWER);
      if (!text.data || !pattern.data) return MS_EMEMORY;
    }
    flags[i] = ms_like(text, pattern, escape);
    ms_scratch_release(run->context, mark);
  }
  *out = (ms_lane){.valid = valid, .flags = flags};
  return MS_OK;
}

const ms_step *ms_plan_text(ms_plan *plan, const ms_node *node, ms_step *step) {
  (void)plan;
  step->run = node->op == MS_OP_CONCAT ? run_concat : run_like;
  return step;
}
