#include "traits/ridge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/wait.h"
#include "tensor/blas.h"

double tx_ridge_penalty(size_t index)
{
  return pow(10, -3 + 0.5 * (double)index);
}

/* The centred problem in the coordinates of the eigenvectors of X'X, where every penalty is a division. */
typedef struct problem {
  const tx_ridge_data *data;
  double *means, *scales;   /* (width) of the columns: centred, then multiplied */
  double mean;              /* of y */
  double *x;                /* (count, width): centred, then turned */
  double *square;           /* (width, width): X'X */
  double *values, *vectors; /* (width), (width, width): row j is eigenvector j */
  double *along;            /* (width): turned X'y */
} problem;

static tx_status allocate(problem *p, tx_error *error)
{
  const size_t d = p->data->width;
  size_t cells, squared;
  if (!tx_multiply(p->data->count, d, &cells) || !tx_multiply(d, d, &squared))
    return tx_fail_memory(error, "a ridge regression");
  p->means = tx_calloc_aligned(3 * d, sizeof *p->means);
  p->values = tx_malloc_aligned(d, sizeof *p->values);
  p->x = tx_malloc_aligned(cells, sizeof *p->x);
  p->square = tx_calloc_aligned(squared, sizeof *p->square);
  p->vectors = tx_malloc_aligned(squared, sizeof *p->vectors);
  if (!p->means || !p->values || !p->x || !p->square || !p->vectors)
    return tx_fail_memory(error, "a ridge regression");
  p->scales = p->means + d;
  p->along = p->scales + d;
  return TX_OK;
}

static void release(problem *p)
{
  free(p->means);
  free(p->values);
  free(p->x);
  free(p->square);
  free(p->vectors);
}

static void centre(problem *p)
{
  const size_t n = p->data->count, d = p->data->width;
  for (size_t i = 0; i < n; i++) {
    p->mean += p->data->y[i] / (double)n;
    for (size_t j = 0; j < d; j++) p->means[j] += p->data->x[i][j] / (double)n;
  }
  for (size_t j = 0; j < d; j++) {
    double squares = 0;
    p->scales[j] = 1;
    if (!p->data->zscore) continue;
    for (size_t i = 0; i < n; i++) {
      const double off = p->data->x[i][j] - p->means[j];
      squares += off * off;
    }
    p->scales[j] = squares > 0 ? 1 / sqrt(squares / (double)n) : 0;
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < d; j++) p->x[i * d + j] = (p->data->x[i][j] - p->means[j]) * p->scales[j];
}

/* Eigenvectors of X'X; x becomes x V. */
static tx_status turn(problem *p, tx_error *error)
{
  const size_t n = p->data->count, d = p->data->width;
  double *scratch = tx_malloc_aligned(tx_blas_symmetric_scratch(d) + d, sizeof *scratch), *row;
  bool found;
  if (!scratch) return tx_fail_memory(error, "a ridge regression");
  row = scratch + tx_blas_symmetric_scratch(d);
  for (size_t i = 0; i < n; i++)
    for (size_t a = 0; a < d; a++)
      for (size_t b = 0; b <= a; b++) p->square[a * d + b] += p->x[i * d + a] * p->x[i * d + b];
  for (size_t a = 0; a < d; a++)
    for (size_t b = 0; b < a; b++) p->square[b * d + a] = p->square[a * d + b];
  found = tx_blas_symmetric(d, p->square, 0, d, p->values, p->vectors, scratch);
  for (size_t i = 0; i < n && found; i++) {
    double *own = p->x + i * d;
    for (size_t j = 0; j < d; j++) {
      double sum = 0;
      for (size_t c = 0; c < d; c++) sum += own[c] * p->vectors[j * d + c];
      row[j] = sum;
    }
    memcpy(own, row, d * sizeof *own);
    for (size_t j = 0; j < d; j++) p->along[j] += own[j] * (p->data->y[i] - p->mean);
  }
  free(scratch);
  if (!found) return tx_fail(error, TX_ERROR_NUMERIC, "LAPACK finds no eigenvectors of the embeddings");
  for (size_t j = 0; j < d; j++) /* rounding alone makes one negative */
    if (!(p->values[j] > 0)) p->values[j] = 0;
  return TX_OK;
}

