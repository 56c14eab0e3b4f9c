/* Learning byte-pair merges. A merge reads through every sequence and rewrites it where the pair occurs; the
   counts of pairs are updated by these changes and never counted anew. Memory: two bytes a base, and four
   bytes a possible pair. */
#include "seq/bpe.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/wait.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BASES = 4, BLOCK = 64, SLACK = BLOCK + 1 };

typedef struct neighbour {
  uint32_t count;
  uint32_t id; /* 0: none */
} neighbour;

struct tx_bpe_learner {
  /* (capacity + SLACK) the sequences one after the other; each shrinks in its place until the gaps are
     closed */
  uint16_t *symbols;
  uint32_t *starts;  /* (sequences) first symbol */
  uint32_t *lengths; /* (sequences) symbols left */
  size_t sequences, sequence_capacity;
  size_t bases, capacity;
  /* State of a run. */
  size_t most;                           /* ids that there may be */
  /* length of `symbols` from the first sequence to the end of the last */
  size_t span;
  size_t known;                          /* number of ids so far */
  size_t longest;                        /* most bases that an id may have */
  uint32_t *counts;                      /* (most, most) positions where one id is followed by the other */
  neighbour best[TX_BPE_SYMBOLS_MAX];    /* the most frequent right neighbour of an id */
  uint32_t bases_of[TX_BPE_SYMBOLS_MAX]; /* bases of an id */
  tx_bpe_pair pairs[TX_BPE_SYMBOLS_MAX]; /* pairs of the merges so far */
};

