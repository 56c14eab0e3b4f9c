/* Shards of records as packs of tokens, with augmentation. */
#ifndef TX_DATASET_BATCH_H
#define TX_DATASET_BATCH_H

#include "base/random.h"
#include "dataset/dataset.h"
#include "nn/network.h"
#include "seq/tokenizer.h"

/* What is done to a training record; NULL stands for a record as it is, read from offset 0. */
typedef struct tx_augmentation {
  bool random_offset;
  double substitution;       /* largest share of substituted bases */
  double crop;               /* probability of a crop */
  double crop_minimum;       /* smallest share a crop keeps */
  double reverse_complement; /* probability of being read backwards */
  size_t shortest;           /* bases that a crop leaves at least; 0: two k-mers */
} tx_augmentation;

/* Room for one shard, owned by one thread. */
typedef struct tx_shard {
  size_t capacity;    /* records */
  /* sequences that a record gives: 1, or 2 with its reverse complement, side by side in the pack */
  size_t strands;
  size_t token_bound; /* tokens of the longest record */
  size_t ranks;
  uint8_t *codes;    /* (longest) */
  int32_t *ids;      /* (capacity * strands * token_bound) and what the tokenizer works with behind them */
  uint32_t *starts;  /* (capacity * strands + 1) */
  uint32_t *padding; /* (capacity * strands) */
  /* (capacity * strands * token_bound) of the tokens, for pretraining (objective/tokens.h); free for its
     use */
  int32_t *targets;
  int32_t *labels;   /* (ranks, capacity) classes, TX_LABEL_NONE, TX_LABEL_UNKNOWN */
  tx_pack pack;      /* of the records so far; points into the above */
} tx_shard;

tx_status tx_shard_create(const tx_dataset *dataset, const tx_tokenizer *tokenizer, size_t capacity,
                          size_t strands, tx_shard *shard, tx_error *error);
/* Largest numbers of tokens and sequences the shard can hold. */
size_t tx_shard_tokens(const tx_shard *shard);
size_t tx_shard_sequences(const tx_shard *shard);
/* Records in it. */
size_t tx_shard_records(const tx_shard *shard);
void tx_shard_clear(tx_shard *shard);
/* Appends a record; the shard must have room. `random` is used only with an augmentation, which is made once:
   the second strand is the reverse complement of what it left, read from the same offset. */
void tx_shard_add(tx_shard *shard, const tx_dataset *dataset, const tx_tokenizer *tokenizer, uint32_t record,
                  const tx_augmentation *augmentation, tx_random *random);
/* Labels of a rank, one per record. */
const int32_t *tx_shard_labels(const tx_shard *shard, size_t rank);
void tx_shard_free(tx_shard *shard);

/* In place: reverse complement, crop, then substitutions. At least `shortest` codes are kept. Returns the new
   length. */
size_t tx_augment(const tx_augmentation *augmentation, uint8_t *codes, size_t count, size_t shortest,
                  tx_random *random);

/* Order of an epoch: the records of `part` shuffled by (seed, epoch). order (part->count). */
void tx_epoch_order(const tx_part *part, uint64_t seed, uint64_t epoch, uint32_t *order);

#endif
