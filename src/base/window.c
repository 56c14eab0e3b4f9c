#include "base/window.h"

#include <stdint.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_SIZE = 65536 };

bool tx_window_make_room(tx_window *window)
{
  if (!window->data) return tx_reserve(&window->data, &window->capacity, FIRST_SIZE, 1);
  if (window->begin) {
    memmove(window->data, window->data + window->begin, window->end - window->begin);
    window->end -= window->begin;
    window->begin = 0;
  }
  if (window->capacity - window->end >= FIRST_SIZE / 4) return true;
  return window->capacity <= SIZE_MAX / 2 &&
         tx_reserve(&window->data, &window->capacity, window->capacity * 2, 1);
}

tx_status tx_window_read(tx_window *window, tx_input *input, tx_error *error)
{
  size_t count;
  const tx_status status =
      tx_input_read(input, window->data + window->end, window->capacity - window->end - 1, &count, error);
  if (status != TX_OK) return status;
  window->end += count;
  window->ended = count == 0;
  return TX_OK;
}
