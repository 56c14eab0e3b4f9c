/* Byte-pair encoding against references that recount everything each time, and examples checked by hand. */
#include "seq/bpe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "seq/bases.h"
#include "seq/tokenizer.h"

enum { LONGEST = 400, SEQUENCES = 40 };

typedef struct corpus {
  size_t count;
  size_t lengths[SEQUENCES];
  uint8_t codes[SEQUENCES][LONGEST];
} corpus;

static void add(corpus *own, const char *letters)
{
  own->lengths[own->count] = tx_bases_encode(letters, strlen(letters), own->codes[own->count]);
  own->count++;
}

static tx_bpe *learn(const corpus *own, size_t symbols, size_t longest, size_t *ret_tokens)
{
  tx_bpe_learner *learner = NULL;
  tx_bpe *bpe = NULL;
  tx_error error = {0};
  size_t bases = 0;
  for (size_t i = 0; i < own->count; i++) bases += own->lengths[i];
  assert_int_equal(tx_bpe_learner_create(own->count, bases, &learner, &error), TX_OK);
  for (size_t i = 0; i < own->count; i++) tx_bpe_learner_add(learner, own->codes[i], own->lengths[i]);
  assert_int_equal(tx_bpe_learner_bases(learner), bases);
  if (tx_bpe_learn(learner, symbols, longest, NULL, &bpe, &error) != TX_OK) fail_msg("%s", error.message);
  if (ret_tokens) *ret_tokens = tx_bpe_learner_tokens(learner);
  tx_bpe_learner_free(learner);
  return bpe;
}

/* One merge wherever it fits, from left to right. */
static size_t reference_merge(int32_t *ids, size_t count, tx_bpe_pair pair, int32_t symbol)
{
  size_t used = 0;
  for (size_t i = 0; i < count; used++)
    if (i + 1 < count && ids[i] == pair.left && ids[i + 1] == pair.right) {
      ids[used] = symbol;
      i += 2;
    } else {
      ids[used] = ids[i++];
    }
  return used;
}

static size_t reference_bases(const uint8_t *codes, size_t count, int32_t *ids)
{
  for (size_t i = 0; i < count; i++) ids[i] = codes[i] < 4 ? 3 + codes[i] : 2;
  return count;
}

static size_t reference_encode(const tx_bpe *bpe, const uint8_t *codes, size_t count, int32_t *ids)
{
  count = reference_bases(codes, count, ids);
  for (size_t i = 0; i < tx_bpe_merges(bpe); i++)
    count = reference_merge(ids, count, tx_bpe_merge(bpe, i), 7 + (int32_t)i);
  return count;
}

/* Bases of an id, from the merges; returns how many. */
static size_t spell(const tx_bpe *bpe, int32_t id, uint8_t *codes)
{
  size_t count;
  if (id < 7) {
    *codes = id == 2 ? 4 : (uint8_t)(id - 3);
    return 1;
  }
  count = spell(bpe, tx_bpe_merge(bpe, (size_t)id - 7).left, codes);
  return count + spell(bpe, tx_bpe_merge(bpe, (size_t)id - 7).right, codes + count);
}

/* Learns as the definition says: counts all pairs of all sequences for each merge. Checks bpe against it; ret
   the tokens left. */
