/* Packed sequences: letters in and out, exceptions, reverse complement, cuts. */
#include "search/sequence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "seq/bases.h"

static const char letters[] = "ACGTRYSWKMBDHVN";

static void fill(tx_sequence_buffer *buffer, const char *text)
{
  assert_true(tx_sequence_fill(buffer, text, strlen(text), false));
}

/* The letters of a sequence, each by its set. */
static void assert_letters(const tx_sequence *sequence, const char *expected)
{
  assert_int_equal(sequence->count, strlen(expected));
  for (size_t i = 0; i < sequence->count; i++)
    assert_int_equal(tx_sequence_set(sequence, i), tx_bases_set(expected[i]));
}

static void packs_letters(void **state)
{
  tx_sequence_buffer buffer = {0};
  (void)state;
  fill(&buffer, "ACGTUacgtu");
  assert_letters(&buffer.view, "ACGTTACGTT");
  assert_int_equal(buffer.view.exception_count, 0);
  fill(&buffer, "A-C.G T\nA");
  assert_letters(&buffer.view, "ACGTA");
  fill(&buffer, "ANNRYAXA");
  assert_letters(&buffer.view, "ANNRYANA");
  assert_int_equal(buffer.view.exception_count, 4); /* NN, R, Y, X */
  assert_int_equal(tx_sequence_certain(&buffer.view), 3);
  fill(&buffer, "NNACGTRNN");
  assert_letters(&buffer.view, "ACGT"); /* uncertain ends go */
  fill(&buffer, "NNN");
  assert_int_equal(buffer.view.count, 0);
  fill(&buffer, "");
  assert_int_equal(buffer.view.count, 0);
  tx_sequence_buffer_free(&buffer);
}

static void cuts_what_is_too_long(void **state)
{
  char *text = malloc(TX_SEQUENCE_MAX + 101);
  tx_sequence_buffer buffer = {0};
  (void)state;
  memset(text, 'A', 100);
  memset(text + 100, 'C', TX_SEQUENCE_MAX);
  text[TX_SEQUENCE_MAX + 100] = '\0';
  assert_true(tx_sequence_fill(&buffer, text, TX_SEQUENCE_MAX + 100, false));
  assert_int_equal(buffer.view.count, TX_SEQUENCE_MAX);
  assert_int_equal(tx_sequence_set(&buffer.view, 99), 1);
  assert_int_equal(tx_sequence_set(&buffer.view, 100), 2);
  assert_true(tx_sequence_fill(&buffer, text, TX_SEQUENCE_MAX + 100, true));
  assert_int_equal(buffer.view.count, TX_SEQUENCE_MAX);
  assert_int_equal(tx_sequence_set(&buffer.view, 0), 2);
  tx_sequence_buffer_free(&buffer);
  free(text);
}

static void random_text(tx_random *random, char *text, size_t count)
{
  for (size_t i = 0; i < count; i++)
    text[i] = letters[tx_random_below(random, tx_random_below(random, 4) ? 4 : sizeof letters - 1)];
  if (count) text[0] = text[count - 1] = 'G'; /* ends are trimmed */
  text[count] = '\0';
}

static void agrees_with_letters(void **state)
{
  tx_sequence_buffer buffer = {0}, other = {0}, back = {0};
  tx_random random;
  char text[200];
  uint64_t bits[8];
  (void)state;
  tx_random_seed(&random, 1, 0, 0, 0);
  for (size_t round = 0; round < 500; round++) {
    const size_t count = 1 + tx_random_below(&random, 150), first = tx_random_below(&random, count),
                 length = tx_random_below(&random, count - first + 1);
    size_t at = 0, exception = 0, end, certain = 0;
    random_text(&random, text, count);
    fill(&buffer, text);
    assert_letters(&buffer.view, text);
    tx_sequence_certain_bits(&buffer.view, bits);
    for (size_t i = 0; i < count; i++)
      assert_int_equal(bits[i / 32] >> 2 * (i % 32) & 3, strchr("ACGT", text[i]) != NULL);
    for (; tx_sequence_stretch(&buffer.view, &at, &exception, &end); at = end)
      for (size_t i = at; i < end; i++, certain++) assert_non_null(strchr("ACGT", text[i]));
    assert_int_equal(certain, tx_sequence_certain(&buffer.view));
    assert_true(tx_sequence_reverse(&other, &buffer.view));
    for (size_t i = 0; i < count; i++) {
      const uint32_t set = tx_bases_set(text[count - 1 - i]);
      assert_int_equal(tx_sequence_set(&other.view, i),
                       (set & 1) << 3 | (set & 2) << 1 | (set & 4) >> 1 | (set & 8) >> 3);
    }
    assert_true(tx_sequence_reverse(&back, &other.view));
    assert_int_equal(tx_sequence_compare(&back.view, &buffer.view), 0);
    assert_true(tx_sequence_cut(&other, &buffer.view, first, length));
    assert_int_equal(other.view.count, length);
    for (size_t i = 0; i < length; i++)
      assert_int_equal(tx_sequence_set(&other.view, i), tx_bases_set(text[first + i]));
  }
  tx_sequence_buffer_free(&buffer);
  tx_sequence_buffer_free(&other);
  tx_sequence_buffer_free(&back);
}

static void orders_by_content(void **state)
{
  static const char *const texts[] = {"A", "C", "AC", "AT", "ACGT", "ACNT", "ACRT"};
  tx_sequence_buffer a = {0}, b = {0};
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    for (size_t j = 0; j < sizeof texts / sizeof *texts; j++) {
      fill(&a, texts[i]);
      fill(&b, texts[j]);
      assert_int_equal(tx_sequence_compare(&a.view, &b.view), -tx_sequence_compare(&b.view, &a.view));
      assert_int_equal(tx_sequence_compare(&a.view, &b.view) == 0, i == j);
    }
  tx_sequence_buffer_free(&a);
  tx_sequence_buffer_free(&b);
}

/* TAA and TAG, at any place of a word, are the only two of the 64 codons. */
static void stop_codons_are_found(void **state)
{
  tx_sequence_buffer buffer = {0};
  size_t stops = 0;
  (void)state;
  for (unsigned codon = 0; codon < 64; codon++) {
    char text[80] = "ACGTTGCAACGGTCATTGCACCGGTTCACGTA"; /* 32, so that the codon lies in two words */
    const size_t at = 30 + codon % 3;
    for (unsigned i = 0; i < 3; i++) text[at + i] = "ACGT"[codon >> 2 * i & 3];
    memcpy(text + at + 3, "CC", 3);
    fill(&buffer, text);
    if (!tx_sequence_is_stop(tx_sequence_word(buffer.view.words, at))) continue;
    stops++;
    assert_true(memcmp(text + at, "TAA", 3) == 0 || memcmp(text + at, "TAG", 3) == 0);
  }
  assert_int_equal(stops, 2);
  tx_sequence_buffer_free(&buffer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(packs_letters),
      cmocka_unit_test(cuts_what_is_too_long),
      cmocka_unit_test(agrees_with_letters),
      cmocka_unit_test(orders_by_content),
      cmocka_unit_test(stop_codons_are_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
