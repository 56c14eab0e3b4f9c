/* From one classifier head per rank to one coherent lineage with a confidence per rank (docs/decoding.md).

   A path runs from the root of the taxonomy to a terminal taxon, one without children; it may lack ranks on
   its way (a gap) and may end above the last rank. Its score is the sum over all ranks of the log of a
   factor: the probability of its taxon there, or at a rank that it lacks the smaller of (a) the geometric
   mean of the probabilities of its own taxa and (b) the largest probability of any taxon of that rank. Thus
   a lineage has no advantage from fewer factors. The softmax of the scores over all paths gives their
   probabilities; the result is the best path (of equal ones that with the lowest index), and the confidence
   of a taxon is the sum of the probabilities of the paths through it, which cannot increase from a rank to
   the ranks below it. */
#ifndef TX_INFER_DECODE_H
#define TX_INFER_DECODE_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>
#include <taxamba/taxonomy.h>

/* The paths of one taxonomy. Immutable; shared between threads. */
typedef struct tx_lineage_decoder tx_lineage_decoder;

typedef struct tx_decoded_lineage {
  double score;                    /* score of the path: natural logarithm */
  size_t path;
  int32_t taxa[TX_RANKS_MAX];      /* class per rank, -1 = none */
  double confidence[TX_RANKS_MAX]; /* 0..1, 0 where there is no taxon */
} tx_decoded_lineage;

/* Makes a decoder with the paths of the taxonomy: those that end at a higher rank first, then in the order of
   the classes. The taxonomy is not borrowed. TX_ERROR_MODEL if the taxonomy has no taxon. */
tx_status tx_lineage_decoder_create(const tx_taxonomy *taxonomy, tx_lineage_decoder **ret_decoder,
                                    tx_error *error);
void tx_lineage_decoder_free(tx_lineage_decoder *decoder);

size_t tx_lineage_decoder_paths(const tx_lineage_decoder *decoder);
/* Returns the index at which the classes of `rank` begin in an array of the classes of all ranks, of length
   tx_lineage_decoder_classes. */
size_t tx_lineage_decoder_start(const tx_lineage_decoder *decoder, size_t rank);
size_t tx_lineage_decoder_classes(const tx_lineage_decoder *decoder);
/* Returns the taxa of a path: (ranks) indices into that array, -1 = none. Borrowed from the decoder. */
const int32_t *tx_lineage_decoder_path(const tx_lineage_decoder *decoder, size_t path);

/* Finds the best path and its confidences. log_probabilities (tx_lineage_decoder_classes) are finite natural
   logarithms, normalised at each rank. weights (tx_lineage_decoder_paths) is scratch; on return it has the
   probability of each path relative to the best one. O(paths * ranks); does not allocate. */
void tx_decode(const tx_lineage_decoder *decoder, const double *log_probabilities, double *weights,
               tx_decoded_lineage *ret_lineage);

/* Rounds the confidences down, and removes the taxa from the first rank whose confidence is below the
   threshold downwards. */
void tx_decoded_lineage_cut(tx_decoded_lineage *lineage, size_t ranks, double min_confidence);

/* Returns the confidence rounded down to 4 decimals, within 0..1. A value less than 1e-12 below a multiple of
   0.0001 is rounded to that multiple, so that the sum over all paths is 1. */
double tx_round_down(double confidence);

#endif
