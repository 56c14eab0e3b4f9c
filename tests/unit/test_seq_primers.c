/* Primers: the bit-parallel search against a loop over all places, what is cut from a record, and what is no
   primer. */
#include "seq/primers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "seq/bases.h"

enum { MOST = 300, TEXT = 512 };

/* Primers of COI (Leray et al. 2013), and sites of them. */
#define LERAY "GGWACWGGWTGAACWGTWTAYCCYCC,TAIACYTCIGGRTGICCRAARAAYCA"
#define FORWARD_SITE "GGAACAGGATGAACAGTATACCCCCC"
#define REVERSE_SITE "TGATTTTTTGGACACCCAGAAGTCTA"
#define AMPLICON "TTTATCATCTGGAATTGCACATAGAGGAGCATCAGTTGATTTAGCTATTTTTTCATTACATTTAGCAGG"

static tx_primers parse(const char *text)
{
  tx_primers primers;
  tx_error error = {0};
  if (tx_primers_parse(text, &primers, &error) != TX_OK) fail_msg("%s", error.message);
  return primers;
}

static uint32_t random_set(tx_random *random, uint64_t rate)
{
  return tx_random_below(random, rate) ? 1u << tx_random_below(random, 4)
                                       : 1u + (uint32_t)tx_random_below(random, 15);
}

/* Mismatches of a primer, letter i of which is `own[i]`, at a place. */
static size_t count_mismatches(const uint8_t *own, size_t length, const uint8_t *sets)
{
  size_t mismatches = 0;
  for (size_t i = 0; i < length; i++) mismatches += (sets[i] & ~own[i]) != 0;
  return mismatches;
}

static bool find_plainly(const tx_primer *primer, const uint8_t *own, const uint8_t *sets, size_t count,
                         size_t from, size_t *ret_start, size_t *ret_mismatches)
{
  size_t least = primer->mismatches + 1;
  for (size_t at = from; at + primer->length <= count; at++) {
    const size_t mismatches = count_mismatches(own, primer->length, sets + at);
    if (mismatches >= least) continue;
    least = mismatches;
    *ret_start = at;
    *ret_mismatches = mismatches;
  }
  return least <= primer->mismatches;
}

static void the_search_is_that_of_a_loop(void **state)
{
  tx_random random;
  size_t hits = 0;
  (void)state;
  tx_random_seed(&random, 1, 0, 0, 0);
  for (size_t round = 0; round < 3000; round++) {
    const size_t length = TX_PRIMER_LEAST + tx_random_below(&random, TX_PRIMER_MOST + 1 - TX_PRIMER_LEAST);
    const size_t count = tx_random_below(&random, MOST);
    const size_t from = tx_random_below(&random, 20);
    char text[TEXT];
    uint8_t own[TX_PRIMER_MOST], sets[MOST];
    tx_primers primers;
    size_t start[2], mismatches[2];
    for (size_t i = 0; i < length; i++) {
      own[i] = (uint8_t)(i < TX_PRIMER_CERTAIN ? 1u << tx_random_below(&random, 4) : random_set(&random, 5));
      text[i] = tx_bases_set_letter(own[i]);
    }
    snprintf(text + length, TEXT - length, ",%s", REVERSE_SITE);
    primers = parse(text);
    assert_int_equal(primers.forward.length, length);
    for (size_t i = 0; i < count; i++) sets[i] = (uint8_t)random_set(&random, 30);
    for (size_t copies = 0; count >= length && copies < 3; copies++) { /* with some errors */
      const size_t at = tx_random_below(&random, count - length + 1);
      memcpy(sets + at, own, length);
      for (size_t e = tx_random_below(&random, 12); e > 0; e--)
        sets[at + tx_random_below(&random, length)] = (uint8_t)random_set(&random, 9);
    }
    const bool found = find_plainly(&primers.forward, own, sets, count, from, &start[0], &mismatches[0]);
    assert_int_equal(tx_primer_find(&primers.forward, sets, count, from, &start[1], &mismatches[1]), found);
    if (!found) continue;
    hits++;
    assert_int_equal(start[0], start[1]);
    assert_int_equal(mismatches[0], mismatches[1]);
  }
  assert_in_range(hits, 500, 2900);
}

/* What is cut from a record, and by how many primers; on both strands. */
static void expect(const char *primers_text, const char *record, const char *amplicon, int count)
{
  const tx_primers primers = parse(primers_text);
  tx_amplicon_buffer buffer = {0};
  tx_amplicon cut;
  char reversed[TEXT];
  const size_t length = strlen(record);
  for (size_t i = 0; i < length; i++)
    reversed[i] = tx_bases_set_letter(tx_bases_set_complement(tx_bases_set(record[length - 1 - i])));
  for (int strand = 0; strand < 2; strand++) {
    assert_true(tx_primers_cut(&primers, strand ? reversed : record, length, &buffer, &cut));
    assert_int_equal(cut.primers, count);
    if (!count) continue;
    assert_int_equal(cut.reversed, strand);
    assert_int_equal(cut.count, strlen(amplicon));
    assert_memory_equal(cut.letters, amplicon, cut.count);
  }
  tx_amplicon_buffer_free(&buffer);
}

