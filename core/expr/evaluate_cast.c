/* Conversions between types. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/base/number.h"
#include "core/expr/evaluate.h"

/* ---- between numbers, booleans, dates ---- */

static ms_status run_to_real(const ms_run *run, const ms_step *step, ms_lane *out) {
  ms_lane in;
  ms_status status = ms_step_run(run, step->args[0], &in);
  double *r = ms_run_array(run, sizeof *r);
  if (status || !r) return status ? status : MS_EMEMORY;
  if (step->args[0]->type == MS_BOOLEAN) {
    for (int64_t i = 0; i < run->count; i++) r[i] = in.flags[i];
  } else {
    for (int64_t i = 0; i < run->count; i++) r[i] = (double)in.integers[i];
  }
  *out = (ms_lane){.valid = in.valid, .reals = r};
  return MS_OK;
}

/* Towards zero. */
static ms_status real_to_integer(const ms_run *run, const ms_step *step, const ms_lane *in,
                                 ms_lane *out) {
  int64_t *r = ms_run_array(run, sizeof *r);
  uint8_t *valid = ms_run_array(run, 1);
  if (!r || !valid) return MS_EMEMORY;
  for (int64_t i = 0; i < run->count; i++) {
    double value = in->reals[i];
    valid[i] = !in->valid || in->valid[i];
    r[i] = 0;
    if (!valid[i]) continue;
    if (value >= -9223372036854775808.0 && value < 9223372036854775808.0) {
      r[i] = (int64_t)value;
    } else if (step->node->strict) {
      return ms_run_fail(run, step->node, i, MS_EOVERFLOW, "the real does not fit an integer");
    } else {
      valid[i] = 0;
    }
  }
  *out = (ms_lane){.valid = valid, .integers = r};
  return MS_OK;
}

static ms_status run_to_integer(const ms_run *run, const ms_step *step, ms_lane *out) {
  ms_lane in;
  ms_status status = ms_step_run(run, step->args[0], &in);
  if (status) return status;
  if (step->args[0]->type == MS_REAL) return real_to_integer(run, step, &in, out);
  int64_t *r = ms_run_array(run, sizeof *r);
  if (!r) return MS_EMEMORY;
  for (int64_t i = 0; i < run->count; i++) r[i] = in.flags[i] & 1;
  *out = (ms_lane){.valid = in.valid, .integers = r};
  return MS_OK;
}

static ms_status run_to_boolean(const ms_run *run, const ms_step *step, ms_lane *out) {
  ms_lane in;
  ms_status status = ms_step_run(run, step->args[0], &in);
  uint8_t *r = ms_run_array(run, 1);
  if (status || !r) return status ? status : MS_EMEMORY;
  if (step->args[0]->type == MS_REAL) {
    for (int64_t i = 0; i < run->count; i++) r[i] = in.reals[i] != 0;
  } else {
    for (int64_t i = 0; i < run->count; i++) r[i] = in.integers[i] != 0;
  }
  *out = (ms_lane){.valid = in.valid, .flags = r};
  return MS_OK;
}

/* The offset of the last row serves as long as it holds. */
static ms_status run_calendar(const ms_run *run, const ms_step *step, ms_lane *out) {
  ms_lane in;
  ms_status status = ms_step_run(run, step->args[0], &in);
  int64_t *r = ms_run_array(run, sizeof *r);
  if (status || !r) return status ? status : MS_EMEMORY;
  bool to_date = step->type == MS_DATE;
  ms_zone_span span = {1, 0, 0};
  for (int64_t i = 0; i < run->count; i++) {
    r[i] = 0;
    if (in.valid && !in.valid[i]) continue;
    int64_t value = to_date ? in.integers[i] : in.integers[i] * MS_DAY;
    int64_t second = ms_floor_div(value, MS_SECOND);
    if (second < span.from || second >= span.until) {
      span = to_date ? ms_zone_at(run->zone, second) : ms_zone_at_local(run->zone, second);
    }
    int64_t shift = span.offset * MS_SECOND;
    r[i] = to_date ? ms_floor_div(value + shift, MS_DAY) : value - shift;
  }
  *out = (ms_lane){.valid = in.valid, .integers = r};
  return MS_OK;
}

/* ---- to text ---- */

enum { WIDEST = 48 };

static size_t write(const ms_run *run, ms_type type, const ms_lane *in, int64_t i, char *to) {
  switch (type) {
    case MS_BOOLEAN: memcpy(to, in->flags[i] ? "true" : "false", 5); return in->flags[i] ? 4 : 5;
    case MS_INTEGER: return ms_integer_format(in->integers[i], to);
    case MS_REAL: return ms_real_format(in->reals[i], to);
    case MS_DATE: return ms_date_format(in->integers[i], to);
    case MS_TIME: return ms_time_format(ms_zone_local(run->zone, in->integers[i]), to);
    case MS_TEXT: break;
  }
  return 0;
}

