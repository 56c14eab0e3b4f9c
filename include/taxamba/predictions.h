/* Predictions read back from the table that taxamba classify writes (output.h, TSV). */
#ifndef TAXAMBA_PREDICTIONS_H
#define TAXAMBA_PREDICTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/record.h>
#include <taxamba/taxonomy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A table of predictions by id. Immutable; any number of threads. */
typedef struct tx_predictions tx_predictions;

/* Reads a whole table, plain or compressed ("-" is standard input). A column RANK followed by a column
   RANK_confidence is a rank; lineages are cut below the last rank that reaches min_confidence (0..1).
   Errors: TX_ERROR_IO; TX_ERROR_DATA with file and line (no header, an id twice, a row of another length, an
   invalid confidence); TX_ERROR_MEMORY; TX_STOPPED. */
TX_API tx_status tx_predictions_read(const char *path, double min_confidence, const tx_input_hooks *opt_hooks,
                                     tx_predictions **ret_predictions, tx_error *error);
/* The ranks, 1..TX_RANKS_MAX, in the order of the columns; the name is borrowed. */
TX_API size_t tx_predictions_rank_count(const tx_predictions *predictions);
TX_API const char *tx_predictions_rank_name(const tx_predictions *predictions, size_t rank);
/* The called names of a record, called (ranks), NULL = no call, borrowed; and their confidence (ranks).
   False, and no call at any rank, when the id is not in the table. */
TX_API bool tx_predictions_find(const tx_predictions *predictions, const char *id, const char **called,
                                double *confidence);
/* Frees the table; NULL is allowed. */
TX_API void tx_predictions_free(tx_predictions *predictions);

#ifdef __cplusplus
}
#endif
#endif
