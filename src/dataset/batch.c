#include "dataset/batch.h"

#include "base/error.h"
#include "base/memory.h"
#include "dataset/streams.h"
#include "nn/strands.h"
#include "seq/bases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

tx_status tx_shard_create(const tx_dataset *dataset, const tx_tokenizer *tokenizer, size_t capacity,
                          size_t strands, tx_shard *shard, tx_error *error)
{
  size_t sequences, tokens, scratch;
  memset(shard, 0, sizeof *shard);
  shard->capacity = capacity;
  shard->strands = strands;
  shard->ranks = dataset->ranks;
  shard->token_bound = tx_tokenizer_bound(tokenizer, dataset->longest);
  if (shard->token_bound == 0) shard->token_bound = 1;
  if (!tx_multiply(capacity, strands, &sequences) || !tx_multiply(sequences, shard->token_bound, &tokens) ||
      tokens > INT32_MAX)
    return tx_fail(error, TX_ERROR_USAGE,
                   "a shard of %zu records of up to %zu tokens is too large: lower --shard or --max-bases",
                   capacity, shard->token_bound);
  scratch = tx_tokenizer_capacity(tokenizer, dataset->longest);
  shard->codes = calloc(dataset->longest + 1, 1);
  shard->ids = calloc(tokens + scratch, sizeof *shard->ids);
  shard->targets = calloc(tokens, sizeof *shard->targets);
  shard->starts = calloc(sequences + 1, sizeof *shard->starts);
  shard->padding = calloc(sequences, sizeof *shard->padding);
  shard->labels = calloc(capacity * shard->ranks + 1, sizeof *shard->labels);
  shard->records = calloc(capacity, sizeof *shard->records);
  shard->reversed = calloc(capacity, 1);
  if (!shard->codes || !shard->ids || !shard->targets || !shard->starts || !shard->padding ||
      !shard->labels || !shard->records || !shard->reversed) {
    tx_shard_free(shard);
    return tx_fail_memory(error, "a shard");
  }
  shard->pack.strands = strands;
  shard->pack.starts = shard->starts;
  shard->pack.ids = shard->ids;
  shard->pack.padding = tokenizer->pad_to > 0 && !tokenizer->pool_padding ? shard->padding : NULL;
  return TX_OK;
}

void tx_shard_free(tx_shard *shard)
{
  if (!shard) return;
  free(shard->codes);
  free(shard->ids);
  free(shard->targets);
  free(shard->starts);
  free(shard->padding);
  free(shard->labels);
  free(shard->records);
  free(shard->reversed);
  memset(shard, 0, sizeof *shard);
}

size_t tx_shard_tokens(const tx_shard *shard)
{
  return tx_shard_sequences(shard) * shard->token_bound;
}

size_t tx_shard_sequences(const tx_shard *shard)
{
  return shard->capacity * shard->strands;
}

size_t tx_shard_records(const tx_shard *shard)
{
  return tx_pack_records(&shard->pack);
}

void tx_shard_clear(tx_shard *shard)
{
  shard->pack.sequences = 0;
  shard->pack.dropout = 0;
  shard->pack.dropout_seed = 0;
}

const int32_t *tx_shard_labels(const tx_shard *shard, size_t rank)
{
  return shard->labels + rank * shard->capacity;
}

/* Draws how many codes a crop keeps. The logarithm of the length is uniform, so that there are as many crops
   of 100 to 200 bases as of 200 to 400: short fragments are the hard ones and need more of the training. */
static size_t draw_length(const tx_augmentation *augmentation, size_t count, tx_random *random)
{
  const double minimum = augmentation->crop_minimum;
  double least = minimum;
  if (augmentation->crop_length_count)
    return augmentation->crop_lengths[tx_random_below(random, augmentation->crop_length_count)];
  if (minimum > 1) least = minimum < (double)count ? minimum / (double)count : 1;
  return (size_t)(pow(least, tx_random_real(random)) * (double)count + 0.5);
}

size_t tx_augment(const tx_augmentation *augmentation, uint8_t *codes, size_t count, size_t shortest,
                  tx_random *random)
{
  double rate;
  /* No number is drawn without this option, so that runs without it are unchanged. */
  if (augmentation->reverse_complement > 0 && tx_random_real(random) < augmentation->reverse_complement)
    tx_bases_reverse_complement(codes, count);
  if (tx_random_real(random) < augmentation->crop) {
    size_t keep = draw_length(augmentation, count, random);
    if (keep < shortest) keep = shortest;
    if (keep < count) {
      size_t start = (size_t)tx_random_below(random, count - keep + 1);
      memmove(codes, codes + start, keep);
      count = keep;
    }
  }
  rate = augmentation->substitution * tx_random_real(random);
  if (rate > 0)
    for (size_t i = 0; i < count; i++)
      if (tx_random_real(random) < rate && codes[i] < TX_BASE_N)
        /* one of the three other bases */
        codes[i] = (uint8_t)((codes[i] + 1 + tx_random_below(random, 3)) & 3);
  return count;
}

/* Appends the tokens of the first `count` codes of the shard. */
static void add_sequence(tx_shard *shard, const tx_tokenizer *tokenizer, size_t count, size_t offset)
{
  const size_t at = shard->pack.sequences;
  int32_t *ids = shard->ids + shard->starts[at];
  size_t padding = 0, tokens = tx_tokenizer_encode(tokenizer, shard->codes, count, offset, ids, &padding);
  if (tokens == 0) { /* the network takes no empty sequence */
    ids[0] = TX_TOKEN_UNK;
    tokens = 1;
    padding = 0;
  }
  shard->starts[at + 1] = shard->starts[at] + (uint32_t)tokens;
  shard->padding[at] = (uint32_t)padding;
  shard->pack.sequences = at + 1;
}

void tx_shard_add(tx_shard *shard, const tx_dataset *dataset, const tx_tokenizer *tokenizer, uint32_t record,
                  const tx_augmentation *augmentation, tx_random *random)
{
  const size_t at = tx_shard_records(shard);
  const bool reversed = augmentation && augmentation->reversed;
  size_t count = tx_dataset_codes(dataset, record, shard->codes), offset = 0;
  if (augmentation) {
    const size_t shortest = augmentation->shortest ? augmentation->shortest : 2 * (size_t)tokenizer->k;
    count = tx_augment(augmentation, shard->codes, count, shortest, random);
    if (augmentation->random_offset)
      offset = (size_t)tx_random_below(random, tx_tokenizer_offsets(tokenizer));
  }
  if (reversed) {
    tx_bases_reverse_complement(shard->codes, count);
    count = tx_bases_trim(shard->codes, count, 0);
  }
  add_sequence(shard, tokenizer, count, offset);
  if (shard->strands > 1) {
    tx_bases_reverse_complement(shard->codes, count);
    /* N at a strand's end is not read */
    add_sequence(shard, tokenizer, tx_bases_trim(shard->codes, count, 0), offset);
  }
  for (size_t r = 0; r < shard->ranks; r++)
    shard->labels[r * shard->capacity + at] =
        reversed ? TX_LABEL_NONE : tx_dataset_label_of(dataset, record, r);
  shard->records[at] = record;
  shard->reversed[at] = reversed;
}

void tx_epoch_order(const tx_part *part, uint64_t seed, uint64_t epoch, uint32_t *order)
{
  tx_random random;
  tx_random_seed(&random, seed, epoch, 0, TX_STREAM_ORDER);
  memcpy(order, part->records, part->count * sizeof *order);
  tx_random_shuffle(&random, order, part->count);
}
