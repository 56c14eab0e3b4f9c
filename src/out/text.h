/* Fields of tab-separated text. */
#ifndef TX_OUT_TEXT_H
#define TX_OUT_TEXT_H

#include "base/bytes.h"

/* Appends a text as one field. Tabs and line breaks, which only a quoted table cell can contain, become
   spaces, so that a name cannot break rows and columns; a byte that is not UTF-8, which only an old model
   can contain, becomes U+FFFD. */
void tx_text_field(tx_bytes *out, const char *text, size_t length);
/* Appends a confidence, rounded down to 4 decimals, as whole ten-thousandths: faster than printf's exact
   decimals. */
void tx_text_confidence(tx_bytes *row, double confidence);

#endif
