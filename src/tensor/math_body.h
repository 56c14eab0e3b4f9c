/* exp, sigmoid and SiLU as plain expressions that compilers vectorise. Included by the files that define REAL.
   In double they are the C library's: the reference. In float, exp is Cephes' reduction and polynomial: at most 2 ulp from
   the true value on [-87, 87] (tests/unit/test_tensor_levels.c measures it); beyond, it gives the value at the bound, and NaN
   for NaN and infinity. */
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
  float bounded, shifted, n, r, p, scale;
  uint32_t bits, magnitude;
  /* |x| is bounded as a whole number. A comparison of floats would do, but gcc then computes the results of both bounds for
     every element, and where such a result is multiplied by a small number the product is subnormal: a hundred cycles each. */
  memcpy(&bits, &x, sizeof bits);
  magnitude = bits & 0x7FFFFFFFu;
  magnitude = magnitude < 0x42AE0000u ? magnitude : 0x42AE0000u; /* 87 */
  bits = (bits & 0x80000000u) | magnitude;
  memcpy(&bounded, &bits, sizeof bounded);
  /* 1.5 * 2^23 rounds to a whole number, which is then in the low bits of the sum. */
  shifted = bounded * 1.44269504088896341f + 12582912.0f;
  n = shifted - 12582912.0f;
  r = bounded - n * 0.693359375f;
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
  /* The bound has turned NaN into a number: the last term brings it back (and makes one of infinity). */
  return p * scale + (x - bounded) * 0.0f;
}
#endif

/* 1 / x for x in [1, 7e37]: 1 + exp(87) at most. Division is the slowest vector instruction of all; a guess from the bits (12 % off at worst) and
   three Newton steps (the error squared each time) cost a quarter of it and end within 2 ulp. */
#ifdef TX_REAL_IS_DOUBLE
static inline double real_reciprocal(double x)
{
  return 1.0 / x;
}
#else
static inline float real_reciprocal(float x)
{
  uint32_t bits;
  float y;
  memcpy(&bits, &x, sizeof bits);
  bits = 0x7EF311C7u - bits;
  memcpy(&y, &bits, sizeof y);
  y = y + y * (1.0f - x * y);
  y = y + y * (1.0f - x * y);
  y = y + y * (1.0f - x * y);
  return y;
}
#endif

static inline REAL real_sigmoid(REAL x)
{
  return real_reciprocal((REAL)1 + real_exp(-x));
}
