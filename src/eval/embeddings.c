/* The labels of the nearest reference as predictions. */
#include <taxamba/neighbours.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "eval/evaluation.h"

struct tx_embeddings {
  size_t width, count;
  float *vectors;           /* (count, width); a row of NaN where there is none */
  const char *const **taxa; /* (count) the tags of the records */
  size_t vector_capacity, taxa_capacity;
};

/* A search at every rank. */
typedef struct search {
  const tx_embeddings *queries, *references;
  size_t rank_count, threads;
  int64_t *neighbours; /* (rank_count, queries) index of a reference, -1 = none */
} search;

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the embeddings");
}

tx_status tx_embeddings_create(size_t width, tx_embeddings **ret_embeddings, tx_error *error)
{
  tx_embeddings *embeddings = calloc(1, sizeof *embeddings);
  if (!embeddings) return out_of_memory(error);
  embeddings->width = width;
  *ret_embeddings = embeddings;
  return TX_OK;
}

void tx_embeddings_free(tx_embeddings *embeddings)
{
  if (!embeddings) return;
  free(embeddings->vectors);
  free(embeddings->taxa);
  free(embeddings);
}

size_t tx_embeddings_count(const tx_embeddings *embeddings)
{
  return embeddings->count;
}

tx_status tx_embeddings_put(void *context, const tx_record *record, const tx_prediction *prediction,
                            tx_error *error)
{
  tx_embeddings *own = context;
  const float *vector = tx_prediction_embedding(prediction);
  if (!tx_reserve(&own->vectors, &own->vector_capacity, own->count + 1, own->width * sizeof *own->vectors) ||
      !tx_reserve(&own->taxa, &own->taxa_capacity, own->count + 1, sizeof *own->taxa))
    return out_of_memory(error);
  for (size_t i = 0; i < own->width; i++)
    own->vectors[own->count * own->width + i] = vector ? vector[i] : NAN;
  own->taxa[own->count++] = record->tag;
  return TX_OK;
}

/* Finds the nearest of the references labelled at the rank. Unlabelled ones are hidden as rows of NaN, so
   that the indices do not change. */
static tx_status search_rank(const search *work, size_t rank, tx_error *error)
{
  const tx_embeddings *queries = work->queries, *references = work->references;
  float *vectors = tx_malloc_aligned(references->count, references->width * sizeof *vectors);
  tx_status status;
  if (!vectors) return out_of_memory(error);
  for (size_t i = 0; i < references->count; i++) {
    float *row = vectors + i * references->width;
    memcpy(row, references->vectors + i * references->width, references->width * sizeof *row);
    if (!references->taxa[i][rank]) row[0] = NAN;
  }
  status = tx_nearest(
      &(tx_nearest_rows){queries->vectors, queries->count, vectors, references->count, queries->width},
      work->threads, work->neighbours + rank * queries->count, NULL, error);
  free(vectors);
  return status;
}

/* Whether the same references have labels at two ranks, so that one search is enough for both. */
static bool same_references(const tx_embeddings *references, size_t a, size_t b)
{
  for (size_t i = 0; i < references->count; i++)
    if (!references->taxa[i][a] != !references->taxa[i][b]) return false;
  return true;
}

static tx_status search_all(const search *work, const volatile int *opt_stop, tx_error *error)
{
  const size_t count = work->queries->count;
  for (size_t r = 0; r < work->rank_count; r++) {
    size_t same = 0;
    tx_status status = TX_OK;
    if (opt_stop && *opt_stop) return TX_STOPPED;
    while (same < r && !same_references(work->references, same, r)) same++;
    if (same < r)
      memcpy(work->neighbours + r * count, work->neighbours + same * count, count * sizeof *work->neighbours);
    else
      status = search_rank(work, r, error);
    if (status != TX_OK) return status;
  }
  return TX_OK;
}

static tx_status score(const search *work, tx_evaluation *evaluation, tx_error *error)
{
  const tx_embeddings *queries = work->queries, *references = work->references;
  tx_status status = TX_OK;
  for (size_t i = 0; i < references->count && status == TX_OK; i++)
    for (size_t r = 0; r < work->rank_count && status == TX_OK; r++)
      if (references->taxa[i][r]) status = tx_evaluation_know(evaluation, r, references->taxa[i][r], error);
  for (size_t q = 0; q < queries->count && status == TX_OK; q++) {
    const char *called[TX_RANKS_MAX];
    for (size_t r = 0; r < work->rank_count; r++) {
      const int64_t neighbour = work->neighbours[r * queries->count + q];
      called[r] = neighbour < 0 ? NULL : references->taxa[neighbour][r];
    }
    status = tx_evaluation_add(evaluation, queries->taxa[q], called, NULL, error);
  }
  return status;
}

tx_status tx_evaluation_neighbours(tx_evaluation *evaluation, const tx_embeddings *queries,
                                   const tx_embeddings *references, size_t threads,
                                   const volatile int *opt_stop, tx_error *error)
{
  search work = {queries, references, evaluation->rank_count, threads, NULL};
  tx_status status;
  work.neighbours = tx_malloc_aligned(queries->count, work.rank_count * sizeof *work.neighbours);
  status = work.neighbours ? search_all(&work, opt_stop, error) : out_of_memory(error);
  if (status == TX_OK) status = score(&work, evaluation, error);
  free(work.neighbours);
  return status;
}
