/* A model that reads both strands as one: a record and its reverse complement have the same answer, to the
   bit. */
#include "unit/predict_fixture.h"

static int make_pair_place(void **state)
{
  model_strands = 2;
  return make_place(state);
}

/* The same weights, as a model of `strands`. */
static tx_model *open_as(size_t strands)
{
  tx_model *opened = NULL;
  tx_error error = {0};
  model_strands = strands;
  if (write_model(place.path, 60, &error) != TX_OK || tx_model_open(place.path, &opened, &error) != TX_OK)
    fail_msg("%s", error.message);
  return opened;
}

static const char **turned_texts(void)
{
  static char turned[RECORDS][LONGEST + 1];
  static const char *texts[RECORDS];
  for (size_t i = 0; i < RECORDS; i++) {
    reverse_complement(bases[i], turned[i]);
    texts[i] = turned[i];
  }
  return texts;
}

/* Records of all lengths, longer than the model reads and too short among them; with every precision, strand,
   number of threads and of offsets, with and without a cache. */
static void turned_records_have_the_same_answers(void **state)
{
  static answer first[RECORDS], other[RECORDS];
  tx_model *kept = model;
  (void)state;
  for (int precision = TX_PRECISION_FLOAT32; precision <= TX_PRECISION_INT8; precision++) {
    model = open_as(2);
    for (size_t offsets = 1; offsets <= OFFSETS; offsets += OFFSETS - 1) {
      tx_predict_options options = make_options();
      size_t calls = 0;
      options.precision = (tx_precision)precision;
      options.offsets = offsets;
      predict(&options, all_texts(), RECORDS, NULL, first);
      for (size_t i = 0; i < RECORDS; i++) {
        assert_int_equal(first[i].prediction.strand, '.');
        calls += first[i].prediction.status == TX_RECORD_OK;
      }
      assert_true(calls > RECORDS / 2 && calls < RECORDS);
      for (size_t run = 0; run < 6; run++) {
        options.strand = (tx_strand)(run % 3);
        options.threads = run % 4 + 1;
        options.batch = run % 2 ? 64 : 7;
        options.cache_bytes = run < 3 ? 0 : 1 << 20;
        predict(&options, run % 2 ? all_texts() : turned_texts(), RECORDS, NULL, other);
        for (size_t i = 0; i < RECORDS; i++)
          if (!same_answer(&first[i], &other[i]))
            fail_msg("record %zu, precision %d, offsets %zu, run %zu", i, precision, offsets, run);
      }
    }
    tx_model_close(model);
  }
  model = kept;
}

/* The embedding is the mean of those that the same weights give of each strand. */
static void embeddings_are_averaged(void **state)
{
  static answer pairs[RECORDS], plus[RECORDS], minus[RECORDS];
  tx_predict_options options = make_options();
  tx_model *kept = model;
  size_t different = 0;
  (void)state;
  predict(&options, all_texts(), RECORDS, NULL, pairs);
  model = open_as(1);
  predict(&options, all_texts(), RECORDS, NULL, plus);
  options.strand = TX_STRAND_MINUS;
  predict(&options, all_texts(), RECORDS, NULL, minus);
  tx_model_close(model);
  model = kept;
  for (size_t i = 0; i < RECORDS; i++) {
    const bool called =
        plus[i].prediction.status == TX_RECORD_OK && minus[i].prediction.status == TX_RECORD_OK;
    assert_int_equal(pairs[i].prediction.status == TX_RECORD_OK, called);
    for (size_t d = 0; called && d < WIDTH; d++)
      assert_true(pairs[i].embedding[d] == 0.5F * (plus[i].embedding[d] + minus[i].embedding[d]));
    different += memcmp(plus[i].embedding, minus[i].embedding, sizeof plus[i].embedding) != 0;
  }
  assert_true(different > RECORDS / 2);
}

static void expect_both(const char *text, tx_record_status status)
{
  char turned[MAX_BASES + 201];
  reverse_complement(text, turned);
  for (size_t offsets = 1; offsets <= OFFSETS; offsets++)
    for (tx_strand strand = TX_STRAND_PLUS; strand <= TX_STRAND_BOTH; strand++) {
      tx_predict_options options = make_options();
      answer given, other;
      options.strand = strand;
      options.offsets = offsets;
      options.min_bases = 3;
      given = predict_one(&options, text);
      other = predict_one(&options, turned);
      assert_int_equal(given.prediction.status, status);
      assert_true(same_answer(&given, &other));
    }
}

