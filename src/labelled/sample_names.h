/* Names of samples in the names of files and in ids. */
#ifndef TX_LABELLED_SAMPLE_NAMES_H
#define TX_LABELLED_SAMPLE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* A stretch of a text. */
typedef struct tx_stretch {
  const char *text;
  size_t length;
} tx_stretch;

/* The last part of a path, without the endings of compressed files, then of sequence files and tables. A name
   that is nothing but such an ending is kept. */
tx_stretch tx_sample_of_path(const char *path);

/* The sample that an id names: see tx_sample_options.from. Length 0: it names none. */
tx_stretch tx_sample_of_id(const char *id, size_t length);

#endif
