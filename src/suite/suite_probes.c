/* Stages of the suite that name taxa: the model's answers, the linear probe, nearest neighbours. */
#include "suite/suite.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/neighbours.h>

#include "base/error.h"
#include "base/memory.h"
#include "suite/probe.h"

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the probes");
}

/* The model's answers to some splits, as a result of a stage. */
static tx_status take_answers(tx_suite *suite, tx_suite_stage stage, const bool splits[TX_SUITE_SPLITS],
                              tx_error *error)
{
  const tx_suite_answers head = {.stage = stage, .method = suite->method, .model_knows = true};
  tx_suite_answers *answers;
  tx_suite_view view;
  tx_status status = tx_suite_view_create(suite, splits, &view, error);
  if (status == TX_OK) status = tx_suite_add_answers(suite, &head, &view, true, &answers, error);
  for (size_t i = 0; status == TX_OK && i < view.count; i++) {
    const size_t ranks = suite->rank_count, from = view.records[i] * ranks;
    memcpy(answers->called + i * ranks, view.parts[i]->called + from, ranks * sizeof *answers->called);
    memcpy(answers->confidences + i * ranks, view.parts[i]->confidences + from, ranks * sizeof(double));
  }
  tx_suite_view_free(&view);
  return status;
}

tx_status tx_suite_heads(tx_suite *suite, tx_error *error)
{
  static const tx_suite_split order[] = {TX_SUITE_TEST, TX_SUITE_TEST_UNSEEN};
  tx_status status = TX_OK;
  for (size_t i = 0; i < 2 && status == TX_OK; i++) {
    bool splits[TX_SUITE_SPLITS] = {false};
    splits[order[i]] = true;
    if (suite->parts[order[i]].count) status = take_answers(suite, TX_STAGE_HEADS, splits, error);
  }
  return status;
}

tx_status tx_suite_calibration(tx_suite *suite, tx_error *error)
{
  bool splits[TX_SUITE_SPLITS] = {false};
  for (tx_suite_split s = TX_SUITE_TEST; s <= TX_SUITE_TEST_UNSEEN; s++)
    splits[s] = suite->parts[s].count > 0;
  return take_answers(suite, TX_STAGE_CALIBRATION, splits, error);
}

/* The linear probe. */

/* The records of train that a rank is fitted to. */
typedef struct rank_fit {
  float *vectors;
  int32_t *labels;  /* numbers from 0 in the order of the names' first appearance */
  int32_t *names;   /* (classes) label of the suite per number */
  size_t count, classes;
  const tx_suite_options *options;
  const char *rank;
} rank_fit;

static bool is_finite(const float *vector, size_t width)
{
  for (size_t i = 0; i < width; i++)
    if (!isfinite(vector[i])) return false;
  return true;
}

static tx_status collect(const tx_suite *suite, size_t rank, rank_fit *own, tx_error *error)
{
  const tx_suite_part *train = &suite->parts[TX_SUITE_TRAIN];
  const size_t names = tx_names_count(suite->taxa[rank]), width = suite->width;
  int32_t *numbers = tx_malloc_aligned(names + 1, sizeof *numbers);
  own->vectors = tx_malloc_aligned(train->count, width * sizeof *own->vectors);
  own->labels = tx_malloc_aligned(train->count, sizeof *own->labels);
  own->names = tx_malloc_aligned(names + 1, sizeof *own->names);
  if (!numbers || !own->vectors || !own->labels || !own->names) {
    free(numbers);
    return out_of_memory(error);
  }
  for (size_t i = 0; i < names; i++) numbers[i] = -1;
  for (size_t i = 0; i < train->count; i++) {
    const int32_t label = tx_suite_labels(suite, train, i)[rank];
    const float *vector = train->vectors + i * width;
    if (label < 0 || !is_finite(vector, width)) continue;
    if (numbers[label] < 0) {
      numbers[label] = (int32_t)own->classes;
      own->names[own->classes++] = label;
    }
    memcpy(own->vectors + own->count * width, vector, width * sizeof *vector);
    own->labels[own->count++] = numbers[label];
  }
  free(numbers);
  return TX_OK;
}

static void tell_fit(void *context, const tx_probe_fit *fit)
{
  const rank_fit *own = context;
  char line[160];
  if (!own->options->progress) return;
  snprintf(line, sizeof line, "linear probe, %s: iteration %zu, objective %.6f, gradient %.1e", own->rank,
           fit->iterations, fit->objective, fit->gradient);
  own->options->progress(own->options->context, line);
}

