/* Finds taxa of a taxonomy by the names of a lineage. */
#ifndef TX_TRAIN_MATCH_H
#define TX_TRAIN_MATCH_H

#include <stdint.h>
#include <taxamba/taxonomy.h>

/* The taxa of each rank sorted by name. */
typedef struct tx_matcher tx_matcher;

/* The taxonomy must outlive the matcher. */
tx_status tx_matcher_create(const tx_taxonomy *taxonomy, tx_matcher **ret_matcher, tx_error *error);

/* For each rank the taxon that has the lineage's name and whose ancestors have the lineage's names wherever both have one.
   taxa[rank_count], NULL = no label. classes[rank_count]: `none` without label, `unknown` when no taxon agrees or several do. */
void tx_matcher_find(const tx_matcher *matcher, const char *const *taxa, int32_t none, int32_t unknown, int32_t *classes);

void tx_matcher_free(tx_matcher *matcher);

#endif
