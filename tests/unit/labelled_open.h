/* Opening labelled input in a test. */
#ifndef TX_TESTS_LABELLED_OPEN_H
#define TX_TESTS_LABELLED_OPEN_H

#include "unit/input_files.h"

#include <taxamba/labelled.h>

/* One file; the test fails unless the opening ends with `expected`. */
static inline tx_labelled *open_one(const char *path, const tx_labelled_options *options, tx_status expected,
                                    tx_error *error)
{
  tx_labelled *reader;
  tx_status status = tx_labelled_open(&path, 1, options, &reader, error);
  if (status != expected) fail_msg("status %d: %s", (int)status, status ? error->message : "");
  return reader;
}

#endif
