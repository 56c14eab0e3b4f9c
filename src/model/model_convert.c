/* A model file made from another: the weights in a new precision, the rest unchanged. */
#include "model/model_likeness.h"
#include "model/model_regression.h"
#include "model/weights.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/names.h"

#include <stdlib.h>
#include <string.h>

/* Beginning of the provenance of a converted model. */
#define NOTE "{\"converted_from\":["

/* Adds the old precision to the provenance. It is edited as text, because a parser would change the spelling
   of numbers. */
static tx_status note_conversion(const tx_model *model, tx_bytes *out, tx_error *error)
{
  static const char blanks[] = " \t\r\n";
  const char *text = model->provenance + strspn(model->provenance, blanks);
  const char *name = tx_precision_name(model->stored);
  tx_json *json = NULL;
  tx_status status = tx_json_parse(text, strlen(text), "the provenance", &json, error);

  if (status != TX_OK) return status;
  if (strncmp(text, NOTE "\"", strlen(NOTE "\"")) == 0)
    tx_bytes_printf(out, NOTE "\"%s\",%s", name, text + strlen(NOTE));
  /* not written by us: a second entry of this name would be an error */
  else if (tx_json_get(json, "converted_from"))
    tx_bytes_text(out, text);
  else
    tx_bytes_printf(out, NOTE "\"%s\"]%s%s", name, tx_json_first(json) ? "," : "", text + 1);
  tx_json_free(json);
  return out->failed ? tx_fail_memory(error, "the provenance") : TX_OK;
}

static float *flat_weights(const tx_model *model)
{
  float *flat = calloc(tx_layout_elements(&model->dims), sizeof *flat);
  for (size_t i = 0; flat && i < tx_layout_count(&model->dims); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&model->dims, i, &info);
    memcpy(flat + info.offset, model->weights[i], info.count * sizeof *flat);
  }
  return flat;
}

/* Collects the names of the sections that are written anew; the names of scales are reserved, whatever the
   precision. */
static tx_status known_sections(const tx_model *model, tx_names *names, tx_error *error)
{
  uint32_t number;
  tx_status status = tx_names_add(names, TX_TAXONOMY_SECTION, strlen(TX_TAXONOMY_SECTION), &number, error);
  if (status == TX_OK)
    status = tx_names_add(names, TX_LIKENESS_SECTION, strlen(TX_LIKENESS_SECTION), &number, error);
  if (status == TX_OK)
    status = tx_names_add(names, TX_LIKENESS_THRESHOLDS, strlen(TX_LIKENESS_THRESHOLDS), &number, error);

  for (size_t i = 0; i < tx_layout_count(&model->dims) && status == TX_OK; i++) {
    char scale[TX_SCALE_NAME_SIZE];
    tx_tensor_info info;
    tx_layout_tensor(&model->dims, i, &info);
    tx_weights_scale_name(&info, scale);
    status = tx_names_add(names, info.name, strlen(info.name), &number, error);
    if (status == TX_OK) status = tx_names_add(names, scale, strlen(scale), &number, error);
  }
  return status;
}

static bool is_replaced(const char *name, const tx_model_additions *additions)
{
  return additions && strncmp(name, additions->prefix, strlen(additions->prefix)) == 0;
}

/* Lists the sections that are neither weights nor taxonomy, and those that are added. */
static tx_status other_sections(const tx_model *model, const tx_model_additions *additions,
                                tx_section **ret_sections, size_t *ret_count, tx_error *error)
{
  const size_t count = tx_safetensors_count(model->file), added = additions ? additions->section_count : 0;
  tx_section *sections = calloc(count + added + 1, sizeof *sections);
  tx_names *known = NULL;
  tx_status status =
      sections ? tx_names_create(&known, error) : tx_fail_memory(error, "the sections of a model file");

  *ret_sections = sections;
  *ret_count = 0;
  if (status == TX_OK) status = known_sections(model, known, error);
  for (size_t i = 0; i < count && status == TX_OK; i++) {
    const tx_section *section = tx_safetensors_at(model->file, i);
    if (tx_names_find(known, section->name, strlen(section->name)) < 0 &&
        !is_replaced(section->name, additions))
      sections[(*ret_count)++] = *section;
  }
  for (size_t i = 0; i < added && status == TX_OK; i++) sections[(*ret_count)++] = additions->sections[i];
  tx_names_free(known);
  return status;
}

