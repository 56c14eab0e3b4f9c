/* Shards: augmentation, offsets, labels, the order of an epoch. */
#include "unit/train_fixture.h"

#include "dataset/batch.h"
#include "dataset/streams.h"
#include "seq/bases.h"

#include <math.h>

static const tx_tokenizer kmers = {TX_TOKENIZER_KMER, 6, 6, 0, 0, false, NULL};
static const tx_tokenizer chars = {TX_TOKENIZER_CHAR, 1, 1, 0, 100, false, NULL};

enum { RECORDS = 20, LENGTH = 120 };

static tx_dataset *make_dataset(void)
{
  static const char *const ranks[] = {"family", "species"};
  tx_dataset *dataset = fixture_dataset(ranks, 2);
  tx_error error;
  for (size_t i = 0; i < RECORDS; i++) {
    uint8_t codes[LENGTH];
    char species[16];
    const char *const taxa[] = {"F", i % 4 ? species : NULL};
    tx_random random;
    snprintf(species, sizeof species, "S%zu", i % 3);
    tx_random_seed(&random, 1, i, 0, 0);
    for (size_t j = 0; j < LENGTH; j++)
      codes[j] = i == 3 && j < 20 ? TX_BASE_N : (uint8_t)tx_random_below(&random, 4);
    fixture_add(dataset, codes, LENGTH - i, taxa, i + 2);
  }
  if (tx_dataset_label(dataset, NULL, &error) != TX_OK) fail_msg("%s", error.message);
  return dataset;
}

static void test_plain_shard(void **state)
{
  tx_dataset *dataset = make_dataset();
  tx_shard shard;
  tx_error error;
  (void)state;
  assert_int_equal(tx_shard_create(dataset, &kmers, RECORDS, 1, &shard, &error), TX_OK);
  for (int round = 0; round < 2; round++) {
    tx_shard_clear(&shard);
    for (uint32_t i = 0; i < RECORDS; i++) tx_shard_add(&shard, dataset, &kmers, i, NULL, NULL);
    assert_int_equal(shard.pack.sequences, RECORDS);
    assert_null(shard.pack.padding);
    for (uint32_t i = 0; i < RECORDS; i++) {
      uint8_t codes[LENGTH];
      int32_t ids[LENGTH];
      const size_t count = tx_dataset_codes(dataset, i, codes),
                   tokens = tx_tokenizer_encode(&kmers, codes, count, 0, ids, NULL);
      assert_int_equal(shard.pack.starts[i + 1] - shard.pack.starts[i], tokens);
      assert_memory_equal(shard.pack.ids + shard.pack.starts[i], ids, tokens * sizeof *ids);
      for (size_t r = 0; r < 2; r++)
        assert_int_equal(tx_shard_labels(&shard, r)[i], tx_dataset_label_of(dataset, i, r));
    }
  }
  assert_true(shard.pack.starts[RECORDS] <= tx_shard_tokens(&shard));
  tx_shard_free(&shard);
  assert_int_equal(tx_shard_create(dataset, &chars, 4, 1, &shard, &error), TX_OK);
  tx_shard_add(&shard, dataset, &chars, RECORDS - 1, NULL, NULL); /* 101 bases: no padding */
  assert_non_null(shard.pack.padding);
  assert_int_equal(shard.pack.padding[0], 0);
  tx_shard_free(&shard);
  {
    tx_tokenizer pooled = chars; /* the network takes the mean over all tokens */
    pooled.pool_padding = true;
    assert_int_equal(tx_shard_create(dataset, &pooled, 4, 1, &shard, &error), TX_OK);
    assert_null(shard.pack.padding);
    tx_shard_free(&shard);
  }
  tx_dataset_free(dataset);
}

