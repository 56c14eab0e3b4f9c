/* Files of a table of taxa: their formats, their names, and their writing. */
#include "out/table_formats.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hdf5.h"
#include "base/memory.h"
#include "base/names.h"
#include "out/rows.h"

#define SAMPLE_MARK "{sample}"

/* The order is that of the endings: a longer one comes before one that it ends in. */
static const tx_table_format formats[] = {
    {"phyloseq", ".phyloseq.tsv", false, tx_table_put_otu_table, tx_table_put_tax_table},
    {"krona", ".krona|.krona.txt|.krona.tsv", true, tx_table_put_krona, NULL},
    {"kraken", ".kreport|.kreport.txt", true, tx_table_put_kraken, NULL},
    {"tsv", ".tsv", false, tx_table_put_tsv, NULL},
    {"biom", ".biom", false, tx_table_put_biom, NULL},
    {"biom-hdf5", ".hdf5|.h5|.biom2", false, tx_table_put_biom_hdf5, NULL},
};

enum { FORMATS = sizeof formats / sizeof *formats };

const char *tx_table_formats(void)
{
  return "tsv|biom|biom-hdf5|phyloseq|krona|kraken";
}

struct tx_table_file {
  char *path;
  const tx_table_format *format;
  bool many; /* a file per sample */
  const volatile int *opt_stop;
  tx_output **outputs; /* (output_count); opened at once unless `many` */
  size_t output_count;
  char **names; /* (name_count) of the files, in the order of the outputs */
  size_t name_count;
};

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "a table of taxa");
}

static bool is_standard_output(const char *path)
{
  return !*path || strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0;
}

static bool has_ending(const char *path, const char *endings)
{
  const size_t length = strlen(path);
  for (const char *at = endings; *at;) {
    const size_t size = strcspn(at, "|");
    if (length > size && strncasecmp(path + length - size, at, size) == 0) return true;
    at += size + (at[size] == '|');
  }
  return false;
}

static tx_status choose_format(const tx_table_options *options, const tx_table_format **ret_format,
                               tx_error *error)
{
  const bool named = options->opt_format && *options->opt_format;
  for (size_t i = 0; i < FORMATS; i++)
    if (named ? strcmp(options->opt_format, formats[i].name) == 0
              : has_ending(options->path, formats[i].endings)) {
      *ret_format = &formats[i];
      return TX_OK;
    }
  if (named)
    return tx_fail(error, TX_ERROR_USAGE, "there is no format '%.100s' of tables; there are %s",
                   options->opt_format, tx_table_formats());
  return tx_fail(error, TX_ERROR_USAGE,
                 "%.200s: the name does not tell the format of the table: choose one of %s, or end it in "
                 ".tsv, .biom, .hdf5, .phyloseq.tsv, .krona or .kreport",
                 options->path, tx_table_formats());
}

/* The name of the second file: ".tax" before the last ending. */
static char *second_name(const char *path)
{
  const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
  const size_t head = dot && dot != path ? (size_t)(dot - path) : strlen(path);
  tx_bytes name = {0};
  tx_bytes_append(&name, path, head);
  tx_bytes_text(&name, ".tax");
  tx_bytes_text(&name, path + head);
  if (!name.failed) return name.data;
  tx_bytes_free(&name);
  return NULL;
}

/* The name of the file of a sample, which must not lead into another folder. */
static char *sample_name(const char *path, const char *sample)
{
  const char *mark = strstr(path, SAMPLE_MARK);
  tx_bytes name = {0};
  size_t at;
  tx_bytes_append(&name, path, (size_t)(mark - path));
  at = name.size;
  tx_bytes_text(&name, sample);
  for (; !name.failed && at < name.size; at++)
    if (name.data[at] == '/' || (unsigned char)name.data[at] < ' ' || name.data[at] == 127)
      name.data[at] = '_';
  tx_bytes_text(&name, mark + strlen(SAMPLE_MARK));
  if (!name.failed) return name.data;
  tx_bytes_free(&name);
  return NULL;
}

static void free_names(tx_table_file *file)
{
  for (size_t i = 0; file->names && i < file->name_count; i++) free(file->names[i]);
  free(file->names);
  file->names = NULL;
  file->name_count = 0;
}

/* Names the file, or the two. */
static tx_status name_file(tx_table_file *file, tx_error *error)
{
  file->name_count = file->format->opt_put_second ? 2 : 1;
  file->names = calloc(file->name_count, sizeof *file->names);
  if (!file->names) return out_of_memory(error);
  file->names[0] = tx_copy_text(file->path, strlen(file->path));
  if (file->format->opt_put_second) file->names[1] = second_name(file->path);
  return file->names[0] && file->names[file->name_count - 1] ? TX_OK : out_of_memory(error);
}

static tx_status open_outputs(tx_table_file *file, tx_error *error)
{
  tx_status status = TX_OK;
  file->outputs = calloc(file->name_count + 1, sizeof *file->outputs);
  if (!file->outputs) return out_of_memory(error);
  for (size_t i = 0; i < file->name_count && status == TX_OK; i++) {
    status = tx_output_open(file->names[i], file->opt_stop, &file->outputs[i], error);
    if (status == TX_OK) file->output_count++;
  }
  return status;
}

static tx_status check_path(const tx_table_file *file, tx_error *error)
{
  if (file->many && !file->format->single)
    return tx_fail(error, TX_ERROR_USAGE,
                   "%.200s: a table of the format %s has all samples: leave " SAMPLE_MARK " out", file->path,
                   file->format->name);
  if (file->format->put == tx_table_put_biom_hdf5 && !tx_hdf5_version())
    return tx_fail(error, TX_ERROR_USAGE,
                   "%.200s: this build writes no HDF5, as libhdf5 was missing: choose the format biom (BIOM "
                   "1.0)",
                   file->path);
  if (file->format->opt_put_second && is_standard_output(file->path))
    return tx_fail(error, TX_ERROR_USAGE, "the format %s is two files, which standard output cannot be",
                   file->format->name);
  return TX_OK;
}

