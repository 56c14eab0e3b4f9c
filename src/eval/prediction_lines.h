/* Files of predictions of which every line is a record: what their readers share. */
#ifndef TX_EVAL_PREDICTION_LINES_H
#define TX_EVAL_PREDICTION_LINES_H

#include "base/fields.h"
#include "base/lines.h"
#include "base/text.h"
#include "eval/prediction_rows.h"

typedef struct tx_prediction_lines {
  tx_lines *lines; /* NULL where lineages come from elsewhere */
  tx_prediction_rows *rows;
  const tx_predictions *opt_lineages; /* of the references */
  const char *ranks;                  /* names of positions in lineages without prefixes, or NULL */
  const char *line;                   /* the current one; borrowed */
  size_t length;
  tx_fields fields; /* of the current line, at its delimiter */
  char delimiter;   /* a tab, or a comma */
} tx_prediction_lines;

/* Reads the next line that is not empty and no comment, and cuts it. TX_END. */
tx_status tx_prediction_lines_next(tx_prediction_lines *lines, tx_error *error);
/* TX_ERROR_DATA in the current line: two texts, the second may be "". */
tx_status tx_prediction_lines_fail(const tx_prediction_lines *lines, const char *what, const char *more,
                                   tx_error *error);
/* Begins the row of the first word of a text. */
tx_status tx_prediction_lines_begin(const tx_prediction_lines *lines, const char *text, tx_error *error);
/* Adds the names of a lineage to the last row: "k__A;p__B", "k:A,p:B", or as many names as lines->ranks has.
   The text is changed. `last` is the confidence of the last name, or TX_NO_CONFIDENCE. */
tx_status tx_prediction_lines_lineage(const tx_prediction_lines *lines, char *text, double last,
                                      tx_error *error);

#endif
