#include "settings/note.h"

#include "base/wait.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
  return hooks && tx_is_stopped(hooks->stop);
}

static void send_warning(void *context, const char *line)
{
  tx_train_note(context, "warning: %s", line);
}

static void send_note(void *context, const char *line)
{
  tx_train_note(context, "%s", line);
}

tx_input_hooks tx_train_input_hooks(const tx_train_hooks *hooks)
{
  tx_input_hooks input = {hooks ? hooks->stop : NULL, send_warning, NULL, send_note};
  memcpy(&input.context, &hooks, sizeof hooks); /* only read, but the hook's type lacks the const */
  return input;
}
