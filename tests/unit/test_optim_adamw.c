/* Schedule, AdamW and the reduction of gradients. */
#include "optim/adamw.h"
#include "optim/groups.h"
#include "optim/reduce.h"
#include "optim/schedule.h"

#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const tx_dims small = {.vocabulary = 72,
                              .width = 48,
                              .layers = 2,
                              .state = 16,
                              .head_width = 16,
                              .expand = 2,
                              .kernel = 4,
                              .mlp = 192,
                              .head_count = 2,
                              .heads = {{TX_HEAD_TAXA, 3}, {TX_HEAD_TAXA, 700}}};

static void test_schedule_shape(void **state)
{
  const tx_schedule schedule = tx_schedule_make(1000, 0.1, 2e-3, 0.1);
  (void)state;
  assert_int_equal(schedule.warmup, 100);
  assert_true(fabs(tx_schedule_rate(&schedule, 0) - 2e-5) < 1e-12);
  assert_true(fabs(tx_schedule_rate(&schedule, 99) - 2e-3) < 1e-12);
  assert_true(fabs(tx_schedule_rate(&schedule, 100) - 2e-3) < 1e-12);
  /* half way: the mean of peak and end */
  assert_true(fabs(tx_schedule_rate(&schedule, 550) - 1.1e-3) < 1e-12);
  assert_true(tx_schedule_rate(&schedule, 999) > 2e-4 && tx_schedule_rate(&schedule, 999) < 2.1e-4);
  assert_true(fabs(tx_schedule_rate(&schedule, 1000) - 2e-4) < 1e-12);
  for (uint64_t i = 1; i < 100; i++)
    assert_true(tx_schedule_rate(&schedule, i) > tx_schedule_rate(&schedule, i - 1));
  for (uint64_t i = 101; i < 1000; i++)
    assert_true(tx_schedule_rate(&schedule, i) < tx_schedule_rate(&schedule, i - 1));
}

static void test_schedule_limits(void **state)
{
  tx_schedule schedule = tx_schedule_make(1, 0.01, 1.0, 0.1);
  (void)state;
  assert_true(tx_schedule_rate(&schedule, 0) == 1.0);
  schedule = tx_schedule_make(10, 0.0, 1.0, 0.0);
  assert_int_equal(schedule.warmup, 0);
  assert_true(tx_schedule_rate(&schedule, 0) == 1.0);
  schedule = tx_schedule_make(10, 1.0, 1.0, 0.5);
  assert_true(tx_schedule_rate(&schedule, 9) == 1.0);
}

static float *random_floats(size_t count, uint64_t seed)
{
  float *values = calloc(count, sizeof *values);
  tx_random random;
  assert_non_null(values);
  tx_random_seed(&random, seed, 0, 0, 0);
  for (size_t i = 0; i < count; i++) values[i] = (float)(0.1 * tx_random_normal(&random));
  return values;
}

/* With the standard betas, unless they are given. */
static void make_adamw(tx_parameter_groups *groups, const tx_adamw_options *opt_options, tx_adamw *optimiser)
{
  const tx_adamw_options standard = {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.1};
  tx_error error;
  assert_int_equal(tx_adamw_create(groups, opt_options ? opt_options : &standard, optimiser, &error), TX_OK);
  tx_parameter_groups_free(groups);
}

static tx_parameter_groups small_groups(void)
{
  const tx_group_rules rules = {.encoder_rate = 1};
  tx_parameter_groups groups;
  tx_error error;
  assert_int_equal(tx_parameter_groups_create(&small, &rules, &groups, &error), TX_OK);
  return groups;
}

/* Three steps in double, element by element; the tensors before `slow` learn with a quarter of the rate. */
static void check_adamw(size_t slow)
{
  const size_t elements = tx_layout_elements(&small), tensors = tx_layout_count(&small);
  float *weights = random_floats(elements, 1), *start = random_floats(elements, 1), *gradients[3];
  tx_adamw optimiser;
  tx_pool *pool = NULL;
  tx_error error;
  tx_parameter_groups groups = small_groups();
  const tx_adamw_options options = {.beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8, .weight_decay = 0.2};
  size_t decayed = 0, plain = 0;
  for (uint64_t s = 0; s < 3; s++) gradients[s] = random_floats(elements, 10 + s);
  assert_int_equal(tx_pool_create(2, &pool, &error), TX_OK);
  for (size_t i = 0; i < slow; i++) groups.groups[i].rate = 0.25;
  make_adamw(&groups, &options, &optimiser);
  for (size_t s = 0; s < 3; s++)
    tx_adamw_step(&optimiser, pool, 0.01 * (double)(s + 1), 0.5F, gradients[s], weights);
  for (size_t t = 0; t < tensors; t++) {
    tx_tensor_info info;
    tx_layout_tensor(&small, t, &info);
    *(info.decay ? &decayed : &plain) += info.count;
    for (size_t i = info.offset; i < info.offset + info.count; i++) {
      double w = (double)start[i], m = 0, v = 0;
      for (int s = 0; s < 3; s++) {
        const double g = 0.5 * (double)gradients[s][i], rate = 0.01 * (s + 1) * (t < slow ? 0.25 : 1);
        m = 0.9 * m + 0.1 * g;
        v = 0.99 * v + 0.01 * g * g;
        if (info.decay) w -= rate * 0.2 * w;
        w -= rate * (m / (1 - pow(0.9, s + 1))) / (sqrt(v / (1 - pow(0.99, s + 1))) + 1e-8);
      }
      if (!(fabs(w - (double)weights[i]) <= 1e-6 + 1e-5 * fabs(w)))
        fail_msg("%s: %.9g, expected %.9g", info.name, (double)weights[i], w);
    }
  }
  assert_true(decayed > 0 && plain > 0);
  assert_int_equal(optimiser.step, 3);
  for (size_t s = 0; s < 3; s++) free(gradients[s]);
  tx_adamw_free(&optimiser);
  tx_pool_free(pool);
  free(weights);
  free(start);
}

