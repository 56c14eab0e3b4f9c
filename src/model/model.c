/* Opening a model file: everything in it is checked before it is used. */
#include "model/model.h"

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "model/model_dims.h"
#include "model/model_likeness.h"
#include "model/model_regression.h"
#include "model/model_shared.h"
#include "model/weights.h"
#include "nn/strands.h"

#include <stdlib.h>
#include <string.h>

/* Reports a fault that a reader found in a part of the file as a fault of the file. */
static tx_status fail_part(const char *path, const char *part, tx_status status, const tx_error *inner,
                           tx_error *error)
{
  if (status == TX_ERROR_MEMORY) return tx_fail_memory(error, part);
  return tx_fail(error, TX_ERROR_MODEL, "%s: the %s is not valid: %s", path, part, inner->message);
}

/* Reads the JSON object under a metadata key; the caller frees *ret_object. */
static tx_status open_object(const char *path, const tx_safetensors *file, const char *key, const char *part,
                             tx_json **ret_object, tx_error *error)
{
  const char *text = tx_safetensors_metadata(file, key);
  tx_error inner = {0};
  tx_status status;

  if (!text) return tx_fail(error, TX_ERROR_MODEL, "%s: not a Taxamba model: it has no %s", path, key);
  status = tx_json_parse(text, strlen(text), part, ret_object, &inner);
  if (status != TX_OK) return fail_part(path, part, status, &inner, error);
  if (!tx_json_is_object(*ret_object)) {
    tx_json_free(*ret_object);
    *ret_object = NULL;
    return tx_fail(error, TX_ERROR_MODEL, "%s: the %s is not valid: %s is no JSON object", path, part, key);
  }
  return TX_OK;
}

static tx_status check_kind(const char *path, const tx_safetensors *file, tx_error *error)
{
  const char *kind = tx_safetensors_metadata(file, "taxamba.kind");

  if (!tx_safetensors_metadata(file, "taxamba.format") || !kind ||
      !tx_safetensors_metadata(file, "taxamba.crc32"))
    return tx_fail(error, TX_ERROR_MODEL, "%s: not a Taxamba model: a safetensors file of another program",
                   path);
  if (strcmp(kind, "model") != 0 && strcmp(kind, "checkpoint") != 0)
    return tx_fail(error, TX_ERROR_MODEL, "%s: neither a model nor a checkpoint but of kind '%.40s'", path,
                   kind);
  return TX_OK;
}

/* Reads the precision. Format 1 has float32 only; later formats name it. A training can be resumed from
   float32 only. */
static tx_status read_precision(const char *path, tx_model *model, tx_error *error)
{
  const char *name = tx_safetensors_metadata(model->file, "taxamba.precision");

  model->stored = TX_PRECISION_FLOAT32;
  if (strcmp(tx_safetensors_metadata(model->file, "taxamba.format"), "1") != 0) {
    if (!name)
      return tx_fail(error, TX_ERROR_MODEL,
                     "%s: the precision of its weights is not told: it has no taxamba.precision",
                     path);
    while (model->stored <= TX_PRECISION_INT8 && strcmp(name, tx_precision_name(model->stored)) != 0)
      model->stored++;
    if (model->stored > TX_PRECISION_INT8)
      return tx_fail(error, TX_ERROR_MODEL,
                     "%s: its weights are of precision '%.20s', not float32, bf16 or int8",
                     path, name);
  }
  if (model->stored != TX_PRECISION_FLOAT32 &&
      strcmp(tx_safetensors_metadata(model->file, "taxamba.kind"), "model") != 0)
    return tx_fail(error, TX_ERROR_MODEL, "%s: a checkpoint whose weights are %s, not float32", path,
                   tx_precision_name(model->stored));
  return TX_OK;
}

