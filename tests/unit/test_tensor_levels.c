/* The kernels of every CPU level this machine has against the reference in double, and the error bounds of
   their functions. */
#include "tensor/kernels.h"

#include "base/cpu.h"
#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REAL float
#include "tensor/math_body.h"

static tx_random stream;

/* The same numbers as float and as double. */
typedef struct pair {
  float *single;
  double *reference;
  size_t count;
} pair;

static pair numbers(size_t count, double scale)
{
  pair p = {tx_calloc_aligned(count + 1, sizeof(float)), tx_calloc_aligned(count + 1, sizeof(double)), count};
  assert_true(p.single && p.reference);
  for (size_t i = 0; i < count; i++) {
    p.single[i] = (float)(scale * tx_random_normal(&stream));
    p.reference[i] = (double)p.single[i];
  }
  return p;
}

static pair zeros(size_t count)
{
  return numbers(count, 0);
}

static void release(pair *p)
{
  free(p->single);
  free(p->reference);
}

/* |got - reference| <= tolerance (|reference| + root mean square of the reference); false for NaN. */
static void same(const char *what, const tx_kernels *k, const pair *p, double tolerance)
{
  double squares = 0, scale;
  for (size_t i = 0; i < p->count; i++) squares += p->reference[i] * p->reference[i];
  scale = sqrt(squares / (double)p->count);
  for (size_t i = 0; i < p->count; i++)
    if (!(fabs((double)p->single[i] - p->reference[i]) <= tolerance * (fabs(p->reference[i]) + scale)))
      fail_msg("%s at %s: [%zu] %.9g, reference %.9g", what, k->name, i, (double)p->single[i],
               p->reference[i]);
}

static void for_each_level(void (*test)(const tx_kernels *k, const tx_kernels_double *r))
{
  size_t levels = 0;
  size_t count;
  const tx_cpu_set *sets = tx_cpu_sets(&count);
  for (size_t i = 0; i < count; i++) {
    if (!tx_cpu_has(tx_cpu_found(), sets[i].features)) {
      print_message("%s: not on this processor, skipped\n", sets[i].name);
      continue;
    }
    tx_random_seed(&stream, 5, (uint64_t)i, 0, 0);
    test(tx_kernels_with(sets[i].features), tx_kernels_reference());
    levels++;
  }
  assert_true(levels >= 1);
}

/* Error of `got` in units of the last place of the float next to `exact`. */
static double ulps(float got, double exact)
{
  const float next = (float)exact;
  const double spacing = (double)nextafterf(fabsf(next), INFINITY) - (double)fabsf(next);
  return fabs((double)got - exact) / spacing;
}

static void functions_keep_their_bounds(void **state)
{
  double worst_exp = 0, worst_reciprocal = 0, worst_sigmoid = 0, worst_softplus = 0;
  (void)state;
  for (uint32_t bits = 0; bits < 0x42B00000u; bits += TX_LIGHT_TESTS ? 997 : 97) { /* 0 .. 88, both signs */
    float x;
    memcpy(&x, &bits, sizeof x);
    if (x > 87.0f) break;
    for (int sign = 0; sign < 2; sign++, x = -x) {
      const double exact = exp((double)x), error = ulps(real_exp(x), exact),
                   sigmoid = 1 / (1 + exp(-(double)x));
      if (error > worst_exp) worst_exp = error;
      const double softplus = x > 0 ? (double)x + log1p(exp(-(double)x)) : log1p(exact);
      if (ulps(real_sigmoid(x), sigmoid) > worst_sigmoid) worst_sigmoid = ulps(real_sigmoid(x), sigmoid);
      if (ulps(real_softplus(x), softplus) > worst_softplus)
        worst_softplus = ulps(real_softplus(x), softplus);
    }
  }
  for (uint32_t bits = 0x3F800000u; bits < 0x7E967699u; bits += TX_LIGHT_TESTS ? 10007 : 1009) {
    /* 1 .. 1e38 */
    float x;
    memcpy(&x, &bits, sizeof x);
    if (x > 7e37f) break;
    if (ulps(real_reciprocal(x), 1 / (double)x) > worst_reciprocal)
      worst_reciprocal = ulps(real_reciprocal(x), 1 / (double)x);
  }
  print_message("worst error in ulp: exp %.2f, reciprocal %.2f, sigmoid %.2f, softplus %.2f\n", worst_exp,
                worst_reciprocal, worst_sigmoid, worst_softplus);
  assert_true(worst_exp <= 2.0);
  assert_true(worst_reciprocal <= 2.0);
  assert_true(worst_sigmoid <= 4.0);
  assert_true(worst_softplus <= 4.0);
  assert_true(real_softplus(1000.0f) == 1000.0f && real_softplus(-1000.0f) >= 0.0f &&
              real_softplus(-1000.0f) < 1e-37f && isnan(real_softplus(NAN)));
  assert_true(real_exp(1000.0f) > 6e37f && isfinite(real_exp(1000.0f)));
  assert_true(real_exp(-1000.0f) >= 0.0f && real_exp(-1000.0f) < 1e-37f);
  assert_true(isnan(real_exp(NAN)));
  assert_true(real_sigmoid(1000.0f) == 1.0f && real_sigmoid(-1000.0f) >= 0.0f &&
              real_sigmoid(-1000.0f) < 1e-37f);
}

