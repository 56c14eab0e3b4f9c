#include "taxon/reports.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"

static tx_status append(tx_reports *reports, const char *text, tx_error *error)
{
  char *line = tx_copy_text(text, strlen(text));
  if (!line || !tx_reserve(&reports->lines, &reports->capacity, reports->count + 1, sizeof *reports->lines)) {
    free(line);
    return tx_fail_memory(error, "a report");
  }
  for (char *at = line; *at; at++)
    for (size_t length = tx_control_length(at); length > 0; length--) at[length - 1] = '?';
  reports->lines[reports->count++] = line;
  return TX_OK;
}

tx_status tx_reports_add(tx_reports *reports, tx_error *error, const char *format, ...)
{
  char text[TX_MESSAGE_SIZE];
  va_list arguments;
  if (reports->count >= TX_REPORTS_MAX) {
    reports->left_out++;
    return TX_OK;
  }
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return append(reports, text, error);
}

tx_status tx_reports_close(tx_reports *reports, tx_error *error)
{
  char text[64];
  if (!reports->left_out) return TX_OK;
  snprintf(text, sizeof text, "and %zu more reports of this kind", reports->left_out);
  reports->left_out = 0;
  return append(reports, text, error);
}

void tx_reports_free(tx_reports *reports)
{
  for (size_t i = 0; i < reports->count; i++) free(reports->lines[i]);
  free(reports->lines);
  memset(reports, 0, sizeof *reports);
}