/* Lists the metadata that are not written anew, and those that are added. */
static tx_status other_metadata(const tx_model *model, const tx_model_additions *additions,
                                tx_metadata **ret_metadata, size_t *ret_count, tx_error *error)
{
  static const char *const made[] = {"taxamba.crc32",      "taxamba.format",    "taxamba.kind",
                                     "taxamba.dims",       "taxamba.tokenizer", "taxamba.config",
                                     "taxamba.provenance", "taxamba.precision", TX_REGRESSION_KEY};
  const size_t count = tx_safetensors_metadata_count(model->file),
               added = additions ? additions->metadata_count : 0;
  tx_metadata *metadata = calloc(count + added + 1, sizeof *metadata);

  *ret_metadata = metadata;
  *ret_count = 0;
  if (!metadata) return tx_fail_memory(error, "the metadata of a model file");
  tx_safetensors_metadata_list(model->file, metadata);
  for (size_t i = 0; i < count; i++) {
    size_t at = 0;
    while (at < sizeof made / sizeof *made && strcmp(metadata[i].key, made[at]) != 0) at++;
    if (at == sizeof made / sizeof *made && !is_replaced(metadata[i].key, additions))
      metadata[(*ret_count)++] = metadata[i];
  }
  for (size_t i = 0; i < added; i++) metadata[(*ret_count)++] = additions->metadata[i];
  return TX_OK;
}

static tx_status put(const tx_model *model, tx_precision precision, const tx_model_additions *additions,
                     tx_output *output, tx_error *error)
{
  tx_section *sections = NULL;
  tx_metadata *metadata = NULL;
  float *weights = NULL;
  tx_bytes provenance = {0};
  tx_model_parts parts = {.dims = &model->dims,
                          .tokenizer = &model->tokenizer,
                          .taxonomy = model->taxonomy,
                          .opt_regression = &model->regression,
                          .opt_likeness = &model->likeness,
                          .precision = precision,
                          .config = model->config,
                          .provenance = model->provenance};
  tx_status status = other_sections(model, additions, &sections, &parts.extra_count, error);
  if (status == TX_OK)
    status = other_metadata(model, additions, &metadata, &parts.extra_metadata_count, error);
  if (status == TX_OK && parts.precision != model->stored) {
    status = note_conversion(model, &provenance, error);
    parts.provenance = provenance.data;
  }
  if (status == TX_OK) {
    weights = flat_weights(model);
    if (!weights) status = tx_fail_memory(error, "the weights of a model");
  }
  if (status == TX_OK) {
    parts.weights = weights;
    parts.extra = sections;
    parts.extra_metadata = metadata;
    status = tx_model_put(output, &parts, error);
  }
  tx_bytes_free(&provenance);
  free(weights);
  free(metadata);
  free(sections);
  return status;
}

static tx_status check_kind(const tx_model *model, const char *path, tx_error *error)
{
  if (strcmp(tx_safetensors_metadata(model->file, "taxamba.kind"), "model") == 0) return TX_OK;
  return tx_fail(error, TX_ERROR_MODEL,
                 "%s is not written: a checkpoint keeps its weights; convert the model that the training "
                 "ends with", path);
}

tx_status tx_model_put_copy(const tx_model *model, const tx_model_additions *additions, tx_output *output,
                            tx_error *error)
{
  const tx_status status = check_kind(model, "the copy", error);
  return status == TX_OK ? put(model, model->stored, additions, output, error) : status;
}

tx_status tx_model_put_unlike(const tx_model *model, const tx_likeness *likeness, tx_output *output,
                              tx_error *error)
{
  tx_model copy = *model;
  copy.likeness = *likeness;
  return tx_model_put_copy(&copy, NULL, output, error);
}

tx_status tx_model_convert(const tx_model *model, tx_precision precision, const char *path,
                           const volatile int *opt_stop, tx_error *error)
{
  tx_output *output = NULL;
  tx_status status;

  if ((unsigned)precision > TX_PRECISION_INT8)
    return tx_fail(error, TX_ERROR_USAGE, "%d is no precision to store in", (int)precision);
  status = check_kind(model, path, error);
  if (status == TX_OK) status = tx_output_open(path, opt_stop, &output, error);
  if (status != TX_OK) return status;
  status = put(model, precision == TX_PRECISION_STORED ? model->stored : precision, NULL, output, error);
  if (status == TX_OK) return tx_output_commit(output, error);
  tx_output_abort(output);
  return status;
}
