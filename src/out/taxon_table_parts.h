/* The sums of a tx_taxon_table. */
#ifndef TX_OUT_TAXON_TABLE_PARTS_H
#define TX_OUT_TAXON_TABLE_PARTS_H

#include "base/bytes.h"
#include "base/names.h"

#include <taxamba/taxon_table.h>

struct tx_taxon_table {
  char *ranks[TX_RANKS_MAX];
  size_t rank_count;
  tx_names *lineages; /* names down to the lowest, each with its NUL; the empty key is unclassified */
  tx_names *cells;    /* uint32_t lineage and sample */
  double *reads;      /* (cells) */
  size_t read_capacity;
  double total;
  tx_bytes key; /* scratch */
};

#endif