enum { ROWS = 37, WIDTH = 67, LD = 80 };

static void row_wise(const tx_kernels *k, const tx_kernels_double *r)
{
  pair x = numbers(ROWS * LD, 2), w = numbers(WIDTH, 1), b = numbers(WIDTH, 1), y = numbers(ROWS * LD, 1),
       s = zeros(2 * ROWS);
  pair g = numbers(ROWS * LD, 1), xg = numbers(ROWS * LD, 1), wg = numbers(WIDTH, 1), bg = numbers(WIDTH, 1),
       z = numbers(ROWS * LD, 3);
  k->layer_norm(ROWS, WIDTH, x.single, w.single, b.single, y.single, s.single);
  r->layer_norm(ROWS, WIDTH, x.reference, w.reference, b.reference, y.reference, s.reference);
  same("layer_norm", k, &y, 1e-5);
  k->layer_norm_backward(ROWS, WIDTH, x.single, w.single, s.single, g.single, xg.single, wg.single,
                         bg.single);
  r->layer_norm_backward(ROWS, WIDTH, x.reference, w.reference, s.reference, g.reference, xg.reference,
                         wg.reference, bg.reference);
  same("layer_norm_backward x", k, &xg, 1e-5);
  same("layer_norm_backward weight", k, &wg, 1e-5);
  same("layer_norm_backward bias", k, &bg, 1e-5);
  k->gated_norm(ROWS, WIDTH, x.single, z.single, LD, w.single, y.single, s.single);
  r->gated_norm(ROWS, WIDTH, x.reference, z.reference, LD, w.reference, y.reference, s.reference);
  same("gated_norm", k, &y, 1e-5);
  k->gated_norm_backward(ROWS, WIDTH, x.single, z.single, LD, w.single, s.single, g.single, y.single,
                         xg.single, LD, wg.single);
  r->gated_norm_backward(ROWS, WIDTH, x.reference, z.reference, LD, w.reference, s.reference, g.reference,
                         y.reference, xg.reference, LD, wg.reference);
  same("gated_norm_backward y", k, &y, 2e-5);
  same("gated_norm_backward z", k, &xg, 2e-5);
  same("gated_norm_backward weight", k, &wg, 2e-5);
  k->bias_gelu(ROWS, WIDTH, x.single, b.single, y.single);
  r->bias_gelu(ROWS, WIDTH, x.reference, b.reference, y.reference);
  same("bias_gelu", k, &y, 1e-5);
  k->bias_gelu_backward(ROWS, WIDTH, x.single, b.single, g.single, bg.single);
  r->bias_gelu_backward(ROWS, WIDTH, x.reference, b.reference, g.reference, bg.reference);
  same("bias_gelu_backward x", k, &g, 1e-5);
  same("bias_gelu_backward bias", k, &bg, 1e-5);
  k->softplus(ROWS, WIDTH, x.single, LD, b.single, y.single);
  r->softplus(ROWS, WIDTH, x.reference, LD, b.reference, y.reference);
  same("softplus", k, &y, 1e-5);
  k->softplus_backward(ROWS, WIDTH, x.single, LD, b.single, g.single, xg.single, LD, bg.single);
  r->softplus_backward(ROWS, WIDTH, x.reference, LD, b.reference, g.reference, xg.reference, LD,
                       bg.reference);
  same("softplus_backward", k, &xg, 1e-5);
  {
    pair *const all[] = {&x, &w, &b, &y, &s, &g, &xg, &wg, &bg, &z};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) release(all[i]);
  }
}

