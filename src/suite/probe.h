/* The linear probe: multinomial logistic regression on embeddings that stay as they are. */
#ifndef TX_SUITE_PROBE_H
#define TX_SUITE_PROBE_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

/* Fits W (classes, width) and b (classes) to the minimum of

     1/n sum_i -log softmax(W z_i + b)[label_i] + 1/(2 n) sum W^2

   which is that of scikit-learn's LogisticRegression(C=1): b has no penalty. z are the embeddings with every
   column scaled to mean 0 and standard deviation 1 over the n records of the fit (a constant column is 0).
   The objective is strictly convex but for a constant added to all of b.

   Optimiser: L-BFGS (Nocedal 1980) with 10 pairs, from W = 0, b = 0; a step is halved from 1 (the first from
   1 / |gradient|) until the objective falls by 1e-4 of what the gradient promises. It stops when no component
   of the gradient exceeds 1e-4, when no step lowers the objective any more in single precision, or after 500
   iterations. Products are in float32, sums over records and of the objective in float64, in an order that
   does not depend on the threads: the same bits for any number of them. */
enum { TX_PROBE_PAIRS = 10, TX_PROBE_ITERATIONS = 500, TX_PROBE_ROWS = 1024 };
#define TX_PROBE_TOLERANCE 1e-4

typedef struct tx_probe tx_probe;

typedef struct tx_probe_data {
  const float *vectors;  /* (count, width), all finite */
  const int32_t *labels; /* (count) 0 .. classes - 1 */
  size_t count, width, classes;
} tx_probe_data;

typedef struct tx_probe_fit {
  size_t iterations;
  double objective, gradient; /* at the end: the objective, the largest component of its gradient */
} tx_probe_fit;

/* Memory besides the data: (2 PAIRS + 4) classes (width + 1) floats, TX_PROBE_ROWS (width + classes) floats.
   opt_progress is called after each iteration. TX_ERROR_USAGE: no record, class or column; TX_ERROR_MEMORY;
   TX_STOPPED. */
typedef struct tx_probe_options {
  size_t threads;
  const volatile int *stop; /* may be NULL */
  void (*progress)(void *context, const tx_probe_fit *so_far); /* may be NULL */
  void *context;
} tx_probe_options;
tx_status tx_probe_create(const tx_probe_data *data, const tx_probe_options *options, tx_probe **ret_probe,
                          tx_probe_fit *ret_fit, tx_error *error);
/* The most probable class of a vector (width), the lower of equal ones, and its probability. A vector that is
   not finite has none: -1 and 0. scratch: classes + width doubles. */
int32_t tx_probe_predict(const tx_probe *probe, const float *vector, double *scratch,
                         double *ret_probability);
/* Weight (class, column) and bias, on scaled embeddings, for tests. */
double tx_probe_weight(const tx_probe *probe, size_t class_index, size_t column);
double tx_probe_bias(const tx_probe *probe, size_t class_index);
void tx_probe_free(tx_probe *probe);

#endif
