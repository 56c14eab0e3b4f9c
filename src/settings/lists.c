#include "settings/lists.h"

#include "base/error.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

/* Reads one number without the blanks around it. */
static bool read_number(const char *text, size_t length, double *ret)
{
  char word[64];
  while (length && *text == ' ') text++, length--;
  while (length && text[length - 1] == ' ') length--;
  if (length == 0 || length >= sizeof word) return false;
  memcpy(word, text, length);
  word[length] = 0;
  return tx_text_decimal(word, ret);
}

tx_status tx_number_list(const char *option, const char *text, double minimum, double maximum,
                         double values[TX_RANKS_MAX], size_t *ret_count, tx_error *error)
{
  size_t count = 0;
  *ret_count = 0;
  while (*text || count > 0) {
    const size_t length = strcspn(text, ",");
    if (count == TX_RANKS_MAX)
      return tx_fail(error, TX_ERROR_USAGE, "--%s has more than %d numbers", option, TX_RANKS_MAX);
    if (!read_number(text, length, &values[count]) || !(values[count] >= minimum && values[count] <= maximum))
      return tx_fail(error, TX_ERROR_USAGE,
                     "--%s: '%.*s' is not a number between %g and %g; numbers are separated by commas",
                     option, length < 100 ? (int)length : 100, text, minimum, maximum);
    count++;
    text += length;
    if (!*text) break;
    text++;
  }
  *ret_count = count;
  return TX_OK;
}

tx_status tx_smoothing_list(const tx_train_config *config, double values[TX_RANKS_MAX], size_t *ret_count,
                            tx_error *error)
{
  return tx_number_list("hierarchical-smoothing", config->hierarchical_smoothing, 0, 0.9, values, ret_count,
                        error);
}

tx_status tx_rank_weight_list(const tx_train_config *config, double values[TX_RANKS_MAX], size_t *ret_count,
                              tx_error *error)
{
  double sum = 0;
  tx_status status = tx_number_list("rank-weights", config->rank_weights, 0, 1e6, values, ret_count, error);
  if (status != TX_OK) return status;
  for (size_t i = 0; i < *ret_count; i++) sum += values[i];
  if (*ret_count > 0 && !(sum > 0))
    return tx_fail(error, TX_ERROR_USAGE,
                   "--rank-weights: at least one weight must be above 0");
  return TX_OK;
}

tx_status tx_crop_length_list(const tx_train_config *config, double values[TX_RANKS_MAX], size_t *ret_count,
                              tx_error *error)
{
  tx_status status = tx_number_list("crop-lengths", config->crop_lengths, 1, 1e5, values, ret_count, error);
  for (size_t i = 0; status == TX_OK && i < *ret_count; i++)
    if (values[i] != floor(values[i]))
      status = tx_fail(error, TX_ERROR_USAGE, "--crop-lengths: %g is no whole number of bases", values[i]);
  return status;
}
