/* Bases as small codes: A 0, C 1, G 2, T 3, N 4 (any other IUPAC letter). */
#ifndef TX_SEQ_BASES_H
#define TX_SEQ_BASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TX_BASE_A = 0, TX_BASE_C = 1, TX_BASE_G = 2, TX_BASE_T = 3, TX_BASE_N = 4 };

/* The letters in a stretch of sequence text. Letters are ACGTU, RYSWKMBDHV, N and X in either case, and the
   gaps '-' and '.'; space is blank, tab, CR, LF, VT and FF; any other byte is foreign. */
typedef enum tx_letters { TX_LETTERS_FOREIGN = 0, TX_LETTERS_SPACED = 2, TX_LETTERS_PURE = 3 } tx_letters;

/* FOREIGN if any byte is foreign, otherwise SPACED if there is any space, otherwise PURE (also for no
   bytes). */
tx_letters tx_letters_scan(const char *letters, size_t count);
/* The class of one byte. */
tx_letters tx_letters_class(char letter);
/* Whether a foreign byte is a letter, or one of "?!*", which stand for a base that is not known: it is read
   as N. */
bool tx_letters_unknown(char letter);
/* Foreign letters of one sequence, and of all sequences of a file. Zero-initialise. */
typedef struct tx_foreign {
  uint64_t letters;        /* of the sequence, without "?!" */
  char first;              /* the first of the sequence, and its line */
  uint64_t first_line;
  uint64_t all, sequences; /* of the file, read as N */
  char example;            /* the first of the file, and its line */
  uint64_t example_line;
} tx_foreign;
/* Begins a sequence. */
void tx_foreign_begin(tx_foreign *foreign);
/* Counts a byte for which tx_letters_unknown holds. */
void tx_foreign_add(tx_foreign *foreign, char letter, uint64_t line);
/* Ends a sequence of `count` letters. False: more than one in eight is foreign, as in a protein. */
bool tx_foreign_end(tx_foreign *foreign, uint64_t count);
/* Describes those of a file, "letters that are no bases ..."; false: there are none. */
bool tx_foreign_describe(const tx_foreign *foreign, char *text, size_t size);
/* Describes a foreign byte for a message that continues after "sequence: ", for instance "'E' is no
   nucleotide letter ..."; text must hold 128 bytes. Returns text. */
const char *tx_letters_describe(char letter, char *text);

/* Normalises letters to codes: upper case, U -> T, gaps '-' and '.' and space removed, other IUPAC letters ->
   N (as is any byte that tx_letters_scan calls foreign). codes must hold `count`. Returns the number of codes
   written. */
size_t tx_bases_encode(const char *letters, size_t count, uint8_t *codes);
/* The bases that a letter may stand for, as bits A 1, C 2, G 4, T 8: one bit of A C G T U, several of the
   other IUPAC letters (X as N), 15 of any other byte, 0 of a gap or space. */
uint32_t tx_bases_set(char letter);
/* The set of the complements: A and T, C and G are exchanged. */
static inline uint32_t tx_bases_set_complement(uint32_t set)
{
  return (set & 1) << 3 | (set & 2) << 1 | (set & 4) >> 1 | (set & 8) >> 3;
}
/* The letter of a set, a capital; '-' of an empty one. */
static inline char tx_bases_set_letter(uint32_t set)
{
  return "-ACMGRSVTWYHKDBN"[set & 15];
}
/* The same for no more than the first or the last `most` codes (0 = all); codes must hold the smaller of
   `count` and `most`. */
size_t tx_bases_encode_first(const char *letters, size_t count, size_t most, uint8_t *codes);
size_t tx_bases_encode_last(const char *letters, size_t count, size_t most, uint8_t *codes);
/* Number of codes kept of a barcode: at most max_bases (0 = no limit) from the start, then trailing N
   stripped. */
size_t tx_bases_trim(const uint8_t *codes, size_t count, size_t max_bases);
/* Replaces the codes by their reverse complement. */
void tx_bases_reverse_complement(uint8_t *codes, size_t count);
/* Number of A, C, G, T. */
size_t tx_bases_certain(const uint8_t *codes, size_t count);

/* Packs two codes into a byte, the first in the low half: (count + 1) / 2 bytes. */
void tx_bases_pack(const uint8_t *codes, size_t count, uint8_t *packed);
void tx_bases_unpack(const uint8_t *packed, size_t count, uint8_t *codes);

#endif
