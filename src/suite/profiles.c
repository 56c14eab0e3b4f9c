#include "suite/profiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/wait.h"
#include "seq/bases.h"

typedef struct entry {
  uint32_t kmer; /* in a profile; in a list the number of the sequence */
  uint32_t count;
} entry;

struct tx_profiles {
  entry *entries; /* one sequence after the other, 6-mers ascending */
  size_t entry_count, entry_capacity;
  size_t *ends; /* (count) */
  size_t count, end_capacity;
  uint32_t *counts; /* (TX_PROFILE_KMERS) scratch, zeros */
  uint8_t *codes;   /* scratch */
  size_t code_capacity;
};

/* References that are searched at a time: their products fit a cache. */
enum { BLOCK = 2048 };

/* A block of references by 6-mer: those of one are lists[starts[kmer] .. starts[kmer + 1]]. */
typedef struct inverse {
  const tx_profile_search *search;
  tx_profiles *block;
  size_t first; /* reference that is the first of the block */
  entry *lists;
  size_t list_capacity, *starts;
  double lengths[BLOCK]; /* 1 / length of the profile; 0: left out */
  uint64_t *products;    /* (threads, BLOCK) */
  double *cosines;       /* (queries, sets) of the nearest so far */
  int64_t *index;
} inverse;

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the profiles of 6-mers");
}

tx_status tx_profiles_create(tx_profiles **ret_profiles, tx_error *error)
{
  tx_profiles *profiles = calloc(1, sizeof *profiles);
  if (profiles) profiles->counts = calloc(TX_PROFILE_KMERS, sizeof *profiles->counts);
  if (!profiles || !profiles->counts) {
    free(profiles);
    return out_of_memory(error);
  }
  *ret_profiles = profiles;
  return TX_OK;
}

void tx_profiles_free(tx_profiles *profiles)
{
  if (!profiles) return;
  free(profiles->entries);
  free(profiles->ends);
  free(profiles->counts);
  free(profiles->codes);
  free(profiles);
}

size_t tx_profiles_count(const tx_profiles *profiles)
{
  return profiles->count;
}

tx_status tx_profiles_add(tx_profiles *profiles, const char *letters, size_t count, tx_error *error)
{
  size_t length, certain = 0;
  uint32_t kmer = 0;
  if (!tx_reserve(&profiles->codes, &profiles->code_capacity, count + 1, 1) ||
      !tx_reserve(&profiles->ends, &profiles->end_capacity, profiles->count + 1, sizeof *profiles->ends) ||
      !tx_reserve(&profiles->entries, &profiles->entry_capacity,
                  profiles->entry_count + (count < TX_PROFILE_KMERS ? count : TX_PROFILE_KMERS) + 1,
                  sizeof *profiles->entries))
    return out_of_memory(error);
  length = tx_bases_encode(letters, count, profiles->codes);
  for (size_t i = 0; i < length; i++) {
    certain = profiles->codes[i] == TX_BASE_N ? 0 : certain + 1;
    kmer = (kmer << 2 | (profiles->codes[i] & 3u)) & (TX_PROFILE_KMERS - 1);
    if (certain >= TX_PROFILE_LETTERS) profiles->counts[kmer]++;
  }
  for (uint32_t k = 0; k < TX_PROFILE_KMERS; k++)
    if (profiles->counts[k]) {
      profiles->entries[profiles->entry_count++] = (entry){k, profiles->counts[k]};
      profiles->counts[k] = 0;
    }
  profiles->ends[profiles->count++] = profiles->entry_count;
  return TX_OK;
}

static size_t start_of(const tx_profiles *profiles, size_t sequence)
{
  return sequence ? profiles->ends[sequence - 1] : 0;
}

static void clear(tx_profiles *profiles)
{
  profiles->count = profiles->entry_count = 0;
}

/* Reads the next block; one in no set is not looked at. */
static tx_status read_block(inverse *own, tx_error *error)
{
  const tx_profile_search *search = own->search;
  const size_t left = search->reference_count - own->first, count = left < BLOCK ? left : BLOCK;
  tx_status status = TX_OK;
  clear(own->block);
  for (size_t r = 0; r < count && status == TX_OK; r++) {
    size_t letter_count = 0;
    const char *letters = search->reference(search->context, own->first + r, &letter_count);
    status = tx_profiles_add(own->block, letters, search->sets_of[own->first + r] ? letter_count : 0, error);
  }
  return status;
}

