/* Nearest neighbours of embeddings, and their labels as predictions. */
#ifndef TAXAMBA_NEIGHBOURS_H
#define TAXAMBA_NEIGHBOURS_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/evaluate.h>
#include <taxamba/prediction.h>
#include <taxamba/record.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tx_nearest_rows {
  const float *queries; /* (query_count, width); rows need not be normalised */
  size_t query_count;
  const float *references; /* (reference_count, width) */
  size_t reference_count, width;
} tx_nearest_rows;

/* For each query the index of the reference with the largest cosine; ties go to the lower index. A row that
   is not finite or all zero has no direction: as a query its index is -1 and its cosine 0, as a reference it
   is never chosen. ret_index (query_count), opt_cosine (query_count) or NULL. Same bits for every thread
   count. */
TX_API tx_status tx_nearest(const tx_nearest_rows *rows, size_t threads, int64_t *ret_index,
                            float *opt_cosine, tx_error *error);
/* How a long search is run. */
typedef struct tx_nearest_run {
  size_t threads;
  const volatile int *stop; /* may be NULL */
  /* may be NULL: called now and then, from the calling thread, with the queries that were searched */
  void (*progress)(void *context, size_t queries);
  void *context;
} tx_nearest_run;
/* The same for the `several` nearest, nearest first: ret_index and opt_cosine (query_count, several). Where
   there are fewer, the rest of a row is -1 and 0. TX_STOPPED after *stop. */
TX_API tx_status tx_nearest_several(const tx_nearest_rows *rows, size_t several, const tx_nearest_run *run,
                                    int64_t *ret_index, float *opt_cosine, tx_error *error);

/* Embeddings of records with their truth (tx_truth_source): one side of a search. The truth must outlive
   them. Not thread-safe. */
typedef struct tx_embeddings tx_embeddings;

/* Creates a list of embeddings of `width` numbers (tx_model_width). */
TX_API tx_status tx_embeddings_create(size_t width, tx_embeddings **ret_embeddings, tx_error *error);
/* A tx_prediction_sink that adds the record's embedding; `context` is the tx_embeddings. */
TX_API tx_status tx_embeddings_put(void *context, const tx_record *record, const tx_prediction *prediction,
                                   tx_error *error);
TX_API size_t tx_embeddings_count(const tx_embeddings *embeddings);
/* Frees the embeddings; NULL is allowed. */
TX_API void tx_embeddings_free(tx_embeddings *embeddings);

/* Adds every query with the labels of its nearest reference; at each rank only the references that have a
   label there are searched, and their taxa are declared as known. Both sides have the ranks of the evaluation
   (tx_truth_pair). TX_STOPPED after *opt_stop. */
TX_API tx_status tx_evaluation_neighbours(tx_evaluation *evaluation, const tx_embeddings *queries,
                                          const tx_embeddings *references, size_t threads,
                                          const volatile int *opt_stop, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