static size_t check_learned(const corpus *own, const tx_bpe *bpe, size_t symbols, size_t longest)
{
  static int32_t ids[SEQUENCES][LONGEST];
  static unsigned counts[256][256];
  size_t lengths[SEQUENCES], known = 7, tokens = 0;
  uint8_t codes[LONGEST];
  for (size_t s = 0; s < own->count; s++)
    lengths[s] = reference_bases(own->codes[s], own->lengths[s], ids[s]);
  assert_true(symbols <= 256);
  for (; known < symbols; known++) {
    unsigned best = 1;
    tx_bpe_pair pair = {0, 0};
    memset(counts, 0, sizeof counts);
    for (size_t s = 0; s < own->count; s++)
      for (size_t i = 1; i < lengths[s]; i++) counts[ids[s][i - 1]][ids[s][i]]++;
    for (int32_t left = 3; left < (int32_t)known; left++)
      for (int32_t right = 3; right < (int32_t)known; right++)
        if (counts[left][right] > best && spell(bpe, left, codes) + spell(bpe, right, codes) <= longest) {
          best = counts[left][right];
          pair = (tx_bpe_pair){left, right};
        }
    if (best == 1) break;
    assert_true(known - 7 < tx_bpe_merges(bpe));
    assert_int_equal(tx_bpe_merge(bpe, known - 7).left, pair.left);
    assert_int_equal(tx_bpe_merge(bpe, known - 7).right, pair.right);
    for (size_t s = 0; s < own->count; s++)
      lengths[s] = reference_merge(ids[s], lengths[s], pair, (int32_t)known);
  }
  assert_int_equal(tx_bpe_symbols(bpe), known);
  for (size_t s = 0; s < own->count; s++) tokens += lengths[s];
  return tokens;
}

/* Encodes and compares: with the reference, and spelt out with the bases. Returns the number of tokens. */
static size_t check_encoded(const tx_bpe *bpe, const uint8_t *codes, size_t count)
{
  int32_t *wanted = malloc((count + 1) * sizeof *wanted), *ids = malloc((count + 1) * sizeof *ids);
  int32_t *scratch = malloc((tx_bpe_scratch(bpe, count) + 1) * sizeof *scratch);
  uint8_t *spelt = malloc(count + TX_BPE_LONGEST_MAX);
  size_t used, at = 0;
  assert_true(wanted && ids && scratch && spelt);
  reference_bases(codes, count, ids);
  ids[count] = scratch[tx_bpe_scratch(bpe, count)] = -7; /* to see that they stay untouched */
  used = tx_bpe_encode(bpe, ids, count, scratch);
  assert_int_equal(used, reference_encode(bpe, codes, count, wanted));
  for (size_t i = 0; i < used; i++) {
    assert_int_equal(ids[i], wanted[i]);
    assert_true(at < count);
    at += spell(bpe, ids[i], spelt + at);
  }
  assert_int_equal(at, count);
  for (size_t i = 0; i < count; i++) assert_int_equal(spelt[i], codes[i] < 4 ? codes[i] : 4);
  assert_int_equal(ids[count], -7);
  assert_int_equal(scratch[tx_bpe_scratch(bpe, count)], -7);
  free(wanted);
  free(ids);
  free(scratch);
  free(spelt);
  return used;
}

static void random_codes(tx_random *random, uint8_t *codes, size_t count, uint64_t alphabet, bool uncertain)
{
  for (size_t i = 0; i < count; i++)
    codes[i] = uncertain && tx_random_below(random, 15) == 0 ? 4 : (uint8_t)tx_random_below(random, alphabet);
}

/* ATATGG ATATC: AT is there 4 times, TA twice. AT = 7; then [AT AT], 2; then nothing is there twice. */
static void learns_what_a_hand_finds(void **state)
{
  corpus own = {0};
  static const tx_bpe_pair wanted[] = {{3, 6}, {7, 7}};
  size_t tokens;
  tx_bpe *bpe;
  (void)state;
  add(&own, "ATATGG");
  add(&own, "ATATC");
  bpe = learn(&own, 100, 1024, &tokens);
  assert_int_equal(tx_bpe_merges(bpe), 2);
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(tx_bpe_merge(bpe, i).left, wanted[i].left);
    assert_int_equal(tx_bpe_merge(bpe, i).right, wanted[i].right);
  }
  assert_int_equal(tokens, 5); /* ATAT G G, ATAT C */
  assert_int_equal(tx_bpe_symbols(bpe), 9);
  assert_int_equal(tx_bpe_longest(bpe), 4);
  assert_int_equal(check_learned(&own, bpe, 100, 1024), 5);
  tx_bpe_free(bpe);
  bpe = learn(&own, 8, 1024, &tokens); /* no more than asked for */
  assert_int_equal(tx_bpe_merges(bpe), 1);
  assert_int_equal(tokens, 7);
  tx_bpe_free(bpe);
  bpe = learn(&own, 100, 3, NULL); /* ATAT is too long now, and nothing else is there twice */
  assert_int_equal(tx_bpe_merges(bpe), 1);
  tx_bpe_free(bpe);
  bpe = learn(&own, 7, 1024, &tokens);
  assert_int_equal(tx_bpe_merges(bpe), 0);
  assert_int_equal(tokens, 11);
  tx_bpe_free(bpe);
}

