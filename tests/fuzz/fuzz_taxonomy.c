/* The reader of a taxonomy's text form on any bytes: what it accepts is written back byte for byte, and can
   be walked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "taxon/taxonomy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition, const char *what)
{
  if (condition) return;
  fprintf(stderr, "fuzz_taxonomy: %s\n", what);
  abort();
}

static void walk(const tx_taxonomy *taxonomy)
{
  size_t ranks = tx_taxonomy_rank_count(taxonomy);
  for (size_t r = 0; r < ranks; r++)
    for (size_t c = 0; c < tx_taxonomy_class_count(taxonomy, r); c++) {
      int32_t lineage[TX_RANKS_MAX];
      int32_t labels[TX_RANKS_MAX];
      const char *names[TX_RANKS_MAX];
      const char *name = tx_taxonomy_class_name(taxonomy, r, (int32_t)c);
      tx_taxonomy_lineage(taxonomy, r, (int32_t)c, lineage);
      require(lineage[r] == (int32_t)c, "a taxon outside its lineage");
      require(name && *name && tx_taxonomy_knows(taxonomy, r, name), "a taxon that is not known");
      for (size_t q = 0; q < ranks; q++)
        names[q] = lineage[q] < 0 ? NULL : tx_taxonomy_class_name(taxonomy, q, lineage[q]);
      tx_taxonomy_match(taxonomy, names, labels);
      for (size_t q = 0; q < ranks; q++)
        require(labels[q] < 0 || !strcmp(tx_taxonomy_class_name(taxonomy, q, labels[q]), names[q]),
                "a match of another name");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  tx_taxonomy *taxonomy;
  tx_bytes bytes = {0};
  tx_error error;
  tx_status status = tx_taxonomy_read((const char *)data, size, &taxonomy, &error);
  if (status) {
    require(status == TX_ERROR_MODEL && !taxonomy && error.message[0], "a refusal without a word");
    return 0;
  }
  walk(taxonomy);
  require(tx_taxonomy_write(taxonomy, &bytes, &error) == TX_OK, "no text");
  require(bytes.size == size && !memcmp(bytes.data, data, size), "another text than was read");
  tx_bytes_free(&bytes);
  tx_taxonomy_free(taxonomy);
  return 0;
}
