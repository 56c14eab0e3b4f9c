/* The contrastive loss against its definition in double and against finite differences, and what its memory
   holds. */
#include "unit/train_fixture.h"

#include "objective/contrast.h"

#include <math.h>

enum { RECORDS = 11, WIDTH = 5, CAPACITY = 8, RANKS = 3 };

static tx_error error;

/* Two families; a genus without species, a record without genus, a species of one record. */
static const char *lineages[RECORDS][RANKS] = {
    {"F", "A", "a"}, {"F", "A", "a"},   {"F", "A", "b"}, {"F", "B", "c"},  {"F", "B", NULL}, {"G", "C", "d"},
    {"G", "C", "d"}, {"F", NULL, NULL}, {"G", "D", "e"}, {NULL, "A", "a"}, {"F", "B", "c"}};

static tx_dataset *make_dataset(void)
{
  static const char *const names[] = {"family", "genus", "species"};
  tx_dataset *dataset = fixture_dataset(names, RANKS);
  const uint8_t code = 0;
  for (size_t i = 0; i < RECORDS; i++) fixture_add(dataset, &code, 1, lineages[i], i + 1);
  if (tx_dataset_label(dataset, NULL, &error) != TX_OK) fail_msg("%s", error.message);
  return dataset;
}

typedef struct scene {
  tx_dataset *dataset;
  tx_train_config config;
  tx_contrast contrast;
  tx_contrast_work work;
  float embeddings[RECORDS * WIDTH];
  uint32_t records[RECORDS];
} scene;

static int set_up(void **state)
{
  size_t count;
  const tx_param *params = tx_train_params(&count);
  scene *s = calloc(1, sizeof *s);
  tx_random random;
  assert_non_null(s);
  assert_int_equal(tx_param_defaults(params, count, &s->config, &error), TX_OK);
  s->config.contrast = 0.7;
  s->config.contrast_temperature = 0.3;
  s->config.contrast_decay = 0.4;
  s->config.contrast_memory = CAPACITY;
  s->config.batch = RECORDS;
  s->dataset = make_dataset();
  assert_int_equal(tx_contrast_create(&s->config, s->dataset, WIDTH, &s->contrast, &error), TX_OK);
  assert_int_equal(tx_contrast_prepare(&s->contrast, RECORDS, &s->work, &error), TX_OK);
  tx_random_seed(&random, 3, 0, 0, 0);
  for (size_t i = 0; i < RECORDS * WIDTH; i++)
    s->embeddings[i] = (float)tx_random_below(&random, 2001) / 500.0F - 2.0F;
  for (size_t i = 0; i < RECORDS; i++) s->records[i] = (uint32_t)i;
  *state = s;
  return 0;
}

static int tear_down(void **state)
{
  scene *s = *state;
  tx_contrast_work_free(&s->work);
  tx_contrast_free(&s->contrast);
  tx_dataset_free(s->dataset);
  free(s);
  return 0;
}

static double cosine(const float *a, const float *b)
{
  double ab = 0, aa = 0, bb = 0;
  for (size_t d = 0; d < WIDTH; d++) {
    ab += (double)a[d] * (double)b[d];
    aa += (double)a[d] * (double)a[d];
    bb += (double)b[d] * (double)b[d];
  }
  return ab / sqrt(aa * bb);
}

/* The name that counts: one of a second source with a weight below 1 does not. */
static const char *taxon_of(const scene *s, uint32_t record, size_t rank)
{
  return tx_dataset_weight_of(s->dataset, record, rank) < 1 ? NULL : lineages[record][rank];
}

/* By definition: record `of` with this embedding against the entries of `memory`, records with the scene's
   embeddings. */
static double loss_of(const scene *s, uint32_t of, const float *embedding, const uint32_t *memory,
                      size_t entries)
{
  double total = 0, loss = 0, weights = 0;
  for (size_t j = 0; j < entries; j++)
    if (memory[j] != of)
      total += exp(cosine(embedding, s->embeddings + memory[j] * WIDTH) / s->config.contrast_temperature);
  for (size_t r = 0; r < RANKS; r++) {
    double positives = 0, sum = 0;
    const double weight = pow(s->config.contrast_decay, (double)(RANKS - 1 - r));
    const char *taxon = taxon_of(s, of, r);
    for (size_t j = 0; j < entries; j++) {
      const char *other = taxon_of(s, memory[j], r);
      if (memory[j] == of || !taxon || !other || strcmp(taxon, other) != 0) continue;
      positives++;
      sum +=
          log(total) - cosine(embedding, s->embeddings + memory[j] * WIDTH) / s->config.contrast_temperature;
    }
    if (positives == 0) continue;
    loss += weight * sum / positives;
    weights += weight;
  }
  return weights > 0 ? loss / weights : 0;
}

