#include "seq/bpe.h"

#include "base/error.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { NONE = -1 };

/* A slot of the table from pairs to merges; empty with key 0, which no pair has. */
typedef struct slot {
  uint32_t key;
  int32_t merge;
} slot;

struct tx_bpe {
  size_t count;
  size_t longest;
  tx_bpe_pair *pairs;
  uint32_t *lengths; /* (TX_BPE_FIRST + count) bases of a symbol */
  slot *slots;       /* (1 << bits), at most half of them full */
  unsigned bits;
};

static uint32_t key_of(int32_t left, int32_t right)
{
  return (uint32_t)left << 16 | (uint32_t)right;
}

/* The slot of a pair, or the empty one where it would be. Multiplicative hashing after Knuth. */
static slot *find_slot(const tx_bpe *bpe, uint32_t key)
{
  const uint32_t mask = ((uint32_t)1 << bpe->bits) - 1;
  uint32_t at = key * UINT32_C(2654435769) >> (32 - bpe->bits);
  while (bpe->slots[at].key != key && bpe->slots[at].key != 0) at = (at + 1) & mask;
  return &bpe->slots[at];
}

static int32_t find_merge(const tx_bpe *bpe, int32_t left, int32_t right)
{
  const slot *found = find_slot(bpe, key_of(left, right));
  return found->key ? found->merge : NONE;
}

static tx_status add_pair(tx_bpe *bpe, size_t merge, tx_bpe_pair pair, tx_error *error)
{
  const int32_t symbol = TX_BPE_FIRST + (int32_t)merge;
  const uint32_t key = key_of(pair.left, pair.right);
  slot *place;
  if (pair.left < TX_BPE_BASES || pair.left >= symbol || pair.right < TX_BPE_BASES || pair.right >= symbol)
    return tx_fail(error, TX_ERROR_DATA, "merge %zu joins %d and %d, but only %d to %d can be joined there",
                   merge, (int)pair.left, (int)pair.right, TX_BPE_BASES, (int)symbol - 1);
  place = find_slot(bpe, key);
  if (place->key)
    return tx_fail(error, TX_ERROR_DATA, "merge %zu joins %d and %d, as does merge %d", merge, (int)pair.left,
                   (int)pair.right, (int)place->merge);
  *place = (slot){key, (int32_t)merge};
  bpe->pairs[merge] = pair;
  bpe->lengths[symbol] = bpe->lengths[pair.left] + bpe->lengths[pair.right];
  if (bpe->lengths[symbol] > TX_BPE_LONGEST_MAX)
    return tx_fail(error, TX_ERROR_DATA, "the symbol of merge %zu has %u bases, more than %d", merge,
                   (unsigned)bpe->lengths[symbol], TX_BPE_LONGEST_MAX);
  if (bpe->lengths[symbol] > bpe->longest) bpe->longest = bpe->lengths[symbol];
  bpe->count = merge + 1;
  return TX_OK;
}

tx_status tx_bpe_create(const tx_bpe_pair *pairs, size_t count, tx_bpe **ret_bpe, tx_error *error)
{
  tx_status status = TX_OK;
  tx_bpe *bpe;
  if (count > TX_BPE_SYMBOLS_MAX - TX_BPE_FIRST)
    return tx_fail(error, TX_ERROR_DATA, "%zu merges are more than %d", count,
                   TX_BPE_SYMBOLS_MAX - TX_BPE_FIRST);
  bpe = calloc(1, sizeof *bpe);
  if (!bpe) return tx_fail_memory(error, "a tokenizer");
  bpe->longest = 1;
  bpe->bits = 4;
  while (((size_t)1 << bpe->bits) < 2 * count) bpe->bits++;
  bpe->pairs = calloc(count + 1, sizeof *bpe->pairs);
  bpe->lengths = calloc(TX_BPE_FIRST + count, sizeof *bpe->lengths);
  bpe->slots = calloc((size_t)1 << bpe->bits, sizeof *bpe->slots);
  if (bpe->pairs && bpe->lengths && bpe->slots)
    for (size_t i = 0; i < TX_BPE_FIRST; i++) bpe->lengths[i] = 1;
  else
    status = tx_fail_memory(error, "a tokenizer");
  for (size_t i = 0; i < count && status == TX_OK; i++) status = add_pair(bpe, i, pairs[i], error);
  if (status == TX_OK)
    *ret_bpe = bpe;
  else
    tx_bpe_free(bpe);
  return status;
}

