/* What the parts of the CSV reader share.
 *
 * A text is cut into *windows*: stretches of whole records, each with the places where its fields end
 * (by libcsv, or by a scanner of our own). The columns are read from a window one after the other
 * into their final buffers, at the row's *slot*. A *lane* is a contiguous part of the text that one
 * thread reads; its slots are known beforehand, since records were counted first. */
#ifndef MS_IO_CSV_H
#define MS_IO_CSV_H

#include "core/frame/kernel.h"
#include "core/io/csv_words.h"

/* ---- how the text is written ---- */

typedef struct {
  char delimiter, quote;
  bool quoting; /* false: quotes mean nothing */
} ms_csv_dialect;

/* The text: UTF-8 without a mark, with MS_FILE_PAD readable bytes on both sides. */
typedef struct {
  const char *data;
  size_t size;
  size_t start;          /* where the records (not names, not skipped lines) begin */
  int64_t lines_before;  /* physical lines in front of data[0] */
  const size_t *dropped; /* ascending: a line was taken out in front of this byte */
  size_t dropped_count;
} ms_csv_text;

/* Line (from 1) of byte `at` in the file. O(at). */
int64_t ms_csv_line(const ms_csv_text *text, size_t at);

/* ---- how a field is understood ---- */

/* Kinds of fields and columns; a column's kind is the join of those of its fields. */
typedef enum {
  MS_CSV_NULLS, /* nothing but nulls so far */
  MS_CSV_BOOLEAN,
  MS_CSV_INTEGER,
  MS_CSV_WHOLE, /* of a field only: an integer that a double cannot hold */
  MS_CSV_REAL,
  MS_CSV_DATE,
  MS_CSV_TIME,
  MS_CSV_TEXT
} ms_csv_kind;

typedef struct {
  ms_csv_dialect dialect;
  ms_names nulls; /* unquoted fields that mean null, beside the empty one */
  char thousands; /* 0: none */
  char decimal;   /* '.' */
  bool currency, percent;
  bool dressed;        /* any of the four above is not plain */
  ms_names formats;    /* of dates and times, tried before ISO 8601 */
  ms_context *context; /* for the time zone */
} ms_csv_rules;

typedef struct {
  ms_csv_kind kind;
  int64_t integer; /* boolean, integer, date, time */
  double real;
} ms_csv_value;

/* The lowest kind that holds the field, and its value. `quoted`: it was in quotes (text is unquoted
 * already). Blank fields are MS_CSV_NULLS; in a text column they are text unless they are null by the
 * rules: ms_csv_is_null. */
ms_csv_value ms_csv_field(const ms_csv_rules *rules, ms_slice text, bool quoted);
bool ms_csv_is_null(const ms_csv_rules *rules, ms_slice text, bool quoted);
/* The value as one of the kind `wanted`; false if that would lose something. Join: the kind of a column
 * that holds both. Type: of a column. */
bool ms_csv_convert(const ms_csv_rules *rules, ms_csv_value *value, ms_csv_kind wanted);
/* Converts what the caller says is of the kind: zeros in front, 0 and 1 as boolean, yyyymmdd, rounding. */
bool ms_csv_force(const ms_csv_rules *rules, ms_slice raw, ms_csv_kind wanted, ms_csv_value *value);
ms_csv_kind ms_csv_join(ms_csv_kind a, ms_csv_kind b);
ms_type ms_csv_type(ms_csv_kind kind);
/* The field without its quotes; where quotes within are doubled, a copy in `room` (of raw.size). */
ms_slice ms_csv_unquote(const ms_csv_dialect *dialect, ms_slice raw, char *room, bool *quoted);

/* ---- windows ---- */

/* Field k is base[ends[k - 1] + 1] … base[ends[k] - 1]; ends[-1] exists. Row r has its fields at
 * first[r] …, or at r * fields if first is NULL. */
typedef struct {
  const char *base;
  const uint32_t *ends;
  const uint32_t *first;
  size_t rows;
  size_t fields; /* of a record */
  bool quotes;   /* there may be quotes */
} ms_csv_window;

/* Raw field j of row r: the quotes still on, a carriage return before the line feed off. */
static inline ms_slice ms_csv_raw(const ms_csv_window *window, size_t r, size_t j) {
  size_t k = (window->first ? window->first[r] : r * window->fields) + j;
  uint32_t begin = window->ends[(ptrdiff_t)k - 1] + 1, end = window->ends[k];
  const char *at = window->base + begin;
  size_t size = end - begin;
  if (j + 1 == window->fields && size > 0 && at[size] == '\n' && at[size - 1] == '\r') size--;
  return (ms_slice){at, size};
}

