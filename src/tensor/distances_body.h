/* Template of the distances. The including file defines DISTANCES and SQUARED_DISTANCE, and FUSED if its
   instructions have a fused multiply-add; nothing else is fused (CMakeLists.txt), so that the compiler cannot
   treat one sum otherwise than another. */

#include <math.h>
#include <string.h>

#ifdef FUSED
#define ADD_SQUARE(sum, x) fma(x, x, sum)
#else
#define ADD_SQUARE(sum, x) ((sum) + (x) * (x))
#endif

/* Four rows against one panel. */
#define DEFINE_TILE(NAME, ADD)                                                                               \
  static void NAME(const double *const *rows, const double *restrict panel, size_t width,                    \
                   double sums[TX_DISTANCE_ROWS][TX_PANEL_ROWS])                                             \
  {                                                                                                          \
    const double *restrict r0 = rows[0], *restrict r1 = rows[1], *restrict r2 = rows[2],                     \
                           *restrict r3 = rows[3];                                                           \
    double s0[TX_PANEL_ROWS] = {0}, s1[TX_PANEL_ROWS] = {0}, s2[TX_PANEL_ROWS] = {0},                        \
           s3[TX_PANEL_ROWS] = {0};                                                                          \
    for (size_t i = 0; i < width; i++, panel += TX_PANEL_ROWS) {                                             \
      const double a0 = r0[i], a1 = r1[i], a2 = r2[i], a3 = r3[i];                                           \
      _Pragma("omp simd") for (int l = 0; l < TX_PANEL_ROWS; l++)                                            \
      {                                                                                                      \
        const double b = panel[l];                                                                           \
        s0[l] = ADD(s0[l], a0 - b);                                                                          \
        s1[l] = ADD(s1[l], a1 - b);                                                                          \
        s2[l] = ADD(s2[l], a2 - b);                                                                          \
        s3[l] = ADD(s3[l], a3 - b);                                                                          \
      }                                                                                                      \
    }                                                                                                        \
    memcpy(sums[0], s0, sizeof s0);                                                                          \
    memcpy(sums[1], s1, sizeof s1);                                                                          \
    memcpy(sums[2], s2, sizeof s2);                                                                          \
    memcpy(sums[3], s3, sizeof s3);                                                                          \
  }

/* One row against four panels, so that the sums of one need not wait for each other. */
static void squared_row(const double *restrict row, const double *restrict panels, size_t width,
                        double sums[TX_DISTANCE_ROWS][TX_PANEL_ROWS])
{
  const double *restrict p0 = panels, *restrict p1 = p0 + TX_PANEL_ROWS * width,
                         *restrict p2 = p1 + TX_PANEL_ROWS * width, *restrict p3 = p2 + TX_PANEL_ROWS * width;
  double s0[TX_PANEL_ROWS] = {0}, s1[TX_PANEL_ROWS] = {0}, s2[TX_PANEL_ROWS] = {0}, s3[TX_PANEL_ROWS] = {0};
  for (size_t i = 0; i < width; i++) {
    const double a = row[i];
    const size_t at = i * TX_PANEL_ROWS;
#pragma omp simd
    for (int l = 0; l < TX_PANEL_ROWS; l++) {
      s0[l] = ADD_SQUARE(s0[l], a - p0[at + l]);
      s1[l] = ADD_SQUARE(s1[l], a - p1[at + l]);
      s2[l] = ADD_SQUARE(s2[l], a - p2[at + l]);
      s3[l] = ADD_SQUARE(s3[l], a - p3[at + l]);
    }
  }
  memcpy(sums[0], s0, sizeof s0);
  memcpy(sums[1], s1, sizeof s1);
  memcpy(sums[2], s2, sizeof s2);
  memcpy(sums[3], s3, sizeof s3);
}

#define ADD_ABSOLUTE(sum, x) ((sum) + fabs(x))
#define TAKE_LARGER(sum, x) (fabs(x) > (sum) ? fabs(x) : (sum))

DEFINE_TILE(squared_tile, ADD_SQUARE)
DEFINE_TILE(manhattan_tile, ADD_ABSOLUTE)
DEFINE_TILE(chebyshev_tile, TAKE_LARGER)

void DISTANCES(tx_row_distance distance, const tx_distance_block *block)
{
  for (size_t first = 0; first < block->row_count; first += TX_DISTANCE_ROWS) {
    const double *rows[TX_DISTANCE_ROWS];
    const size_t left = block->row_count - first, count = left < TX_DISTANCE_ROWS ? left : TX_DISTANCE_ROWS;
    for (size_t r = 0; r < TX_DISTANCE_ROWS; r++) rows[r] = block->rows[first + (r < count ? r : 0)];
    size_t j = 0;
    for (; count == 1 && distance == TX_ROW_SQUARED && j + 4 * TX_PANEL_ROWS <= block->count;
         j += 4 * TX_PANEL_ROWS) {
      double sums[TX_DISTANCE_ROWS][TX_PANEL_ROWS];
      squared_row(rows[0], block->panels + j * block->width, block->width, sums);
      memcpy(block->distances + first * block->ldd + j, sums, sizeof sums);
    }
    for (; j < block->count; j += TX_PANEL_ROWS) {
      const double *panel = block->panels + j * block->width;
      double sums[TX_DISTANCE_ROWS][TX_PANEL_ROWS];
      if (distance == TX_ROW_SQUARED)
        squared_tile(rows, panel, block->width, sums);
      else
        (distance == TX_ROW_MANHATTAN ? manhattan_tile : chebyshev_tile)(rows, panel, block->width, sums);
      for (size_t r = 0; r < count; r++)
        memcpy(block->distances + (first + r) * block->ldd + j, sums[r], sizeof sums[r]);
    }
  }
}

double SQUARED_DISTANCE(size_t width, const double *a, const double *b)
{
  double sum = 0;
  for (size_t i = 0; i < width; i++) sum = ADD_SQUARE(sum, a[i] - b[i]);
  return sum;
}
