#include "evidence/fit.h"

#include "base/error.h"
#include "base/random.h"
#include "base/wait.h"
#include "evidence/cross_validation.h"
#include "evidence/prior.h"
#include "evidence/standard.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 512, RECORDS_LEAST = 2, FEWEST = 30 };

/* Lengths besides the whole barcode. */
static const uint32_t cut_lengths[] = {100, 150, 250, 313, 418};
enum { CUT_LENGTHS = sizeof cut_lengths / sizeof *cut_lengths };

/* Examples of each kind at each length; the last for all kinds above. */
static const size_t wanted[] = {3000, 2500, 1500, 1000, 600};
enum { WANTED = sizeof wanted / sizeof *wanted };

#define PENALTY 1.0

/* A record to be taken for an unknown one, and what is then left out. */
typedef struct trial {
  uint32_t reference;
  size_t kind;
} trial;

/* What a thread of the fit needs, and one item's result. */
typedef struct worker {
  tx_search *search;
  tx_sequence_buffer cut;
} worker;

typedef struct outcome_list {
  size_t count, truth;
  tx_outcome outcomes[TX_OUTCOMES_MAX];
} outcome_list;

typedef struct fit {
  const tx_outcome_space *space;
  tx_pool *pool;
  uint64_t seed;
  const volatile int *stop;
  worker *workers;
  outcome_list *lists; /* (CHUNK) */
  const trial *trials; /* of the chunk in hand */
  uint32_t length;     /* 0: whole */
  bool failed;         /* no memory */
} fit;

/* The exclusion that makes a trial one of its kind. */
static tx_exclusion exclusion_of(const tx_outcome_space *space, const trial *t)
{
  const tx_references *references = space->index->references;
  tx_exclusion exclusion = {-1, -1, 0};
  if (t->kind == 0) {
    if (references->references[t->reference].records == 1) exclusion.reference = t->reference;
    return exclusion;
  }
  exclusion.rank = space->ranks - t->kind;
  exclusion.taxon = tx_references_lineage(references, t->reference)[exclusion.rank];
  return exclusion;
}

/* The rank down to which the barcode of a trial is still known; -1: none. A taxon whose only child is left
   out is gone as well. */
static int known_rank(const tx_outcome_space *space, const trial *t)
{
  const int32_t *lineage = tx_references_lineage(space->index->references, t->reference);
  int rank = (int)(space->ranks - t->kind) - 1;
  if (t->kind == 0) return (int)space->ranks - 1;
  while (rank >= (int)space->top && (lineage[rank] < 0 || space->children[rank][lineage[rank]] < 2)) rank--;
  return rank < (int)space->top ? -1 : rank;
}

/* The lowest outcome that the barcode's own lineage goes through. */
static size_t find_truth(const tx_outcome_space *space, const trial *t, const tx_outcome *outcomes,
                         size_t count)
{
  const int32_t *lineage = tx_references_lineage(space->index->references, t->reference);
  for (int rank = known_rank(space, t); rank >= (int)space->top; rank--)
    for (size_t i = 0; i < count; i++)
      if (outcomes[i].rank == rank && outcomes[i].taxon == lineage[rank]) return i;
  return count - 1;
}

/* Where a cut of a barcode of so many bases starts: for one in four at its first base, for one in four so
   that it ends with the last one, since primers lie at the ends; else anywhere. */
static size_t choose_start(const fit *self, const trial *t, size_t count)
{
  const size_t last = count - self->length;
  tx_random random;
  uint64_t place;
  tx_random_seed(&random, self->seed, t->reference, t->kind, self->length);
  place = tx_random_below(&random, 4);
  if (place == 0) return 0;
  return place == 1 ? last : (size_t)tx_random_below(&random, last + 1);
}

static void run_trial(void *context, size_t item, size_t thread)
{
  fit *self = context;
  worker *own = &self->workers[thread];
  const trial *t = &self->trials[item];
  tx_sequence sequence = tx_references_sequence(self->space->index->references, t->reference);
  const tx_exclusion exclusion = exclusion_of(self->space, t);
  outcome_list *list = &self->lists[item];
  const tx_candidate *candidates;
  size_t count;
  uint32_t votes;
  list->count = 0;
  if (self->length && sequence.count <= self->length) return;
  if (self->length) {
    if (!tx_sequence_cut(&own->cut, &sequence, choose_start(self, t, sequence.count), self->length)) {
      self->failed = true;
      return;
    }
    sequence = own->cut.view;
  }
  candidates = tx_search_run(own->search, &sequence, &exclusion, &count, &votes);
  if (!count) return;
  list->count = tx_outcomes_list(self->space, candidates, count, &exclusion, list->outcomes);
  list->truth = find_truth(self->space, t, list->outcomes, list->count);
}

