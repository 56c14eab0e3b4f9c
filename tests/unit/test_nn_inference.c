/* The inference forward against that of training, at every precision; results that do not depend on
   neighbours, on blocks, nor on what the table of tokens already holds. */
#include "nn/inference.h"

#include "base/memory.h"
#include "base/random.h"
#include "nn/strands.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Widths that fill no strip; an MLP of more than one slice; a width of more than one block of a product in
   the second; in the last two positions, more than the tokens of any sequence, and so few that the tokens
   from the second block on share a row. */
static const tx_dims shapes[] = {{.vocabulary = 72,
                                  .width = 48,
                                  .layers = 2,
                                  .state = 16,
                                  .head_width = 24,
                                  .expand = 2,
                                  .kernel = 4,
                                  .mlp = 500,
                                  .head_count = 2,
                                  .heads = {{TX_HEAD_TAXA, 3}, {TX_HEAD_TAXA, 17}}},
                                 {.vocabulary = 8,
                                  .width = 400,
                                  .layers = 2,
                                  .state = 9,
                                  .head_width = 40,
                                  .expand = 1,
                                  .kernel = 3,
                                  .mlp = 33,
                                  .head_count = 1,
                                  .heads = {{TX_HEAD_TAXA, 70}}},
                                 {.vocabulary = 8,
                                  .width = 16,
                                  .layers = 3,
                                  .state = 4,
                                  .head_width = 8,
                                  .expand = 2,
                                  .kernel = 2,
                                  .mlp = 16,
                                  .head_count = 0},
                                 {.vocabulary = 8,
                                  .width = 24,
                                  .layers = 1,
                                  .state = 4,
                                  .head_width = 8,
                                  .expand = 2,
                                  .kernel = 4,
                                  .mlp = 16,
                                  .positions = 700},
                                 {.vocabulary = 72,
                                  .width = 48,
                                  .layers = 2,
                                  .state = 16,
                                  .head_width = 24,
                                  .expand = 2,
                                  .kernel = 4,
                                  .mlp = 40,
                                  .head_count = 1,
                                  .heads = {{TX_HEAD_TAXA, 5}},
                                  .positions = 190}};
enum {
  SHAPES = 5,
  STEP = TX_LIGHT_TESTS ? 2 : 1,
  SEQUENCES = TX_LIGHT_TESTS ? 5 : 7,
  TOKENS = TX_LIGHT_TESTS ? 393 : 1000
};
/* among them 126, 127 and 600 tokens */
static const uint32_t starts[] = {0, 1, 30, 140, 266, 393, 400, 1000};

typedef struct fixture {
  const tx_dims *dims;
  float *flat;
  const float **weights;
  int32_t ids[TOKENS];
} fixture;

static void set_up(fixture *f, const tx_dims *dims)
{
  tx_random stream;
  assert_null(tx_dims_fault(dims));
  f->dims = dims;
  f->flat = tx_calloc_aligned(tx_layout_elements(dims), sizeof *f->flat);
  f->weights = calloc(tx_layout_count(dims), sizeof *f->weights);
  assert_true(f->flat && f->weights);
  tx_layout_initialise(dims, 3, f->flat);
  tx_random_seed(&stream, 9, 0, 0, 0);
  /* norms and biases too */
  for (size_t i = 0; i < tx_layout_elements(dims); i++)
    f->flat[i] += (float)(0.05 * tx_random_normal(&stream));
  for (size_t i = 0; i < tx_layout_count(dims); i++) {
    tx_tensor_info info;
    tx_layout_tensor(dims, i, &info);
    f->weights[i] = f->flat + info.offset;
  }
  for (size_t i = 0; i < TOKENS; i++)
    f->ids[i] = (int32_t)tx_random_below(&stream, (uint32_t)dims->vocabulary);
}

static void tear_down(fixture *f)
{
  free(f->flat);
  free(f->weights);
}

typedef struct runner {
  void *weights_memory, *work_memory;
  tx_inference_weights *weights;
  tx_inference_work *work;
} runner;

static runner new_runner(const fixture *f, tx_precision precision, size_t sequences)
{
  runner r;
  r.weights_memory = tx_malloc_aligned(tx_inference_weights_size(f->dims, precision), 1);
  r.work_memory = tx_malloc_aligned(tx_inference_work_size(f->dims, precision, sequences), 1);
  assert_true(r.weights_memory && r.work_memory);
  r.weights = tx_inference_weights_init(f->dims, f->weights, precision, r.weights_memory);
  r.work = tx_inference_work_init(r.weights, sequences, r.work_memory);
  return r;
}

static void free_runner(runner *r)
{
  free(r->weights_memory);
  free(r->work_memory);
}

static void compare(const char *what, const float *got, const float *want, size_t count, double bound)
{
  double errors = 0, squares = 0;
  for (size_t i = 0; i < count; i++) {
    errors += ((double)got[i] - (double)want[i]) * ((double)got[i] - (double)want[i]);
    squares += (double)want[i] * (double)want[i];
  }
  if (!(sqrt(errors) <= bound * sqrt(squares)))
    fail_msg("%s: error %.3g, allowed %.3g", what, sqrt(errors / squares), bound);
}