static ms_status run_to_text(const ms_run *run, const ms_step *step, ms_lane *out) {
  ms_lane in;
  ms_status status = ms_step_run(run, step->args[0], &in);
  char *data = ms_run_array(run, WIDEST);
  ms_slice *texts = ms_run_array(run, sizeof *texts);
  if (status || !data || !texts) return status ? status : MS_EMEMORY;
  for (int64_t i = 0; i < run->count; i++) {
    char *to = data + i * WIDEST;
    bool there = !in.valid || in.valid[i];
    texts[i] = (ms_slice){to, there ? write(run, step->args[0]->type, &in, i, to) : 0};
  }
  *out = (ms_lane){.valid = in.valid, .texts = texts};
  return MS_OK;
}

/* ---- from text ---- */

static ms_slice trimmed(ms_slice text) {
  while (text.size && (unsigned char)text.data[0] <= ' ')
    text = (ms_slice){text.data + 1, text.size - 1};
  while (text.size && (unsigned char)text.data[text.size - 1] <= ' ') text.size--;
  return text;
}

static bool read_boolean(ms_slice text, int64_t *out) {
  *out = text.size == 4 && strncasecmp(text.data, "true", 4) == 0;
  return *out || (text.size == 5 && strncasecmp(text.data, "false", 5) == 0);
}

/* The text as the type; reals as their bits. */
static bool read_cell(const ms_run *run, ms_type type, ms_slice given, ms_cell *out) {
  ms_slice text = trimmed(given);
  ms_moment moment;
  switch (type) {
    case MS_BOOLEAN: return read_boolean(text, &out->integer);
    case MS_INTEGER: return ms_integer_parse(text, &out->integer);
    case MS_REAL: return ms_real_parse_special(text, &out->real);
    case MS_DATE:
      if (!ms_moment_parse(text, &moment) || moment.has_time) return false;
      out->integer = moment.days;
      return true;
    case MS_TIME:
      if (!ms_moment_parse(text, &moment)) return false;
      out->integer = ms_moment_time(run->zone, &moment);
      return true;
    case MS_TEXT: break;
  }
  return false;
}

static ms_status cannot_read(const ms_run *run, const ms_step *step, int64_t i) {
  char what[64] = "the text cannot be read as ";
  strcat(what, ms_type_name(step->type));
  ms_status status = ms_run_fail(run, step->node, i, MS_EDATA, what);
  ms_fail_hint(run->context, "try_cast(… as %s) gives null for such texts",
               ms_type_name(step->type));
  return status;
}

static ms_status run_from_text(const ms_run *run, const ms_step *step, ms_lane *out) {
  ms_lane in;
  const ms_slice *texts;
  ms_status status = ms_step_run(run, step->args[0], &in);
  if (!status) status = ms_run_texts(run, step->args[0], &in, &texts);
  int64_t *r = ms_run_array(run, sizeof *r);
  uint8_t *valid = ms_run_array(run, 1);
  if (status || !r || !valid) return status ? status : MS_EMEMORY;
  for (int64_t i = 0; i < run->count; i++) {
    ms_cell cell = {.integer = 0};
    valid[i] = !in.valid || in.valid[i];
    if (valid[i] && !read_cell(run, step->type, texts[i], &cell)) {
      if (step->node->strict) return cannot_read(run, step, i);
      valid[i] = 0;
      cell.integer = 0;
    }
    if (step->type == MS_BOOLEAN) {
      ((uint8_t *)r)[i] = (uint8_t)cell.integer;
    } else {
      r[i] = cell.integer;
    }
  }
  *out = (ms_lane){.valid = valid, .integers = r};
  return MS_OK;
}

const ms_step *ms_plan_cast(ms_plan *plan, const ms_node *node, ms_step *step) {
  (void)plan;
  const ms_step *arg = step->args[0];
  if (arg->type == MS_TEXT) {
    step->run = run_from_text;
    return step;
  }
  switch (node->type) {
    case MS_TEXT: step->run = run_to_text; break;
    case MS_REAL: step->run = run_to_real; break;
    case MS_INTEGER:
      step->run = run_to_integer;
      if (arg->type == MS_BOOLEAN) {
        step->low = 0;
        step->high = 1;
      }
      break;
    case MS_BOOLEAN: step->run = run_to_boolean; break;
    case MS_DATE:
    case MS_TIME: step->run = run_calendar; break;
  }
  return step;
}
