#include "seq/trained_lengths.h"

static double number_of(const tx_json *settings, const char *key)
{
  const tx_json *item = tx_json_get(settings, key);
  return item && tx_json_is_number(item) ? tx_json_number(item) : -1;
}

bool tx_trained_lengths(const tx_json *settings, size_t *ret_shortest, size_t *ret_longest)
{
  const double crop = number_of(settings, "crop"), crop_minimum = number_of(settings, "crop-minimum"),
               least = number_of(settings, "min-bases"), most = number_of(settings, "max-bases");
  /* up to 1 it is a share of the record, whose length is not known here */
  const double shortest = crop > 0 && crop_minimum > 1 ? crop_minimum : least;
  if (!(shortest >= 0 && shortest < 1e9 && most >= 1 && most < 1e9)) return false;
  *ret_shortest = (size_t)shortest;
  *ret_longest = (size_t)most;
  return true;
}
