/* The chain of the bases: its scores beside the formula, its thresholds, and what it calls unlike. */
#include "seq/likeness.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "seq/bases.h"

enum { GROUPS = 40, EACH = 10, RECORDS = GROUPS * EACH, LENGTH = 300 };

/* Barcodes: each group changes a tenth of the bases of one ancestor, each record 2 % of its group's. */
typedef struct world {
  uint8_t codes[RECORDS][LENGTH];
  uint64_t groups[RECORDS];
  size_t count;
} world;

static void mutate(uint8_t *codes, double rate, tx_random *random)
{
  for (size_t i = 0; i < LENGTH; i++)
    if (tx_random_real(random) < rate) codes[i] = (uint8_t)tx_random_below(random, 4);
}

static world *make_world(void)
{
  world *w = calloc(1, sizeof *w);
  uint8_t ancestor[LENGTH], group[LENGTH];
  tx_random random;
  assert_non_null(w);
  tx_random_seed(&random, 3, 0, 0, 0);
  for (size_t i = 0; i < LENGTH; i++) ancestor[i] = (uint8_t)tx_random_below(&random, 4);
  for (size_t i = 0; i < RECORDS; i++) {
    if (i % EACH == 0) {
      memcpy(group, ancestor, sizeof group);
      mutate(group, 0.1, &random);
    }
    memcpy(w->codes[i], group, sizeof group);
    mutate(w->codes[i], 0.02, &random);
    w->groups[i] = 1 + i / EACH;
  }
  w->codes[0][100] = TX_BASE_N;
  w->count = RECORDS;
  return w;
}

static size_t read_world(void *context, size_t number, uint8_t *codes, uint64_t *ret_group)
{
  const world *w = context;
  memcpy(codes, w->codes[number], LENGTH);
  *ret_group = w->groups[number];
  return LENGTH;
}

static tx_likeness_source source_of(world *w)
{
  return (tx_likeness_source){w->count, LENGTH, w, read_world};
}

/* The chain of a world, which the next call replaces. */
static tx_likeness fit_world(world *w)
{
  static int8_t scores[TX_LIKENESS_WORDS];
  const tx_likeness_source source = source_of(w);
  tx_likeness likeness;
  tx_error error;
  assert_int_equal(tx_likeness_fit(&source, scores, &likeness, &error), TX_OK);
  if (likeness.scores) assert_ptr_equal(likeness.scores, scores);
  return likeness;
}

/* The words of so many bases that end like the word of 8 bases, counted where words of 8 end. */
static double count_like(const world *w, const uint8_t *word, size_t bases)
{
  double count = 0;
  for (size_t i = 0; i < w->count; i++)
    for (size_t end = TX_LIKENESS_BASES; end <= LENGTH; end++) {
      const uint8_t *own = w->codes[i] + end - TX_LIKENESS_BASES;
      bool whole = true;
      for (size_t j = 0; j < TX_LIKENESS_BASES; j++) whole = whole && own[j] < TX_BASE_N;
      count += whole && memcmp(own + TX_LIKENESS_BASES - bases, word + TX_LIKENESS_BASES - bases, bases) == 0;
    }
  return count;
}

/* P(last base | the bases before it), each context shrunk to the shorter one with a weight of 4. */
static double probability(const world *w, const uint8_t *word)
{
  double p = 0.25;
  for (size_t bases = 1; bases <= TX_LIKENESS_BASES; bases++) {
    uint8_t other[TX_LIKENESS_BASES];
    double context = 0;
    memcpy(other, word, sizeof other);
    for (uint8_t base = 0; base < 4; base++) {
      other[TX_LIKENESS_BASES - 1] = base;
      context += count_like(w, other, bases);
    }
    p = (count_like(w, word, bases) + 4 * p) / (context + 4);
  }
  return p;
}

static void scores_are_those_of_the_formula(void **state)
{
  world *w = make_world();
  const tx_likeness likeness = fit_world(w);
  (void)state;
  assert_non_null(likeness.scores);
  for (size_t at = 0; at < 240; at += 60) {
    uint8_t word[TX_LIKENESS_BASES];
    for (uint8_t change = 0; change < 2; change++) {
      uint32_t number = 0;
      memcpy(word, w->codes[7] + at, sizeof word);
      word[3] = (uint8_t)((word[3] + change) % 4); /* the changed one is hardly there */
      for (size_t i = 0; i < sizeof word; i++) number = number << 2 | word[i];
      assert_true(fabs(likeness.scores[number] - TX_LIKENESS_UNITS * log2(4 * probability(w, word))) <=
                  0.5 + 1e-9);
    }
  }
  free(w);
}

