/* Learning byte-pair merges. A merge looks at every sequence, quickly, and rewrites those that have the pair; the numbers of pairs are
   kept up to date by what a rewrite changes and never counted anew. Memory: two bytes a base, and four bytes a possible pair. */
#include "seq/bpe.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BASES = 4 };

struct tx_bpe_learner {
  uint16_t *symbols; /* (room) the sequences one after the other; each shrinks in its place */
  uint32_t *starts;  /* (sequences) first symbol */
  uint32_t *lengths; /* (sequences) symbols left */
  size_t sequences, sequence_room;
  size_t bases, room;
  /* Of a run. */
  size_t most;                           /* ids that there may be */
  size_t known;                          /* ids that there are */
  uint32_t *counts;                      /* (most, most) places where the one id stands before the other */
  uint32_t bases_of[TX_BPE_SYMBOLS_MAX]; /* bases of an id */
  tx_bpe_pair pairs[TX_BPE_SYMBOLS_MAX]; /* of the merges so far */
};

tx_status tx_bpe_learner_create(size_t sequences, size_t bases, tx_bpe_learner **ret_learner, tx_error *error)
{
  tx_bpe_learner *learner = calloc(1, sizeof *learner);
  if (bases > TX_BPE_TRAINING_BASES) bases = TX_BPE_TRAINING_BASES;
  if (learner) {
    learner->room = bases;
    learner->sequence_room = sequences;
    learner->symbols = calloc(bases + 1, sizeof *learner->symbols);
    learner->starts = calloc(sequences + 1, sizeof *learner->starts);
    learner->lengths = calloc(sequences + 1, sizeof *learner->lengths);
  }
  if (!learner || !learner->symbols || !learner->starts || !learner->lengths) {
    tx_bpe_learner_free(learner);
    return tx_fail_memory(error, "the sequences that symbols are learned from");
  }
  *ret_learner = learner;
  return TX_OK;
}

void tx_bpe_learner_free(tx_bpe_learner *learner)
{
  if (!learner) return;
  free(learner->symbols);
  free(learner->starts);
  free(learner->lengths);
  free(learner->counts);
  free(learner);
}

void tx_bpe_learner_add(tx_bpe_learner *learner, const uint8_t *codes, size_t count)
{
  uint16_t *symbols = learner->symbols + learner->bases;
  if (count > learner->room - learner->bases) count = learner->room - learner->bases;
  if (count == 0 || learner->sequences == learner->sequence_room) return;
  for (size_t i = 0; i < count; i++) symbols[i] = (uint16_t)(codes[i] < BASES ? TX_BPE_BASES + codes[i] : TX_BPE_UNKNOWN);
  learner->starts[learner->sequences] = (uint32_t)learner->bases;
  learner->lengths[learner->sequences++] = (uint32_t)count;
  learner->bases += count;
}

size_t tx_bpe_learner_sequences(const tx_bpe_learner *learner)
{
  return learner->sequences;
}

size_t tx_bpe_learner_bases(const tx_bpe_learner *learner)
{
  return learner->bases;
}

size_t tx_bpe_learner_tokens(const tx_bpe_learner *learner)
{
  size_t tokens = 0;
  for (size_t i = 0; i < learner->sequences; i++) tokens += learner->lengths[i];
  return tokens;
}

static uint32_t *count_of(const tx_bpe_learner *learner, size_t left, size_t right)
{
  return &learner->counts[left * learner->most + right];
}

static void count_pairs(tx_bpe_learner *learner)
{
  for (size_t s = 0; s < learner->sequences; s++) {
    const uint16_t *symbols = learner->symbols + learner->starts[s];
    for (size_t i = 1; i < learner->lengths[s]; i++) ++*count_of(learner, symbols[i - 1], symbols[i]);
  }
}

static uint32_t largest_of(const uint32_t *counts, size_t count)
{
  uint32_t largest = 0;
#pragma omp simd reduction(max : largest)
  for (size_t i = 0; i < count; i++) largest = counts[i] > largest ? counts[i] : largest;
  return largest;
}

