/* The arithmetic of the encoder on plain arrays, forward and backward. One template (*_body.h) is compiled as
   float at every CPU level and as double with the C library's functions: the double one is the reference that
   the others are tested against, and on which finite differences are taken.

   Arrays are row-major. `ld...` is the distance between rows in elements. Gradients of parameters are added
   to, gradients of activations are overwritten unless a comment says otherwise. `starts` (sequences + 1)
   gives the rows of each sequence: convolution and state never cross its boundaries. Every row's result is
   computed in one fixed order from that row's (or sequence's) values alone, so that it does not depend on
   what else is in the batch. */
#ifndef TX_TENSOR_KERNELS_H
#define TX_TENSOR_KERNELS_H

#include "base/cpu.h"
#include "tensor/loss.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sizes of the state-space part: N state, P head_width, H heads; inner = H P, channels = inner + 2 N. */
typedef struct tx_ssd_dims {
  size_t state;
  size_t head_width;
  size_t heads;
} tx_ssd_dims;

/* Longest chunk of the state-space form, in tokens: inside a chunk it is matrix products, between chunks a
   carried state. */
#define TX_SSD_CHUNK 128

/* Declares the table of kernels TYPE over REAL. */
#define TX_DECLARE_KERNELS(TYPE, REAL) \
  typedef struct TYPE { \
    const char *name; \
    /* x (rows, columns) += bias (columns). */ \
    void (*add_bias)(size_t rows, size_t columns, const REAL *bias, REAL *x); \
    /* sums (columns) += column sums of x (rows, columns). */ \
    void (*add_column_sums)(size_t rows, size_t columns, const REAL *x, REAL *sums); \
    /* y (count) += x (count). */ \
    void (*add)(size_t count, const REAL *x, REAL *y); \
    /* out (rows, width) = table[ids], with inverted dropout of probability `dropout` drawn from (seed, \
         row, column). */ \
    void (*embed)(size_t rows, size_t width, const REAL *table, const int32_t *ids, REAL dropout, \
                  uint64_t seed, REAL *out); \
    /* table_gradient[ids] += gradient (rows, width), under the same mask. */ \
    void (*embed_backward)(size_t rows, size_t width, const REAL *gradient, const int32_t *ids, \
                           REAL dropout, uint64_t seed, REAL *table_gradient); \
    /* LayerNorm, eps 1e-5: y = (x - mean) / sqrt(var + eps) * weight + bias. statistics (rows, 2): mean \
         and 1/sd; may be NULL. */ \
    void (*layer_norm)(size_t rows, size_t width, const REAL *x, const REAL *weight, const REAL *bias, \
                       REAL *y, REAL *statistics); \
    /* x_gradient (rows, width) is added to. */ \
    void (*layer_norm_backward)(size_t rows, size_t width, const REAL *x, const REAL *weight, \
                                const REAL *statistics, const REAL *y_gradient, REAL *x_gradient, \
                                REAL *weight_gradient, REAL *bias_gradient); \
    /* y = silu(causal depthwise convolution of x (rows, channels; ldx) with weight (channels, width) and \
         bias). */ \
    void (*conv_silu)(size_t sequences, const uint32_t *starts, size_t channels, size_t width, \
                      const REAL *x, size_t ldx, const REAL *weight, const REAL *bias, REAL *y); \
    /* One row of conv_silu, for inference: x[d] is the row d tokens before this one, and taps (width, \
         channels) has the weights by that distance. */ \
    void (*conv_silu_row)(size_t channels, size_t width, const REAL *const *x, const REAL *taps, \
                          const REAL *bias, REAL *y); \
    /* y_gradient (rows, channels) is overwritten by the gradient before the SiLU; x_gradient has row \
         distance ldxg. */ \
    void (*conv_silu_backward)(size_t sequences, const uint32_t *starts, size_t channels, size_t width, \
                               const REAL *x, size_t ldx, const REAL *weight, const REAL *bias, \
                               REAL *y_gradient, REAL *x_gradient, size_t ldxg, REAL *weight_gradient, \
                               REAL *bias_gradient); \
    /* dt (rows, heads) = softplus(x (rows; ldx) + bias (heads)). */ \
    void (*softplus)(size_t rows, size_t heads, const REAL *x, size_t ldx, const REAL *bias, REAL *dt); \
    void (*softplus_backward)(size_t rows, size_t heads, const REAL *x, size_t ldx, const REAL *bias, \
                              const REAL *dt_gradient, REAL *x_gradient, size_t ldxg, REAL *bias_gradient); \
    /* y (rows, inner): the state-space part of Mamba-2 with its skip (Dao & Gu 2024, section 6), chunked. \
         xbc (rows, inner + 2 N): x, B, C after convolution; dt (rows, heads); a_log, skip (heads). \
         `states`, if not NULL, keeps the state at the start of every chunk but the first of a sequence: \
         ssd_states elements. scratch: ssd_scratch elements. */ \
    void (*ssd)(const tx_ssd_dims *dims, size_t sequences, const uint32_t *starts, const REAL *xbc, \
                const REAL *dt, const REAL *a_log, const REAL *skip, REAL *y, REAL *states, REAL *scratch); \
    void (*ssd_backward)(const tx_ssd_dims *dims, size_t sequences, const uint32_t *starts, const REAL *xbc, \
                         const REAL *dt, const REAL *a_log, const REAL *skip, const REAL *states, \
                         const REAL *y_gradient, REAL *xbc_gradient, REAL *dt_gradient, \
                         REAL *a_log_gradient, REAL *skip_gradient, REAL *scratch); \
    /* out = RMSNorm(y * silu(z)) * weight over the row (eps 1e-5); z has row distance ldz. scale (rows): \
         1/rms; may be NULL. */ \
    void (*gated_norm)(size_t rows, size_t width, const REAL *y, const REAL *z, size_t ldz, \
                       const REAL *weight, REAL *out, REAL *scale); \
    void (*gated_norm_backward)(size_t rows, size_t width, const REAL *y, const REAL *z, size_t ldz, \
                                const REAL *weight, const REAL *scale, const REAL *out_gradient, \
                                REAL *y_gradient, REAL *z_gradient, size_t ldzg, REAL *weight_gradient); \
    /* y = gelu_tanh(x + bias), (rows, width). */ \
    void (*bias_gelu)(size_t rows, size_t width, const REAL *x, const REAL *bias, REAL *y); \
    /* gradient (rows, width) of y is overwritten by that of x; bias_gradient is added to. */ \
    void (*bias_gelu_backward)(size_t rows, size_t width, const REAL *x, const REAL *bias, REAL *gradient, \
                               REAL *bias_gradient); \
    /* Softmax cross-entropy of one row: see tensor/loss.h. Returns the loss of the row. */ \
    double (*cross_entropy_row)(size_t classes, REAL *logits, int32_t label, REAL smoothing, REAL scale); \
    /* The same for a target distribution: `on_true` for the label, `other` for the other classes, and \
         shares[part.table][c] is added for the classes of each part; the sum must be 1. */ \
    double (*cross_entropy_target_row)(size_t classes, REAL *logits, int32_t label, REAL on_true, \
                                       REAL other, const tx_loss_part *parts, size_t part_count, \
                                       const REAL *const *shares, REAL scale); \
  } TYPE

TX_DECLARE_KERNELS(tx_kernels, float);
TX_DECLARE_KERNELS(tx_kernels_double, double);

/* Elements of `scratch` and `states` for packs of up to `tokens` tokens. gemm_scratch is that of the float32
   product of the level (tensor/products.h), 0 for the reference. */
size_t tx_ssd_scratch(const tx_ssd_dims *dims, size_t gemm_scratch);
size_t tx_ssd_states(const tx_ssd_dims *dims, size_t tokens);

/* The fastest kernels for the CPU features in use. */
const tx_kernels *tx_kernels_current(void);
/* The kernels for other features, which must be a subset of tx_cpu_found(); for tests and benchmarks. */
const tx_kernels *tx_kernels_with(tx_cpu_features features);
const tx_kernels_double *tx_kernels_reference(void);

#endif
