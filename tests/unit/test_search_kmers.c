/* Lists of k-mers against the references, one k-mer after the other: also where the gaps of a list take more
   than 16 bits. */
#include "tree_fixture.h"

enum { COUNT = 140000, BASES = 50, K = 10 };

static tx_references *make_references(void)
{
  static const char *const taxa[] = {"O", "F", "G", "G s"};
  tx_references_builder *builder = begin_references();
  tx_random random;
  tx_random_seed(&random, 21, 0, 0, 0);
  for (size_t i = 0; i < COUNT; i++) {
    char bases[BASES + 1] = {0};
    for (size_t j = 0; j < BASES; j++) bases[j] = "ACGT"[tx_random_below(&random, 4)];
    add_record(builder, "x", bases, taxa);
  }
  return end_references(builder);
}

/* Reads a list on, from *at and the number before. */
static uint32_t next_number(const tx_kmer_lists *lists, uint64_t *at, uint32_t number, size_t *skips)
{
  for (;; ++*skips) {
    const uint16_t gap = lists->gaps[(*at)++];
    number += gap;
    if (gap != TX_KMER_SKIP) return number;
  }
}

static void lists_have_each_reference_once(void **state)
{
  const size_t kmers = (size_t)1 << 2 * K;
  tx_references *references = make_references();
  uint64_t *at = malloc(kmers * sizeof *at);
  uint32_t *numbers = malloc(kmers * sizeof *numbers), *counts = calloc(kmers, sizeof *counts);
  tx_kmer_lists *lists;
  tx_error error = {0};
  size_t skips = 0;
  (void)state;
  assert_true(at && numbers && counts && references->count == COUNT);
  if (tx_kmer_lists_create(references, NULL, K, &lists, &error) != TX_OK) fail_msg("%s", error.message);
  memcpy(at, lists->starts, kmers * sizeof *at);
  memset(numbers, 0xff, kmers * sizeof *numbers);
  for (uint32_t i = 0; i < references->count; i++) {
    const tx_sequence sequence = tx_references_sequence(references, i);
    for (size_t j = 0; j + K <= sequence.count; j++) {
      const uint32_t kmer = (uint32_t)(tx_sequence_word(sequence.words, j) & (kmers - 1));
      if (numbers[kmer] == i) continue;
      numbers[kmer] = next_number(lists, &at[kmer], numbers[kmer], &skips);
      assert_int_equal(numbers[kmer], i);
      counts[kmer]++;
    }
  }
  assert_true(skips > 1000);
  for (size_t kmer = 0; kmer < kmers; kmer++) {
    assert_int_equal(at[kmer], lists->starts[kmer + 1]);
    assert_int_equal(counts[kmer], lists->counts[kmer]);
    assert_int_equal(counts[kmer] == 0, lists->weights[kmer] == 0);
  }
  tx_kmer_lists_free(lists);
  tx_references_free(references);
  free(at);
  free(numbers);
  free(counts);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(lists_have_each_reference_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
