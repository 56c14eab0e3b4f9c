#include "cluster/nearest.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "tensor/blas.h"
#include "tensor/distances.h"

/* Rows that a task compares with all others, and how many of those at a time. */
enum { ROWS = 128, COLUMNS = 1024 };

typedef struct list_work {
  const tx_rows *rows;
  tx_neighbour_lists *lists;
  double *squares;  /* (count) squared lengths of the rows */
  double *products; /* (threads, ROWS, COLUMNS) */
  double doubt;     /* what rounding may change a squared distance by, over the sum of the squared lengths */
} list_work;

/* Puts the rows first .. first + count into the list of a row, which has *found. A product tells which can be
   near enough; their distance is computed as everywhere else. */
static void keep_nearest(const list_work *work, size_t row, size_t first, size_t count,
                         const double *products, size_t *found)
{
  const size_t k = work->lists->k, width = work->rows->width;
  const double *from = work->rows->x + row * width, own = work->squares[row], sure = 1 - work->doubt;
  tx_neighbour *list = work->lists->of + row * k;
  for (size_t j = 0; j < count; j++) {
    double distance;
    size_t at;
    if (*found == k && (own + work->squares[first + j]) * sure - 2 * products[j] >= list[k - 1].distance)
      continue;
    distance = tx_squared_distance(width, from, work->rows->x + (first + j) * width);
    if (*found == k && distance >= list[k - 1].distance) continue;
    at = *found < k ? (*found)++ : k - 1;
    for (; at > 0 && list[at - 1].distance > distance; at--) list[at] = list[at - 1];
    list[at] = (tx_neighbour){(uint32_t)(first + j), distance};
  }
}

static void search_rows(void *context, size_t item, size_t thread)
{
  const list_work *work = context;
  const tx_rows *rows = work->rows;
  const size_t first = item * ROWS, width = rows->width,
               count = rows->count - first < ROWS ? rows->count - first : ROWS;
  double *products = work->products + thread * ROWS * COLUMNS;
  size_t found[ROWS] = {0};
  for (size_t column = 0; column < rows->count; column += COLUMNS) {
    const size_t left = rows->count - column, columns = left < COLUMNS ? left : COLUMNS;
    tx_blas_multiply(&(tx_blas_product){.m = count,
                                        .n = columns,
                                        .k = width,
                                        .a = rows->x + first * width,
                                        .lda = width,
                                        .b = rows->x + column * width,
                                        .ldb = width,
                                        .transpose_b = true,
                                        .factor = 1,
                                        .c = products,
                                        .ldc = COLUMNS});
    for (size_t i = 0; i < count; i++)
      keep_nearest(work, first + i, column, columns, products + i * COLUMNS, &found[i]);
  }
}

static tx_status search(const tx_rows *rows, tx_pool *pool, tx_neighbour_lists *lists, tx_error *error)
{
  /* a sum of `width` products has a relative error below width units of rounding of their absolute sum */
  list_work work = {rows, lists, tx_malloc_aligned(rows->count, sizeof *work.squares),
                    tx_malloc_aligned(tx_pool_threads(pool), ROWS * COLUMNS * sizeof *work.products),
                    4 * ((double)rows->width + 8) * DBL_EPSILON};
  const bool ready = work.squares && work.products;
  for (size_t i = 0; i < rows->count && ready; i++) {
    double sum = 0;
    for (size_t k = 0; k < rows->width; k++)
      sum += rows->x[i * rows->width + k] * rows->x[i * rows->width + k];
    work.squares[i] = sum;
  }
  if (ready) tx_pool_run(pool, (rows->count + ROWS - 1) / ROWS, search_rows, &work);
  free(work.squares);
  free(work.products);
  return ready ? TX_OK : tx_fail_memory(error, "the nearest neighbours of points");
}

void tx_neighbour_lists_free(tx_neighbour_lists *lists)
{
  free(lists->of);
  *lists = (tx_neighbour_lists){0};
}

tx_status tx_nearest_rows_of(const tx_rows *rows, size_t k, bool cosine, tx_pool *pool,
                             tx_neighbour_lists *ret_lists, tx_error *error)
{
  tx_neighbour_lists lists = {rows->count, k < rows->count ? k : rows->count, NULL};
  tx_rows unit = {0};
  tx_status status = TX_OK;
  lists.of = tx_malloc_aligned(rows->count, lists.k * sizeof *lists.of);
  if (!lists.of) return tx_fail_memory(error, "the nearest neighbours of points");
  if (cosine) status = tx_rows_copy(rows, &unit, error);
  if (status == TX_OK) {
    if (cosine) tx_rows_unit(&unit);
    status = search(cosine ? &unit : rows, pool, &lists, error);
  }
  for (size_t i = 0; i < lists.count * lists.k && status == TX_OK; i++)
    lists.of[i].distance = cosine ? lists.of[i].distance / 2 : sqrt(lists.of[i].distance);
  tx_rows_free(&unit);
  if (status == TX_OK)
    *ret_lists = lists;
  else
    tx_neighbour_lists_free(&lists);
  return status;
}

