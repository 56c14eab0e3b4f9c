/* Whether a sequence is like the barcodes that a network has learnt: a Markov chain of order 7 over the
   bases, and the score below which a sequence is unlike them. docs/numerics.md has the formulas. */
#ifndef TX_SEQ_LIKENESS_H
#define TX_SEQ_LIKENESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

enum {
  TX_LIKENESS_BASES = 8,     /* of a word: seven and the one that they predict */
  TX_LIKENESS_WORDS = 65536, /* 4^8 */
  TX_LIKENESS_LENGTHS = 6,   /* most lengths with a threshold */
  TX_LIKENESS_UNITS = 16,    /* of a bit: a score of a word is a whole number of them */
  TX_LIKENESS_RECORDS = 200, /* fewest judged records that a threshold is drawn from */
  /* groups are the taxa of the highest rank with so many, else of the lowest */
  TX_LIKENESS_TAXA = 30
};

typedef struct tx_likeness {
  const int8_t *scores; /* (TX_LIKENESS_WORDS) log2 of 4 P(base | the seven before it); NULL: there is none */
  size_t lengths;
  double length[TX_LIKENESS_LENGTHS];    /* bases, ascending */
  double threshold[TX_LIKENESS_LENGTHS]; /* bits a base */
} tx_likeness;

/* Mean score of the words without N of (count) codes, in bits a base above chance; 0 if there is none. */
double tx_likeness_score(const tx_likeness *likeness, const uint8_t *codes, size_t count);
/* The threshold for a sequence of so many bases: linear between the lengths, constant outside them. */
double tx_likeness_threshold(const tx_likeness *likeness, size_t bases);
/* Whether the score is at least the threshold, and the sequence is no repeat. */
bool tx_likeness_accepts(const tx_likeness *likeness, const uint8_t *codes, size_t count);

/* The sequences of a fit. */
typedef struct tx_likeness_source {
  size_t count;
  size_t longest;
  void *context;
  /* Sets codes (longest) to the sequence of a number and returns its length. *ret_group names its taxon: the
     sequences of a group are judged by a chain without them; 0: it is not judged. */
  size_t (*read)(void *context, size_t number, uint8_t *codes, uint64_t *ret_group);
} tx_likeness_source;

/* The group of a taxon: the same for the same rank and name. */
uint64_t tx_likeness_group(size_t rank, const char *name);

/* Fits scores (TX_LIKENESS_WORDS, of the caller) and the lengths and thresholds of `likeness`, whose scores
   point to them then. Fewer than TX_LIKENESS_RECORDS judged sequences: likeness->scores is NULL. The result
   depends on the sequences and their groups, and with more than 20,000 on their order. TX_ERROR_MEMORY. */
tx_status tx_likeness_fit(const tx_likeness_source *source, int8_t *scores, tx_likeness *likeness,
                          tx_error *error);

#endif
