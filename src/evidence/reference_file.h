/* Reference sets as sections and metadata of a safetensors file: a file of their own
   (docs/references-format.md), or beside what a model has. */
#ifndef TX_EVIDENCE_REFERENCE_FILE_H
#define TX_EVIDENCE_REFERENCE_FILE_H

#include "evidence/reference_set.h"
#include "model/safetensors.h"

/* The value of the metadata key "references.format". */
#define TX_REFERENCES_FORMAT 1
/* What the names of all sections and metadata keys of references begin with. */
#define TX_REFERENCE_PREFIX "references."
/* The value of "taxamba.kind" of a file of references alone. */
#define TX_REFERENCES_KIND "references"

/* Columns of the section "references.table", one row for each reference. */
enum tx_reference_column {
  TX_REFERENCE_LENGTH,  /* bases */
  TX_REFERENCE_LINEAGE, /* row in "references.lineages" */
  TX_REFERENCE_RECORDS,
  TX_REFERENCE_EXCEPTIONS, /* their number */
  TX_REFERENCE_ID_BYTES,
  TX_REFERENCE_COLUMNS
};

enum { TX_REFERENCE_SECTIONS = 10, TX_REFERENCE_METADATA = 3 };

/* What is stored of a set. The sections are in the order of a file: those of 8 bytes a number, of 4, of 1. */
typedef struct tx_reference_sections {
  tx_section sections[TX_REFERENCE_SECTIONS];
  tx_metadata metadata[TX_REFERENCE_METADATA];
  /* what they point to, besides the set */
  uint32_t *table;
  double *weights;
  tx_bytes taxonomy, features;
} tx_reference_sections;

/* `set` is borrowed until the sections are freed. TX_ERROR_NUMERIC: its weights are not what a reader takes.
   On errors there is nothing to free. */
tx_status tx_reference_sections_create(const tx_reference_set *set, tx_reference_sections *ret_sections,
                                       tx_error *error);
void tx_reference_sections_free(tx_reference_sections *sections);

/* The names of the features that weights are for, separated by commas. */
void tx_reference_features(tx_bytes *out);
/* NULL, or what is wrong with fitted weights. Static storage. */
const char *tx_fitted_weights_fault(const tx_fitted_weights *fitted, size_t kinds);

/* Reads the sections of a set from a file that is open, and validates them in full: whatever they hold, a set
   that is returned can be searched. Everything is copied. `name` is for messages. TX_ERROR_MODEL. */
tx_status tx_reference_sections_read(const char *name, const tx_safetensors *file, tx_reference_set **ret_set,
                                     tx_error *error);

/* tx_reference_set_open of `size` bytes in memory. */
tx_status tx_reference_set_read(const char *name, const void *data, size_t size, tx_reference_set **ret_set,
                                tx_error *error);

#endif
