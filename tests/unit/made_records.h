/* Made-up barcodes with lineages, and reference sets of them. */
#ifndef TX_TESTS_MADE_RECORDS_H
#define TX_TESTS_MADE_RECORDS_H

#include "base/random.h"
#include "evidence/prior.h"
#include "evidence/reference_file.h"

#include "unit/scratch.h"

enum { MADE_BASES = 180, MADE_SPECIES = 12, MADE_RECORDS = 48, MADE_RANKS = 3 };

static const char *const made_ranks[MADE_RANKS] = {"family", "genus", "species"};

/* A record; taxa "" for no label. */
typedef struct made_record {
  char id[16];
  char bases[MADE_BASES + 1];
  char taxa[MADE_RANKS][32];
} made_record;

typedef struct made_records {
  made_record records[MADE_RECORDS + 8];
  size_t count;
} made_records;

static inline void change_bases(tx_random *random, char *bases, size_t changes)
{
  for (size_t i = 0; i < changes; i++) {
    char *base = &bases[tx_random_below(random, MADE_BASES)];
    *base = "ACGTA"[strcspn("ACGT", (char[2]){*base, 0}) + 1];
  }
}

/* Four records of each of 12 species in 6 genera of 2 families; some with uncertain letters, some without a
   label, two that are the same, and two that contradict each other. */
static inline void make_records(made_records *made)
{
  tx_random random;
  char root[MADE_BASES + 1] = {0}, genus[MADE_BASES + 1], species[MADE_BASES + 1];
  memset(made, 0, sizeof *made);
  tx_random_seed(&random, 5, 1, 2, 3);
  for (size_t i = 0; i < MADE_BASES; i++) root[i] = "ACGT"[tx_random_below(&random, 4)];
  for (size_t s = 0; s < MADE_SPECIES; s++) {
    if (s % 2 == 0) {
      memcpy(genus, root, sizeof genus);
      change_bases(&random, genus, 30);
    }
    memcpy(species, genus, sizeof species);
    change_bases(&random, species, 12);
    for (size_t i = 0; i < MADE_RECORDS / MADE_SPECIES; i++) {
      made_record *record = &made->records[made->count];
      snprintf(record->id, sizeof record->id, "r%02zu", made->count++);
      memcpy(record->bases, species, sizeof species);
      change_bases(&random, record->bases, 1 + i);
      if (i == 1) memcpy(record->bases + 9 + 7 * s, "NNRY", 4);
      snprintf(record->taxa[0], sizeof record->taxa[0], "Family%zu", s / 6);
      snprintf(record->taxa[1], sizeof record->taxa[1], "Genus%zu", s / 2);
      if (i != 3) snprintf(record->taxa[2], sizeof record->taxa[2], "Genus%zu sp%zu", s / 2, s);
      if (s == 4) record->taxa[0][0] = '\0';
    }
  }
  for (size_t i = 0; i < 2; i++) {
    made_record *record = &made->records[made->count++];
    *record = made->records[8];
    snprintf(record->id, sizeof record->id, "again%zu", i);
    if (i == 1) snprintf(record->taxa[2], sizeof record->taxa[2], "Genus1 other");
  }
}

/* Adds records first, first + step, ... below `end`. */
static inline void add_records(tx_references_builder *builder, const made_records *made, size_t first,
                               size_t end, size_t step)
{
  for (size_t i = first; i < end; i += step) {
    const made_record *record = &made->records[i];
    const char *taxa[MADE_RANKS];
    tx_error error = {0};
    for (size_t r = 0; r < MADE_RANKS; r++) taxa[r] = record->taxa[r][0] ? record->taxa[r] : NULL;
    assert_int_equal(tx_references_builder_add(builder,
                                               &(tx_reference_record){.id = record->id,
                                                                      .bases = record->bases,
                                                                      .base_count = strlen(record->bases),
                                                                      .taxa = taxa,
                                                                      .file = "made",
                                                                      .line = i + 1},
                                               &error),
                     TX_OK);
  }
}

static inline tx_references_builder *make_builder(void)
{
  tx_references_builder *builder = NULL;
  tx_error error = {0};
  assert_int_equal(tx_references_builder_create(made_ranks, MADE_RANKS, &builder, &error), TX_OK);
  return builder;
}

/* Finishes and frees the builder. */
static inline tx_references *finish(tx_references_builder *builder)
{
  tx_references *references = NULL;
  tx_error error = {0};
  if (tx_references_builder_finish(builder, &references, &error) != TX_OK) fail_msg("%s", error.message);
  tx_references_builder_free(builder);
  return references;
}

/* All of them, with weights that were not fitted. */
static inline tx_reference_set *make_set(const made_records *made)
{
  tx_references_builder *builder = make_builder();
  tx_reference_set *set = NULL;
  tx_error error = {0};
  add_records(builder, made, 0, made->count, 1);
  assert_int_equal(tx_reference_set_create(finish(builder), &set, &error), TX_OK);
  set->fitted.length_count = 2;
  set->fitted.lengths[0] = 100;
  set->fitted.lengths[1] = MADE_BASES;
  assert_int_equal(tx_prior_estimate(&set->space, set->fitted.prior, &error), TX_OK);
  for (size_t i = 0; i < 2; i++)
    for (size_t k = 0; k < set->space.kinds; k++)
      for (size_t f = 0; f < TX_FEATURES; f++)
        set->fitted.weights[i].of[k][f] = 0.25 * (double)(f + 1) - 0.5 * (double)k - (double)i;
  return set;
}

static inline void expect_equal_references(const tx_references *a, const tx_references *b)
{
  tx_bytes left = {0}, right = {0};
  tx_error error = {0};
  assert_int_equal(a->count, b->count);
  assert_int_equal(a->ranks, b->ranks);
  assert_int_equal(a->records, b->records);
  assert_int_equal(a->word_count, b->word_count);
  assert_int_equal(a->exception_count, b->exception_count);
  assert_int_equal(a->lineage_count, b->lineage_count);
  assert_memory_equal(a->words, b->words, a->word_count * sizeof *a->words);
  assert_memory_equal(a->exceptions, b->exceptions, a->exception_count * sizeof *a->exceptions);
  assert_memory_equal(a->references, b->references, (a->count + 1) * sizeof *a->references);
  assert_memory_equal(a->lineages, b->lineages, a->lineage_count * a->ranks * sizeof *a->lineages);
  assert_memory_equal(a->id_starts, b->id_starts, (a->count + 1) * sizeof *a->id_starts);
  assert_memory_equal(a->ids, b->ids, a->id_starts[a->count]);
  assert_int_equal(tx_taxonomy_write(a->taxonomy, &left, &error), TX_OK);
  assert_int_equal(tx_taxonomy_write(b->taxonomy, &right, &error), TX_OK);
  assert_string_equal(left.data, right.data);
  tx_bytes_free(&left);
  tx_bytes_free(&right);
}

#endif
