/* Template of the general product (the loop order of BLIS), after products_body.h and for its NAME, STEP, MR,
   AP, NR and micro-kernel: C (m, n) = op(a) op(b), or += with accumulate, both operands packed as they are
   needed. The including file defines besides
     across(count, first, second, words)   a word of each of `count` columns, STEP rows of k (second or NULL)
     along(depth, x, words)                words of a row whose k lie side by side; not with ROWS_AS_THEY_ARE
   Every element of C is summed in the order of k, in blocks whose bounds depend on k alone: a row's bits do
   not depend on m or n. */

enum {
  NAME(KC) = 256,            /* words of a block of k: a strip of A (KC, AP) and one of B (KC, NR) */
  /* rows of A packed at once: they stay in the second cache while all of B passes by once */
  NAME(MC) = 448 / MR * MR,
  NAME(NC) = 1024,           /* columns of B packed at once */
  NAME(WIDER) = AP > NR ? AP : NR
};

/* Elements of k in a block: even parts, a whole number of words each. */
static size_t NAME(gemm_block)(size_t k)
{
  const size_t most = (size_t)NAME(KC) * STEP, blocks = (k + most - 1) / most,
               even = (k + blocks - 1) / blocks;
  return (even + 7) & ~(size_t)7;
}

/* `count` of up to `group` columns of an operand, `depth` elements of k each; element (j, i) is source[j *
   row + i * column]. */
static void NAME(gemm_pack)(size_t count, size_t group, size_t depth, const float *source, size_t row,
                            size_t column, uint32_t *to)
{
  const size_t words = NAME(words)(depth);
  if (row == 1) { /* k side by side */
#ifdef ROWS_AS_THEY_ARE
    transpose(count, group, words, (const uint32_t *)(const void *)source, column, to);
#else
    uint32_t encoded[NAME(WIDER) * NAME(KC)];
    for (size_t i = 0; i < count; i++) along(depth, source + i * column, encoded + i * words);
    transpose(count, group, words, encoded, words, to);
#endif
    return;
  }
  /* Strips that are full have a number of columns that the compiler knows: a few words are copied at every
     step, which takes less time than the call of a copy. */
#define PACK_ACROSS(columns) \
  for (size_t j = 0; j < words; j++) { \
    const float *first = source + j * STEP * row; \
    across(columns, first, STEP > 1 && j * STEP + 1 < depth ? first + row : NULL, to + j * group); \
    for (size_t i = (columns); i < group; i++) to[j * group + i] = 0; \
  }
  if (count == MR) {
    PACK_ACROSS(MR)
  } else if (count == NR) {
    PACK_ACROSS(NR)
  } else {
    PACK_ACROSS(count)
  }
#undef PACK_ACROSS
}

/* Strips of `strip` columns, `group` words apart. */
static void NAME(gemm_pack_strips)(size_t columns, size_t strip, size_t group, size_t depth,
                                   const float *source, size_t row, size_t column, uint32_t *to)
{
  for (size_t i = 0; i < columns; i += strip, to += NAME(words)(depth) * group)
    NAME(gemm_pack)
    (columns - i < strip ? columns - i : strip, group, depth, source + i * column, row, column, to);
}

static void NAME(gemm_block_product)(size_t rows, size_t columns, size_t words, const uint32_t *a,
                                     const uint32_t *b, bool accumulate, float *c, size_t ldc)
{
  for (size_t n0 = 0; n0 < columns; n0 += NR)
    for (size_t i0 = 0; i0 < rows; i0 += MR) {
      const struct tile tile = {.c = c + i0 * ldc + n0,
                                .ldc = ldc,
                                .rows = rows - i0 < MR ? rows - i0 : MR,
                                .columns = columns - n0 < NR ? columns - n0 : NR,
                                .accumulate = accumulate,
                                .ldb = NR};
      micro(words, a + i0 / MR * AP * words, b + n0 * words, &tile);
    }
}

void NAME(gemm)(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda,
                const float *b, size_t ldb, bool accumulate, float *c, size_t ldc, float *scratch)
{
  const size_t a_row = transpose_a ? 1 : lda, a_column = transpose_a ? lda : 1;
  const size_t b_row = transpose_b ? 1 : ldb, b_column = transpose_b ? ldb : 1;
  const size_t block = k ? NAME(gemm_block)(k) : 0;
  uint32_t *packed_a = (uint32_t *)(void *)scratch,
           *packed_b = packed_a + (size_t)NAME(KC) * (NAME(MC) / MR) * AP;
  for (size_t n0 = 0; n0 < n; n0 += NAME(NC)) {
    const size_t columns = n - n0 < NAME(NC) ? n - n0 : NAME(NC);
    for (size_t k0 = 0; k0 < k; k0 += block) {
      const size_t depth = k - k0 < block ? k - k0 : block;
      NAME(gemm_pack_strips)
      (columns, NR, NR, depth, b + k0 * b_row + n0 * b_column, b_row, b_column, packed_b);
      for (size_t i0 = 0; i0 < m; i0 += NAME(MC)) {
        const size_t rows = m - i0 < NAME(MC) ? m - i0 : NAME(MC);
        NAME(gemm_pack_strips)
        (rows, MR, AP, depth, a + i0 * a_row + k0 * a_column, a_column, a_row, packed_a);
        NAME(gemm_block_product)
        (rows, columns, NAME(words)(depth), packed_a, packed_b, accumulate || k0 > 0, c + i0 * ldc + n0, ldc);
      }
    }
  }
}

const size_t NAME(gemm_scratch) = (size_t)NAME(KC) * ((NAME(MC) / MR) * AP + NAME(NC) + NR) + 64;
