/* The taxonomy of NCBI, as its taxdump has it (names.dmp, nodes.dmp, merged.dmp, delnodes.dmp): lineages by
   taxid. */
#ifndef TX_LABELLED_TAXDUMP_H
#define TX_LABELLED_TAXDUMP_H

#include "base/input.h"
#include "taxon/lineage.h"

#include <taxamba/status.h>

/* Immutable; may be shared between threads. Takes 16 bytes a taxon and the letters of its scientific name:
   some 120 MB for NCBI's 2.6 million. */
typedef struct tx_taxdump tx_taxdump;

typedef enum tx_taxid_state {
  TX_TAXID_KNOWN,
  TX_TAXID_MERGED, /* known under another number */
  TX_TAXID_DELETED,
  TX_TAXID_UNKNOWN,
  TX_TAXID_STATES
} tx_taxid_state;

/* Reads the files of a folder; merged.dmp and delnodes.dmp may be missing. TX_ERROR_IO; TX_ERROR_DATA with
   file and line: a line without taxid, a taxon that occurs twice or whose parent is missing, a circle or more
   than 256 levels; TX_ERROR_MEMORY, TX_STOPPED. */
tx_status tx_taxdump_open(const char *folder, const tx_input_hooks *opt_hooks, tx_taxdump **ret_taxdump,
                          tx_error *error);
/* The same for files that are open: nodes, names, and NULL or merged and deleted taxids. They are closed in
   any case, and set to NULL. */
enum { TX_TAXDUMP_FILES = 4 };
tx_status tx_taxdump_read(tx_input *inputs[TX_TAXDUMP_FILES], tx_taxdump **ret_taxdump, tx_error *error);
tx_taxid_state tx_taxdump_find(const tx_taxdump *taxdump, uint32_t taxid);
/* Replaces the names of a lineage by those of the ancestors of its taxid, and of itself; where it is not
   known the lineage keeps its names, if it has any. All usual ranks that the taxonomy has occur. The names
   are borrowed from the taxdump. */
void tx_taxdump_lineage(const tx_taxdump *taxdump, tx_lineage *lineage);
void tx_taxdump_free(tx_taxdump *taxdump);

#endif
