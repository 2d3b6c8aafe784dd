/* From the bytes of a file to the text that is cut into records. */
#ifndef MS_IO_CSV_TEXT_H
#define MS_IO_CSV_TEXT_H

#include "core/io/csv.h"

typedef struct {
  const char *path, *encoding; /* "auto" or a name */
  int64_t skip;                /* lines in front */
  const char *comment;         /* records that begin with it are none; NULL */
  const char *escape;          /* "\\" within quotes; NULL or the quote: none */
  bool whitespace;             /* any blanks are one delimiter */
} ms_csv_source;

/* Opens, inflates, converts to UTF-8, skips lines. reader->utf8 says whether all of it is valid. */
ms_status ms_csv_text_open(ms_csv_reader *reader, const ms_csv_source *source);
/* Rewrites comments, escapes and blanks away where there are any to be: what is left is plain CSV of
 * reader->rules.dialect. */
ms_status ms_csv_text_plain(ms_csv_reader *reader, const ms_csv_source *source);

/* Raw fields of a record: at most `most` are written, `count` is how many there are. */
typedef struct {
  ms_slice *fields;
  size_t most, count;
} ms_csv_record;

/* Cuts the record at `at`. Gives where the next one begins, or 0 if this one is odd. */
size_t ms_csv_split(const ms_csv_text *text, const ms_csv_dialect *dialect, size_t at,
                    ms_csv_record *record);

#endif
