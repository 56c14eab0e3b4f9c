#include <taxamba/output.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "out/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Version 1.0 of the .npy format: magic, header length, a Python literal padded with spaces to a multiple of
   64 and a newline. The longest literal has 104 bytes, so that a header of 128 holds any count and can be
   written again at the end. */
enum { NPY_HEADER_SIZE = 128, NPY_PREFIX_SIZE = 10 };

struct tx_embedding_writer {
  tx_output *output;
  tx_output *ids; /* NPY only */
  tx_embedding_format format;
  size_t width;
  uint64_t count; /* rows */
  tx_bytes row;
};

static void fill_npy_header(uint64_t count, size_t width, char *header)
{
  static const unsigned char prefix[NPY_PREFIX_SIZE] = {
      0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, NPY_HEADER_SIZE - NPY_PREFIX_SIZE, 0};
  int length;
  memcpy(header, prefix, sizeof prefix);
  length = snprintf(header + NPY_PREFIX_SIZE, NPY_HEADER_SIZE - NPY_PREFIX_SIZE,
                    "{'descr': '<f4', 'fortran_order': False, 'shape': (%" PRIu64 ", %zu), }", count, width);
  memset(header + NPY_PREFIX_SIZE + length, ' ', (size_t)(NPY_HEADER_SIZE - NPY_PREFIX_SIZE - length));
  header[NPY_HEADER_SIZE - 1] = '\n';
}

static tx_status open_npy(tx_embedding_writer *writer, const char *path, const char *ids_path,
                          const volatile int *opt_stop, tx_error *error)
{
  char header[NPY_HEADER_SIZE];
  tx_status status;
  if (!ids_path || !*ids_path)
    return tx_fail(error, TX_ERROR_USAGE,
                   "npy needs a second file for the identifiers: name one with --ids");
  if (strcmp(path, ids_path) == 0)
    return tx_fail(error, TX_ERROR_USAGE,
                   "%s: embeddings and identifiers cannot go to one file",
                   path);
  status = tx_output_open(path, opt_stop, &writer->output, error);
  if (status != TX_OK) return status;
  if (!tx_output_seekable(writer->output))
    return tx_fail(error, TX_ERROR_USAGE, "npy needs a file; use --format tsv for a pipe");
  status = tx_output_open(ids_path, opt_stop, &writer->ids, error);
  if (status != TX_OK) return status;
  fill_npy_header(0, writer->width, header);
  return tx_output_write(writer->output, header, sizeof header, error);
}

tx_status tx_embedding_writer_open(const char *path, const char *ids_path, tx_embedding_format format,
                                   size_t width, const volatile int *opt_stop,
                                   tx_embedding_writer **ret_writer, tx_error *error)
{
  tx_embedding_writer *writer;
  tx_status status;
  if (format != TX_EMBEDDING_NPY && format != TX_EMBEDDING_TSV)
    return tx_fail(error, TX_ERROR_USAGE, "format: %d is neither npy nor tsv", (int)format);
  writer = calloc(1, sizeof *writer);
  if (!writer) return tx_fail_memory(error, "a writer");
  writer->format = format;
  writer->width = width;
  if (format == TX_EMBEDDING_NPY)
    status = open_npy(writer, path ? path : "", ids_path, opt_stop, error);
  else
    status = tx_output_open(path ? path : "", opt_stop, &writer->output, error);
  if (status != TX_OK) {
    tx_embedding_writer_abort(writer);
    return status;
  }
  *ret_writer = writer;
  return TX_OK;
}

/* Appends floats as little-endian float32 on any machine; opt_embedding NULL: NaN. */
static void put_floats(tx_bytes *row, const float *opt_embedding, size_t width)
{
  for (size_t i = 0; i < width; i++) {
    uint32_t bits = 0x7FC00000u;
    unsigned char bytes[4];
    if (opt_embedding) memcpy(&bits, &opt_embedding[i], sizeof bits);
    for (size_t b = 0; b < sizeof bytes; b++) bytes[b] = (unsigned char)(bits >> (8 * b));
    tx_bytes_append(row, bytes, sizeof bytes);
  }
}

static void put_numbers(tx_bytes *row, const float *opt_embedding, size_t width)
{
  for (size_t i = 0; i < width; i++) {
    if (opt_embedding)
      tx_bytes_printf(row, "\t%.9g", (double)opt_embedding[i]); /* 9 digits give the same float back */
    else
      tx_bytes_text(row, "\tnan");
  }
}

static tx_status write_row(tx_embedding_writer *writer, tx_output *output, tx_error *error)
{
  if (writer->row.failed) return tx_fail_memory(error, "a row of output");
  return tx_output_write(output, writer->row.data, writer->row.size, error);
}

tx_status tx_embedding_writer_add(tx_embedding_writer *writer, const char *id, size_t length,
                                  const float *opt_vector, tx_error *error)
{
  tx_status status;
  writer->count++;
  tx_bytes_clear(&writer->row);
  tx_text_field(&writer->row, id, length);
  if (writer->format == TX_EMBEDDING_TSV) {
    put_numbers(&writer->row, opt_vector, writer->width);
    tx_bytes_append(&writer->row, "\n", 1);
    return write_row(writer, writer->output, error);
  }
  tx_bytes_append(&writer->row, "\n", 1);
  status = write_row(writer, writer->ids, error);
  if (status != TX_OK) return status;
  tx_bytes_clear(&writer->row);
  put_floats(&writer->row, opt_vector, writer->width);
  return write_row(writer, writer->output, error);
}

tx_status tx_embedding_writer_put(void *context, const tx_record *record, const tx_prediction *prediction,
                                  tx_error *error)
{
  return tx_embedding_writer_add(context, record->id, record->id_length, tx_prediction_embedding(prediction),
                                 error);
}

tx_status tx_embedding_writer_flush(void *context, tx_error *error)
{
  tx_embedding_writer *writer = context;
  if (tx_output_seekable(writer->output)) return TX_OK; /* the file is not visible before it is complete */
  return tx_output_flush(writer->output, error);
}

tx_status tx_embedding_writer_commit(tx_embedding_writer *writer, tx_error *error)
{
  tx_output *outputs[2] = {writer->output};
  tx_status status = TX_OK;
  if (writer->format == TX_EMBEDDING_NPY) {
    char header[NPY_HEADER_SIZE];
    fill_npy_header(writer->count, writer->width, header);
    status = tx_output_patch(writer->output, 0, header, sizeof header, error);
    outputs[0] = writer->ids; /* the array is renamed last: if it is new, the ids are new too */
    outputs[1] = writer->output;
  }
  if (status == TX_OK) {
    status = tx_outputs_commit(outputs, writer->ids ? 2 : 1, error);
    writer->output = writer->ids = NULL;
  }
  tx_embedding_writer_abort(writer);
  return status;
}

void tx_embedding_writer_abort(tx_embedding_writer *writer)
{
  if (!writer) return;
  tx_output_abort(writer->output);
  tx_output_abort(writer->ids);
  tx_bytes_free(&writer->row);
  free(writer);
}
