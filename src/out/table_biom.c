/* Tables of taxa in BIOM 1.0, http://biom-format.org/documentation/format_versions/biom-1.0.html. */
#include "out/table_formats.h"

#include <string.h>

#include "out/prefix.h"
#include "out/table_biom.h"

static void put_string(tx_bytes *out, const char *text)
{
  tx_bytes_json_string(out, text, strlen(text));
}

/* Appends an observation with its taxonomy, a prefix at every rank: readers drop empty names, which would
   move those below. */
static void put_observation(const tx_taxon_rows *rows, size_t row, tx_bytes *out)
{
  tx_bytes name = {0};
  tx_bytes_text(out, "{\"id\":");
  put_string(out, rows->ids[row]);
  tx_bytes_text(out, ",\"metadata\":{\"taxonomy\":[");
  for (size_t rank = 0; rank < rows->rank_count; rank++) {
    tx_bytes_clear(&name);
    tx_prefix_put(&name, rows->ranks[rank], rows->names[row * rows->rank_count + rank]);
    if (rank) tx_bytes_append(out, ",", 1);
    if (!name.failed) tx_bytes_json_string(out, name.data, name.size);
    out->failed = out->failed || name.failed;
  }
  tx_bytes_text(out, "]}}");
  tx_bytes_free(&name);
}

tx_status tx_table_put_biom(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                            tx_error *error)
{
  (void)opt_sample;
  (void)error;
  tx_bytes_text(out, "{\"id\":null,\"format\":\"Biological Observation Matrix 1.0.0\",\"format_url\":\"");
  tx_bytes_text(out, TX_BIOM_URL "\",\"type\":\"" TX_BIOM_TYPE "\",\"generated_by\":");
  tx_bytes_printf(out, "\"taxamba %s\"", tx_version());
  tx_bytes_printf(out, ",\"date\":\"" TX_BIOM_DATE "\",\"matrix_type\":\"sparse\",\"matrix_element_type\":"
                       "\"%s\",\"shape\":[%zu,%zu],\n\"rows\":[",
                  rows->whole ? "int" : "float", rows->count, rows->sample_count);
  for (size_t row = 0; row < rows->count; row++) {
    tx_bytes_text(out, row ? ",\n" : "\n");
    put_observation(rows, row, out);
  }
  tx_bytes_text(out, "],\n\"columns\":[");
  for (size_t sample = 0; sample < rows->sample_count; sample++) {
    tx_bytes_text(out, sample ? "," : "");
    tx_bytes_text(out, "{\"id\":");
    put_string(out, rows->samples[sample]);
    tx_bytes_text(out, ",\"metadata\":null}");
  }
  tx_bytes_text(out, "],\n\"data\":[");
  for (size_t i = 0; i < rows->starts[rows->count]; i++) {
    tx_bytes_printf(out, "%s[%lu,%lu,", i ? "," : "", (unsigned long)rows->cells[i].row,
                    (unsigned long)rows->cells[i].sample);
    tx_taxon_put_reads(out, rows->cells[i].reads);
    tx_bytes_append(out, "]", 1);
  }
  tx_bytes_text(out, "]}\n");
  return TX_OK;
}
