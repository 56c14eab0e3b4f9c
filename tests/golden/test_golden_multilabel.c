/* The loss of heads of several labels against golden/multilabel.safetensors (torch, float64), the plain
   definition over all pairs of nodes, and finite differences. */
#include "golden/golden.h"

#include "base/random.h"
#include "tensor/multilabel.h"

enum { NODES = 12, ROWS = 8, MOST = 40 };

static tx_safetensors *file;

static int open_file(void **state)
{
  tx_error error;
  (void)state;
  if (tx_safetensors_open(TX_TESTS_DIR "/golden/multilabel.safetensors", 0, &file, &error) != TX_OK)
    fail_msg("%s", error.message);
  return 0;
}

static int close_file(void **state)
{
  (void)state;
  tx_safetensors_close(file);
  return 0;
}

static const double *doubles(const char *name, size_t count)
{
  const tx_section *section = golden_section(file, "", name);
  assert_int_equal(section->dtype, TX_DTYPE_F64);
  assert_int_equal(section->size, count * sizeof(double));
  return section->data;
}

static void close_to(const char *what, size_t index, double got, double expected, double relative)
{
  if (!(fabs(got - expected) <= relative * (1 + fabs(expected))))
    fail_msg("%s[%zu]: %.17g, expected %.17g", what, index, got, expected);
}

static const int32_t *golden_parents(void)
{
  const tx_section *section = golden_section(file, "", "parent");
  assert_int_equal(section->dtype, TX_DTYPE_I32);
  assert_int_equal(section->size, NODES * sizeof(int32_t));
  return section->data;
}

static void states_of(const double *targets, const double *known, size_t count, int8_t *states)
{
  for (size_t i = 0; i < count; i++)
    states[i] = known[i] == 0 ? TX_NODE_UNKNOWN : targets[i] > 0 ? TX_NODE_PRESENT : TX_NODE_ABSENT;
}

static void test_golden(void **state)
{
  const int32_t *parents = golden_parents();
  const double *logits = doubles("logits", ROWS * NODES), *targets = doubles("targets", ROWS * NODES),
               *known = doubles("known", ROWS * NODES), *per_sample = doubles("logits.per_sample", ROWS),
               *expected = doubles("logits.gradient", ROWS * NODES),
               *constrained = doubles("logits.constrained", ROWS * NODES);
  double total = 0, gradient[ROWS][NODES], own[NODES];
  int8_t states[NODES];
  uint32_t scratch[2 * NODES];
  bool labelled[ROWS];
  size_t count = 0;
  (void)state;
  for (size_t i = 0; i < ROWS; i++) {
    double loss;
    labelled[i] = false;
    for (size_t n = 0; n < NODES; n++) labelled[i] = labelled[i] || targets[i * NODES + n] > 0;
    states_of(targets + i * NODES, known + i * NODES, NODES, states);
    loss = tx_multilabel_loss(parents, NODES, logits + i * NODES, states, scratch, gradient[i]);
    close_to("loss of a record", i, loss, per_sample[i], 1e-10);
    total += labelled[i] ? loss : 0;
    count += labelled[i];
    memcpy(own, logits + i * NODES, sizeof own);
    tx_multilabel_constrain(parents, NODES, own);
    for (size_t n = 0; n < NODES; n++)
      close_to("constrained", i * NODES + n, 1 / (1 + exp(-own[n])), constrained[i * NODES + n], 1e-10);
  }
  close_to("loss", 0, total / (double)count, *doubles("logits.loss", 1), 1e-10);
  for (size_t i = 0; i < ROWS; i++)
    for (size_t n = 0; n < NODES; n++)
      close_to("gradient", i * NODES + n, labelled[i] ? gradient[i][n] / (double)count : 0,
               expected[i * NODES + n], 1e-10);
}

/* The definition on probabilities, with R of all pairs: outside the subtree a probability counts as 0. */
static double plain_loss(const int32_t *parents, size_t nodes, const double *logits, const int8_t *states)
{
  double sum = 0;
  size_t known = 0;
  for (size_t i = 0; i < nodes; i++) {
    double all = 0, present = 0;
    const double target = states[i] == TX_NODE_PRESENT;
    for (size_t j = 0; j < nodes; j++) {
      const double p = 1 / (1 + exp(-logits[j]));
      int32_t above = (int32_t)j;
      while (above >= 0 && above != (int32_t)i) above = parents[above];
      if (above < 0) continue;
      all = fmax(all, p);
      present = fmax(present, states[j] == TX_NODE_PRESENT ? p : 0);
    }
    if (states[i] == TX_NODE_UNKNOWN) continue;
    known++;
    {
      const double z = (1 - target) * all + target * present;
      sum -= target * log(z) + (1 - target) * log(1 - z);
    }
  }
  return known ? sum / (double)known : 0;
}

