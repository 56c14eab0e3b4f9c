#include "suite/probe.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/wait.h"
#include "tensor/loss.h"
#include "tensor/products.h"

enum { ROW_BLOCK = 128, CLASS_BLOCK = 128, HALVINGS = 30 };
#define ARMIJO 1e-4

struct tx_probe {
  size_t width, columns, classes; /* columns: the width and a column of ones for the bias */
  double *means, *scales;         /* (width) z = (x - mean) scale */
  float *weights;                 /* (classes, columns) */
};

/* A fit under way. */
typedef struct fitting {
  const tx_probe_data *data;
  const tx_probe_options *options;
  const tx_probe *probe;
  tx_pool *pool;
  const tx_product *product;
  float *scratch; /* (threads, gemm_scratch) */
  size_t scratch_each;
  float *rows;                              /* (TX_PROBE_ROWS, columns) scaled embeddings with their 1 */
  float *outputs;                           /* (TX_PROBE_ROWS, classes) logits, then the gradient by them */
  double losses[TX_PROBE_ROWS / ROW_BLOCK]; /* sums of the blocks of rows */
  size_t first, count;                      /* records of the rows */
  size_t size;                              /* classes * columns */
  const float *at;                          /* weights that are looked at */
  float *gradient;
  /* of L-BFGS: a ring of steps, of changes of the gradient, and 1 / (step . change) */
  float *steps, *changes, *direction, *trial, *trial_gradient;
  double inverse[TX_PROBE_PAIRS];
  size_t pairs, newest;
} fitting;

static double dot(const float *a, const float *b, size_t count)
{
  double sums[4] = {0, 0, 0, 0};
  size_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (size_t j = 0; j < 4; j++) sums[j] += (double)a[i + j] * (double)b[i + j];
  for (; i < count; i++) sums[0] += (double)a[i] * (double)b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* y += factor x */
static void add(double factor, const float *x, float *y, size_t count)
{
  for (size_t i = 0; i < count; i++) y[i] = (float)((double)y[i] + factor * (double)x[i]);
}

static double largest(const float *x, size_t count)
{
  double most = 0;
  for (size_t i = 0; i < count; i++)
    if (fabs((double)x[i]) > most) most = fabs((double)x[i]);
  return most;
}

static void measure_columns(const tx_probe_data *data, tx_probe *probe)
{
  for (size_t c = 0; c < data->width; c++) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < data->count; i++) sum += (double)data->vectors[i * data->width + c];
    probe->means[c] = sum / (double)data->count;
    for (size_t i = 0; i < data->count; i++) {
      const double x = (double)data->vectors[i * data->width + c] - probe->means[c];
      squares += x * x;
    }
    squares = sqrt(squares / (double)data->count);
    probe->scales[c] = squares > 1e-12 * (1 + fabs(probe->means[c])) ? 1 / squares : 0;
  }
}

static double scaled(const tx_probe *probe, const float *vector, size_t column)
{
  return ((double)vector[column] - probe->means[column]) * probe->scales[column];
}

/* Logits of a block of rows, then their loss and its gradient by the logits. */
static void judge_rows(void *context, size_t block, size_t thread)
{
  fitting *own = context;
  const tx_probe *probe = own->probe;
  const size_t from = block * ROW_BLOCK,
               count = own->count - from < ROW_BLOCK ? own->count - from : ROW_BLOCK;
  float *outputs = own->outputs + from * probe->classes;
  for (size_t i = 0; i < count; i++) {
    const float *vector = own->data->vectors + (own->first + from + i) * probe->width;
    float *row = own->rows + (from + i) * probe->columns;
    for (size_t c = 0; c < probe->width; c++) row[c] = (float)scaled(probe, vector, c);
    row[probe->width] = 1;
  }
  own->product->gemm(false, true, count, probe->classes, probe->columns, own->rows + from * probe->columns,
                     probe->columns, own->at, probe->columns, false, outputs, probe->classes,
                     own->scratch + thread * own->scratch_each);
  own->losses[block] = tx_cross_entropy(outputs, own->data->labels + own->first + from, count, probe->classes,
                                        0, (float)(1 / (double)own->data->count), NULL);
}

/* Adds the rows' part of the gradient of some classes. */
static void add_gradient(void *context, size_t block, size_t thread)
{
  const fitting *own = context;
  const tx_probe *probe = own->probe;
  const size_t from = block * CLASS_BLOCK,
               count = probe->classes - from < CLASS_BLOCK ? probe->classes - from : CLASS_BLOCK;
  own->product->gemm(true, false, count, probe->columns, own->count, own->outputs + from, probe->classes,
                     own->rows, probe->columns, true, own->trial_gradient + from * probe->columns,
                     probe->columns, own->scratch + thread * own->scratch_each);
}

