/* What is kept of the answers of teachers, the losses by which they are learnt against their definition and
   against finite differences, and the gradient of the whole term through a network. */
#include "unit/train_fixture.h"

#include "base/memory.h"
#include "nn/layout.h"
#include "objective/list.h"
#include "objective/teaching.h"

#include <math.h>

enum { CLASSES = 40, WIDTH = 7, RECORDS = 4, RANKS = 2, MAPPED = 5, BASES = 30 };

static tx_error error;

static double real(tx_random *random, double low, double high)
{
  return low + (high - low) * tx_random_real(random);
}

/* The most probable ones in order, the rest as their complement; of equal ones the first. */
static void test_put(void **state)
{
  tx_teaching teaching = {.width = 0};
  double probabilities[CLASSES] = {0}, kept = 0;
  tx_soft_target target;
  (void)state;
  assert_int_equal(tx_teaching_create(2, 2, 1, &teaching, &error), TX_OK);
  target = tx_teaching_target(&teaching, 1, 1);
  assert_int_equal(target.classes[0], -1); /* nothing was said */
  assert_true(target.rest == 0);
  for (size_t c = 0; c < CLASSES; c++) probabilities[c] = (c % 4 == 3 ? 0.06 : 0.002);
  probabilities[17] = 0.3;
  tx_teaching_put(&teaching, 1, 0, probabilities, CLASSES);
  target = tx_teaching_target(&teaching, 1, 0);
  assert_int_equal(target.classes[0], 17);
  for (size_t i = 0; i < TX_TEACHING_KEPT; i++) kept += (double)target.shares[i];
  for (size_t i = 1; i < 11; i++) assert_int_equal(target.classes[i], 4 * i - 1);
  for (size_t i = 11; i < TX_TEACHING_KEPT; i++) assert_true(target.shares[i] == (float)0.002);
  assert_true(fabs((double)target.rest - (1 - kept)) < 1e-6);
  tx_teaching_put(&teaching, 0, 0, probabilities + 17, 1); /* fewer than are kept */
  target = tx_teaching_target(&teaching, 0, 0);
  assert_int_equal(target.classes[0], 0);
  assert_int_equal(target.classes[1], -1);
  assert_true(fabs((double)target.rest - 0.7) < 1e-6);
  assert_int_equal(tx_teaching_target(&teaching, 0, 1).classes[0], -1); /* the neighbour is untouched */
  tx_teaching_free(&teaching);
}

/* By definition, in double. */
static double divergence(const double *logits, size_t classes, const tx_soft_target *target,
                         double temperature)
{
  double total = 0, others = 0, listed = 0, loss = 0, mass;
  size_t count = 0;
  for (size_t c = 0; c < classes; c++) total += exp(logits[c] / temperature);
  others = total;
  for (; count < TX_TEACHING_KEPT && target->classes[count] >= 0; count++) {
    others -= exp(logits[target->classes[count]] / temperature);
    listed += (double)target->shares[count];
  }
  mass = count < classes && target->rest > 0 ? 1 : listed;
  for (size_t i = 0; i < count; i++) {
    const double share = (double)target->shares[i];
    loss += share * log(share / mass / (exp(logits[target->classes[i]] / temperature) / total));
  }
  if (count < classes && target->rest > 0)
    loss += (double)target->rest * log((double)target->rest / (others / total));
  return temperature * temperature * loss;
}

typedef struct answer {
  int32_t classes[TX_TEACHING_KEPT];
  float shares[TX_TEACHING_KEPT];
  tx_soft_target target;
} answer;

/* `kept` taxa, and this probability for the others. */
static void make_answer(answer *made, size_t kept, double rest, size_t classes)
{
  for (size_t i = 0; i < TX_TEACHING_KEPT; i++) {
    made->classes[i] = i < kept ? (int32_t)((7 * i + 3) % classes) : -1;
    made->shares[i] = i < kept ? (float)((1 - rest) * pow(0.5, (double)i + (i + 1 < kept))) : 0.0F;
  }
  made->target = (tx_soft_target){made->classes, made->shares, (float)rest};
}

