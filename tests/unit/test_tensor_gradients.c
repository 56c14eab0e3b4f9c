/* Every backward kernel against central finite differences of its forward, in double. */
#include "tensor/kernels.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

#define PARTS_MAX 4

/* A function of several arrays ("parts"): forward writes its outputs, backward the gradient of sum(outputs *
   direction). */
typedef struct problem {
  size_t sizes[PARTS_MAX];
  double *parts[PARTS_MAX];
  double *gradients[PARTS_MAX];
  size_t part_count;
  size_t output_count;
  double *output, *direction;
  void (*forward)(struct problem *problem);
  void (*backward)(struct problem *problem);
} problem;

static tx_random stream;

static double *numbers(size_t count, double scale)
{
  double *x = malloc((count + 1) * sizeof *x);
  assert_non_null(x);
  for (size_t i = 0; i < count; i++) x[i] = scale * tx_random_normal(&stream);
  return x;
}

static double value(problem *p)
{
  double sum = 0;
  p->forward(p);
  for (size_t i = 0; i < p->output_count; i++) sum += p->output[i] * p->direction[i];
  return sum;
}

static void check(problem *p, const char *name)
{
  for (size_t i = 0; i < p->part_count; i++) {
    if (!p->parts[i]) p->parts[i] = numbers(p->sizes[i], 0.7);
    p->gradients[i] = calloc(p->sizes[i], sizeof(double));
    assert_non_null(p->gradients[i]);
  }
  p->output = calloc(p->output_count, sizeof(double));
  p->direction = numbers(p->output_count, 1.0);
  value(p);
  p->backward(p);
  for (size_t i = 0; i < p->part_count; i++)
    for (size_t j = 0; j < p->sizes[i]; j += TX_LIGHT_TESTS ? 5 : 1) {
      const double step = 1e-5, was = p->parts[i][j];
      double high, low, difference;
      p->parts[i][j] = was + step;
      high = value(p);
      p->parts[i][j] = was - step;
      low = value(p);
      p->parts[i][j] = was;
      difference = (high - low) / (2 * step);
      if (!(fabs(p->gradients[i][j] - difference) <= 1e-6 + 1e-6 * fabs(difference)))
        fail_msg("%s: part %zu element %zu: gradient %.9g, finite difference %.9g", name, i, j,
                 p->gradients[i][j], difference);
    }
  for (size_t i = 0; i < p->part_count; i++) {
    free(p->parts[i]);
    free(p->gradients[i]);
  }
  free(p->output);
  free(p->direction);
}

static const tx_kernels_double *kernels(void)
{
  return tx_kernels_reference();
}

enum { ROWS = 5, WIDTH = 7 };

static void norm_forward(problem *p)
{
  kernels()->layer_norm(ROWS, WIDTH, p->parts[0], p->parts[1], p->parts[2], p->output, NULL);
}

static void norm_backward(problem *p)
{
  double statistics[2 * ROWS], unused[ROWS * WIDTH];
  kernels()->layer_norm(ROWS, WIDTH, p->parts[0], p->parts[1], p->parts[2], unused, statistics);
  kernels()->layer_norm_backward(ROWS, WIDTH, p->parts[0], p->parts[1], statistics, p->direction,
                                 p->gradients[0], p->gradients[1], p->gradients[2]);
}

static void layer_norm(void **state)
{
  problem p = {.sizes = {ROWS * WIDTH, WIDTH, WIDTH},
               .part_count = 3,
               .output_count = ROWS * WIDTH,
               .forward = norm_forward,
               .backward = norm_backward};
  (void)state;
  check(&p, "layer_norm");
}

/* Two sequences of 1 and 6 tokens, a row distance larger than the channels. */
enum { CONV_ROWS = 7, CHANNELS = 3, LD = 5 };
static const uint32_t conv_starts[] = {0, 1, 7};
static size_t conv_width;

static void conv_forward(problem *p)
{
  kernels()->conv_silu(2, conv_starts, CHANNELS, conv_width, p->parts[0], LD, p->parts[1], p->parts[2],
                       p->output);
}

static void conv_backward(problem *p)
{
  double gradient[CONV_ROWS * CHANNELS];
  memcpy(gradient, p->direction, sizeof gradient);
  kernels()->conv_silu_backward(2, conv_starts, CHANNELS, conv_width, p->parts[0], LD, p->parts[1],
                                p->parts[2], gradient, p->gradients[0], LD, p->gradients[1], p->gradients[2]);
}

static void conv_silu(void **state)
{
  (void)state;
  for (conv_width = 2; conv_width <= 4; conv_width++) {
    problem p = {.sizes = {CONV_ROWS * LD, CHANNELS * conv_width, CHANNELS},
                 .part_count = 3,
                 .output_count = CONV_ROWS * CHANNELS,
                 .forward = conv_forward,
                 .backward = conv_backward};
    check(&p, "conv_silu");
  }
}

static void softplus_forward(problem *p)
{
  kernels()->softplus(ROWS, 3, p->parts[0], 3, p->parts[1], p->output);
}