/* The objective at `weights`; own->trial_gradient gets its gradient. */
static double evaluate(fitting *own, const float *weights)
{
  const tx_probe *probe = own->probe;
  const double penalty = 1 / (double)own->data->count;
  double loss = 0, squares = 0;
  own->at = weights;
  memset(own->trial_gradient, 0, own->size * sizeof *own->trial_gradient);
  for (own->first = 0; own->first < own->data->count; own->first += own->count) {
    const size_t left = own->data->count - own->first;
    size_t blocks;
    own->count = left < TX_PROBE_ROWS ? left : TX_PROBE_ROWS;
    blocks = (own->count + ROW_BLOCK - 1) / ROW_BLOCK;
    tx_pool_run(own->pool, blocks, judge_rows, own);
    for (size_t i = 0; i < blocks; i++) loss += own->losses[i];
    tx_pool_run(own->pool, (probe->classes + CLASS_BLOCK - 1) / CLASS_BLOCK, add_gradient, own);
  }
  for (size_t k = 0; k < probe->classes; k++) {
    const float *row = weights + k * probe->columns;
    squares += dot(row, row, probe->width);
    add(penalty, row, own->trial_gradient + k * probe->columns, probe->width);
  }
  return loss / (double)own->data->count + penalty / 2 * squares;
}

/* The direction of the next step: minus the inverse Hessian of the pairs times the gradient. */
static void choose_direction(fitting *own)
{
  double factors[TX_PROBE_PAIRS];
  for (size_t i = 0; i < own->size; i++) own->direction[i] = -own->gradient[i];
  for (size_t p = 0; p < own->pairs; p++) {
    const size_t at = (own->newest + TX_PROBE_PAIRS - p) % TX_PROBE_PAIRS;
    factors[at] = own->inverse[at] * dot(own->steps + at * own->size, own->direction, own->size);
    add(-factors[at], own->changes + at * own->size, own->direction, own->size);
  }
  if (own->pairs) {
    const float *change = own->changes + own->newest * own->size;
    const double scale = 1 / (own->inverse[own->newest] * dot(change, change, own->size));
    for (size_t i = 0; i < own->size; i++) own->direction[i] = (float)((double)own->direction[i] * scale);
  }
  for (size_t p = own->pairs; p-- > 0;) {
    const size_t at = (own->newest + TX_PROBE_PAIRS - p) % TX_PROBE_PAIRS;
    const double back = own->inverse[at] * dot(own->changes + at * own->size, own->direction, own->size);
    add(factors[at] - back, own->steps + at * own->size, own->direction, own->size);
  }
}

static void keep_pair(fitting *own, double step)
{
  const size_t at = own->pairs ? (own->newest + 1) % TX_PROBE_PAIRS : 0;
  float *steps = own->steps + at * own->size, *changes = own->changes + at * own->size;
  double product;
  for (size_t i = 0; i < own->size; i++) {
    steps[i] = (float)(step * (double)own->direction[i]);
    changes[i] = own->trial_gradient[i] - own->gradient[i];
  }
  product = dot(steps, changes, own->size);
  if (!(product > 1e-12 * dot(steps, steps, own->size))) return;
  own->inverse[at] = 1 / product;
  own->newest = at;
  if (own->pairs < TX_PROBE_PAIRS) own->pairs++;
}

/* One step along the direction. False: none lowers the objective. */
static bool take_step(fitting *own, float *weights, tx_probe_fit *fit)
{
  const double slope = dot(own->direction, own->gradient, own->size);
  double step = own->pairs ? 1 : 1 / sqrt(dot(own->gradient, own->gradient, own->size));
  if (!(slope < 0)) return false;
  for (int halving = 0; halving < HALVINGS; halving++, step /= 2) {
    double objective;
    memcpy(own->trial, weights, own->size * sizeof *weights);
    add(step, own->direction, own->trial, own->size);
    objective = evaluate(own, own->trial);
    if (tx_is_stopped(own->options->stop)) return false;
    if (!(objective <= fit->objective + ARMIJO * step * slope) || !(objective < fit->objective)) continue;
    keep_pair(own, step);
    memcpy(weights, own->trial, own->size * sizeof *weights);
    memcpy(own->gradient, own->trial_gradient, own->size * sizeof *own->gradient);
    fit->objective = objective;
    fit->gradient = largest(own->gradient, own->size);
    return true;
  }
  return false;
}

static tx_status minimise(fitting *own, float *weights, tx_probe_fit *fit)
{
  const tx_probe_options *options = own->options;
  *fit = (tx_probe_fit){0};
  fit->objective = evaluate(own, weights);
  memcpy(own->gradient, own->trial_gradient, own->size * sizeof *own->gradient);
  fit->gradient = largest(own->gradient, own->size);
  while (fit->gradient > TX_PROBE_TOLERANCE && fit->iterations < TX_PROBE_ITERATIONS) {
    choose_direction(own);
    if (!take_step(own, weights, fit)) break;
    fit->iterations++;
    if (options->progress) options->progress(options->context, fit);
  }
  return tx_is_stopped(options->stop) ? TX_STOPPED : TX_OK;
}

