/* Prints the taxa of a model's lowest rank with their lineages.
     taxonomy MODEL */
#include <stdio.h>
#include <stdlib.h>
#include <taxamba/taxamba.h>

static void print_taxa(const tx_taxonomy *taxonomy)
{
  const size_t ranks = tx_taxonomy_rank_count(taxonomy);
  if (ranks == 0) return;
  for (size_t taxon = 0; taxon < tx_taxonomy_class_count(taxonomy, ranks - 1); taxon++) {
    int32_t lineage[TX_RANKS_MAX];
    tx_taxonomy_lineage(taxonomy, ranks - 1, (int32_t)taxon, lineage);
    for (size_t rank = 0; rank < ranks; rank++)
      printf("%s%s", rank ? "\t" : "",
             lineage[rank] < 0 ? "" : tx_taxonomy_class_name(taxonomy, rank, lineage[rank]));
    putchar('\n');
  }
}

int main(int argc, char **argv)
{
  tx_error error;
  tx_model *model = NULL;
  if (argc != 2) {
    fputs("usage: taxonomy MODEL\n", stderr);
    return EXIT_FAILURE;
  }
  if (tx_model_open(argv[1], &model, &error) != TX_OK) {
    fprintf(stderr, "taxonomy: %s\n", error.message);
    return EXIT_FAILURE;
  }
  print_taxa(tx_model_taxonomy(model));
  tx_model_close(model);
  return EXIT_SUCCESS;
}
