/* What was met in lineages of headers and is told at the end. */
#ifndef TX_LABELLED_HEADER_NOTES_H
#define TX_LABELLED_HEADER_NOTES_H

#include "base/input.h"
#include "labelled/taxdump.h"
#include "taxon/lineage.h"

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialise. */
typedef struct tx_header_notes {
  uint64_t skipped;                 /* fields whose rank is not known */
  char first_skipped[64];           /* the first of them, cut at 63 bytes */
  uint64_t taxids[TX_TAXID_STATES]; /* records by the state of their taxid */
  uint32_t first[TX_TAXID_STATES];  /* the first taxid of each state */
  bool told;
} tx_header_notes;

/* Counts what a lineage has; opt_taxdump: where its taxid was looked up. */
void tx_header_notes_add(tx_header_notes *notes, const tx_lineage *lineage, const tx_taxdump *opt_taxdump);
/* Sends a warning about each kind, once. */
void tx_header_notes_tell(tx_header_notes *notes, const tx_input_hooks *hooks);

#endif