/* All records come in twice in another order: the memory has the last eight. */
static void fill(scene *s, uint32_t memory[CAPACITY])
{
  static const uint32_t order[RECORDS] = {10, 2, 3, 9, 8, 0, 1, 4, 5, 7, 6};
  for (int turn = 0; turn < 2; turn++) {
    for (size_t i = 0; i < RECORDS; i++)
      tx_contrast_learn(&s->contrast, &s->work, s->dataset,
                        &(tx_contrast_shard){s->embeddings + order[i] * WIDTH, order + i, 1, i, NULL}, 1.0);
    tx_contrast_keep(&s->contrast, s->dataset, order, NULL, RECORDS);
  }
  assert_int_equal(s->contrast.taken, 2 * RECORDS);
  for (size_t i = 0; i < CAPACITY; i++) memory[i] = order[RECORDS - CAPACITY + i];
}

/* Labels of a second source are no positives, neither of the record nor of an entry, unless they count
   fully. */
static void test_second_source(void **state)
{
  scene *s = *state;
  uint32_t memory[CAPACITY];
  for (int turn = 0; turn < 2; turn++) {
    s->dataset->second_weight = turn ? 0.3 : 1.0;
    for (uint32_t i = 0; i < RECORDS && !turn; i++) {
      s->dataset->count = i + 1;
      assert_int_equal(tx_dataset_add_second(s->dataset, i == 1 || i == 4 ? 6 : i == 5 ? 4 : 0, &error),
                       TX_OK);
    }
    fill(s, memory);
    for (size_t i = 0; i < RECORDS; i++) {
      const double one = loss_of(s, (uint32_t)i, s->embeddings + i * WIDTH, memory, CAPACITY);
      const tx_contrast_shard shard = {s->embeddings + i * WIDTH, s->records + i, 1, i, NULL};
      const double got = tx_contrast_learn(&s->contrast, &s->work, s->dataset, &shard, 1.0);
      if (!(fabs(one - got) < 1e-5)) fail_msg("turn %d record %zu: %.9g, expected %.9g", turn, i, got, one);
    }
    s->contrast.taken = 0;
  }
}

static void test_loss(void **state)
{
  scene *s = *state;
  uint32_t memory[CAPACITY];
  double expected = 0, got;
  got = tx_contrast_learn(&s->contrast, &s->work, s->dataset,
                          &(tx_contrast_shard){s->embeddings, s->records, RECORDS, 0, NULL}, 1.0);
  assert_true(got == 0); /* nothing to compare with yet */
  for (size_t i = 0; i < RECORDS * WIDTH; i++) assert_true(s->work.gradient[i] == 0);
  fill(s, memory);
  got = tx_contrast_learn(&s->contrast, &s->work, s->dataset,
                          &(tx_contrast_shard){s->embeddings, s->records, RECORDS, 0, NULL}, 1.0);
  for (size_t i = 0; i < RECORDS; i++) {
    const double one = loss_of(s, (uint32_t)i, s->embeddings + i * WIDTH, memory, CAPACITY);
    const double alone =
        tx_contrast_learn(&s->contrast, &s->work, s->dataset,
                          &(tx_contrast_shard){s->embeddings + i * WIDTH, s->records + i, 1, i, NULL}, 1.0);
    if (!(fabs(one - alone) < 1e-5)) fail_msg("record %zu: %.9g, expected %.9g", i, alone, one);
    expected += one;
  }
  assert_true(fabs(got - expected) < 1e-4);
}

static void test_gradient(void **state)
{
  scene *s = *state;
  const double scale = 0.25, step = 1e-3;
  uint32_t memory[CAPACITY];
  fill(s, memory);
  tx_contrast_learn(&s->contrast, &s->work, s->dataset,
                    &(tx_contrast_shard){s->embeddings, s->records, RECORDS, 0, NULL}, scale);
  for (size_t i = 0; i < RECORDS; i++)
    for (size_t d = 0; d < WIDTH; d++) {
      float row[WIDTH];
      double up, down, expected;
      const double got = (double)s->work.gradient[i * WIDTH + d];
      memcpy(row, s->embeddings + i * WIDTH, sizeof row);
      row[d] += (float)step;
      up = loss_of(s, (uint32_t)i, row, memory, CAPACITY);
      row[d] = s->embeddings[i * WIDTH + d] - (float)step;
      down = loss_of(s, (uint32_t)i, row, memory, CAPACITY);
      expected = scale * (up - down) / (2 * step);
      if (!(fabs(got - expected) < 2e-4))
        fail_msg("record %zu, element %zu: %.9g, expected %.9g", i, d, got, expected);
    }
}

