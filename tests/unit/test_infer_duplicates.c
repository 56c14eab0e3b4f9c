/* Equal barcodes in one run: computed once, with the answers that they have without a cache. */
#include "unit/predict_fixture.h"

/* Each record four times, written differently: the answers are those without a cache, and those of the first
   are counted. */
static void duplicates_are_computed_once(void **state)
{
  enum { COPIES = 4, COUNT = 24 };
  static char written[COPIES][COUNT][3 * LONGEST];
  static answer first[COPIES * COUNT], other[COPIES * COUNT];
  const char *texts[COPIES * COUNT];
  size_t shuffled[COPIES * COUNT];
  tx_random random;
  (void)state;
  tx_random_seed(&random, 9, 0, 0, 0);
  for (size_t i = 0; i < COPIES * COUNT; i++) {
    char *text = written[i % COPIES][i / COPIES];
    size_t length = 0;
    for (const char *letter = bases[i / COPIES]; *letter; letter++) {
      text[length++] = i % COPIES == 1                     ? (char)(*letter + 'a' - 'A')
                       : i % COPIES == 2 && *letter == 'T' ? 'U'
                                                           : *letter;
      if (i % COPIES == 3 && length % 5 == 0) text[length++] = '-';
    }
    text[length] = '\0';
    texts[i] = text;
    shuffled[i] = i;
    snprintf(ids[i], sizeof ids[i], "r%zu", i);
  }
  for (size_t i = COPIES * COUNT - 1; i > 0; i--) {
    size_t j = tx_random_below(&random, i + 1), kept = shuffled[i];
    shuffled[i] = shuffled[j];
    shuffled[j] = kept;
  }
  for (tx_strand strand = TX_STRAND_PLUS; strand <= TX_STRAND_BOTH; strand++) {
    tx_predict_options options = make_options();
    uint64_t called;
    options.strand = strand;
    options.cache_bytes = 0;
    predict(&options, texts, COPIES * COUNT, NULL, first);
    assert_int_equal(last_run.duplicates, 0);
    called = last_run.called;
    assert_true(called > COUNT * 2);
    for (size_t threads = 1; threads <= 4; threads++)
      for (int order = 0; order < 2; order++) {
        options.threads = threads;
        options.batch = threads == 3 ? 5 : 64;
        options.cache_bytes = 1 << 20;
        predict(&options, texts, COPIES * COUNT, order ? shuffled : NULL, other);
        for (size_t i = 0; i < COPIES * COUNT; i++) assert_true(same_answer(&first[i], &other[i]));
        assert_int_equal(last_run.called, called);
        assert_int_equal(last_run.duplicates, called / COPIES * (COPIES - 1));
      }
  }
}

/* What decides is what is read: a difference behind it does not count on one strand, and does on both. */
static void duplicates_are_what_the_model_reads(void **state)
{
  static char long_texts[3][MAX_BASES + 81];
  const char *texts[3];
  answer answers[3];
  (void)state;
  for (size_t t = 0; t < 3; t++) {
    for (size_t i = 0; i < MAX_BASES + 80; i++) long_texts[t][i] = "ACGT"[(i * 7 + i / 5) % 4];
    texts[t] = long_texts[t];
  }
  /* behind what plus reads */
  long_texts[1][MAX_BASES + 10] = long_texts[0][MAX_BASES + 10] == 'A' ? 'C' : 'A';
  /* before what minus reads */
  long_texts[2][5] = long_texts[0][5] == 'A' ? 'C' : 'A';
  for (tx_strand strand = TX_STRAND_PLUS; strand <= TX_STRAND_BOTH; strand++) {
    tx_predict_options options = make_options();
    size_t first, last;
    options.strand = strand;
    predict(&options, texts, 3, NULL, answers);
    assert_int_equal(last_run.duplicates, strand == TX_STRAND_BOTH ? 0 : 1);
    assert_int_equal(last_run.bases, 3 * (MAX_BASES + 80));
    tx_predict_extent(model, &options, &first, &last);
    assert_int_equal(first, strand == TX_STRAND_MINUS ? 0 : MAX_BASES);
    assert_int_equal(last, strand == TX_STRAND_PLUS ? 0 : MAX_BASES);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(duplicates_are_computed_once),
      cmocka_unit_test(duplicates_are_what_the_model_reads),
  };
  return cmocka_run_group_tests(tests, make_place, remove_place);
}
