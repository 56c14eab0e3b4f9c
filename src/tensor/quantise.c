#include "tensor/quantise.h"

#include <math.h>

enum { SCALE_BITS = 16, LARGEST = 127 };

/* Quotients of floats are taken in double: with 24 bits over the 24 of (n + 1/2) * scale none can be rounded onto a tie or a step
   of the scale that it is not on. */
static float scale_of(float largest)
{
  int exponent;
  const double mantissa = frexp((double)largest / LARGEST, &exponent);
  const double scale = ldexp(ceil(ldexp(mantissa, SCALE_BITS)), exponent - SCALE_BITS);
  if (!(scale > (double)TX_SCALE_MIN)) return TX_SCALE_MIN;
  return scale < (double)TX_SCALE_MAX ? (float)scale : TX_SCALE_MAX;
}

void tx_quantise_row(size_t count, const float *values, int8_t *quantised, float *ret_scale)
{
  float largest = 0, scale;
  for (size_t i = 0; i < count; i++) {
    const float size = fabsf(values[i]);
    largest = size > largest ? size : largest;
  }
  scale = scale_of(largest);
  for (size_t i = 0; i < count; i++) quantised[i] = (int8_t)rint((double)values[i] / (double)scale);
  *ret_scale = scale;
}

void tx_dequantise_row(size_t count, const int8_t *quantised, float scale, float *values)
{
  for (size_t i = 0; i < count; i++) values[i] = (float)quantised[i] * scale;
}