static void records_are_cut_between_the_sites(void **state)
{
  (void)state;
  expect(LERAY, "ACGGTT" FORWARD_SITE AMPLICON REVERSE_SITE "CCATG", AMPLICON, 2);
  expect(LERAY, FORWARD_SITE AMPLICON REVERSE_SITE, AMPLICON, 2);
  /* three of 26 letters may mismatch, not four */
  expect(LERAY, "AC" "CCAACACGATGAACAGTATACCCCCC" AMPLICON REVERSE_SITE "C", AMPLICON, 2);
  expect(LERAY, "AC" "CCTTGACGATGAACAGTATACCCCCC" AMPLICON REVERSE_SITE "C",
         "AC" "CCTTGACGATGAACAGTATACCCCCC" AMPLICON, 1);
  /* uncertain letters: of the amplicon they stay, in a site they match only if the primer allows all */
  expect(LERAY, FORWARD_SITE "TNRA" AMPLICON REVERSE_SITE, "TNRA" AMPLICON, 2);
  expect(LERAY, "GGWACWGGWTGAACWGTWTAYCCYCC" AMPLICON REVERSE_SITE, AMPLICON, 2);
  expect(LERAY, "NNNNNNNNNNNNNNNNNNNNNNNNNN" AMPLICON, "", 0);
}

static void one_site_is_enough(void **state)
{
  (void)state;
  expect(LERAY, "ACGGTT" FORWARD_SITE AMPLICON, AMPLICON, 1);
  expect(LERAY, AMPLICON REVERSE_SITE "ACC", AMPLICON, 1);
  expect(LERAY, AMPLICON AMPLICON, "", 0);
  /* the record ends inside the second site */
  expect(LERAY, "ACGGTT" FORWARD_SITE AMPLICON "TGATTTTTTGGACACCC", AMPLICON, 2);
  expect(LERAY, "ACGGTT" FORWARD_SITE AMPLICON "TGATTTTTTG", AMPLICON, 2);
  expect(LERAY, "ACGGTT" FORWARD_SITE AMPLICON "TGATTTTTT", AMPLICON "TGATTTTTT", 1);
  expect(LERAY, "GTATACCCCCC" AMPLICON REVERSE_SITE "ACC", AMPLICON, 2);
  /* a reverse site before the forward one */
  expect(LERAY, REVERSE_SITE "ACC" FORWARD_SITE AMPLICON, AMPLICON, 1);
  expect(LERAY, "", "", 0);
}

/* Gaps, small letters and U in the record and in the primers. */
static void letters_are_normalised(void **state)
{
  const tx_primers primers = parse(" ggwacwggwugaacwguwuayccycc , UAIACYTCIGGRTGICCRAARAAYCA");
  static const char record[] = "ggaacagga--tgaacagtatacccccc ACGU-ac.gtR" REVERSE_SITE;
  tx_amplicon_buffer buffer = {0};
  tx_amplicon cut;
  (void)state;
  assert_true(tx_primers_cut(&primers, record, strlen(record), &buffer, &cut));
  assert_int_equal(cut.primers, 2);
  assert_int_equal(cut.count, 9);
  assert_memory_equal(cut.letters, "ACGTACGTR", 9);
  tx_amplicon_buffer_free(&buffer);
}

static void refuse(const char *text, const char *message)
{
  tx_primers primers;
  tx_error error = {0};
  assert_int_equal(tx_primers_parse(text, &primers, &error), TX_ERROR_USAGE);
  if (!strstr(error.message, message)) fail_msg("%s", error.message);
}

static void what_is_no_primer_is_refused(void **state)
{
  char text[TEXT];
  (void)state;
  refuse("ACGTACGTAC", "needs two primers, FORWARD,REVERSE, not 1");
  refuse("ACGTACGTAC,ACGTACGTAG,ACGTACGTAT", "not 3");
  refuse("ACGTACGTA,ACGTACGTAG", "the forward primer has 9 letters: from 10 to 64");
  memset(text, 'A', TX_PRIMER_MOST + 1);
  snprintf(text + TX_PRIMER_MOST + 1, TEXT - TX_PRIMER_MOST - 1, ",ACGTACGTAG");
  refuse(text, "65 letters");
  refuse("ACGTACGTAC,ACGTJCGTAG", "letter 5 of the reverse primer is no nucleotide");
  refuse("ACGTACGTAC,ACGT-CGTAG", "letter 5 of the reverse primer");
  refuse("ACGTACGTAC,ACGT CGTAG", "letter 5 of the reverse primer");
  refuse("ACGTACGNNNNN,ACGTACGTAG", "the forward primer has 7 letters that stand for a single base");
  parse("ACGTACGTNN,acgtacgtiii");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_search_is_that_of_a_loop),
      cmocka_unit_test(records_are_cut_between_the_sites),
      cmocka_unit_test(one_site_is_enough),
      cmocka_unit_test(letters_are_normalised),
      cmocka_unit_test(what_is_no_primer_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