static void row_wise_match(void **state)
{
  (void)state;
  for_each_level(row_wise);
}

/* The row-wise form for inference gives what the other gives. */
static void conv_rows(const tx_kernels *k, size_t sequences, const uint32_t *starts, size_t channels,
                      const pair *x, const pair *w, const pair *b, const pair *want)
{
  pair got = {tx_calloc_aligned(want->count, sizeof(float)), want->reference, want->count};
  float *taps = tx_calloc_aligned(4 * channels, sizeof *taps),
        *nothing = tx_calloc_aligned(channels, sizeof *nothing);
  assert_true(got.single && taps && nothing);
  for (size_t c = 0; c < channels; c++)
    for (size_t d = 0; d < 4; d++) taps[d * channels + c] = w->single[c * 4 + 3 - d];
  for (size_t s = 0; s < sequences; s++)
    for (size_t t = starts[s]; t < starts[s + 1]; t++) {
      const float *rows[4];
      for (size_t d = 0; d < 4; d++) rows[d] = t >= starts[s] + d ? x->single + (t - d) * channels : nothing;
      k->conv_silu_row(channels, 4, rows, taps, b->single, got.single + t * channels);
    }
  same("conv_silu_row", k, &got, 1e-5);
  free(got.single), free(taps), free(nothing);
}

static void sequences(const tx_kernels *k, const tx_kernels_double *r)
{
  static const uint32_t starts[] = {0, 1, 30, 330, 458};
  static const tx_ssd_dims dims = {.state = 20, .head_width = 24, .heads = 3};
  enum { TOKENS = 458, INNER = 72, CHANNELS = 112, HEADS = 3, SEQUENCES = 4 };
  const size_t states = tx_ssd_states(&dims, TOKENS), scratch = tx_ssd_scratch(&dims, 1 << 20);
  pair x = numbers(TOKENS * CHANNELS, 1), w = numbers(CHANNELS * 4, 0.5), b = numbers(CHANNELS, 0.5),
       xbc = zeros(TOKENS * CHANNELS);
  pair dt = numbers(TOKENS * HEADS, 0.1), a = numbers(HEADS, 1), skip = numbers(HEADS, 1),
       y = zeros(TOKENS * INNER), store = zeros(states);
  pair room = zeros(scratch), g = numbers(TOKENS * INNER, 1), xg = zeros(TOKENS * CHANNELS),
       dtg = zeros(TOKENS * HEADS), ag = zeros(HEADS);
  pair sg = zeros(HEADS), cg = zeros(TOKENS * CHANNELS), wg = zeros(CHANNELS * 4), bg = zeros(CHANNELS);
  for (size_t i = 0; i < dt.count; i++) {
    dt.single[i] = fabsf(dt.single[i]) + 0.001f;
    dt.reference[i] = (double)dt.single[i];
  }
  k->conv_silu(SEQUENCES, starts, CHANNELS, 4, x.single, CHANNELS, w.single, b.single, xbc.single);
  r->conv_silu(SEQUENCES, starts, CHANNELS, 4, x.reference, CHANNELS, w.reference, b.reference,
               xbc.reference);
  same("conv_silu", k, &xbc, 1e-5);
  conv_rows(k, SEQUENCES, starts, CHANNELS, &x, &w, &b, &xbc);
  k->ssd(&dims, SEQUENCES, starts, xbc.single, dt.single, a.single, skip.single, y.single, store.single,
         room.single);
  r->ssd(&dims, SEQUENCES, starts, xbc.reference, dt.reference, a.reference, skip.reference, y.reference,
         store.reference, room.reference);
  same("ssd", k, &y, 2e-5);
  k->ssd_backward(&dims, SEQUENCES, starts, xbc.single, dt.single, a.single, skip.single, store.single,
                  g.single, xg.single, dtg.single, ag.single, sg.single, room.single);
  r->ssd_backward(&dims, SEQUENCES, starts, xbc.reference, dt.reference, a.reference, skip.reference,
                  store.reference, g.reference, xg.reference, dtg.reference, ag.reference, sg.reference,
                  room.reference);
  same("ssd_backward x B C", k, &xg, 1e-4);
  same("ssd_backward dt", k, &dtg, 1e-4);
  same("ssd_backward a_log", k, &ag, 1e-4);
  same("ssd_backward skip", k, &sg, 1e-4);
  k->conv_silu_backward(SEQUENCES, starts, CHANNELS, 4, x.single, CHANNELS, w.single, b.single, xg.single,
                        cg.single, CHANNELS, wg.single, bg.single);
  r->conv_silu_backward(SEQUENCES, starts, CHANNELS, 4, x.reference, CHANNELS, w.reference, b.reference,
                        xg.reference, cg.reference, CHANNELS, wg.reference, bg.reference);
  same("conv_silu_backward x", k, &cg, 2e-4);
  same("conv_silu_backward weight", k, &wg, 2e-4);
  same("conv_silu_backward bias", k, &bg, 2e-4);
  {
    pair *const all[] = {&x,    &w, &b,  &xbc, &dt, &a,  &skip, &y,  &store,
                         &room, &g, &xg, &dtg, &ag, &sg, &cg,   &wg, &bg};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) release(all[i]);
  }
}