/* With two strands the sequences are pairs; the last, if it is alone, is left out. */
static void check_agreement(size_t strands)
{
  static const double bounds[] = {
      [TX_PRECISION_FLOAT32] = 5e-6, [TX_PRECISION_BF16] = 0.03, [TX_PRECISION_INT8] = 0.1};
  for (size_t shape = 0; shape < SHAPES; shape += STEP) {
    fixture f;
    void *memory;
    tx_work *reference;
    const tx_pack pack = {
        .sequences = SEQUENCES / strands * strands, .strands = strands, .starts = starts, .ids = f.ids};
    const size_t records = tx_pack_records(&pack);
    set_up(&f, &shapes[shape]);
    memory = tx_malloc_aligned(tx_network_work_size(f.dims, TX_PRECISION_FLOAT32, TOKENS, SEQUENCES), 1);
    assert_non_null(memory);
    reference = tx_network_work_init(f.dims, TX_PRECISION_FLOAT32, TOKENS, SEQUENCES, memory);
    tx_network_forward(f.dims, f.weights, &pack, reference);
    for (int precision = TX_PRECISION_FLOAT32; precision <= TX_PRECISION_INT8; precision++) {
      runner r = new_runner(&f, (tx_precision)precision, SEQUENCES);
      tx_inference_forward(r.weights, &pack, r.work);
      compare("embedding", tx_inference_embedding(r.work), tx_network_embedding(reference),
              records * f.dims->width, bounds[precision]);
      for (size_t rank = 0; rank < f.dims->head_count; rank++)
        compare("logits", tx_inference_outputs(r.work, rank), tx_network_outputs(reference, rank),
                records * f.dims->heads[rank].size, bounds[precision]);
      free_runner(&r);
    }
    free(memory);
    tear_down(&f);
  }
}

static void agrees_with_training(void **state)
{
  (void)state;
  check_agreement(1);
  check_agreement(2);
}

/* The two sequences of a record the other way round: the same bits, and the mean of what they are alone. */
static void the_order_of_strands_does_not_matter(void **state)
{
  enum { FIRST = 140, ALL = 393 }; /* tokens 0..139 and 140..392, of one and of several blocks */
  const uint32_t turns[2][3] = {{0, FIRST, ALL}, {0, ALL - FIRST, ALL}};
  (void)state;
  for (size_t shape = 0; shape < SHAPES; shape += STEP) {
    fixture f;
    int32_t turned[ALL];
    set_up(&f, &shapes[shape]);
    memcpy(turned, f.ids + FIRST, (ALL - FIRST) * sizeof *turned);
    memcpy(turned + ALL - FIRST, f.ids, FIRST * sizeof *turned);
    for (int precision = TX_PRECISION_FLOAT32; precision <= TX_PRECISION_INT8; precision++) {
      runner apart = new_runner(&f, (tx_precision)precision, 2),
             plus = new_runner(&f, (tx_precision)precision, 2),
             minus = new_runner(&f, (tx_precision)precision, 2);
      const tx_pack single = {.sequences = 2, .starts = turns[0], .ids = f.ids};
      const tx_pack given = {.sequences = 2, .strands = 2, .starts = turns[0], .ids = f.ids};
      const tx_pack other = {.sequences = 2, .strands = 2, .starts = turns[1], .ids = turned};
      const size_t width = f.dims->width;
      tx_inference_forward(apart.weights, &single, apart.work);
      tx_inference_forward(plus.weights, &given, plus.work);
      tx_inference_forward(minus.weights, &other, minus.work);
      assert_memory_equal(tx_inference_embedding(plus.work), tx_inference_embedding(minus.work),
                          width * sizeof(float));
      for (size_t r = 0; r < f.dims->head_count; r++)
        assert_memory_equal(tx_inference_outputs(plus.work, r), tx_inference_outputs(minus.work, r),
                            f.dims->heads[r].size * sizeof(float));
      for (size_t j = 0; j < width; j++)
        assert_true(
            tx_inference_embedding(plus.work)[j] ==
            0.5F * (tx_inference_embedding(apart.work)[j] + tx_inference_embedding(apart.work)[width + j]));
      free_runner(&apart);
      free_runner(&plus);
      free_runner(&minus);
    }
    tear_down(&f);
  }
}

