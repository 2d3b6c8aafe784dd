/* The scanner: finds the ends of fields 64 bytes at a time.
 *
 * Bytes within quotes are those with an odd number of quotes before them (G. Langdale and D. Lemire,
 * "Parsing gigabytes of JSON per second", 2019). That holds where quotes stand only around fields and
 * doubled within them; a mask checks exactly this, and that each carriage return is followed by a line
 * feed. Where it does not hold the lane is odd, and libcsv reads the file. */
#include <stdatomic.h>

#include "core/io/csv_mask.h"
#include "core/io/csv_pass.h"

/* Text and ends of a window stay in the second-level cache beside the tables of texts; from 8 KB to 256 KB the time
 * differs by a fifth at most. */
enum { WINDOW = 1 << 15 };

/* What one block hands to the next. */
typedef struct {
  uint64_t inside;   /* all ones within quotes */
  uint64_t before;   /* 1: the byte before may stand before an opening quote */
  uint64_t closed;   /* 1: it was a closing quote */
  uint64_t carriage; /* 1: it was a carriage return */
  bool quotes;       /* there were quotes at all */
} carry;

/* Masks of one block. */
typedef struct {
  uint64_t ends, feeds, odd;
} marks;

static inline marks read_marks(const ms_csv_dialect *dialect, ms_block block, uint64_t there,
                               carry *c) {
  uint64_t quotes = dialect->quoting ? ms_block_equal(block, dialect->quote) & there : 0;
  uint64_t delimiters = ms_block_equal(block, dialect->delimiter) & there;
  uint64_t feeds = ms_block_equal(block, '\n') & there;
  uint64_t carriages = ms_block_equal(block, '\r') & there;
  marks m = {delimiters | feeds, feeds, 0};
  if (quotes | c->inside | c->closed) {
    c->quotes = true;
    uint64_t inside = ms_mask_parity(quotes) ^ c->inside; /* with the opening quote */
    uint64_t opening = quotes & inside, closing = quotes & ~inside;
    m.ends &= ~inside;
    m.feeds &= ~inside;
    carriages &= ~inside;
    uint64_t may_open = (m.ends | closing) << 1 | c->before;
    uint64_t behind_closing = (closing << 1 | c->closed) & there;
    m.odd = (opening & ~may_open) | (behind_closing & ~(m.ends | opening | carriages));
    c->inside = 0 - (inside >> 63);
    c->closed = closing >> 63;
    c->before = (m.ends | closing) >> 63;
  } else {
    c->before = m.ends >> 63;
  }
  m.odd |= (carriages << 1 | c->carriage) & ~m.feeds & there;
  c->carriage = carriages >> 63;
  return m;
}

/* A window in the making. */
typedef struct {
  size_t at;     /* where it begins in the text */
  size_t behind; /* where the next one begins */
  size_t ends, rows;
  bool even;   /* every record has as many fields as wanted */
  bool quotes; /* there are quotes */
} scanned;

/* Adds the end of the text as the end of its last record, if there is one without a line end. */
static void close_last(const ms_csv_text *text, const ms_csv_lane *lane, scanned *s,
                       size_t complete) {
  size_t begin = complete ? s->at + lane->ends[complete - 1] + 1 : s->at;
  if (begin < text->size) lane->ends[s->ends++] = (uint32_t)(text->size - s->at);
}

/* Keeps the records that begin before `limit`; `complete` ends are of whole records. */
static void cut_off(const ms_csv_lane *lane, scanned *s, size_t complete, size_t limit) {
  const char *base = lane->reader->text.data + s->at;
  size_t size = lane->reader->text.size - s->at;
  while (complete > 0) {
    size_t first = complete - 1; /* of the last record */
    while (first > 0 && base[lane->ends[first - 1]] != '\n') first--;
    size_t begin = first ? lane->ends[first - 1] + 1 : 0;
    if (s->at + begin < limit) break;
    complete = first;
  }
  s->ends = complete;
  s->behind = complete ? s->at + lane->ends[complete - 1] + 1 : s->at + size;
}

