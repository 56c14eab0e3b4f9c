/* HTML and SVG text. All text that is not this program's own goes through here, and is escaped here. */
#ifndef TX_REPORT_MARKUP_H
#define TX_REPORT_MARKUP_H

#include "base/bytes.h"

/* Appends text for content and for attribute values in quotes: & < > " ' as references; what is no valid
   UTF-8, and control characters (also those that turn the direction of writing), as U+FFFD. */
void tx_markup_text(tx_bytes *out, const char *text);
/* The same, at most `most` characters; what is longer ends in an ellipsis. */
void tx_markup_short(tx_bytes *out, const char *text, size_t most);
/* Appends a template, whose own characters are markup. Its places are
     %s  text (const char *), escaped
     %m  markup (const char *) of this program, as it is
     %d  int
     %u  size_t
     %c  a coordinate (double): at most one decimal, 0 if it is not finite
   and %% is a percent sign. */
void tx_markup(tx_bytes *out, const char *template, ...);

#endif