void tx_sparse_free(tx_sparse *matrix)
{
  free(matrix->starts);
  free(matrix->columns);
  free(matrix->values);
  *matrix = (tx_sparse){0};
}

/* Both directions of an entry while the matrix is made. */
typedef struct directed {
  uint32_t column;
  double forth, back;
} directed;

static int compare_columns(const void *a, const void *b)
{
  const directed *x = a, *y = b;
  return (x->column > y->column) - (x->column < y->column);
}

/* Sorts the entries of a row, joins the two directions, and writes them; returns how many there are. */
static size_t finish_row(directed *entries, size_t count, bool either, uint32_t *columns, double *values)
{
  size_t kept = 0;
  qsort(entries, count, sizeof *entries, compare_columns);
  for (size_t e = 0; e < count;) {
    double forth = 0, back = 0, value;
    const uint32_t column = entries[e].column;
    for (; e < count && entries[e].column == column; e++) {
      forth += entries[e].forth;
      back += entries[e].back;
    }
    value = either ? forth + back - forth * back : (forth + back) / 2;
    if (value != 0) {
      columns[kept] = column;
      values[kept++] = value;
    }
  }
  return kept;
}

tx_status tx_sparse_symmetric(const tx_neighbour_lists *lists, const double *weights, bool either,
                              tx_sparse *ret_matrix, tx_error *error)
{
  const size_t count = lists->count, most = 2 * count * lists->k;
  size_t *starts = tx_calloc_aligned(count + 2, sizeof *starts), used = 0;
  directed *entries = tx_malloc_aligned(most, sizeof *entries);
  tx_sparse own = {count, tx_calloc_aligned(count + 1, sizeof *own.starts),
                   tx_malloc_aligned(most, sizeof *own.columns), tx_malloc_aligned(most, sizeof *own.values)};
  if (!starts || !entries || !own.starts || !own.columns || !own.values) {
    free(starts);
    free(entries);
    tx_sparse_free(&own);
    return tx_fail_memory(error, "the graph of neighbours");
  }
  for (size_t i = 0; i < count; i++) {
    starts[i + 2] += lists->k;
    for (size_t n = 0; n < lists->k; n++)
      if (lists->of[i * lists->k + n].row + 2 <= count + 1) starts[lists->of[i * lists->k + n].row + 2]++;
  }
  for (size_t i = 2; i < count + 2; i++) starts[i] += starts[i - 1];
  for (size_t i = 0; i < count; i++)
    for (size_t n = 0; n < lists->k; n++) {
      const uint32_t other = lists->of[i * lists->k + n].row;
      const double weight = weights[i * lists->k + n];
      entries[starts[i + 1]++] = (directed){other, weight, 0};
      entries[starts[other + 1]++] = (directed){(uint32_t)i, 0, weight};
    }
  for (size_t i = 0; i < count; i++) {
    used += finish_row(entries + starts[i], starts[i + 1] - starts[i], either, own.columns + used,
                       own.values + used);
    own.starts[i + 1] = used;
  }
  free(starts);
  free(entries);
  *ret_matrix = own;
  return TX_OK;
}

void tx_sparse_normalise(tx_sparse *matrix, double *roots)
{
  for (size_t i = 0; i < matrix->count; i++) {
    double sum = 0;
    for (size_t e = matrix->starts[i]; e < matrix->starts[i + 1]; e++)
      if (matrix->columns[e] == i)
        matrix->values[e] = 0;
      else
        sum += matrix->values[e];
    roots[i] = sum > 0 ? sqrt(sum) : 1;
  }
  for (size_t i = 0; i < matrix->count; i++)
    for (size_t e = matrix->starts[i]; e < matrix->starts[i + 1]; e++)
      matrix->values[e] /= roots[i] * roots[matrix->columns[e]];
}

size_t tx_sparse_components(const tx_sparse *matrix, uint32_t *components, uint32_t *scratch)
{
  uint32_t found = 0;
  for (size_t i = 0; i < matrix->count; i++) components[i] = UINT32_MAX;
  for (size_t i = 0; i < matrix->count; i++) {
    size_t depth = 0;
    if (components[i] != UINT32_MAX) continue;
    components[i] = found;
    scratch[depth++] = (uint32_t)i;
    while (depth) {
      const uint32_t at = scratch[--depth];
      for (size_t e = matrix->starts[at]; e < matrix->starts[at + 1]; e++) {
        const uint32_t other = matrix->columns[e];
        if (matrix->values[e] == 0 || components[other] != UINT32_MAX) continue;
        components[other] = found;
        scratch[depth++] = other;
      }
    }
    found++;
  }
  return found;
}
