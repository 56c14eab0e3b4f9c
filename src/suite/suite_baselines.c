/* Baselines without a model: the nearest record by its 6-mers, and the most frequent taxon. */
#include "suite/suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "suite/profiles.h"

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the baselines");
}

/* The most frequent label of train at each rank, of equal ones the one that appears first. */
static tx_status find_majority(const tx_suite *suite, const char *ret_taxa[TX_RANKS_MAX], tx_error *error)
{
  const tx_suite_part *train = &suite->parts[TX_SUITE_TRAIN];
  for (size_t r = 0; r < suite->rank_count; r++) {
    const size_t names = tx_names_count(suite->taxa[r]);
    size_t *counts = calloc(names + 1, sizeof *counts), best = 0;
    if (!counts) return out_of_memory(error);
    for (size_t i = 0; i < train->count; i++) {
      const int32_t label = tx_suite_labels(suite, train, i)[r];
      if (label >= 0) counts[label]++;
    }
    for (size_t n = 1; n < names; n++)
      if (counts[n] > counts[best]) best = n;
    ret_taxa[r] = names && counts[best] ? tx_suite_taxon(suite, r, (int32_t)best) : NULL;
    free(counts);
  }
  return TX_OK;
}

static tx_status add_majority(tx_suite *suite, const tx_suite_view *queries, tx_error *error)
{
  tx_suite_answers head = {.stage = TX_STAGE_BASELINES, .method = "majority"}, *answers;
  const char *taxa[TX_RANKS_MAX] = {NULL};
  tx_status status = find_majority(suite, taxa, error);
  head.references[TX_SUITE_TRAIN] = true;
  if (status == TX_OK) status = tx_suite_add_answers(suite, &head, queries, false, &answers, error);
  for (size_t q = 0; status == TX_OK && q < queries->count; q++)
    for (size_t r = 0; r < suite->rank_count; r++) answers->called[q * suite->rank_count + r] = taxa[r];
  return status;
}

static tx_status profile(const tx_suite_view *view, tx_profiles **ret_profiles, tx_error *error)
{
  tx_status status = tx_profiles_create(ret_profiles, error);
  for (size_t i = 0; i < view->count && status == TX_OK; i++) {
    size_t count;
    const char *letters = tx_suite_letters(view->parts[i], view->records[i], &count);
    status = tx_profiles_add(*ret_profiles, letters, count, error);
  }
  return status;
}

/* What a search by 6-mers is made of. */
typedef struct search {
  const tx_suite *suite;
  const tx_suite_view *queries, *references;
  const tx_suite_options *options;
  tx_profiles *profiles; /* of the queries */
  uint32_t *sets;        /* (references) bit r: it has a label at rank r */
  int64_t *index;        /* (queries, ranks) */
} search;

static const char *letters_of(void *context, size_t reference, size_t *ret_count)
{
  const search *own = context;
  return tx_suite_letters(own->references->parts[reference], own->references->records[reference], ret_count);
}

static void tell(void *context, size_t references)
{
  const search *own = context;
  char line[96];
  if (!own->options->progress) return;
  snprintf(line, sizeof line, "6-mers: %zu of %zu references, %zu queries", references,
           own->references->count, own->queries->count);
  own->options->progress(own->options->context, line);
}

static tx_status search_ranks(search *own, tx_suite_answers *answers, tx_error *error)
{
  const tx_suite *suite = own->suite;
  const size_t ranks = suite->rank_count;
  const tx_profile_search how = {.queries = own->profiles,
                                 .reference_count = own->references->count,
                                 .sets = ranks,
                                 .sets_of = own->sets,
                                 .reference = letters_of,
                                 .progress = tell,
                                 .context = own,
                                 .threads = own->options->threads,
                                 .stop = own->options->stop};
  tx_status status;
  for (size_t i = 0; i < own->references->count; i++) {
    own->sets[i] = 0;
    for (size_t r = 0; r < ranks; r++)
      if (tx_suite_label(suite, own->references, i, r) >= 0) own->sets[i] |= UINT32_C(1) << r;
  }
  status = tx_profiles_nearest(&how, own->index, error);
  for (size_t a = 0; status == TX_OK && a < own->queries->count * ranks; a++)
    if (own->index[a] >= 0)
      answers->called[a] = tx_suite_taxon(
          suite, a % ranks, tx_suite_label(suite, own->references, (size_t)own->index[a], a % ranks));
  return status;
}

static tx_status add_kmers(tx_suite *suite, const tx_suite_view *queries, const tx_suite_view *references,
                           const tx_suite_options *options, tx_error *error)
{
  tx_suite_answers head = {.stage = TX_STAGE_BASELINES, .method = "6-mer 1-nearest neighbour"}, *answers;
  search own = {.suite = suite, .queries = queries, .references = references, .options = options};
  bool found = false;
  tx_status status;
  for (size_t s = 0; s < TX_SUITE_SPLITS; s++) head.references[s] = references->splits[s];
  status = tx_suite_add_answers(suite, &head, queries, false, &answers, error);
  if (status == TX_OK) status = tx_suite_recall_answers(suite, options, false, answers, &found, error);
  if (status != TX_OK || found) return status;
  status = profile(queries, &own.profiles, error);
  own.sets = tx_malloc_aligned(references->count + 1, sizeof *own.sets);
  own.index = tx_malloc_aligned(queries->count + 1, suite->rank_count * sizeof *own.index);
  if (status == TX_OK && !(own.sets && own.index)) status = out_of_memory(error);
  if (status == TX_OK) status = search_ranks(&own, answers, error);
  if (status == TX_OK) status = tx_suite_keep_answers(suite, options, false, answers, error);
  tx_profiles_free(own.profiles);
  free(own.sets);
  free(own.index);
  return status;
}

static tx_status run_split(tx_suite *suite, tx_suite_split split, bool keys, const tx_suite_options *options,
                           tx_error *error)
{
  bool queried[TX_SUITE_SPLITS] = {false}, searched[TX_SUITE_SPLITS] = {[TX_SUITE_TRAIN] = true};
  tx_suite_view queries = {0}, references = {0};
  tx_status status;
  queried[split] = true;
  searched[TX_SUITE_KEY_UNSEEN] = keys;
  status = tx_suite_view_create(suite, queried, &queries, error);
  if (status == TX_OK) status = tx_suite_view_create(suite, searched, &references, error);
  if (status == TX_OK) status = add_kmers(suite, &queries, &references, options, error);
  if (status == TX_OK && !keys) status = add_majority(suite, &queries, error);
  tx_suite_view_free(&queries);
  tx_suite_view_free(&references);
  return status;
}

tx_status tx_suite_baselines(tx_suite *suite, const tx_suite_options *options, tx_error *error)
{
  tx_status status = TX_OK;
  if (suite->parts[TX_SUITE_TEST].count) status = run_split(suite, TX_SUITE_TEST, false, options, error);
  if (status == TX_OK && suite->parts[TX_SUITE_TEST_UNSEEN].count) {
    status = run_split(suite, TX_SUITE_TEST_UNSEEN, false, options, error);
    if (status == TX_OK && suite->parts[TX_SUITE_KEY_UNSEEN].count)
      status = run_split(suite, TX_SUITE_TEST_UNSEEN, true, options, error);
  }
  return status;
}
