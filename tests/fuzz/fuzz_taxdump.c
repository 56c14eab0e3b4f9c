/* Any bytes as the files of a taxdump, with NUL bytes between them: nodes, names, merged and deleted taxids.
   What is accepted can be walked from every taxid. */
#include "harness.h"

#include "labelled/taxdump.h"

#include <taxamba/labelled.h>

static void walk(const tx_taxdump *taxdump)
{
  for (uint32_t taxid = 0; taxid < 300; taxid++) {
    const tx_taxid_state state = tx_taxdump_find(taxdump, taxid);
    tx_lineage lineage;
    bool named = false;
    tx_lineage_begin(&lineage, 0);
    lineage.taxid = taxid;
    tx_taxdump_lineage(taxdump, &lineage);
    for (size_t r = 0; r < TX_LINEAGE_RANKS; r++) {
      if (!lineage.names[r]) continue;
      named = true;
      require(!tx_label_is_missing(lineage.names[r]), "a missing label given as a label");
    }
    require(state < TX_TAXID_STATES && lineage.taxid == taxid, "a taxid that changes");
    require(!named || state == TX_TAXID_KNOWN || state == TX_TAXID_MERGED,
            "names of a taxid that is not known");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  tx_input *inputs[TX_TAXDUMP_FILES] = {NULL};
  tx_taxdump *taxdump;
  tx_error error = {0};
  tx_status status;
  for (size_t i = 0; i < TX_TAXDUMP_FILES; i++) {
    const uint8_t *end = size ? memchr(data, '\0', size) : NULL;
    const size_t length = end ? (size_t)(end - data) : size;
    if (length || i < 2) inputs[i] = fuzz_input(data, length);
    if (!inputs[i] && i < 2) { /* refused gzip */
      for (size_t k = 0; k < i; k++) tx_input_close(inputs[k]);
      return 0;
    }
    data += length + (end != NULL);
    size -= length + (end != NULL);
  }
  status = tx_taxdump_read(inputs, &taxdump, &error);
  if (status == TX_OK) {
    walk(taxdump);
  } else {
    require_error(status, &error);
    require(!taxdump, "a half-read taxdump");
  }
  tx_taxdump_free(taxdump);
  return 0;
}