void tx_bpe_free(tx_bpe *bpe)
{
  if (!bpe) return;
  free(bpe->pairs);
  free(bpe->lengths);
  free(bpe->slots);
  free(bpe);
}

size_t tx_bpe_merges(const tx_bpe *bpe)
{
  return bpe->count;
}

tx_bpe_pair tx_bpe_merge(const tx_bpe *bpe, size_t merge)
{
  return bpe->pairs[merge];
}

size_t tx_bpe_symbols(const tx_bpe *bpe)
{
  return TX_BPE_FIRST + bpe->count;
}

size_t tx_bpe_longest(const tx_bpe *bpe)
{
  return bpe->longest;
}

/* ---- encoding ---- */

/* A sequence while it is encoded. A symbol of n bases takes n positions: its id is stored at the first and at
   the last of them, so that both neighbours can be found without links. Every position where a pair begins
   that can be merged is in the list of that merge. A new symbol makes pairs of later merges only, so that the
   lists are emptied in order, once each. */
typedef struct chain {
  const tx_bpe *bpe;
  int32_t *symbols;
  int32_t count;
  int32_t *merges; /* (count) merge of the pair that begins here, or NONE */
  int32_t *after;  /* (count) neighbours in the list of that merge */
  int32_t *before;
  int32_t *heads; /* (merges of bpe) first of each list */
} chain;

static void enlist(chain *self, int32_t at, int32_t merge)
{
  self->merges[at] = merge;
  if (merge == NONE) return;
  self->before[at] = NONE;
  self->after[at] = self->heads[merge];
  if (self->after[at] != NONE) self->before[self->after[at]] = at;
  self->heads[merge] = at;
}

static void delist(chain *self, int32_t at)
{
  const int32_t merge = self->merges[at];
  if (merge == NONE) return;
  if (self->before[at] == NONE)
    self->heads[merge] = self->after[at];
  else
    self->after[self->before[at]] = self->after[at];
  if (self->after[at] != NONE) self->before[self->after[at]] = self->before[at];
  self->merges[at] = NONE;
}

/* Joins the pair at `at`, whose merge it is, into one symbol. Returns the position after it. */
static int32_t join(chain *self, int32_t at, int32_t merge)
{
  const uint32_t *lengths = self->bpe->lengths;
  const int32_t symbol = TX_BPE_FIRST + merge, middle = at + (int32_t)lengths[self->symbols[at]];
  const int32_t end = at + (int32_t)lengths[symbol];
  delist(self, at);
  delist(self, middle);
  self->symbols[at] = self->symbols[end - 1] = symbol;
  if (at > 0) {
    const int32_t left = self->symbols[at - 1], start = at - (int32_t)lengths[left];
    delist(self, start);
    enlist(self, start, find_merge(self->bpe, left, symbol));
  }
  if (end < self->count) enlist(self, at, find_merge(self->bpe, symbol, self->symbols[end]));
  return end;
}

/* Joins every pair of one merge. Only pairs of a symbol with itself can overlap; those are joined from the
   start of their run. */
static void join_all(chain *self, int32_t merge)
{
  const tx_bpe_pair pair = self->bpe->pairs[merge];
  const int32_t length = (int32_t)self->bpe->lengths[pair.left];
  while (self->heads[merge] != NONE) {
    int32_t at = self->heads[merge];
    if (pair.left != pair.right) {
      join(self, at, merge);
      continue;
    }
    while (at > 0 && self->symbols[at - 1] == pair.left) at -= length;
    while (at < self->count && self->merges[at] == merge) at = join(self, at, merge);
  }
}

size_t tx_bpe_scratch(const tx_bpe *bpe, size_t count)
{
  return 3 * count + bpe->count;
}

size_t tx_bpe_encode(const tx_bpe *bpe, int32_t *symbols, size_t count, int32_t *scratch)
{
  chain self = {
      bpe, symbols, (int32_t)count, scratch, scratch + count, scratch + 2 * count, scratch + 3 * count};
  int32_t *out = symbols;
  if (bpe->count == 0 || count < 2) return count;
  memset(self.heads, NONE, bpe->count * sizeof *self.heads);
  for (int32_t i = 0; i + 1 < self.count; i++) enlist(&self, i, find_merge(bpe, symbols[i], symbols[i + 1]));
  self.merges[self.count - 1] = NONE;
  for (size_t merge = 0; merge < bpe->count; merge++) join_all(&self, (int32_t)merge);
  for (size_t at = 0; at < count; at += bpe->lengths[symbols[at]]) *out++ = symbols[at];
  return (size_t)(out - symbols);
}
