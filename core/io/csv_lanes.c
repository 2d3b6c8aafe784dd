/* Cuts the text into lanes. First all threads count quotes and line feeds in equal pieces of the text; a
 * line feed within quotes ends no record, and whether a piece begins within quotes is known only
 * when the quotes before it are: so it is counted for both cases. Then one sum over the pieces says
 * for each where it stands, and how many records begin in it. */
#include "core/io/csv_mask.h"
#include "core/io/csv_pass.h"

enum { PIECE_LEAST = 1 << 20, PIECES_MOST = 64, TEST_PIECES_MOST = 4096 };

typedef struct {
  bool odd_quotes; /* an odd number of them */
  int64_t outside; /* line feeds that end records if the piece begins outside of quotes … */
  int64_t inside;  /* … and if it begins within */
} piece;

typedef struct {
  const ms_csv_reader *reader;
  piece *pieces;
  size_t size; /* of a piece */
} counting;

static ms_status count_piece(ms_context *worker, void *state, size_t task) {
  const counting *c = state;
  const ms_csv_text *text = &c->reader->text;
  const ms_csv_dialect dialect = c->reader->rules.dialect;
  size_t at = text->start + task * c->size;
  size_t end = text->size - at < c->size ? text->size : at + c->size;
  uint64_t within = 0;
  int64_t outside = 0, all = 0;
  if (ms_cancelled(worker)) return ms_error_status(worker);
  for (; at < end; at += 64) {
    ms_block block = ms_block_load(text->data + at);
    uint64_t there = end - at >= 64 ? UINT64_MAX : (UINT64_C(1) << (end - at)) - 1;
    uint64_t feeds = ms_block_equal(block, '\n') & there;
    uint64_t quotes = dialect.quoting ? ms_block_equal(block, dialect.quote) & there : 0;
    all += __builtin_popcountll(feeds);
    if (quotes) {
      uint64_t parity = ms_mask_parity(quotes) ^ within;
      within = 0 - (parity >> 63);
      outside += __builtin_popcountll(feeds & ~parity);
    } else {
      outside += __builtin_popcountll(feeds & ~within);
    }
  }
  c->pieces[task] = (piece){within != 0, outside, all - outside};
  return MS_OK;
}

/* Behind the first line feed from `at` on that ends a record; the end of the text if there is none. */
static size_t first_record(const ms_csv_reader *reader, size_t at, bool within) {
  const ms_csv_text *text = &reader->text;
  const ms_csv_dialect *dialect = &reader->rules.dialect;
  for (; at < text->size; at++) {
    char c = text->data[at];
    if (dialect->quoting && c == dialect->quote)
      within = !within;
    else if (c == '\n' && !within)
      return at + 1;
  }
  return text->size;
}

static ms_status lane_new(ms_csv_reader *reader, ms_csv_lane *lane) {
  *lane = (ms_csv_lane){.reader = reader, .context = reader->context};
  lane->parts =
      ms_memory_zero(ms_context_account(reader->context), reader->count + 1, sizeof *lane->parts);
  if (!lane->parts) return ms_fail(reader->context, MS_EMEMORY, "read_csv: not enough memory");
  reader->lane_count++;
  return MS_OK;
}

/* One lane of the whole text, for libcsv. */
static ms_status cut_one(ms_csv_reader *reader) {
  const ms_csv_text *text = &reader->text;
  reader->lanes = ms_scratch(reader->context, 1, sizeof *reader->lanes);
  ms_status status = reader->lanes ? lane_new(reader, reader->lanes) : MS_EMEMORY;
  if (status) return status;
  int64_t line_ends = 0;
  for (size_t i = text->start; i < text->size; i++)
    line_ends += text->data[i] == '\n' || text->data[i] == '\r';
  reader->lanes->begin = text->start;
  reader->lanes->end = text->size;
  reader->lanes->slots = reader->slots = line_ends + 1;
  return MS_OK;
}

/* Pieces to a lane: a few lanes a thread, so that one that is held up does not hold up all. */
static size_t pieces_per_lane(const ms_csv_reader *reader, size_t pieces) {
  size_t threads = (size_t)ms_context_thread_count(reader->context);
  size_t lanes = threads == 1 ? 1 : 2 * threads;
  return reader->piece ? 1 : (pieces + lanes - 1) / lanes;
}

/* Lanes of `step` pieces each. */
static ms_status make_lanes(ms_csv_reader *reader, const counting *c, size_t pieces, size_t step) {
  const ms_csv_text *text = &reader->text;
  bool within = false;
  int64_t slot = 0;
  reader->lanes = ms_scratch(reader->context, pieces / step + 1, sizeof *reader->lanes);
  if (!reader->lanes) return MS_EMEMORY;
  for (size_t p = 0; p < pieces; p += step) {
    ms_csv_lane *lane = &reader->lanes[reader->lane_count];
    ms_status status = lane_new(reader, lane);
    if (status) return status;
    size_t begin = text->start + p * c->size, last = p + step < pieces ? p + step : pieces;
    lane->slot = slot;
    lane->begin = p ? first_record(reader, begin, within) : text->start;
    lane->end = (last < pieces ? text->start + last * c->size : text->size) + 1;
    for (size_t i = p; i < last; i++) {
      slot += within ? c->pieces[i].inside : c->pieces[i].outside;
      within ^= c->pieces[i].odd_quotes;
    }
    slot += p == 0; /* the first record has no line feed before it */
    lane->slots = slot - lane->slot;
  }
  reader->slots = slot;
  return MS_OK;
}

ms_status ms_csv_lanes_cut(ms_csv_reader *reader, bool scanner, bool *odd) {
  size_t size = reader->text.size - reader->text.start;
  size_t most = reader->piece ? TEST_PIECES_MOST : PIECES_MOST;
  counting c = {.reader = reader, .size = reader->piece ? reader->piece : PIECE_LEAST};
  *odd = false;
  ms_csv_lanes_free(reader);
  if (!scanner) return cut_one(reader);
  if (size / c.size >= most) c.size = size / most + 1;
  size_t pieces = size / c.size + 1;
  c.pieces = ms_scratch(reader->context, pieces, sizeof *c.pieces);
  if (!c.pieces) return MS_EMEMORY;
  ms_status status = ms_parallel(reader->context, pieces, count_piece, &c);
  return status ? status : make_lanes(reader, &c, pieces, pieces_per_lane(reader, pieces));
}
