/* KL-Shampoo and KL-SOAP (Lin et al. 2025, "Understanding and improving Shampoo and SOAP via Kullback-Leibler
   minimization") for one weight matrix W (rows m, columns n), which may be a block of a larger one: its rows
   are `stride` floats apart in the weights and gradients. Formulas: docs/numerics.md. Runs on the calling
   thread alone; buffers are the caller's. tx_blas_load must have succeeded (optim/kl.c calls it). */
#ifndef TX_OPTIM_KL_MATRIX_H
#define TX_OPTIM_KL_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

typedef struct tx_kl_options {
  /* KL-SOAP: Adam's second moment in the basis instead of the Kronecker factors' eigenvalues */
  bool soap;
  bool normalise; /* updates of root mean square 1 */
  double beta1;   /* decay of the moment of the gradient */
  double beta2;   /* decay of the factors, their eigenvalues and Adam's second moment */
  double epsilon;
  /* bounds 1/sqrt of an eigenvalue, and so the eigenvalue from below, see docs/numerics.md */
  double clamp;
  uint64_t frequency; /* steps from one renewal of the eigenvectors to the next */
  size_t block;       /* longest side of a block (optim/kl.c) */
  double weight_decay;
} tx_kl_options;

/* The state of one matrix, pointers into memory of its owner. Zero before the first gradient. */
typedef struct tx_kl_matrix {
  size_t rows, columns;
  float *left, *right;                 /* (m, m), (n, n) factors */
  float *left_vectors, *right_vectors; /* (m, m), (n, n) the eigenvectors are the columns */
  float *left_values, *right_values;   /* (m), (n) eigenvalues, at least 1/max(10, min(side, clamp))^2 */
  float *moment;                       /* (m, n) moment of the gradient, in the basis of the eigenvectors */
  /* (m, n) moment of its square, in the same basis; NULL for KL-Shampoo */
  float *second;
} tx_kl_matrix;

/* The input of a step, and the weights that it updates. */
typedef struct tx_kl_update {
  uint64_t step; /* number of the gradient, counted from 0 */
  double learning_rate;
  bool decay;            /* whether weight decay applies */
  float scale;           /* factor of the gradient */
  size_t stride;         /* floats from a row of the gradient and of the weights to the next */
  const float *gradient; /* (m, n) */
  float *weights;        /* (m, n); the first gradient does not change them */
} tx_kl_update;

/* Number of floats of state of a matrix, and the matrix's pointers into so many at `state`. */
size_t tx_kl_matrix_elements(const tx_kl_options *options, size_t rows, size_t columns);
void tx_kl_matrix_place(const tx_kl_options *options, size_t rows, size_t columns, float *state,
                        tx_kl_matrix *matrix);

/* Number of floats of scratch, 64-byte aligned, for tx_kl_matrix_step. */
size_t tx_kl_matrix_scratch(size_t rows, size_t columns);

/* Processes the first gradient: computes the factors and their eigenvectors. On failure `fault` says what is
   wrong and the status is TX_ERROR_NUMERIC or TX_ERROR_MEMORY. */
tx_status tx_kl_matrix_start(const tx_kl_options *options, tx_kl_matrix *matrix, const tx_kl_update *update,
                             float *scratch, const char **fault);

/* Processes every later gradient: updates the weights, then the state. TX_ERROR_NUMERIC when the update, a
   factor or an eigenvalue is not finite; the weights are unchanged only if it is the update. */
tx_status tx_kl_matrix_step(const tx_kl_options *options, tx_kl_matrix *matrix, const tx_kl_update *update,
                            float *scratch, const char **fault);

#endif
