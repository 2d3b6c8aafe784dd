/* Radix sort of entries (key, row). Parameters: NAME(x), ENTRY, KEY(entry), ROW(entry), MAKE(key, row). */

/* Least significant digit first over the low `bits` bits, between `a` and `b`; gives where the result is, NULL
 * where somebody asked to stop. */
static ENTRY *NAME(lsd)(ms_context *worker, ENTRY *a, ENTRY *b, size_t count, unsigned bits) {
  for (unsigned shift = 0; shift < bits; shift += 8) {
    uint32_t places[256] = {0};
    uint32_t mask = bits - shift >= 8 ? 255u : (1u << (bits - shift)) - 1;
    for (size_t i = 0; i < count; i++) places[KEY(a[i]) >> shift & mask]++;
    if (places[KEY(a[0]) >> shift & mask] == count) continue; /* all alike */
    uint32_t sum = 0;
    for (size_t d = 0; d <= mask; d++) {
      uint32_t here = places[d];
      places[d] = sum;
      sum += here;
    }
    for (size_t i = 0, end; i < count; i = end) {
      end = count - i < ASK_ROWS ? count : i + ASK_ROWS;
      if (ms_cancelled(worker)) return NULL;
      for (size_t k = i; k < end; k++) b[places[KEY(a[k]) >> shift & mask]++] = a[k];
    }
    ENTRY *other = a;
    a = b;
    b = other;
  }
  return a;
}

static void NAME(insertion)(ENTRY *a, size_t count) {
  for (size_t i = 1; i < count; i++) {
    ENTRY entry = a[i];
    size_t j = i;
    for (; j > 0 && KEY(a[j - 1]) > KEY(entry); j--) a[j] = a[j - 1];
    a[j] = entry;
  }
}

static ms_status NAME(scatter)(ms_context *worker, void *state, size_t part) {
  sorting *s = state;
  uint32_t *places = s->places + part * buckets(s);
  ms_range range = part_of(s, part);
  ENTRY *entries = s->entries;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    uint32_t row = row_at(s, i);
    uint64_t key = s->key[row] - s->low;
    entries[places[bucket_of(s, key)]++] = MAKE(key, row);
  }
  return MS_OK;
}

static ms_status NAME(sort_bucket)(ms_context *worker, void *state, size_t bucket) {
  sorting *s = state;
  /* after the scatter a place is the end of its piece; the last part's is the bucket's */
  const uint32_t *ends = s->places + (s->parts - 1) * buckets(s);
  size_t begin = bucket ? ends[bucket - 1] : 0, count = ends[bucket] - begin;
  if (count == 0) return MS_OK;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ENTRY *sorted = (ENTRY *)s->entries + begin;
  if (s->rest > 0 && count > 1) {
    if (count <= INSERTION_MOST) {
      NAME(insertion)(sorted, count);
    } else {
      sorted = NAME(lsd)(worker, sorted, (ENTRY *)s->spare + begin, count, s->rest);
      if (!sorted) return MS_ECANCEL;
    }
  }
  uint32_t *out = s->out + begin;
  for (size_t i = 0; i < count; i++) out[i] = ROW(sorted[i]);
  return MS_OK;
}

#undef NAME
#undef ENTRY
#undef KEY
#undef ROW
#undef MAKE
