/* Any bytes as FASTA or FASTQ with a lineage in each header, in every style; and, behind a NUL byte, as a
   taxonomy of its IDs. */
#include "labelled_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const tx_labelled_options chosen[] = {{0},
                                               {.format = TX_LABELLED_UNITE},
                                               {.format = TX_LABELLED_SINTAX, .ranks = "kingdom,genus"},
                                               {.format = TX_LABELLED_PLAIN},
                                               {.skip_bad = 1},
                                               {.ranks = "family,genus,species"},
                                               {.format = TX_LABELLED_POSITIONAL, .ranks = "clan,genus"},
                                               {.format = TX_LABELLED_RDP},
                                               {.format = TX_LABELLED_MIDORI},
                                               {.format = TX_LABELLED_SILVA},
                                               {.format = TX_LABELLED_OBITOOLS},
                                               {.format = TX_LABELLED_TAXID},
                                               {.format = TX_LABELLED_SPECIES}};
  const tx_labelled_options beside[] = {{.taxonomy_file = "taxonomy", .skip_bad = size % 2},
                                               {.taxonomy_file = "taxonomy", .ranks = "clan,genus,species"}};
  const uint8_t *end = size ? memchr(data, '\0', size) : NULL;
  const size_t length = end ? (size_t)(end - data) : size;
  for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++) {
    tx_input *input = fuzz_input(data, length);
    if (input) check_labelled(input, NULL, &chosen[i]);
  }
  for (size_t i = 0; end && i < sizeof beside / sizeof *beside; i++) {
    tx_input *input = fuzz_input(data, length), *taxonomy = fuzz_input(end + 1, size - length - 1);
    if (input && taxonomy) {
      check_labelled(input, taxonomy, &beside[i]);
    } else {
      tx_input_close(input);
      tx_input_close(taxonomy);
    }
  }
  return 0;
}