tx_status tx_table_file_open(const tx_table_options *options, tx_table_file **ret_file, tx_error *error)
{
  const tx_table_format *format = NULL;
  tx_table_file *file;
  tx_status status = choose_format(options, &format, error);
  *ret_file = NULL;
  if (status != TX_OK) return status;
  file = calloc(1, sizeof *file);
  if (!file) return out_of_memory(error);
  file->format = format;
  file->opt_stop = options->opt_stop;
  file->path = tx_copy_text(options->path, strlen(options->path));
  if (!file->path) status = out_of_memory(error);
  if (status == TX_OK) {
    file->many = strstr(file->path, SAMPLE_MARK) != NULL;
    status = check_path(file, error);
  }
  if (status == TX_OK && !file->many) {
    status = name_file(file, error);
    if (status == TX_OK) status = open_outputs(file, error);
  }
  if (status == TX_OK)
    *ret_file = file;
  else
    tx_table_file_abort(file);
  return status;
}

/* Names the files of the samples; the same name twice would be one file. */
static tx_status name_samples(tx_table_file *file, const char *const *samples, size_t sample_count,
                              tx_error *error)
{
  tx_names *seen = NULL;
  tx_status status;
  free_names(file);
  file->names = calloc(sample_count + 1, sizeof *file->names);
  if (!file->names) return out_of_memory(error);
  status = tx_names_create(&seen, error);
  for (size_t i = 0; i < sample_count && status == TX_OK; i++) {
    uint32_t number = 0;
    file->names[i] = sample_name(file->path, samples[i]);
    if (!file->names[i]) {
      status = out_of_memory(error);
      break;
    }
    file->name_count++;
    status = tx_names_add(seen, file->names[i], strlen(file->names[i]), &number, error);
    if (status == TX_OK && number < i)
      status = tx_fail(error, TX_ERROR_USAGE,
                       "%.200s: samples '%.100s' and '%.100s' would have the same file %.200s", file->path,
                       samples[number], samples[i], file->names[i]);
  }
  tx_names_free(seen);
  return status;
}

tx_status tx_table_file_names(tx_table_file *file, const char *const *samples, size_t sample_count,
                              const char *const **ret_names, size_t *ret_count, tx_error *error)
{
  const tx_status status = file->many ? name_samples(file, samples, sample_count, error) : TX_OK;
  *ret_names = (const char *const *)file->names;
  *ret_count = file->name_count;
  return status;
}

/* Writes the content of one output. */
static tx_status write_output(tx_table_file *file, size_t index, const tx_taxon_rows *rows, tx_error *error)
{
  const tx_table_format *format = file->format;
  tx_bytes content = {0};
  tx_status status = index && !file->many ? format->opt_put_second(rows, NULL, &content, error)
                                          : format->put(rows, file->many ? &index : NULL, &content, error);
  if (status == TX_OK && content.failed) status = out_of_memory(error);
  if (status == TX_OK && content.size)
    status = tx_output_write(file->outputs[index], content.data, content.size, error);
  tx_bytes_free(&content);
  return status;
}

static tx_status write_file(tx_table_file *file, const tx_table_content *content, tx_error *error)
{
  tx_taxon_rows rows;
  tx_status status = TX_OK;
  if (file->many) {
    status = name_samples(file, content->samples, content->sample_count, error);
    if (status == TX_OK) status = open_outputs(file, error);
  }
  if (status == TX_OK) status = tx_taxon_rows_make(content, !file->format->single, &rows, error);
  if (status != TX_OK) return status;
  for (size_t i = 0; i < file->output_count && status == TX_OK; i++)
    status = write_output(file, i, &rows, error);
  tx_taxon_rows_free(&rows);
  return status;
}

/* Commits the outputs of all files together, after that of the rows. */
static tx_status commit_outputs(tx_table_file **files, size_t count, tx_prediction_writer **opt_rows,
                                tx_error *error)
{
  size_t all = 1, at = 0;
  tx_output **outputs;
  tx_status status;
  for (size_t i = 0; i < count; i++) all += files[i]->output_count;
  outputs = calloc(all, sizeof *outputs);
  if (!outputs) return out_of_memory(error);
  if (*opt_rows) {
    status = tx_prediction_writer_finish(*opt_rows, &outputs[at++], error);
    *opt_rows = NULL;
    if (status != TX_OK) {
      free(outputs);
      return status;
    }
  }
  for (size_t i = 0; i < count; i++) {
    for (size_t o = 0; o < files[i]->output_count; o++) outputs[at++] = files[i]->outputs[o];
    files[i]->output_count = 0;
  }
  status = tx_outputs_commit(outputs, at, error);
  free(outputs);
  return status;
}

tx_status tx_table_files_commit(tx_table_file **files, size_t count, const tx_table_content *content,
                                tx_prediction_writer *opt_rows, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = 0; i < count && status == TX_OK; i++) status = write_file(files[i], content, error);
  if (status == TX_OK) status = commit_outputs(files, count, &opt_rows, error);
  tx_prediction_writer_abort(opt_rows);
  for (size_t i = 0; i < count; i++) {
    tx_table_file_abort(files[i]);
    files[i] = NULL;
  }
  return status;
}

void tx_table_file_abort(tx_table_file *file)
{
  if (!file) return;
  for (size_t i = 0; i < file->output_count; i++) tx_output_abort(file->outputs[i]);
  free(file->outputs);
  free_names(file);
  free(file->path);
  free(file);
}