/* Mean square of e_i / (1 - h_i), h_i = 1/n + sum_j z_ij^2 / (s_j + lambda). */
static double leave_one_out(const problem *p, double penalty)
{
  const size_t n = p->data->count, d = p->data->width;
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    const double *z = p->x + i * d;
    double fitted = 0, leverage = 1 / (double)n, left;
    for (size_t j = 0; j < d; j++) {
      const double share = z[j] / (p->values[j] + penalty);
      fitted += share * p->along[j];
      leverage += share * z[j];
    }
    left = (p->data->y[i] - p->mean - fitted) / (1 - leverage);
    sum += left * left;
  }
  return sum / (double)n;
}

/* The records of each group, one group after the other. */
typedef struct grouping {
  size_t *starts;  /* (count + 1) of group g in `members` */
  size_t *members; /* (count) */
  double *matrix;  /* (largest, largest): I - H of a group */
  double *left;    /* (largest) */
} grouping;

static void release_groups(grouping *groups)
{
  free(groups->starts);
  free(groups->members);
  free(groups->matrix);
  free(groups->left);
}

static tx_status form_groups(const tx_ridge_data *data, grouping *groups, tx_error *error)
{
  size_t largest = 0, squared;
  groups->starts = tx_calloc_aligned(data->count + 2, sizeof *groups->starts);
  groups->members = tx_malloc_aligned(data->count + 1, sizeof *groups->members);
  if (!groups->starts || !groups->members) return tx_fail_memory(error, "a ridge regression");
  for (size_t i = 0; i < data->count; i++) groups->starts[data->opt_groups[i] + 1]++;
  for (size_t g = 0; g < data->count; g++) {
    if (groups->starts[g + 1] > largest) largest = groups->starts[g + 1];
    groups->starts[g + 1] += groups->starts[g];
  }
  for (size_t i = data->count; i-- > 0;) {
    const size_t g = (size_t)data->opt_groups[i];
    groups->members[--groups->starts[g + 1]] = i;
  }
  /* the starts have moved down by one group: starts[g + 1] is that of g now */
  memmove(groups->starts, groups->starts + 1, data->count * sizeof *groups->starts);
  groups->starts[data->count] = data->count;
  if (!tx_multiply(largest, largest, &squared)) return tx_fail_memory(error, "a ridge regression");
  groups->matrix = tx_malloc_aligned(squared + 1, sizeof *groups->matrix);
  groups->left = tx_malloc_aligned(largest + 1, sizeof *groups->left);
  return groups->matrix && groups->left ? TX_OK : tx_fail_memory(error, "a ridge regression");
}

/* Solves the symmetric positive definite a (m, m) by Cholesky's factor; x (m) is overwritten. */
static void solve(double *a, double *x, size_t m)
{
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = a[i * m + j];
      for (size_t c = 0; c < j; c++) sum -= a[i * m + c] * a[j * m + c];
      a[i * m + j] = i == j ? sqrt(sum) : sum / a[j * m + j];
    }
  for (size_t i = 0; i < m; i++) {
    for (size_t c = 0; c < i; c++) x[i] -= a[i * m + c] * x[c];
    x[i] /= a[i * m + i];
  }
  for (size_t i = m; i-- > 0;) {
    for (size_t c = i + 1; c < m; c++) x[i] -= a[c * m + i] * x[c];
    x[i] /= a[i * m + i];
  }
}