/* Called is what can be read on both strands; otherwise the status is that of the strand that says more,
   whichever that is. */
static void statuses(void **state)
{
  char text[MAX_BASES + 201];
  (void)state;
  expect_both("", TX_RECORD_NO_BASES);
  expect_both("NNNNNN", TX_RECORD_NO_BASES);
  expect_both("AC", TX_RECORD_TOO_SHORT);
  expect_both("ACG", TX_RECORD_OK);
  /* 5 bases on one strand, 3 on the other, which has a word at the first offset alone */
  expect_both("NNACG", TX_RECORD_OK);
  expect_both("ACGT", TX_RECORD_OK);
  memset(text, 'N', sizeof text);
  for (size_t i = 0; i < 150; i++) text[MAX_BASES + i] = "ACGT"[(i * 7 + i / 5) % 4];
  text[MAX_BASES + 150] = '\0';
  expect_both(text, TX_RECORD_TOO_SHORT); /* one strand has no base in its first MAX_BASES */
  text[0] = 'A';
  expect_both(text, TX_RECORD_TOO_SHORT); /* now it has one, of 3 */
  text[10] = text[20] = 'C';
  expect_both(text, TX_RECORD_OK);
}

/* Both ends of a long record are read, whichever strand is asked for; a change at either changes the answer,
   one between does not. */
static void both_ends_are_read(void **state)
{
  char text[2 * MAX_BASES + 101];
  tx_predict_options options = make_options();
  answer whole, changed;
  size_t first, last;
  (void)state;
  for (size_t i = 0; i < 2 * MAX_BASES + 100; i++) text[i] = "ACGT"[(i * 7 + i / 5) % 4];
  text[2 * MAX_BASES + 100] = '\0';
  whole = predict_one(&options, text);
  for (size_t at = 20; at < 2 * MAX_BASES + 100; at += MAX_BASES + 30) {
    /* in the first part, between, in the last */
    char base = text[at];
    text[at] = base == 'A' ? 'C' : 'A';
    changed = predict_one(&options, text);
    text[at] = base;
    assert_int_equal(same_answer(&whole, &changed), at > MAX_BASES && at < MAX_BASES + 100);
  }
  for (tx_strand strand = TX_STRAND_PLUS; strand <= TX_STRAND_BOTH; strand++) {
    options.strand = strand;
    tx_predict_extent(model, &options, &first, &last);
    assert_int_equal(first, MAX_BASES);
    assert_int_equal(last, MAX_BASES);
  }
}

/* Equal records are computed once; a record and its reverse complement need not share an entry, but must not
   share one with another. */
static void duplicates_are_computed_once(void **state)
{
  const char **texts = all_texts(), **turned = turned_texts(), *asked[40];
  answer answers[40], plain[40];
  tx_predict_options options = make_options();
  size_t called = 0;
  (void)state;
  for (size_t i = 0; i < 40; i++) asked[i] = i / 8 % 2 ? turned[i % 8] : texts[i % 8];
  options.cache_bytes = 0;
  predict(&options, asked, 40, NULL, plain);
  for (size_t i = 0; i < 8; i++) called += plain[i].prediction.status == TX_RECORD_OK;
  options.cache_bytes = 1 << 20;
  options.threads = 2;
  predict(&options, asked, 40, NULL, answers);
  assert_int_equal(last_run.duplicates, 3 * called);
  for (size_t i = 0; i < 40; i++)
    assert_true(same_answer(&plain[i], &answers[i]) && same_answer(&plain[i], &answers[i % 8]));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(turned_records_have_the_same_answers),
      cmocka_unit_test(embeddings_are_averaged),
      cmocka_unit_test(statuses),
      cmocka_unit_test(both_ends_are_read),
      cmocka_unit_test(duplicates_are_computed_once),
  };
  return cmocka_run_group_tests(tests, make_pair_place, remove_place);
}
