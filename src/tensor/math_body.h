/* exp, sigmoid and SiLU as plain expressions that compilers vectorise. Included by the files that define REAL.
   In double they are the C library's: the reference. In float, exp is Cephes' reduction and polynomial: at most 2 ulp from
   the true value on [-87, 88] (tests/unit/test_tensor_math.c measures it); below it gives about 1e-38, above about 3e38. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef TX_REAL_IS_DOUBLE
static inline double real_exp(double x)
{
  return exp(x);
}
#else
static inline float real_exp(float x)
{
  float shifted, n, r, p, scale;
  uint32_t bits;
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  /* 1.5 * 2^23 rounds to a whole number, which is then in the low bits of the sum. */
  shifted = x * 1.44269504088896341f + 12582912.0f;
  n = shifted - 12582912.0f;
  r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 127u) << 23;
  memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}
#endif

static inline REAL real_sigmoid(REAL x)
{
  return (REAL)1 / ((REAL)1 + real_exp(-x));
}
