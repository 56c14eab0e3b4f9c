/* Byte-pair encoding over bases: symbols that stand for several bases each, made by merging two earlier ones;
   and learning these merges. */
#ifndef TX_SEQ_BPE_H
#define TX_SEQ_BPE_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

/* Ids: mask, separator, unknown, then the bases A, C, G, T, then one for each merge in the order learned. */
enum {
  TX_BPE_UNKNOWN = 2, /* an uncertain base; each is a token of its own and is never merged */
  TX_BPE_BASES = 3,
  TX_BPE_FIRST = 7, /* the symbol of merge 0 */
  TX_BPE_SYMBOLS_MAX = 4096,
  TX_BPE_LONGEST_MAX = 1024,      /* bases of a symbol */
  TX_BPE_TRAINING_BASES = 1 << 27 /* most bases that symbols are learned from: two bytes of memory each */
};

typedef struct tx_bpe_pair {
  int32_t left, right; /* ids below that of the symbol that stands for both */
} tx_bpe_pair;

/* Immutable; may be used by any number of threads at once. */
typedef struct tx_bpe tx_bpe;

/* Makes an encoder. TX_ERROR_DATA when a merge is impossible: an id that does not exist yet, a pair merged
   before, a symbol too long, too many symbols. */
tx_status tx_bpe_create(const tx_bpe_pair *pairs, size_t count, tx_bpe **ret_bpe, tx_error *error);
void tx_bpe_free(tx_bpe *bpe);
size_t tx_bpe_merges(const tx_bpe *bpe);
tx_bpe_pair tx_bpe_merge(const tx_bpe *bpe, size_t merge);
/* Number of ids in use, including mask, separator and unknown. */
size_t tx_bpe_symbols(const tx_bpe *bpe);
/* Number of bases of the longest symbol. */
size_t tx_bpe_longest(const tx_bpe *bpe);

/* Number of elements of scratch that tx_bpe_encode needs for `count` symbols. */
size_t tx_bpe_scratch(const tx_bpe *bpe, size_t count);
/* Merges `symbols` (base ids and unknowns) in place: the first merge at every match, from left to right, then
   the second, and so on. Linear in count. Returns the number of symbols after merging. */
size_t tx_bpe_encode(const tx_bpe *bpe, int32_t *symbols, size_t count, int32_t *scratch);

/* Learning: the most frequent pair of adjacent symbols becomes a new symbol, repeatedly. Overlapping pairs
   are all counted (AAA has two of AA), no pair contains an unknown or crosses the end of a sequence, and of
   equally frequent pairs the one with the lowest left id, then the lowest right id, is merged. All arithmetic
   is on integers, so that every machine learns the same symbols. */
typedef struct tx_bpe_learner tx_bpe_learner;

/* Makes a learner for at most this many sequences and bases (at most TX_BPE_TRAINING_BASES). */
tx_status tx_bpe_learner_create(size_t sequences, size_t bases, tx_bpe_learner **ret_learner,
                                tx_error *error);
void tx_bpe_learner_free(tx_bpe_learner *learner);
/* Adds the base codes of one sequence; bases beyond the learner's limit are left out. */
void tx_bpe_learner_add(tx_bpe_learner *learner, const uint8_t *codes, size_t count);
/* Learns until there are `symbols` ids (TX_BPE_FIRST to TX_BPE_SYMBOLS_MAX), or no pair is left that occurs
   twice and has at most `longest` bases. To be called once; afterwards tx_bpe_learner_tokens is the number of
   tokens of the sequences. Returns TX_STOPPED between two merges when *opt_stop is set. */
tx_status tx_bpe_learn(tx_bpe_learner *learner, size_t symbols, size_t longest, const volatile int *opt_stop,
                       tx_bpe **ret_bpe, tx_error *error);
size_t tx_bpe_learner_sequences(const tx_bpe_learner *learner);
size_t tx_bpe_learner_bases(const tx_bpe_learner *learner);
size_t tx_bpe_learner_tokens(const tx_bpe_learner *learner);

#endif