static void check_divergence(size_t classes, size_t kept, double rest, double temperature, tx_random *random)
{
  const double scale = 0.4, step = 1e-5;
  double logits[CLASSES], got, expected;
  float rounded[CLASSES], gradient[CLASSES];
  answer made;
  make_answer(&made, kept, rest, classes);
  for (size_t c = 0; c < classes; c++) logits[c] = (double)(rounded[c] = (float)real(random, -3, 3));
  got = tx_soft_divergence(rounded, classes, &made.target, temperature, scale, gradient);
  expected = divergence(logits, classes, &made.target, temperature);
  if (!(fabs(got - expected) <= 1e-5 + 1e-5 * fabs(expected)))
    fail_msg("%zu of %zu classes, rest %g, T %g: %.9g, expected %.9g", kept, classes, rest, temperature, got,
             expected);
  for (size_t c = 0; c < classes; c++) {
    const double at = logits[c];
    logits[c] = at + step;
    expected = divergence(logits, classes, &made.target, temperature);
    logits[c] = at - step;
    expected = scale * (expected - divergence(logits, classes, &made.target, temperature)) / (2 * step);
    logits[c] = at;
    if (!(fabs((double)gradient[c] - expected) <= 1e-6 + 1e-5 * fabs(expected)))
      fail_msg("%zu of %zu classes, rest %g, T %g, class %zu: %.9g, expected %.9g", kept, classes, rest,
               temperature, c, (double)gradient[c], expected);
  }
}

static void test_divergence(void **state)
{
  static const double temperatures[] = {0.5, 1, 2, 5};
  tx_random random;
  (void)state;
  tx_random_seed(&random, 5, 0, 0, 0);
  for (size_t t = 0; t < 4; t++) {
    check_divergence(CLASSES, TX_TEACHING_KEPT, 0.2, temperatures[t], &random);
    check_divergence(CLASSES, 3, 0.9, temperatures[t], &random);
    check_divergence(CLASSES, 3, 0, temperatures[t], &random);
    check_divergence(5, 5, 0, temperatures[t], &random);
    check_divergence(5, 5, 0.7, temperatures[t], &random); /* taxa that the learner lacks */
    check_divergence(1, 1, 0, temperatures[t], &random);
  }
}

/* 0 where both are the same, and finite where they could not be further apart. */
static void test_extremes(void **state)
{
  float logits[CLASSES], gradient[CLASSES];
  answer made;
  tx_soft_target none;
  int32_t nothing[TX_TEACHING_KEPT] = {-1};
  (void)state;
  make_answer(&made, 4, 0.25, CLASSES);
  for (size_t c = 0; c < CLASSES; c++) logits[c] = logf(0.25F / (CLASSES - 4));
  for (size_t i = 0; i < 4; i++) logits[made.classes[i]] = logf(made.shares[i]);
  assert_true(fabs(tx_soft_divergence(logits, CLASSES, &made.target, 1, 1, gradient)) < 1e-6);
  for (size_t c = 0; c < CLASSES; c++) assert_true(fabsf(gradient[c]) < 1e-6F);
  for (size_t c = 0; c < CLASSES; c++) logits[c] = -2000;
  logits[made.classes[0]] = 2000;
  assert_true(isfinite(tx_soft_divergence(logits, CLASSES, &made.target, 1, 1, gradient)));
  for (size_t c = 0; c < CLASSES; c++) assert_true(isfinite(gradient[c]));
  none = (tx_soft_target){nothing, made.shares, 0};
  assert_true(tx_soft_divergence(logits, CLASSES, &none, 1, 1, gradient) == 0);
  for (size_t c = 0; c < CLASSES; c++) assert_true(gradient[c] == 0);
  logits[1] = NAN;
  assert_true(isnan(tx_soft_divergence(logits, CLASSES, &made.target, 1, 1, gradient)));
}