/* References in a random order that their numbers and the seed decide. */
static uint32_t *shuffle(const tx_references *references, uint64_t seed)
{
  uint32_t *order = malloc((references->count + 1) * sizeof *order);
  tx_random random;
  if (!order) return NULL;
  for (size_t i = 0; i < references->count; i++) order[i] = (uint32_t)i;
  tx_random_seed(&random, seed, references->count, 0, 0);
  tx_random_shuffle(&random, order, references->count);
  return order;
}

/* Whether a reference can stand for an unknown one of a kind; *ret_taxon: the taxon that is drawn from. */
static bool suits(const tx_outcome_space *space, const uint32_t *records, uint32_t reference, size_t kind,
                  int32_t *ret_taxon)
{
  const int32_t *lineage = tx_references_lineage(space->index->references, reference);
  *ret_taxon = lineage[kind == 0 ? space->ranks - 1 : space->ranks - kind];
  return *ret_taxon >= 0 && (kind > 0 || records[*ret_taxon] >= RECORDS_LEAST);
}

/* Records per taxon of the lowest rank. */
static uint32_t *count_records(const tx_outcome_space *space)
{
  const tx_references *references = space->index->references;
  const size_t lowest = space->ranks - 1;
  uint32_t *records = calloc(tx_taxonomy_class_count(references->taxonomy, lowest) + 1, sizeof *records);
  if (!records) return NULL;
  for (size_t i = 0; i < references->count; i++) {
    const int32_t taxon = tx_references_lineage(references, i)[lowest];
    if (taxon >= 0) records[taxon] += references->references[i].records;
  }
  return records;
}

/* Takes references of one kind: rounds over the random order, at most one more of each taxon a round. */
static size_t choose_kind(const tx_outcome_space *space, const uint32_t *order, const uint32_t *records,
                          size_t kind, trial *trials, uint32_t *drawn, uint8_t *used)
{
  const size_t want = wanted[kind < WANTED ? kind : WANTED - 1], total = space->index->references->count;
  const size_t rank = kind == 0 ? space->ranks - 1 : space->ranks - kind;
  size_t count = 0, before;
  uint32_t round = 1;
  memset(drawn, 0, (tx_taxonomy_class_count(space->index->references->taxonomy, rank) + 1) * sizeof *drawn);
  memset(used, 0, total);
  do {
    before = count;
    for (size_t i = 0; i < total && count < want; i++) {
      int32_t taxon;
      if (used[order[i]] || !suits(space, records, order[i], kind, &taxon) || drawn[taxon] >= round) continue;
      used[order[i]] = 1;
      drawn[taxon]++;
      trials[count++] = (trial){order[i], kind};
    }
    round++;
  } while (count < want && count > before);
  return count;
}

/* A list of trials of all kinds; *ret_trials is the caller's. */
static tx_status choose_trials(const tx_outcome_space *space, uint64_t seed, trial **ret_trials,
                               size_t *ret_count, tx_error *error)
{
  const tx_references *references = space->index->references;
  uint32_t *order = shuffle(references, seed), *records = count_records(space), *drawn;
  uint8_t *used = calloc(references->count + 1, 1);
  size_t classes = 1, total = 0;
  for (size_t r = 0; r < space->ranks; r++)
    if (tx_taxonomy_class_count(references->taxonomy, r) > classes)
      classes = tx_taxonomy_class_count(references->taxonomy, r);
  for (size_t k = 0; k < space->kinds; k++) total += wanted[k < WANTED ? k : WANTED - 1];
  drawn = calloc(classes + 1, sizeof *drawn);
  *ret_trials = calloc(total + 1, sizeof **ret_trials);
  *ret_count = 0;
  if (order && records && used && drawn && *ret_trials) {
    for (size_t k = 0; k < space->kinds; k++)
      *ret_count += choose_kind(space, order, records, k, *ret_trials + *ret_count, drawn, used);
    free(order);
    free(records);
    free(used);
    free(drawn);
    return TX_OK;
  }
  free(order);
  free(records);
  free(used);
  free(drawn);
  return tx_fail_memory(error, "the fit");
}