/* The most frequent pair; false when none occurs twice. */
static bool find_best(const tx_bpe_learner *learner, size_t longest, tx_bpe_pair *ret_pair)
{
  uint32_t best = 1;
  for (size_t left = TX_BPE_BASES; left < learner->known; left++) {
    const uint32_t *counts = count_of(learner, left, 0);
    if (largest_of(counts + TX_BPE_BASES, learner->known - TX_BPE_BASES) <= best) continue;
    for (size_t right = TX_BPE_BASES; right < learner->known; right++) {
      if (counts[right] <= best || learner->bases_of[left] + learner->bases_of[right] > longest) continue;
      best = counts[right];
      *ret_pair = (tx_bpe_pair){(int32_t)left, (int32_t)right};
    }
  }
  return best > 1;
}

static bool has_pair(const uint16_t *symbols, size_t count, uint16_t left, uint16_t right)
{
  uint16_t found = 0;
#pragma omp simd reduction(| : found)
  for (size_t i = 0; i < count - 1; i++) found |= (uint16_t)((symbols[i] == left) & (symbols[i + 1] == right));
  return found != 0;
}

/* Puts `symbol` for the pair from left to right, in place; the counts follow each step. Returns the new length. */
static size_t rewrite(tx_bpe_learner *learner, uint16_t *symbols, size_t count, uint16_t left, uint16_t right, uint16_t symbol)
{
  size_t used = 0;
  for (size_t i = 0; i < count; i++) {
    if (symbols[i] != left || i + 1 == count || symbols[i + 1] != right) {
      symbols[used++] = symbols[i];
      continue;
    }
    --*count_of(learner, left, right);
    if (used) {
      --*count_of(learner, symbols[used - 1], left);
      ++*count_of(learner, symbols[used - 1], symbol);
    }
    if (i + 2 < count) {
      --*count_of(learner, right, symbols[i + 2]);
      ++*count_of(learner, symbol, symbols[i + 2]);
    }
    symbols[used++] = symbol;
    i++;
  }
  return used;
}

static void apply(tx_bpe_learner *learner, tx_bpe_pair pair)
{
  const uint16_t left = (uint16_t)pair.left, right = (uint16_t)pair.right, symbol = (uint16_t)learner->known;
  for (size_t s = 0; s < learner->sequences; s++) {
    uint16_t *symbols = learner->symbols + learner->starts[s];
    if (has_pair(symbols, learner->lengths[s], left, right))
      learner->lengths[s] = (uint32_t)rewrite(learner, symbols, learner->lengths[s], left, right, symbol);
  }
  learner->pairs[learner->known - TX_BPE_FIRST] = pair;
  learner->bases_of[learner->known++] = learner->bases_of[left] + learner->bases_of[right];
}

tx_status tx_bpe_learn(tx_bpe_learner *learner, size_t symbols, size_t longest, tx_bpe **ret_bpe, tx_error *error)
{
  tx_bpe_pair pair;
  if (symbols < TX_BPE_FIRST || symbols > TX_BPE_SYMBOLS_MAX)
    return tx_fail(error, TX_ERROR_USAGE, "%zu symbols are not %d to %d", symbols, TX_BPE_FIRST, TX_BPE_SYMBOLS_MAX);
  if (longest > TX_BPE_LONGEST_MAX) longest = TX_BPE_LONGEST_MAX;
  learner->most = symbols;
  learner->known = TX_BPE_FIRST;
  for (size_t i = 0; i < TX_BPE_FIRST; i++) learner->bases_of[i] = 1;
  learner->counts = calloc(symbols * symbols, sizeof *learner->counts);
  if (!learner->counts) return tx_fail_memory(error, "the numbers of pairs");
  count_pairs(learner);
  while (learner->known < symbols && find_best(learner, longest, &pair)) apply(learner, pair);
  return tx_bpe_create(learner->pairs, learner->known - TX_BPE_FIRST, ret_bpe, error);
}
