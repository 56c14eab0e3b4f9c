/* Tables of taxa as tab-separated text: one file, and the two of phyloseq. */
#include "out/table_formats.h"

#include <string.h>

#include "out/text.h"

static void put_field(tx_bytes *out, const char *text)
{
  tx_bytes_append(out, "\t", 1);
  tx_text_field(out, text, strlen(text));
}

/* Appends a number for each sample, and the end of the line. */
static void put_reads(const tx_taxon_rows *rows, size_t row, tx_bytes *out)
{
  size_t cell = rows->starts[row];
  for (size_t sample = 0; sample < rows->sample_count; sample++) {
    const bool there = cell < rows->starts[row + 1] && rows->cells[cell].sample == sample;
    tx_bytes_append(out, "\t", 1);
    tx_taxon_put_reads(out, there ? rows->cells[cell].reads : 0);
    cell += there;
  }
  tx_bytes_append(out, "\n", 1);
}

static void put_samples(const tx_taxon_rows *rows, tx_bytes *out)
{
  for (size_t sample = 0; sample < rows->sample_count; sample++) put_field(out, rows->samples[sample]);
  tx_bytes_append(out, "\n", 1);
}

tx_status tx_table_put_tsv(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                           tx_error *error)
{
  (void)opt_sample;
  (void)error;
  tx_bytes_text(out, "taxon\trank\tlineage");
  put_samples(rows, out);
  for (size_t row = 0; row < rows->count; row++) {
    const size_t depth = rows->depths[row];
    tx_text_field(out, rows->ids[row], strlen(rows->ids[row]));
    put_field(out, depth ? rows->ranks[depth - 1] : "");
    tx_bytes_append(out, "\t", 1);
    for (size_t rank = 0; rank < depth; rank++) {
      const char *name = rows->names[row * rows->rank_count + rank];
      if (rank) tx_bytes_append(out, ";", 1);
      tx_text_field(out, name, strlen(name));
    }
    put_reads(rows, row, out);
  }
  return TX_OK;
}

tx_status tx_table_put_otu_table(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                                 tx_error *error)
{
  (void)opt_sample;
  (void)error;
  tx_bytes_text(out, "taxon");
  put_samples(rows, out);
  for (size_t row = 0; row < rows->count; row++) {
    tx_text_field(out, rows->ids[row], strlen(rows->ids[row]));
    put_reads(rows, row, out);
  }
  return TX_OK;
}

tx_status tx_table_put_tax_table(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                                 tx_error *error)
{
  (void)opt_sample;
  (void)error;
  tx_bytes_text(out, "taxon");
  for (size_t rank = 0; rank < rows->rank_count; rank++) put_field(out, rows->ranks[rank]);
  tx_bytes_append(out, "\n", 1);
  for (size_t row = 0; row < rows->count; row++) {
    tx_text_field(out, rows->ids[row], strlen(rows->ids[row]));
    for (size_t rank = 0; rank < rows->rank_count; rank++) {
      const char *name = rows->names[row * rows->rank_count + rank];
      put_field(out, *name ? name : "NA"); /* what R reads as missing */
    }
    tx_bytes_append(out, "\n", 1);
  }
  return TX_OK;
}
