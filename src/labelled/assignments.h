/* A taxonomy beside FASTA: a two-column table of IDs and lineages, held in memory by ID. */
#ifndef TX_LABELLED_ASSIGNMENTS_H
#define TX_LABELLED_ASSIGNMENTS_H

#include "base/input.h"
#include "labelled/skipped.h"
#include "labelled/styles.h"
#include "taxon/lineage.h"

#include <taxamba/status.h>

typedef struct tx_assignments tx_assignments;

/* Reads "ID <tab> k__..; p__.. [<tab> more]" lines, with lineages of any style that `header` (of which the
   text is not used) allows; a first line that begins with "#" or "Feature ID" is a header. Equal lineages are
   stored once. The input is closed in any case. TX_ERROR_DATA: no tab, a bad lineage, an ID with two lineages
   (naming both lines), a control character, no line at all; `skipped` takes such lines if they are to be left
   out. */
tx_status tx_assignments_read(tx_input *input, const tx_header *header, tx_skipped *skipped,
                              tx_assignments **ret_assignments, tx_error *error);
/* The lineage of an ID as a text, NULL if the file has none. Borrowed. */
const char *tx_assignments_find(const tx_assignments *assignments, const char *id, size_t id_length);
/* The style of the lineages; they are read as texts that stand alone. */
const tx_style *tx_assignments_style(const tx_assignments *assignments);
/* The ranks that occur. Borrowed. */
const tx_rank_order *tx_assignments_order(const tx_assignments *assignments);
void tx_assignments_free(tx_assignments *assignments);

#endif
