/* Any bytes as a labelled table, or as what auto finds in them: the reader must end in an orderly way, and
   the labels it gives must build a taxonomy whose text form reads back to the same text. */
#include "labelled_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const tx_labelled_options chosen[] = {
      {0},
      {.format = TX_LABELLED_TABLE, .ranks = "family,genus,dna_bin", .split = "train,val"},
      {.taxa_column = "taxa", .ranks = "order,genus"},
      {.taxa_column = "processid"}, /* the column of the ids as well */
      {.skip_bad = 1},
      {.unlabelled = 1}};
  for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++) {
    tx_input *input = fuzz_input(data, size);
    if (input) check_labelled(input, NULL, &chosen[i]);
  }
  return 0;
}
