/* Shards of records as packs of tokens, with augmentation. */
#ifndef TX_DATASET_BATCH_H
#define TX_DATASET_BATCH_H

#include "base/random.h"
#include "dataset/dataset.h"
#include "nn/network.h"
#include "seq/tokenizer.h"

/* The augmentation of a training record; NULL leaves a record unchanged and reads it from offset 0. */
typedef struct tx_augmentation {
  bool random_offset;
  double substitution;       /* maximum share of substituted bases */
  double crop;               /* probability of a crop */
  double crop_minimum;       /* least of a crop: a share of the bases up to 1, a number of bases above */
  const size_t *crop_lengths; /* (crop_length_count) bases of a crop, instead of crop_minimum */
  size_t crop_length_count;
  double reverse_complement; /* probability of reading the reverse complement */
  size_t shortest;           /* minimum bases of a crop; 0: two k-mers */
  bool reversed; /* show the reverse complement, without labels: the strand is what is learnt of it */
} tx_augmentation;

/* The memory of one shard, owned by one thread. */
typedef struct tx_shard {
  size_t capacity;    /* records */
  /* sequences per record: 1, or 2 with its reverse complement, adjacent in the pack */
  size_t strands;
  size_t token_bound; /* tokens of the longest record */
  size_t ranks;
  uint8_t *codes;    /* (longest) */
  int32_t *ids;      /* (capacity * strands * token_bound), followed by the tokenizer's scratch */
  uint32_t *starts;  /* (capacity * strands + 1) */
  uint32_t *padding; /* (capacity * strands) */
  /* (capacity * strands * token_bound) targets of the tokens, for pretraining (objective/tokens.h), which
     alone uses them */
  int32_t *targets;
  int32_t *labels;   /* (ranks, capacity) classes, TX_LABEL_NONE, TX_LABEL_UNKNOWN */
  uint32_t *records; /* (capacity) their numbers in the dataset */
  uint8_t *reversed; /* (capacity) those that tx_augmentation.reversed showed as reverse complement */
  tx_pack pack;      /* the records so far; points into the arrays above */
} tx_shard;

tx_status tx_shard_create(const tx_dataset *dataset, const tx_tokenizer *tokenizer, size_t capacity,
                          size_t strands, tx_shard *shard, tx_error *error);
/* Return the maximum numbers of tokens and sequences of the shard. */
size_t tx_shard_tokens(const tx_shard *shard);
size_t tx_shard_sequences(const tx_shard *shard);
/* Returns the number of records in the shard. */
size_t tx_shard_records(const tx_shard *shard);
void tx_shard_clear(tx_shard *shard);
/* Appends a record; the shard must not be full. `random` is used only with an augmentation. A record is
   augmented once: its second strand is the reverse complement of the augmented bases, read from the same
   offset. */
void tx_shard_add(tx_shard *shard, const tx_dataset *dataset, const tx_tokenizer *tokenizer, uint32_t record,
                  const tx_augmentation *augmentation, tx_random *random);
/* Returns the labels of a rank, one per record. */
const int32_t *tx_shard_labels(const tx_shard *shard, size_t rank);
void tx_shard_free(tx_shard *shard);

/* Augments codes in place: reverse complement, crop, then substitutions. At least `shortest` codes are kept.
   Returns the new length. */
size_t tx_augment(const tx_augmentation *augmentation, uint8_t *codes, size_t count, size_t shortest,
                  tx_random *random);

/* Sets order (part->count) to the records of `part`, shuffled by (seed, epoch). */
void tx_epoch_order(const tx_part *part, uint64_t seed, uint64_t epoch, uint32_t *order);

#endif
