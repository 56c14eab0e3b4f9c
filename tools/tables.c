#include "tables.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "paths.h"

#define FIELD(name) offsetof(tx_table_settings, name)

/* The formats of tx_table_formats, in the order of the choices. */
#define FORMATS "tsv|biom|biom-hdf5|phyloseq|krona|kraken"

const tx_param *tx_tables_params(size_t *ret_count)
{
  static const tx_param params[] = {
      {"table", 0, TX_PARAM_OUTPUTS, FIELD(table), 0, 0, "", "FILE", "Tables of taxa by samples",
       "Writes the reads of each taxon in each sample; may be given several times. The end of the name tells "
       "the format: .tsv, .biom (BIOM 1.0), .hdf5 (BIOM 2.1), .phyloseq.tsv (two files), .krona, .kreport. "
       "The last two have one sample: {sample} in the name makes a file for each, else all are added up."},
      {"table-format", 0, TX_PARAM_CHOICE, FIELD(table_format), 0, 0, "auto", "auto|" FORMATS,
       "Tables of taxa by samples", "Format of all tables; auto goes by the end of the name."},
      {"rank", 0, TX_PARAM_TEXT, FIELD(rank), 0, 0, "", "RANK", "Tables of taxa by samples",
       "A row for each taxon of this rank, and one, unclassified, for all reads without a taxon there. "
       "Default: each lineage as deep as it was called. Krona text and reports keep the lineages above it."},
      {"sample-from", 0, TX_PARAM_INPUT, FIELD(sample_from), 0, 0, "file", "file|id|FILE",
       "Tables of taxa by samples",
       "What names the sample of a record: its file, without folder and endings; its id (;sample=NAME, "
       "NAME.123 or NAME_123); or a file with two columns, id and sample. Given, it adds a column sample to "
       "the rows too."},
      {"size", 0, TX_PARAM_FLAG, FIELD(size), 0, 0, "false", NULL, "Tables of taxa by samples",
       "Counts a record as the number of reads in ;size=N of its id, instead of as one, and adds a column "
       "size to the rows."},
      {"otu-table", 0, TX_PARAM_INPUT, FIELD(otu_table), 0, 0, "", "FILE", "Tables of taxa by samples",
       "Counts of the records (OTUs, ASVs) per sample, joined by id: a table of vsearch, QIIME 2, DADA2, "
       "phyloseq or mothur, or BIOM."},
      {"count-rows", 0, TX_PARAM_CHOICE, FIELD(count_rows), 0, 0, "auto", "auto|sequences|samples",
       "Tables of taxa by samples",
       "What the rows of the OTU table are, where it does not tell itself (an otu_table of phyloseq)."},
  };
  *ret_count = sizeof params / sizeof *params;
  return params;
}

/* The word of a format, "" for auto. */
static void format_name(int choice, char *name, size_t size)
{
  const char *at = "auto|" FORMATS;
  for (int i = 0; i < choice && at; i++) {
    at = strchr(at, '|');
    if (at) at++;
  }
  snprintf(name, size, "%.*s", choice && at ? (int)strcspn(at, "|") : 0, at ? at : "");
}

/* Checks that no file of a table is another file of the run. */
static tx_status check_names(const tx_tables *tables, tx_error *error)
{
  tx_more_outputs more = {"table", NULL, 0};
  const char **paths = NULL;
  tx_status status = TX_OK;
  for (size_t f = 0; f < tables->file_count && status == TX_OK; f++) {
    const char *const *names = NULL;
    const char **longer;
    size_t count = 0;
    const bool has_samples = tables->samples != NULL;
    status = tx_table_file_names(tables->files[f], has_samples ? tx_samples_names(tables->samples) : NULL,
                                 has_samples ? tx_samples_count(tables->samples) : 0, &names, &count, error);
    if (status != TX_OK) break;
    longer = realloc(paths, (more.count + count + 1) * sizeof *paths);
    if (!longer) {
      status = tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for the names of files");
      break;
    }
    paths = longer;
    for (size_t i = 0; i < count; i++) paths[more.count++] = names[i];
  }
  more.paths = paths;
  if (status == TX_OK) status = tx_check_outputs(tables->call, &more, error);
  free(paths);
  return status;
}

