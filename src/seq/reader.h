/* What the parts of the sequence reader share: seq/fastx reads texts, seq/reader_reads BAM and CRAM. */
#ifndef TX_SEQ_READER_H
#define TX_SEQ_READER_H

#include "base/bytes.h"
#include "base/utf8.h"
#include "seq/bases.h"
#include "seq/reads.h"
#include "seq/resume.h"
#include "seq/scanner.h"

#include <taxamba/record.h>

typedef enum tx_file_format { TX_FILE_UNKNOWN, TX_FILE_FASTA, TX_FILE_FASTQ, TX_FILE_READS } tx_file_format;

struct tx_reader {
  const char *const *paths;
  size_t path_count, path_index; /* path_index: the file being read, or to be opened next */
  size_t buffer_size;
  tx_input_hooks hooks;
  tx_scanner scanner;       /* its input is NULL between files */
  const char *file;         /* name of the current file for messages and records */
  tx_file_format format;    /* format of the current file */
  bool looked;              /* whether it is BAM or CRAM has been determined */
  uint64_t number;          /* records begun in the current file */
  uint64_t line;            /* line of the current header; 0 of BAM and CRAM */
  tx_bytes header;          /* the header without its marker; the id is NUL-terminated in place */
  tx_bytes spare;           /* for a header that has to be made UTF-8 */
  tx_foreign_lines headers; /* those of the current file that were not UTF-8 */
  /* bases of the record; with a limit: the first bases, then the last ones so far */
  tx_bytes bases;
  uint64_t letters;         /* number of letters of the sequence, in `bases` or not */
  size_t first, last;       /* limits of tx_reader_limit; 0, 0: no limit */
  tx_foreign foreign;       /* of the current file */
  tx_reads *reads;          /* of the current file, or NULL */
  uint64_t left_out;        /* secondary and supplementary alignments of the current file */
  tx_id_options ids;
  tx_record record;         /* the current one; its header only, whose texts are within `header` */
  tx_resume resume;         /* how reading goes on behind a malformed record */
  tx_status status; /* the error that ended the reading, TX_OK until then */
  tx_error failure;
};

/* Fails with an error at the current line of the current record, with its name if that is known. */
tx_status tx_reader_fail(tx_reader *reader, tx_error *error, const char *wording, ...) TX_PRINTF(3, 4);
/* Forgets the record before. */
void tx_reader_begin_record(tx_reader *reader);
/* Appends letters of the sequence, as far as they are kept. */
void tx_reader_append(tx_reader *reader, const char *text, size_t length);
/* Leaves of the letters only those that are kept, when all are there. */
void tx_reader_drop_middle(tx_reader *reader);

/* Begins a file of BAM or CRAM. */
tx_status tx_reader_open_reads(tx_reader *reader, tx_error *error);
/* Reads the next read of such a file; TX_END after its last. */
tx_status tx_reader_next_read(tx_reader *reader, tx_error *error);

#endif
