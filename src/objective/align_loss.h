/* The loss by which modalities learn a shared space: InfoNCE between every two of them (van den Oord et al.
   2018; Radford et al. 2021; of several modalities: Gong et al. 2025). Formulas: docs/numerics.md. */
#ifndef TX_OBJECTIVE_ALIGN_LOSS_H
#define TX_OBJECTIVE_ALIGN_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

enum { TX_ALIGN_MODALITIES_MAX = 7 }; /* the DNA and the others */

/* The places of the records of a batch in the shared space, of any length. */
typedef struct tx_align_batch {
  size_t count, width, modalities;
  const double *features[TX_ALIGN_MODALITIES_MAX];       /* (count, width) */
  const unsigned char *present[TX_ALIGN_MODALITIES_MAX]; /* (count) whether the record has the modality */
  const int32_t *labels; /* (count) records of the same label belong together */
  bool normalised;       /* the targets of a record sum to 1; else each is 1, as the published code has it */
  double log_scale;      /* logarithm of the scale of the cosines */
} tx_align_batch;

/* Scratch for batches up to a size. Of one thread. */
typedef struct tx_align_work {
  double *units[TX_ALIGN_MODALITIES_MAX]; /* (count, width) */
  double *slopes[TX_ALIGN_MODALITIES_MAX]; /* (count, width) by the units */
  double *logits, *gradient;               /* (count, count) */
  size_t *members;                         /* (count) records that have both modalities of a pair */
} tx_align_work;

typedef struct tx_align_result {
  double loss;        /* mean over the pairs of modalities, both directions and the records of each */
  double d_log_scale; /* its derivative */
  /* records of all pairs and directions, and those whose nearest record in the other modality has their
     label */
  uint64_t judged, correct;
} tx_align_result;

/* TX_ERROR_MEMORY; tx_align_work_free is to be called then, too. */
tx_status tx_align_work_create(size_t count, size_t width, size_t modalities, tx_align_work *work,
                               tx_error *error);
void tx_align_work_free(tx_align_work *work);

/* The loss of a batch and its gradients by the features: opt_gradients[m] (count, width), NULL for none. A
   pair of modalities that fewer than two records have is left out; without any pair all is 0. */
void tx_align_loss(const tx_align_batch *batch, tx_align_work *work, double *const *opt_gradients,
                   tx_align_result *result);

#endif
