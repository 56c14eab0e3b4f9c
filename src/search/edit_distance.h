/* The edit distance of two barcodes within a band of diagonals. */
#ifndef TX_SEARCH_EDIT_DISTANCE_H
#define TX_SEARCH_EDIT_DISTANCE_H

#include "search/sequence.h"

/* How far from its middle a band reaches: the wide one has 128 diagonals and takes twice the time of the
   narrow one, which has 64. */
typedef enum tx_band { TX_BAND_NARROW = 31, TX_BAND_WIDE = 63 } tx_band;

enum { TX_PLACES_BEFORE = 128, TX_PLACES_BEHIND = 320 };

/* Where each of the four bases is allowed in a barcode: bit TX_PLACES_BEFORE + i for letter i. */
typedef struct tx_base_places {
  uint64_t of[4][(TX_PLACES_BEFORE + TX_SEQUENCE_MAX + TX_PLACES_BEHIND) / 64];
} tx_base_places;

/* sets (count): tx_bases_set of each letter; count is at most TX_SEQUENCE_MAX. */
void tx_base_places_fill(tx_base_places *places, const uint8_t *sets, size_t count);

/* Letters start .. start + count of a barcode. */
typedef struct tx_edit_stretch {
  const tx_base_places *places;
  size_t start, count;
} tx_edit_stretch;

/* The edit distance of a stretch and the letters b: insertions, deletions and substitutions cost 1, letters
   match where their sets have a base in common. Only alignments whose diagonals (position in b - position in
   a) lie from middle - band to middle + band + 1 are considered: the result is never below the distance, and
   equal to it when the best alignment is among those. Both middle and middle + a.count - b_count must lie
   within -band..band, and b_count be at most TX_SEQUENCE_MAX. */
size_t tx_edit_distance(const tx_edit_stretch *a, const uint8_t *b, size_t b_count, int middle, tx_band band);

#endif