/* Each sequence alone, last one first, with weights whose table is empty: the same bits as all together. */
static void neighbours_change_nothing(void **state)
{
  (void)state;
  for (size_t shape = 0; shape < SHAPES; shape += STEP) {
    fixture f;
    const tx_pack pack = {.sequences = SEQUENCES, .starts = starts, .ids = f.ids};
    set_up(&f, &shapes[shape]);
    for (int precision = TX_PRECISION_FLOAT32; precision <= TX_PRECISION_INT8; precision++) {
      runner all = new_runner(&f, (tx_precision)precision, SEQUENCES),
             one = new_runner(&f, (tx_precision)precision, 1);
      tx_inference_forward(all.weights, &pack, all.work);
      tx_inference_forward(all.weights, &pack, all.work); /* now from the table */
      for (size_t s = SEQUENCES; s-- > 0;) {
        const uint32_t own[2] = {0, starts[s + 1] - starts[s]};
        const tx_pack single = {.sequences = 1, .starts = own, .ids = f.ids + starts[s]};
        tx_inference_forward(one.weights, &single, one.work);
        assert_memory_equal(tx_inference_embedding(one.work),
                            tx_inference_embedding(all.work) + s * f.dims->width,
                            f.dims->width * sizeof(float));
        for (size_t r = 0; r < f.dims->head_count; r++)
          assert_memory_equal(tx_inference_outputs(one.work, r),
                              tx_inference_outputs(all.work, r) + s * f.dims->heads[r].size,
                              f.dims->heads[r].size * sizeof(float));
      }
      free_runner(&all);
      free_runner(&one);
    }
    tear_down(&f);
  }
}

/* Places given by the caller, as for what a masked autoencoder sees: those of training, and the places 0, 1,
   2, ... are what none means. */
static void places_are_those_of_training(void **state)
{
  enum { SEEN = 200 };
  static const uint32_t own[] = {0, 150, SEEN};
  fixture f;
  uint32_t positions[SEEN];
  const tx_pack plain = {.sequences = 2, .starts = own, .ids = f.ids};
  tx_pack pack = plain;
  void *memory;
  tx_work *reference;
  runner r;
  float first[48];
  (void)state;
  set_up(&f, &shapes[4]);
  r = new_runner(&f, TX_PRECISION_FLOAT32, 2);
  memory = tx_malloc_aligned(tx_network_work_size(f.dims, TX_PRECISION_FLOAT32, SEEN, 2), 1);
  assert_non_null(memory);
  reference = tx_network_work_init(f.dims, TX_PRECISION_FLOAT32, SEEN, 2, memory);
  for (uint32_t t = 0; t < SEEN; t++) positions[t] = t < own[1] ? 2 * t : 5 * (t - own[1]);
  pack.positions = positions;
  tx_network_forward(f.dims, f.weights, &pack, reference);
  tx_inference_forward(r.weights, &pack, r.work);
  compare("places", tx_inference_embedding(r.work), tx_network_embedding(reference), 2 * f.dims->width, 5e-6);
  memcpy(first, tx_inference_embedding(r.work), sizeof first);
  tx_inference_forward(r.weights, &plain, r.work);
  assert_memory_not_equal(first, tx_inference_embedding(r.work), sizeof first);
  memcpy(first, tx_inference_embedding(r.work), sizeof first);
  for (uint32_t t = 0; t < SEEN; t++) positions[t] = t < own[1] ? t : t - own[1];
  tx_inference_forward(r.weights, &pack, r.work);
  assert_memory_equal(first, tx_inference_embedding(r.work), sizeof first);
  free_runner(&r);
  free(memory);
  tear_down(&f);
}

typedef struct rows_seen {
  double sums[400];
  size_t rows, from;
} rows_seen;

static void add_hidden(void *context, size_t layer, const char *name, const float *values, size_t rows,
                       size_t columns)
{
  rows_seen *seen = context;
  (void)layer;
  if (strcmp(name, "hidden")) return;
  for (size_t t = 0; t < rows; t++, seen->rows++)
    for (size_t j = 0; j < columns && seen->rows >= seen->from; j++)
      seen->sums[j] += (double)values[t * columns + j];
}

static void padding_is_left_out_of_the_mean(void **state)
{
  fixture f;
  runner r;
  const uint32_t own[2] = {0, 200}, padding[1] = {150};
  const tx_pack pack = {.sequences = 1, .starts = own, .ids = f.ids, .padding = padding};
  rows_seen seen = {.from = 150};
  (void)state;
  set_up(&f, &shapes[0]);
  r = new_runner(&f, TX_PRECISION_FLOAT32, 1);
  tx_inference_set_probe(r.work, add_hidden, &seen);
  tx_inference_forward(r.weights, &pack, r.work);
  assert_int_equal(seen.rows, 200);
  for (size_t j = 0; j < f.dims->width; j++)
    assert_true(fabs(seen.sums[j] / 50 - (double)tx_inference_embedding(r.work)[j]) < 1e-5);
  free_runner(&r);
  tear_down(&f);
}

/* The workspace has one size for all lengths. */
static void sizes_that_overflow_are_refused(void **state)
{
  tx_dims dims = shapes[0];
  (void)state;
  assert_true(tx_inference_work_size(&dims, TX_PRECISION_INT8, 16) < (size_t)4 << 20);
  assert_int_equal(tx_inference_work_size(&dims, TX_PRECISION_FLOAT32, SIZE_MAX / 8), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_training),
      cmocka_unit_test(the_order_of_strands_does_not_matter),
      cmocka_unit_test(neighbours_change_nothing),
      cmocka_unit_test(places_are_those_of_training),
      cmocka_unit_test(padding_is_left_out_of_the_mean),
      cmocka_unit_test(sizes_that_overflow_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
