/* Reading NumPy arrays of two dimensions, row by row, and the names of their rows. */
#ifndef TX_BASE_NPY_H
#define TX_BASE_NPY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/input.h"

/* An array (count, width) of float32 or float64 in C order (little endian; .npy versions 1 to 3), of which
   the header has been read. */
typedef struct tx_npy tx_npy;

/* Takes the input over, which is closed if this fails. TX_ERROR_DATA for another type, order or number of
   dimensions. */
tx_status tx_npy_open(tx_input *input, tx_npy **ret_array, tx_error *error);
/* What the header says; the file may have fewer rows. */
size_t tx_npy_count(const tx_npy *array);
size_t tx_npy_width(const tx_npy *array);
/* Reads the next row into row (width). TX_END after the last; TX_ERROR_DATA when the file is too short or too
   long. */
tx_status tx_npy_next(tx_npy *array, double *row, tx_error *error);
void tx_npy_close(tx_npy *array);

/* The name of a row, borrowed, and where it was read. */
typedef struct tx_npy_id {
  const char *id;
  size_t length;
  size_t row;
  const char *file;
  unsigned long long line;
} tx_npy_id;
typedef tx_status (*tx_npy_id_taker)(void *context, const tx_npy_id *id, tx_error *error);
/* Reads the names of the rows, one a line in their order, and closes the input in any case. TX_ERROR_DATA for
   another number of names than of rows, an empty name, or one with a tab; and what `take` returns. */
tx_status tx_npy_read_ids(tx_input *input, size_t rows, tx_npy_id_taker take, void *context, tx_error *error);

#endif
