/* Model files: the safetensors reader on the bytes as they are, the model reader also on the mended file
   (mended.h), so that the edits reach what lies behind the checksum. What opens must be whole: sections
   inside, weights finite, a description in one piece, and be good for a file of another precision. */
#include "mended.h"

#include "model/model.h"

#include <math.h>

static void require_model_error(tx_status status, const tx_error *error)
{
  require(status == TX_ERROR_MODEL || status == TX_ERROR_MEMORY, "an error of another kind");
  require_error(status, error);
}

static void try_safetensors(const uint8_t *data, size_t size)
{
  tx_safetensors *file = NULL;
  tx_error error = {0};
  size_t bytes = 0;
  unsigned char sum = 0;
  const tx_status status = tx_safetensors_read("fuzz", data, size, 0, &file, &error);
  if (status != TX_OK) {
    require_model_error(status, &error);
    return;
  }
  for (size_t i = 0; i < tx_safetensors_count(file); i++) {
    const tx_section *section = tx_safetensors_at(file, i);
    require(tx_safetensors_find(file, section->name) == section, "a section that is not found");
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
  for (size_t rank = 0; rank < tx_dims_ranks(&model->dims); rank++)
    for (size_t i = 0; i < model->dims.heads[rank].size; i++) {
      int32_t lineage[TX_RANKS_MAX];
      tx_taxonomy_lineage(tx_model_taxonomy(model), rank, (int32_t)i, lineage);
      if (lineage[rank] != (int32_t)i || !tx_taxonomy_class_name(tx_model_taxonomy(model), rank, (int32_t)i))
        abort();
    }
  for (size_t i = 0; i < tx_model_trait_count(model); i++) {
    double *embedding = calloc(model->dims.width, sizeof *embedding);
    if (!embedding || !*tx_model_trait_name(model, i)) abort();
    if (isnan(tx_model_trait(model, i, embedding))) abort();
    free(embedding);
  }
  for (int json = 0; json < 2; json++) {
    char *text = NULL;
    if (tx_model_describe(model, json != 0, &text, &error) != TX_OK || !text || !*text) abort();
    free(text);
  }
}

/* What opens can be stored in any precision, unless it is a checkpoint, or a weight has no bf16. */
static void check_conversion(const tx_model *model, tx_precision precision)
{
  const bool checkpoint = strcmp(tx_safetensors_metadata(model->file, "taxamba.kind"), "checkpoint") == 0;
  tx_error error = {0};
  const tx_status status = tx_model_convert(model, precision, "/dev/null", NULL, &error);
  if (status == TX_ERROR_MEMORY) return;
  if (checkpoint)
    require(status == TX_ERROR_MODEL, "a checkpoint that is converted");
  else
    require(status == TX_OK || (status == TX_ERROR_NUMERIC && precision == TX_PRECISION_BF16),
            "a model that is not converted");
}

/* The conversions take a file each: the bytes choose one. */
static void try_model(const uint8_t *data, size_t size)
{
  tx_model *model = NULL;
  tx_error error = {0};
  const tx_status status = tx_model_read("fuzz", data, size, &model, &error);
  if (status == TX_OK) {
    check_model(model);
    check_conversion(model, TX_PRECISION_FLOAT32 + tx_crc32(0, data, size) % TX_PRECISION_INT8);
  } else {
    require_model_error(status, &error);
    require(!model, "a half-open model");
  }
  tx_model_close(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  size_t mended_size = 0;
  uint8_t *mended = mend(data, size, &mended_size);
  try_safetensors(data, size);
  if (mended && (mended_size != size || memcmp(mended, data, size) != 0)) try_model(mended, mended_size);
  try_model(data, size);
  free(mended);
  return 0;
}
