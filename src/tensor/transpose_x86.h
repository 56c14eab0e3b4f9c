/* Interleaving of rows for the products of AVX2 and AVX-512. */

/* to[j * group + i] = from[i * ld + j], four rows by four words at a time; group is a multiple of 4. Rows
   after the `count` rows repeat the first: their results are not stored, but nothing undefined is
   computed. */
static void transpose(size_t count, size_t group, size_t words, const uint32_t *from, size_t ld, uint32_t *to)
{
  const size_t quads = words / 4 * 4;
  for (size_t i0 = 0; i0 < group; i0 += 4) {
    const float *row[4];
    for (size_t i = 0; i < 4; i++)
      row[i] = (const float *)(const void *)(from + (i0 + i < count ? i0 + i : 0) * ld);
    for (size_t j = 0; j < quads; j += 4) {
      float *target = (float *)(void *)(to + j * group + i0);
      __m128 r0 = _mm_loadu_ps(row[0] + j), r1 = _mm_loadu_ps(row[1] + j), r2 = _mm_loadu_ps(row[2] + j),
             r3 = _mm_loadu_ps(row[3] + j);
      _MM_TRANSPOSE4_PS(r0, r1, r2, r3);
      _mm_storeu_ps(target, r0);
      _mm_storeu_ps(target + group, r1);
      _mm_storeu_ps(target + 2 * group, r2);
      _mm_storeu_ps(target + 3 * group, r3);
    }
    for (size_t j = quads; j < words; j++)
      for (size_t i = 0; i < 4; i++) memcpy(to + j * group + i0 + i, row[i] + j, sizeof *to);
  }
}
