#include "base/unpack.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { PACKED_SIZE = 65536 };

struct tx_unpacker {
  const tx_unpack_format *format;
  void *decoder;
  tx_unpack_source source;
  void *context;
  tx_unpack_state state;
  bool source_ended;
  bool between; /* no stream has begun */
  bool first;   /* the current stream is the first */
  size_t begin, end; /* bytes of `packed` that are not yet read */
  unsigned char packed[PACKED_SIZE];
};

tx_unpacker *tx_unpacker_create(const tx_unpack_format *format, tx_unpack_source source, void *context)
{
  tx_unpacker *unpacker = malloc(sizeof *unpacker);
  if (!unpacker) return NULL;
  memset(unpacker, 0, sizeof *unpacker);
  unpacker->format = format;
  unpacker->source = source;
  unpacker->context = context;
  unpacker->between = unpacker->first = true;
  unpacker->decoder = format->create();
  if (unpacker->decoder) return unpacker;
  free(unpacker);
  return NULL;
}

void tx_unpacker_free(tx_unpacker *unpacker)
{
  if (!unpacker) return;
  unpacker->format->release(unpacker->decoder);
  free(unpacker);
}

tx_unpack_state tx_unpacker_state(const tx_unpacker *unpacker)
{
  return unpacker->state;
}

/* Reads more compressed bytes if there are fewer than `least`, or until the source ends. */
static tx_status refill(tx_unpacker *unpacker, size_t least, tx_error *error)
{
  while (unpacker->end - unpacker->begin < least && !unpacker->source_ended) {
    size_t count = 0;
    tx_status status;
    memmove(unpacker->packed, unpacker->packed + unpacker->begin, unpacker->end - unpacker->begin);
    unpacker->end -= unpacker->begin;
    unpacker->begin = 0;
    status = unpacker->source(unpacker->context, unpacker->packed + unpacker->end,
                              PACKED_SIZE - unpacker->end, &count, error);
    if (status != TX_OK) return status;
    unpacker->source_ended = count == 0;
    unpacker->end += count;
  }
  return TX_OK;
}

static tx_status judge(tx_unpacker *unpacker, tx_unpack_step step, tx_error *error)
{
  switch (step) {
  case TX_UNPACK_MORE:
    break;
  case TX_UNPACK_END:
    unpacker->between = true;
    unpacker->first = false;
    break;
  case TX_UNPACK_DAMAGED:
    unpacker->state = TX_UNPACK_BROKEN;
    break;
  case TX_UNPACK_LARGE:
    unpacker->state = TX_UNPACK_REFUSED;
    break;
  case TX_UNPACK_MEMORY:
    return tx_fail_memory(error, "compressed input");
  }
  return TX_OK;
}

/* Begins a stream, or determines the final state. Zeros between and after streams are skipped. */
static tx_status begin_stream(tx_unpacker *unpacker, tx_error *error)
{
  const tx_unpack_format *format = unpacker->format;
  const size_t magic = format->magic_size;
  tx_status status = refill(unpacker, 1, error);
  size_t count;
  if (!unpacker->first)
    while (status == TX_OK && unpacker->begin < unpacker->end && !unpacker->packed[unpacker->begin]) {
      unpacker->begin++;
      status = refill(unpacker, 1, error);
    }
  if (status == TX_OK && unpacker->begin < unpacker->end) status = refill(unpacker, magic, error);
  if (status != TX_OK) return status;
  count = unpacker->end - unpacker->begin;
  if (!count && !unpacker->first) {
    unpacker->state = TX_UNPACK_ENDED;
    return TX_OK;
  }
  if (count < magic || !format->matches(unpacker->packed + unpacker->begin, magic)) {
    unpacker->state = unpacker->first ? TX_UNPACK_BROKEN : TX_UNPACK_TRAILING;
    return TX_OK;
  }
  unpacker->between = false;
  return judge(unpacker, format->begin(unpacker->decoder), error);
}

static tx_status step_stream(tx_unpacker *unpacker, tx_unpack_window *window, tx_error *error)
{
  const size_t room = window->out_count;
  tx_unpack_step step;
  tx_status status = refill(unpacker, 1, error);
  if (status != TX_OK) return status;
  window->in = unpacker->packed + unpacker->begin;
  window->in_count = unpacker->end - unpacker->begin;
  /* Without input, too: a library may keep what had no room. */
  step = unpacker->format->step(unpacker->decoder, window);
  unpacker->begin = unpacker->end - window->in_count;
  if (step == TX_UNPACK_MORE && window->out_count == room && !window->in_count && unpacker->source_ended)
    step = TX_UNPACK_DAMAGED;
  return judge(unpacker, step, error);
}

tx_status tx_unpacker_read(tx_unpacker *unpacker, void *data, size_t size, size_t *ret_count, tx_error *error)
{
  tx_unpack_window window = {.out = data, .out_count = size};
  *ret_count = 0;
  while (unpacker->state == TX_UNPACK_OPEN && window.out_count == size) {
    const tx_status status =
        unpacker->between ? begin_stream(unpacker, error) : step_stream(unpacker, &window, error);
    if (status != TX_OK) return status;
  }
  *ret_count = size - window.out_count;
  return TX_OK;
}
