#include "train/log.h"

#include "base/error.h"

#include <math.h>

tx_status tx_log_open(const char *path, bool append, const volatile int *opt_stop, tx_log *log,
                      tx_error *error)
{
  log->output = NULL;
  if (!path || !*path) return TX_OK;
  return tx_output_open_journal(path, append, opt_stop, &log->output, error);
}

tx_status tx_log_write(tx_log *log, tx_bytes *line, tx_error *error)
{
  tx_status status = TX_OK;
  if (log->output) {
    tx_bytes_text(line, "\n");
    status = line->failed ? tx_fail_memory(error, "a line of the log")
                          : tx_output_write(log->output, line->data, line->size, error);
    if (status == TX_OK) status = tx_output_flush(log->output, error);
  }
  tx_bytes_free(line);
  return status;
}

tx_status tx_log_sync(tx_log *log, tx_error *error)
{
  return log->output ? tx_output_sync(log->output, error) : TX_OK;
}

tx_status tx_log_close(tx_log *log, tx_error *error)
{
  tx_output *output = log->output;
  log->output = NULL;
  return output ? tx_output_commit(output, error) : TX_OK;
}

void tx_log_number(tx_bytes *line, const char *key, double value)
{
  if (isfinite(value))
    tx_bytes_printf(line, ",\"%s\":%.8g", key, value);
  else
    tx_bytes_printf(line, ",\"%s\":null", key);
}