static tx_status open_file(tx_tables *tables, const char *path, const char *format, tx_error *error)
{
  const tx_table_options options = {path, format, tx_stop_flag()};
  tx_table_file **files = realloc(tables->files, (tables->file_count + 1) * sizeof *files);
  tx_status status;
  if (!files) return tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for the names of files");
  tables->files = files;
  status = tx_table_file_open(&options, &files[tables->file_count], error);
  if (status == TX_OK) tables->file_count++;
  return status;
}

static tx_status open_files(tx_tables *tables, const char *paths, tx_error *error)
{
  char format[32];
  tx_status status = TX_OK;
  format_name(tables->settings->table_format, format, sizeof format);
  while (*paths && status == TX_OK) {
    const size_t length = strcspn(paths, "\n");
    char path[TX_TEXT_SIZE];
    snprintf(path, sizeof path, "%.*s", (int)length, paths);
    status = open_file(tables, path, strcmp(path, "-") == 0 && !*format ? "tsv" : format, error);
    paths += length + (paths[length] == '\n');
  }
  return status;
}

static tx_status open_samples(tx_tables *tables, tx_error *error)
{
  const tx_table_settings *settings = tables->settings;
  const tx_count_options counting = {.rows = (tx_count_rows)settings->count_rows,
                                     .hooks = tx_input_watch(tables->call)};
  tx_sample_options options = {
      .from = settings->sample_from, .size = settings->size, .hooks = tx_input_watch(tables->call)};
  tx_status status = TX_OK;
  if (settings->otu_table[0])
    status = tx_count_table_read(settings->otu_table, &counting, &tables->counts, error);
  options.opt_counts = tables->counts;
  return status == TX_OK ? tx_samples_open(&options, &tables->samples, error) : status;
}

tx_status tx_tables_open(const tx_call *call, const tx_table_settings *settings, const char *standard,
                         tx_tables *ret_tables, tx_error *error)
{
  tx_status status;
  *ret_tables = (tx_tables){.call = call, .settings = settings};
  status = open_files(ret_tables, settings->table[0] || !standard ? settings->table : standard, error);
  if (status == TX_OK) status = check_names(ret_tables, error);
  if (status == TX_OK) status = open_samples(ret_tables, error);
  if (status != TX_OK) tx_tables_close(ret_tables);
  return status;
}

tx_status tx_tables_begin(tx_tables *tables, const char *const *ranks, size_t count, tx_error *error)
{
  size_t depth;
  const tx_status status = tx_taxon_table_create(ranks, count, &tables->sums, error);
  return status == TX_OK ? tx_taxon_table_depth(tables->sums, tables->settings->rank, &depth, error) : status;
}

/* What the OTU table and the records have not in common. */
static void note_missed(const tx_tables *tables)
{
  const tx_samples_unmatched missed = tx_samples_missed(tables->samples);
  if (missed.records)
    tx_note(tables->call, "%" PRIu64 " records are not in %s and count no reads", missed.records,
            tables->settings->otu_table);
  if (missed.rows)
    tx_note(tables->call, "%" PRIu64 " rows of %s have no record: their %.15g reads are left out",
            missed.rows, tables->settings->otu_table, missed.reads);
}

tx_status tx_tables_commit(tx_tables *tables, tx_prediction_writer *opt_rows, tx_error *error)
{
  const tx_table_content content = {tables->sums, tx_samples_names(tables->samples),
                                    tx_samples_count(tables->samples), tables->settings->rank};
  const size_t count = tables->file_count;
  const tx_status status = check_names(tables, error);
  if (status != TX_OK) {
    tx_prediction_writer_abort(opt_rows);
    return status;
  }
  note_missed(tables);
  tables->file_count = 0;
  return tx_table_files_commit(tables->files, count, &content, opt_rows, error);
}

tx_status tx_tables_end(const tx_tables *tables, tx_status status, tx_error *error)
{
  const char *names = tables->settings ? tables->settings->table : "-";
  if (status != TX_ERROR_PIPE || !*names || strcmp(names, "-") == 0) return status;
  return tx_cli_fail(error, TX_ERROR_IO, "standard output was closed early: the other files are not written");
}

void tx_tables_close(tx_tables *tables)
{
  for (size_t f = 0; f < tables->file_count; f++) tx_table_file_abort(tables->files[f]);
  free(tables->files);
  tx_taxon_table_free(tables->sums);
  tx_samples_close(tables->samples);
  tx_count_table_free(tables->counts);
  *tables = (tx_tables){0};
}
