/* The part of an input that is in memory: the bytes that a reader of lines or rows has read but not taken
   yet. */
#ifndef TX_BASE_WINDOW_H
#define TX_BASE_WINDOW_H

#include "base/input.h"

#include <stdbool.h>

/* Zero-initialise, then tx_window_make_room; free(data) at the end. */
typedef struct tx_window {
  char *data;
  size_t capacity;
  size_t begin; /* first byte that is not taken yet */
  size_t end;   /* end of the bytes read */
  bool ended;   /* the input has no more */
} tx_window;

/* Moves the bytes that are not taken to the front and makes space after them. False: no memory, and nothing
   is lost. */
bool tx_window_make_room(tx_window *window);
/* Reads more bytes into that space; one byte is left free for a closing NUL. Errors as tx_input_read. */
tx_status tx_window_read(tx_window *window, tx_input *input, tx_error *error);

#endif
