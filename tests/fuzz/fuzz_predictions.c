/* The table of predictions that eval reads, any bytes: it ends in an orderly way, and every row that was read
   can be found and has names and confidences. */
#include "harness.h"

#include "eval/predictions.h"

static void check_rows(const tx_predictions *predictions, double least)
{
  const size_t ranks = tx_predictions_rank_count(predictions);
  require(ranks <= TX_RANKS_MAX, "too many ranks");
  for (size_t i = 0; i < tx_predictions_count(predictions); i++) {
    const char *called[TX_RANKS_MAX];
    double confidence[TX_RANKS_MAX];
    bool deepest = false;
    require(tx_predictions_find(predictions, tx_predictions_id(predictions, i), called, confidence),
            "a row that is not found");
    for (size_t r = ranks; r-- > 0;) {
      require((confidence[r] >= 0 && confidence[r] <= 1) || (called[r] && confidence[r] == TX_NO_CONFIDENCE),
              "no confidence");
      if (!called[r]) continue;
      require(called[r][0] != '\0', "a name without letters");
      require(deepest || least <= 0 || confidence[r] >= least, "a lineage that is not cut");
      deepest = true;
    }
  }
}

/* Lineages of references, as BLAST6 and kraken need them. */
static tx_predictions *read_lineages(void)
{
  static const char text[] = "id,genus,species\nr1,Apis,Apis mellifera\nr2,Apis,Apis cerana\n";
  tx_predictions *lineages = NULL;
  tx_error error = {0};
  tx_input *input = fuzz_input(text, sizeof text - 1);
  require(tx_predictions_read_lineages_input(input, NULL, NULL, &lineages, &error) == TX_OK, "no lineages");
  return lineages;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static tx_predictions *lineages;
  const tx_predictions_options options = {.format = (tx_predictions_format)(size % 11 > 6 ? 0 : size % 11),
                                          .min_confidence = size % 3 ? 0 : 0.5,
                                          .ranks = size % 5 ? NULL : "order,family,genus"};
  tx_predictions *predictions = NULL;
  tx_input *input = NULL;
  tx_error error = {0};
  tx_status status = tx_input_open_memory("fuzz", data, size, &input, &error);
  if (!lineages) lineages = read_lineages();
  if (status == TX_OK)
    status = tx_predictions_read_input(input, &options, size % 2 ? lineages : NULL, &predictions, &error);
  if (status == TX_OK) {
    check_rows(predictions, options.min_confidence);
  } else {
    require(status == TX_ERROR_DATA || status == TX_ERROR_MEMORY || status == TX_ERROR_USAGE,
            "an error of another kind");
    require_error(status, &error);
    require(!predictions, "half-read predictions");
  }
  tx_predictions_free(predictions);
  return 0;
}
