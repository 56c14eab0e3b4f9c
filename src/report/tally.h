/* Sums by key, and taxa in lineages. */
#ifndef TX_REPORT_TALLY_H
#define TX_REPORT_TALLY_H

#include "report/data.h"

typedef struct tx_tally_sums {
  uint32_t key;                                 /* its number */
  double records, reads, confidence, confident; /* sums; confident: records with a confidence */
  double suspect;                               /* records with a suspect label */
} tx_tally_sums;

/* Zero-initialise; free with tx_tally_free. */
typedef struct tx_tally {
  tx_names *keys;
  tx_tally_sums *sums; /* (keys) */
  size_t count, capacity;
} tx_tally;

/* The sums of a key (an array of numbers), which are zero if it is new; NULL: no memory. */
tx_tally_sums *tx_tally_at(tx_tally *tally, const uint32_t *key, size_t length);
/* Copies the key of sums, which has at most TX_TALLY_KEY_MAX numbers; returns how many. */
enum { TX_TALLY_KEY_MAX = 2 * TX_RANKS_MAX };
size_t tx_tally_key(const tx_tally *tally, const tx_tally_sums *sums, uint32_t key[TX_TALLY_KEY_MAX]);
/* Sorts the sums by reads, then records, the largest first, then by first appearance. */
void tx_tally_sort(tx_tally *tally);
void tx_tally_free(tx_tally *tally);

/* A lineage as text: names with "; " between them, "?" where one is missing. */
void tx_lineage_text(const tx_result_report *report, const uint32_t *taxa, size_t count, char *text,
                     size_t size);
/* The taxa of a row at `ranks` down to its lowest call; returns how many. */
size_t tx_row_lineage(const tx_report_calls *calls, const tx_report_row *row, char *const *ranks,
                      size_t rank_count, uint32_t taxa[TX_RANKS_MAX]);
/* Index in the ranks of the predictions of each of `ranks`, -1 where they lack it. */
void tx_match_ranks(const tx_report_calls *calls, char *const *ranks, size_t rank_count,
                    int places[TX_RANKS_MAX]);

/* A tree of taxa while it is made. Zero-initialise; free with tx_taxa_tree_free. */
typedef struct tx_taxa_tree {
  tx_names *paths;
  struct tx_taxa_tree_node *nodes;
  size_t count, capacity;
} tx_taxa_tree;

/* Adds a path with its weight, of which `hits` (per taxon of the path; NULL: none) were right. */
tx_status tx_taxa_tree_add(tx_taxa_tree *tree, const uint32_t *taxa, size_t depth, double weight,
                           const bool *opt_hits, tx_error *error);
/* Puts the tree into numbers with the columns lineage, rank, depth, taxon, count, value; the value is the
   share of hits (`accuracy`) or of the weight. Siblings that are each less than a 300th of
   all are one row. */
tx_status tx_taxa_tree_put(const tx_taxa_tree *tree, const tx_result_report *report, char *const *ranks,
                           bool accuracy, tx_numbers *numbers, tx_error *error);
void tx_taxa_tree_free(tx_taxa_tree *tree);

#endif
