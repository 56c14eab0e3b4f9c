#include "objective/teaching.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rest of a target may be probable where the learner's is not; its logarithm stays finite. */
#define SMALLEST_REST 1e-30

tx_status tx_teaching_create(size_t records, size_t ranks, double temperature, tx_teaching *teaching,
                             tx_error *error)
{
  const size_t width = teaching->width;
  size_t cells = 0, kept = 0, values = 0;
  const bool fits = tx_multiply(records, ranks, &cells) && tx_multiply(cells, TX_TEACHING_KEPT, &kept) &&
                    tx_multiply(records, width, &values);
  teaching->records = records;
  teaching->ranks = ranks;
  teaching->temperature = temperature;
  if (fits) {
    teaching->classes = tx_calloc_aligned(kept, sizeof *teaching->classes);
    teaching->shares = tx_calloc_aligned(kept, sizeof *teaching->shares);
    teaching->rest = tx_calloc_aligned(cells, sizeof *teaching->rest);
    if (width) teaching->embeddings = tx_calloc_aligned(values, sizeof *teaching->embeddings);
  }
  if (teaching->classes && teaching->shares && teaching->rest && (teaching->embeddings || !width)) {
    for (size_t i = 0; i < kept; i++) teaching->classes[i] = -1;
    return TX_OK;
  }
  tx_teaching_free(teaching);
  return tx_fail(error, TX_ERROR_MEMORY, "out of memory for the answers of --teacher about %zu records",
                 records);
}

void tx_teaching_free(tx_teaching *teaching)
{
  free(teaching->classes);
  free(teaching->shares);
  free(teaching->rest);
  free(teaching->embeddings);
  memset(teaching, 0, sizeof *teaching);
}

tx_soft_target tx_teaching_target(const tx_teaching *teaching, uint32_t record, size_t rank)
{
  const size_t cell = (size_t)record * teaching->ranks + rank;
  return (tx_soft_target){teaching->classes + cell * TX_TEACHING_KEPT,
                          teaching->shares + cell * TX_TEACHING_KEPT, teaching->rest[cell]};
}

void tx_teaching_put(tx_teaching *teaching, uint32_t record, size_t rank, const double *probabilities,
                     size_t classes)
{
  const size_t cell = (size_t)record * teaching->ranks + rank;
  int32_t *kept = teaching->classes + cell * TX_TEACHING_KEPT;
  float *shares = teaching->shares + cell * TX_TEACHING_KEPT;
  size_t count = 0;
  double rest = 1;
  for (size_t c = 0; c < classes; c++) {
    const float share = (float)probabilities[c];
    size_t at = count;
    if (!(share > 0) || (count == TX_TEACHING_KEPT && !(share > shares[count - 1]))) continue;
    if (count < TX_TEACHING_KEPT) count++;
    else at--;
    for (; at > 0 && share > shares[at - 1]; at--) {
      shares[at] = shares[at - 1];
      kept[at] = kept[at - 1];
    }
    shares[at] = share;
    kept[at] = (int32_t)c;
  }
  for (size_t i = 0; i < count; i++) rest -= (double)shares[i];
  teaching->rest[cell] = rest > 0 ? (float)rest : 0.0F;
}

/* Sets gradient to the exponentials of the logits, of which the largest is 1, and returns their sum. */
static double exponentials(const float *logits, size_t classes, float sharpness, float *ret_largest,
                           float *gradient)
{
  float largest = -INFINITY;
  double sum = 0;
  for (size_t c = 0; c < classes; c++) largest = logits[c] > largest ? logits[c] : largest;
  for (size_t c = 0; c < classes; c++) {
    gradient[c] = expf((logits[c] - largest) * sharpness);
    sum += (double)gradient[c];
  }
  *ret_largest = largest;
  return sum;
}

double tx_soft_divergence(const float *logits, size_t classes, const tx_soft_target *target,
                          double temperature, double scale, float *gradient)
{
  const double factor = scale * temperature; /* temperature^2 / temperature */
  double listed = 0, others = 0, loss = 0, total;
  float largest;
  size_t count = 0;
  while (count < TX_TEACHING_KEPT && target->classes[count] >= 0)
    listed += (double)target->shares[count++];
  if (count == 0) {
    memset(gradient, 0, classes * sizeof *gradient);
    return 0;
  }
  total = exponentials(logits, classes, (float)(1 / temperature), &largest, gradient);
  for (size_t i = 0; i < count; i++) {
    const int32_t c = target->classes[i];
    const double share = (double)target->shares[i];
    loss += share * (log(share) - ((double)(logits[c] - largest) / temperature - log(total)));
    gradient[c] = 0;
  }
  /* summed apart, as the difference of two sums would lose it */
  for (size_t c = 0; c < classes; c++) others += (double)gradient[c];
  const bool has_rest = count < classes && target->rest > 0;
  const double rest = has_rest ? (double)target->rest : 0, mass = listed + rest,
               floor = others > SMALLEST_REST * total ? others : SMALLEST_REST * total;
  const float slope = (float)(factor * (mass / total - rest / floor));
  if (has_rest) loss += rest * (log(rest) - log(floor / total));
  for (size_t c = 0; c < classes; c++) gradient[c] *= slope;
  for (size_t i = 0; i < count; i++) {
    const int32_t c = target->classes[i];
    const double own = exp((double)(logits[c] - largest) / temperature) / total;
    gradient[c] = (float)(factor * (mass * own - (double)target->shares[i]));
  }
  if (!has_rest) loss += mass * -log(mass); /* of the shares as a distribution: mass times their divergence */
  return temperature * temperature * loss;
}

double tx_cosine_distance(const float *vector, const float *target, size_t width, double scale,
                          float *gradient)
{
  double square = 0, along = 0, length, own = 0;
  for (size_t d = 0; d < width; d++) {
    square += (double)vector[d] * (double)vector[d];
    along += (double)vector[d] * (double)target[d];
    own += (double)target[d] * (double)target[d];
  }
  if (!(square > 0) || !(own > 0)) {
    memset(gradient, 0, width * sizeof *gradient);
    return isfinite(square) ? 0 : square;
  }
  length = sqrt(square);
  for (size_t d = 0; d < width; d++)
    gradient[d] = (float)(scale * (along / square * (double)vector[d] - (double)target[d]) / length);
  return 1 - along / length;
}