static double distance(const double *vector, const float *target)
{
  double square = 0, along = 0;
  for (size_t d = 0; d < WIDTH; d++) {
    square += vector[d] * vector[d];
    along += vector[d] * (double)target[d];
  }
  return 1 - along / sqrt(square);
}

static void test_cosine(void **state)
{
  const double step = 1e-5, scale = 0.3;
  float vector[WIDTH], target[WIDTH], gradient[WIDTH];
  double exact[WIDTH], square = 0;
  tx_random random;
  (void)state;
  tx_random_seed(&random, 6, 0, 0, 0);
  for (size_t d = 0; d < WIDTH; d++) {
    exact[d] = (double)(vector[d] = (float)real(&random, -2, 2));
    target[d] = (float)real(&random, -1, 1);
    square += (double)target[d] * (double)target[d];
  }
  for (size_t d = 0; d < WIDTH; d++) target[d] = (float)((double)target[d] / sqrt(square));
  assert_true(fabs(tx_cosine_distance(vector, target, WIDTH, scale, gradient) - distance(exact, target)) <
              1e-6);
  for (size_t d = 0; d < WIDTH; d++) {
    const double at = exact[d];
    double up, down;
    exact[d] = at + step;
    up = distance(exact, target);
    exact[d] = at - step;
    down = distance(exact, target);
    exact[d] = at;
    assert_true(fabs((double)gradient[d] - scale * (up - down) / (2 * step)) < 1e-6);
  }
  assert_true(fabs(tx_cosine_distance(target, target, WIDTH, 1, gradient)) < 1e-6);
  memset(vector, 0, sizeof vector);
  assert_true(tx_cosine_distance(vector, target, WIDTH, 1, gradient) == 0); /* no direction, no harm */
  for (size_t d = 0; d < WIDTH; d++) assert_true(gradient[d] == 0);
  assert_true(tx_cosine_distance(target, vector, WIDTH, 1, gradient) == 0);
}

/* A network with the taxa and what teachers say of four records. */
typedef struct scene {
  tx_train_config config;
  tx_dataset *dataset;
  tx_tokenizer tokenizer;
  tx_dims dims;
  tx_teaching teaching;
  tx_objective_terms terms;
  tx_objective_worker worker;
  size_t elements, tensors;
  float *weights;
  const float *pointers[64];
  uint32_t records[RECORDS];
  const uint8_t *opt_reversed;
} scene;

static void make_records(scene *s)
{
  static const char *const names[] = {"genus", "species"};
  static const char *lineages[RECORDS][RANKS] = {{"A", "a"}, {"A", "b"}, {"B", "c"}, {NULL, NULL}};
  uint8_t codes[BASES];
  tx_random random;
  tx_random_seed(&random, 8, 0, 0, 0);
  s->dataset = fixture_dataset(names, RANKS);
  for (size_t i = 0; i < RECORDS; i++) {
    for (size_t b = 0; b < BASES; b++) codes[b] = (uint8_t)tx_random_below(&random, 4);
    fixture_add(s->dataset, codes, BASES, lineages[i], i + 1);
    s->records[i] = (uint32_t)i;
  }
  if (tx_dataset_label(s->dataset, NULL, &error) != TX_OK) fail_msg("%s", error.message);
}

/* Of the second record nothing is known, of the third only its genus. */
static void make_teaching(scene *s)
{
  tx_random random;
  tx_random_seed(&random, 9, 0, 0, 0);
  s->teaching.width = MAPPED;
  s->teaching.known[0] = s->teaching.known[1] = true;
  assert_int_equal(tx_teaching_create(RECORDS, RANKS, 1.5, &s->teaching, &error), TX_OK);
  for (size_t i = 0; i < RECORDS; i++) {
    double probabilities[3] = {0.2 + 0.1 * (double)i, 0.1, 0.3}, square = 0;
    float *embedding = s->teaching.embeddings + i * MAPPED;
    if (i == 1) continue;
    tx_teaching_put(&s->teaching, (uint32_t)i, 0, probabilities, 2);
    if (i != 2) tx_teaching_put(&s->teaching, (uint32_t)i, 1, probabilities, 2); /* and some rest */
    for (size_t d = 0; d < MAPPED; d++) {
      embedding[d] = (float)real(&random, -1, 1);
      square += (double)embedding[d] * (double)embedding[d];
    }
    for (size_t d = 0; d < MAPPED; d++) embedding[d] /= (float)sqrt(square);
  }
}

