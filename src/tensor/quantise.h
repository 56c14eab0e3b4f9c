/* Weights in fewer bits: bf16, and int8 with one scale per row. Plain C, the same on every machine; nothing
   allocates. docs/model-format.md says where a model file uses which. */
#ifndef TX_TENSOR_QUANTISE_H
#define TX_TENSOR_QUANTISE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A bf16 is the upper half of a float. Rounds to the nearest, ties to even: a value larger than the largest
   bf16 (3.39e38) by half a step or more becomes infinite; NaN stays NaN. */
static inline uint16_t tx_bf16_from_float(float value)
{
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  /* NaN: rounding could carry it into infinity */
  if ((bits & 0x7fffffffU) > 0x7f800000U) return (uint16_t)(bits >> 16 | 0x40U);
  return (uint16_t)((bits + 0x7fffU + (bits >> 16 & 1U)) >> 16);
}

/* The exact value of a bf16. */
static inline float tx_bf16_to_float(uint16_t half)
{
  const uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* The smallest and the largest scale that tx_quantise_row gives, both far from the limits of the floats. */
#define TX_SCALE_MIN 0x1p-64f
#define TX_SCALE_MAX 0x8102p106f /* 127 * this is below FLT_MAX, and it has 16 significant bits */

/* One value on the grid of a scale, rounded to the nearest, ties to even. The quotient of floats is computed
   in double: with 24 bits over the 24 of (n + 1/2) * scale no quotient is rounded to a tie or a step of the
   scale that it is not on exactly. */
static inline int32_t tx_quantised(float value, float scale)
{
  return (int32_t)rint((double)value / (double)scale);
}

/* Symmetric quantisation of `count` finite values (a row of weights: an output channel, or a token of the
   embedding): quantised[i] = values[i] / scale to the nearest integer, ties to even, in -127..127, where
   scale = max|values| / 127 rounded up to 16 significant bits and kept in TX_SCALE_MIN..TX_SCALE_MAX (so a
   row of zeros has TX_SCALE_MIN).
   |values[i] - quantised[i] * scale| <= scale / 2. With 16 bits of scale quantised[i] * scale is exact in
   float, hence quantising the dequantised row again gives the same scale and the same integers. */
void tx_quantise_row(size_t count, const float *values, int8_t *quantised, float *ret_scale);

/* The scale that tx_quantise_row gives. */
float tx_row_scale(size_t count, const float *values);

/* values[i] = quantised[i] * scale. */
void tx_dequantise_row(size_t count, const int8_t *quantised, float scale, float *values);

#endif
