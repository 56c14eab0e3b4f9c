/* taxamba table: predictions in, tables of taxa by samples out. */
#include <inttypes.h>
#include <string.h>

#include <taxamba/prediction_reader.h>

#include "commands.h"
#include "tables.h"

typedef struct table_options {
  tx_common common;
  tx_table_settings table;
  double min_confidence;
} table_options;

#define FIELD(name) offsetof(table_options, name)

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  static const tx_param params[] = {
      {"min-confidence", 'c', TX_PARAM_REAL, FIELD(min_confidence), 0, 1, "0", "P", "Reading",
       "Cuts each lineage below the last rank that reaches this probability."},
  };
  table_options *table = options;
  out[0].params = tx_tables_params(&out[0].count);
  out[0].object = &table->table;
  out[1] = (tx_param_table){params, sizeof params / sizeof *params, table};
  out[2].params = tx_common_params(&out[2].count);
  out[2].object = &table->common;
  return 3;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      TX_ALWAYS("table"),
      TX_ALWAYS("table-format"),
      TX_ALWAYS("rank"),
      TX_WITHOUT("sample-from", "otu-table"),
      TX_WITHOUT("size", "otu-table"),
      TX_ALWAYS("otu-table"),
      TX_WITH("count-rows", "otu-table"),
      TX_ALWAYS("min-confidence"),
      TX_ALWAYS("quiet"),
  };
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

/* Makes the sums for the ranks of the first table, or checks that another one has the same. */
static tx_status match_ranks(tx_tables *run, const tx_prediction_reader *rows, const char *path,
                             tx_error *error)
{
  const size_t count = tx_prediction_reader_rank_count(rows);
  const char *const *ranks = tx_prediction_reader_ranks(rows);
  bool same;
  if (!run->sums) return tx_tables_begin(run, ranks, count, error);
  same = tx_taxon_table_rank_count(run->sums) == count;
  for (size_t rank = 0; rank < count && same; rank++)
    same = strcmp(tx_taxon_table_ranks(run->sums)[rank], ranks[rank]) == 0;
  if (same) return TX_OK;
  return tx_cli_fail(error, TX_ERROR_DATA, "%.200s: its ranks are not those of the first file", path);
}

/* Adds a row to the sums; its sample is that of the column, unless another place was asked for. */
static tx_status add_row(const tx_call *call, tx_tables *run, const tx_prediction_row *row, tx_error *error)
{
  const table_options *options = call->options;
  const tx_share *shares = NULL;
  tx_share own = {0, options->table.size ? (double)row->record.size : 1};
  size_t count = 1;
  tx_status status;
  if (row->sample && *row->sample && !run->counts && !tx_is_given(call, "sample-from")) {
    status = tx_samples_add(run->samples, row->sample, &own.sample, error);
    shares = &own;
  } else {
    status = tx_samples_of(run->samples, &row->record, &shares, &count, error);
  }
  return status == TX_OK ? tx_taxon_table_add(run->sums, row->taxa, shares, count, error) : status;
}

static tx_status read_file(const tx_call *call, tx_tables *run, const char *path, uint64_t *records,
                           tx_error *error)
{
  const table_options *options = call->options;
  const tx_input_hooks hooks = tx_input_watch(call);
  tx_prediction_reader *rows = NULL;
  tx_status status = tx_prediction_reader_open(path, &hooks, &rows, error);
  if (status == TX_OK) status = match_ranks(run, rows, path, error);
  while (status == TX_OK) {
    tx_prediction_row row;
    status = *tx_stop_flag() ? TX_STOPPED
                             : tx_prediction_reader_next(rows, options->min_confidence, &row, error);
    if (status == TX_OK) status = add_row(call, run, &row, error);
    if (status == TX_OK) ++*records;
  }
  tx_prediction_reader_close(rows);
  return status == TX_END ? TX_OK : status;
}

static tx_status run(const tx_call *call, tx_error *error)
{
  static const char *const standard_input[] = {"-"};
  const table_options *options = call->options;
  const char *const *paths = call->operand_count ? call->operands : standard_input;
  const size_t count = call->operand_count ? call->operand_count : 1;
  tx_tables run = {0};
  uint64_t records = 0;
  double reads = 0;
  tx_status status = tx_check_inputs(call->operands, call->operand_count, error);
  if (status == TX_OK) status = tx_tables_open(call, &options->table, "-", &run, error);
  for (size_t i = 0; i < count && status == TX_OK; i++)
    status = read_file(call, &run, paths[i], &records, error);
  if (status == TX_OK) {
    reads = tx_taxon_table_reads(run.sums);
    status = tx_tables_commit(&run, NULL, error);
  }
  if (status == TX_OK) tx_provenance(call, "%" PRIu64 " records, %.15g reads", records, reads);
  status = tx_tables_end(&run, status, error);
  tx_tables_close(&run);
  return status;
}

static const tx_example examples[] = {
    {"taxamba table predictions.tsv > taxa.tsv", "Records of each taxon, from the rows of taxamba classify:"},
    {"taxamba table --rank genus --size --table genera.biom --table genera.krona a.tsv b.tsv",
     "Reads per genus of two samples, as BIOM and as text for Krona:"},
    {"taxamba table -c 0.9 --otu-table asv_table.tsv --table taxa.phyloseq.tsv asv_predictions.tsv",
     "ASVs that were classified once, with their counts per sample, for phyloseq:"},
    {NULL, NULL},
};

const tx_command tx_table_command = {
    .name = "table",
    .summary = "Adds predictions up to tables of taxa by samples",
    .operands = "[FILE]...",
    .description =
        "Reads predictions in the table that taxamba classify writes, or any table with a column id and one "
        "for each rank, from the files or from standard input, and writes how many reads each taxon has in "
        "each sample: the same tables as taxamba classify --table, without classifying again. Without "
        "--table a tab-separated table goes to standard output.\n\n"
        "The sample of a row is that of its column sample, if there is one (taxamba classify --sample-from "
        "writes it), else the name of the file; --sample-from and --otu-table say otherwise. A row counts as "
        "one read, with --size as its column size or the ;size=N of its id says.\n\n"
        "The sums are those of the input: what has no taxon is in the row unclassified. The rows are in the "
        "order of their lineages, the samples in the order in which they are first named.",
    .examples = examples,
    .options_size = sizeof(table_options),
    .tables = tables,
    .rules = rules,
    .run = run,
};
