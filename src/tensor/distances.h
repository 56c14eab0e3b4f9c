/* Distances between rows of doubles, many at a time. Each distance is one sum over the columns in their
   order, whatever its place in a block: it depends on its two rows alone, and is the same bits either way
   round. */
#ifndef TX_TENSOR_DISTANCES_H
#define TX_TENSOR_DISTANCES_H

#include <stddef.h>

/* SQUARED: sum of (a - b)^2. MANHATTAN: sum of |a - b|. CHEBYSHEV: largest |a - b|. */
typedef enum tx_row_distance { TX_ROW_SQUARED, TX_ROW_MANHATTAN, TX_ROW_CHEBYSHEV } tx_row_distance;

enum {
  TX_PANEL_ROWS = 8,   /* rows that lie side by side in a panel */
  TX_DISTANCE_ROWS = 4 /* rows that are compared with a panel at a time */
};

/* Doubles of the panels of `count` rows. */
size_t tx_panels_size(size_t count, size_t width);
/* Packs rows (count, width; row distance ldx) into panels of tx_panels_size doubles, zeros after the last. */
void tx_panels_fill(const double *x, size_t count, size_t width, size_t ldx, double *panels);
/* distances[r * ldd + j] of rows[r] (width) and row j of the panels, for r < row_count and j < count rounded
   up to TX_PANEL_ROWS. */
typedef struct tx_distance_block {
  const double *const *rows;
  size_t row_count;
  const double *panels;
  size_t count, width;
  double *distances;
  size_t ldd;
} tx_distance_block;
void tx_distances(tx_row_distance distance, const tx_distance_block *block);
/* The squared distance of two rows, the same bits as from tx_distances. */
double tx_squared_distance(size_t width, const double *a, const double *b);

#endif
