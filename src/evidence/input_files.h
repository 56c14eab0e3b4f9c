/* The files that labelled records were taken from, for the provenance. */
#ifndef TX_EVIDENCE_INPUT_FILES_H
#define TX_EVIDENCE_INPUT_FILES_H

#include "base/bytes.h"
#include "base/names.h"

#include <stdint.h>

typedef struct tx_input_file {
  char *path;
  uint64_t records; /* number of records taken */
  tx_names *splits; /* splits of these records */
} tx_input_file;

/* Zero-initialise. */
typedef struct tx_input_files {
  tx_input_file *files;
  size_t count, capacity;
} tx_input_files;

/* Counts a record of a file; records of one file come one after the other. TX_ERROR_MEMORY. */
tx_status tx_input_files_add(tx_input_files *files, const char *path, const char *opt_split, tx_error *error);
/* The path of the last record. Borrowed until tx_input_files_clear. */
const char *tx_input_files_last(const tx_input_files *files);
/* Appends the files as JSON objects, separated by commas: the name without its folders, the splits in their
   order as text, the amplicon, the number of records. */
void tx_input_files_describe(const tx_input_files *files, const char *opt_amplicon, tx_bytes *out);
void tx_input_files_clear(tx_input_files *files);

/* Adds a split to a list that is to be shown; beyond what is shown nothing is added. TX_ERROR_MEMORY. */
tx_status tx_splits_add(tx_names *splits, const char *opt_split, tx_error *error);

#endif
