#include "suite/profiles.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/wait.h"
#include "seq/bases.h"
#include "tensor/products.h"

typedef struct entry {
  uint32_t kmer, count;
} entry;

struct tx_profiles {
  entry *entries; /* one sequence after the other, 6-mers ascending */
  size_t entry_count, entry_capacity;
  size_t *ends; /* (count) */
  bool *wide;   /* (count) its counts are too large for products in bf16 */
  size_t count, end_capacity, wide_capacity;
  uint32_t *counts; /* (TX_PROFILE_KMERS) scratch, zeros */
  uint8_t *codes;   /* scratch */
  size_t code_capacity;
};

/* References that are searched at a time, and queries of a task. */
enum { BLOCK = 2048, TILE = 64 };

/* Counts up to 256 are exact in bf16, and so are all sums of products of them if the sequences have no more
   letters than this: below 2^24, float32 has every whole number. */
enum { LARGEST = 256, MOST_LETTERS = 1 << 16 };

/* A block of references. */
typedef struct block_search {
  const tx_profile_search *search;
  const tx_product *product;
  tx_profiles *block;
  size_t first;          /* reference that is the first of the block */
  float *counts;         /* (BLOCK, TX_PROFILE_KMERS) */
  void *packed;          /* the same */
  double lengths[BLOCK]; /* 1 / length of the profile; 0: left out */
  float *tiles;          /* (threads, TILE, TX_PROFILE_KMERS) counts of queries */
  uint8_t *rows;         /* (threads, rows_size) the same of some columns */
  size_t rows_size;
  float *products; /* (threads, TILE, BLOCK) */
  double *cosines; /* (queries, sets) of the nearest so far */
  int64_t *index;
} block_search;

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
  free(profiles->wide);
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
      !tx_reserve(&profiles->wide, &profiles->wide_capacity, profiles->count + 1, sizeof *profiles->wide) ||
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
  profiles->wide[profiles->count] = count > MOST_LETTERS;
  for (uint32_t k = 0; k < TX_PROFILE_KMERS; k++)
    if (profiles->counts[k]) {
      profiles->entries[profiles->entry_count++] = (entry){k, profiles->counts[k]};
      if (profiles->counts[k] > LARGEST) profiles->wide[profiles->count] = true;
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
static tx_status read_block(block_search *own, tx_error *error)
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

/* Counts of one sequence as a row (TX_PROFILE_KMERS), zeros if they are too large. */
static void spread(const tx_profiles *profiles, size_t sequence, float *row)
{
  memset(row, 0, TX_PROFILE_KMERS * sizeof *row);
  for (size_t i = start_of(profiles, sequence); i < profiles->ends[sequence] && !profiles->wide[sequence];
       i++)
    row[profiles->entries[i].kmer] = (float)profiles->entries[i].count;
}

static void pack_block(block_search *own)
{
  const tx_profiles *block = own->block;
  for (size_t r = 0; r < block->count; r++) {
    double squares = 0;
    for (size_t i = start_of(block, r); i < block->ends[r]; i++)
      squares += (double)block->entries[i].count * (double)block->entries[i].count;
    own->lengths[r] = squares > 0 ? 1 / sqrt(squares) : 0;
    spread(block, r, own->counts + r * TX_PROFILE_KMERS);
  }
  own->product->pack_weights(block->count, TX_PROFILE_KMERS, own->counts, own->packed);
}

/* Keeps a reference that is nearer, in each of its sets. */
static void keep_nearest(const block_search *own, size_t query, size_t reference, double cosine)
{
  const size_t sets = own->search->sets;
  const uint32_t of = own->search->sets_of[own->first + reference];
  for (size_t s = 0; s < sets; s++)
    if (of >> s & 1 && cosine > own->cosines[query * sets + s]) {
      own->cosines[query * sets + s] = cosine;
      own->index[query * sets + s] = (int64_t)(own->first + reference);
    }
}

/* The product of two profiles by their lists. */
static double multiply_lists(const tx_profiles *a, size_t at, const tx_profiles *b, size_t other)
{
  size_t i = start_of(a, at), j = start_of(b, other);
  uint64_t sum = 0;
  while (i < a->ends[at] && j < b->ends[other]) {
    const entry *x = &a->entries[i], *y = &b->entries[j];
    if (x->kmer == y->kmer) sum += (uint64_t)x->count * y->count;
    i += x->kmer <= y->kmer;
    j += y->kmer <= x->kmer;
  }
  return (double)sum;
}

static void search_query(const block_search *own, size_t query, const float *products)
{
  const tx_profiles *queries = own->search->queries;
  const size_t sets = own->search->sets;
  const bool wide = queries->wide[query];
  double least = INFINITY;
  if (start_of(queries, query) == queries->ends[query]) return;
  for (size_t s = 0; s < sets; s++)
    if (own->cosines[query * sets + s] < least) least = own->cosines[query * sets + s];
  for (size_t r = 0; r < own->block->count; r++) {
    const double product = wide || own->block->wide[r] ? multiply_lists(queries, query, own->block, r)
                                                       : (double)products[r],
                 cosine = product * own->lengths[r];
    if (own->lengths[r] > 0 && cosine > least) keep_nearest(own, query, r, cosine);
  }
}

static void search_tile(void *context, size_t tile, size_t thread)
{
  const block_search *own = context;
  const tx_profiles *queries = own->search->queries;
  const size_t first = tile * TILE, left = queries->count - first, count = left < TILE ? left : TILE;
  float *counts = own->tiles + thread * TILE * TX_PROFILE_KMERS,
        *products = own->products + thread * TILE * BLOCK;
  uint8_t *rows = own->rows + thread * own->rows_size;
  if (tx_is_stopped(own->search->stop)) return;
  for (size_t q = 0; q < count; q++) spread(queries, first + q, counts + q * TX_PROFILE_KMERS);
  for (size_t part = 0; part < tx_product_blocks(TX_PROFILE_KMERS); part++) {
    const size_t start = tx_product_block_start(TX_PROFILE_KMERS, part),
                 end = tx_product_block_start(TX_PROFILE_KMERS, part + 1);
    own->product->pack_rows(count, end - start, counts + start, TX_PROFILE_KMERS, rows);
    own->product->multiply(count, 0, own->block->count, own->block->count, TX_PROFILE_KMERS, part, rows,
                           own->packed, part > 0, products, BLOCK);
  }
  for (size_t q = 0; q < count; q++) search_query(own, first + q, products + q * BLOCK);
}

static tx_status prepare(block_search *own, size_t threads, tx_error *error)
{
  const tx_profile_search *search = own->search;
  const size_t block = search->reference_count < BLOCK ? search->reference_count : BLOCK;
  size_t answers, products, tiles;
  own->product = tx_product_current(TX_PRECISION_BF16);
  own->rows_size = (own->product->rows_size(TILE) + 63) / 64 * 64;
  if (!tx_multiply(search->queries->count + 1, search->sets, &answers) ||
      !tx_multiply(threads, TILE * BLOCK, &products) ||
      !tx_multiply(threads, TILE * TX_PROFILE_KMERS, &tiles))
    return out_of_memory(error);
  own->counts = tx_malloc_aligned(block + 1, TX_PROFILE_KMERS * sizeof *own->counts);
  own->packed = tx_malloc_aligned(own->product->weights_size(block + 1, TX_PROFILE_KMERS), 1);
  own->tiles = tx_malloc_aligned(tiles, sizeof *own->tiles);
  own->rows = tx_malloc_aligned(threads, own->rows_size);
  own->products = tx_malloc_aligned(products, sizeof *own->products);
  own->cosines = tx_malloc_aligned(answers, sizeof *own->cosines);
  if (!own->counts || !own->packed || !own->tiles || !own->rows || !own->products || !own->cosines)
    return out_of_memory(error);
  for (size_t i = 0; i < search->queries->count * search->sets; i++) {
    own->cosines[i] = -1;
    own->index[i] = -1;
  }
  return tx_profiles_create(&own->block, error);
}

tx_status tx_profiles_nearest(const tx_profile_search *search, int64_t *ret_index, tx_error *error)
{
  block_search *own = calloc(1, sizeof *own);
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
    if (status == TX_OK) {
      pack_block(own);
      tx_pool_run(pool, (search->queries->count + TILE - 1) / TILE, search_tile, own);
    }
    if (status == TX_OK && tx_is_stopped(search->stop)) status = TX_STOPPED;
    if (search->progress) search->progress(search->context, first + own->block->count);
  }
  tx_pool_free(pool);
  if (own) {
    tx_profiles_free(own->block);
    free(own->counts);
    free(own->packed);
    free(own->tiles);
    free(own->rows);
    free(own->products);
    free(own->cosines);
  }
  free(own);
  return status;
}
