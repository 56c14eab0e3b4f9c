/* A table of traits, any bytes: the first says how the rest is read. It ends in an orderly way, and what was
   read is finite or missing. */
#include "harness.h"

#include "labelled/trait_table.h"

#include <math.h>

static void check_traits(const tx_traits *traits)
{
  const size_t specimens = tx_traits_specimens(traits);
  for (size_t t = 0; t < tx_traits_count(traits); t++) {
    tx_agreement agreement;
    tx_error error = {0};
    for (size_t s = 0; s < specimens; s++)
      require(!isinf(tx_traits_value(traits, t, s)), "a value that is not finite");
    if (tx_traits_agreement(traits, t, t, 0.1, &agreement, &error) == TX_OK)
      require(agreement.rmse == 0 && agreement.within == 1, "a trait that differs from itself");
  }
  for (size_t s = 0; s < specimens; s++) {
    const char *id = tx_traits_id(traits, s);
    require(id[0] != '\0', "a specimen without a name");
    require(tx_traits_find(traits, id, strlen(id)) == (int64_t)s, "a specimen that is not found");
    (void)tx_traits_taxon(traits, s);
    (void)tx_traits_split(traits, s);
  }
  require(tx_traits_count_rows(traits).rows >= specimens, "more specimens than rows");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  tx_traits_options options = {.columns = "a,b,a+b"};
  tx_traits *traits = NULL;
  tx_error error = {0};
  tx_input *input;
  tx_status status;
  if (size < 1) return 0;
  if (data[0] & 1) options.structure_column = "structure";
  if (data[0] & 2) options.annotator_column = "who";
  options.zero_missing = data[0] >> 2 & 1;
  input = fuzz_input(data + 1, size - 1);
  if (!input) return 0;
  status = tx_traits_read_input(input, &options, &traits, &error);
  if (status == TX_OK) {
    check_traits(traits);
  } else {
    require(status == TX_ERROR_DATA || status == TX_ERROR_MEMORY, "an error of another kind");
    require_error(status, &error);
    require(!traits, "half-read traits");
  }
  tx_traits_free(traits);
  return 0;
}
