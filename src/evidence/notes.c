#include "evidence/notes.h"

#include <stdarg.h>
#include <stdio.h>

void tx_hooks_note(const tx_reference_hooks *hooks, const char *format, ...)
{
  char line[TX_MESSAGE_SIZE];
  va_list arguments;
  if (!hooks->message) return;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  hooks->message(hooks->context, line);
}
