#include "base/error.h"

#include "base/bytes.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <taxamba/version.h>

/* Makes a message one line, whatever the name of the file or record in it contains. */
static void flatten(char *text)
{
  for (; *text; text++)
    for (size_t length = tx_control_length(text); length > 0; length--) text[length - 1] = '?';
}

tx_status tx_fail(tx_error *error, tx_status code, const char *format, ...)
{
  if (error) {
    va_list arguments;
    va_start(arguments, format);
    error->code = code;
    error->line = 0;
    error->record = 0;
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    flatten(error->message);
  }
  return code;
}

tx_status tx_fail_at(tx_error *error, tx_status code, const char *file, uint64_t line, uint64_t record,
                     const char *format, ...)
{
  if (error) {
    va_list arguments;
    size_t used;
    int length = snprintf(error->message, sizeof error->message, "%s:", file ? file : "input");
    used = length < 0 ? 0 : (size_t)length;
    if (used > sizeof error->message / 2) { /* a very long path must not displace the message itself */
      used = sizeof error->message / 2;
    }
    if (line)
      used += (size_t)snprintf(error->message + used, sizeof error->message - used, "%" PRIu64 ":", line);
    used += (size_t)snprintf(error->message + used, sizeof error->message - used, " ");
    if (record)
      used += (size_t)snprintf(error->message + used, sizeof error->message - used, "record %" PRIu64 ": ",
                               record);
    va_start(arguments, format);
    vsnprintf(error->message + used, sizeof error->message - used, format, arguments);
    va_end(arguments);
    error->code = code;
    error->line = line;
    error->record = record;
    flatten(error->message);
  }
  return code;
}

tx_status tx_fail_memory(tx_error *error, const char *what)
{
  return tx_fail(error, TX_ERROR_MEMORY, "out of memory for %s", what);
}

const char *tx_version(void)
{
  return TX_VERSION;
}
