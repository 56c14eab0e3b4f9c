/* A batch of records on its way through the pipeline: their text in one block, their results in another. Both
   are kept and reused, so that a run allocates until it has seen its largest batch and then no more. */
#ifndef TX_INFER_BATCH_H
#define TX_INFER_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/record.h>

typedef struct tx_batch_entry tx_batch_entry;

typedef struct tx_batch {
  size_t count;     /* records */
  size_t taken;     /* the first so many have been handed to the compute step */
  size_t finished;  /* so many have come back from it */
  size_t computed;  /* the first so many have a result, once all have come back */
  bool done;        /* all have come back */
  tx_status status; /* of the record after those computed, if it failed */
  tx_error error;
  char *text; /* identifiers, comments, bases and file names, each with its NUL */
  size_t text_size, text_capacity;
  tx_batch_entry *entries;
  size_t entry_capacity;
  char *results; /* (entries) of result_size bytes */
  size_t result_capacity;
  size_t file_at, file_length; /* the last file name added to the text */
} tx_batch;

/* Copies a record. result_size is a multiple of 16. TX_ERROR_MEMORY names the record. */
tx_status tx_batch_add(tx_batch *batch, const tx_record *record, size_t result_size, tx_error *error);
/* Bytes in use. */
size_t tx_batch_size(const tx_batch *batch, size_t result_size);
/* Letters of record `index` that travel. */
size_t tx_batch_bases(const tx_batch *batch, size_t index);
/* Record `index`; the pointers are borrowed until the batch changes. */
void tx_batch_record(const tx_batch *batch, size_t index, tx_record *ret_record);
void *tx_batch_result(const tx_batch *batch, size_t index, size_t result_size);
void tx_batch_clear(tx_batch *batch); /* keeps the memory */
void tx_batch_free(tx_batch *batch);

#endif
