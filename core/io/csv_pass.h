/* Guessing the columns' kinds, and the passes over the text until none is contradicted. */
#ifndef MS_IO_CSV_PASS_H
#define MS_IO_CSV_PASS_H

#include "core/io/csv.h"

/* Kinds, storage and number of different texts from records at the given places (starts of records). */
ms_status ms_csv_guess(ms_csv_reader *reader, const size_t *places, size_t count);
/* Reads every column, and those again whose fields did not fit what was thought of them, until all fit.
 * `*odd` is set, and nothing is promised, where the scanner met what only libcsv may judge. */
ms_status ms_csv_passes(ms_csv_reader *reader, bool scanner, bool *odd);
/* The frame of what the passes read. */
ms_frame *ms_csv_frame(ms_csv_reader *reader);

/* Lanes: cuts the text into parts of whole records, with their slots. For the scanner, `*odd` as above;
 * for libcsv there is one lane. */
ms_status ms_csv_lanes_cut(ms_csv_reader *reader, bool scanner, bool *odd);
void ms_csv_lanes_free(ms_csv_reader *reader);

#endif