tx_status tx_bpe_learner_create(size_t sequences, size_t bases, tx_bpe_learner **ret_learner, tx_error *error)
{
  tx_bpe_learner *learner = calloc(1, sizeof *learner);
  if (bases > TX_BPE_TRAINING_BASES) bases = TX_BPE_TRAINING_BASES;
  if (learner) {
    learner->capacity = bases;
    learner->sequence_capacity = sequences;
    learner->symbols = calloc(bases + SLACK, sizeof *learner->symbols);
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
  if (count > learner->capacity - learner->bases) count = learner->capacity - learner->bases;
  if (count == 0 || learner->sequences == learner->sequence_capacity) return;
  for (size_t i = 0; i < count; i++)
    symbols[i] = (uint16_t)(codes[i] < BASES ? TX_BPE_BASES + codes[i] : TX_BPE_UNKNOWN);
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

static bool is_allowed(const tx_bpe_learner *learner, size_t left, size_t right)
{
  return learner->bases_of[left] + learner->bases_of[right] <= learner->longest;
}

/* Finds the most frequent right neighbour of an id, the lowest one if several are equally frequent. */
static void find_neighbour(tx_bpe_learner *learner, size_t left)
{
  const uint32_t *counts = count_of(learner, left, 0);
  neighbour best = {0, 0};
  for (size_t right = TX_BPE_BASES; right < learner->known; right++)
    if (counts[right] > best.count && is_allowed(learner, left, right))
      best = (neighbour){counts[right], (uint32_t)right};
  learner->best[left] = best;
}

/* Finds the most frequent pair; false when none occurs twice. */
static bool find_best(const tx_bpe_learner *learner, tx_bpe_pair *ret_pair)
{
  uint32_t best = 1;
  for (size_t left = TX_BPE_BASES; left < learner->known; left++) {
    if (learner->best[left].count <= best) continue;
    best = learner->best[left].count;
    *ret_pair = (tx_bpe_pair){(int32_t)left, (int32_t)learner->best[left].id};
  }
  return best > 1;
}

/* Updates the most frequent neighbours after a merge. Pairs with `left` or `right` and the merged pair itself
   have become less frequent; only pairs with the new symbol have become more frequent. */
static void update_best(tx_bpe_learner *learner, tx_bpe_pair pair, size_t symbol)
{
  for (size_t left = TX_BPE_BASES; left <= symbol; left++) {
    neighbour *best = &learner->best[left];
    const uint32_t count = *count_of(learner, left, symbol);
    if (left == symbol || left == (size_t)pair.left || left == (size_t)pair.right ||
        best->id == (uint32_t)pair.left)
      find_neighbour(learner, left);
    else if (count > best->count && is_allowed(learner, left, symbol))
      *best = (neighbour){count, (uint32_t)symbol};
  }
}

/* The first position of the pair from `from` on, or count. Compares a block at a time, in a loop without an
   exit, so that vector instructions are used; the last block may extend beyond the sequence, where SLACK
   keeps it in the memory. */
static size_t find_pair(const uint16_t *symbols, size_t from, size_t count, uint16_t left, uint16_t right)
{
  for (; from + 1 < count; from += BLOCK) {
    const size_t end = from + BLOCK < count - 1 ? from + BLOCK : count - 1;
    const uint16_t *block = symbols + from;
    uint16_t found = 0;
#pragma omp simd reduction(| : found)
    for (size_t i = 0; i < BLOCK; i++) found |= (uint16_t)((block[i] == left) & (block[i + 1] == right));
    if (!found) continue;
    for (size_t i = from; i < end; i++)
      if (symbols[i] == left && symbols[i + 1] == right) return i;
  }
  return count;
}

/* Replaces the pair by `symbol` from left to right, in place, and updates the counts at each step. Returns
   the new length. */
static size_t rewrite(tx_bpe_learner *learner, uint16_t *symbols, size_t count, uint16_t left, uint16_t right,
                      uint16_t symbol)
{
  size_t at = find_pair(symbols, 0, count, left, right);
  while (at < count) {
    --*count_of(learner, left, right);
    if (at) {
      --*count_of(learner, symbols[at - 1], left);
      ++*count_of(learner, symbols[at - 1], symbol);
    }
    if (at + 2 < count) {
      --*count_of(learner, right, symbols[at + 2]);
      ++*count_of(learner, symbol, symbols[at + 2]);
    }
    symbols[at] = symbol;
    count--;
    memmove(symbols + at + 1, symbols + at + 2, (count - at - 1) * sizeof *symbols);
    at = find_pair(symbols, at + 1, count, left, right);
  }
  return count;
}

/* Moves the sequences together when a quarter of their memory has become gaps: the speed of reading through
   them is limited by memory. */
static void close_gaps(tx_bpe_learner *learner)
{
  const size_t tokens = tx_bpe_learner_tokens(learner);
  size_t used = 0;
  if (tokens > learner->span / 4 * 3) return;
  for (size_t s = 0; s < learner->sequences; s++) {
    memmove(learner->symbols + used, learner->symbols + learner->starts[s],
            learner->lengths[s] * sizeof *learner->symbols);
    learner->starts[s] = (uint32_t)used;
    used += learner->lengths[s];
  }
  learner->span = used;
}

static void apply(tx_bpe_learner *learner, tx_bpe_pair pair)
{
  const size_t symbol = learner->known++;
  learner->pairs[symbol - TX_BPE_FIRST] = pair;
  learner->bases_of[symbol] = learner->bases_of[pair.left] + learner->bases_of[pair.right];
  for (size_t s = 0; s < learner->sequences; s++)
    learner->lengths[s] =
        (uint32_t)rewrite(learner, learner->symbols + learner->starts[s], learner->lengths[s],
                          (uint16_t)pair.left, (uint16_t)pair.right, (uint16_t)symbol);
  close_gaps(learner);
  update_best(learner, pair, symbol);
}

tx_status tx_bpe_learn(tx_bpe_learner *learner, size_t symbols, size_t longest, const volatile int *opt_stop,
                       tx_bpe **ret_bpe, tx_error *error)
{
  tx_bpe_pair pair = {0}; /* gcc cannot see that find_best sets it */
  if (symbols < TX_BPE_FIRST || symbols > TX_BPE_SYMBOLS_MAX)
    return tx_fail(error, TX_ERROR_USAGE, "%zu symbols are not %d to %d", symbols, TX_BPE_FIRST,
                   TX_BPE_SYMBOLS_MAX);
  learner->longest = longest < TX_BPE_LONGEST_MAX ? longest : TX_BPE_LONGEST_MAX;
  learner->most = symbols;
  learner->span = learner->bases;
  learner->known = TX_BPE_FIRST;
  for (size_t i = 0; i < TX_BPE_FIRST; i++) learner->bases_of[i] = 1;
  learner->counts = calloc(symbols * symbols, sizeof *learner->counts);
  if (!learner->counts) return tx_fail_memory(error, "the numbers of pairs");
  count_pairs(learner);
  for (size_t left = TX_BPE_BASES; left < learner->known; left++) find_neighbour(learner, left);
  while (learner->known < symbols && find_best(learner, &pair)) {
    if (tx_is_stopped(opt_stop)) return TX_STOPPED;
    apply(learner, pair);
  }
  return tx_bpe_create(learner->pairs, learner->known - TX_BPE_FIRST, ret_bpe, error);
}