static tx_status read_dims(const char *path, tx_model *model, tx_error *error)
{
  tx_json *json = NULL;
  tx_error inner = {0};
  const char *fault;
  tx_status status =
      open_object(path, model->file, "taxamba.dims", "description of the network", &json, error);

  if (status != TX_OK) return status;
  status = tx_dims_read(json, &model->dims, &inner);
  tx_json_free(json);
  if (status != TX_OK) return fail_part(path, "description of the network", status, &inner, error);
  fault = tx_dims_fault(&model->dims);
  if (fault)
    return tx_fail(error, TX_ERROR_MODEL, "%s: the description of the network is not valid: %s", path, fault);
  return TX_OK;
}

static tx_status read_tokenizer(const char *path, tx_model *model, tx_error *error)
{
  tx_json *json = NULL;
  tx_error inner = {0};
  tx_status status = open_object(path, model->file, "taxamba.tokenizer", "tokenizer", &json, error);

  if (status != TX_OK) return status;
  status = tx_tokenizer_read(json, &model->tokenizer, &inner);
  if (status == TX_OK) status = tx_tokenizer_check(&model->tokenizer, &inner);
  tx_json_free(json);
  if (status != TX_OK) return fail_part(path, "tokenizer", status, &inner, error);
  if (tx_tokenizer_vocabulary(&model->tokenizer) != model->dims.vocabulary)
    return tx_fail(error, TX_ERROR_MODEL, "%s: the tokenizer has %zu symbols but the embedding %zu rows",
                   path, tx_tokenizer_vocabulary(&model->tokenizer), model->dims.vocabulary);
  return TX_OK;
}

static tx_status read_taxonomy(const char *path, tx_model *model, tx_error *error)
{
  const tx_section *section = tx_safetensors_find(model->file, TX_TAXONOMY_SECTION);
  tx_error inner = {0};
  tx_status status;

  if (!section || section->dtype != TX_DTYPE_U8 || section->dimensions != 1)
    return tx_fail(error, TX_ERROR_MODEL, "%s: the taxonomy is missing or no U8 section of one dimension",
                   path);
  status = tx_taxonomy_read(section->data, section->size, &model->taxonomy, &inner);
  if (status != TX_OK) return fail_part(path, "taxonomy", status, &inner, error);
  if (tx_dims_are_multilabel(&model->dims)) {
    const size_t size = model->dims.heads[tx_dims_multilabel_head(&model->dims)].size;
    if (tx_taxonomy_node_count(model->taxonomy) == size) return TX_OK;
    return tx_fail(error, TX_ERROR_MODEL, "%s: the taxonomy has %zu taxa but the head of several labels %zu",
                   path, tx_taxonomy_node_count(model->taxonomy), size);
  }
  if (tx_taxonomy_rank_count(model->taxonomy) != tx_dims_ranks(&model->dims))
    return tx_fail(error, TX_ERROR_MODEL, "%s: the taxonomy has %zu ranks but the network %zu heads", path,
                   tx_taxonomy_rank_count(model->taxonomy), tx_dims_ranks(&model->dims));
  for (size_t rank = 0; rank < tx_dims_ranks(&model->dims); rank++)
    if (tx_taxonomy_class_count(model->taxonomy, rank) != model->dims.heads[rank].size)
      return tx_fail(error, TX_ERROR_MODEL, "%s: rank '%.40s' has %zu taxa but its head %zu classes", path,
                     tx_taxonomy_rank_name(model->taxonomy, rank),
                     tx_taxonomy_class_count(model->taxonomy, rank), model->dims.heads[rank].size);
  return TX_OK;
}

/* Reads configuration and provenance. They are shown, not used, so they need only be JSON objects. */
static tx_status read_notes(const char *path, tx_model *model, tx_error *error)
{
  tx_json *json = NULL;
  tx_status status = open_object(path, model->file, "taxamba.config", "configuration", &json, error);

  if (status != TX_OK) return status;
  tx_json_free(json);
  status = open_object(path, model->file, "taxamba.provenance", "provenance", &json, error);
  if (status != TX_OK) return status;
  tx_json_free(json);
  model->config = tx_safetensors_metadata(model->file, "taxamba.config");
  model->provenance = tx_safetensors_metadata(model->file, "taxamba.provenance");
  return TX_OK;
}

