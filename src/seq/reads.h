/* Reads of BAM and CRAM files, one at a time. BAM is parsed here (SAM specification, section 4.2), in the
   bytes that base/input decompresses like any bgzip; CRAM is read by seq/cram. */
#ifndef TX_SEQ_READS_H
#define TX_SEQ_READS_H

#include "seq/scanner.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the flags of a read say (SAM specification, section 1.4). */
enum {
  TX_READ_PAIRED = 0x1,
  TX_READ_REVERSE = 0x10,
  TX_READ_FIRST = 0x40,
  TX_READ_LAST = 0x80,
  TX_READ_SECONDARY = 0x100,
  TX_READ_SUPPLEMENTARY = 0x800
};

/* One read. The name is borrowed until the next call. */
typedef struct tx_read {
  const char *name; /* with its NUL; printable, at least one character */
  size_t name_length;
  unsigned flags;
} tx_read;

typedef struct tx_reads tx_reads;

/* Begins to read: the scanner, which is borrowed, is at the start of the file (see tx_reader_is_reads), and
   `file` is its name for messages. *ret_reads is set in any case, to be freed. Errors: TX_ERROR_DATA for what
   is not BAM or CRAM 3; those of the scanner. */
tx_status tx_reads_open(tx_scanner *scanner, const char *file, tx_reads **ret_reads, tx_error *error);
/* The next read; TX_END after the last. Errors: TX_ERROR_DATA for truncated or damaged data, and for a CRAM
   file whose reads are stored as differences to a reference; those of the scanner. */
tx_status tx_reads_next(tx_reads *reads, tx_read *ret_read, tx_error *error);
/* Takes some of the bases of that read, letters of the SAM specification but '=', which is N here;
   *ret_count 0 after the last. Borrowed until the next call. */
tx_status tx_reads_bases(tx_reads *reads, const char **ret_bases, size_t *ret_count, tx_error *error);
/* NULL is allowed. */
void tx_reads_free(tx_reads *reads);

#endif
