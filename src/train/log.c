#include "train/log.h"

#include "base/error.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

tx_status tx_log_open(const char *path, bool append, tx_log *log, tx_error *error)
{
  memset(log, 0, sizeof *log);
  if (!path || !*path) return TX_OK;
  log->path = path;
  log->file = fopen(path, append ? "ab" : "wb");
  return log->file ? TX_OK : tx_fail(error, TX_ERROR_IO, "cannot write the log %s: %s", path, strerror(errno));
}

tx_status tx_log_write(tx_log *log, tx_bytes *line, tx_error *error)
{
  tx_status status = TX_OK;
  if (log->file) {
    tx_bytes_text(line, "\n");
    if (line->failed)
      status = tx_fail_memory(error, "a line of the log");
    else if (fwrite(line->data, 1, line->size, log->file) != line->size || fflush(log->file) != 0)
      status = tx_fail(error, TX_ERROR_IO, "cannot write the log %s: %s", log->path, strerror(errno));
  }
  tx_bytes_free(line);
  return status;
}

tx_status tx_log_sync(tx_log *log, tx_error *error)
{
  if (!log->file || fsync(fileno(log->file)) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EROFS)
    return TX_OK;
  return tx_fail(error, TX_ERROR_IO, "cannot write the log %s: %s", log->path, strerror(errno));
}

tx_status tx_log_close(tx_log *log, tx_error *error)
{
  FILE *file = log->file;
  log->file = NULL;
  if (file && fclose(file) != 0) return tx_fail(error, TX_ERROR_IO, "cannot write the log %s: %s", log->path, strerror(errno));
  return TX_OK;
}

void tx_log_number(tx_bytes *line, const char *key, double value)
{
  if (isfinite(value))
    tx_bytes_printf(line, ",\"%s\":%.8g", key, value);
  else
    tx_bytes_printf(line, ",\"%s\":null", key);
}
