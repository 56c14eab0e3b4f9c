/* Records that occur more than once under one ID: their labels should agree. */
#ifndef TX_TAXON_DUPLICATES_H
#define TX_TAXON_DUPLICATES_H

#include "taxon/taxonomy.h"

typedef struct tx_duplicates tx_duplicates;

/* Creates the list of IDs. `builder` gives lineage numbers their labels and must outlive the result. */
tx_status tx_duplicates_create(const tx_taxonomy_builder *builder, tx_duplicates **ret_duplicates,
                               tx_error *error);

/* Notes a record. If its ID occurred before with a contradicting label (two names at one rank; a blank
   contradicts nothing), one line is reported with both places. Memory: about 50 bytes an ID besides its
   letters. An empty ID is skipped. */
tx_status tx_duplicates_add(tx_duplicates *duplicates, const char *id, size_t id_length, int32_t lineage,
                            const char *file, uint64_t line, tx_error *error);

/* The number of records whose ID occurred before. */
uint64_t tx_duplicates_repeated(const tx_duplicates *duplicates);
/* The number of records that contradict an earlier one of their ID. */
uint64_t tx_duplicates_contradicting(const tx_duplicates *duplicates);
/* Lines of the report, at most TX_REPORTS_MAX. Borrowed. */
size_t tx_duplicates_report_count(const tx_duplicates *duplicates);
const char *tx_duplicates_report(const tx_duplicates *duplicates, size_t index);
void tx_duplicates_free(tx_duplicates *duplicates);

#endif
