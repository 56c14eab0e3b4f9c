#include "evidence/trials.h"

#include "evidence/cross_validation.h"

#include "base/error.h"
#include "base/wait.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 512, RECORDS_LEAST = 2 };

/* Examples of each kind at each length; the last for all kinds above. */
static const size_t wanted[] = {3000, 2500, 1500, 1000, 600};
enum { WANTED = sizeof wanted / sizeof *wanted };

/* A record to be taken for an unknown one, and what is then left out. */
typedef struct trial {
  uint32_t reference;
  size_t kind;
} trial;

/* What a thread needs. */
typedef struct worker {
  tx_search *search;
  tx_sequence_buffer cut;
} worker;

struct tx_trials {
  const tx_outcome_space *space;
  tx_pool *pool;
  uint64_t seed;
  const volatile int *stop;
  worker *workers; /* (threads of the pool) */
  trial *trials;   /* (count) */
  size_t count;
  uint32_t length; /* in hand; 0: whole */
  const tx_witness_voice *voice; /* NULL: no network is asked */
};

size_t tx_cut_start(tx_random *random, size_t count, size_t length)
{
  const size_t last = count - length;
  const uint64_t place = tx_random_below(random, 4);
  if (place == 0) return 0;
  return place == 1 ? last : (size_t)tx_random_below(random, last + 1);
}

size_t tx_outcomes_truth(const tx_outcome_space *space, const int32_t *lineage, int rank,
                         const tx_outcome *outcomes, size_t count)
{
  for (; rank >= (int)space->top; rank--)
    for (size_t i = 0; i < count; i++)
      if (outcomes[i].rank == rank && outcomes[i].taxon == lineage[rank]) return i;
  return count - 1;
}

/* What was made of one item. */
typedef struct made {
  tx_outcome_list list;
  tx_status status;
} made;

/* A run of a maker. */
typedef struct making {
  const tx_example_maker *maker;
  made *items;  /* (CHUNK) */
  size_t first; /* item of the chunk in hand */
} making;

static void make_one(void *context, size_t item, size_t thread)
{
  making *run = context;
  made *own = &run->items[item];
  own->list.count = 0;
  own->list.asked = false;
  own->status = run->maker->make(run->maker->context, run->first + item, thread, &own->list);
}

/* Appends the lists of a chunk. */
static tx_status gather(making *run, size_t items, tx_outcome_examples *examples, uint32_t *opt_items)
{
  for (size_t i = 0; i < items; i++) {
    const tx_outcome_list *list = &run->items[i].list;
    if (run->items[i].status != TX_OK) return run->items[i].status;
    if (!list->count) continue;
    if (opt_items) opt_items[examples->count] = (uint32_t)(run->first + i);
    if (!tx_outcome_examples_add(examples, list->outcomes, list->count, list->truth)) return TX_ERROR_MEMORY;
    examples->examples[examples->count - 1].asked = list->asked;
  }
  return TX_OK;
}

tx_status tx_examples_make(const tx_example_maker *maker, size_t count, tx_outcome_examples *examples,
                           uint32_t *opt_items, tx_error *error)
{
  making run = {.maker = maker, .items = calloc(CHUNK, sizeof *run.items)};
  tx_status status = run.items ? TX_OK : tx_fail_memory(error, "the fit");
  for (; status == TX_OK && run.first < count; run.first += CHUNK) {
    const size_t items = count - run.first < CHUNK ? count - run.first : CHUNK;
    tx_pool_run(maker->pool, items, make_one, &run);
    status = gather(&run, items, examples, opt_items);
    if (status == TX_ERROR_NUMERIC)
      status = tx_fail(error, TX_ERROR_NUMERIC,
                       "the model's answer is not finite: its weights are not usable");
    else if (status != TX_OK)
      status = tx_fail_memory(error, "the fit");
    if (status == TX_OK && tx_is_stopped(maker->opt_stop)) status = tx_fail(error, TX_STOPPED, "stopped");
  }
  free(run.items);
  return status;
}

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

