/* The numbers of a figure: a table, which is drawn, shown and written. */
#ifndef TX_REPORT_NUMBERS_H
#define TX_REPORT_NUMBERS_H

#include "base/bytes.h"
#include "base/names.h"

/* decimals: those of a number in the page; -1 of a text. Files have all digits. */
typedef struct tx_column {
  const char *name;
  int decimals;
} tx_column;

typedef struct tx_cell {
  double number;    /* NaN where there is none, and of a text */
  const char *text; /* NULL of a number; equal texts are one pointer */
} tx_cell;

typedef struct tx_numbers {
  const tx_column *columns;
  size_t column_count;
  tx_cell *cells; /* (rows, columns) */
  size_t cell_count, capacity;
  tx_names *texts;
  char note[400]; /* about these numbers: what was sampled, left out, ... */
  bool failed;    /* a cell found no memory */
} tx_numbers;

tx_status tx_numbers_begin(tx_numbers *numbers, const tx_column *columns, size_t count, tx_error *error);
/* Append a cell, row by row. A failed allocation sets `failed`, and later cells are left out. */
void tx_numbers_text(tx_numbers *numbers, const char *text);
void tx_numbers_put(tx_numbers *numbers, double number);
size_t tx_numbers_rows(const tx_numbers *numbers);
const tx_cell *tx_numbers_at(const tx_numbers *numbers, size_t row, size_t column);
void tx_numbers_free(tx_numbers *numbers);

/* A cell as the page shows it. */
void tx_cell_text(const tx_cell *cell, int decimals, char *text, size_t size);
/* A table of HTML with a caption, at most `most` rows. */
void tx_numbers_html(const tx_numbers *numbers, const char *caption, size_t most, tx_bytes *out);
/* A header and rows, separated by tabs; numbers with up to 10 digits, nothing where there is none. */
void tx_numbers_tsv(const tx_numbers *numbers, tx_bytes *out);
/* The members "columns" and "rows", whose values are arrays; null where there is no number. */
void tx_numbers_json(const tx_numbers *numbers, tx_bytes *out);

#endif
