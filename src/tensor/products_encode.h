/* How numbers become the 32-bit words of packed activations and weights. Included by the files of the
   products only: every file compiles its own copies for its instruction set. */
#ifndef TX_TENSOR_PRODUCTS_ENCODE_H
#define TX_TENSOR_PRODUCTS_ENCODE_H

#include "tensor/products.h"
#include "tensor/quantise.h"

#include <math.h>
#include <string.h>

/* One tile of a product: what a micro-kernel needs besides its operands. C (rows, columns) = or += the sums
   of a[word][row] * b[word][column] over the words; words of b are `ldb` apart. Scales and corrections are
   NULL for float products. */
struct tile {
  float *c;
  size_t ldc;
  size_t rows, columns;
  bool accumulate;
  size_t ldb;
  const float *row_scales, *column_scales;
  const int32_t *corrections;
};

static inline uint32_t float_word(float x)
{
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float word_float(uint32_t bits)
{
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* ---- float32 ---- */

static inline void encode_float(size_t depth, const float *x, uint32_t *words)
{
  memcpy(words, x, depth * sizeof *words);
}

/* One word of each of `count` columns, from the rows that it holds: here one. */
static inline void float_across(size_t count, const float *first, const float *second, uint32_t *words)
{
  (void)second;
  memcpy(words, first, count * sizeof *words);
}

/* ---- bfloat16: round to nearest, ties to even ---- */

/* As tx_bf16_from_float but for NaNs whose rounding carries, which arithmetic does not make: without the
   branch it vectorises. */
static inline uint32_t bf16_bits(float x)
{
  const uint32_t bits = float_word(x);
  return (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
}

/* Rounds, but keeps the numbers as floats. */
static inline void encode_bf16_floats(size_t depth, const float *x, uint32_t *words)
{
#pragma omp simd
  for (size_t j = 0; j < depth; j++) words[j] = bf16_bits(x[j]) << 16;
}

static inline void bf16_floats_across(size_t count, const float *first, const float *second, uint32_t *words)
{
  (void)second;
  encode_bf16_floats(count, first, words);
}

/* Packs two numbers into a word, the first in the lower half. */
static inline void encode_bf16_pairs(size_t depth, const float *x, uint32_t *words)
{
  const size_t pairs = depth / 2;
#pragma omp simd
  for (size_t j = 0; j < pairs; j++) words[j] = bf16_bits(x[2 * j]) | (bf16_bits(x[2 * j + 1]) << 16);
  if (depth % 2) words[pairs] = bf16_bits(x[depth - 1]);
}

/* Packs pairs across rows; `second` is NULL after the last row. */
static inline void bf16_pairs_across(size_t count, const float *first, const float *second, uint32_t *words)
{
  if (second) {
#pragma omp simd
    for (size_t j = 0; j < count; j++) words[j] = bf16_bits(first[j]) | (bf16_bits(second[j]) << 16);
  } else {
    for (size_t j = 0; j < count; j++) words[j] = bf16_bits(first[j]);
  }
}

/* ---- int8: symmetric, -63..63 ---- */

/* Seven of the eight bits, so that vpmaddubsw, which adds two products in 16 bits, and the sum of two of its
   results are exact: 4 * (63 + INT8_EXCESS) * 63 < 2^15. Every instruction set computes with the same
   numbers. */
enum { INT8_LARGEST = 63, INT8_EXCESS = 64 };

/* The scale of a row of activations: largest magnitude / 63, and what to multiply by. A NaN or infinity
   makes the scale NaN or infinite, so that it is not lost. */
static inline float activation_scale(size_t depth, const float *x, float *ret_factor)
{
  uint32_t largest = 0;
  float magnitude;
#pragma omp simd reduction(max : largest)
  for (size_t j = 0; j < depth; j++) {
    const uint32_t bits = float_word(x[j]) & 0x7FFFFFFFu;
    largest = bits > largest ? bits : largest;
  }
  magnitude = word_float(largest);
  *ret_factor = magnitude >= 1e-30f ? (float)INT8_LARGEST / magnitude : 0.0f;
  return magnitude * (1.0f / (float)INT8_LARGEST);
}

/* The scale of a row of weights: that of its eight bits in a file, of 127 steps, with half the steps. */
static inline float weights_scale_int8(size_t count, const float *w)
{
  return tx_row_scale(count, w) * (127.0f / (float)INT8_LARGEST);
}

/* x * factor rounded to nearest, in the low bits of the sum: adding 1.5 * 2^23 leaves the whole number
   there. */
static inline uint32_t whole(float x, float factor)
{
  return float_word(x * factor + 12582912.0f) - 0x4B400000u;
}

/* Stores the rounded numbers as floats. */
static inline void encode_int8_floats(size_t depth, const float *x, uint32_t *words, float *ret_scale)
{
  float factor;
  *ret_scale = activation_scale(depth, x, &factor);
#pragma omp simd
  for (size_t j = 0; j < depth; j++) words[j] = float_word((x[j] * factor + 12582912.0f) - 12582912.0f);
}

/* Packs four unsigned bytes into a word, each INT8_EXCESS more than its number: vpdpbusd and vpmaddubsw
   multiply unsigned by signed. The excess times the weights is the correction of a column. */
static inline void encode_uint8_quads(size_t depth, const float *x, uint32_t *words, float *ret_scale)
{
  float factor;
  uint8_t *numbers = (uint8_t *)words;
  *ret_scale = activation_scale(depth, x, &factor);
#pragma omp simd
  for (size_t j = 0; j < depth; j++) numbers[j] = (uint8_t)(whole(x[j], factor) + INT8_EXCESS);
}

static inline void encode_weights_int8_floats(size_t depth, const float *w, float scale, uint32_t *words)
{
  for (size_t j = 0; j < depth; j++) words[j] = float_word((float)tx_quantised(w[j], scale));
}

static inline void encode_weights_int8_quads(size_t depth, const float *w, float scale, uint32_t *words)
{
  int8_t *numbers = (int8_t *)words;
  for (size_t j = 0; j < depth; j++) numbers[j] = (int8_t)tx_quantised(w[j], scale);
}

/* The correction of a column of packed weights; bytes after the last weight are 0. */
static inline int32_t uint8_correction(size_t count, const uint32_t *words)
{
  const int8_t *numbers = (const int8_t *)words;
  int32_t sum = 0;
  for (size_t j = 0; j < 4 * count; j++) sum += numbers[j];
  return INT8_EXCESS * sum;
}

#endif
