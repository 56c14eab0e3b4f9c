/* A QIIME 2 taxonomy: a two-column table of IDs and lineages, held in memory by ID. */
#ifndef TX_LABELLED_ASSIGNMENTS_H
#define TX_LABELLED_ASSIGNMENTS_H

#include "base/input.h"
#include "labelled/skipped.h"
#include "taxon/lineage.h"

#include <taxamba/status.h>

typedef struct tx_assignments tx_assignments;

/* Reads "ID <tab> k__..; p__.. [<tab> more]" lines; a first line that begins with "#" or "Feature ID" is a
   header. Equal lineages are stored once. The input is closed in any case. TX_ERROR_DATA: no tab, a bad
   lineage, an ID with two lineages (naming both lines), a control character, no line at all; `skipped` takes
   such lines if they are to be left out. */
tx_status tx_assignments_read(tx_input *input, tx_skipped *skipped, tx_assignments **ret_assignments,
                              tx_error *error);
/* The lineage of an ID, NULL if the file has none. Borrowed. */
const tx_lineage *tx_assignments_find(const tx_assignments *assignments, const char *id, size_t id_length);
/* The set of all prefixes that occur. */
uint32_t tx_assignments_present(const tx_assignments *assignments);
void tx_assignments_free(tx_assignments *assignments);

#endif
