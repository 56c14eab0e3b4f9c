/* The space that a model shares with vectors of other modalities: the names of these, and their projection.
   */
#include "model/model_shared.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "nn/layout.h"

#include <stdlib.h>
#include <string.h>
#include <taxamba/vectors.h>

_Static_assert((int)TX_TOWERS_MAX == (int)TX_MODALITIES_MAX, "a tower for each modality");

tx_status tx_model_read_modalities(const char *path, tx_model *model, tx_error *error)
{
  const char *list = tx_safetensors_metadata(model->file, TX_MODALITIES_KEY);
  tx_error inner = {0};
  tx_status status;
  if (!model->dims.tower_count) return TX_OK;
  status = tx_words_split(list, "the list of modalities", &model->modalities, &inner);
  if (status == TX_ERROR_MEMORY) return tx_fail_memory(error, "a model");
  if (status == TX_OK && model->modalities.count == model->dims.tower_count) return TX_OK;
  return tx_fail(error, TX_ERROR_MODEL, "%s: %s does not name its %zu modalities", path, TX_MODALITIES_KEY,
                 model->dims.tower_count);
}

size_t tx_model_shared_width(const tx_model *model)
{
  return tx_dims_shared_width(&model->dims);
}

size_t tx_model_modalities(const tx_model *model)
{
  return model->dims.tower_count;
}

const char *tx_model_modality_name(const tx_model *model, size_t modality)
{
  return model->modalities.items[modality];
}

size_t tx_model_modality_width(const tx_model *model, size_t modality)
{
  return model->dims.towers[modality];
}

size_t tx_model_modality(const tx_model *model, const char *name)
{
  size_t m = 0;
  while (m < model->dims.tower_count && strcmp(model->modalities.items[m], name) != 0) m++;
  return m;
}

void tx_model_project(const tx_model *model, size_t modality, const float *vector, float *projected)
{
  const size_t tensor = tx_tower_tensor(&model->dims, modality), width = model->dims.towers[modality];
  const float *weight = model->weights[tensor], *bias = model->weights[tensor + 1];
  for (size_t o = 0; o < tx_dims_shared_width(&model->dims); o++) {
    double sum = (double)bias[o];
    for (size_t i = 0; i < width; i++) sum += (double)weight[o * width + i] * (double)vector[i];
    projected[o] = (float)sum;
  }
}
