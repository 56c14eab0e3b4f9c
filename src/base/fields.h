/* A line cut into fields. */
#ifndef TX_BASE_FIELDS_H
#define TX_BASE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialise; the memory is used again from line to line; free with tx_fields_free. */
typedef struct tx_fields {
  char **items; /* (count) of the line last cut, NUL-terminated; they may be changed in place */
  size_t count;
  char *text; /* holds them */
  size_t text_capacity, item_capacity;
} tx_fields;

/* Cuts a copy of the line at the delimiter; of blanks a run counts once. Fields are trimmed, and lose the
   quotes around them: a quote opens a field at its start, closes it before a delimiter or the end, and is
   doubled inside. False: no memory. */
bool tx_fields_cut(tx_fields *fields, const char *line, size_t length, char delimiter);
void tx_fields_free(tx_fields *fields);

#endif
