/* Reads of CRAM 3.0 and 3.1 files that are not aligned. The only user of htslib, which decodes one container
   at a time, in memory: it never opens a file or an address, and never waits. */
#ifndef TX_SEQ_CRAM_H
#define TX_SEQ_CRAM_H

#include "seq/reads.h"

typedef struct tx_cram tx_cram;

/* Begins to read after the four bytes "CRAM". *ret_cram is set in any case, to be freed. See tx_reads_open.
   The first call turns htslib's log off for the whole process. */
tx_status tx_cram_open(tx_scanner *scanner, const char *file, tx_cram **ret_cram, tx_error *error);
/* See tx_reads_next and tx_reads_bases. */
tx_status tx_cram_next(tx_cram *cram, tx_read *ret_read, tx_error *error);
tx_status tx_cram_bases(tx_cram *cram, const char **ret_bases, size_t *ret_count);
/* NULL is allowed. */
void tx_cram_free(tx_cram *cram);
/* The version of htslib in use. Static storage. */
const char *tx_htslib_version(void);

#endif
