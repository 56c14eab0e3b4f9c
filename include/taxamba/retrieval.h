/* Retrieval across modalities: records are looked up by the DNA, an image or a text of them among keys of the
   same or another modality, and the labels of the nearest keys are scored. */
#ifndef TAXAMBA_RETRIEVAL_H
#define TAXAMBA_RETRIEVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/labelled.h>
#include <taxamba/model.h>
#include <taxamba/prediction.h>
#include <taxamba/vectors.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Labelled records with their vectors, and the scores. Not thread-safe. */
typedef struct tx_retrieval tx_retrieval;

typedef struct tx_retrieval_input {
  const char *const *paths; /* (count) labelled tables with a split column */
  size_t count;
  tx_labelled_options labelled; /* without split; the strings must outlive the retrieval */
  /* splits, separated by commas: of keys, and of queries of species that the training has, and has not */
  const char *keys, *seen, *unseen;
  const tx_vectors *vectors; /* borrowed */
  /* the vectors of the modalities that it has are projected into its shared space, and the DNA is embedded
     there: tx_retrieval_source, tx_retrieval_put. NULL: the vectors are those to compare. Borrowed */
  const tx_model *opt_model;
} tx_retrieval_input;

/* Opens the tables. Errors: those of tx_labelled_open; TX_ERROR_USAGE when there is no split column, no rank,
   a modality that the model does not have, or one of another width. */
TX_API tx_status tx_retrieval_open(const tx_retrieval_input *input, tx_retrieval **ret_retrieval,
                                   tx_error *error);
TX_API void tx_retrieval_free(tx_retrieval *retrieval);

/* A tx_record_source of the keys and queries, `context` is the retrieval: reads a record with its labels and
   vectors. Without a model it is called until TX_END. */
TX_API tx_status tx_retrieval_source(void *context, tx_record *record, tx_error *error);
/* A tx_prediction_sink that keeps the place of a record in the shared space (tx_predict_options.shared). May
   run beside the source, in another thread. */
TX_API tx_status tx_retrieval_put(void *context, const tx_record *record, const tx_prediction *prediction,
                                  tx_error *error);

typedef struct tx_retrieval_options {
  size_t resamples; /* of 95 % intervals of the micro accuracies (percentile bootstrap over the queries); 0:
                       none */
  uint64_t seed;
  size_t threads;
  /* queries without a label at a rank are left out there; else no label is a class like the others, which a
     key without a label has too, as the published code counts */
  bool labelled_only;
  const volatile int *stop; /* may be NULL */
} tx_retrieval_options;

/* Searches and scores every combination of a query and a key: each modality; "averaged", the mean of the
   unit rows of the DNA and the first other modality ("image", if there is one), and "concatenated", these
   after one another; keys also "all", the keys of all modalities together. Combinations of unequal width
   are left out. The search is exact, by cosine; ties go to the earlier key. A record without a vector takes
   no part. TX_ERROR_DATA when there are no keys or no queries; TX_ERROR_MEMORY; TX_STOPPED. */
TX_API tx_status tx_retrieval_run(tx_retrieval *retrieval, const tx_retrieval_options *options,
                                  tx_error *error);

/* The scores as lines separated by tabs, or one JSON object (docs/formats.md), with a line break at the
   end. A new string; the caller frees it. */
TX_API tx_status tx_retrieval_report(const tx_retrieval *retrieval, bool json, char **ret_text,
                                     tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