static void softplus_backward(problem *p)
{
  kernels()->softplus_backward(ROWS, 3, p->parts[0], 3, p->parts[1], p->direction, p->gradients[0], 3,
                               p->gradients[1]);
}

static void softplus(void **state)
{
  problem p = {.sizes = {ROWS * 3, 3},
               .part_count = 2,
               .output_count = ROWS * 3,
               .forward = softplus_forward,
               .backward = softplus_backward};
  (void)state;
  p.parts[0] = numbers(ROWS * 3, 12.0); /* some beyond the switch at 20 */
  check(&p, "softplus");
}

static void gate_forward(problem *p)
{
  kernels()->gated_norm(ROWS, WIDTH, p->parts[0], p->parts[1], WIDTH, p->parts[2], p->output, NULL);
}

static void gate_backward(problem *p)
{
  double scale[ROWS], unused[ROWS * WIDTH];
  kernels()->gated_norm(ROWS, WIDTH, p->parts[0], p->parts[1], WIDTH, p->parts[2], unused, scale);
  kernels()->gated_norm_backward(ROWS, WIDTH, p->parts[0], p->parts[1], WIDTH, p->parts[2], scale,
                                 p->direction, p->gradients[0], p->gradients[1], WIDTH, p->gradients[2]);
}

static void gated_norm(void **state)
{
  problem p = {.sizes = {ROWS * WIDTH, ROWS * WIDTH, WIDTH},
               .part_count = 3,
               .output_count = ROWS * WIDTH,
               .forward = gate_forward,
               .backward = gate_backward};
  (void)state;
  check(&p, "gated_norm");
}

static void gelu_forward(problem *p)
{
  kernels()->bias_gelu(ROWS, WIDTH, p->parts[0], p->parts[1], p->output);
}

static void gelu_backward(problem *p)
{
  memcpy(p->gradients[0], p->direction, ROWS * WIDTH * sizeof(double));
  kernels()->bias_gelu_backward(ROWS, WIDTH, p->parts[0], p->parts[1], p->gradients[0], p->gradients[1]);
}

static void bias_gelu(void **state)
{
  problem p = {.sizes = {ROWS * WIDTH, WIDTH},
               .part_count = 2,
               .output_count = ROWS * WIDTH,
               .forward = gelu_forward,
               .backward = gelu_backward};
  (void)state;
  check(&p, "bias_gelu");
}

static const int32_t embed_ids[ROWS] = {2, 0, 2, 3, 1};

static void embed_forward(problem *p)
{
  kernels()->embed(ROWS, WIDTH, p->parts[0], embed_ids, 0.4, 11, p->output);
}

static void embed_backward(problem *p)
{
  kernels()->embed_backward(ROWS, WIDTH, p->direction, embed_ids, 0.4, 11, p->gradients[0]);
}

static void embed(void **state)
{
  problem p = {.sizes = {4 * WIDTH},
               .part_count = 1,
               .output_count = ROWS * WIDTH,
               .forward = embed_forward,
               .backward = embed_backward};
  (void)state;
  check(&p, "embed");
}

enum { CLASSES = 6 };
static double smoothing;

static void loss_forward(problem *p)
{
  double logits[CLASSES];
  memcpy(logits, p->parts[0], sizeof logits);
  p->output[0] = kernels()->cross_entropy_row(CLASSES, logits, 4, smoothing, 1.0);
}

static void loss_backward(problem *p)
{
  memcpy(p->gradients[0], p->parts[0], CLASSES * sizeof(double));
  kernels()->cross_entropy_row(CLASSES, p->gradients[0], 4, smoothing, p->direction[0]);
}

static void cross_entropy(void **state)
{
  (void)state;
  for (smoothing = 0; smoothing < 0.5; smoothing += 0.2) {
    problem p = {.sizes = {CLASSES},
                 .part_count = 1,
                 .output_count = 1,
                 .forward = loss_forward,
                 .backward = loss_backward};
    check(&p, "cross_entropy");
  }
}

/* A target of two stretches of one table, one of another that covers all classes, and the rest on true and
   other classes. */
static const tx_loss_part target_parts[] = {{0, 2, 0}, {3, 5, 0}, {0, CLASSES, 1}};
static const double near_mass[CLASSES] = {0.02, 0.05, 9, 0.01, 0.04, 9},
                    far_mass[CLASSES] = {0.01, 0.02, 0.03, 0, 0.01, 0.03};
static const double *const target_mass[] = {near_mass, far_mass};

static double target_row(double *logits, double scale)
{
  const double other = 0.01, on_true = 1 - 5 * other - 0.12 - 0.1;
  return kernels()->cross_entropy_target_row(CLASSES, logits, 4, on_true, other, target_parts, 3, target_mass,
                                             scale);
}

static void target_forward(problem *p)
{
  double logits[CLASSES];
  memcpy(logits, p->parts[0], sizeof logits);
  p->output[0] = target_row(logits, 1.0);
}

static void target_backward(problem *p)
{
  memcpy(p->gradients[0], p->parts[0], CLASSES * sizeof(double));
  target_row(p->gradients[0], p->direction[0]);
}

