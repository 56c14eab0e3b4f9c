/* Sequences of two bits a base, with a list of the letters that are no single base.

   Base i is in bits 2 * (i % 32) of word i / 32, as the codes of seq/bases: A 0, C 1, G 2, T 3, so that the
   low bit of (a ^ b) tells a transversion. An uncertain letter (IUPAC) is stored as A and listed as an
   exception with the set of its bases. One word more than needed follows the bases: a word may be read at any
   base. */
#ifndef TX_SEARCH_SEQUENCE_H
#define TX_SEARCH_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  TX_WORD_BASES = 32,
  /* Longest sequence that is searched and aligned; a longer one is cut there. */
  TX_SEQUENCE_MAX = 16384
};

/* One bit for each base of a word. */
#define TX_BASE_BITS UINT64_C(0x5555555555555555)

/* Number of bases of a word that are marked by their low bit; the high bits are 0. */
static inline uint32_t tx_count_bases(uint64_t x)
{
  x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
  x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
  return (uint32_t)(x * UINT64_C(0x0101010101010101) >> 56);
}

/* `length` uncertain letters side by side with the same set: bits A 1, C 2, G 4, T 8. */
typedef struct tx_exception {
  uint32_t start, length, set;
} tx_exception;

/* A view; everything is borrowed. */
typedef struct tx_sequence {
  const uint64_t *words; /* tx_sequence_words(count) */
  size_t count;          /* bases */
  const tx_exception *exceptions; /* in order, none of them touching the next with the same set */
  size_t exception_count;
} tx_sequence;

/* Words that `count` bases take, with the one that follows them. */
static inline size_t tx_sequence_words(size_t count)
{
  return (count + TX_WORD_BASES - 1) / TX_WORD_BASES + 1;
}

/* The 32 bases from `at` on; at <= count. Bits after the end of the sequence are unspecified. */
static inline uint64_t tx_sequence_word(const uint64_t *words, size_t at)
{
  const uint64_t *word = words + at / TX_WORD_BASES;
  const unsigned shift = 2 * (unsigned)(at % TX_WORD_BASES);
  return shift ? word[0] >> shift | word[1] << (64 - shift) : word[0];
}

/* Whether the first three bases of a word (tx_sequence_word) are TAA or TAG, which are stops in every
   mitochondrial code and in the standard one. */
static inline bool tx_sequence_is_stop(uint64_t word)
{
  const unsigned codon = (unsigned)word & 63;
  return codon == (3 | 0 << 2 | 0 << 4) || codon == (3 | 0 << 2 | 2 << 4);
}

/* A sequence that owns its memory and can be filled again and again. Zero-initialise. */
typedef struct tx_sequence_buffer {
  tx_sequence view;
  uint64_t *words;
  size_t word_capacity;
  tx_exception *exceptions;
  size_t exception_capacity;
} tx_sequence_buffer;

/* Packs letters as tx_bases_encode reads them: at most TX_SEQUENCE_MAX bases, the first ones, or with `last`
   the last ones; uncertain letters at both ends are left out. False: no memory. */
bool tx_sequence_fill(tx_sequence_buffer *buffer, const char *letters, size_t count, bool last);
/* `buffer` gets the reverse complement of `sequence`. False: no memory. */
bool tx_sequence_reverse(tx_sequence_buffer *buffer, const tx_sequence *sequence);
/* `buffer` gets bases first .. first + count of `sequence`. False: no memory. */
bool tx_sequence_cut(tx_sequence_buffer *buffer, const tx_sequence *sequence, size_t first, size_t count);
void tx_sequence_buffer_free(tx_sequence_buffer *buffer);

/* The set of base `at`: one bit for a certain one. */
uint32_t tx_sequence_set(const tx_sequence *sequence, size_t at);
/* Number of certain bases. */
size_t tx_sequence_certain(const tx_sequence *sequence);
/* words (tx_sequence_words(count)): the low bit of each certain base set, the rest 0. */
void tx_sequence_certain_bits(const tx_sequence *sequence, uint64_t *words);
/* The next stretch of certain bases from *at on: true with *at its start and *ret_end the base after it.
   *exception is the number of the next exception, 0 at the start. */
bool tx_sequence_stretch(const tx_sequence *sequence, size_t *at, size_t *exception, size_t *ret_end);
/* Compares by length, bases, exceptions: < 0, 0, > 0. This is an order of content: it does not depend on
   addresses. */
int tx_sequence_compare(const tx_sequence *a, const tx_sequence *b);

#endif
