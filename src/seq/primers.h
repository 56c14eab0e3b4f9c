/* A pair of primers, and the stretch of a record between their sites: the amplicon. */
#ifndef TX_SEQ_PRIMERS_H
#define TX_SEQ_PRIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

enum {
  TX_PRIMER_LEAST = 10, /* letters of a primer */
  TX_PRIMER_MOST = 64,
  TX_PRIMER_CERTAIN = 8, /* least number of letters that stand for a single base */
  /* share of the letters that may mismatch, rounded down, but at least one letter */
  TX_PRIMER_MISMATCH_PERCENT = 15
};

/* A primer as it stands on the strand of the amplicon. */
typedef struct tx_primer {
  size_t length;
  size_t mismatches;    /* most mismatches of a site */
  uint64_t matches[16]; /* by the set of a letter of the record: bit i where letter i of the primer allows all
                           bases of the set */
} tx_primer;

typedef struct tx_primers {
  tx_primer forward; /* stands before the amplicon */
  tx_primer reverse; /* behind it: the reverse complement of the primer as it is ordered */
} tx_primers;

/* Reads "FORWARD,REVERSE", both from 5' to 3': IUPAC letters in either case, I (inosine) as N.
   TX_ERROR_USAGE. */
tx_status tx_primers_parse(const char *text, tx_primers *ret_primers, tx_error *error);

/* The site with the fewest mismatches among those in sets from .. count, the first of equal ones: its start
   and mismatches. False: there is none. sets: tx_bases_set of each letter, none of them 0. */
bool tx_primer_find(const tx_primer *primer, const uint8_t *sets, size_t count, size_t from,
                    size_t *ret_start, size_t *ret_mismatches);
/* The number of letters of a site that the start of the sets, or with at_end their end, cuts off: the longest
   such part with at least TX_PRIMER_LEAST letters, and its mismatches. 0: there is none. */
size_t tx_primer_find_part(const tx_primer *primer, const uint8_t *sets, size_t count, bool at_end,
                           size_t *ret_mismatches);

/* The amplicon of a record. */
typedef struct tx_amplicon {
  const char *letters; /* (count) on the strand of the forward primer, without gaps; of the buffer */
  size_t count;
  int primers;   /* how many have a site: 2; 1: the other end of the record is that of the amplicon; 0: the
                    letters are the whole record */
  bool reversed; /* the sites are on the reverse complement of the record */
} tx_amplicon;

/* How records became amplicons. */
typedef struct tx_amplicon_counts {
  uint64_t both;     /* both primers have a site */
  uint64_t one;      /* one has, and the record ends where the site of the other may lie */
  uint64_t aligned;  /* cut by an alignment with amplicons of the above, where that is done */
  uint64_t left_out; /* no site, or one far from the end, and no such alignment */
} tx_amplicon_counts;

/* Writes the counts as one line. `aligns`: records without sites are aligned. */
void tx_amplicon_counts_describe(const tx_amplicon_counts *counts, bool aligns, char *text, size_t size);

/* Zero-initialise. */
typedef struct tx_amplicon_buffer {
  uint8_t *sets;
  char *letters;
  size_t set_capacity, letter_capacity;
} tx_amplicon_buffer;

/* Cuts a record: on each strand the best site of the forward primer, and the best one of the reverse primer
   behind it; where one of them has a site, a part of the other's at the end of the record counts too. The
   strand with more sites is chosen, of equal ones that with fewer mismatches, then the record as it is.
   False: no memory. */
bool tx_primers_cut(const tx_primers *primers, const char *letters, size_t count, tx_amplicon_buffer *buffer,
                    tx_amplicon *ret_amplicon);
void tx_amplicon_buffer_free(tx_amplicon_buffer *buffer);

#endif
