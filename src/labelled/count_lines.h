/* Lines of a count table that is text, cut into fields. */
#ifndef TX_LABELLED_COUNT_LINES_H
#define TX_LABELLED_COUNT_LINES_H

#include "base/fields.h"
#include "base/lines.h"
#include "labelled/count_table.h"

typedef struct tx_count_text {
  tx_lines *lines;
  const tx_count_options *options;
  tx_count_builder *builder;
  char delimiter; /* chosen with the header */
  tx_fields header;
  tx_fields fields; /* of the line last read */
} tx_count_text;

/* Finds the header: the first line that is no comment. *ret_groups, which the caller frees, is the line of a
   sparse count_table of mothur that numbers its samples, or NULL. TX_ERROR_DATA when there is none. */
tx_status tx_count_text_header(tx_count_text *text, char **ret_groups, tx_error *error);
/* Reads the next line that is not empty and cuts it, quotes around a whole field removed. A blank field at
   the end of a line is dropped if the line has more fields than `most` (mothur ends lines with a tab).
   TX_END. */
tx_status tx_count_text_next(tx_count_text *text, size_t most, tx_error *error);
/* TX_ERROR_DATA in the current line: the field in quotes, between two texts. */
tx_status tx_count_text_fail(const tx_count_text *text, const char *before, const char *field,
                             const char *after, tx_error *error);
/* The number in a field of the current line. */
tx_status tx_count_text_number(const tx_count_text *text, const char *field, double *ret_count,
                               tx_error *error);

#endif
