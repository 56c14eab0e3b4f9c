/* Labelled files as the truth of an evaluation, and as a source of records with their truth. */
#ifndef TAXAMBA_TRUTH_H
#define TAXAMBA_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/labelled.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The truth of an evaluation. Not thread-safe; but the taxa of its records may be read by any thread. */
typedef struct tx_truth tx_truth;

/* Labelled files, and which of their records are read. The strings must outlive the truth. */
typedef struct tx_truth_input {
  const char *const *paths;
  size_t count;
  tx_labelled_options labelled;
  /* if labelled.split is NULL or "": rows of another split are skipped, those without a split are not; NULL =
     no row is skipped */
  const char *usual_split;
  tx_cut_options cut; /* of what tx_truth_source returns */
} tx_truth_input;

/* Opens the files. Errors: those of tx_labelled_open; TX_ERROR_USAGE for primers or a window that are none.
*/
TX_API tx_status tx_truth_open(const tx_truth_input *input, tx_truth **ret_truth, tx_error *error);

/* Determines the ranks evaluated: those that the files and `other_ranks` have, in the order of the files.
   `what` names the other side in messages: "the model has". TX_ERROR_USAGE for a rank that was asked for
   (labelled.ranks) and is not on the other side, TX_ERROR_DATA when no rank is left. */
TX_API tx_status tx_truth_match(tx_truth *truth, const char *const *other_ranks, size_t other_count,
                                const char *what, tx_error *error);
/* Determines the ranks of both sides of a comparison as tx_truth_match does, in the order of the queries.
   `same_input`: both come from the same files and are distinguished by their splits, so that a record without
   one is TX_ERROR_USAGE. */
TX_API tx_status tx_truth_pair(tx_truth *queries, tx_truth *references, bool same_input, tx_error *error);

/* The ranks evaluated; there are none before one of the functions above. Borrowed. */
TX_API size_t tx_truth_rank_count(const tx_truth *truth);
TX_API const char *const *tx_truth_ranks(const tx_truth *truth);
/* The same as tx_labelled_has_split and tx_labelled_has_table. */
TX_API bool tx_truth_has_split(const tx_truth *truth);
TX_API bool tx_truth_has_table(const tx_truth *truth);
/* The number of rows without a sequence that tx_truth_source has left out so far. */
TX_API uint64_t tx_truth_without_bases(const tx_truth *truth);

/* Writes into `text` a line on how tx_truth_source has cut the records so far, and which it has left out; ""
   where there is nothing to say. */
TX_API void tx_truth_describe_cuts(const tx_truth *truth, char *text, size_t size);

/* The next labelled record of the split; record->taxa are those at the ranks evaluated. */
TX_API tx_status tx_truth_next(tx_truth *truth, tx_labelled_record *record, tx_error *error);
/* A tx_record_source over tx_truth_next, `context` is the truth: cuts the records, and leaves out rows
   without a sequence and records that have nothing of the stretch. The tag of a record is its taxa, `const
   char *const *` (ranks evaluated), NULL = no label: borrowed from the truth until it is closed. Memory grows
   with the distinct lineages, not with the records. */
TX_API tx_status tx_truth_source(void *context, tx_record *record, tx_error *error);

/* Closes the truth; NULL is allowed. */
TX_API void tx_truth_close(tx_truth *truth);

#ifdef __cplusplus
}
#endif
#endif
