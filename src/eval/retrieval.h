/* The records and scores of a retrieval (taxamba/retrieval.h). */
#ifndef TX_EVAL_RETRIEVAL_H
#define TX_EVAL_RETRIEVAL_H

#include <taxamba/evaluate.h>
#include <taxamba/retrieval.h>

#include "base/bytes.h"
#include "base/names.h"
#include "base/text.h"

typedef enum tx_retrieval_set { TX_SET_KEYS, TX_SET_SEEN, TX_SET_UNSEEN, TX_RETRIEVAL_SETS } tx_retrieval_set;

enum {
  TX_SPACES_MAX = TX_MODALITIES_MAX + 1, /* with the DNA */
  TX_TOPS = 3,                           /* 1, 3 and 5 nearest */
  TX_NEAREST = 5,
  TX_QUERY_SETS = 2, /* seen, unseen */
  TX_FIGURES = 3,    /* seen, unseen, harmonic mean */
  TX_RETRIEVAL_RESULTS = (TX_SPACES_MAX + 2) * (TX_SPACES_MAX + 3) + 2
};

/* The records of a set. A row of NaN is no vector; a label below 0 is none. */
typedef struct tx_retrieval_records {
  size_t count;
  int32_t *labels; /* (count, ranks) */
  size_t label_capacity;
  float *vectors[TX_SPACES_MAX]; /* (count, width) */
  size_t vector_capacity[TX_SPACES_MAX];
} tx_retrieval_records;

/* Scores at a rank. NaN where there is no query. */
typedef struct tx_retrieval_scores {
  uint64_t queries[TX_QUERY_SETS];
  double micro[TX_TOPS][TX_FIGURES], macro[TX_TOPS][TX_FIGURES];
  tx_interval intervals[TX_TOPS][TX_FIGURES]; /* of micro */
} tx_retrieval_scores;

/* A combination of query and key, or a baseline. */
typedef struct tx_retrieval_result {
  const char *query, *key; /* borrowed from the retrieval or static */
  tx_retrieval_scores scores[TX_RANKS_MAX];
} tx_retrieval_result;

/* Where the records of the source are, in their order. */
typedef struct tx_retrieval_place {
  tx_retrieval_set set;
  size_t row;
} tx_retrieval_place;

struct tx_retrieval {
  tx_labelled *reader; /* while records are read */
  tx_words splits[TX_RETRIEVAL_SETS];
  const tx_vectors *vectors;
  const tx_model *opt_model;
  size_t rank_count;
  char *ranks[TX_RANKS_MAX];
  tx_names *taxa[TX_RANKS_MAX];
  size_t spaces; /* modalities */
  const char *names[TX_SPACES_MAX];
  size_t widths[TX_SPACES_MAX];
  size_t dna; /* number of the DNA among them; `spaces` if it is not embedded */
  tx_retrieval_records sets[TX_RETRIEVAL_SETS];
  tx_retrieval_place *places; /* (place_count) */
  size_t place_count, place_capacity;
  float *embedded; /* (embedded_count, shared width) places of the DNA, in the order of `places` */
  size_t embedded_count, embedded_capacity;
  size_t resamples;
  tx_retrieval_result *results; /* (result_count) */
  size_t result_count;
};

/* An empty retrieval at these ranks, with modalities of these names (borrowed) and widths. */
tx_status tx_retrieval_create(const char *const *ranks, size_t rank_count, tx_retrieval **ret_retrieval,
                              tx_error *error);
/* Adds a modality, before the records. */
void tx_retrieval_add_space(tx_retrieval *retrieval, const char *name, size_t width);
/* Adds a record: its taxa (rank_count), NULL where there is no label, and opt_vectors[m], NULL for none. */
tx_status tx_retrieval_add(tx_retrieval *retrieval, tx_retrieval_set set, const char *const *taxa,
                           const float *const *opt_vectors, tx_error *error);

#endif
