/* Inside of <taxamba/label_sources.h>. */
#ifndef TX_SOURCES_LABEL_SOURCES_H
#define TX_SOURCES_LABEL_SOURCES_H

#include "base/names.h"

#include <taxamba/label_sources.h>

/* The label of one source; texts are of tx_label_sources.texts. */
typedef struct tx_identification {
  bool conflicts;                        /* there were rows with other labels */
  const char *text;                      /* as in the table; "" if there is none */
  const char *taxa[TX_RANKS_MAX];        /* NULL: no name, or a conflict */
  const char *qualifier, *morphospecies; /* "" where there is none */
} tx_identification;

typedef struct tx_individual {
  const char *id;
  char *sequence;    /* NULL: none */
  const char *split; /* NULL: none */
  tx_identification sides[TX_LABEL_SIDES];
  tx_label_state state;
  int differing_rank;
} tx_individual;

struct tx_label_sources {
  char *id_name;            /* of the id column of the first table */
  size_t rank_count, genus; /* genus: its rank, or rank_count */
  char *ranks[TX_RANKS_MAX];
  tx_names *ids;   /* while tables are read: numbers are places in `individuals` */
  tx_names *texts; /* all texts, each once */
  tx_individual *individuals;
  size_t count, capacity;
};

/* Reads both tables into `sources`, which is zeroed but for its names. */
tx_status tx_label_tables_read(const tx_label_table *tables, tx_label_sources *sources, tx_error *error);

#endif
