/* Numbers dressed for people: currency signs, thousands, decimal commas, percent. */
#ifndef MS_IO_CSV_DRESS_H
#define MS_IO_CSV_DRESS_H

#include "core/io/csv.h"

enum { MS_CSV_DRESS_MOST = 96 };

/* The plain number in `room`, or an empty text if this is no such number. */
ms_slice ms_csv_undress(const ms_csv_rules *rules, ms_slice text, char *room);

#endif