/* ---- rejected rows ---- */

typedef struct {
  size_t at, size;    /* the record in the text */
  const char *column; /* NULL: the whole record */
  const char *reason; /* lives as long as the call */
  int64_t slot;       /* of the row to take out; -1: it was never in */
  size_t field;       /* orders those of one record */
} ms_csv_reject;

typedef struct {
  ms_csv_reject *items; /* scratch of the lane's context */
  size_t count, capacity;
} ms_csv_rejects;

typedef enum { MS_CSV_REJECT, MS_CSV_ERROR, MS_CSV_NULL } ms_csv_bad;

/* ---- columns ---- */

/* A column that is read in a pass. */
typedef struct {
  const char *name;
  size_t field;       /* its place in a record */
  ms_csv_kind kind;   /* as far as is known */
  bool forced;        /* the caller said so: what contradicts is a bad row */
  bool plain;         /* text: nearly all differ, row i is entry i */
  bool active;        /* read in this pass */
  ms_storage storage; /* of integer-like values, and of codes */
  ms_buffer *values;  /* by slot */
  ms_buffer
      *nulls; /* bitmap by slot: set where null; made with the first null by nobody, so always */
} ms_csv_column;

/* What one lane found in a column. */
typedef struct {
  int64_t low, high, nulls;
  ms_csv_kind wanted; /* above the column's kind if a field contradicted it; then reading stopped */
  bool overflow;      /* values or codes do not fit the storage; bounds stay exact */
  ms_csv_words *words;
} ms_csv_part;

typedef struct ms_csv_reader ms_csv_reader;

typedef struct {
  ms_csv_reader *reader;
  ms_context *context; /* of the worker */
  size_t begin, end;   /* records that start here … */
  int64_t slot, slots; /* first slot, slots that are there */
  int64_t rows;        /* rows read */
  ms_csv_rejects rejects;
  ms_csv_part *parts; /* a column each */
  uint32_t *ends;     /* window in the making, [-1] is there */
  size_t ends_capacity;
  uint32_t *first;
  size_t first_capacity;
  char *room; /* for unquoting */
  size_t room_size;
  int64_t *integers; /* values of one column of one window */
  double *reals;
  uint64_t *nulls;
  size_t values_capacity;
  bool odd; /* the scanner met what only libcsv may judge */
} ms_csv_lane;

/* One read of a file. */
struct ms_csv_reader {
  ms_context *context;
  const char *path;
  ms_csv_text text;
  ms_csv_rules rules;
  ms_csv_bad bad;
  size_t fields;          /* of a record */
  const char **names;     /* of the fields */
  ms_csv_column *columns; /* those that are read */
  size_t count;
  ms_csv_lane *lanes;
  size_t lane_count;
  size_t piece;  /* bytes of a piece; 0: chosen */
  size_t window; /* bytes of a window */
  int64_t slots;
  bool utf8;             /* the text is UTF-8 throughout */
  bool first_pass;       /* rejects are noted in the first pass only */
  _Atomic uint64_t done; /* bytes, for the progress */
};

/* Reads the columns of a window into the slots lane->slot + lane->rows …, and counts the rows. */
ms_status ms_csv_window_read(ms_csv_lane *lane, const ms_csv_window *window);
/* Notes a bad record (or fails, if that is what the caller wanted). */
ms_status ms_csv_reject_add(ms_csv_lane *lane, ms_csv_reject reject);
/* The rejects of all lanes in order, as a frame; NULL if there are none. */
ms_status ms_csv_rejects_frame(ms_csv_reader *reader, ms_frame **out);

/* A window in the making, in the lane's arrays. */
typedef struct {
  const char *base;
  size_t ends; /* number of them */
  size_t rows;
} ms_csv_building;

/* Makes room for `count` ends. */
ms_status ms_csv_ends_room(ms_csv_lane *lane, size_t count);
/* Adds the end of a field, relative to the base. */
ms_status ms_csv_end_add(ms_csv_lane *lane, ms_csv_building *building, size_t end);
/* The `count` ends from `first` on are a record: it becomes a row, is passed over if blank, filled with
 * nulls, or rejected. */
ms_status ms_csv_record_add(ms_csv_lane *lane, ms_csv_building *building, size_t first,
                            size_t count);
/* Reads the window and begins a new one at `base`. */
ms_status ms_csv_building_flush(ms_csv_lane *lane, ms_csv_building *building, const char *base);
void ms_csv_lane_free(ms_csv_lane *lane);

/* Reads a lane by libcsv (which must be the whole text) or by the scanner. */
ms_status ms_csv_reference(ms_csv_lane *lane);
ms_status ms_csv_scan(ms_csv_lane *lane);

#endif
