/* The machine-readable log of a run: one JSON object a line, each flushed as it is written. */
#ifndef TX_TRAIN_LOG_H
#define TX_TRAIN_LOG_H

#include "base/bytes.h"
#include "base/file.h"

#include <stdbool.h>
#include <taxamba/status.h>

typedef struct tx_log {
  tx_output *output; /* NULL: no log */
} tx_log;

/* Opens the log; without one if path is NULL or "". With `append` the existing content is kept. opt_stop: see
   tx_output_open. */
tx_status tx_log_open(const char *path, bool append, const volatile int *opt_stop, tx_log *log,
                      tx_error *error);
/* Writes the object in `line` and a newline, then frees `line`. The message of TX_ERROR_IO names the file. */
tx_status tx_log_write(tx_log *log, tx_bytes *line, tx_error *error);
/* Syncs what was written to the disk, if the file can be synced. */
tx_status tx_log_sync(tx_log *log, tx_error *error);
tx_status tx_log_close(tx_log *log, tx_error *error);

/* Appends ,"key":value to an object that already has a member; a number that is not finite is written as
   null. */
void tx_log_number(tx_bytes *line, const char *key, double value);

#endif
