/* Agreement of two measurements of the same specimens. */
#include <taxamba/traits.h>

#include <math.h>

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>

#define LIMIT 1.96 /* standard deviations: 95 % of normal differences */

/* Squares around the means of the pairs. */
static void spread(const double *first, const double *second, size_t count, const tx_agreement *agreement,
                   double *ret_of_second, double *ret_of_differences)
{
  double mean = 0;
  *ret_of_second = *ret_of_differences = 0;
  for (size_t i = 0; i < count; i++)
    if (!isnan(first[i]) && !isnan(second[i])) mean += second[i] / (double)agreement->pairs;
  for (size_t i = 0; i < count; i++) {
    const double off = first[i] - second[i] - agreement->bias;
    if (isnan(first[i]) || isnan(second[i])) continue;
    *ret_of_second += (second[i] - mean) * (second[i] - mean);
    *ret_of_differences += off * off;
  }
}

tx_agreement tx_agreement_of(const double *first, const double *second, size_t count, double tolerance)
{
  tx_agreement agreement = {0, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  double squares = 0, sizes = 0, sum = 0, of_second, of_differences, n;
  size_t within = 0;
  for (size_t i = 0; i < count; i++) {
    const double difference = first[i] - second[i];
    if (isnan(first[i]) || isnan(second[i])) continue;
    agreement.pairs++;
    squares += difference * difference;
    sizes += fabs(difference);
    sum += difference;
    within += fabs(difference) < tolerance;
  }
  if (!agreement.pairs) return agreement;
  n = (double)agreement.pairs;
  agreement.rmse = sqrt(squares / n);
  agreement.mae = sizes / n;
  agreement.bias = sum / n;
  agreement.within = (double)within / n;
  spread(first, second, count, &agreement, &of_second, &of_differences);
  if (of_second > 0) agreement.r2 = 1 - squares / of_second;
  if (agreement.pairs < 2) return agreement;
  agreement.low = agreement.bias - LIMIT * sqrt(of_differences / (n - 1));
  agreement.high = agreement.bias + LIMIT * sqrt(of_differences / (n - 1));
  return agreement;
}

tx_status tx_traits_agreement(const tx_traits *traits, size_t first, size_t second, double tolerance,
                              tx_agreement *ret_agreement, tx_error *error)
{
  const size_t count = tx_traits_specimens(traits);
  double *values = tx_malloc_aligned(2 * count + 1, sizeof *values);
  if (!values) return tx_fail_memory(error, "the values of two traits");
  for (size_t s = 0; s < count; s++) {
    values[s] = tx_traits_value(traits, first, s);
    values[count + s] = tx_traits_value(traits, second, s);
  }
  *ret_agreement = tx_agreement_of(values, values + count, count, tolerance);
  free(values);
  if (ret_agreement->pairs) return TX_OK;
  return tx_fail(error, TX_ERROR_DATA, "no specimen has both '%.100s' and '%.100s'",
                 tx_traits_name(traits, first), tx_traits_name(traits, second));
}