/* The same streams give the same shard; each offset occurs; the tokens are those of the augmented codes. */
static void test_augmented_shard(void **state)
{
  const tx_augmentation augmentation = {
      .random_offset = true, .substitution = 0.05, .crop = 0.5, .crop_minimum = 0.5};
  tx_dataset *dataset = make_dataset();
  tx_shard one, other;
  tx_error error;
  size_t different = 0;
  (void)state;
  assert_int_equal(tx_shard_create(dataset, &kmers, RECORDS, 1, &one, &error), TX_OK);
  assert_int_equal(tx_shard_create(dataset, &kmers, RECORDS, 1, &other, &error), TX_OK);
  for (uint64_t epoch = 0; epoch < 20; epoch++) {
    tx_random random;
    tx_shard_clear(&one);
    tx_shard_clear(&other);
    for (uint32_t i = 0; i < RECORDS; i++) {
      tx_random_seed(&random, 3, epoch, i, TX_STREAM_AUGMENT);
      tx_shard_add(&one, dataset, &kmers, i, &augmentation, &random);
      tx_random_seed(&random, 3, epoch, i, TX_STREAM_AUGMENT);
      tx_shard_add(&other, dataset, &kmers, i, &augmentation, &random);
    }
    assert_memory_equal(one.starts, other.starts, (RECORDS + 1) * sizeof *one.starts);
    assert_memory_equal(one.ids, other.ids, one.starts[RECORDS] * sizeof *one.ids);
    for (uint32_t t = 0; t < one.starts[RECORDS]; t++)
      assert_in_range(one.ids[t], TX_TOKEN_UNK, tx_tokenizer_symbols(&kmers) - 1);
    for (uint32_t i = 0; i < RECORDS; i++) assert_true(one.starts[i + 1] > one.starts[i]);
    if (epoch > 0) {
      tx_shard_clear(&other);
      for (uint32_t i = 0; i < RECORDS; i++) {
        tx_random_seed(&random, 3, epoch - 1, i, TX_STREAM_AUGMENT);
        tx_shard_add(&other, dataset, &kmers, i, &augmentation, &random);
      }
      different += one.starts[RECORDS] != other.starts[RECORDS] ||
                   memcmp(one.ids, other.ids, one.starts[RECORDS] * sizeof *one.ids) != 0;
    }
  }
  assert_int_equal(different, 19);
  tx_shard_free(&one);
  tx_shard_free(&other);
  tx_dataset_free(dataset);
}

/* Two strands: what the augmentation left, as with one, and its reverse complement from the same offset,
   without N at the end. */
static void test_shard_of_pairs(void **state)
{
  const tx_augmentation augmentation = {
      .random_offset = true, .substitution = 0.05, .crop = 0.5, .crop_minimum = 0.5};
  tx_dataset *dataset = make_dataset();
  tx_shard one, pairs;
  tx_error error;
  (void)state;
  assert_int_equal(tx_shard_create(dataset, &kmers, RECORDS, 1, &one, &error), TX_OK);
  assert_int_equal(tx_shard_create(dataset, &kmers, RECORDS, 2, &pairs, &error), TX_OK);
  assert_int_equal(tx_shard_tokens(&pairs), 2 * tx_shard_tokens(&one));
  assert_int_equal(tx_shard_sequences(&pairs), 2 * RECORDS);
  for (uint64_t epoch = 0; epoch < 10; epoch++) {
    const tx_augmentation *used = epoch ? &augmentation : NULL;
    tx_random random;
    tx_shard_clear(&one);
    tx_shard_clear(&pairs);
    for (uint32_t i = 0; i < RECORDS; i++) {
      tx_random_seed(&random, 3, epoch, i, TX_STREAM_AUGMENT);
      tx_shard_add(&one, dataset, &kmers, i, used, &random);
      tx_random_seed(&random, 3, epoch, i, TX_STREAM_AUGMENT);
      tx_shard_add(&pairs, dataset, &kmers, i, used, &random);
    }
    assert_int_equal(pairs.pack.sequences, 2 * RECORDS);
    assert_int_equal(pairs.pack.strands, 2);
    assert_int_equal(tx_shard_records(&pairs), RECORDS);
    for (uint32_t i = 0; i < RECORDS; i++) {
      uint8_t codes[LENGTH];
      int32_t ids[LENGTH];
      size_t count = tx_dataset_codes(dataset, i, codes), offset = 0,
             tokens = one.starts[i + 1] - one.starts[i];
      assert_int_equal(pairs.starts[2 * i + 1] - pairs.starts[2 * i], tokens);
      assert_memory_equal(pairs.ids + pairs.starts[2 * i], one.ids + one.starts[i], tokens * sizeof *ids);
      tx_random_seed(&random, 3, epoch, i, TX_STREAM_AUGMENT);
      if (used) count = tx_augment(used, codes, count, 2 * kmers.k, &random);
      if (used) offset = (size_t)tx_random_below(&random, tx_tokenizer_offsets(&kmers));
      tx_bases_reverse_complement(codes, count);
      if (i == 3 && !used) assert_int_equal(tx_bases_trim(codes, count, 0), count - 20);
      count = tx_bases_trim(codes, count, 0);
      tokens = tx_tokenizer_encode(&kmers, codes, count, offset, ids, NULL);
      assert_int_equal(pairs.starts[2 * i + 2] - pairs.starts[2 * i + 1], tokens);
      assert_memory_equal(pairs.ids + pairs.starts[2 * i + 1], ids, tokens * sizeof *ids);
      for (size_t r = 0; r < 2; r++)
        assert_int_equal(tx_shard_labels(&pairs, r)[i], tx_dataset_label_of(dataset, i, r));
    }
  }
  tx_shard_free(&one);
  tx_shard_free(&pairs);
  tx_dataset_free(dataset);
}

