/* The rows that table reads, any bytes: they have names and confidences, their sums are those of the rows,
   and every format can be made of them. */
#include "harness.h"

#include "eval/prediction_reader.h"
#include "out/table_formats.h"

#include <stdlib.h>
#include <string.h>

static void check_row(const tx_prediction_row *row, size_t ranks, double least)
{
  bool deepest = false;
  require(row->record.size >= 1 && strlen(row->record.id) == row->record.id_length, "no record");
  for (size_t r = ranks; r-- > 0;) {
    require(row->confidence[r] >= 0 && row->confidence[r] <= 1, "no confidence");
    if (!row->taxa[r]) continue;
    require(row->taxa[r][0] != '\0', "a name without letters");
    require(deepest || row->confidence[r] >= least, "a lineage that is not cut");
    deepest = true;
  }
}

/* Makes the content of every format. */
static void write_all(const tx_taxon_table *table, const tx_samples *samples)
{
  static tx_status (*const puts[])(const tx_taxon_rows *, const size_t *, tx_bytes *, tx_error *) = {
      tx_table_put_tsv, tx_table_put_biom, tx_table_put_otu_table, tx_table_put_tax_table,
      tx_table_put_krona, tx_table_put_kraken};
  const tx_table_content content = {table, tx_samples_names(samples), tx_samples_count(samples), NULL};
  tx_taxon_rows rows;
  tx_error error = {0};
  double reads = 0;
  if (tx_taxon_rows_make(&content, true, &rows, &error) != TX_OK) return;
  for (size_t row = 0; row < rows.count; row++) {
    reads += tx_taxon_rows_reads(&rows, row, NULL);
    require(rows.ids[row][0] != '\0', "a row without a name");
  }
  require(reads == tx_taxon_table_reads(table), "reads that are not those of the rows");
  for (size_t i = 0; i < sizeof puts / sizeof *puts; i++) {
    tx_bytes out = {0};
    require(puts[i](&rows, NULL, &out, &error) != TX_ERROR_DATA, "a table that cannot be written");
    tx_bytes_free(&out);
  }
  tx_taxon_rows_free(&rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const double least = size % 3 ? 0 : 0.5;
  const tx_sample_options options = {.from = "file"};
  tx_prediction_reader *rows = NULL;
  tx_taxon_table *table = NULL;
  tx_samples *samples = NULL;
  tx_prediction_row row;
  tx_input *input = NULL;
  tx_error error = {0};
  tx_status status = tx_input_open_memory("fuzz", data, size, &input, &error);
  if (status == TX_OK) status = tx_prediction_reader_open_input(input, &rows, &error);
  if (status == TX_OK) status = tx_samples_open(&options, &samples, &error);
  if (status == TX_OK)
    status = tx_taxon_table_create(tx_prediction_reader_ranks(rows), tx_prediction_reader_rank_count(rows),
                                   &table, &error);
  while (status == TX_OK) {
    tx_share share = {0, 1};
    status = tx_prediction_reader_next(rows, least, &row, &error);
    if (status != TX_OK) break;
    check_row(&row, tx_prediction_reader_rank_count(rows), least);
    share.reads = (double)(row.record.size % 1000 + 1);
    status = tx_samples_add(samples, row.sample ? row.sample : "none", &share.sample, &error);
    if (status == TX_OK) status = tx_taxon_table_add(table, row.taxa, &share, 1, &error);
  }
  if (status != TX_END) {
    require(status == TX_ERROR_DATA || status == TX_ERROR_MEMORY, "an error of another kind");
    require_error(status, &error);
  }
  if (table) write_all(table, samples);
  tx_taxon_table_free(table);
  tx_samples_close(samples);
  tx_prediction_reader_close(rows);
  return 0;
}
