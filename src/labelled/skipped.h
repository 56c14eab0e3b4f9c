/* Malformed records that are left out: how many, and the first of them. */
#ifndef TX_LABELLED_SKIPPED_H
#define TX_LABELLED_SKIPPED_H

#include <stdbool.h>
#include <stdint.h>
#include <taxamba/record.h>

enum { TX_SKIPPED_SHOWN = 5 };

/* Zero-initialise. */
typedef struct tx_skipped {
  bool wanted; /* malformed records are left out; else they are errors */
  uint64_t count;
  char lines[TX_SKIPPED_SHOWN][TX_MESSAGE_SIZE]; /* what is wrong with the first ones, and where */
} tx_skipped;

/* Counts an error of one record, if such records are to be left out and it is one: TX_ERROR_DATA. */
bool tx_skipped_take(tx_skipped *skipped, tx_status status, const tx_error *error);
/* Sends the count and the first places as warnings, once. */
void tx_skipped_warn(tx_skipped *skipped, const tx_input_hooks *hooks);

#endif