static void test_substitutions(void **state)
{
  enum { BASES = 1000, ROUNDS = 400 };
  const tx_augmentation augmentation = {.substitution = 0.1, .crop_minimum = 1.0};
  uint8_t original[BASES], codes[BASES];
  size_t changed = 0;
  tx_random random;
  (void)state;
  tx_random_seed(&random, 1, 2, 3, 4);
  for (size_t i = 0; i < BASES; i++) original[i] = (uint8_t)(i % 5);
  for (int round = 0; round < ROUNDS; round++) {
    memcpy(codes, original, BASES);
    assert_int_equal(tx_augment(&augmentation, codes, BASES, 12, &random), BASES);
    for (size_t i = 0; i < BASES; i++) {
      if (original[i] == TX_BASE_N) assert_int_equal(codes[i], TX_BASE_N);
      assert_true(codes[i] <= TX_BASE_N && (codes[i] == TX_BASE_N) == (original[i] == TX_BASE_N));
      changed += codes[i] != original[i];
    }
  }
  /* rates uniform in 0..0.1: 5 % of the four fifths that are no N, give or take */
  assert_true(fabs((double)changed / (0.8 * BASES * ROUNDS) - 0.05) < 0.005);
}

static void test_crops(void **state)
{
  enum { BASES = 300, ROUNDS = 2000 };
  const tx_augmentation augmentation = {.crop = 0.5, .crop_minimum = 0.4};
  size_t cropped = 0, shortest = BASES, starts = 0;
  tx_random random;
  (void)state;
  tx_random_seed(&random, 4, 3, 2, 1);
  for (int round = 0; round < ROUNDS; round++) {
    uint8_t codes[BASES], original[BASES];
    size_t kept;
    for (size_t i = 0; i < BASES; i++) original[i] = codes[i] = (uint8_t)((i * i / 7 + i / 3) % 4);
    kept = tx_augment(&augmentation, codes, BASES, 12, &random);
    assert_true(kept <= BASES);
    cropped += kept < BASES;
    if (kept < shortest) shortest = kept;
    for (size_t start = 0; start <= BASES - kept; start++) /* a contiguous piece of the original */
      if (memcmp(original + start, codes, kept) == 0) {
        starts += start > 0;
        break;
      } else {
        assert_true(start < BASES - kept);
      }
  }
  assert_true(cropped > 900 && cropped < 1100);
  assert_in_range(shortest, 120, 125);
  assert_true(starts > 700);
  { /* a minimum in bases, also of records that are shorter; lengths of a list */
    const size_t lengths[] = {30, 100};
    const tx_augmentation bases = {.crop = 1.0, .crop_minimum = 100},
                          listed = {.crop = 1.0, .crop_minimum = 0.5, .crop_lengths = lengths,
                                    .crop_length_count = 2};
    size_t fewest = BASES, most = 0, long_ones = 0, below = 0;
    for (int round = 0; round < ROUNDS; round++) {
      uint8_t codes[BASES] = {0};
      size_t kept = tx_augment(&bases, codes, BASES, 12, &random);
      fewest = kept < fewest ? kept : fewest;
      most = kept > most ? kept : most;
      below += kept < 173; /* the geometric mean of the bounds: half of the crops */
      assert_int_equal(tx_augment(&bases, codes, 80, 12, &random), 80);
      kept = tx_augment(&listed, codes, BASES, 12, &random);
      assert_true(kept == 30 || kept == 100);
      long_ones += kept == 100;
      assert_true(tx_augment(&listed, codes, 50, 40, &random) >= 40);
    }
    assert_in_range(fewest, 100, 102);
    assert_in_range(most, 298, 300);
    assert_in_range(long_ones, 900, 1100);
    assert_in_range(below, 900, 1100);
  }
  { /* never below the length that tokens need */
    const tx_augmentation all = {.crop = 1.0, .crop_minimum = 0.05};
    for (int round = 0; round < 100; round++) {
      uint8_t codes[14] = {0};
      assert_true(tx_augment(&all, codes, 14, 12, &random) >= 12);
    }
  }
}