static void make_network(scene *s)
{
  size_t size;
  s->dims = (tx_dims){
      .width = 8, .layers = 1, .state = 4, .head_width = 8, .expand = 2, .kernel = 4, .mlp = 8};
  s->dims.vocabulary = tx_tokenizer_vocabulary(&s->tokenizer);
  tx_objective_taxa.set_heads(&s->config, s->dataset, &s->dims);
  s->dims.projection = MAPPED;
  assert_null(tx_dims_fault(&s->dims));
  s->elements = tx_layout_elements(&s->dims);
  s->tensors = tx_layout_count(&s->dims);
  assert_int_equal(tx_projection_tensor(&s->dims), s->tensors - 1);
  s->weights = tx_malloc_aligned(s->elements, sizeof *s->weights);
  assert_non_null(s->weights);
  tx_layout_initialise(&s->dims, 3, s->weights);
  for (size_t i = 0; i < s->tensors; i++) {
    tx_tensor_info info;
    tx_layout_tensor(&s->dims, i, &info);
    s->pointers[i] = s->weights + info.offset;
    if (info.dimensions == 2) /* larger than at the start, so that more than the biases matters */
      for (size_t e = 0; e < info.count; e++) s->weights[info.offset + e] *= 12;
  }
  assert_int_equal(tx_shard_create(s->dataset, &s->tokenizer, RECORDS, 1, &s->worker.shard, &error), TX_OK);
  size = tx_network_work_size(&s->dims, TX_PRECISION_FLOAT32, tx_shard_tokens(&s->worker.shard),
                              tx_shard_sequences(&s->worker.shard));
  s->worker.memory = tx_malloc_aligned(size, 1);
  s->worker.gradients = tx_malloc_aligned(s->elements, sizeof *s->worker.gradients);
  assert_true(s->worker.memory && s->worker.gradients);
  s->worker.work = tx_network_work_init(&s->dims, TX_PRECISION_FLOAT32, tx_shard_tokens(&s->worker.shard),
                                        tx_shard_sequences(&s->worker.shard), s->worker.memory);
}

static int set_up(void **state)
{
  size_t count;
  const tx_param *params = tx_train_params(&count);
  scene *s = calloc(1, sizeof *s);
  assert_non_null(s);
  assert_int_equal(tx_param_defaults(params, count, &s->config, &error), TX_OK);
  s->config.strand_share = 0;
  s->config.teacher_weight = 0.8;
  s->config.teacher_embedding = 0.6;
  s->config.batch = RECORDS;
  s->config.label_smoothing = 0;
  s->config.contrast = 0.5;
  s->config.contrast_memory = 8;
  snprintf(s->config.rank_weights, sizeof s->config.rank_weights, "1,3");
  s->tokenizer = (tx_tokenizer){.kind = TX_TOKENIZER_CHAR, .k = 1, .stride = 1, .max_bases = BASES};
  make_records(s);
  make_teaching(s);
  make_network(s);
  const tx_objective_context context = {.config = &s->config, .dataset = s->dataset, .dims = &s->dims,
                                        .weights = s->pointers, .kept = s->pointers,
                                        .elements = s->elements, .precision = TX_PRECISION_FLOAT32,
                                        .opt_teaching = &s->teaching};
  if (tx_objective_terms_create(&context, &s->terms, &error) != TX_OK) fail_msg("%s", error.message);
  assert_int_equal(s->terms.count, 3); /* beside the contrastive one */
  assert_int_equal(s->terms.columns, RANKS + 3);
  assert_int_equal(tx_objective_prepare_worker(&s->terms, &s->worker, &error), TX_OK);
  *state = s;
  return 0;
}