static void test_adamw_against_double(void **state)
{
  (void)state;
  check_adamw(0);
  check_adamw(5);
}

static void test_norm_and_threads(void **state)
{
  const size_t elements = tx_layout_elements(&small);
  float *gradients = random_floats(elements, 3),
        *weights[2] = {random_floats(elements, 4), random_floats(elements, 4)};
  double norm[2], sum = 0;
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    tx_parameter_groups groups = small_groups();
    tx_adamw optimiser;
    tx_pool *pool = NULL;
    tx_error error;
    assert_int_equal(tx_pool_create(i ? 4 : 1, &pool, &error), TX_OK);
    make_adamw(&groups, NULL, &optimiser);
    norm[i] = tx_gradient_norm(&optimiser, pool, gradients);
    for (int s = 0; s < 3; s++) tx_adamw_step(&optimiser, pool, 1e-2, 1.0F, gradients, weights[i]);
    tx_adamw_free(&optimiser);
    tx_pool_free(pool);
  }
  for (size_t i = 0; i < elements; i++) sum += (double)gradients[i] * (double)gradients[i];
  assert_true(fabs(norm[0] - sqrt(sum)) <= 1e-12 * sqrt(sum));
  assert_memory_equal(&norm[0], &norm[1], sizeof norm[0]);
  assert_memory_equal(weights[0], weights[1], elements * sizeof *weights[0]);
  gradients[elements / 2] = NAN;
  {
    tx_parameter_groups groups = small_groups();
    tx_adamw optimiser;
    tx_pool *pool = NULL;
    tx_error error;
    assert_int_equal(tx_pool_create(2, &pool, &error), TX_OK);
    make_adamw(&groups, NULL, &optimiser);
    assert_true(isnan(tx_gradient_norm(&optimiser, pool, gradients)));
    tx_adamw_free(&optimiser);
    tx_pool_free(pool);
  }
  free(gradients);
  free(weights[0]);
  free(weights[1]);
}

enum { SHARDS = 37, WIDTH = 1000 };

typedef struct reduction_task {
  tx_reduction *reduction;
  float **gradients;
} reduction_task;

static void add_shard(void *context, size_t item, size_t thread)
{
  reduction_task *task = context;
  volatile double delay = 0;
  (void)thread;
  for (size_t i = 0; i < (item * 7919 % 13) * 2000; i++) delay = delay + 1; /* finish out of order */
  tx_reduce_gradients(task->reduction, item, task->gradients[item]);
}

static void test_reduction_order(void **state)
{
  float *gradients[SHARDS], expected[WIDTH];
  tx_reduction reduction;
  tx_error error;
  (void)state;
  assert_int_equal(tx_reduction_create(WIDTH, 0, &reduction, &error), TX_OK);
  for (size_t s = 0; s < SHARDS; s++) gradients[s] = random_floats(WIDTH, 100 + s);
  memcpy(expected, gradients[0], sizeof expected);
  for (size_t s = 1; s < SHARDS; s++)
    for (size_t i = 0; i < WIDTH; i++) expected[i] += gradients[s][i];
  for (size_t threads = 1; threads <= 4; threads++) {
    reduction_task task = {&reduction, gradients};
    tx_pool *pool = NULL;
    assert_int_equal(tx_pool_create(threads, &pool, &error), TX_OK);
    for (int round = 0; round < 5; round++) {
      tx_reduction_begin(&reduction);
      tx_pool_run(pool, SHARDS, add_shard, &task);
      assert_memory_equal(tx_reduction_finish(&reduction), expected, sizeof expected);
    }
    tx_pool_free(pool);
  }
  for (size_t s = 0; s < SHARDS; s++) free(gradients[s]);
  tx_reduction_free(&reduction);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_schedule_shape), cmocka_unit_test(test_schedule_limits),
      cmocka_unit_test(test_adamw_against_double), cmocka_unit_test(test_norm_and_threads),
      cmocka_unit_test(test_reduction_order)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
