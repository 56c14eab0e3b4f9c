/* Classifies the records of files, or of standard input, on two threads; prints the deepest taxon of each.
     classify_stream MODEL [FILE]... */
#include <stdio.h>
#include <stdlib.h>
#include <taxamba/taxamba.h>

/* Called for each record in the order of the input, from the thread that called tx_predict. */
static tx_status print_row(void *context, const tx_record *record, const tx_prediction *prediction,
                           tx_error *error)
{
  const tx_taxonomy *taxonomy = tx_model_taxonomy(context);
  const char *name = "unclassified";
  (void)error;
  for (size_t rank = 0; rank < tx_taxonomy_rank_count(taxonomy); rank++) {
    const int32_t taxon = tx_prediction_taxon(prediction, rank);
    if (taxon >= 0) name = tx_taxonomy_class_name(taxonomy, rank, taxon);
  }
  printf("%s\t%s\n", record->id, name);
  return TX_OK;
}

int main(int argc, char **argv)
{
  tx_error error;
  tx_predict_options options;
  tx_model *model = NULL;
  tx_reader *reader = NULL;
  tx_status status;
  if (argc < 2) {
    fputs("usage: classify_stream MODEL [FILE]...\n", stderr);
    return EXIT_FAILURE;
  }
  tx_predict_defaults(&options);
  options.threads = 2;
  options.min_confidence = 0.8;
  status = tx_model_open(argv[1], &model, &error);
  if (status == TX_OK)
    status = tx_reader_open((const char *const *)argv + 2, (size_t)argc - 2, NULL, &reader, &error);
  if (status == TX_OK) {
    const tx_predict_steps steps = {tx_reader_source, reader, print_row, NULL, model};
    status = tx_predict(model, &options, &steps, NULL, &error);
  }
  if (status != TX_OK) fprintf(stderr, "classify_stream: %s\n", error.message);
  tx_reader_close(reader);
  tx_model_close(model);
  return status == TX_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