/* The same bits whether a record stands alone or among others; an embedding of zeros has no direction and
   does no harm. */
static void test_rows_stand_alone(void **state)
{
  scene *s = *state;
  uint32_t memory[CAPACITY];
  float together[RECORDS * WIDTH];
  fill(s, memory);
  memset(s->embeddings + 4 * WIDTH, 0, WIDTH * sizeof(float));
  tx_contrast_learn(&s->contrast, &s->work, s->dataset,
                    &(tx_contrast_shard){s->embeddings, s->records, RECORDS, 0, NULL}, 1.0);
  memcpy(together, s->work.gradient, sizeof together);
  for (size_t i = 0; i < RECORDS; i++) {
    const double loss =
        tx_contrast_learn(&s->contrast, &s->work, s->dataset,
                          &(tx_contrast_shard){s->embeddings + i * WIDTH, s->records + i, 1, i, NULL}, 1.0);
    assert_true(isfinite(loss));
    assert_memory_equal(s->work.gradient, together + i * WIDTH, WIDTH * sizeof(float));
  }
}

static void test_restore(void **state)
{
  scene *s = *state;
  uint32_t memory[CAPACITY];
  int32_t labels[RANKS * CAPACITY];
  fill(s, memory);
  memcpy(labels, s->contrast.labels, sizeof labels);
  memset(s->contrast.labels, 0, sizeof labels);
  assert_true(tx_contrast_restore(&s->contrast, s->dataset, 2 * RECORDS));
  assert_memory_equal(labels, s->contrast.labels, sizeof labels);
  s->contrast.records[3] = RECORDS;
  assert_false(tx_contrast_restore(&s->contrast, s->dataset, 2 * RECORDS));
  s->contrast.records[3] = -1 - RECORDS;
  assert_false(tx_contrast_restore(&s->contrast, s->dataset, 2 * RECORDS));
  assert_true(tx_contrast_restore(&s->contrast, s->dataset, 3)); /* the place is not filled yet */
}

/* A reversed record learns nothing, and its entry has no label; also when it is restored. */
static void test_reversed(void **state)
{
  scene *s = *state;
  uint8_t reversed[RECORDS] = {0};
  uint32_t order[RECORDS];
  const size_t places[] = {1, 5};
  for (size_t i = 0; i < RECORDS; i++) order[i] = (uint32_t)i;
  for (size_t i = 0; i < 2; i++) reversed[places[i]] = 1;
  for (size_t run = 0; run < 2; run++) {
    tx_contrast_learn(&s->contrast, &s->work, s->dataset,
                      &(tx_contrast_shard){s->embeddings, order, CAPACITY, 0, reversed}, 1.0);
    for (size_t i = 0; i < 2 && run; i++)
      for (size_t d = 0; d < WIDTH; d++)
        assert_true(s->work.gradient[places[i] * WIDTH + d] == 0.0F);
    if (!run) tx_contrast_keep(&s->contrast, s->dataset, order, reversed, CAPACITY);
  }
  for (size_t again = 0; again < 2; again++) {
    for (size_t i = 0; i < CAPACITY; i++)
      for (size_t r = 0; r < RANKS; r++)
        assert_int_equal(s->contrast.labels[r * CAPACITY + i],
                         reversed[i] ? TX_LABEL_NONE : tx_dataset_label_of(s->dataset, order[i], r));
    assert_true(tx_contrast_restore(&s->contrast, s->dataset, CAPACITY));
  }
}

static void test_none(void **state)
{
  scene *s = *state;
  tx_contrast none;
  s->config.contrast = 0;
  assert_int_equal(tx_contrast_create(&s->config, s->dataset, WIDTH, &none, &error), TX_OK);
  assert_int_equal(none.capacity, 0);
  s->config.contrast = 1;
  s->config.freeze_encoder = true; /* no embedding can move */
  assert_int_equal(tx_contrast_create(&s->config, s->dataset, WIDTH, &none, &error), TX_OK);
  assert_int_equal(none.capacity, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_loss, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_second_source, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_gradient, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_rows_stand_alone, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_restore, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_reversed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_none, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
