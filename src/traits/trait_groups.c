/* Which records of a study of traits are for training, calibration and test. */
#include "traits/trait_study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

static const struct {
  const char *words;
  tx_trait_group group;
} kinds[] = {{"train", TX_TRAIT_TRAINING},
             {"val|validation|calibration", TX_TRAIT_CALIBRATION},
             {"test|test_seen", TX_TRAIT_TEST},
             {"test_unseen|unseen", TX_TRAIT_TEST_UNSEEN}};

static const char *split_of(const tx_trait_study *study, size_t record)
{
  const tx_trait_records *records = study->records;
  const char *id = tx_points_id(records->points, record);
  int64_t specimen;
  if (records->splits)
    return records->splits[record] < 0
               ? NULL
               : tx_names_key(records->split_names, (uint32_t)records->splits[record], NULL);
  specimen = tx_traits_find(study->traits, id, strlen(id));
  return specimen < 0 ? NULL : tx_traits_split(study->traits, (size_t)specimen);
}

static bool group_by_column(tx_trait_study *study)
{
  bool any = false;
  for (size_t i = 0; i < tx_points_count(study->records->points); i++) {
    const char *split = split_of(study, i);
    study->split_names[i] = split;
    study->groups[i] = TX_TRAIT_OTHER;
    if (!split) continue;
    any = true;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
      if (tx_choice_find(kinds[k].words, split) >= 0) study->groups[i] = kinds[k].group;
  }
  return any;
}

/* Whether the record takes part in a random split. */
static bool has_value(const tx_trait_study *study, size_t record)
{
  for (size_t t = 0; t < study->count; t++)
    if (!isnan(study->outcomes[t].measured[record])) return true;
  return false;
}

/* Marks the taxa that are wholly in the test. */
static void hold_out(const tx_trait_study *study, tx_random *random, const uint32_t *records, size_t count,
                     uint32_t *taxa, bool *held)
{
  size_t distinct = 0, wanted;
  for (size_t i = 0; i < count; i++) {
    const int32_t taxon = study->lowest[records[i]];
    if (taxon < 0 || held[taxon]) continue;
    held[taxon] = true; /* for now: counted */
    taxa[distinct++] = (uint32_t)taxon;
  }
  for (size_t i = 0; i < distinct; i++) held[taxa[i]] = false;
  tx_random_shuffle(random, taxa, distinct);
  wanted = (size_t)(study->options.unseen_share * (double)distinct + 0.5);
  for (size_t i = 0; i < wanted && i < distinct; i++) held[taxa[i]] = true;
}

static tx_status group_at_random(tx_trait_study *study, tx_error *error)
{
  static const char *const names[] = {NULL, "train", "calibration", "test", "test_unseen"};
  const size_t points = tx_points_count(study->records->points);
  uint32_t *records = tx_malloc_aligned(2 * points + 1, sizeof *records);
  bool *held = tx_calloc_aligned(tx_names_count(study->taxa) + 1, sizeof *held);
  size_t count = 0, seen = 0;
  tx_random random;
  study->random = true;
  if (records && held) {
    for (size_t i = 0; i < points; i++) {
      study->groups[i] = TX_TRAIT_OTHER;
      if (has_value(study, i)) records[count++] = (uint32_t)i;
    }
    tx_random_seed(&random, study->options.seed, 0, 0, 1);
    hold_out(study, &random, records, count, records + points, held);
    tx_random_shuffle(&random, records, count);
    for (size_t i = 0; i < count; i++) {
      const int32_t taxon = study->lowest[records[i]];
      if (taxon >= 0 && held[taxon])
        study->groups[records[i]] = TX_TRAIT_TEST_UNSEEN;
      else
        records[seen++] = records[i];
    }
    for (size_t i = 0; i < seen; i++)
      study->groups[records[i]] = 5 * i < 3 * seen   ? TX_TRAIT_TRAINING
                                  : 5 * i < 4 * seen ? TX_TRAIT_CALIBRATION
                                                     : TX_TRAIT_TEST;
    for (size_t i = 0; i < points; i++) study->split_names[i] = names[study->groups[i]];
  }
  free(held);
  if (!records || !held) {
    free(records);
    return tx_fail_memory(error, "the groups of records");
  }
  free(records);
  return TX_OK;
}

tx_status tx_trait_study_group(tx_trait_study *study, tx_error *error)
{
  if (study->options.splitting != TX_TRAIT_SPLIT_RANDOM && group_by_column(study)) return TX_OK;
  if (study->options.splitting == TX_TRAIT_SPLIT_COLUMN)
    return tx_fail(error, TX_ERROR_DATA,
                   "no record has a split: neither the labels nor the table of traits have a split column");
  return group_at_random(study, error);
}
