/* Labelled files as the truth of an evaluation, and as a source of records that carry their truth along. */
#ifndef TX_TOOLS_TRUTH_H
#define TX_TOOLS_TRUTH_H

#include <taxamba/labelled.h>

#include "cli.h"

/* How labelled files are read; the options have the names they have in train. */
typedef struct tx_truth_options {
  char ranks[TX_TEXT_SIZE];
  int format; /* tx_labelled_format */
  char taxonomy_file[TX_TEXT_SIZE];
  char id_column[TX_TEXT_SIZE];
  char sequence_column[TX_TEXT_SIZE];
  char split_column[TX_TEXT_SIZE];
} tx_truth_options;

const tx_param *tx_truth_params(size_t *ret_count);

typedef struct tx_truth {
  tx_labelled *reader;
  const char *usual_split;         /* rows of another split are passed over; NULL = none is */
  bool other_table; /* there was a table among files that were read beside these with the same options */
  /* a record without a split is an error: it could be query and reference at once */
  bool needs_split;
  size_t rank_count;               /* ranks evaluated, top first */
  const char *ranks[TX_RANKS_MAX]; /* borrowed from the reader */
  size_t own[TX_RANKS_MAX];        /* rank of the reader per evaluated rank */
  /* rank of the other side (model, predictions, reference) per evaluated rank */
  size_t other[TX_RANKS_MAX];
  uint64_t records;                /* handed out by tx_truth_source */
  uint64_t without_bases;          /* left out by tx_truth_source */
  char *comment;                   /* the taxa of the current record */
  size_t comment_size;
} tx_truth;

/* Labelled files, and which of their records. */
typedef struct tx_truth_input {
  const char *const *paths;
  size_t count;
  const char *split;       /* as asked for; "": `usual_split` where the input has a split column */
  const char *usual_split;
  tx_input_hooks hooks;
} tx_truth_input;

tx_status tx_truth_open(const tx_truth_input *input, const tx_truth_options *options, tx_truth *ret_truth,
                        tx_error *error);
/* Settles the ranks evaluated: those of both sides, in the order of the truth. With --ranks each must be on
   the other side (`what` names it). */
tx_status tx_truth_match(tx_truth *truth, const tx_truth_options *options, const char *const *other_ranks,
                         size_t other_count, const char *what, tx_error *error);
/* The next labelled record of the split. */
tx_status tx_truth_next(tx_truth *truth, tx_labelled_record *record, tx_error *error);
/* A tx_record_source over tx_truth_next: leaves out rows without a sequence; the comment of a record holds
   its taxa at the evaluated ranks, so that they travel with it through any number of threads. */
tx_status tx_truth_source(void *context, tx_record *record, tx_error *error);
/* Takes the taxa out of such a comment: taxa[rank_count], NULL = no label; `buffer` is reused and holds the
   names. */
typedef struct tx_truth_buffer {
  char *text;
  size_t size;
} tx_truth_buffer;
tx_status tx_truth_unpack(const tx_record *record, size_t rank_count, tx_truth_buffer *buffer,
                          const char **taxa, tx_error *error);
void tx_truth_close(tx_truth *truth);

#endif
