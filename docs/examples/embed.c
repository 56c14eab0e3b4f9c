/* Prints the cosine of the embeddings of two sequences: near 1 for barcodes of one species.
     embed MODEL SEQUENCE SEQUENCE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/taxamba.h>

/* A copy of the embedding of a sequence, scaled to length 1. The prediction is the workspace's until its next
   call. */
static tx_status embed(tx_workspace *workspace, size_t width, const char *sequence, float *vector,
                       tx_error *error)
{
  const tx_prediction *prediction = NULL;
  tx_status status = tx_classify(workspace, sequence, strlen(sequence), &prediction, error);
  if (status != TX_OK) return status;
  memset(vector, 0, width * sizeof *vector);
  if (tx_prediction_embedding(prediction))
    memcpy(vector, tx_prediction_embedding(prediction), width * sizeof *vector);
  return TX_OK;
}

static tx_status print_cosine(const tx_model *model, char **sequences, tx_error *error)
{
  const size_t width = tx_model_width(model);
  float *vectors = calloc(2 * width, sizeof *vectors);
  tx_classifier *classifier = NULL;
  tx_workspace *workspace = NULL;
  tx_predict_options options;
  double cosine = 0;
  tx_status status;
  tx_predict_defaults(&options);
  options.classify = false;
  options.embed = true;
  options.normalise = true;
  status = tx_classifier_create(model, &options, &classifier, error);
  if (status == TX_OK) status = tx_workspace_create(classifier, &workspace, error);
  for (size_t i = 0; vectors && status == TX_OK && i < 2; i++)
    status = embed(workspace, width, sequences[i], vectors + i * width, error);
  for (size_t i = 0; vectors && i < width; i++) cosine += (double)vectors[i] * (double)vectors[width + i];
  if (vectors && status == TX_OK) printf("%.4f\n", cosine);
  tx_workspace_free(workspace);
  tx_classifier_free(classifier);
  free(vectors);
  return status;
}

int main(int argc, char **argv)
{
  tx_error error;
  tx_model *model = NULL;
  tx_status status;
  if (argc != 4) {
    fputs("usage: embed MODEL SEQUENCE SEQUENCE\n", stderr);
    return EXIT_FAILURE;
  }
  status = tx_model_open(argv[1], &model, &error);
  if (status == TX_OK) status = print_cosine(model, argv + 2, &error);
  if (status != TX_OK) fprintf(stderr, "embed: %s\n", error.message);
  tx_model_close(model);
  return status == TX_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
