#include "settings/note.h"

#include <stdarg.h>
#include <stdio.h>

void tx_train_note(const tx_train_hooks *hooks, const char *format, ...)
{
  char line[TX_MESSAGE_SIZE];
  va_list arguments;
  if (!hooks || !hooks->message) return;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  hooks->message(hooks->context, line);
}

bool tx_train_stopped(const tx_train_hooks *hooks)
{
  return hooks && hooks->stop && *hooks->stop;
}