static void cross_entropy_target(void **state)
{
  problem p = {.sizes = {CLASSES},
               .part_count = 1,
               .output_count = 1,
               .forward = target_forward,
               .backward = target_backward};
  double logits[CLASSES] = {0.3, -1, 2, 0.1, -0.4, 0.7}, total = 0, expected = 0;
  double target[CLASSES] = {0.04, 0.08, 0.04, 0.02, 0.78, 0.04}; /* 0.73 + 0.04 + 0.01 on the true class */
  (void)state;
  check(&p, "cross_entropy_target");
  for (size_t c = 0; c < CLASSES; c++) total += exp(logits[c]);
  for (size_t c = 0; c < CLASSES; c++) expected += target[c] * (log(total) - logits[c]);
  assert_true(fabs(target_row(logits, 1.0) - expected) < 1e-12);
}

/* State space: parts are x B C, dt (positive), a_log, skip. One sequence of several chunks and short ones
   around it. */
static const tx_ssd_dims ssd_dims = {.state = 2, .head_width = 3, .heads = 2};
enum { SSD_TOKENS = 2 + 300 + 1, SSD_INNER = 6, SSD_CHANNELS = 10 };
static const uint32_t ssd_starts[] = {0, 2, 302, 303};
static double ssd_state_store[8 * SSD_INNER * 2], ssd_scratch_store[1 << 17];

static void ssd_forward(problem *p)
{
  kernels()->ssd(&ssd_dims, 3, ssd_starts, p->parts[0], p->parts[1], p->parts[2], p->parts[3], p->output,
                 ssd_state_store, ssd_scratch_store);
}

static void ssd_backward(problem *p)
{
  kernels()->ssd_backward(&ssd_dims, 3, ssd_starts, p->parts[0], p->parts[1], p->parts[2], p->parts[3],
                          ssd_state_store, p->direction, p->gradients[0], p->gradients[1], p->gradients[2],
                          p->gradients[3], ssd_scratch_store);
}

static void ssd(void **state)
{
  problem p = {.sizes = {SSD_TOKENS * SSD_CHANNELS, SSD_TOKENS * 2, 2, 2},
               .part_count = 4,
               .output_count = SSD_TOKENS * SSD_INNER,
               .forward = ssd_forward,
               .backward = ssd_backward};
  (void)state;
  assert_true(tx_ssd_scratch(&ssd_dims, 0) <= sizeof ssd_scratch_store / sizeof *ssd_scratch_store);
  assert_true(tx_ssd_states(&ssd_dims, SSD_TOKENS) <= sizeof ssd_state_store / sizeof *ssd_state_store);
  p.parts[1] = numbers(p.sizes[1], 0.1);
  for (size_t i = 0; i < p.sizes[1]; i++) p.parts[1][i] = fabs(p.parts[1][i]) + 0.01;
  check(&p, "ssd");
}

/* The chunked form against the recurrence as it is defined. */
static void ssd_is_the_recurrence(void **state)
{
  double *xbc = numbers(SSD_TOKENS * SSD_CHANNELS, 0.7), *dt = numbers(SSD_TOKENS * 2, 0.1),
         y[SSD_TOKENS * SSD_INNER];
  const double a_log[2] = {0.3, 1.5}, skip[2] = {0.7, -1.2};
  (void)state;
  for (size_t i = 0; i < SSD_TOKENS * 2; i++) dt[i] = fabs(dt[i]) + 0.01;
  kernels()->ssd(&ssd_dims, 3, ssd_starts, xbc, dt, a_log, skip, y, NULL, ssd_scratch_store);
  for (size_t s = 0; s < 3; s++)
    for (size_t h = 0; h < 2; h++) {
      double hidden[3][2] = {{0}};
      for (size_t t = ssd_starts[s]; t < ssd_starts[s + 1]; t++) {
        const double *x = xbc + t * SSD_CHANNELS + h * 3, *b = xbc + t * SSD_CHANNELS + SSD_INNER, *c = b + 2,
                     step = dt[t * 2 + h];
        for (size_t p = 0; p < 3; p++) {
          double sum = skip[h] * x[p];
          for (size_t n = 0; n < 2; n++) {
            hidden[p][n] = exp(-exp(a_log[h]) * step) * hidden[p][n] + step * x[p] * b[n];
            sum += hidden[p][n] * c[n];
          }
          assert_true(fabs(sum - y[t * SSD_INNER + h * 3 + p]) < 1e-10);
        }
      }
    }
  free(xbc);
  free(dt);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(layer_norm),    cmocka_unit_test(conv_silu), cmocka_unit_test(softplus),
      cmocka_unit_test(gated_norm),    cmocka_unit_test(bias_gelu), cmocka_unit_test(embed),
      cmocka_unit_test(cross_entropy), cmocka_unit_test(ssd),       cmocka_unit_test(ssd_is_the_recurrence),
      cmocka_unit_test(cross_entropy_target),
  };
  tx_random_seed(&stream, 1, 2, 3, 4);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
