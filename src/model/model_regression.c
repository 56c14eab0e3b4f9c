#include "model/model_regression.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/model.h"
#include "nn/layout.h"

void tx_regression_write(const tx_regression *regression, tx_bytes *out)
{
  tx_bytes_text(out, "{\"outputs\":[");
  for (size_t i = 0; i < regression->count; i++) {
    const tx_regression_output *output = &regression->outputs[i];
    tx_bytes_text(out, i ? ",{\"name\":" : "{\"name\":");
    tx_bytes_json_string(out, output->name, strlen(output->name));
    tx_bytes_printf(out, ",\"transform\":\"%s\",\"mean\":%.17g,\"deviation\":%.17g}",
                    output->log ? "log" : "none", output->mean, output->deviation);
  }
  tx_bytes_text(out, "]}");
}

static tx_status read_output(const tx_json *json, tx_regression_output *output, tx_error *error)
{
  const tx_json *name = tx_json_get(json, "name"), *transform = tx_json_get(json, "transform"),
                *mean = tx_json_get(json, "mean"), *deviation = tx_json_get(json, "deviation");
  size_t keys = 0;
  for (const tx_json *item = tx_json_first(json); item; item = tx_json_next(item)) keys++;
  if (!tx_json_is_object(json) || keys != 4 || !name || !tx_json_is_string(name) || !transform ||
      !tx_json_is_string(transform) || !mean || !tx_json_is_number(mean) || !deviation ||
      !tx_json_is_number(deviation))
    return tx_fail(error, TX_ERROR_MODEL, "an output needs name, transform, mean and deviation");
  output->mean = tx_json_number(mean);
  output->deviation = tx_json_number(deviation);
  output->log = strcmp(tx_json_string(transform), "log") == 0;
  if (!output->log && strcmp(tx_json_string(transform), "none") != 0)
    return tx_fail(error, TX_ERROR_MODEL, "a transform is none or log");
  if (!isfinite(output->mean) || !(output->deviation > 0) || !isfinite(output->deviation))
    return tx_fail(error, TX_ERROR_MODEL, "mean and deviation are not possible");
  if (!*tx_json_string(name) || strlen(tx_json_string(name)) >= sizeof output->name ||
      tx_text_has_control(tx_json_string(name)))
    return tx_fail(error, TX_ERROR_MODEL, "a name has 1 to %d bytes and no control characters",
                   TX_REGRESSION_NAME_SIZE - 1);
  memcpy(output->name, tx_json_string(name), strlen(tx_json_string(name)) + 1);
  return TX_OK;
}

tx_status tx_regression_read(const tx_json *json, tx_regression *regression, tx_error *error)
{
  const tx_json *outputs = tx_json_get(json, "outputs");
  tx_status status = TX_OK;
  regression->count = 0;
  if (!outputs || !tx_json_is_array(outputs))
    return tx_fail(error, TX_ERROR_MODEL, "'outputs' is missing or no array");
  for (const tx_json *item = tx_json_first(outputs); item && status == TX_OK; item = tx_json_next(item)) {
    if (regression->count == TX_REGRESSION_MAX)
      return tx_fail(error, TX_ERROR_MODEL, "there are more than %d outputs", TX_REGRESSION_MAX);
    status = read_output(item, &regression->outputs[regression->count++], error);
  }
  return status;
}

size_t tx_model_trait_count(const tx_model *model)
{
  return model->regression.count;
}

const char *tx_model_trait_name(const tx_model *model, size_t trait)
{
  return model->regression.outputs[trait].name;
}

bool tx_model_trait_is_log(const tx_model *model, size_t trait)
{
  return model->regression.outputs[trait].log;
}

double tx_model_trait(const tx_model *model, size_t trait, const double *embedding)
{
  const tx_regression_output *output = &model->regression.outputs[trait];
  const size_t width = model->dims.width,
               tensor = tx_head_tensor(&model->dims, tx_dims_regression_head(&model->dims));
  const float *weights = model->weights[tensor] + trait * width;
  double sum = (double)model->weights[tensor + 1][trait];
  for (size_t i = 0; i < width; i++) sum += (double)weights[i] * embedding[i];
  return output->mean + output->deviation * sum;
}
