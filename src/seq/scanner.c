#include "seq/scanner.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

tx_status tx_scanner_adopt(tx_scanner *scanner, tx_input *input, size_t capacity, tx_error *error)
{
  *scanner = (tx_scanner){.capacity = capacity, .line = 1, .input = input};
  scanner->buffer = malloc(capacity);
  if (scanner->buffer) return TX_OK;
  tx_scanner_close(scanner);
  return tx_fail_memory(error, "a read buffer");
}

tx_status tx_scanner_open(tx_scanner *scanner, const char *path, const tx_input_hooks *opt_hooks,
                          size_t capacity, tx_error *error)
{
  tx_input *input;
  tx_status status = tx_input_open(path, opt_hooks, &input, error);
  if (status == TX_OK) return tx_scanner_adopt(scanner, input, capacity, error);
  *scanner = (tx_scanner){0};
  return status;
}

/* Fills the buffer if it is empty: after success it has a byte, or the input is at its end. */
static tx_status fill(tx_scanner *scanner, tx_error *error)
{
  size_t count = 0;
  tx_status status;
  if (scanner->position < scanner->limit || scanner->at_end) return TX_OK;
  status = tx_input_read(scanner->input, scanner->buffer, scanner->capacity, &count, error);
  if (status != TX_OK) return status;
  scanner->position = 0;
  scanner->limit = count;
  scanner->at_end = count == 0; /* stored, because a terminal would otherwise ask for its end twice */
  return TX_OK;
}

static void enter_line(tx_scanner *scanner)
{
  if (scanner->line_ended) {
    scanner->line++;
    scanner->line_ended = false;
  }
}

tx_status tx_scanner_peek(tx_scanner *scanner, int *ret_byte, tx_error *error)
{
  tx_status status = fill(scanner, error);
  if (status != TX_OK) return status;
  if (scanner->position == scanner->limit) {
    *ret_byte = -1;
    return TX_OK;
  }
  enter_line(scanner);
  *ret_byte = (unsigned char)scanner->buffer[scanner->position];
  return TX_OK;
}

void tx_scanner_take(tx_scanner *scanner)
{
  scanner->line_ended = scanner->buffer[scanner->position] == '\n';
  scanner->position++;
}

tx_status tx_scanner_stretch(tx_scanner *scanner, const char **ret_text, size_t *ret_length, bool *ret_ended,
                             tx_error *error)
{
  const char *start, *newline;
  size_t available;
  tx_status status = fill(scanner, error);
  if (status != TX_OK) return status;
  start = scanner->buffer + scanner->position;
  available = scanner->limit - scanner->position;
  *ret_text = start;
  if (available == 0) {
    *ret_length = 0;
    *ret_ended = true;
    return TX_OK;
  }
  enter_line(scanner);
  newline = memchr(start, '\n', available);
  *ret_length = newline ? (size_t)(newline - start) : available;
  *ret_ended = newline != NULL;
  scanner->position += *ret_length + (newline ? 1 : 0);
  scanner->line_ended = newline != NULL;
  return TX_OK;
}

tx_status tx_scanner_skip_line(tx_scanner *scanner, tx_error *error)
{
  bool ended = false;
  tx_status status = TX_OK;
  while (status == TX_OK && !ended) {
    const char *text;
    size_t length;
    status = tx_scanner_stretch(scanner, &text, &length, &ended, error);
  }
  return status;
}

tx_status tx_scanner_bytes(tx_scanner *scanner, size_t most, const char **ret_data, size_t *ret_count,
                           tx_error *error)
{
  const tx_status status = fill(scanner, error);
  const size_t available = scanner->limit - scanner->position;
  *ret_data = scanner->buffer + scanner->position;
  *ret_count = 0;
  if (status != TX_OK) return status;
  *ret_count = available < most ? available : most;
  scanner->position += *ret_count;
  return TX_OK;
}

void tx_scanner_close(tx_scanner *scanner)
{
  if (scanner->input) tx_input_close(scanner->input);
  free(scanner->buffer);
  *scanner = (tx_scanner){0};
}
