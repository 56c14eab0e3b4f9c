/* Products in portable C, with vectors of four that gcc and clang turn into what the processor has (SSE2,
   NEON): float32, bf16 as rounded floats, int8 as whole floats, whose sums are exact below 2^24. */
#include "tensor/products_levels.h"

#include "tensor/products_encode.h"

/* Vectors of a row of a tile: as many accumulators as the registers hold (32 of 64-bit ARM, 16 of SSE2)
   besides the operands. */
#if defined(__aarch64__)
enum { VECTORS = 4 };
#else
enum { VECTORS = 2 };
#endif
#define MR 6
#define AP 6
#define NR (4 * VECTORS)

typedef float four __attribute__((vector_size(16), aligned(4), may_alias));

/* Scaled in a loop of its own, so that no compiler fuses the scaling of some elements with the addition. */
static void store(const struct tile *tile, float sums[MR][NR])
{
  for (size_t i = 0; i < tile->rows && tile->row_scales; i++)
    for (size_t n = 0; n < tile->columns; n++)
      sums[i][n] = sums[i][n] * tile->column_scales[n] * tile->row_scales[i];
  for (size_t i = 0; i < tile->rows; i++) {
    float *c = tile->c + i * tile->ldc;
    for (size_t n = 0; n < tile->columns; n++) c[n] = tile->accumulate ? c[n] + sums[i][n] : sums[i][n];
  }
}

/* Columns beyond those of the tile are read only where the strip is filled up. */
static void micro(size_t words, const uint32_t *a, const uint32_t *b, const struct tile *tile)
{
  const float *x = (const float *)(const void *)a, *w = (const float *)(const void *)b;
  four rows[MR][VECTORS] = {{{0}}};
  float sums[MR][NR] = {{0}};
  if (tile->ldb == NR || tile->columns == NR) {
    for (size_t j = 0; j < words; j++, x += AP, w += tile->ldb) {
      four columns[VECTORS];
      for (size_t v = 0; v < VECTORS; v++) columns[v] = *(const four *)(const void *)(w + 4 * v);
      for (size_t i = 0; i < MR; i++)
        for (size_t v = 0; v < VECTORS; v++) rows[i][v] += x[i] * columns[v];
    }
    for (size_t i = 0; i < MR; i++) memcpy(sums[i], rows[i], sizeof sums[i]);
  } else {
    for (size_t j = 0; j < words; j++, x += AP, w += tile->ldb)
      for (size_t i = 0; i < MR; i++)
        for (size_t n = 0; n < tile->columns; n++) sums[i][n] += x[i] * w[n];
  }
  store(tile, sums);
}

static void transpose(size_t count, size_t group, size_t words, const uint32_t *from, size_t ld, uint32_t *to)
{
  for (size_t j = 0; j < words; j++)
    for (size_t i = 0; i < group; i++) to[j * group + i] = i < count ? from[i * ld + j] : 0;
}

#define FLOAT32_NAME(x) tx_portable_float32_##x
#define FLOAT32_TEXT "portable float32"
#define BF16_NAME(x) tx_portable_bf16_##x
#define BF16_TEXT "portable bf16 in float32"
#include "tensor/products_float.h"

#undef GENERAL
#undef SCALED
#undef weights_scale
#define SCALED 1
#define weights_scale weights_scale_int8
#define NAME(x) tx_portable_int8_##x
#define PRODUCT_NAME "portable int8 in float32"
#define encode_row encode_int8_floats
#define encode_weights encode_weights_int8_floats
#include "tensor/products_body.h"

#define REAL float
#include "tensor/math_body.h"
#define SCAN_NAME tx_portable_scan
#include "tensor/scan_body.h"
