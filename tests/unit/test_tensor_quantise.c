/* bf16 and int8: nearest values, bounds of the error, and that quantising twice changes nothing. */
#include "tensor/quantise.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ROW = 257 };

static uint32_t random_state = 12345;

static uint32_t random_bits(void)
{
  random_state = random_state * 1664525U + 1013904223U;
  return random_state >> 8 ^ random_state << 16;
}

static float float_of(uint32_t bits)
{
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static float random_float(void)
{
  float value;
  do value = float_of(random_bits());
  while (!isfinite(value));
  return value;
}

static void bf16_is_the_nearest(void **state)
{
  (void)state;
  for (int i = 0; i < 200000; i++) {
    const float value = random_float();
    const uint16_t half = tx_bf16_from_float(value);
    const double got = fabs((double)tx_bf16_to_float(half) - (double)value);
    if (!isfinite(tx_bf16_to_float(half))) {
      assert_true(fabsf(value) >= 0x1.ffp127f);
      continue;
    }
    for (int side = -1; side <= 1; side += 2) { /* neither neighbour is nearer, and one equally near is odd */
      const float other = tx_bf16_to_float((uint16_t)(half + side));
      if (!isfinite(other)) continue;
      assert_true(got <= fabs((double)other - (double)value));
      if (got == fabs((double)other - (double)value)) assert_int_equal(half & 1, 0);
    }
  }
}

static void bf16_comes_back(void **state)
{
  (void)state;
  for (uint32_t half = 0; half < 65536; half++) {
    const float value = tx_bf16_to_float((uint16_t)half);
    if (isnan(value))
      assert_true(isnan(tx_bf16_to_float(tx_bf16_from_float(value))));
    else
      assert_int_equal(tx_bf16_from_float(value), half);
  }
}

static void bf16_has_its_edges(void **state)
{
  (void)state;
  assert_int_equal(tx_bf16_from_float(1), 0x3f80);
  assert_int_equal(tx_bf16_from_float(-0.0f), 0x8000);
  assert_int_equal(tx_bf16_from_float(0x1.01p0f), 0x3f80); /* ties to even */
  assert_int_equal(tx_bf16_from_float(0x1.03p0f), 0x3f82);
  assert_int_equal(tx_bf16_from_float(0x1.010002p0f), 0x3f81);
  assert_int_equal(tx_bf16_from_float(FLT_MAX), 0x7f80); /* infinite */
  assert_int_equal(tx_bf16_from_float(-0x1.fefffep127f), 0xff7f);
  assert_int_equal(tx_bf16_from_float(INFINITY), 0x7f80);
  /* only bits below the upper half */
  assert_true(isnan(tx_bf16_to_float(tx_bf16_from_float(float_of(0x7f800001)))));
  assert_true(isnan(tx_bf16_to_float(tx_bf16_from_float(float_of(0xffffffff)))));
}

static int significant_bits(float value)
{
  int exponent, bits = 0;
  double mantissa = frexp((double)value, &exponent);
  while (mantissa != floor(mantissa)) {
    mantissa *= 2;
    bits++;
  }
  return bits;
}

/* Everything that the header promises of one row. */
static void check_row(size_t count, const float *values)
{
  int8_t first[ROW], second[ROW];
  float back[ROW], scale = NAN, again = NAN, largest = 0;
  tx_quantise_row(count, values, first, &scale);
  assert_true(isfinite(scale) && scale >= TX_SCALE_MIN && scale <= TX_SCALE_MAX);
  assert_true(significant_bits(scale) <= 16);
  tx_dequantise_row(count, first, scale, back);
  for (size_t i = 0; i < count; i++) {
    const double fault = fabs((double)values[i] - (double)back[i]);
    if (fabsf(values[i]) > largest) largest = fabsf(values[i]);
    assert_true(first[i] >= -127);
    assert_true(isfinite(back[i]) && (double)back[i] == first[i] * (double)scale);
    if (!(fault <= (double)scale / 2))
      fail_msg("%g becomes %g with scale %g", (double)values[i], (double)back[i], (double)scale);
    if (fault == (double)scale / 2) assert_int_equal(first[i] % 2, 0);
  }
  if (scale > TX_SCALE_MIN && scale < TX_SCALE_MAX) {
    assert_true((double)scale >= (double)largest / 127 &&
                (double)scale <= (double)largest / 127 * (1 + 0x1p-15));
  }
  tx_quantise_row(count, back, second, &again);
  if (again != scale) fail_msg("scale %a becomes %a", (double)scale, (double)again);
  assert_memory_equal(first, second, count);
}

static void rows_keep_their_promises(void **state)
{
  float values[ROW];
  (void)state;
  for (int turn = 0; turn < 4000; turn++) {
    const size_t count = 1 + random_bits() % ROW;
    const float unit = ldexpf(1.0f + (float)(random_bits() % 1000) / 1000, (int)(random_bits() % 240) - 120);
    for (size_t i = 0; i < count; i++) values[i] = unit * ((float)(random_bits() % 200001) / 100000 - 1);
    check_row(count, values);
  }
  for (int turn = 0; turn < 2000; turn++) { /* any bits at all */
    const size_t count = 1 + random_bits() % 4;
    for (size_t i = 0; i < count; i++) values[i] = random_float();
    check_row(count, values);
  }
}

static void rows_have_their_edges(void **state)
{
  const float edges[] = {0,
                         -0.0f,
                         FLT_MAX,
                         -FLT_MAX,
                         FLT_MIN,
                         FLT_TRUE_MIN,
                         127 * 0x1p-64f,
                         128 * 0x1p-64f,
                         1000 * FLT_TRUE_MIN,
                         127,
                         0.5f};
  float pair[2], scale;
  int8_t quantised[2];
  (void)state;
  for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
    for (size_t j = 0; j < sizeof edges / sizeof *edges; j++) {
      pair[0] = edges[i];
      pair[1] = edges[j];
      check_row(2, pair);
      check_row(1, pair);
    }
  pair[0] = pair[1] = 0;
  tx_quantise_row(2, pair, quantised, &scale);
  assert_true(scale == TX_SCALE_MIN && quantised[0] == 0 && quantised[1] == 0);
  pair[0] = 127;
  pair[1] = -2.5f;
  tx_quantise_row(2, pair, quantised, &scale);
  assert_true(scale == 1 && quantised[0] == 127 && quantised[1] == -2);
  tx_quantise_row(0, pair, quantised, &scale);
  assert_true(scale == TX_SCALE_MIN);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bf16_is_the_nearest),   cmocka_unit_test(bf16_comes_back),
      cmocka_unit_test(bf16_has_its_edges),    cmocka_unit_test(rows_keep_their_promises),
      cmocka_unit_test(rows_have_their_edges),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
