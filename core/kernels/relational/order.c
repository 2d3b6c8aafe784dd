/* Sorting rows by keys: words from the last to the first, each stable, so that the first decides. Where only the
 * first rows are wanted, those that cannot be among them are left out beforehand by their first word. */
#include "core/kernels/relational/order_keys.h"

enum { SELECT_BITS = 11, SELECT_BUCKETS = 1 << SELECT_BITS, SELECT_PARTS = 16 };

/* ---- the candidates for the first `limit` rows ---- */

/* One round: how many keys that begin with `prefix` (all bits above shift + SELECT_BITS) have each next digit. */
typedef struct {
  const uint64_t *key;
  int64_t rows;
  uint64_t prefix;
  unsigned shift, digit_bits;
  uint32_t *counts; /* [parts][SELECT_BUCKETS] */
} selection;

static ms_range select_part(const selection *s, size_t part) {
  int64_t first = s->rows * (int64_t)part / SELECT_PARTS;
  return (ms_range){first, s->rows * (int64_t)(part + 1) / SELECT_PARTS - first};
}

static ms_status count_digits(ms_context *worker, void *state, size_t part) {
  selection *s = state;
  uint32_t *counts = s->counts + part * SELECT_BUCKETS;
  unsigned above = s->shift + s->digit_bits;
  uint64_t mask = (UINT64_C(1) << s->digit_bits) - 1;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (size_t b = 0; b < SELECT_BUCKETS; b++) counts[b] = 0;
  ms_range range = select_part(s, part);
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    uint64_t key = s->key[i];
    if (above < 64 && key >> above != s->prefix) continue;
    counts[key >> s->shift & mask]++;
  }
  return MS_OK;
}

/* The bound such that the first `limit` rows have keys up to it, and not many more rows have. */
static ms_status select_bound(ms_context *context, selection *s, int64_t limit, uint64_t *bound) {
  s->counts = ms_scratch(context, (size_t)SELECT_PARTS * SELECT_BUCKETS, sizeof *s->counts);
  if (!s->counts) return MS_EMEMORY;
  int64_t before = 0; /* rows whose keys are below the prefix */
  for (unsigned above = 64;;) {
    s->digit_bits = above < SELECT_BITS ? above : SELECT_BITS;
    s->shift = above - s->digit_bits;
    ms_status status = ms_parallel(context, SELECT_PARTS, count_digits, s);
    if (status != MS_OK) return status;
    uint64_t digit = 0;
    int64_t here = 0;
    for (;; digit++) {
      here = 0;
      for (size_t p = 0; p < SELECT_PARTS; p++) here += s->counts[p * SELECT_BUCKETS + digit];
      if (before + here >= limit) break;
      before += here;
    }
    s->prefix = (above < 64 ? s->prefix << s->digit_bits : 0) | digit;
    above = s->shift;
    if (above == 0 || before + here <= 4 * limit + 4096) break;
  }
  *bound = s->prefix << s->shift | ((UINT64_C(1) << s->shift) - 1);
  return MS_OK;
}

/* The rows up to the bound, ascending; *count of them. */
static uint32_t *candidates(ms_context *context, const ms_order_words *words, int64_t limit,
                            int64_t *count) {
  selection s = {.key = words->word[0], .rows = words->rows};
  uint64_t bound;
  if (select_bound(context, &s, limit, &bound) != MS_OK) return NULL;
  int64_t n = 0;
  for (int64_t i = 0; i < words->rows; i++) n += s.key[i] <= bound;
  uint32_t *rows = ms_scratch(context, (size_t)n + 1, sizeof *rows);
  if (!rows) return NULL;
  *count = n;
  n = 0;
  for (int64_t i = 0; i < words->rows; i++) {
    rows[n] = (uint32_t)i;
    n += s.key[i] <= bound;
  }
  return rows;
}

/* ---- all words ---- */

static uint32_t *identity(ms_context *context, int64_t rows) {
  uint32_t *out = ms_scratch(context, (size_t)rows, sizeof *out);
  for (int64_t i = 0; out && i < rows; i++) out[i] = (uint32_t)i;
  return out;
}

uint32_t *ms_order_rows(ms_context *context, const ms_order_words *words, int64_t limit) {
  int64_t count = words->rows;
  uint32_t *rows = NULL;
  if (words->words == 0) return identity(context, count);
  if (limit > 0 && limit < count / 8) {
    rows = candidates(context, words, limit, &count);
    if (!rows) return NULL;
  }
  uint32_t *out = ms_scratch(context, (size_t)count, sizeof *out);
  uint32_t *spare = NULL;
  if (out && words->words > 1) spare = ms_scratch(context, (size_t)count, sizeof *spare);
  if (!out || (words->words > 1 && !spare)) return NULL;
  for (size_t w = words->words; w-- > 0;) {
    if (ms_order_word(context, words->word[w], rows, count, out) != MS_OK) return NULL;
    rows = out;
    out = spare;
    spare = rows;
  }
  return rows;
}

uint32_t *ms_sort_rows(ms_context *context, const ms_sort_key *keys, size_t count, int64_t rows,
                       int64_t limit) {
  ms_order_spec spec = {.keys = keys, .count = count, .rows = rows};
  ms_order_words words;
  if (ms_order_words_new(context, &spec, &words) != MS_OK) return NULL;
  return ms_order_rows(context, &words, limit);
}