static void scores_are_means_of_whole_words(void **state)
{
  static int8_t scores[TX_LIKENESS_WORDS];
  const tx_likeness likeness = {scores, 2, {100, 200}, {-1, 1}};
  uint8_t codes[20] = {0};
  (void)state;
  scores[0] = 16;  /* eight A */
  scores[1] = -32; /* seven A and a C */
  assert_true(fabs(tx_likeness_score(&likeness, codes, 20) - 1) < 1e-12);
  assert_true(fabs(tx_likeness_score(&likeness, codes, 7)) < 1e-12);
  codes[8] = 1; /* words 0, then 1, then seven that score 0, then AAAAAAAA from 9 on: 4 of them */
  assert_true(fabs(tx_likeness_score(&likeness, codes, 20) - (16.0 - 32 + 4 * 16) / 16 / 13) < 1e-12);
  codes[8] = TX_BASE_N; /* words end at 7, and from 16 on */
  assert_true(fabs(tx_likeness_score(&likeness, codes, 20) - 1) < 1e-12);
  assert_true(fabs(tx_likeness_threshold(&likeness, 20) + 1) < 1e-12);
  assert_true(fabs(tx_likeness_threshold(&likeness, 125) + 0.5) < 1e-12);
  assert_true(fabs(tx_likeness_threshold(&likeness, 900) - 1) < 1e-12);
}

static void others_are_unlike(void **state)
{
  world *w = make_world();
  const tx_likeness likeness = fit_world(w);
  tx_random random;
  size_t refused = 0;
  uint8_t codes[LENGTH] = {0};
  (void)state;
  assert_int_equal(likeness.lengths, 5); /* 60, 100, 150, 250 and the whole */
  assert_true(fabs(likeness.length[4] - LENGTH) < 1e-9);
  for (size_t i = 0; i < RECORDS; i++) refused += !tx_likeness_accepts(&likeness, w->codes[i], LENGTH);
  assert_true(refused <= RECORDS / 100);
  for (size_t i = 0; i < RECORDS; i++) refused += !tx_likeness_accepts(&likeness, w->codes[i] + 40, 100);
  assert_true(refused <= RECORDS / 50);
  assert_false(tx_likeness_accepts(&likeness, codes, LENGTH)); /* A */
  tx_random_seed(&random, 8, 0, 0, 0);
  for (size_t i = 0; i < 50; i++) {
    mutate(codes, 1, &random);
    assert_false(tx_likeness_accepts(&likeness, codes, LENGTH));
  }
  for (size_t i = 0; i < LENGTH; i++) codes[i] = w->codes[20][LENGTH - 1 - i];
  assert_false(tx_likeness_accepts(&likeness, codes, LENGTH)); /* read backwards */
  free(w);
}

/* Runs and repeats, some with a thirtieth of the bases changed, though the chain finds their words likely. */
static void repeats_are_unlike(void **state)
{
  static int8_t scores[TX_LIKENESS_WORDS];
  static uint8_t codes[9000];
  const tx_likeness likeness = {.scores = scores, .lengths = 1, .length = {60}, .threshold = {0}};
  tx_random random;
  (void)state;
  memset(scores, TX_LIKENESS_UNITS, sizeof scores);
  tx_random_seed(&random, 3, 0, 0, 0);
  for (size_t unit = 1; unit <= 12; unit++) {
    for (size_t count = 60; count <= sizeof codes; count *= 5) {
      for (size_t i = 0; i < count; i++) codes[i] = (uint8_t)(i < unit ? i * i % 4 : codes[i - unit]);
      assert_false(tx_likeness_accepts(&likeness, codes, count));
    }
    for (size_t i = 0; i < 300; i++)
      if (tx_random_below(&random, 30) == 0) codes[i] = (uint8_t)tx_random_below(&random, 4);
    assert_false(tx_likeness_accepts(&likeness, codes, 300));
  }
  for (size_t i = 0; i < sizeof codes; i++) codes[i] = (uint8_t)tx_random_below(&random, 4);
  for (size_t count = 60; count <= sizeof codes; count *= 5)
    assert_true(tx_likeness_accepts(&likeness, codes, count));
  for (size_t i = 300; i < sizeof codes; i++) codes[i] = codes[i - 300];
  assert_true(tx_likeness_accepts(&likeness, codes, 500));
  assert_false(tx_likeness_accepts(&likeness, codes, 3000));
}

static void few_records_give_none(void **state)
{
  world *w = make_world();
  (void)state;
  w->count = TX_LIKENESS_RECORDS - 1;
  assert_null(fit_world(w).scores);
  w->count = 0;
  assert_null(fit_world(w).scores);
  w->count = RECORDS; /* without a label nothing is judged */
  for (size_t i = 0; i < RECORDS; i++) w->groups[i] = i < TX_LIKENESS_RECORDS - 1 ? 1 + i : 0;
  assert_null(fit_world(w).scores);
  w->groups[TX_LIKENESS_RECORDS] = 1;
  assert_non_null(fit_world(w).scores);
  free(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scores_are_those_of_the_formula), cmocka_unit_test(scores_are_means_of_whole_words),
      cmocka_unit_test(others_are_unlike), cmocka_unit_test(repeats_are_unlike),
      cmocka_unit_test(few_records_give_none)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
