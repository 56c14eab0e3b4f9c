/* A batch of records in the pipeline. Their texts are in one block of memory, their results in another. Both
   blocks are reused, so that a run no longer allocates once it has processed its largest batch. */
#ifndef TX_INFER_BATCH_H
#define TX_INFER_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/record.h>

typedef struct tx_batch_entry tx_batch_entry;

typedef struct tx_batch {
  size_t count;     /* records */
  size_t taken;     /* number of records, from the first, that the compute step has been given */
  size_t finished;  /* number of records that it has returned */
  size_t computed;  /* number of records, from the first, that have a result; valid when done */
  bool done;        /* all records have been returned */
  tx_status status; /* status of the record after those computed, if it failed */
  tx_error error;
  char *text; /* identifiers, comments, bases and file names, each with a NUL */
  size_t text_size, text_capacity;
  tx_batch_entry *entries;
  size_t entry_capacity;
  char *results; /* (entries) of result_size bytes */
  size_t result_capacity;
  size_t file_at, file_length; /* the last file name added to the text */
} tx_batch;

/* Appends a copy of a record. result_size is a multiple of 16. The message of TX_ERROR_MEMORY names the
   record. */
tx_status tx_batch_add(tx_batch *batch, const tx_record *record, size_t result_size, tx_error *error);
/* Returns the bytes in use. */
size_t tx_batch_size(const tx_batch *batch, size_t result_size);
/* Returns the number of letters of record `index` that the batch holds. */
size_t tx_batch_bases(const tx_batch *batch, size_t index);
/* Sets *ret_record to record `index`; its pointers are borrowed until the batch changes. */
void tx_batch_record(const tx_batch *batch, size_t index, tx_record *ret_record);
void *tx_batch_result(const tx_batch *batch, size_t index, size_t result_size);
void tx_batch_clear(tx_batch *batch); /* keeps the memory */
void tx_batch_free(tx_batch *batch);

#endif
