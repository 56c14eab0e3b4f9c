/* Alignment of a barcode with references, in three steps: the diagonal that most shared 8-mers lie on; the
   differences on it, base by base; and the edit distance where 8-mers on other diagonals indicate an
   insertion or deletion. */
#ifndef TX_SEARCH_ALIGN_H
#define TX_SEARCH_ALIGN_H

#include "search/sequence.h"

enum { TX_VOTE_BASES = 8, TX_VOTE_KMERS = 1 << 2 * TX_VOTE_BASES };

/* What an alignment found. A column counts when both of its letters are certain, or when the sets of the two
   have no base in common: then it is a mismatch. */
typedef struct tx_alignment {
  uint32_t length;        /* columns that count */
  uint32_t mismatches;    /* of them: substitutions, inserted and deleted bases */
  uint32_t transversions; /* among the substitutions on the diagonal, at most mismatches */
  uint32_t codon;         /* substitutions at codon positions 1 and 2, at most mismatches */
  uint32_t votes;         /* shared 8-mers on the diagonal */
  int32_t diagonal;       /* position in the reference - position in the barcode */
} tx_alignment;

/* A barcode that is prepared to be aligned, and the scratch of one thread. */
typedef struct tx_aligner tx_aligner;

/* Makes an aligner. longest: bases of the longest reference. gapped: the edit distance is always computed,
   and more 8-mers are looked up, for a marker whose length varies; otherwise it is computed where 8-mers
   indicate a gap. NULL: no memory. */
tx_aligner *tx_aligner_create(size_t longest, bool gapped);
void tx_aligner_free(tx_aligner *aligner);

/* Sets the barcode of the alignments that follow; borrowed until the next call. */
void tx_aligner_set(tx_aligner *aligner, const tx_sequence *query);
/* Fills *ret_alignment, without `codon`; its length is 0 when nothing can be aligned. */
void tx_align(tx_aligner *aligner, const tx_sequence *reference, tx_alignment *ret_alignment);
/* The same without gaps, on a diagonal that is known; `votes` is 0. Much faster, as it looks
   up no 8-mers. */
void tx_align_diagonal(tx_aligner *aligner, const tx_sequence *reference, int32_t on,
                       tx_alignment *ret_alignment);
/* Fills `codon` of an alignment with that reference. frame: the position in the barcode at which a codon
   starts, 0..2. */
void tx_align_codons(tx_aligner *aligner, const tx_sequence *reference, size_t frame,
                     tx_alignment *alignment);

#endif
