/* The reader of FASTA, FASTQ, BAM and CRAM behind <taxamba/record.h>. */
#ifndef TX_SEQ_FASTX_H
#define TX_SEQ_FASTX_H

#include "base/input.h"

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/record.h>

/* Whether up to TX_READS_MAGIC first bytes may be those of BAM or CRAM. */
enum { TX_READS_MAGIC = 5 };
bool tx_reader_is_reads(const char *bytes, size_t count);

/* The same as tx_reader_open, with a read buffer of `buffer_size` bytes (at least 1): every size reads the
   same records. */
tx_status tx_reader_open_sized(const char *const *paths, size_t count, size_t buffer_size,
                               tx_reader **ret_reader, tx_error *error);
/* The same as tx_reader_open with paths[0] already open, as `first` (from tx_input_open; only peeked at so
   far). The reader owns it, and closes it if this fails. count >= 1. */
tx_status tx_reader_open_input(tx_input *first, const char *const *paths, size_t count,
                               tx_reader **ret_reader, tx_error *error);
/* The same with a read buffer of `buffer_size` bytes. */
tx_status tx_reader_open_input_sized(tx_input *first, const char *const *paths, size_t count,
                                     size_t buffer_size, tx_reader **ret_reader, tx_error *error);

#endif
