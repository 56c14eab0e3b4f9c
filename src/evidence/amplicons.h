/* Records cut to the amplicon of a pair of primers, on their way into a reference set. */
#ifndef TX_EVIDENCE_AMPLICONS_H
#define TX_EVIDENCE_AMPLICONS_H

#include "base/pool.h"
#include "seq/primers.h"
#include "search/references.h"

typedef struct tx_amplicons tx_amplicons;

/* primers: see tx_primers_parse. ranks: those of the builder. TX_ERROR_USAGE, TX_ERROR_MEMORY. */
tx_status tx_amplicons_create(const char *primers, const char *const *ranks, size_t rank_count,
                              tx_amplicons **ret_amplicons, tx_error *error);
/* Adds the amplicon of a record with both sites to the builder, and keeps a copy of any other record;
   record->file must stay valid. */
tx_status tx_amplicons_add(tx_amplicons *amplicons, const tx_reference_record *record,
                           tx_references_builder *builder, tx_error *error);
/* Adds the amplicons of the records that were kept. One site is enough where no more than twice the median
   of the amplicons with both sites follows it, or where none has both. All others are aligned with the
   amplicons found so far, on both strands, and cut where those begin and end. The order of the records and
   the threads make no difference. TX_ERROR_MEMORY, TX_STOPPED. */
tx_status tx_amplicons_finish(tx_amplicons *amplicons, tx_references_builder *builder, tx_pool *pool,
                              const volatile int *opt_stop, tx_error *error);
/* Valid after tx_amplicons_finish. */
tx_amplicon_counts tx_amplicons_counts(const tx_amplicons *amplicons);
/* NULL is allowed. */
void tx_amplicons_free(tx_amplicons *amplicons);

#endif
