#include "model/fingerprint.h"

#include "base/gzip.h"
#include "nn/layout.h"

#include <string.h>

uint32_t tx_model_fingerprint(const tx_model *model)
{
  const tx_taxonomy *taxonomy = model->taxonomy;
  uint32_t crc = 0;
  for (size_t i = 0; i < tx_layout_count(&model->dims); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&model->dims, i, &info);
    crc = tx_crc32(crc, info.name, strlen(info.name));
    crc = tx_crc32(crc, model->weights[i], info.count * sizeof *model->weights[i]);
  }
  for (size_t r = 0; r < tx_taxonomy_rank_count(taxonomy); r++)
    for (size_t c = 0; c < tx_taxonomy_class_count(taxonomy, r); c++) {
      const char *name = tx_taxonomy_class_name(taxonomy, r, (int32_t)c);
      crc = tx_crc32(crc, name, strlen(name) + 1);
    }
  return crc;
}
