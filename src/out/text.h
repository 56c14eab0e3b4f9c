/* Fields of tab-separated text. */
#ifndef TX_OUT_TEXT_H
#define TX_OUT_TEXT_H

#include "base/bytes.h"

/* Appends a text as one field. Tabs and line breaks, which only a quoted table cell can bring, become spaces:
   rows and columns hold whatever a file calls its records and taxa. */
void tx_text_field(tx_bytes *out, const char *text, size_t length);

#endif
