/* Sequence records: FASTA, FASTQ, BAM and CRAM from files and standard input, one record at a time. FASTA and
   FASTQ may be compressed: gzip, bgzip, bzip2, xz, zstd (as far as the library was built with these). */
#ifndef TAXAMBA_RECORD_H
#define TAXAMBA_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One record. The pointers are borrowed from the reader until its next call. Strings are NUL-terminated as
   well. */
typedef struct tx_record {
  const char *id;       /* the first word of the header, or all of it: see tx_id_options */
  size_t id_length;
  const char *comment;  /* the rest of the header line, "" if none */
  size_t comment_length;
  /* sequence letters as in the file (any case, U, IUPAC, gaps), line breaks removed, unknown letters as N */
  const char *bases;
  size_t base_count;
  uint64_t omitted;     /* letters of the sequence that are not in `bases`: see tx_reader_limit; else 0 */
  /* number of reads that the record stands for: that of ";size=N" in the first word of the header (between
     ';', or at either end of the word), as vsearch and usearch write it; 1 where there is none, or where N
     is no number from 1 to 2^64 - 1. At least 1 from a tx_reader and in a sink */
  uint64_t size;
  const char *file;     /* the file the record came from, "standard input" for "-" */
  uint64_t line;        /* 1-based line of its header in that file; 0 of BAM and CRAM */
  uint64_t number;      /* 1-based number of the record in that file */
  /* set by the caller's own source, not read by the library, and returned to the sink with the record; NULL
     from a tx_reader */
  const void *tag;
} tx_record;

/* What the id of a record is. Zero-initialise for the first word of the header as it is. */
typedef struct tx_id_options {
  int whole;        /* of FASTA and FASTQ the whole header, each tab or other blank as ' '; no comment */
  int without_size; /* ";size=N" is taken out of the id (as by vsearch --xsize), unless nothing is left */
} tx_id_options;

/* How a reader waits and where its warnings go. Zero-initialise for none. */
typedef struct tx_input_hooks {
  /* may be NULL. While it is not 0 (for instance set by a signal handler), nothing waits for a pipe or a
     terminal: reading returns TX_STOPPED within a tenth of a second, and may be called again */
  const volatile int *stop;
  /* May be NULL. Called with a line about an input at its end, from the thread that reads: bytes after
     compressed data, bgzip or CRAM data without the block that ends it, letters read as N, alignments that
     are left out, no record at all. */
  void (*warn)(void *context, const char *line);
  void *context;
  /* May be NULL. Called likewise with what is worth knowing and no fault: columns that are not read. */
  void (*note)(void *context, const char *line);
} tx_input_hooks;

/* A source of records, so that pipelines can use any reader: TX_OK and a record, TX_END, or an error. It is
   called from one thread. */
typedef tx_status (*tx_record_source)(void *context, tx_record *record, tx_error *error);

/* How records are cut before they are read, in the order of the members; zeroed: not at all. */
typedef struct tx_cut_options {
  const char *opt_amplicon; /* "FORWARD,REVERSE", primers: the stretch between their sites, on the strand of
                               the first; NULL or "": all */
  const char *opt_window;   /* "FIRST,LAST", 1-based and inclusive, negative ones from the end; NULL or "":
                               all */
  uint64_t crop;            /* so many bases at a random place; shorter records stay whole; 0: all */
  uint64_t seed;            /* it and the id of a record give the place, whatever the order of the records */
} tx_cut_options;

typedef struct tx_reader tx_reader;

/* Opens `count` paths to be read one after the other; "-" is standard input; count 0 reads standard input.
   The first file is opened at once. The content decides between the formats, never the name. Errors:
   TX_ERROR_IO (missing, directory, unreadable), TX_ERROR_DATA (see tx_reader_next). TX_STOPPED (see
   tx_input_hooks). `paths` must outlive the reader; the hooks are copied. */
TX_API tx_status tx_reader_open(const char *const *paths, size_t count, const tx_input_hooks *opt_hooks,
                                tx_reader **ret_reader, tx_error *error);

/* The next record, TX_END after the last. Of BAM, secondary and supplementary alignments are left out, and
   reads that are aligned in reverse are given as they were read; "/1" and "/2" are added to the names of the
   two reads of a pair. An empty file has no records, and causes a warning. Errors, each with file, line and
   record: text before the first '>' or '@', binary junk, digits and signs in a sequence, a protein (more than
   one letter in eight is no IUPAC base), a control character in a header, FASTQ of unequal lengths, truncated
   or corrupt compressed data, BAM or CRAM, CRAM of aligned reads or of another version than 3. Fewer letters
   that are no bases, and '?', '!', are read as N; a warning counts them at the end of the file. Ids and
   comments are valid UTF-8: a byte that is not is read as Latin-1, and a warning counts such headers. After
   an error every call repeats it (but tx_reader_resume). Does not wait for more of a pipe than it needs: a
   record is returned once its end is known. Memory: the longest record. */
TX_API tx_status tx_reader_next(tx_reader *reader, tx_record *record, tx_error *error);

/* After an error of one record that is malformed: the next call of tx_reader_next looks for the record behind
   it. False if the error was another one (of the input, or text that is neither FASTA nor FASTQ), which every
   call repeats; true if there was none. FASTA goes on at a line that starts with '>', FASTQ behind the
   quality of the record; where its lines cannot be told apart, at the next one that starts with '@'. */
TX_API bool tx_reader_resume(tx_reader *reader);

/* tx_reader_next with the signature of a tx_record_source; `context` is the tx_reader. */
TX_API tx_status tx_reader_source(void *context, tx_record *record, tx_error *error);

/* Limits the bases that are kept, so that sequences of any length take little memory: from the next record
   on, a sequence with more than first + last bases (gaps do not count) is given as its first `first` and last
   `last` bases, one after the other, and no sequence has gaps. The letters left out are checked like the
   others and counted in record->omitted. 0, 0: everything, as at the start. tx_predict_extent returns the
   part that a run reads. */
TX_API void tx_reader_limit(tx_reader *reader, size_t first, size_t last);

/* Sets what the ids of the records are, from the next record on. */
TX_API void tx_reader_ids(tx_reader *reader, const tx_id_options *options);

/* Closes; NULL is allowed. */
TX_API void tx_reader_close(tx_reader *reader);

#ifdef __cplusplus
}
#endif
#endif