static ms_status scan_window(ms_csv_lane *lane, scanned *s) {
  const ms_csv_text *text = &lane->reader->text;
  const ms_csv_dialect dialect = lane->reader->rules.dialect;
  size_t width = lane->reader->fields, wanted = width - 1, complete = 0, at = s->at;
  size_t enough = lane->reader->window ? lane->reader->window : WINDOW;
  carry c = {.before = 1};
  s->even = true;
  s->ends = 0;
  for (; at < text->size; at += 64) {
    if (complete && (at - s->at >= enough || at >= lane->end)) break;
    if (at - s->at >= UINT32_MAX - 128)
      return ms_fail(lane->context, MS_ELIMIT, "read_csv: a record of more than 4 GB");
    ms_status status = ms_csv_ends_room(lane, s->ends + 128);
    if (status) return status;
    size_t left = text->size - at;
    uint64_t there = left >= 64 ? UINT64_MAX : (UINT64_C(1) << left) - 1;
    marks m = read_marks(&dialect, ms_block_load(text->data + at), there, &c);
    if (m.odd) {
      lane->odd = true;
      return MS_OK;
    }
    for (uint64_t feeds = m.feeds; feeds; feeds &= feeds - 1) {
      uint64_t before = m.ends & ((feeds & (0 - feeds)) - 1);
      complete = s->ends + (size_t)__builtin_popcountll(before) + 1;
      s->even &= complete - 1 == wanted;
      wanted = complete - 1 + width;
    }
    s->ends += ms_mask_places(m.ends, (uint32_t)(at - s->at), lane->ends + s->ends);
  }
  if (at >= text->size) {
    lane->odd = c.inside || text->data[text->size - 1] == '\r';
    if (!lane->odd) close_last(text, lane, s, complete);
    s->even &= s->ends == complete || s->ends - complete == width;
    complete = s->ends;
  }
  s->quotes = c.quotes;
  cut_off(lane, s, complete, lane->end);
  return MS_OK;
}

/* Records one by one: those that do not have as many fields as wanted are dealt with. */
static ms_status read_uneven(ms_csv_lane *lane, const scanned *s) {
  const char *base = lane->reader->text.data + s->at;
  ms_csv_building building = {.base = base, .ends = s->ends};
  size_t size = lane->reader->text.size - s->at;
  ms_status status = ms_csv_ends_room(lane, s->ends + 2);
  for (size_t k = 0, first = 0; !status && k < s->ends; k++) {
    if (lane->ends[k] < size && base[lane->ends[k]] != '\n') continue;
    size_t count = k + 1 - first, from = first;
    if (count < lane->reader->fields && lane->reader->bad == MS_CSV_NULL) {
      /* What fills it up must stand behind its ends: it is copied to where nothing follows. */
      uint32_t begin = lane->ends[(ptrdiff_t)first - 1];
      status = ms_csv_ends_room(lane, building.ends + count + 2);
      if (status) break;
      lane->ends[building.ends++] = begin;
      from = building.ends;
      memcpy(lane->ends + from, lane->ends + first, count * sizeof *lane->ends);
      building.ends += count;
    }
    status = ms_csv_record_add(lane, &building, from, count);
    first = k + 1;
  }
  return status ? status : ms_csv_building_flush(lane, &building, base);
}

static ms_status read_scanned(ms_csv_lane *lane, const scanned *s) {
  if (!s->even) return read_uneven(lane, s);
  ms_csv_window window = {.base = lane->reader->text.data + s->at,
                          .ends = lane->ends,
                          .rows = s->ends / lane->reader->fields,
                          .fields = lane->reader->fields,
                          .quotes = s->quotes};
  return window.rows ? ms_csv_window_read(lane, &window) : MS_OK;
}

ms_status ms_csv_scan(ms_csv_lane *lane) {
  ms_csv_reader *reader = lane->reader;
  scanned s = {.behind = lane->begin};
  while (s.behind < lane->end && s.behind < reader->text.size) {
    s.at = s.behind;
    ms_status status = scan_window(lane, &s);
    if (!status && !lane->odd) status = read_scanned(lane, &s);
    if (status || lane->odd) return status;
    uint64_t more = s.behind - s.at, done = atomic_fetch_add(&reader->done, more) + more;
    ms_report(lane->context, reader->path, done, reader->text.size);
    if (ms_cancelled(lane->context)) return ms_error_status(lane->context);
  }
  return MS_OK;
}
