/* The state of a truth, for the code that scores against it. */
#ifndef TX_EVAL_TRUTH_H
#define TX_EVAL_TRUTH_H

#include "base/bytes.h"
#include "base/names.h"
#include "seq/cut.h"

#include <taxamba/truth.h>

struct tx_truth {
  tx_labelled *reader;
  const char *usual_split; /* rows of another split are skipped; NULL = no row is skipped */
  bool ranks_asked;        /* the caller has named the ranks: each must be on the other side */
  bool needs_split;        /* a record without a split is an error: it could be query and reference at once */
  size_t rank_count;       /* ranks evaluated */
  const char *ranks[TX_RANKS_MAX]; /* borrowed from the reader */
  size_t own[TX_RANKS_MAX];        /* rank of the reader per evaluated rank */
  size_t other[TX_RANKS_MAX];      /* rank of the other side per evaluated rank */
  uint64_t without_bases;
  tx_record_cutter *cutter;

  /* The distinct lineages of tx_truth_source. */
  tx_names *lineages; /* a key is, per evaluated rank, the name and a NUL; an empty name is no label */
  const char ***taxa; /* (lineages) of rank_count names within the key, NULL = no label: never moved */
  size_t taxa_capacity;
  tx_bytes key; /* key of the current record */
};

/* tx_truth_next for records that are computed: cut, and those with nothing of the stretch left out. */
tx_status tx_truth_read(tx_truth *truth, tx_labelled_record *record, tx_error *error);

#endif