/* GT and CA are there twice each, CT and AG too: the lower left id first, then the lower right one. */
static void ties_go_to_the_lower_pair(void **state)
{
  corpus own = {0};
  tx_bpe *bpe;
  (void)state;
  add(&own, "GTNGTNCTNCTNCANCANAGNAG");
  bpe = learn(&own, 100, 1024, NULL);
  static const tx_bpe_pair wanted[] = {{3, 5}, {4, 3}, {4, 6}, {5, 6}};
  assert_int_equal(tx_bpe_merges(bpe), 4);
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(tx_bpe_merge(bpe, i).left, wanted[i].left);
    assert_int_equal(tx_bpe_merge(bpe, i).right, wanted[i].right);
  }
  tx_bpe_free(bpe);
}

/* What is uncertain joins nothing, is never learned, and ends of records are ends of words. */
static void uncertain_bases_and_ends_keep_apart(void **state)
{
  corpus own = {0};
  tx_bpe *bpe;
  uint8_t codes[] = {0, 1, 4, 0, 4, 4, 1, 0, 1};
  (void)state;
  add(&own, "ANANANAN");
  add(&own, "NC");
  for (int i = 0; i < 5; i++) add(&own, "G");
  add(&own, "");
  bpe = learn(&own, 100, 1024, NULL);
  assert_int_equal(tx_bpe_merges(bpe), 0);
  assert_int_equal(check_encoded(bpe, codes, sizeof codes), sizeof codes);
  tx_bpe_free(bpe);
  own = (corpus){0};
  add(&own, "ACACAC");
  bpe = learn(&own, 8, 1024, NULL);
  assert_int_equal(check_encoded(bpe, codes, sizeof codes), 7); /* AC N A N N C AC */
  tx_bpe_free(bpe);
}

/* Runs of one base have overlapping pairs: they are joined from the left, whatever is merged around them. */
static void runs_are_joined_from_the_left(void **state)
{
  static const tx_bpe_pair pairs[] = {{3, 3}, {7, 7}, {7, 3}, {8, 9}, {6, 3}};
  uint8_t codes[100];
  tx_error error;
  tx_bpe *bpe;
  (void)state;
  assert_int_equal(tx_bpe_create(pairs, 5, &bpe, &error), TX_OK);
  for (size_t length = 0; length <= 60; length++) {
    memset(codes, 0, length);
    check_encoded(bpe, codes, length);
    codes[length] = 3; /* ...AT, TA..., A...TA... */
    check_encoded(bpe, codes, length + 1);
    memset(codes + length + 1, 0, 11);
    check_encoded(bpe, codes, length + 12);
    check_encoded(bpe, codes + length, 12);
  }
  memset(codes, 0, 7);
  assert_int_equal(check_encoded(bpe, codes, 7), 1); /* AAAA AA A -> AAAA AAA -> one */
  tx_bpe_free(bpe);
}

