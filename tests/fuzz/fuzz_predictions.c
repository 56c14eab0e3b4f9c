/* The table of predictions that eval reads, any bytes: it ends in an orderly way, and every row that was read
   can be found and has names and confidences. */
#include "harness.h"

#include "eval/predictions.h"

static void check_rows(const tx_predictions *predictions, double least)
{
  const size_t ranks = tx_predictions_rank_count(predictions);
  require(ranks > 0 && ranks <= TX_RANKS_MAX, "no ranks");
  for (size_t i = 0; i < tx_predictions_count(predictions); i++) {
    const char *called[TX_RANKS_MAX];
    double confidence[TX_RANKS_MAX];
    bool deepest = false;
    require(tx_predictions_find(predictions, tx_predictions_id(predictions, i), called, confidence),
            "a row that is not found");
    for (size_t r = ranks; r-- > 0;) {
      require(confidence[r] >= 0 && confidence[r] <= 1, "no confidence");
      if (!called[r]) continue;
      require(called[r][0] != '\0', "a name without letters");
      require(deepest || confidence[r] >= least, "a lineage that is not cut");
      deepest = true;
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const double least = size % 3 ? 0 : 0.5;
  tx_predictions *predictions = NULL;
  tx_input *input = NULL;
  tx_error error = {0};
  tx_status status = tx_input_open_memory("fuzz", data, size, &input, &error);
  if (status == TX_OK) status = tx_predictions_read_input(input, least, &predictions, &error);
  if (status == TX_OK) {
    check_rows(predictions, least);
  } else {
    require(status == TX_ERROR_DATA || status == TX_ERROR_MEMORY, "an error of another kind");
    require_error(status, &error);
    require(!predictions, "half-read predictions");
  }
  tx_predictions_free(predictions);
  return 0;
}