/* Mean square of (I - H_gg)^-1 e_g over the groups: the errors without any record of the group. */
static double leave_group_out(const problem *p, const grouping *groups, double penalty)
{
  const size_t n = p->data->count, d = p->data->width;
  double sum = 0;
  for (size_t g = 0; g < n; g++) {
    const size_t *members = groups->members + groups->starts[g];
    const size_t m = groups->starts[g + 1] - groups->starts[g];
    for (size_t a = 0; a < m; a++) {
      const double *z = p->x + members[a] * d;
      double fitted = 0;
      for (size_t j = 0; j < d; j++) fitted += z[j] / (p->values[j] + penalty) * p->along[j];
      groups->left[a] = p->data->y[members[a]] - p->mean - fitted;
      for (size_t b = 0; b <= a; b++) {
        const double *other = p->x + members[b] * d;
        double shared = 1 / (double)n;
        for (size_t j = 0; j < d; j++) shared += z[j] / (p->values[j] + penalty) * other[j];
        groups->matrix[a * m + b] = (a == b ? 1.0 : 0.0) - shared;
      }
    }
    solve(groups->matrix, groups->left, m);
    for (size_t a = 0; a < m; a++) sum += groups->left[a] * groups->left[a];
  }
  return sum / (double)n;
}

static tx_status choose_penalty(const problem *p, tx_ridge *ridge, tx_error *error)
{
  grouping groups = {0};
  size_t best = 0;
  tx_status status = p->data->opt_groups ? form_groups(p->data, &groups, error) : TX_OK;
  for (size_t l = 0; l < TX_RIDGE_PENALTIES && status == TX_OK; l++) {
    const double penalty = tx_ridge_penalty(l);
    ridge->loo[l] = p->data->opt_groups ? leave_group_out(p, &groups, penalty) : leave_one_out(p, penalty);
    if (ridge->loo[l] < ridge->loo[best] || isnan(ridge->loo[best])) best = l;
    if (tx_is_stopped(p->data->stop)) status = TX_STOPPED;
  }
  release_groups(&groups);
  if (status == TX_OK && !isfinite(ridge->loo[best]))
    status = tx_fail(error, TX_ERROR_NUMERIC, "the leave-one-out errors are not finite");
  ridge->penalty = tx_ridge_penalty(best);
  ridge->loo_error = ridge->loo[best];
  return status;
}

static void weigh(const problem *p, tx_ridge *ridge)
{
  const size_t d = p->data->width;
  memset(ridge->weights, 0, d * sizeof *ridge->weights);
  for (size_t j = 0; j < d; j++) {
    const double share = p->along[j] / (p->values[j] + ridge->penalty);
    for (size_t c = 0; c < d; c++) ridge->weights[c] += share * p->vectors[j * d + c];
  }
  ridge->intercept = p->mean;
  for (size_t c = 0; c < d; c++) {
    ridge->weights[c] *= p->scales[c];
    ridge->intercept -= ridge->weights[c] * p->means[c];
  }
}

tx_status tx_ridge_fit(const tx_ridge_data *data, tx_ridge *ret_ridge, tx_error *error)
{
  problem p = {.data = data};
  tx_ridge ridge = {0};
  tx_status status;
  if (data->count < 3)
    return tx_fail(error, TX_ERROR_DATA, "%zu records for training: a regression needs three", data->count);
  status = tx_blas_load("use a model with heads of traits and --head", error);
  if (status == TX_OK) status = allocate(&p, error);
  if (status == TX_OK && !(ridge.weights = tx_malloc_aligned(data->width + 1, sizeof *ridge.weights)))
    status = tx_fail_memory(error, "a ridge regression");
  if (status == TX_OK) {
    centre(&p);
    status = turn(&p, error);
  }
  if (status == TX_OK) status = choose_penalty(&p, &ridge, error);
  if (status == TX_OK) {
    weigh(&p, &ridge);
    *ret_ridge = ridge;
  } else {
    tx_ridge_free(&ridge);
  }
  release(&p);
  return status;
}

double tx_ridge_predict(const tx_ridge *ridge, const double *x, size_t width)
{
  double value = ridge->intercept;
  for (size_t j = 0; j < width; j++) value += ridge->weights[j] * x[j];
  return value;
}

void tx_ridge_free(tx_ridge *ridge)
{
  free(ridge->weights);
  ridge->weights = NULL;
}
