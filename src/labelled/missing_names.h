/* Names that stand for "no label": the user's own, and how many were met. */
#ifndef TX_LABELLED_MISSING_NAMES_H
#define TX_LABELLED_MISSING_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

/* Zero-initialise; free with tx_missing_names_free. */
typedef struct tx_missing_names {
  char *text; /* holds the names */
  /* sorted, without regard to letter case: first the names, then the patterns (with a '*') */
  const char **items;
  size_t name_count, count;
} tx_missing_names;

/* Reads a file with a name a line; white space around it does not count, empty lines and lines that begin
   with '#' are skipped. TX_ERROR_IO, TX_ERROR_DATA (more than 16 MiB, a NUL byte, no name), TX_ERROR_MEMORY,
   TX_STOPPED. */
tx_status tx_missing_names_read(const char *path, const volatile int *opt_stop, tx_missing_names *names,
                                tx_error *error);
/* Whether a label, trimmed, is one of the names or matches a pattern. */
bool tx_missing_names_match(const tx_missing_names *names, const char *label);
void tx_missing_names_free(tx_missing_names *names);

/* Names met that stand for no label. Zero-initialise. */
typedef struct tx_placeholders {
  uint64_t count;
  char first[64]; /* the first of them, cut at 63 bytes */
} tx_placeholders;

/* Counts some; name: the first of them, not read when there are none. */
void tx_placeholders_add(tx_placeholders *placeholders, const char *name, uint64_t count);

#endif
