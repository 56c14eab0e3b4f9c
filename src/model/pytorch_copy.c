#include "model/pytorch_file.h"

#include <string.h>

static float from_bits(uint32_t bits)
{
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* A number of 16 bits: sign, 5 bits of exponent, 10 of mantissa (IEEE 754 binary16). */
static float from_half(uint32_t half)
{
  const uint32_t sign = (half & 0x8000) << 16, exponent = half >> 10 & 31, mantissa = half & 0x3ff;
  if (exponent == 31) return from_bits(sign | 0x7f800000U | mantissa << 13);
  if (exponent == 0) return (sign ? -1.0F : 1.0F) * (float)mantissa * 0x1p-24F;
  return from_bits(sign | (exponent + 112) << 23 | mantissa << 13);
}

static float element(tx_dtype dtype, const unsigned char *data, size_t index)
{
  float single;
  double number;
  uint16_t bits;
  if (dtype == TX_DTYPE_F32) {
    memcpy(&single, data + index * sizeof single, sizeof single);
    return single;
  }
  if (dtype == TX_DTYPE_F64) {
    memcpy(&number, data + index * sizeof number, sizeof number);
    return (float)number;
  }
  memcpy(&bits, data + index * sizeof bits, sizeof bits);
  return dtype == TX_DTYPE_BF16 ? from_bits((uint32_t)bits << 16) : from_half(bits);
}

bool tx_pytorch_copy(const tx_pytorch_tensor *tensor, float *values)
{
  size_t at[TX_PYTORCH_DIMENSIONS] = {0}, index = 0;
  if (tensor->dtype != TX_DTYPE_F32 && tensor->dtype != TX_DTYPE_F64 && tensor->dtype != TX_DTYPE_F16 &&
      tensor->dtype != TX_DTYPE_BF16)
    return false;
  for (size_t i = 0; i < tensor->count; i++) {
    size_t j = tensor->dimensions;
    values[i] = element(tensor->dtype, tensor->data, index);
    /* the next element: the last dimension that is not at its end moves on, those behind it begin anew */
    while (j > 0) {
      index += tensor->stride[j - 1];
      if (++at[j - 1] < tensor->shape[j - 1]) break;
      index -= tensor->shape[j - 1] * tensor->stride[j - 1];
      at[--j] = 0;
    }
  }
  return true;
}
