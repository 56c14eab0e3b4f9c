/* Tables of taxa in BIOM 2.1, http://biom-format.org/documentation/format_versions/biom-2.1.html. */
#include "out/table_formats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hdf5_write.h"
#include "base/memory.h"
#include "out/prefix.h"
#include "out/table_biom.h"

/* A sparse matrix of one axis: the cells of each row, or of each sample. */
typedef struct sparse_axis {
  double *data;
  int32_t *indices, *starts;
} sparse_axis;

static bool axis_create(sparse_axis *axis, size_t lines, size_t cells)
{
  axis->data = calloc(cells + 1, sizeof *axis->data);
  axis->indices = calloc(cells + 1, sizeof *axis->indices);
  axis->starts = calloc(lines + 1, sizeof *axis->starts);
  return axis->data && axis->indices && axis->starts;
}

static void axis_free(sparse_axis *axis)
{
  free(axis->data);
  free(axis->indices);
  free(axis->starts);
}

static void fill_rows(const tx_taxon_rows *rows, sparse_axis *axis)
{
  for (size_t row = 0; row <= rows->count; row++) axis->starts[row] = (int32_t)rows->starts[row];
  for (size_t i = 0; i < rows->starts[rows->count]; i++) {
    axis->data[i] = rows->cells[i].reads;
    axis->indices[i] = (int32_t)rows->cells[i].sample;
  }
}

static void fill_samples(const tx_taxon_rows *rows, sparse_axis *axis)
{
  const size_t cells = rows->starts[rows->count];
  for (size_t i = 0; i < cells; i++) axis->starts[rows->cells[i].sample + 1]++;
  for (size_t s = 0; s < rows->sample_count; s++) axis->starts[s + 1] += axis->starts[s];
  for (size_t i = 0; i < cells; i++) { /* rows ascend inside a sample; starts are moved, and moved back */
    const int32_t to = axis->starts[rows->cells[i].sample]++;
    axis->data[to] = rows->cells[i].reads;
    axis->indices[to] = (int32_t)rows->cells[i].row;
  }
  for (size_t s = rows->sample_count; s > 0; s--) axis->starts[s] = axis->starts[s - 1];
  axis->starts[0] = 0;
}

/* Writes a group "observation" or "sample" with its ids and its matrix. */
static void put_axis(tx_hdf5_writer *writer, const char *name, const char *const *ids, size_t lines,
                     const sparse_axis *axis)
{
  const size_t cells = (size_t)axis->starts[lines];
  char path[64];
  static const char *const parts[] = {"", "/matrix", "/metadata", "/group-metadata"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    snprintf(path, sizeof path, "%s%s", name, parts[i]);
    tx_hdf5_put_group(writer, path);
  }
  snprintf(path, sizeof path, "%s/ids", name);
  tx_hdf5_put_texts(writer, path, ids, lines, 0);
  snprintf(path, sizeof path, "%s/matrix/data", name);
  tx_hdf5_put_reals(writer, path, axis->data, cells);
  snprintf(path, sizeof path, "%s/matrix/indices", name);
  tx_hdf5_put_integers(writer, path, axis->indices, cells);
  snprintf(path, sizeof path, "%s/matrix/indptr", name);
  tx_hdf5_put_integers(writer, path, axis->starts, lines + 1);
}

static void put_attributes(tx_hdf5_writer *writer, const tx_taxon_rows *rows)
{
  const int64_t shape[2] = {(int64_t)rows->count, (int64_t)rows->sample_count}, version[2] = {2, 1},
                cells = (int64_t)rows->starts[rows->count];
  char maker[64];
  snprintf(maker, sizeof maker, "taxamba %s", tx_version());
  tx_hdf5_put_text_attribute(writer, "id", "No Table ID");
  tx_hdf5_put_text_attribute(writer, "type", TX_BIOM_TYPE);
  tx_hdf5_put_text_attribute(writer, "format-url", TX_BIOM_URL);
  tx_hdf5_put_integer_attribute(writer, "format-version", version, 2);
  tx_hdf5_put_text_attribute(writer, "generated-by", maker);
  tx_hdf5_put_text_attribute(writer, "creation-date", TX_BIOM_DATE);
  tx_hdf5_put_integer_attribute(writer, "shape", shape, 2);
  tx_hdf5_put_integer_attribute(writer, "nnz", &cells, 0);
}

/* Writes the taxonomy, (rows, ranks) names with prefixes. */
static tx_status put_taxonomy(tx_hdf5_writer *writer, const tx_taxon_rows *rows, tx_error *error)
{
  const size_t count = rows->count * rows->rank_count;
  const char **texts = calloc(count + 1, sizeof *texts);
  size_t *at = calloc(count + 1, sizeof *at);
  tx_bytes all = {0};
  const bool room = texts && at;
  for (size_t i = 0; room && i < count; i++) {
    at[i] = all.size;
    tx_prefix_put(&all, rows->ranks[i % rows->rank_count], rows->names[i]);
    tx_bytes_append(&all, "", 1);
  }
  if (room && !all.failed) {
    for (size_t i = 0; i < count; i++) texts[i] = all.data + at[i];
    tx_hdf5_put_texts(writer, "observation/metadata/taxonomy", texts, rows->count, rows->rank_count);
  }
  free(texts);
  free(at);
  tx_bytes_free(&all);
  return room && !all.failed ? TX_OK : tx_fail_memory(error, "an HDF5 file");
}

tx_status tx_table_put_biom_hdf5(const tx_taxon_rows *rows, const size_t *opt_sample, tx_bytes *out,
                                 tx_error *error)
{
  const size_t cells = rows->starts[rows->count];
  sparse_axis observations = {0}, samples = {0};
  tx_hdf5_writer *writer = NULL;
  tx_status status;
  (void)opt_sample;
  if (cells > INT32_MAX)
    return tx_fail(error, TX_ERROR_USAGE, "%zu cells are too many for BIOM 2.1: choose the format biom",
                   cells);
  status = tx_hdf5_writer_create(&writer, error);
  if (status != TX_OK) return status;
  if (axis_create(&observations, rows->count, cells) && axis_create(&samples, rows->sample_count, cells)) {
    fill_rows(rows, &observations);
    fill_samples(rows, &samples);
    put_attributes(writer, rows);
    put_axis(writer, "observation", (const char *const *)rows->ids, rows->count, &observations);
    put_axis(writer, "sample", rows->samples, rows->sample_count, &samples);
    status = put_taxonomy(writer, rows, error);
  } else {
    status = tx_fail_memory(error, "an HDF5 file");
  }
  axis_free(&observations);
  axis_free(&samples);
  if (status == TX_OK) return tx_hdf5_writer_finish(writer, out, error);
  (void)tx_hdf5_writer_finish(writer, out, NULL);
  return status;
}
