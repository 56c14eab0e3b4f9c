/* Writing a model or a checkpoint. */
#include "model/model.h"

#include "base/error.h"
#include "model/model_dims.h"
#include "model/model_likeness.h"
#include "model/model_regression.h"
#include "model/weights.h"

#include <stdlib.h>
#include <string.h>

static bool names_kind(const tx_model_parts *parts)
{
  for (size_t i = 0; i < parts->extra_metadata_count; i++)
    if (strcmp(parts->extra_metadata[i].key, "taxamba.kind") == 0) return true;
  return false;
}

/* Checks the parts: what the reader would refuse is not written. */
static tx_status check_parts(const tx_model_parts *parts, tx_error *error)
{
  const tx_dims *dims = parts->dims;
  const char *fault = tx_dims_fault(dims);

  if (fault) return tx_fail(error, TX_ERROR_MODEL, "the model is not written: %s", fault);
  if (tx_tokenizer_vocabulary(parts->tokenizer) != dims->vocabulary)
    return tx_fail(error, TX_ERROR_MODEL,
                   "the model is not written: its tokenizer does not fit its embedding");
  if (tx_dims_are_multilabel(dims)
          ? tx_taxonomy_node_count(parts->taxonomy) != dims->heads[tx_dims_multilabel_head(dims)].size
          : tx_taxonomy_rank_count(parts->taxonomy) != tx_dims_ranks(dims))
    return tx_fail(error, TX_ERROR_MODEL, "the model is not written: its taxonomy does not fit its heads");
  for (size_t rank = 0; rank < tx_dims_ranks(dims); rank++)
    if (tx_taxonomy_class_count(parts->taxonomy, rank) != dims->heads[rank].size)
      return tx_fail(error, TX_ERROR_MODEL, "the model is not written: its taxonomy does not fit its heads");
  if (tx_dims_regression_head(dims) < dims->head_count &&
      (!parts->opt_regression ||
       parts->opt_regression->count != dims->heads[tx_dims_regression_head(dims)].size))
    return tx_fail(error, TX_ERROR_MODEL, "the model is not written: its traits do not fit their head");
  if (parts->precision > TX_PRECISION_FLOAT32 && names_kind(parts))
    return tx_fail(error, TX_ERROR_MODEL,
                   "the model is not written: a checkpoint keeps its weights in float32");
  if (!tx_weights_finite(parts->weights, tx_layout_elements(dims)))
    return tx_fail(error, TX_ERROR_NUMERIC, "the model is not written: its weights are not all finite");
  return TX_OK;
}

static bool is_bytes(const tx_section *section)
{
  return section->dtype == TX_DTYPE_U8 || section->dtype == TX_DTYPE_I8;
}

/* Orders the sections: weights of four bytes, extra numbers, weights of fewer bytes, taxonomy, extra bytes.
   Smaller elements come later, so that each section is aligned to its elements. Returns the number of
   sections. */
static size_t order_sections(const tx_model_parts *parts, const tx_encoded *weights, const tx_bytes *taxonomy,
                             const tx_likeness_parts *likeness, tx_section *sections)
{
  size_t count = weights->wide_count;

  memcpy(sections, weights->wide, count * sizeof *sections);
  for (size_t i = 0; i < likeness->count; i++)
    if (!is_bytes(&likeness->sections[i])) sections[count++] = likeness->sections[i];
  for (size_t i = 0; i < parts->extra_count; i++)
    if (!is_bytes(&parts->extra[i])) sections[count++] = parts->extra[i];
  memcpy(sections + count, weights->narrow, weights->narrow_count * sizeof *sections);
  count += weights->narrow_count;
  sections[count++] = (tx_section){.name = TX_TAXONOMY_SECTION,
                                   .dtype = TX_DTYPE_U8,
                                   .dimensions = 1,
                                   .shape = {taxonomy->size},
                                   .data = taxonomy->data,
                                   .size = taxonomy->size};
  for (size_t i = 0; i < likeness->count; i++)
    if (is_bytes(&likeness->sections[i])) sections[count++] = likeness->sections[i];
  for (size_t i = 0; i < parts->extra_count; i++)
    if (is_bytes(&parts->extra[i])) sections[count++] = parts->extra[i];
  return count;
}

