/* exp, sigmoid and SiLU as plain expressions that compilers vectorise. Included by the files that define
   REAL.
   In double they are the C library's: the reference. In float, exp is Cephes' reduction and polynomial: at
   most 2 ulp from the true value on [-87, 87] (tests/unit/test_tensor_levels.c measures it); beyond, it gives
   the value at the bound, and NaN for NaN and infinity. */
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
  /* |x| is bounded as a whole number. A comparison of floats would do, but gcc then computes the results of
     both bounds for every element, and where such a result is multiplied by a small number the product is
     subnormal: a hundred cycles each. */
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

/* 1 / x for x in [1, 7e37]: 1 + exp(87) at most. Division is the slowest vector instruction of all; a guess
   from the bits (12 % off at worst) and three Newton steps (the error squared each time) cost a quarter of it
   and end within 2 ulp. */
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

/* softplus(x) = log(1 + exp(x)) = max(x, 0) + log1p(y) with y = exp(-|x|) in (0, 1], so that nothing
   overflows. With s = y / (2 + y) in (0, 1/3], log1p(y) = 2 atanh(s) = 2 s (1 + s^2/3 + s^4/5 + ...); what
   the ninth term would add is below 2^-31 of it. */
#ifdef TX_REAL_IS_DOUBLE
static inline double real_softplus(double x)
{
  return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}
#else
static inline float real_softplus(float x)
{
  const float y = real_exp(-fabsf(x)), s = y * real_reciprocal(2.0f + y), q = s * s;
  float p = 1.0f / 17.0f;
  p = p * q + 1.0f / 15.0f;
  p = p * q + 1.0f / 13.0f;
  p = p * q + 1.0f / 11.0f;
  p = p * q + 1.0f / 9.0f;
  p = p * q + 1.0f / 7.0f;
  p = p * q + 1.0f / 5.0f;
  p = p * q + 1.0f / 3.0f;
  return (x + fabsf(x)) * 0.5f + (2.0f * s + 2.0f * s * q * p);
}
#endif
