/* Template of a tx_product around a micro-kernel. The including file defines
     NAME(x)   makes the names of this product's functions unique in the file
     MR, AP    rows of a strip, and their distance in the packed activations (AP >= MR) in 32-bit words
     NR        columns of a strip, of 32-bit words
     STEP      elements of k in one 32-bit word: 1, 2 or 4
     SCALED    1 if rows and columns have scales (int8), else 0
     encode_row(depth, x, words, ret_scale)     activations of a row to (depth / STEP) words
     encode_weights(depth, w, scale, words)     the same for a row of weights
     weights_scale(k, w)                        the scale of a row of weights, 1 if not SCALED
     CORRECTION(count, words)                   subtracted from a column's sum (int8), else 0
     transpose(count, group, words, from, ld, to)   to[j * group + i] = from[i * ld + j], i < count, j < words
     micro(words, a, b, tile)                   see struct tile
     GENERAL   defined if the product has the general form of gemm_body.h too, and what that asks for
   Packed weights: per block of k, strips of NR columns, each [words][NR]; after them the scales (n) and per
   block the corrections (n). Packed activations: strips of MR rows, each [words][AP]; after them the scales
   of the rows. */

static size_t NAME(words)(size_t depth)
{
  return (depth + STEP - 1) / STEP;
}

static size_t NAME(padded)(size_t n)
{
  return (n + NR - 1) / NR * NR;
}

/* Words of the packed weights before block `block`; all of them for block = number of blocks. */
static size_t NAME(block_at)(size_t n, size_t k, size_t block)
{
  size_t words = 0;
  for (size_t i = 0; i < block; i++)
    words += NAME(padded)(n) * NAME(words)(tx_product_block_start(k, i + 1) - tx_product_block_start(k, i));
  return words;
}

static size_t NAME(weights_size)(size_t n, size_t k)
{
  const size_t blocks = tx_product_blocks(k), extra = SCALED ? (1 + blocks) * NAME(padded)(n) : 0;
  return ((NAME(block_at)(n, k, blocks) + extra) * sizeof(uint32_t) + 63) & ~(size_t)63;
}

static void NAME(pack_weights)(size_t n, size_t k, const float *w, void *packed)
{
  const size_t blocks = tx_product_blocks(k), padded = NAME(padded)(n);
  uint32_t *words = packed, *strip = words, row[TX_PRODUCT_DEPTH];
  float *scales = (float *)(void *)(words + NAME(block_at)(n, k, blocks));
  int32_t *corrections = (int32_t *)(void *)(scales + padded);
  memset(packed, 0, NAME(weights_size)(n, k));
  for (size_t i = 0; i < n && SCALED; i++) scales[i] = weights_scale(k, w + i * k);
  for (size_t block = 0; block < blocks; block++) {
    const size_t start = tx_product_block_start(k, block),
                 depth = tx_product_block_start(k, block + 1) - start, count = NAME(words)(depth);
    for (size_t n0 = 0; n0 < n; n0 += NR, strip += count * NR)
      for (size_t i = 0; i < NR && n0 + i < n; i++) {
        const float *source = w + (n0 + i) * k + start, scale = SCALED ? scales[n0 + i] : 1.0f;
        row[count - 1] = 0;
        encode_weights(depth, source, scale, row);
        for (size_t j = 0; j < count; j++) strip[j * NR + i] = row[j];
        if (SCALED) corrections[block * padded + n0 + i] = CORRECTION(count, row);
      }
  }
}

static size_t NAME(rows_size)(size_t rows)
{
  const size_t strips = (rows + MR - 1) / MR;
  return (strips * (AP * NAME(words)(TX_PRODUCT_DEPTH) + MR) * sizeof(uint32_t) + 63) & ~(size_t)63;
}

static void NAME(pack_rows)(size_t rows, size_t depth, const float *x, size_t ldx, void *packed)
{
  const size_t count = NAME(words)(depth), strips = (rows + MR - 1) / MR;
  uint32_t *to = packed;
  float *scales = (float *)(void *)(to + strips * AP * count);
  for (size_t i0 = 0; i0 < rows; i0 += MR, to += AP * count, scales += MR) {
    const size_t strip = rows - i0 < MR ? rows - i0 : MR;
#ifdef ROWS_AS_THEY_ARE
    transpose(strip, AP, count, (const uint32_t *)(const void *)(x + i0 * ldx), ldx, to);
#else
    uint32_t encoded[MR * TX_PRODUCT_DEPTH / STEP];
    for (size_t i = 0; i < strip; i++) {
      float scale = 1;
      encoded[i * count + count - 1] = 0;
      encode_row(depth, x + (i0 + i) * ldx, encoded + i * count, &scale);
      if (SCALED) scales[i] = scale;
    }
    transpose(strip, AP, count, encoded, count, to);
#endif
  }
}

static void NAME(multiply)(size_t rows, size_t first, size_t columns, size_t n, size_t k, size_t block,
                           const void *packed_rows, const void *packed_weights, bool accumulate, float *c,
                           size_t ldc)
{
  const size_t depth = tx_product_block_start(k, block + 1) - tx_product_block_start(k, block),
               count = NAME(words)(depth);
  const size_t blocks = tx_product_blocks(k), padded = NAME(padded)(n), strips = (rows + MR - 1) / MR;
  const uint32_t *weights = packed_weights, *a = packed_rows,
                 *b = weights + NAME(block_at)(n, k, block) + first / NR * NR * count;
  const float *row_scales = (const float *)(const void *)(a + strips * AP * count);
  const float *column_scales = (const float *)(const void *)(weights + NAME(block_at)(n, k, blocks)) + first;
  const int32_t *corrections =
      (const int32_t *)(const void *)(column_scales - first + padded) + block * padded + first;
  for (size_t n0 = 0; n0 < columns; n0 += NR, b += count * NR)
    for (size_t i0 = 0; i0 < rows; i0 += MR) {
      const struct tile tile = {.c = c + i0 * ldc + n0,
                                .ldc = ldc,
                                .rows = rows - i0 < MR ? rows - i0 : MR,
                                .columns = columns - n0 < NR ? columns - n0 : NR,
                                .accumulate = accumulate,
                                .ldb = NR,
                                .row_scales = SCALED ? row_scales + i0 : NULL,
                                .column_scales = SCALED ? column_scales + n0 : NULL,
                                .corrections = SCALED ? corrections + n0 : NULL};
      micro(count, a + i0 / MR * AP * count, b, &tile);
    }
}

#ifdef GENERAL
#include "tensor/gemm_body.h"
#endif

const tx_product NAME(product) = {
    .name = PRODUCT_NAME,
    .weights_size = NAME(weights_size),
    .pack_weights = NAME(pack_weights),
    .rows_size = NAME(rows_size),
    .pack_rows = NAME(pack_rows),
    .multiply = NAME(multiply),
#ifdef GENERAL
    .gemm = NAME(gemm),
    .gemm_scratch = &NAME(gemm_scratch),
#endif
};
