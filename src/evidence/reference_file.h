/* Reference sets as sections and metadata of a safetensors file: a separate file
   (docs/references-format.md), or the file of a model. */
#ifndef TX_EVIDENCE_REFERENCE_FILE_H
#define TX_EVIDENCE_REFERENCE_FILE_H

#include "evidence/reference_set.h"
#include "model/safetensors.h"

/* The value of the metadata key "references.format". */
#define TX_REFERENCES_FORMAT 2
/* The prefix of the names of all sections and metadata keys of references. */
#define TX_REFERENCE_PREFIX "references."
/* The value of "taxamba.kind" in a file that has references and no model. */
#define TX_REFERENCES_KIND "references"

/* Columns of the section "references.table", one row for each reference. */
enum tx_reference_column {
  TX_REFERENCE_LENGTH,  /* bases */
  TX_REFERENCE_LINEAGE, /* row in "references.lineages" */
  TX_REFERENCE_RECORDS,
  TX_REFERENCE_EXCEPTIONS, /* number of exceptions */
  TX_REFERENCE_ID_BYTES,
  TX_REFERENCE_COLUMNS
};

/* The value of the metadata key "references.witness_format", which only sets with weights of a network
   have. */
#define TX_WITNESS_FORMAT "1"
/* The same of "references.split_format": with weights of taxa that only the network knows. */
#define TX_SPLIT_FORMAT "1"

enum { TX_REFERENCE_SECTIONS = 13, TX_REFERENCE_METADATA = 6 };

/* The stored form of a set. The sections are in the order of the file: first those whose elements have 8
   bytes, then 4, then 1. */
typedef struct tx_reference_sections {
  tx_section sections[TX_REFERENCE_SECTIONS];
  size_t section_count;
  tx_metadata metadata[TX_REFERENCE_METADATA];
  size_t metadata_count;
  /* memory that the sections point to, besides that of the set */
  uint32_t *table;
  double *weights, *reliability;
  double *witness, *witness_reliability; /* NULL: no network */
  double *split;                         /* NULL: no weights of taxa that only it knows */
  char network[9];
  tx_bytes taxonomy, features;
} tx_reference_sections;

/* Fills the sections of a set, which is borrowed until they are freed. TX_ERROR_NUMERIC when a reader would
   refuse its weights. On errors there is nothing to free. */
tx_status tx_reference_sections_create(const tx_reference_set *set, tx_reference_sections *ret_sections,
                                       tx_error *error);
void tx_reference_sections_free(tx_reference_sections *sections);

/* Appends the names of the features in the order of their weights, separated by commas. */
void tx_reference_features(tx_bytes *out);
/* The fault of fitted weights as text, NULL if there is none. Static storage. */
const char *tx_fitted_weights_fault(const tx_fitted_weights *fitted, size_t kinds);

/* Reads the sections of a set from a file that is open, and validates them in full: whatever they hold, a set
   that is returned can be searched. Everything is copied. `name` is for messages. TX_ERROR_MODEL. */
tx_status tx_reference_sections_read(const char *name, const tx_safetensors *file, tx_reference_set **ret_set,
                                     tx_error *error);

/* The same as tx_reference_set_open for `size` bytes in memory; `name` is for messages. */
tx_status tx_reference_set_read(const char *name, const void *data, size_t size, tx_reference_set **ret_set,
                                tx_error *error);

#endif