/* What the outputs of the head of numbers are, if there is one. */
static tx_status read_regression(const char *path, tx_model *model, tx_error *error)
{
  const size_t head = tx_dims_regression_head(&model->dims);
  tx_json *json = NULL;
  tx_error inner = {0};
  tx_status status;

  if (head == model->dims.head_count) return TX_OK;
  status = open_object(path, model->file, TX_REGRESSION_KEY, "description of the traits", &json, error);
  if (status != TX_OK) return status;
  status = tx_regression_read(json, &model->regression, &inner);
  tx_json_free(json);
  if (status != TX_OK) return fail_part(path, "description of the traits", status, &inner, error);
  if (model->regression.count != model->dims.heads[head].size)
    return tx_fail(error, TX_ERROR_MODEL, "%s: it describes %zu traits but their head has %zu outputs", path,
                   model->regression.count, model->dims.heads[head].size);
  return TX_OK;
}

static tx_status read_model(const char *path, tx_model *model, tx_error *error)
{
  tx_status status = check_kind(path, model->file, error);

  if (status == TX_OK) status = read_precision(path, model, error);
  if (status == TX_OK) status = read_dims(path, model, error);
  if (status == TX_OK) status = tx_model_read_modalities(path, model, error);
  if (status == TX_OK) status = read_tokenizer(path, model, error);
  if (status == TX_OK) status = read_taxonomy(path, model, error);
  if (status == TX_OK) status = read_regression(path, model, error);
  if (status == TX_OK) status = tx_likeness_read(path, model->file, &model->likeness, error);
  if (status == TX_OK) status = tx_weights_read(path, model, error);
  if (status == TX_OK) status = read_notes(path, model, error);
  return status;
}

/* Makes a model of a file, which it owns from now on. */
static tx_status open_model(const char *path, tx_safetensors *file, tx_model **ret_model, tx_error *error)
{
  tx_model *model = calloc(1, sizeof *model);
  tx_status status;

  if (!model) {
    tx_safetensors_close(file);
    return tx_fail_memory(error, "a model");
  }
  model->file = file;
  status = read_model(path, model, error);
  if (status != TX_OK) {
    tx_model_close(model);
    return status;
  }
  *ret_model = model;
  return TX_OK;
}

tx_status tx_model_open(const char *name, tx_model **ret_model, tx_error *error)
{
  char *path = NULL;
  tx_safetensors *file = NULL;
  tx_status status = tx_model_path(name, &path, error);

  if (status == TX_OK) status = tx_safetensors_open(path, 1, &file, error);
  if (status == TX_OK) status = open_model(path, file, ret_model, error);
  free(path);
  return status;
}

tx_status tx_model_read(const char *name, const void *data, size_t size, tx_model **ret_model,
                        tx_error *error)
{
  tx_safetensors *file = NULL;
  tx_status status = tx_safetensors_read(name, data, size, 1, &file, error);
  return status == TX_OK ? open_model(name, file, ret_model, error) : status;
}

void tx_model_close(tx_model *model)
{
  if (!model) return;
  free(model->weights);
  free(model->dequantised);
  tx_words_free(&model->modalities);
  tx_tokenizer_free(&model->tokenizer);
  tx_taxonomy_free(model->taxonomy);
  tx_safetensors_close(model->file);
  free(model);
}

const tx_taxonomy *tx_model_taxonomy(const tx_model *model)
{
  return model->taxonomy;
}

tx_precision tx_model_stored_precision(const tx_model *model)
{
  return model->stored;
}

size_t tx_model_file_size(const tx_model *model)
{
  return tx_safetensors_size(model->file);
}

size_t tx_model_width(const tx_model *model)
{
  return model->dims.width;
}

bool tx_model_both_strands(const tx_model *model)
{
  return tx_dims_strands(&model->dims) > 1;
}

bool tx_model_tells_strand(const tx_model *model)
{
  return tx_dims_have_strand_head(&model->dims);
}

bool tx_model_is_multilabel(const tx_model *model)
{
  return tx_dims_are_multilabel(&model->dims);
}

size_t tx_model_offsets(const tx_model *model)
{
  return tx_tokenizer_offsets(&model->tokenizer);
}