/* Whether the network has not learned the record of a trial. */
static bool is_news(const tx_trials *self, const trial *t)
{
  const tx_references *references = self->space->index->references;
  const int32_t *lineage = tx_references_lineage(references, t->reference);
  const size_t rank = self->space->ranks - (t->kind ? t->kind : 1);
  return self->voice && tx_witness_class(self->voice->map, rank, lineage[rank]) < 0;
}

static tx_status run_trial(void *context, size_t item, size_t thread, tx_outcome_list *list)
{
  tx_trials *self = context;
  worker *own = &self->workers[thread];
  const trial *t = &self->trials[item];
  const tx_references *references = self->space->index->references;
  tx_sequence sequence = tx_references_sequence(references, t->reference);
  const tx_exclusion exclusion = exclusion_of(self->space, t);
  const tx_candidate *candidates;
  size_t count;
  uint32_t votes;
  if (self->length && sequence.count <= self->length) return TX_OK;
  if (self->length) {
    tx_random random;
    tx_random_seed(&random, self->seed, t->reference, t->kind, self->length);
    if (!tx_sequence_cut(&own->cut, &sequence, tx_cut_start(&random, sequence.count, self->length),
                         self->length))
      return TX_ERROR_MEMORY;
    sequence = own->cut.view;
  }
  candidates = tx_search_run(own->search, &sequence, &exclusion, &count, &votes);
  if (!count) return TX_OK;
  list->count = tx_outcomes_list(self->space, candidates, count, &exclusion, list->outcomes);
  list->truth = tx_outcomes_truth(self->space, tx_references_lineage(references, t->reference),
                                  known_rank(self->space, t), list->outcomes, list->count);
  list->asked = is_news(self, t);
  return list->asked
             ? self->voice->hear(self->voice->context, thread, &sequence, list->outcomes, list->count,
                                NULL)
             : TX_OK;
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

tx_status tx_trials_create(const tx_outcome_space *space, tx_pool *pool, uint64_t seed,
                           const volatile int *opt_stop, tx_trials **ret_trials, tx_error *error)
{
  const size_t threads = tx_pool_threads(pool);
  tx_trials *self = calloc(1, sizeof *self);
  tx_status status;
  *ret_trials = NULL;
  if (!self) return tx_fail_memory(error, "the fit");
  *self = (tx_trials){.space = space, .pool = pool, .seed = seed, .stop = opt_stop};
  self->workers = calloc(threads, sizeof *self->workers);
  status = self->workers ? TX_OK : tx_fail_memory(error, "the fit");
  if (status == TX_OK) status = choose_trials(space, seed, &self->trials, &self->count, error);
  for (size_t i = 0; status == TX_OK && i < threads; i++)
    status = tx_search_create(space->index, &self->workers[i].search, error);
  if (status == TX_OK)
    *ret_trials = self;
  else
    tx_trials_free(self);
  return status;
}

void tx_trials_listen(tx_trials *trials, const tx_witness_voice *voice)
{
  trials->voice = voice;
}

tx_status tx_trials_run(tx_trials *trials, uint32_t length, tx_outcome_examples *examples, tx_error *error)
{
  const tx_example_maker maker = {trials->pool, trials->stop, run_trial, trials};
  const size_t first = examples->count, rank = tx_halves_rank(trials->space);
  uint32_t *items = calloc(first + trials->count + 1, sizeof *items);
  tx_status status = items ? TX_OK : tx_fail_memory(error, "the fit");
  trials->length = length;
  if (status == TX_OK) status = tx_examples_make(&maker, trials->count, examples, items, error);
  for (size_t i = first; status == TX_OK && i < examples->count; i++)
    examples->examples[i].half =
        tx_half_of(trials->space, rank, trials->trials[items[i]].reference, trials->seed);
  free(items);
  return status;
}

void tx_trials_free(tx_trials *trials)
{
  if (!trials) return;
  for (size_t i = 0; trials->workers && i < tx_pool_threads(trials->pool); i++) {
    tx_search_free(trials->workers[i].search);
    tx_sequence_buffer_free(&trials->workers[i].cut);
  }
  free(trials->workers);
  free(trials->trials);
  free(trials);
}
