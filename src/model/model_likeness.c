#include "model/model_likeness.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

void tx_likeness_list(const tx_likeness *opt_likeness, tx_likeness_parts *parts)
{
  parts->count = 0;
  if (!opt_likeness || !opt_likeness->scores) return;
  for (size_t i = 0; i < opt_likeness->lengths; i++) {
    parts->thresholds[2 * i] = (float)opt_likeness->length[i];
    parts->thresholds[2 * i + 1] = (float)opt_likeness->threshold[i];
  }
  parts->sections[parts->count++] = (tx_section){TX_LIKENESS_THRESHOLDS,
                                                 TX_DTYPE_F32,
                                                 2,
                                                 {opt_likeness->lengths, 2},
                                                 parts->thresholds,
                                                 2 * opt_likeness->lengths * sizeof(float)};
  parts->sections[parts->count++] = (tx_section){
      TX_LIKENESS_SECTION, TX_DTYPE_I8, 1, {TX_LIKENESS_WORDS}, opt_likeness->scores, TX_LIKENESS_WORDS};
}

tx_status tx_likeness_read(const char *path, const tx_safetensors *file, tx_likeness *likeness,
                           tx_error *error)
{
  const tx_section *scores = tx_safetensors_find(file, TX_LIKENESS_SECTION),
                   *thresholds = tx_safetensors_find(file, TX_LIKENESS_THRESHOLDS);
  const float *rows;
  memset(likeness, 0, sizeof *likeness);
  if (!scores && !thresholds) return TX_OK;
  if (!scores || scores->dtype != TX_DTYPE_I8 || scores->dimensions != 1 ||
      scores->shape[0] != TX_LIKENESS_WORDS || !thresholds || thresholds->dtype != TX_DTYPE_F32 ||
      thresholds->dimensions != 2 || thresholds->shape[0] < 1 ||
      thresholds->shape[0] > TX_LIKENESS_LENGTHS || thresholds->shape[1] != 2)
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: the chain of the bases needs %s, I8 of %d, and %s, F32 of 1 to %d by 2", path,
                   TX_LIKENESS_SECTION, TX_LIKENESS_WORDS, TX_LIKENESS_THRESHOLDS, TX_LIKENESS_LENGTHS);
  rows = thresholds->data;
  for (size_t i = 0; i < thresholds->shape[0]; i++) {
    likeness->length[i] = (double)rows[2 * i];
    likeness->threshold[i] = (double)rows[2 * i + 1];
    if (!isfinite(likeness->length[i]) || !isfinite(likeness->threshold[i]) ||
        !(likeness->length[i] > (i ? likeness->length[i - 1] : 0)))
      return tx_fail(error, TX_ERROR_MODEL,
                     "%s: the thresholds of the chain of the bases are not finite or not by length", path);
  }
  likeness->lengths = (size_t)thresholds->shape[0];
  likeness->scores = scores->data;
  return TX_OK;
}
