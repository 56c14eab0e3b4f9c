#include "base/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "base/window.h"

struct tx_lines {
  tx_input *input;
  tx_window window; /* from the start of the next line */
  unsigned long long number;
  tx_bytes text;            /* a line that was not plain ASCII, made valid UTF-8 */
  tx_foreign_lines foreign; /* lines that were not UTF-8 */
};

tx_status tx_lines_open(const char *path, const tx_input_hooks *opt_hooks, tx_lines **ret_lines,
                        tx_error *error)
{
  tx_input *input;
  tx_status status = tx_input_open(path, opt_hooks, &input, error);
  *ret_lines = NULL;
  return status ? status : tx_lines_adopt(input, ret_lines, error);
}

tx_status tx_lines_adopt(tx_input *input, tx_lines **ret_lines, tx_error *error)
{
  tx_lines *lines = calloc(1, sizeof *lines);
  *ret_lines = NULL;
  if (!lines || !tx_window_make_room(&lines->window)) {
    free(lines);
    tx_input_close(input);
    return tx_fail_memory(error, "a reader of lines");
  }
  lines->input = input;
  *ret_lines = lines;
  return TX_OK;
}

static tx_status fill(tx_lines *lines, tx_error *error)
{
  if (!tx_window_make_room(&lines->window)) return tx_fail_memory(error, "a long line");
  return tx_window_read(&lines->window, lines->input, error);
}

/* Tells at the end which lines were not UTF-8. */
static void warn_at_end(tx_lines *lines)
{
  char text[160];
  if (tx_foreign_lines_describe(&lines->foreign, text, sizeof text)) tx_input_warn(lines->input, text);
  lines->foreign = (tx_foreign_lines){0};
}

tx_status tx_lines_next(tx_lines *lines, const char **ret_line, size_t *ret_length, tx_error *error)
{
  tx_window *window = &lines->window;
  size_t searched = 0;
  size_t length;
  char *line;
  char *newline = NULL;
  for (;;) {
    size_t size = window->end - window->begin;
    line = window->data + window->begin;
    if (size > searched) newline = memchr(line + searched, '\n', size - searched);
    searched = size;
    if (newline || window->ended) break;
    tx_status status = fill(lines, error);
    if (status) return status;
  }
  if (!newline && !searched) {
    warn_at_end(lines);
    return TX_END;
  }
  length = newline ? (size_t)(newline - line) : searched;
  window->begin += length + (newline ? 1 : 0);
  lines->number++;
  if (memchr(line, '\0', length))
    return tx_fail_at(error, TX_ERROR_DATA, tx_input_name(lines->input), lines->number, 0,
                      "a NUL byte; this is no text file");
  if (newline && length && line[length - 1] == '\r') length--;
  line[length] = '\0';
  *ret_line = line;
  *ret_length = length;
  if (tx_is_ascii(line, length)) return TX_OK;
  tx_utf8_line(&lines->text, line, length, lines->number, &lines->foreign);
  if (lines->text.failed) return tx_fail_memory(error, "a long line");
  *ret_line = lines->text.data;
  *ret_length = lines->text.size;
  return TX_OK;
}

unsigned long long tx_lines_number(const tx_lines *lines)
{
  return lines->number;
}

const char *tx_lines_name(const tx_lines *lines)
{
  return tx_input_name(lines->input);
}

void tx_lines_close(tx_lines *lines)
{
  if (!lines) return;
  tx_input_close(lines->input);
  free(lines->window.data);
  tx_bytes_free(&lines->text);
  free(lines);
}