static tx_status write_parts(tx_output *output, const tx_model_parts *parts, const tx_bytes *dims,
                             const tx_bytes *tokenizer, const tx_bytes *taxonomy,
                             const tx_bytes *regression, tx_error *error)
{
  const tx_precision precision =
      parts->precision == TX_PRECISION_STORED ? TX_PRECISION_FLOAT32 : parts->precision;
  const bool plain = precision == TX_PRECISION_FLOAT32; /* float32, which every version reads */
  const tx_metadata fixed[] = {{"taxamba.format", plain ? "1" : "2"},
                               {"taxamba.dims", dims->data},
                               {"taxamba.tokenizer", tokenizer->data},
                               {"taxamba.config", parts->config ? parts->config : "{}"},
                               {"taxamba.provenance", parts->provenance ? parts->provenance : "{}"},
                               {"taxamba.precision", tx_precision_name(precision)},
                               {"taxamba.kind", "model"},
                               {TX_REGRESSION_KEY, regression->data}};
  const size_t fixed_count = sizeof fixed / sizeof *fixed;
  tx_metadata *metadata = calloc(fixed_count + parts->extra_metadata_count, sizeof *metadata);
  tx_section *sections = NULL;
  tx_encoded weights;
  tx_likeness_parts likeness;
  size_t count = 0;
  tx_status status = tx_weights_encode(parts->dims, parts->weights, precision, &weights, error);

  if (status == TX_OK) {
    tx_likeness_list(parts->opt_likeness, &likeness);
    sections = calloc(weights.wide_count + weights.narrow_count + likeness.count + parts->extra_count + 1,
                      sizeof *sections);
    if (!sections || !metadata) status = tx_fail_memory(error, "a model file");
  }
  if (status == TX_OK) {
    for (size_t i = 0; i < fixed_count; i++)
      if (fixed[i].value && !(plain && strcmp(fixed[i].key, "taxamba.precision") == 0) &&
          !(names_kind(parts) && strcmp(fixed[i].key, "taxamba.kind") == 0))
        metadata[count++] = fixed[i];
    for (size_t i = 0; i < parts->extra_metadata_count; i++) metadata[count++] = parts->extra_metadata[i];
    status = tx_safetensors_put(output, sections,
                                order_sections(parts, &weights, taxonomy, &likeness, sections), metadata,
                                count, error);
  }
  free(metadata);
  free(sections);
  tx_encoded_free(&weights);
  return status;
}

tx_status tx_model_put(tx_output *output, const tx_model_parts *parts, tx_error *error)
{
  tx_bytes dims = {0}, tokenizer = {0}, taxonomy = {0}, regression = {0};
  tx_status status = check_parts(parts, error);

  if (status == TX_OK) {
    tx_dims_write(parts->dims, &dims);
    if (tx_dims_regression_head(parts->dims) < parts->dims->head_count)
      tx_regression_write(parts->opt_regression, &regression);
    status = tx_tokenizer_write(parts->tokenizer, &tokenizer, error);
  }
  if (status == TX_OK) status = tx_taxonomy_write(parts->taxonomy, &taxonomy, error);
  if (status == TX_OK && (dims.failed || tokenizer.failed || taxonomy.failed || regression.failed))
    status = tx_fail_memory(error, "the header of a model file");
  if (status == TX_OK) status = write_parts(output, parts, &dims, &tokenizer, &taxonomy, &regression, error);
  tx_bytes_free(&dims);
  tx_bytes_free(&tokenizer);
  tx_bytes_free(&taxonomy);
  tx_bytes_free(&regression);
  return status;
}

tx_status tx_model_write(const char *path, const tx_model_parts *parts, tx_error *error)
{
  tx_output *output = NULL;
  tx_status status = tx_output_open(path, parts->opt_stop, &output, error);

  if (status == TX_OK) status = tx_model_put(output, parts, error);
  if (status == TX_OK) return tx_output_commit(output, error);
  tx_output_abort(output);
  return status;
}
