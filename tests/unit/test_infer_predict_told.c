/* A model that tells the strand: the answer is that of one of the two strands, whatever the threads, batches
   and neighbours, and it is what auto reads. */
#include "unit/predict_fixture.h"

static int make_told_place(void **state)
{
  model_tells_strand = true;
  return make_place(state);
}

static bool same_but_strand(answer a, answer b)
{
  a.prediction.strand = b.prediction.strand;
  return same_answer(&a, &b);
}

static void both_is_one_of_the_two(void **state)
{
  static answer plus[RECORDS], minus[RECORDS], both[RECORDS], other[RECORDS];
  (void)state;
  assert_true(tx_model_tells_strand(model));
  for (size_t offsets = 1; offsets <= OFFSETS; offsets += OFFSETS - 1) {
    tx_predict_options options = make_options();
    size_t told[2] = {0};
    options.offsets = offsets;
    options.strand = TX_STRAND_PLUS;
    predict(&options, all_texts(), RECORDS, NULL, plus);
    options.strand = TX_STRAND_MINUS;
    predict(&options, all_texts(), RECORDS, NULL, minus);
    options.strand = TX_STRAND_AUTO;
    predict(&options, all_texts(), RECORDS, NULL, both);
    for (size_t i = 0; i < RECORDS; i++) {
      const char strand = both[i].prediction.strand;
      assert_true(strand == '.' || same_but_strand(both[i], strand == '-' ? minus[i] : plus[i]));
      told[0] += strand == '+';
      told[1] += strand == '-';
    }
    assert_true(told[0] > 5 && told[1] > 5);
    for (size_t run = 0; run < 4; run++) {
      options.strand = TX_STRAND_BOTH;
      options.threads = 1 + run;
      options.batch = run ? 7 * run : 1;
      options.cache_bytes = run % 2 ? 1 << 20 : 0;
      predict(&options, all_texts(), RECORDS, NULL, other);
      for (size_t i = 0; i < RECORDS; i++) assert_true(same_answer(&both[i], &other[i]));
    }
    for (size_t i = 0; i < RECORDS; i += 5) {
      tx_predict_options alone = options;
      answer single;
      alone.threads = 1;
      single = predict_one(&alone, bases[i]);
      assert_true(same_answer(&both[i], &single));
    }
  }
}

/* Embeddings without lineages are those of the same strand. */
static void embeddings_alone(void **state)
{
  static answer both[RECORDS], alone[RECORDS];
  tx_predict_options options = make_options();
  (void)state;
  predict(&options, all_texts(), RECORDS, NULL, both);
  options.classify = false;
  predict(&options, all_texts(), RECORDS, NULL, alone);
  for (size_t i = 0; i < RECORDS; i++) {
    assert_int_equal(both[i].prediction.strand, alone[i].prediction.strand);
    assert_memory_equal(both[i].embedding, alone[i].embedding, sizeof both[i].embedding);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_is_one_of_the_two),
      cmocka_unit_test(embeddings_alone),
  };
  return cmocka_run_group_tests_name("infer/predict of a model that tells the strand", tests, make_told_place,
                                     remove_place);
}
