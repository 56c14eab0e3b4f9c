/* A supervised contrastive loss on the embeddings, against a memory of the most recent embeddings. */
#ifndef TX_OBJECTIVE_CONTRAST_H
#define TX_OBJECTIVE_CONTRAST_H

#include "dataset/dataset.h"
#include "tensor/products.h"

/* Khosla et al. 2020 with the positives of every rank (Zhang et al. 2022, "Use all the labels") and the
   memory of Wang et al. 2020 ("Cross-batch memory"). For a record with embedding e, n = e / |e|, and entries
   m_j of the memory, all of length 1, that are not of the same record:
     p_j = exp(n.m_j / temperature) / sum_k exp(n.m_k / temperature)
     t_j = sum over ranks r of w_r [j has the record's taxon at r] / (entries that have it)
     loss = -sum_j t_j log p_j
   w_r is decay^(lowest rank - r), divided by its sum over the ranks at which some entry has the record's
   taxon. A record without such a rank has no loss. The entries of the memory are constants: they
   receive no gradient. */
typedef struct tx_contrast {
  size_t capacity; /* entries of the memory, 0 = the loss is not used */
  size_t width;
  size_t ranks;
  double weight, temperature;
  double rank_weights[TX_RANKS_MAX]; /* decay^(lowest rank - r) */
  float *embeddings;                 /* (capacity, width) of length 1 */
  int32_t *records;                  /* (capacity) the record of each embedding */
  /* (ranks, capacity) the classes of these records, negative without one */
  int32_t *labels;
  /* number of embeddings stored since the start; the next is stored at index taken % capacity */
  uint64_t taken;
  float *fresh;                      /* (batch, width) embeddings of the current batch, of length 1 */
} tx_contrast;

/* Scratch of one thread. */
typedef struct tx_contrast_work {
  float *logits;   /* (shard, capacity) logits, replaced by their gradient */
  float *targets;  /* (capacity) */
  float *normal;   /* (shard, width) embeddings of length 1 */
  float *gradient; /* (shard, width) */
  float *scratch;  /* for the matrix product */
} tx_contrast_work;

/* Allocates the memory of the loss that `config` asks for; its capacity is 0 when `config` asks for none or
   the encoder is frozen. On failure there is nothing to free. */
tx_status tx_contrast_create(const tx_train_config *config, const tx_dataset *dataset, size_t width,
                             tx_contrast *contrast, tx_error *error);
void tx_contrast_free(tx_contrast *contrast);
tx_status tx_contrast_prepare(const tx_contrast *contrast, size_t shard, tx_contrast_work *work,
                              tx_error *error);
void tx_contrast_work_free(tx_contrast_work *work);

/* Records of a batch with their embeddings. */
typedef struct tx_contrast_shard {
  const float *embeddings; /* (count, width) */
  const uint32_t *records; /* (count) of the dataset */
  size_t count;
  size_t first; /* index in the batch of the first one, which is also its row of `fresh` */
  const uint8_t *opt_reversed; /* (count) those without labels (tx_objective_batch), for which nothing is
                                  learned; NULL = none */
} tx_contrast_shard;

/* Returns the unscaled sum of the losses of a shard and sets work->gradient to the gradient of scale times
   that sum. */
double tx_contrast_learn(tx_contrast *contrast, tx_contrast_work *work, const tx_dataset *dataset,
                         const tx_contrast_shard *shard, double scale);

/* Replaces the oldest entries of the memory by the embeddings of the batch; called at the end of a step. An
   entry of a reversed record (tx_objective_batch) has no label: it is like no other record. */
void tx_contrast_keep(tx_contrast *contrast, const tx_dataset *dataset, const uint32_t *records,
                      const uint8_t *opt_reversed, size_t count);

/* Completes the memory after embeddings and records have been read from a checkpoint that was written after
   `taken` embeddings. Returns false when a record does not exist. */
bool tx_contrast_restore(tx_contrast *contrast, const tx_dataset *dataset, uint64_t taken);

#endif