static tx_status answer(const tx_suite *suite, const tx_probe *probe, size_t rank, const rank_fit *fit,
                        tx_suite_answers *answers, tx_error *error)
{
  const tx_suite_part *test = &suite->parts[TX_SUITE_TEST];
  double *scratch = tx_malloc_aligned(fit->classes + suite->width, sizeof *scratch);
  if (!scratch) return out_of_memory(error);
  for (size_t i = 0; i < test->count; i++) {
    const size_t at = i * suite->rank_count + rank;
    const int32_t number =
        tx_probe_predict(probe, test->vectors + i * suite->width, scratch, &answers->confidences[at]);
    answers->called[at] = number < 0 ? NULL : tx_suite_taxon(suite, rank, fit->names[number]);
  }
  free(scratch);
  return TX_OK;
}

static tx_status fit_rank(const tx_suite *suite, size_t rank, const tx_suite_options *options,
                          tx_suite_answers *answers, tx_error *error)
{
  rank_fit fit = {.options = options, .rank = suite->ranks[rank]};
  const tx_probe_options how = {options->threads, options->stop, tell_fit, &fit};
  tx_probe *probe = NULL;
  tx_probe_fit end;
  tx_status status = collect(suite, rank, &fit, error);
  if (status == TX_OK && fit.count) {
    const tx_probe_data data = {fit.vectors, fit.labels, fit.count, suite->width, fit.classes};
    status = tx_probe_create(&data, &how, &probe, &end, error);
    if (status == TX_OK) status = answer(suite, probe, rank, &fit, answers, error);
  }
  tx_probe_free(probe);
  free(fit.vectors);
  free(fit.labels);
  free(fit.names);
  return status;
}

tx_status tx_suite_probe(tx_suite *suite, const tx_suite_options *options, tx_error *error)
{
  tx_suite_answers head = {.stage = TX_STAGE_PROBE, .method = "linear probe"}, *answers;
  const bool splits[TX_SUITE_SPLITS] = {[TX_SUITE_TEST] = true};
  bool found = false;
  tx_suite_view view;
  tx_status status = tx_suite_view_create(suite, splits, &view, error);
  head.references[TX_SUITE_TRAIN] = true;
  snprintf(head.settings, sizeof head.settings,
           "\"c\":1,\"scaling\":\"zscore\",\"optimiser\":\"l-bfgs\",\"tolerance\":%g,\"iterations\":%d",
           TX_PROBE_TOLERANCE, TX_PROBE_ITERATIONS);
  if (status == TX_OK) status = tx_suite_add_answers(suite, &head, &view, true, &answers, error);
  if (status == TX_OK) status = tx_suite_recall_answers(suite, options, true, answers, &found, error);
  for (size_t r = 0; status == TX_OK && !found && r < suite->rank_count; r++)
    status = fit_rank(suite, r, options, answers, error);
  if (status == TX_OK && !found) status = tx_suite_keep_answers(suite, options, true, answers, error);
  tx_suite_view_free(&view);
  return status;
}

/* Nearest neighbours. */

int32_t tx_vote(const int64_t *neighbours, const float *cosines, size_t k, const int32_t *labels)
{
  int32_t best = -1;
  size_t most = 0;
  double most_cosine = 0;
  for (size_t i = 0; i < k && neighbours[i] >= 0; i++) {
    const int32_t label = labels[neighbours[i]];
    size_t votes = 0;
    double cosine = 0;
    for (size_t j = 0; j < k && neighbours[j] >= 0; j++)
      if (labels[neighbours[j]] == label) {
        votes++;
        cosine += (double)cosines[j];
      }
    /* a label that came before is not replaced by itself, nor by an equal one that is farther */
    if (label >= 0 && (votes > most || (votes == most && cosine > most_cosine))) {
      best = label;
      most = votes;
      most_cosine = cosine;
    }
  }
  return best;
}

typedef struct search {
  const tx_suite *suite;
  const tx_suite_view *queries, *references;
  float *query_vectors, *reference_vectors;
  int32_t *labels;  /* (references) at one rank */
  int64_t *index;   /* (queries, k) */
  float *cosines;
  size_t k, rank;
  const tx_suite_options *options;
} search;

static void tell_search(void *context, size_t queries)
{
  const search *own = context;
  char line[160];
  if (!own->options->progress) return;
  snprintf(line, sizeof line, "nearest of %zu records, %s: %zu of %zu queries", own->references->count,
           own->suite->ranks[own->rank], queries, own->queries->count);
  own->options->progress(own->options->context, line);
}

/* The nearest references with a label at the rank: the others are hidden as rows of NaN. */
static tx_status search_rank(search *own, size_t rank, tx_error *error)
{
  const size_t width = own->suite->width;
  const tx_nearest_run run = {own->options->threads, own->options->stop, tell_search, own};
  own->rank = rank;
  for (size_t i = 0; i < own->references->count; i++) {
    const float *vector =
        own->references->parts[i]->vectors + own->references->records[i] * width;
    own->labels[i] = tx_suite_label(own->suite, own->references, i, rank);
    own->reference_vectors[i * width] = own->labels[i] < 0 ? NAN : vector[0];
  }
  return tx_nearest_several(&(tx_nearest_rows){own->query_vectors, own->queries->count,
                                               own->reference_vectors, own->references->count, width},
                            own->k, &run, own->index, own->cosines, error);
}

