/* Predictions row by row, from the table that taxamba classify writes (output.h, TSV). predictions.h has them
   all at once, by id. */
#ifndef TAXAMBA_PREDICTION_READER_H
#define TAXAMBA_PREDICTION_READER_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/record.h>
#include <taxamba/taxonomy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Used by one thread. */
typedef struct tx_prediction_reader tx_prediction_reader;

/* Borrowed until the next call. */
typedef struct tx_prediction_row {
  /* id, file, line, number; size is that of the column size, else that in the id, else 1; no bases */
  tx_record record;
  const char *taxa[TX_RANKS_MAX]; /* NULL: none */
  double confidence[TX_RANKS_MAX];
  const char *sample; /* NULL without a column sample */
  const char *status, *novel_rank; /* NULL without these columns */
  double novel_probability;        /* NaN without this column, and where it is empty */
} tx_prediction_row;

/* Opens a table, plain or compressed ("-" is standard input), and reads its header: a column RANK followed by
   a column RANK_confidence is a rank; sample and size are read where they are. Errors: TX_ERROR_IO;
   TX_ERROR_DATA: no such table; TX_ERROR_MEMORY; TX_STOPPED. */
TX_API tx_status tx_prediction_reader_open(const char *path, const tx_input_hooks *opt_hooks,
                                         tx_prediction_reader **ret_reader, tx_error *error);
/* The ranks, 1..TX_RANKS_MAX, in the order of the columns; borrowed. */
TX_API size_t tx_prediction_reader_rank_count(const tx_prediction_reader *reader);
TX_API const char *const *tx_prediction_reader_ranks(const tx_prediction_reader *reader);
/* The next row, its lineage cut below the last rank that reaches min_confidence (0..1). TX_END; errors of the
   opening, TX_ERROR_DATA with file and line. */
TX_API tx_status tx_prediction_reader_next(tx_prediction_reader *reader, double min_confidence,
                                         tx_prediction_row *ret_row, tx_error *error);
/* Closes; NULL is allowed. */
TX_API void tx_prediction_reader_close(tx_prediction_reader *reader);

#ifdef __cplusplus
}
#endif
#endif