static void agrees_with_recounting(void **state)
{
  tx_random random;
  static corpus own;
  (void)state;
  tx_random_seed(&random, 5, 0, 0, 0);
  for (size_t round = 0; round < 40; round++) {
    const uint64_t alphabet = round % 4 + 1; /* few different bases: many overlaps and ties */
    const size_t symbols = 8 + (size_t)tx_random_below(&random, 150),
                 longest = round % 3 ? 1024 : 2 + round / 3;
    size_t tokens;
    tx_bpe *bpe;
    own.count = 1 + (size_t)tx_random_below(&random, SEQUENCES);
    for (size_t s = 0; s < own.count; s++) {
      own.lengths[s] = (size_t)tx_random_below(&random, round % 2 ? LONGEST : 30);
      random_codes(&random, own.codes[s], own.lengths[s], alphabet, s % 2);
    }
    bpe = learn(&own, symbols, longest, &tokens);
    assert_int_equal(check_learned(&own, bpe, symbols, longest), tokens);
    assert_true(tx_bpe_longest(bpe) <= longest);
    for (size_t s = 0; s < own.count; s++) {
      uint8_t codes[LONGEST];
      /* what was learned from is cut as it was when it was learned */
      tokens -= check_encoded(bpe, own.codes[s], own.lengths[s]);
      random_codes(&random, codes, LONGEST, 4, true);
      check_encoded(bpe, codes, (size_t)tx_random_below(&random, LONGEST));
      memcpy(codes, own.codes[s], own.lengths[s]);
      tx_bases_reverse_complement(codes, own.lengths[s]);
      check_encoded(bpe, codes, own.lengths[s]);
    }
    assert_int_equal(tokens, 0);
    tx_bpe_free(bpe);
  }
}

static void impossible_merges_are_refused(void **state)
{
  static tx_bpe_pair doubling[12], many[TX_BPE_SYMBOLS_MAX];
  static const struct {
    tx_bpe_pair pairs[2];
    size_t count;
    const char *message; /* NULL: good */
  } cases[] = {{{{3, 3}, {7, 7}}, 2, NULL},
               {{{6, 6}}, 1, NULL},
               {{{2, 3}}, 1, "only 3 to 6"},
               {{{3, 2}}, 1, "only 3 to 6"},
               {{{7, 3}}, 1, "only 3 to 6"},
               {{{3, 3}, {3, 8}}, 2, "merge 1 joins 3 and 8, but only 3 to 7"},
               {{{-1, 3}}, 1, "only 3 to 6"},
               {{{3, INT32_MAX}}, 1, "only 3 to 6"},
               {{{3, 4}, {3, 4}}, 2, "merge 1 joins 3 and 4, as does merge 0"}};
  tx_bpe *bpe = NULL;
  tx_error error;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    tx_status status = tx_bpe_create(cases[i].pairs, cases[i].count, &bpe, &error);
    assert_int_equal(status, cases[i].message ? TX_ERROR_DATA : TX_OK);
    if (!cases[i].message)
      tx_bpe_free(bpe);
    else if (!strstr(error.message, cases[i].message))
      fail_msg("%s", error.message);
  }
  for (int32_t i = 0; i < 12; i++) doubling[i] = (tx_bpe_pair){i ? 6 + i : 3, i ? 6 + i : 3};
  assert_int_equal(tx_bpe_create(doubling, 10, &bpe, &error), TX_OK);
  assert_int_equal(tx_bpe_longest(bpe), 1024);
  tx_bpe_free(bpe);
  assert_int_equal(tx_bpe_create(doubling, 11, &bpe, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "2048 bases"));
  assert_int_equal(tx_bpe_create(many, TX_BPE_SYMBOLS_MAX - 6, &bpe, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "more than 4089"));
}

/* The same through the tokenizer: offsets start later, padding is unknown, and what is learned from is
   bounded by the room. */
