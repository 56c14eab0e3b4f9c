#include "optim/state.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t tx_state_size(tx_state_kind kind)
{
  switch (kind) {
  case TX_STATE_INT32:
    return sizeof(int32_t);
  case TX_STATE_TEXT:
    return 1;
  default:
    return sizeof(float);
  }
}

tx_status tx_state_parts_add(tx_state_parts *parts, tx_state_part part, tx_error *error)
{
  if (part.count == 0) return TX_OK;
  if (!tx_reserve(&parts->parts, &parts->capacity, parts->count + 1, sizeof *parts->parts))
    return tx_fail_memory(error, "the state of the run");
  parts->parts[parts->count++] = part;
  return TX_OK;
}

void tx_state_parts_free(tx_state_parts *parts)
{
  free(parts->parts);
  memset(parts, 0, sizeof *parts);
}
