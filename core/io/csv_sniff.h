/* Guesses about a CSV text from its first records. */
#ifndef MS_IO_CSV_SNIFF_H
#define MS_IO_CSV_SNIFF_H

#include "core/io/csv.h"

typedef enum { MS_CSV_HEADER_AUTO, MS_CSV_HEADER_YES, MS_CSV_HEADER_NO } ms_csv_header;

/* The delimiter by which the first records have most evenly more than one field; a comma if none does. */
char ms_csv_sniff_delimiter(const ms_csv_text *text, ms_csv_dialect dialect);
/* Reads or makes the names: reader->names, fields, and text.start. MS_EDUPLICATE unless `rename`. */
ms_status ms_csv_names_read(ms_csv_reader *reader, ms_csv_header header, bool rename);

#endif
