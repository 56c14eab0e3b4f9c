/* What the records of a run have beside their DNA (--vectors): vectors of other modalities, and which records
   belong together. */
#ifndef TX_OBJECTIVE_PARTNERS_H
#define TX_OBJECTIVE_PARTNERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/vectors.h>

/* Immutable while a network learns. */
typedef struct tx_partners {
  size_t count; /* modalities beside the DNA */
  size_t widths[TX_MODALITIES_MAX];
  const float **rows[TX_MODALITIES_MAX]; /* (records of the dataset) a vector, NULL where there is none */
  int32_t *labels; /* (records of the dataset) records of the same label belong together */
  bool normalised; /* see tx_align_batch */
} tx_partners;

#endif
