#include "cluster/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

tx_status tx_rows_create(size_t count, size_t width, tx_rows *ret_rows, tx_error *error)
{
  size_t size;
  *ret_rows = (tx_rows){count, width, NULL};
  if (tx_multiply(count ? count : 1, width, &size))
    ret_rows->x = tx_calloc_aligned(size, sizeof *ret_rows->x);
  return ret_rows->x ? TX_OK : tx_fail_memory(error, "the points");
}

tx_status tx_rows_copy(const tx_rows *rows, tx_rows *ret_rows, tx_error *error)
{
  const tx_status status = tx_rows_create(rows->count, rows->width, ret_rows, error);
  if (status == TX_OK) memcpy(ret_rows->x, rows->x, rows->count * rows->width * sizeof *rows->x);
  return status;
}

tx_status tx_rows_of_points(const tx_points *points, tx_rows *ret_rows, tx_error *error)
{
  const size_t width = tx_points_width(points);
  size_t row = 0;
  const tx_status status = tx_rows_create(tx_points_usable(points), width, ret_rows, error);
  if (status != TX_OK) return status;
  for (size_t i = 0; i < tx_points_count(points); i++) {
    const double *vector = tx_points_vector(points, i);
    if (vector) memcpy(ret_rows->x + row++ * width, vector, width * sizeof *vector);
  }
  return TX_OK;
}

void tx_rows_free(tx_rows *rows)
{
  free(rows->x);
  *rows = (tx_rows){0};
}

static double column_mean(const tx_rows *rows, size_t column)
{
  double sum = 0;
  for (size_t i = 0; i < rows->count; i++) sum += rows->x[i * rows->width + column];
  return sum / (double)rows->count;
}

static double column_deviation(const tx_rows *rows, size_t column, double mean)
{
  double sum = 0;
  for (size_t i = 0; i < rows->count; i++) {
    const double difference = rows->x[i * rows->width + column] - mean;
    sum += difference * difference;
  }
  return sqrt(sum / (double)rows->count);
}

static void scale_column(tx_rows *rows, size_t column, double mean, double divisor)
{
  for (size_t i = 0; i < rows->count; i++) {
    double *x = &rows->x[i * rows->width + column];
    *x = divisor > 0 ? (*x - mean) / divisor : 0;
  }
}

/* What rounding leaves of a column of equal numbers. */
static double vary(double deviation, double mean)
{
  return deviation > 1e-14 * fabs(mean) ? deviation : 0;
}

void tx_rows_zscore(tx_rows *rows)
{
  for (size_t c = 0; c < rows->width; c++) {
    const double mean = column_mean(rows, c);
    scale_column(rows, c, mean, vary(column_deviation(rows, c, mean), mean));
  }
}

void tx_rows_average_scale(tx_rows *rows)
{
  double sum = 0;
  for (size_t c = 0; c < rows->width; c++) {
    const double mean = column_mean(rows, c);
    sum += vary(column_deviation(rows, c, mean), mean);
  }
  for (size_t c = 0; c < rows->width; c++)
    scale_column(rows, c, column_mean(rows, c), sum / (double)rows->width);
}

void tx_rows_unit(tx_rows *rows)
{
  for (size_t i = 0; i < rows->count; i++) {
    double *row = rows->x + i * rows->width, sum = 0, length;
    for (size_t c = 0; c < rows->width; c++) sum += row[c] * row[c];
    length = sqrt(sum);
    for (size_t c = 0; length > 0 && c < rows->width; c++) row[c] /= length;
  }
}

/* Rows that a thread compares with all others at a time: whole panels. */
enum { SCAN_ROWS = 2 * TX_PANEL_ROWS };

typedef struct row_scan {
  const tx_rows *rows;
  const double *panels;
  tx_row_distance distance;
  bool later;
  double *distances; /* (threads, SCAN_ROWS, ldd) */
  size_t ldd;
  tx_row_visit visit;
  void *context;
} row_scan;

static void scan_block(void *context, size_t item, size_t thread)
{
  const row_scan *scan = context;
  const size_t first = item * SCAN_ROWS, left = scan->rows->count - first,
               count = left < SCAN_ROWS ? left : SCAN_ROWS, from = scan->later ? first : 0;
  double *distances = scan->distances + thread * SCAN_ROWS * scan->ldd;
  const double *rows[SCAN_ROWS];
  for (size_t r = 0; r < count; r++) rows[r] = scan->rows->x + (first + r) * scan->rows->width;
  tx_distances(scan->distance, &(tx_distance_block){.rows = rows,
                                                    .row_count = count,
                                                    .panels = scan->panels + from * scan->rows->width,
                                                    .count = scan->rows->count - from,
                                                    .width = scan->rows->width,
                                                    .distances = distances + from,
                                                    .ldd = scan->ldd});
  for (size_t r = 0; r < count; r++) scan->visit(scan->context, first + r, distances + r * scan->ldd, thread);
}

tx_status tx_rows_scan(const tx_rows *rows, tx_row_distance distance, bool later, tx_pool *pool,
                       tx_row_visit visit, void *context, tx_error *error)
{
  const size_t ldd = tx_panels_size(rows->count, 1);
  double *panels = tx_malloc_aligned(tx_panels_size(rows->count, rows->width), sizeof *panels);
  double *distances = tx_malloc_aligned(tx_pool_threads(pool) * SCAN_ROWS * ldd, sizeof *distances);
  row_scan scan = {rows, panels, distance, later, distances, ldd, visit, context};
  if (!panels || !distances) {
    free(panels);
    free(distances);
    return tx_fail_memory(error, "distances of points");
  }
  tx_panels_fill(rows->x, rows->count, rows->width, rows->width, panels);
  tx_pool_run(pool, (rows->count + SCAN_ROWS - 1) / SCAN_ROWS, scan_block, &scan);
  free(panels);
  free(distances);
  return TX_OK;
}
