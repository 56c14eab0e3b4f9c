#include "objective/align_loss.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

tx_status tx_align_work_create(size_t count, size_t width, size_t modalities, tx_align_work *work,
                               tx_error *error)
{
  size_t cells = 0, values = 0;
  bool made = tx_multiply(count, count, &cells) && tx_multiply(count, width, &values);
  memset(work, 0, sizeof *work);
  for (size_t m = 0; made && m < modalities; m++) {
    work->units[m] = tx_calloc_aligned(values, sizeof(double));
    work->slopes[m] = tx_calloc_aligned(values, sizeof(double));
    made = work->units[m] && work->slopes[m];
  }
  if (made) {
    work->logits = tx_malloc_aligned(cells, sizeof(double));
    work->gradient = tx_malloc_aligned(cells, sizeof(double));
    work->members = tx_malloc_aligned(count, sizeof *work->members);
  }
  if (made && work->logits && work->gradient && work->members) return TX_OK;
  return tx_fail(error, TX_ERROR_MEMORY, "out of memory for the alignment of %zu records: lower --batch",
                 count);
}

void tx_align_work_free(tx_align_work *work)
{
  for (size_t m = 0; m < TX_ALIGN_MODALITIES_MAX; m++) {
    free(work->units[m]);
    free(work->slopes[m]);
  }
  free(work->logits);
  free(work->gradient);
  free(work->members);
  memset(work, 0, sizeof *work);
}

static double length_of(const double *row, size_t width)
{
  double square = 0;
  for (size_t d = 0; d < width; d++) square += row[d] * row[d];
  return sqrt(square);
}

/* Rows of length 1; a row of zeros, which has no direction, stays one. */
static void make_units(const tx_align_batch *batch, tx_align_work *work)
{
  const size_t width = batch->width;
  for (size_t m = 0; m < batch->modalities; m++) {
    memset(work->slopes[m], 0, batch->count * width * sizeof(double));
    for (size_t i = 0; i < batch->count; i++) {
      const double *row = batch->features[m] + i * width, length = length_of(row, width);
      for (size_t d = 0; d < width; d++) work->units[m][i * width + d] = length > 0 ? row[d] / length : 0;
    }
  }
}

static size_t list_members(const tx_align_batch *batch, size_t a, size_t b, size_t *members)
{
  size_t count = 0;
  for (size_t i = 0; i < batch->count; i++)
    if (batch->present[a][i] && batch->present[b][i]) members[count++] = i;
  return count;
}

/* A row or a column of the logits: `count` of them, each `stride` behind the one before. */
typedef struct line {
  const double *logits;
  double *gradient; /* of the same form */
  size_t count, stride;
} line;

/* The loss of record `own` of the members, -sum_j t_j log softmax_j, whose gradient times `scale` is added.
   */
static double learn_line(const tx_align_batch *batch, const size_t *members, size_t own, const line *values,
                         double scale, tx_align_result *result)
{
  const int32_t label = batch->labels[members[own]];
  size_t positives = 0, nearest = 0;
  double largest = -INFINITY, total = 0, loss = 0, weight, sum;
  for (size_t j = 0; j < values->count; j++) {
    const double logit = values->logits[j * values->stride];
    positives += batch->labels[members[j]] == label;
    if (logit > largest) {
      largest = logit;
      nearest = j;
    }
  }
  for (size_t j = 0; j < values->count; j++) total += exp(values->logits[j * values->stride] - largest);
  weight = batch->normalised ? 1 / (double)positives : 1;
  sum = weight * (double)positives;
  for (size_t j = 0; j < values->count; j++) {
    const double logit = values->logits[j * values->stride] - largest, share = exp(logit) / total,
                 target = batch->labels[members[j]] == label ? weight : 0;
    loss -= target * (logit - log(total));
    values->gradient[j * values->stride] += scale * (sum * share - target);
  }
  result->judged++;
  result->correct += batch->labels[members[nearest]] == label;
  return loss;
}

/* Adds sum_j factors_ij other_j to out (count, width), at the rows of the `count` members; the factors are
   those of work->gradient, turned round if `columns`. */
static void add_products(const tx_align_work *work, size_t width, size_t count, bool columns,
                         const double *other, double *out)
{
  for (size_t i = 0; i < count; i++) {
    double *target = out + work->members[i] * width;
    for (size_t j = 0; j < count; j++) {
      const double factor = work->gradient[columns ? j * count + i : i * count + j],
                   *from = other + work->members[j] * width;
      for (size_t d = 0; d < width; d++) target[d] += factor * from[d];
    }
  }
}

/* A pair of modalities with `count` members: adds `share` times its loss. */
static void learn_pair(const tx_align_batch *batch, tx_align_work *work, size_t a, size_t b, size_t count,
                       double share, tx_align_result *result)
{
  const size_t width = batch->width;
  const double scale = exp(batch->log_scale), weight = share / (2 * (double)count);
  double loss = 0, slope = 0;
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < count; j++) {
      const double *x = work->units[a] + work->members[i] * width,
                   *y = work->units[b] + work->members[j] * width;
      double cosine = 0;
      for (size_t d = 0; d < width; d++) cosine += x[d] * y[d];
      work->logits[i * count + j] = scale * cosine;
    }
  memset(work->gradient, 0, count * count * sizeof *work->gradient);
  for (size_t i = 0; i < count; i++) {
    const line rows = {work->logits + i * count, work->gradient + i * count, count, 1},
               columns = {work->logits + i, work->gradient + i, count, count};
    loss += learn_line(batch, work->members, i, &rows, weight, result);
    loss += learn_line(batch, work->members, i, &columns, weight, result);
  }
  for (size_t k = 0; k < count * count; k++) {
    slope += work->gradient[k] * work->logits[k];
    work->gradient[k] *= scale;
  }
  result->loss += weight * loss;
  result->d_log_scale += slope;
  add_products(work, width, count, false, work->units[b], work->slopes[a]);
  add_products(work, width, count, true, work->units[a], work->slopes[b]);
}

/* Through u = f / |f|. */
static void return_to_features(const tx_align_batch *batch, const tx_align_work *work, size_t m,
                               double *gradient)
{
  const size_t width = batch->width;
  for (size_t i = 0; i < batch->count; i++) {
    const double *unit = work->units[m] + i * width, *slope = work->slopes[m] + i * width,
                 length = length_of(batch->features[m] + i * width, width);
    double along = 0;
    for (size_t d = 0; d < width; d++) along += slope[d] * unit[d];
    for (size_t d = 0; d < width; d++)
      gradient[i * width + d] = length > 0 ? (slope[d] - along * unit[d]) / length : 0;
  }
}

void tx_align_loss(const tx_align_batch *batch, tx_align_work *work, double *const *opt_gradients,
                   tx_align_result *result)
{
  size_t pairs = 0;
  memset(result, 0, sizeof *result);
  make_units(batch, work);
  for (size_t a = 0; a < batch->modalities; a++)
    for (size_t b = a + 1; b < batch->modalities; b++) pairs += list_members(batch, a, b, work->members) > 1;
  for (size_t a = 0; a < batch->modalities; a++)
    for (size_t b = a + 1; b < batch->modalities; b++) {
      const size_t count = list_members(batch, a, b, work->members);
      if (count > 1) learn_pair(batch, work, a, b, count, 1 / (double)pairs, result);
    }
  for (size_t m = 0; opt_gradients && m < batch->modalities; m++)
    return_to_features(batch, work, m, opt_gradients[m]);
}
