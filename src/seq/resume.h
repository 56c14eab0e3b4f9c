/* How the reader goes on behind a record that is malformed: where it failed, and the way to the next one. */
#ifndef TX_SEQ_RESUME_H
#define TX_SEQ_RESUME_H

#include "seq/scanner.h"

/* The part of a FASTQ record in which reading stands; TX_PART_END: its quality, or what is behind it. */
typedef enum tx_record_part { TX_PART_HEADER, TX_PART_SEQUENCE, TX_PART_QUALITY, TX_PART_END } tx_record_part;

typedef struct tx_resume {
  bool possible; /* the last error was of one record */
  bool needed;   /* the next record is to be looked for first */
  bool at_line;  /* no byte of the current line was taken */
  tx_record_part part;
  size_t lines; /* lines of the sequence so far that have letters, with the one being read */
} tx_resume;

/* Takes the lines up to the next record, or to the end: of FASTA up to a line that starts with '>'; of FASTQ
   the rest of the sequence, its '+' line, as many lines of quality as the sequence has, and what follows up
   to a line that starts with '@'. After TX_STOPPED it may be called again. Errors: those of the input. */
tx_status tx_resume_fasta(tx_resume *resume, tx_scanner *scanner, tx_error *error);
tx_status tx_resume_fastq(tx_resume *resume, tx_scanner *scanner, tx_error *error);

#endif
