/* Count tables, any bytes: the reading ends in an orderly way, and every count of a table that was read is
   positive and has a sequence and a sample. HDF5 is left to libhdf5. */
#include "harness.h"

#include <math.h>

#include "labelled/count_read.h"

static bool known(void *context, const char *id)
{
  (void)context;
  return id[0] == 'A';
}

static void check_table(const tx_count_table *table)
{
  const size_t sequences = tx_count_table_sequence_count(table), samples = tx_count_table_sample_count(table);
  for (size_t s = 0; s < samples; s++)
    require(tx_count_table_find_sample(table, tx_count_table_sample(table, s)) == (int64_t)s,
            "a lost sample");
  for (size_t i = 0; i < sequences; i++) {
    const uint32_t *columns;
    const double *counts;
    const size_t count = tx_count_table_row(table, i, &columns, &counts);
    const char *lineage = tx_count_table_taxonomy(table, i);
    require(tx_count_table_sequence(table, i)[0] != '\0', "a sequence without a name");
    require(!lineage || lineage[0], "an empty lineage");
    for (size_t n = 0; n < count; n++) {
      require(columns[n] < samples && (n == 0 || columns[n] > columns[n - 1]), "samples out of order");
      require(isfinite(counts[n]) && counts[n] > 0, "a count that is none");
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const tx_count_options options = {.rows = (tx_count_rows)(size % 3), .known = known};
  tx_count_table *table = NULL;
  tx_input *input;
  tx_error error = {0};
  tx_status status;
  if (size && data[0] == 0x89) return 0;
  input = fuzz_input(data, size);
  if (!input) return 0;
  status = tx_count_table_read_input(input, &options, &table, &error);
  if (status == TX_OK) {
    check_table(table);
  } else {
    require(status == TX_ERROR_DATA || status == TX_ERROR_MEMORY, "an error of another kind");
    require_error(status, &error);
    require(!table, "a half-read table");
  }
  tx_count_table_free(table);
  return 0;
}