/* Whether the same references have labels at two ranks, so that one search is enough for both. */
static bool same_references(const search *own, size_t a, size_t b)
{
  for (size_t i = 0; i < own->references->count; i++)
    if ((tx_suite_label(own->suite, own->references, i, a) < 0) !=
        (tx_suite_label(own->suite, own->references, i, b) < 0))
      return false;
  return true;
}

static tx_status search_all(search *own, tx_suite_answers *answers, tx_error *error)
{
  const tx_suite *suite = own->suite;
  size_t searched = TX_RANKS_MAX;
  for (size_t r = 0; r < suite->rank_count; r++) {
    tx_status status = TX_OK;
    if (searched == TX_RANKS_MAX || !same_references(own, searched, r)) {
      status = search_rank(own, r, error);
      searched = r;
    }
    if (status != TX_OK) return status;
    for (size_t i = 0; i < own->references->count; i++)
      own->labels[i] = tx_suite_label(suite, own->references, i, r);
    for (size_t q = 0; q < own->queries->count; q++)
      answers->called[q * suite->rank_count + r] = tx_suite_taxon(
          suite, r, tx_vote(own->index + q * own->k, own->cosines + q * own->k, own->k, own->labels));
  }
  return TX_OK;
}

static tx_status allocate(search *own, tx_error *error)
{
  own->query_vectors = tx_suite_vectors(own->suite, own->queries);
  own->reference_vectors = tx_suite_vectors(own->suite, own->references);
  own->labels = tx_malloc_aligned(own->references->count + 1, sizeof *own->labels);
  own->index = tx_malloc_aligned(own->queries->count + 1, own->k * sizeof *own->index);
  own->cosines = tx_malloc_aligned(own->queries->count + 1, own->k * sizeof *own->cosines);
  return own->query_vectors && own->reference_vectors && own->labels && own->index && own->cosines
             ? TX_OK
             : out_of_memory(error);
}

/* The k nearest of one split among some others. */
static tx_status search_split(tx_suite *suite, tx_suite_answers *head, tx_suite_split split, size_t k,
                              const tx_suite_options *options, tx_error *error)
{
  bool splits[TX_SUITE_SPLITS] = {false}, found = false;
  tx_suite_view queries = {0}, references = {0};
  tx_suite_answers *answers;
  search own = {.suite = suite, .queries = &queries, .references = &references, .k = k, .options = options};
  tx_status status;
  splits[split] = true;
  snprintf(head->settings, sizeof head->settings, "\"k\":%zu", k);
  status = tx_suite_view_create(suite, splits, &queries, error);
  if (status == TX_OK) status = tx_suite_view_create(suite, head->references, &references, error);
  if (status == TX_OK) status = tx_suite_add_answers(suite, head, &queries, false, &answers, error);
  if (status == TX_OK) status = tx_suite_recall_answers(suite, options, true, answers, &found, error);
  if (status == TX_OK && !found) status = allocate(&own, error);
  if (status == TX_OK && !found) status = search_all(&own, answers, error);
  if (status == TX_OK && !found) status = tx_suite_keep_answers(suite, options, true, answers, error);
  free(own.query_vectors);
  free(own.reference_vectors);
  free(own.labels);
  free(own.index);
  free(own.cosines);
  tx_suite_view_free(&queries);
  tx_suite_view_free(&references);
  return status;
}

tx_status tx_suite_knn(tx_suite *suite, const tx_suite_options *options, tx_error *error)
{
  tx_suite_answers head = {.stage = TX_STAGE_KNN, .method = "k-nearest neighbours"};
  head.references[TX_SUITE_TRAIN] = true;
  return search_split(suite, &head, TX_SUITE_TEST, options->neighbours ? options->neighbours : 1, options,
                      error);
}

tx_status tx_suite_unseen(tx_suite *suite, const tx_suite_options *options, tx_error *error)
{
  tx_suite_answers head = {.stage = TX_STAGE_UNSEEN, .method = "1-nearest neighbour"};
  tx_status status;
  head.references[TX_SUITE_TRAIN] = true;
  status = search_split(suite, &head, TX_SUITE_TEST_UNSEEN, 1, options, error);
  if (status != TX_OK || !suite->parts[TX_SUITE_KEY_UNSEEN].count) return status;
  head.references[TX_SUITE_KEY_UNSEEN] = true;
  return search_split(suite, &head, TX_SUITE_TEST_UNSEEN, 1, options, error);
}
