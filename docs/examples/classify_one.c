/* Classifies one sequence and prints its lineage.
     classify_one MODEL SEQUENCE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/taxamba.h>

static tx_status print_lineage(const tx_model *model, const char *sequence, tx_error *error)
{
  const tx_taxonomy *taxonomy = tx_model_taxonomy(model);
  const tx_prediction *prediction = NULL;
  tx_classifier *classifier = NULL;
  tx_workspace *workspace = NULL;
  tx_predict_options options;
  tx_status status;
  tx_predict_defaults(&options);
  options.min_confidence = 0.8;
  /* The classifier may be shared by threads; each of them needs a workspace of its own. */
  status = tx_classifier_create(model, &options, &classifier, error);
  if (status == TX_OK) status = tx_workspace_create(classifier, &workspace, error);
  if (status == TX_OK) status = tx_classify(workspace, sequence, strlen(sequence), &prediction, error);
  if (status == TX_OK && tx_prediction_status(prediction) != TX_RECORD_OK) puts("too short to be classified");
  for (size_t rank = 0; status == TX_OK && rank < tx_taxonomy_rank_count(taxonomy); rank++) {
    const int32_t taxon = tx_prediction_taxon(prediction, rank);
    if (taxon >= 0)
      printf("%s\t%s\t%.4f\n", tx_taxonomy_rank_name(taxonomy, rank),
             tx_taxonomy_class_name(taxonomy, rank, taxon), tx_prediction_confidence(prediction, rank));
  }
  tx_workspace_free(workspace);
  tx_classifier_free(classifier);
  return status;
}

int main(int argc, char **argv)
{
  tx_error error;
  tx_model *model = NULL;
  tx_status status;
  if (argc != 3) {
    fputs("usage: classify_one MODEL SEQUENCE\n", stderr);
    return EXIT_FAILURE;
  }
  status = tx_model_open(argv[1], &model, &error);
  if (status == TX_OK) status = print_lineage(model, argv[2], &error);
  if (status != TX_OK) fprintf(stderr, "classify_one: %s\n", error.message);
  tx_model_close(model);
  return status == TX_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
