/* Text for ktImportText of Krona: reads, then the names from the top down, separated by tabs. */
#include "out/table_formats.h"

#include <string.h>

#include "out/text.h"

tx_status tx_table_put_krona(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                             tx_error *error)
{
  (void)error;
  for (size_t row = 0; row < rows->count; row++) {
    const double reads = tx_taxon_rows_reads(rows, row, opt_sample);
    if (reads <= 0) continue;
    tx_taxon_put_reads(out, reads);
    for (size_t rank = 0; rank < rows->depths[row]; rank++) {
      const char *name = rows->names[row * rows->rank_count + rank];
      if (!*name) name = "unassigned"; /* an empty name would be no level of the chart */
      tx_bytes_append(out, "\t", 1);
      tx_text_field(out, name, strlen(name));
    }
    tx_bytes_append(out, "\n", 1);
  }
  return TX_OK;
}