static void draw(tx_random *random, size_t nodes, int32_t *parents, double *logits, int8_t *states)
{
  for (size_t i = 0; i < nodes; i++) {
    parents[i] = i < 3 ? -1 : (int32_t)tx_random_below(random, i + 1) - 1;
    logits[i] = 6 * tx_random_real(random) - 3;
    states[i] = (int8_t)(tx_random_below(random, 8) == 0 ? tx_random_below(random, 2) ? 1 : -1 : 0);
  }
  tx_multilabel_annotate(parents, nodes, states);
}

static void test_plain_definition_and_differences(void **state)
{
  tx_random random;
  int32_t parents[MOST];
  double logits[MOST], gradient[MOST];
  int8_t states[MOST];
  uint32_t scratch[2 * MOST];
  (void)state;
  tx_random_seed(&random, 5, 0, 0, 0);
  for (size_t round = 0; round < 200; round++) {
    const size_t nodes = 1 + tx_random_below(&random, MOST);
    double loss;
    draw(&random, nodes, parents, logits, states);
    loss = tx_multilabel_loss(parents, nodes, logits, states, scratch, gradient);
    close_to("loss", round, loss, plain_loss(parents, nodes, logits, states), 1e-12);
    for (size_t i = 0; i < nodes; i++) {
      const double step = 1e-6, at = logits[i];
      double above, below;
      logits[i] = at + step;
      above = tx_multilabel_loss(parents, nodes, logits, states, scratch, NULL);
      logits[i] = at - step;
      below = tx_multilabel_loss(parents, nodes, logits, states, scratch, NULL);
      logits[i] = at;
      close_to("difference", i, gradient[i], (above - below) / (2 * step), 1e-6);
    }
  }
}

/* The rule of the lineages, by the README of the golden values: known, and which are positive. */
static void test_annotation(void **state)
{
  const int32_t *parents = golden_parents();
  const double *targets = doubles("targets", ROWS * NODES), *known = doubles("known", ROWS * NODES);
  /* the deepest names of the records: A > a > 1; A > a; B; A > a > 2 and B > d; none; C; B > c and
     A > b > 3 */
  static const int32_t named[7][2] = {{3, -1}, {1, -1}, {6, -1}, {4, 10}, {-1, -1}, {11, -1}, {7, 5}};
  (void)state;
  for (size_t i = 0; i < 7; i++) {
    int8_t states[NODES] = {0}, expected[NODES];
    for (size_t k = 0; k < 2; k++)
      if (named[i][k] >= 0) states[named[i][k]] = TX_NODE_UNKNOWN;
    if (named[i][0] < 0) continue; /* no label: what is known of it is not defined */
    tx_multilabel_annotate(parents, NODES, states);
    states_of(targets + i * NODES, known + i * NODES, NODES, expected);
    for (size_t n = 0; n < NODES; n++)
      if (states[n] != expected[n]) fail_msg("record %zu, node %zu: %d", i, n, states[n]);
  }
}

/* A is named and, in another lineage, A > a > 1: of the rest below A nothing is known. */
static void test_annotation_of_nested_names(void **state)
{
  static const int8_t expected[NODES] = {1, 1, -1, 1, -1, -1, 0, 0, 0, 0, 0, 0};
  static const int8_t closed[NODES] = {1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  int8_t states[NODES] = {0};
  (void)state;
  states[0] = states[3] = TX_NODE_UNKNOWN;
  tx_multilabel_annotate(golden_parents(), NODES, states);
  assert_memory_equal(states, expected, sizeof states);
  /* a lineage that goes on below A > a with a name that the tree does not have: the taxa there are absent */
  memset(states, 0, sizeof states);
  states[1] = TX_NODE_PRESENT;
  tx_multilabel_annotate(golden_parents(), NODES, states);
  assert_memory_equal(states, closed, sizeof states);
}

static void test_large_logits_stay_finite(void **state)
{
  static const int32_t parents[3] = {-1, 0, 0};
  static const int8_t states[3] = {TX_NODE_PRESENT, TX_NODE_PRESENT, TX_NODE_ABSENT};
  const double logits[3] = {-1000, -2000, 3000};
  double gradient[3];
  uint32_t scratch[6];
  const double loss = tx_multilabel_loss(parents, 3, logits, states, scratch, gradient);
  (void)state;
  close_to("loss", 0, loss, (1000 + 2000 + 3000) / 3.0, 1e-12);
  for (size_t i = 0; i < 3; i++) assert_true(isfinite(gradient[i]));
  close_to("gradient", 2, gradient[2], 1 / 3.0, 1e-12);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden),
      cmocka_unit_test(test_plain_definition_and_differences),
      cmocka_unit_test(test_annotation),
      cmocka_unit_test(test_annotation_of_nested_names),
      cmocka_unit_test(test_large_logits_stay_finite),
  };
  return cmocka_run_group_tests(tests, open_file, close_file);
}