static int tear_down(void **state)
{
  scene *s = *state;
  tx_objective_release_worker(&s->terms, &s->worker);
  tx_objective_terms_free(&s->terms);
  tx_shard_free(&s->worker.shard);
  free(s->worker.memory);
  free(s->worker.gradients);
  free(s->weights);
  tx_teaching_free(&s->teaching);
  tx_dataset_free(s->dataset);
  free(s);
  return 0;
}

/* The loss of the batch; its gradient is in the worker. */
static double learn(scene *s)
{
  tx_objective_batch batch = {.records = s->records, .count = RECORDS, .opt_reversed = s->opt_reversed};
  tx_shard_sums sums[TX_OBJECTIVE_COLUMNS_MAX];
  tx_shard_clear(&s->worker.shard);
  for (size_t i = 0; i < RECORDS; i++)
    tx_shard_add(&s->worker.shard, s->dataset, &s->tokenizer, s->records[i], NULL, NULL);
  memset(s->worker.gradients, 0, s->elements * sizeof *s->worker.gradients);
  tx_objective_scale(&s->terms, &batch);
  tx_objective_learn(&s->terms, &batch, 0, &s->worker, sums);
  return tx_objective_conclude(&s->terms, &batch, sums, 1, NULL);
}

/* Every third weight of every tensor, the projection's and the heads' included. With the contrastive term,
   whose memory is filled first: the gradients of the embedding add up. */
static void test_whole_gradient(void **state)
{
  scene *s = *state;
  const tx_objective_batch batch = {.records = s->records, .count = RECORDS};
  const float step = 4e-3F;
  float *gradient = tx_malloc_aligned(s->elements, sizeof *gradient);
  double largest = 0;
  assert_non_null(gradient);
  learn(s);
  tx_objective_advance(&s->terms, &batch);
  learn(s);
  memcpy(gradient, s->worker.gradients, s->elements * sizeof *gradient);
  for (size_t i = 0; i < s->elements; i += 3) {
    const float at = s->weights[i];
    double expected;
    s->weights[i] = at + step;
    expected = learn(s);
    s->weights[i] = at - step;
    expected = (expected - learn(s)) / (2 * (double)step);
    s->weights[i] = at;
    if (!(fabs((double)gradient[i] - expected) <= 2e-3 + 5e-3 * fabs(expected)))
      fail_msg("weight %zu: %.9g, expected %.9g", i, (double)gradient[i], expected);
    if (i >= s->elements - s->dims.projection * s->dims.width && fabs(expected) > largest)
      largest = fabs(expected);
  }
  assert_true(largest > 1e-3); /* the map learns */
  free(gradient);
}

/* A record that is shown as reverse complement has nothing to learn from the teachers. */
static void test_reversed_takes_no_part(void **state)
{
  static const uint8_t reversed[RECORDS] = {0, 0, 1, 0};
  scene *s = *state;
  const size_t cell = 2 * RANKS * TX_TEACHING_KEPT;
  double before;
  s->opt_reversed = reversed;
  before = learn(s);
  s->teaching.shares[cell] *= 0.5F; /* another answer */
  s->teaching.embeddings[2 * MAPPED] += 1;
  assert_true(learn(s) == before);
  s->opt_reversed = NULL;
  before = learn(s);
  s->teaching.shares[cell] *= 0.5F;
  assert_false(learn(s) == before);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_put), cmocka_unit_test(test_divergence), cmocka_unit_test(test_extremes),
      cmocka_unit_test(test_cosine), cmocka_unit_test_setup_teardown(test_whole_gradient, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_reversed_takes_no_part, set_up, tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
