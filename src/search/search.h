/* Search for the references that are most similar to a barcode, nearest first: by shared k-mers, then by an
   alignment with each. */
#ifndef TX_SEARCH_SEARCH_H
#define TX_SEARCH_SEARCH_H

#include "search/align.h"
#include "search/kmers.h"

enum {
  TX_CANDIDATES_MAX = 64, /* number of references that are aligned: 32, and near-copies of the nearest */
  TX_OVERLAP_MIN = 40     /* least number of columns of an alignment */
};

/* The references prepared for a search. Immutable; shared by all threads. */
typedef struct tx_search_index {
  const tx_references *references; /* borrowed */
  tx_groups *groups; /* near-copies, of which the lists have only representatives; NULL: they have all */
  tx_kmer_lists *lists;
  uint8_t *frames;  /* (references) where the first codon starts, 0..2; 3: unknown */
  bool coding;      /* most references can be read in a frame without stop codons */
  size_t longest;   /* bases of the longest reference */
} tx_search_index;

/* Near-copies are grouped from 30,000 references on. The references must outlive the index.
   TX_ERROR_MEMORY. */
tx_status tx_search_index_create(const tx_references *references, tx_search_index **ret_index,
                                 tx_error *error);
/* The same with a choice, for tests: whether near-copies are grouped; k, 0 for the one that suits. */
typedef struct tx_search_shape {
  bool grouped;
  unsigned k;
} tx_search_shape;
tx_status tx_search_index_create_as(const tx_references *references, const tx_search_shape *shape,
                                    tx_search_index **ret_index, tx_error *error);
void tx_search_index_free(tx_search_index *index);

typedef struct tx_candidate {
  uint32_t reference;
  tx_alignment alignment;
  uint32_t score;  /* sum of the weights of the k-mers that the two share, as far as they were looked at */
  double distance; /* 100 (mismatches + 1) / (columns + 10) */
} tx_candidate;

/* References that a search skips, for fitting: one of them, or all of one taxon. */
typedef struct tx_exclusion {
  int64_t reference; /* -1: none */
  int32_t taxon;     /* -1: none */
  size_t rank;       /* of the taxon */
} tx_exclusion;

/* The scratch of one thread. */
typedef struct tx_search tx_search;

tx_status tx_search_create(const tx_search_index *index, tx_search **ret_search, tx_error *error);
void tx_search_free(tx_search *search);

/* Finds up to TX_CANDIDATES_MAX candidates for a barcode, nearest first; of equal distance the one with more
   votes, then the lower number. Borrowed until the next call. *ret_votes: the most votes of one alignment,
   which tells whether the barcode is of this marker and on this strand. The result depends on the barcode
   and the references alone. */
const tx_candidate *tx_search_run(tx_search *search, const tx_sequence *query,
                                  const tx_exclusion *opt_exclusion, size_t *ret_count, uint32_t *ret_votes);

#endif