static tx_status prepare(fitting *own, tx_error *error)
{
  const tx_probe *probe = own->probe;
  const size_t threads = own->options->threads ? own->options->threads : 1;
  size_t all, scratch;
  tx_status status = tx_pool_create(threads, &own->pool, error);
  if (status != TX_OK) return status;
  own->product = tx_product_current(TX_PRECISION_FLOAT32);
  own->scratch_each = (*own->product->gemm_scratch + 15) / 16 * 16;
  if (tx_multiply(probe->classes, probe->columns, &own->size) &&
      tx_multiply(own->size, TX_PROBE_PAIRS, &all) && tx_multiply(own->scratch_each, threads, &scratch)) {
    own->scratch = tx_malloc_aligned(scratch, sizeof(float));
    own->rows = tx_malloc_aligned(TX_PROBE_ROWS, probe->columns * sizeof(float));
    own->outputs = tx_malloc_aligned(TX_PROBE_ROWS, probe->classes * sizeof(float));
    own->gradient = tx_malloc_aligned(own->size, sizeof(float));
    own->direction = tx_malloc_aligned(own->size, sizeof(float));
    own->trial = tx_malloc_aligned(own->size, sizeof(float));
    own->trial_gradient = tx_malloc_aligned(own->size, sizeof(float));
    own->steps = tx_malloc_aligned(all, sizeof(float));
    own->changes = tx_malloc_aligned(all, sizeof(float));
  }
  if (own->scratch && own->rows && own->outputs && own->gradient && own->direction && own->trial &&
      own->trial_gradient && own->steps && own->changes)
    return TX_OK;
  return tx_fail_memory(error, "the linear probe");
}

static void release(fitting *own)
{
  tx_pool_free(own->pool);
  free(own->scratch);
  free(own->rows);
  free(own->outputs);
  free(own->gradient);
  free(own->direction);
  free(own->trial);
  free(own->trial_gradient);
  free(own->steps);
  free(own->changes);
}

static tx_status create(const tx_probe_data *data, tx_probe **ret_probe, tx_error *error)
{
  tx_probe *probe;
  if (!data->count || !data->width || !data->classes)
    return tx_fail(error, TX_ERROR_USAGE, "the linear probe needs records, columns and classes");
  *ret_probe = probe = calloc(1, sizeof *probe);
  if (!probe) return tx_fail_memory(error, "the linear probe");
  probe->width = data->width;
  probe->columns = data->width + 1;
  probe->classes = data->classes;
  probe->means = calloc(data->width, sizeof *probe->means);
  probe->scales = calloc(data->width, sizeof *probe->scales);
  probe->weights = tx_calloc_aligned(data->classes, probe->columns * sizeof *probe->weights);
  return probe->means && probe->scales && probe->weights ? TX_OK : tx_fail_memory(error, "the linear probe");
}

tx_status tx_probe_create(const tx_probe_data *data, const tx_probe_options *options, tx_probe **ret_probe,
                          tx_probe_fit *ret_fit, tx_error *error)
{
  tx_probe *probe = NULL;
  fitting own = {.data = data, .options = options};
  tx_status status = create(data, &probe, error);
  own.probe = probe;
  if (status == TX_OK) {
    measure_columns(data, probe);
    status = prepare(&own, error);
  }
  if (status == TX_OK) status = minimise(&own, probe->weights, ret_fit);
  release(&own);
  if (status == TX_OK)
    *ret_probe = probe;
  else
    tx_probe_free(probe);
  return status;
}

void tx_probe_free(tx_probe *probe)
{
  if (!probe) return;
  free(probe->means);
  free(probe->scales);
  free(probe->weights);
  free(probe);
}

double tx_probe_weight(const tx_probe *probe, size_t class_index, size_t column)
{
  return (double)probe->weights[class_index * probe->columns + column];
}

double tx_probe_bias(const tx_probe *probe, size_t class_index)
{
  return tx_probe_weight(probe, class_index, probe->width);
}

int32_t tx_probe_predict(const tx_probe *probe, const float *vector, double *scratch, double *ret_probability)
{
  double *z = scratch + probe->classes, most = -INFINITY, sum = 0;
  size_t best = 0;
  *ret_probability = 0;
  for (size_t c = 0; c < probe->width; c++) {
    z[c] = scaled(probe, vector, c);
    if (!isfinite(z[c])) return -1;
  }
  for (size_t k = 0; k < probe->classes; k++) {
    scratch[k] = tx_probe_bias(probe, k);
    for (size_t c = 0; c < probe->width; c++) scratch[k] += tx_probe_weight(probe, k, c) * z[c];
    if (scratch[k] > most) {
      most = scratch[k];
      best = k;
    }
  }
  for (size_t k = 0; k < probe->classes; k++) sum += exp(scratch[k] - most);
  *ret_probability = 1 / sum;
  return (int32_t)best;
}
