/* What teachers say of the training records (--teacher), and the losses by which a network learns it
   (Hinton, Vinyals and Dean 2015, "Distilling the knowledge in a neural network"; formulas in
   docs/numerics.md). */
#ifndef TX_OBJECTIVE_TEACHING_H
#define TX_OBJECTIVE_TEACHING_H

#include "dataset/dataset.h"

/* The most probable taxa that are kept of a record at a rank; the others are one outcome, "any other". What
   is lost of the divergence is the probability of the others times the divergence within them. A trained
   teacher gives them little: without label smoothing next to nothing, with it about the share that was spread
   evenly over all taxa, which says nothing about any of them. */
enum { TX_TEACHING_KEPT = 16 };

/* The answers about a record at a rank. A record that a teacher could not read, and a rank that none has,
   have no class and no rest. Everything is borrowed. */
typedef struct tx_soft_target {
  const int32_t *classes; /* (TX_TEACHING_KEPT) of the network that learns; -1 after the last */
  const float *shares;    /* (TX_TEACHING_KEPT) their probabilities, above 0 */
  float rest;             /* probability of all other taxa, those that the learner lacks included */
} tx_soft_target;

/* The answers about all training records. Immutable while a network learns. */
typedef struct tx_teaching {
  size_t records; /* of the dataset; those of validation have no answers */
  size_t ranks;
  bool known[TX_RANKS_MAX]; /* whether a teacher has taxa of the rank */
  double temperature;
  int32_t *classes;  /* (records, ranks, TX_TEACHING_KEPT) */
  float *shares;     /* (records, ranks, TX_TEACHING_KEPT) */
  float *rest;       /* (records, ranks) */
  size_t width;      /* of the embeddings of all teachers together; 0 = they are not learnt */
  float *embeddings; /* (records, width) of length 1, or of zeros where there is none */
} tx_teaching;

/* Makes an empty table; teaching->width and the ranks that are known have been set. TX_ERROR_MEMORY; on
   failure there is nothing to free. */
tx_status tx_teaching_create(size_t records, size_t ranks, double temperature, tx_teaching *teaching,
                             tx_error *error);
void tx_teaching_free(tx_teaching *teaching);
tx_soft_target tx_teaching_target(const tx_teaching *teaching, uint32_t record, size_t rank);
/* Stores the mean answer about a record at a rank: probabilities (classes) of the taxa of the learner, which
   need not sum to 1. What is missing, and all but the most probable ones, is the rest. */
void tx_teaching_put(tx_teaching *teaching, uint32_t record, size_t rank, const double *probabilities,
                     size_t classes);

/* The divergence of the learner's distribution, the softmax of logits (classes) / temperature, from the
   target, times the square of the temperature so that its gradient does not shrink with it: 0 where both are
   the same. Sets gradient (classes) to scale times the gradient of that by the logits. Where the target's
   classes are all that the learner has, the rest has no place in it and is left out. */
double tx_soft_divergence(const float *logits, size_t classes, const tx_soft_target *target,
                          double temperature, double scale, float *gradient);

/* One minus the cosine of a vector and a target of length 1 (width), and scale times its gradient by the
   vector. 0 for a vector or a target of zeros. */
double tx_cosine_distance(const float *vector, const float *target, size_t width, double scale,
                          float *gradient);

#endif
