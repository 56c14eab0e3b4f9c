/* Template of the packed matrix product (the loop order of BLIS) around a micro-kernel. The including file defines
   MR, NR and
     static void micro(size_t k, const float *a, const float *b, float *c, size_t ldc, size_t rows, size_t columns, bool accumulate)
   which computes c (rows <= MR, columns <= NR) from a packed as (k, MR) and b as (k, NR). Every element of C is summed in
   order of k, in blocks whose bounds depend on k alone: a row's bits do not depend on m or n. */

#define KC 256          /* longest block of k: a strip of B (KC, NR) and one of A (KC, MR) stay in the first cache */
#define MC (448 / MR * MR) /* rows of A packed at once: they stay in the second cache while all of B passes by once */
#define NC 1024         /* columns of B packed at once */

static size_t k_block(size_t k)
{
  const size_t blocks = (k + KC - 1) / KC, even = (k + blocks - 1) / blocks;
  return (even + 7) & ~(size_t)7;
}

/* rows of a strip interleaved: packed[k][MR]; element (i, j) of op(a) is a[i * row + j * column]. */
static void pack_a(size_t rows, size_t k, const float *a, size_t row, size_t column, float *packed)
{
  for (size_t i0 = 0; i0 < rows; i0 += MR) {
    const size_t strip = rows - i0 < MR ? rows - i0 : MR;
    const float *source = a + i0 * row;
    if (row == 1 && strip == MR) {
      for (size_t j = 0; j < k; j++) memcpy(packed + j * MR, source + j * column, MR * sizeof *packed);
    } else {
      const float *rows_from[MR];
      for (size_t i = 0; i < MR; i++) rows_from[i] = source + (i < strip ? i : 0) * row;
      /* Rows beyond the strip repeat its first one: their results are not stored. */
      if (column == 1)
        for (size_t j = 0; j < k; j++)
          for (size_t i = 0; i < MR; i++) packed[j * MR + i] = rows_from[i][j];
      else
        for (size_t j = 0; j < k; j++)
          for (size_t i = 0; i < MR; i++) packed[j * MR + i] = rows_from[i][j * column];
    }
    packed += k * MR;
  }
}

/* columns of a strip side by side: packed[k][NR]; element (j, n) of op(b) is b[j * row + n * column]. */
static void pack_b(size_t k, size_t columns, const float *b, size_t row, size_t column, float *packed)
{
  for (size_t n0 = 0; n0 < columns; n0 += NR) {
    const size_t strip = columns - n0 < NR ? columns - n0 : NR;
    const float *source = b + n0 * column;
    if (column == 1) {
      for (size_t j = 0; j < k; j++) {
        memcpy(packed + j * NR, source + j * row, strip * sizeof *packed);
        for (size_t n = strip; n < NR; n++) packed[j * NR + n] = 0;
      }
    } else {
      /* Eight rows of k at once, so that each line of the source is read whole. */
      for (size_t j0 = 0; j0 < k; j0 += 8) {
        const size_t some = k - j0 < 8 ? k - j0 : 8;
        for (size_t n = 0; n < strip; n++)
          for (size_t j = 0; j < some; j++) packed[(j0 + j) * NR + n] = source[(j0 + j) * row + n * column];
        for (size_t j = 0; j < some; j++)
          for (size_t n = strip; n < NR; n++) packed[(j0 + j) * NR + n] = 0;
      }
    }
    packed += k * NR;
  }
}

/* C (rows, columns) from packed A and packed strips of B. */
static void macro_kernel(size_t rows, size_t columns, size_t k, const float *a, const float *b, float *c, size_t ldc, bool accumulate)
{
  for (size_t n0 = 0; n0 < columns; n0 += NR)
    for (size_t i0 = 0; i0 < rows; i0 += MR)
      micro(k, a + i0 * k, b + n0 * k, c + i0 * ldc + n0, ldc, rows - i0 < MR ? rows - i0 : MR, columns - n0 < NR ? columns - n0 : NR,
            accumulate);
}

enum { GEMM_SCRATCH = KC * (MC + NC + NR) + 64 };

static void gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
                 bool accumulate, float *c, size_t ldc, float *scratch)
{
  const size_t a_row = transpose_a ? 1 : lda, a_column = transpose_a ? lda : 1;
  const size_t b_row = transpose_b ? 1 : ldb, b_column = transpose_b ? ldb : 1;
  const size_t block = k ? k_block(k) : 0;
  float *packed_a = scratch, *packed_b = scratch + (size_t)KC * MC;
  for (size_t n0 = 0; n0 < n; n0 += NC) {
    const size_t columns = n - n0 < NC ? n - n0 : NC;
    for (size_t k0 = 0; k0 < k; k0 += block) {
      const size_t depth = k - k0 < block ? k - k0 : block;
      pack_b(depth, columns, b + k0 * b_row + n0 * b_column, b_row, b_column, packed_b);
      for (size_t i0 = 0; i0 < m; i0 += MC) {
        const size_t rows = m - i0 < MC ? m - i0 : MC;
        pack_a(rows, depth, a + i0 * a_row + k0 * a_column, a_row, a_column, packed_a);
        macro_kernel(rows, columns, depth, packed_a, packed_b, c + i0 * ldc + n0, ldc, accumulate || k0 > 0);
      }
    }
  }
}