static void sequences_match(void **state)
{
  (void)state;
  for_each_level(sequences);
}

static void losses(const tx_kernels *k, const tx_kernels_double *r)
{
  for (size_t classes = 1; classes < 5000; classes = classes * 3 + 1)
    for (int smooth = 0; smooth < 2; smooth++) {
      pair x = numbers(classes, 4);
      const double got =
          k->cross_entropy_row(classes, x.single, (int32_t)(classes / 2), smooth ? 0.1f : 0.0f, 0.25f);
      const double reference = r->cross_entropy_row(classes, x.reference, (int32_t)(classes / 2),
                                                    smooth ? (double)0.1f : 0.0, 0.25);
      if (!(fabs(got - reference) <= 1e-5 * (1 + reference)))
        fail_msg("cross entropy at %s: %.9g, "
                 "reference %.9g",
                 k->name, got, reference);
      if (classes > 1) same("cross_entropy gradient", k, &x, 1e-5);
      release(&x);
    }
}

/* The row of every stretch of the tables at every level; what a stretch begins with need not be aligned. */
static void targets(const tx_kernels *k, const tx_kernels_double *r)
{
  for (size_t classes = 3; classes < 5000; classes = classes * 3 + 1) {
    const tx_loss_part parts[] = {{1, (uint32_t)classes / 2, 0},
                                  {(uint32_t)classes / 2 + 1, (uint32_t)classes, 0},
                                  {0, (uint32_t)classes, 1}};
    pair x = numbers(classes, 4), one = numbers(classes, 0.02 / (double)classes),
         two = numbers(classes, 0.02 / (double)classes);
    const float *const single[] = {one.single, two.single};
    const double *const reference[] = {one.reference, two.reference};
    const double got =
        k->cross_entropy_target_row(classes, x.single, 1, 0.9f, 1e-5f, parts, 3, single, 0.25f);
    const double expected = r->cross_entropy_target_row(classes, x.reference, 1, (double)0.9f, (double)1e-5f,
                                                        parts, 3, reference, 0.25);
    if (!(fabs(got - expected) <= 1e-5 * (1 + expected)))
      fail_msg("targets at %s: %.9g, reference %.9g", k->name, got, expected);
    same("cross_entropy_target gradient", k, &x, 1e-5);
    release(&x);
    release(&one);
    release(&two);
  }
}

static void targets_match(void **state)
{
  (void)state;
  for_each_level(targets);
}

static void losses_match(void **state)
{
  (void)state;
  for_each_level(losses);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(functions_keep_their_bounds),
      cmocka_unit_test(row_wise_match),
      cmocka_unit_test(sequences_match),
      cmocka_unit_test(losses_match),
      cmocka_unit_test(targets_match),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