/* A share of the records is read backwards, the others are as they were; with a share of 0 nothing is drawn
   for it. */
static void test_reverse_complement(void **state)
{
  enum { BASES = 50, ROUNDS = 2000 };
  tx_augmentation augmentation = {.crop_minimum = 1.0, .reverse_complement = 0.3};
  uint8_t original[BASES], reversed[BASES], codes[BASES];
  size_t turned = 0;
  tx_random random, other;
  (void)state;
  for (size_t i = 0; i < BASES; i++) original[i] = reversed[i] = (uint8_t)((i * i / 3 + i) % 5);
  tx_bases_reverse_complement(reversed, BASES);
  tx_random_seed(&random, 9, 8, 7, 6);
  for (int round = 0; round < ROUNDS; round++) {
    memcpy(codes, original, BASES);
    assert_int_equal(tx_augment(&augmentation, codes, BASES, 12, &random), BASES);
    if (memcmp(codes, original, BASES) == 0) continue;
    assert_memory_equal(codes, reversed, BASES);
    turned++;
  }
  assert_in_range(turned, 540, 660);
  other = random;
  augmentation.reverse_complement = 0;
  tx_augment(&augmentation, codes, BASES, 12, &random);
  for (int i = 0; i < 2; i++) tx_random_real(&other); /* of crop and substitution */
  assert_memory_equal(&random, &other, sizeof random);
}

static void test_epoch_order(void **state)
{
  tx_dataset *dataset = make_dataset();
  uint32_t first[RECORDS], again[RECORDS], next[RECORDS];
  size_t seen[RECORDS] = {0};
  (void)state;
  tx_epoch_order(&dataset->train, 1, 0, first);
  tx_epoch_order(&dataset->train, 1, 0, again);
  tx_epoch_order(&dataset->train, 1, 1, next);
  assert_memory_equal(first, again, sizeof first);
  assert_memory_not_equal(first, next, sizeof first);
  for (size_t i = 0; i < RECORDS; i++) seen[next[i]]++;
  for (size_t i = 0; i < RECORDS; i++) assert_int_equal(seen[i], 1);
  tx_dataset_free(dataset);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_plain_shard),    cmocka_unit_test(test_augmented_shard),
      cmocka_unit_test(test_shard_of_pairs), cmocka_unit_test(test_substitutions),
      cmocka_unit_test(test_crops),          cmocka_unit_test(test_reverse_complement),
      cmocka_unit_test(test_epoch_order)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
