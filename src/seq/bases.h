/* Bases as small codes: A 0, C 1, G 2, T 3, N 4 (any other IUPAC letter). */
#ifndef TX_SEQ_BASES_H
#define TX_SEQ_BASES_H

#include <stddef.h>
#include <stdint.h>

enum { TX_BASE_A = 0, TX_BASE_C = 1, TX_BASE_G = 2, TX_BASE_T = 3, TX_BASE_N = 4 };

/* Normalises letters to codes: upper case, U -> T, gaps '-' and '.' removed, other IUPAC letters -> N.
   codes must hold `count`. Returns the number of codes written. */
size_t tx_bases_encode(const char *letters, size_t count, uint8_t *codes);
/* Number of codes kept of a barcode: at most max_bases (0 = no limit) from the start, then trailing N stripped. */
size_t tx_bases_trim(const uint8_t *codes, size_t count, size_t max_bases);
/* In-place reverse complement. */
void tx_bases_reverse_complement(uint8_t *codes, size_t count);
/* Number of A, C, G, T. */
size_t tx_bases_certain(const uint8_t *codes, size_t count);

/* Two codes a byte, first in the low half: (count + 1) / 2 bytes. */
void tx_bases_pack(const uint8_t *codes, size_t count, uint8_t *packed);
void tx_bases_unpack(const uint8_t *packed, size_t count, uint8_t *codes);

#endif