/* Takes the trials as examples, in chunks, so that memory for their outcomes is small. */
static tx_status run_trials(fit *self, const trial *trials, size_t count, tx_outcome_examples *examples,
                            tx_error *error)
{
  const size_t rank = tx_halves_rank(self->space);
  for (size_t at = 0; at < count; at += CHUNK) {
    const size_t items = count - at < CHUNK ? count - at : CHUNK;
    self->trials = trials + at;
    tx_pool_run(self->pool, items, run_trial, self);
    for (size_t i = 0; i < items; i++) {
      const outcome_list *list = &self->lists[i];
      if (!list->count) continue;
      if (tx_outcome_examples_add(examples, list->outcomes, list->count, list->truth))
        examples->examples[examples->count - 1].half =
            tx_half_of(self->space, rank, self->trials[i].reference, self->seed);
      else
        self->failed = true;
    }
    if (self->failed) return tx_fail_memory(error, "the fit");
    if (tx_is_stopped(self->stop)) return tx_fail(error, TX_STOPPED, "stopped");
  }
  return TX_OK;
}

/* The thresholds are measured first, with weights of halves; the weights of the answer are fitted to all. */
static tx_status fit_length(fit *self, const trial *trials, size_t count, tx_fitted_weights *fitted,
                            tx_error *error)
{
  const size_t kinds = self->space->kinds, at_length = fitted->length_count;
  tx_outcome_weights *weights = &fitted->weights[at_length];
  const tx_cross_validation task = {self->space, weights, fitted->prior, PENALTY, FEWEST};
  tx_outcome_examples examples = {0};
  double loss;
  tx_status status = run_trials(self, trials, count, &examples, error);
  tx_standard_weights(kinds, fitted->lengths[at_length], weights);
  if (status == TX_OK && examples.count >= FEWEST) {
    status = tx_reliability_cross_validate(&task, &examples, &fitted->reliability[at_length], error);
    (void)tx_outcome_examples_weigh(&examples, TX_BOTH_HALVES, fitted->prior);
    if (status == TX_OK) status = tx_outcome_weights_fit(&examples, kinds, PENALTY, weights, &loss, error);
  }
  tx_outcome_examples_free(&examples);
  return status;
}

static tx_status fit_lengths(fit *self, const trial *trials, size_t count, tx_fitted_weights *fitted,
                             tx_error *error)
{
  const uint32_t whole = tx_references_median_length(self->space->index->references);
  tx_status status = TX_OK;
  for (size_t i = 0; status == TX_OK && i <= CUT_LENGTHS; i++) {
    self->length = i < CUT_LENGTHS ? cut_lengths[i] : 0;
    if (self->length && self->length * 8 > whole * 7) continue;
    fitted->lengths[fitted->length_count] = self->length ? self->length : whole;
    status = fit_length(self, trials, count, fitted, error);
    fitted->length_count++;
  }
  return status;
}

tx_status tx_evidence_fit(const tx_outcome_space *space, tx_pool *pool, uint64_t seed,
                          const volatile int *opt_stop, tx_fitted_weights *ret_fitted, tx_error *error)
{
  const size_t threads = tx_pool_threads(pool);
  fit self = {.space = space, .pool = pool, .seed = seed, .stop = opt_stop};
  trial *trials = NULL;
  size_t count = 0;
  tx_status status = choose_trials(space, seed, &trials, &count, error);
  memset(ret_fitted, 0, sizeof *ret_fitted);
  if (status == TX_OK) status = tx_prior_estimate(space, ret_fitted->prior, error);
  self.workers = calloc(threads, sizeof *self.workers);
  self.lists = calloc(CHUNK, sizeof *self.lists);
  if (status == TX_OK && (!self.workers || !self.lists)) status = tx_fail_memory(error, "the fit");
  for (size_t i = 0; status == TX_OK && i < threads; i++)
    status = tx_search_create(space->index, &self.workers[i].search, error);
  if (status == TX_OK) status = fit_lengths(&self, trials, count, ret_fitted, error);
  for (size_t i = 0; self.workers && i < threads; i++) {
    tx_search_free(self.workers[i].search);
    tx_sequence_buffer_free(&self.workers[i].cut);
  }
  free(self.workers);
  free(self.lists);
  free(trials);
  return status;
}