static void the_tokenizer_encodes_bpe(void **state)
{
  static const tx_bpe_pair pairs[] = {{3, 6}, {7, 5}, {5, 5}};
  static const uint8_t codes[] = {0, 3, 2, 2, 2, 4, 0, 3, 1}; /* ATGGGNATC */
  static const int32_t wanted[] = {2, 2, 2, 8, 9, 2, 7, 4};
  tx_tokenizer tokenizer = {.kind = TX_TOKENIZER_BPE, .k = 1, .stride = 1};
  int32_t ids[128];
  size_t padding;
  tx_error error;
  (void)state;
  assert_int_equal(tx_tokenizer_symbols(&tokenizer), 7); /* nothing learned yet: bases */
  assert_int_equal(tx_tokenizer_encode(&tokenizer, codes, 9, 0, ids, &padding), 9);
  assert_int_equal(ids[5], TX_TOKEN_UNK);
  assert_int_equal(tx_bpe_create(pairs, 3, &tokenizer.bpe, &error), TX_OK);
  assert_int_equal(tx_tokenizer_check(&tokenizer, &error), TX_OK);
  assert_int_equal(tx_tokenizer_symbols(&tokenizer), 10);
  assert_int_equal(tx_tokenizer_vocabulary(&tokenizer), 16);
  assert_int_equal(tx_tokenizer_offsets(&tokenizer), 1);
  assert_int_equal(tx_tokenizer_bound(&tokenizer, 9), 9);
  assert_true(tx_tokenizer_capacity(&tokenizer, 9) >= 9 && tx_tokenizer_capacity(&tokenizer, 12) <= 128);
  assert_int_equal(tx_tokenizer_encode(&tokenizer, codes, 9, 0, ids, &padding), 5);
  assert_memory_equal(ids, wanted + 3, 5 * sizeof *ids);
  assert_int_equal(padding, 0);
  assert_int_equal(tx_tokenizer_encode(&tokenizer, codes, 9, 1, ids, NULL), 6); /* T GG G N AT C */
  assert_int_equal(ids[1], 9);
  assert_int_equal(tx_tokenizer_encode(&tokenizer, codes, 0, 0, ids, &padding), 0);
  assert_int_equal(tx_tokenizer_encode(&tokenizer, codes, 1, 0, ids, &padding), 1);
  assert_int_equal(tx_tokenizer_encode(&tokenizer, codes, 9, 9, ids, &padding), 0);
  tokenizer.pad_to = 12;
  assert_int_equal(tx_tokenizer_encode(&tokenizer, codes, 9, 0, ids, &padding), 8);
  assert_memory_equal(ids, wanted, sizeof wanted);
  assert_int_equal(padding, 3);
  tx_tokenizer_free(&tokenizer);
  tx_tokenizer_free(&tokenizer); /* once more does no harm */
}

static void the_room_is_kept(void **state)
{
  static const uint8_t codes[] = {0, 1, 0, 1, 0, 1};
  tx_bpe_learner *learner = NULL;
  tx_bpe *bpe = NULL;
  tx_error error;
  (void)state;
  assert_int_equal(tx_bpe_learner_create(2, 8, &learner, &error), TX_OK);
  for (size_t i = 0; i < 4; i++) tx_bpe_learner_add(learner, codes, sizeof codes);
  assert_int_equal(tx_bpe_learner_bases(learner), 8);
  assert_int_equal(tx_bpe_learner_sequences(learner), 2);
  assert_int_equal(tx_bpe_learn(learner, 6, 1024, NULL, &bpe, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_bpe_learn(learner, TX_BPE_SYMBOLS_MAX + 1, 1024, NULL, &bpe, &error), TX_ERROR_USAGE);
  assert_int_equal(tx_bpe_learn(learner, 8, 1024, NULL, &bpe, &error), TX_OK);
  assert_int_equal(tx_bpe_learner_tokens(learner), 4);
  tx_bpe_free(bpe);
  tx_bpe_learner_free(learner);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(learns_what_a_hand_finds),
      cmocka_unit_test(ties_go_to_the_lower_pair),
      cmocka_unit_test(uncertain_bases_and_ends_keep_apart),
      cmocka_unit_test(runs_are_joined_from_the_left),
      cmocka_unit_test(agrees_with_recounting),
      cmocka_unit_test(impossible_merges_are_refused),
      cmocka_unit_test(the_tokenizer_encodes_bpe),
      cmocka_unit_test(the_room_is_kept),
  };
  return cmocka_run_group_tests_name("seq_bpe", tests, NULL, NULL);
}
