#include "tensor/quantise.h"

#include <math.h>

enum { SCALE_BITS = 16, LARGEST = 127 };

static float scale_of(float largest)
{
  int exponent;
  const double mantissa = frexp((double)largest / LARGEST, &exponent);
  const double scale = ldexp(ceil(ldexp(mantissa, SCALE_BITS)), exponent - SCALE_BITS);
  if (!(scale > (double)TX_SCALE_MIN)) return TX_SCALE_MIN;
  return scale < (double)TX_SCALE_MAX ? (float)scale : TX_SCALE_MAX;
}

float tx_row_scale(size_t count, const float *values)
{
  float largest = 0;
  for (size_t i = 0; i < count; i++) {
    const float size = fabsf(values[i]);
    largest = size > largest ? size : largest;
  }
  return scale_of(largest);
}

void tx_quantise_row(size_t count, const float *values, int8_t *quantised, float *ret_scale)
{
  const float scale = tx_row_scale(count, values);
  for (size_t i = 0; i < count; i++) quantised[i] = (int8_t)tx_quantised(values[i], scale);
  *ret_scale = scale;
}

void tx_dequantise_row(size_t count, const int8_t *quantised, float scale, float *values)
{
  for (size_t i = 0; i < count; i++) values[i] = (float)quantised[i] * scale;
}
