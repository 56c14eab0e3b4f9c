/* The parts of a run's state that a checkpoint stores: memory that is written to the file and read back to
   the same address. The owner of a part adds it once; the checkpoint (train/checkpoint.h) writes and reads
   all of them. */
#ifndef TX_OPTIM_STATE_H
#define TX_OPTIM_STATE_H

#include <stddef.h>
#include <taxamba/status.h>

/* The values of a part. Each kind excludes values that no run can have written, which reveals a damaged
   checkpoint. */
typedef enum tx_state_kind {
  TX_STATE_FINITE,  /* float32, finite after every step: otherwise the run would have ended */
  TX_STATE_SQUARES, /* float32 of 0 and above: second moments, which may overflow without harm */
  TX_STATE_NOT_NAN, /* float32, which may be infinite */
  TX_STATE_INT32,
  /* a line for people in `count` bytes, including its end; "" when a checkpoint of an earlier version has
     none */
  TX_STATE_TEXT
} tx_state_kind;

typedef struct tx_state_part {
  /* name of its section in the checkpoint, or of its metadata if it is text; borrowed, as is data */
  const char *name;
  tx_state_kind kind;
  size_t count; /* elements */
  void *data;
} tx_state_part;

typedef struct tx_state_parts {
  tx_state_part *parts; /* (count) */
  size_t count, capacity;
} tx_state_parts;

/* Appends a part; one without elements is left out. A section of this name and size is then written to each
   checkpoint and required when a run is resumed. TX_ERROR_MEMORY. */
tx_status tx_state_parts_add(tx_state_parts *parts, tx_state_part part, tx_error *error);
/* Number of bytes of an element of a kind. */
size_t tx_state_size(tx_state_kind kind);
void tx_state_parts_free(tx_state_parts *parts);

#endif
