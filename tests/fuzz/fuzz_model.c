/* Model files: the safetensors reader on the bytes as they are, the model reader also with the checksum made right, so that the
   edits reach what lies behind it. What opens must be whole: sections inside, weights finite, a description in one piece, and be
   good for a file of another precision. */
#include "base/file.h"
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECKSUM_PLACE 42

/* The readers take a path: an unlinked file that every input overwrites, so that a crash leaves nothing behind. */
static const char *file_with(const uint8_t *data, size_t size)
{
  static FILE *file;
  static char path[40];
  if (!file) {
    file = tmpfile();
    if (!file) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(file));
  }
  if (ftruncate(fileno(file), 0) != 0) abort();
  for (size_t done = 0; done < size;) {
    const ssize_t written = pwrite(fileno(file), data + done, size - done, (off_t)done);
    if (written <= 0) abort();
    done += (size_t)written;
  }
  return path;
}

static void check_error(tx_status status, const tx_error *error)
{
  if (status != TX_ERROR_MODEL && status != TX_ERROR_MEMORY) abort();
  if (error->code != status || !memchr(error->message, '\0', sizeof error->message)) abort();
  if (error->message[0] == '\0' || strchr(error->message, '\n')) abort();
}

static void try_safetensors(const char *path)
{
  tx_safetensors *file = NULL;
  tx_error error = {0};
  size_t bytes = 0;
  unsigned char sum = 0;
  const tx_status status = tx_safetensors_open(path, 0, &file, &error);
  if (status != TX_OK) {
    check_error(status, &error);
    return;
  }
  for (size_t i = 0; i < tx_safetensors_count(file); i++) {
    const tx_section *section = tx_safetensors_at(file, i);
    if (tx_safetensors_find(file, section->name) != section) abort();
    for (size_t j = 0; j < section->size; j++) sum ^= ((const unsigned char *)section->data)[j];
    bytes += section->size;
  }
  if (bytes > 0 && sum == 0 && tx_safetensors_find(file, "\x01") != NULL) abort(); /* keeps the reads alive */
  (void)tx_safetensors_metadata(file, "taxamba.format");
  tx_safetensors_close(file);
}

static void check_model(const tx_model *model)
{
  tx_error error = {0};
  for (size_t i = 0; i < tx_layout_count(&model->dims); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&model->dims, i, &info);
    for (size_t j = 0; j < info.count; j++)
      if (!isfinite(model->weights[i][j])) abort();
  }
  for (size_t rank = 0; rank < model->dims.ranks; rank++)
    for (size_t i = 0; i < model->dims.classes[rank]; i++) {
      int32_t lineage[TX_RANKS_MAX];
      tx_taxonomy_lineage(tx_model_taxonomy(model), rank, (int32_t)i, lineage);
      if (lineage[rank] != (int32_t)i || !tx_taxonomy_class_name(tx_model_taxonomy(model), rank, (int32_t)i)) abort();
    }
  for (int json = 0; json < 2; json++) {
    char *text = NULL;
    if (tx_model_describe(model, json != 0, &text, &error) != TX_OK || !text || !*text) abort();
    free(text);
  }
}

/* What opens can be stored in any precision, unless it is a checkpoint, or a weight has no bf16. */
static void check_conversions(const tx_model *model)
{
  const bool checkpoint = strcmp(tx_safetensors_metadata(model->file, "taxamba.kind"), "checkpoint") == 0;
  for (tx_precision precision = TX_PRECISION_FLOAT32; precision <= TX_PRECISION_INT8; precision++) {
    tx_error error = {0};
    const tx_status status = tx_model_convert(model, precision, "/dev/null", &error);
    if (status == TX_ERROR_MEMORY) continue;
    if (checkpoint ? status != TX_ERROR_MODEL : status != TX_OK && !(status == TX_ERROR_NUMERIC && precision == TX_PRECISION_BF16)) abort();
  }
}

static void try_model(const char *path)
{
  tx_model *model = NULL;
  tx_error error = {0};
  const tx_status status = tx_model_open(path, &model, &error);
  if (status == TX_OK) {
    check_model(model);
    check_conversions(model);
  } else {
    check_error(status, &error);
  }
  tx_model_close(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *path = file_with(data, size);
  char digits[9];
  uint8_t *mended;

  try_safetensors(path);
  try_model(path);
  if (size < CHECKSUM_PLACE + 8) return 0;
  mended = malloc(size);
  if (!mended) return 0;
  memcpy(mended, data, size);
  memset(mended + CHECKSUM_PLACE, '0', 8);
  snprintf(digits, sizeof digits, "%08lx", (unsigned long)tx_crc32(0, mended, size));
  memcpy(mended + CHECKSUM_PLACE, digits, 8);
  try_model(file_with(mended, size));
  free(mended);
  return 0;
}