static tx_status invert(inverse *own, tx_error *error)
{
  const tx_profiles *block = own->block;
  if (!tx_reserve(&own->lists, &own->list_capacity, block->entry_count + 1, sizeof *own->lists))
    return out_of_memory(error);
  memset(own->starts, 0, (TX_PROFILE_KMERS + 2) * sizeof *own->starts);
  for (size_t i = 0; i < block->entry_count; i++) own->starts[block->entries[i].kmer + 2]++;
  for (size_t k = 2; k < TX_PROFILE_KMERS + 2; k++) own->starts[k] += own->starts[k - 1];
  for (size_t r = 0; r < block->count; r++) {
    double squares = 0;
    for (size_t i = start_of(block, r); i < block->ends[r]; i++) {
      const entry *at = &block->entries[i];
      own->lists[own->starts[at->kmer + 1]++] = (entry){(uint32_t)r, at->count};
      squares += (double)at->count * (double)at->count;
    }
    own->lengths[r] = squares > 0 ? 1 / sqrt(squares) : 0;
  }
  return TX_OK;
}

/* Keeps a reference that is nearer, in each of its sets. */
static void keep_nearest(const inverse *own, size_t query, size_t reference, double cosine)
{
  const size_t sets = own->search->sets;
  const uint32_t of = own->search->sets_of[own->first + reference];
  for (size_t s = 0; s < sets; s++)
    if (of >> s & 1 && cosine > own->cosines[query * sets + s]) {
      own->cosines[query * sets + s] = cosine;
      own->index[query * sets + s] = (int64_t)(own->first + reference);
    }
}

static void search_query(void *context, size_t query, size_t thread)
{
  const inverse *own = context;
  const tx_profiles *queries = own->search->queries;
  const size_t references = own->block->count, first = start_of(queries, query), sets = own->search->sets;
  uint64_t *products = own->products + thread * BLOCK;
  double least = INFINITY;
  if (first == queries->ends[query] || tx_is_stopped(own->search->stop)) return;
  memset(products, 0, references * sizeof *products);
  for (size_t i = first; i < queries->ends[query]; i++) {
    const entry *at = &queries->entries[i];
    for (size_t j = own->starts[at->kmer]; j < own->starts[at->kmer + 1]; j++)
      products[own->lists[j].kmer] += (uint64_t)at->count * own->lists[j].count;
  }
  for (size_t s = 0; s < sets; s++)
    if (own->cosines[query * sets + s] < least) least = own->cosines[query * sets + s];
  for (size_t r = 0; r < references; r++) {
    const double cosine = (double)products[r] * own->lengths[r];
    if (own->lengths[r] > 0 && cosine > least) keep_nearest(own, query, r, cosine);
  }
}

static tx_status prepare(inverse *own, size_t threads, tx_error *error)
{
  const tx_profile_search *search = own->search;
  size_t answers, products;
  if (!tx_multiply(search->queries->count + 1, search->sets, &answers) ||
      !tx_multiply(threads, BLOCK, &products))
    return out_of_memory(error);
  own->starts = calloc(TX_PROFILE_KMERS + 2, sizeof *own->starts);
  own->products = tx_malloc_aligned(products, sizeof *own->products);
  own->cosines = tx_malloc_aligned(answers, sizeof *own->cosines);
  if (!own->starts || !own->products || !own->cosines) return out_of_memory(error);
  for (size_t i = 0; i < search->queries->count * search->sets; i++) {
    own->cosines[i] = -1;
    own->index[i] = -1;
  }
  return tx_profiles_create(&own->block, error);
}

tx_status tx_profiles_nearest(const tx_profile_search *search, int64_t *ret_index, tx_error *error)
{
  inverse *own = calloc(1, sizeof *own);
  tx_pool *pool = NULL;
  tx_status status = own ? tx_pool_create(search->threads, &pool, error) : out_of_memory(error);
  if (status == TX_OK) {
    own->search = search;
    own->index = ret_index;
    status = prepare(own, tx_pool_threads(pool), error);
  }
  for (size_t first = 0; status == TX_OK && first < search->reference_count; first += BLOCK) {
    own->first = first;
    status = read_block(own, error);
    if (status == TX_OK) status = invert(own, error);
    if (status == TX_OK) tx_pool_run(pool, search->queries->count, search_query, own);
    if (status == TX_OK && tx_is_stopped(search->stop)) status = TX_STOPPED;
    if (search->progress) search->progress(search->context, first + own->block->count);
  }
  tx_pool_free(pool);
  if (own) {
    tx_profiles_free(own->block);
    free(own->lists);
    free(own->starts);
    free(own->products);
    free(own->cosines);
  }
  free(own);
  return status;
}
