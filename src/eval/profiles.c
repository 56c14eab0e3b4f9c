#include "eval/profiles.h"

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

/* References by 6-mer: those of one are lists[starts[kmer] .. starts[kmer + 1]]. */
typedef struct inverse {
  const tx_profile_search *search;
  entry *lists;
  size_t *starts;
  double *lengths;  /* (references) 1 / length of the profile; 0: left out */
  uint64_t *products; /* (threads, references) */
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

static tx_status invert(inverse *own, size_t threads, tx_error *error)
{
  const tx_profiles *references = own->search->references;
  const unsigned char *mask = own->search->opt_mask;
  size_t products;
  own->starts = calloc(TX_PROFILE_KMERS + 2, sizeof *own->starts);
  own->lists = tx_malloc_aligned(references->entry_count + 1, sizeof *own->lists);
  own->lengths = calloc(references->count + 1, sizeof *own->lengths);
  if (tx_multiply(threads, references->count + 1, &products))
    own->products = tx_malloc_aligned(products, sizeof *own->products);
  if (!own->starts || !own->lists || !own->lengths || !own->products) return out_of_memory(error);
  for (size_t i = 0; i < references->entry_count; i++) own->starts[references->entries[i].kmer + 2]++;
  for (size_t k = 2; k < TX_PROFILE_KMERS + 2; k++) own->starts[k] += own->starts[k - 1];
  for (size_t r = 0; r < references->count; r++) {
    double squares = 0;
    for (size_t i = start_of(references, r); i < references->ends[r]; i++) {
      const entry *at = &references->entries[i];
      own->lists[own->starts[at->kmer + 1]++] = (entry){(uint32_t)r, at->count};
      squares += (double)at->count * (double)at->count;
    }
    own->lengths[r] = squares > 0 && (!mask || mask[r]) ? 1 / sqrt(squares) : 0;
  }
  return TX_OK;
}

static void search_query(void *context, size_t query, size_t thread)
{
  const inverse *own = context;
  const tx_profiles *queries = own->search->queries;
  const size_t references = own->search->references->count, first = start_of(queries, query);
  uint64_t *products = own->products + thread * (references + 1);
  double most = -1;
  own->index[query] = -1;
  if (first == queries->ends[query] || tx_is_stopped(own->search->stop)) return;
  memset(products, 0, references * sizeof *products);
  for (size_t i = first; i < queries->ends[query]; i++) {
    const entry *at = &queries->entries[i];
    for (size_t j = own->starts[at->kmer]; j < own->starts[at->kmer + 1]; j++)
      products[own->lists[j].kmer] += (uint64_t)at->count * own->lists[j].count;
  }
  for (size_t r = 0; r < references; r++) {
    const double cosine = (double)products[r] * own->lengths[r];
    if (own->lengths[r] > 0 && cosine > most) {
      most = cosine;
      own->index[query] = (int64_t)r;
    }
  }
}

tx_status tx_profiles_nearest(const tx_profile_search *search, int64_t *ret_index, tx_error *error)
{
  inverse own = {.search = search, .index = ret_index};
  tx_pool *pool = NULL;
  tx_status status = tx_pool_create(search->threads, &pool, error);
  if (status == TX_OK) status = invert(&own, tx_pool_threads(pool), error);
  if (status == TX_OK) tx_pool_run(pool, search->queries->count, search_query, &own);
  if (status == TX_OK && tx_is_stopped(search->stop)) status = TX_STOPPED;
  tx_pool_free(pool);
  free(own.lists);
  free(own.starts);
  free(own.lengths);
  free(own.products);
  return status;
}
