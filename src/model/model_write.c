/* Writing a model or a checkpoint. */
#include "model/model.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

static void append_dims(tx_bytes *out, const tx_dims *dims)
{
  tx_bytes_printf(out, "{\"vocabulary\":%zu,\"width\":%zu,\"layers\":%zu,\"state\":%zu,\"head_width\":%zu,\"expand\":%zu", dims->vocabulary,
                  dims->width, dims->layers, dims->state, dims->head_width, dims->expand);
  tx_bytes_printf(out, ",\"kernel\":%zu,\"mlp\":%zu,\"classes\":[", dims->kernel, dims->mlp);
  for (size_t rank = 0; rank < dims->ranks; rank++) tx_bytes_printf(out, "%s%zu", rank ? "," : "", dims->classes[rank]);
  tx_bytes_text(out, "]}");
}

/* What the reader would refuse is not written. */
static tx_status check_parts(const tx_model_parts *parts, tx_error *error)
{
  const tx_dims *dims = parts->dims;
  const char *fault = tx_dims_fault(dims);

  if (fault) return tx_fail(error, TX_ERROR_MODEL, "the model is not written: %s", fault);
  if (tx_tokenizer_vocabulary(parts->tokenizer) != dims->vocabulary)
    return tx_fail(error, TX_ERROR_MODEL, "the model is not written: its tokenizer does not fit its embedding");
  if (tx_taxonomy_rank_count(parts->taxonomy) != dims->ranks)
    return tx_fail(error, TX_ERROR_MODEL, "the model is not written: its taxonomy does not fit its heads");
  for (size_t rank = 0; rank < dims->ranks; rank++)
    if (tx_taxonomy_class_count(parts->taxonomy, rank) != dims->classes[rank])
      return tx_fail(error, TX_ERROR_MODEL, "the model is not written: its taxonomy does not fit its heads");
  if (!tx_weights_finite(parts->weights, tx_layout_elements(dims)))
    return tx_fail(error, TX_ERROR_NUMERIC, "the model is not written: its weights are not all finite");
  return TX_OK;
}

/* The weights as sections. `infos` keeps their names alive. */
static void weight_sections(const tx_model_parts *parts, tx_tensor_info *infos, tx_section *sections)
{
  const size_t count = tx_layout_count(parts->dims);
  for (size_t i = 0; i < count; i++) {
    tx_layout_tensor(parts->dims, i, &infos[i]);
    sections[i].name = infos[i].name;
    sections[i].dtype = TX_DTYPE_F32;
    sections[i].dimensions = infos[i].dimensions;
    for (size_t j = 0; j < infos[i].dimensions; j++) sections[i].shape[j] = infos[i].shape[j];
    sections[i].data = parts->weights + infos[i].offset;
    sections[i].size = infos[i].count * sizeof *parts->weights;
  }
}

static bool is_bytes(const tx_section *section)
{
  return section->dtype == TX_DTYPE_U8 || section->dtype == TX_DTYPE_I8;
}

/* Weights, extra numbers, taxonomy, extra bytes: bytes last, so that numbers of four bytes stay aligned. Returns the number. */
static size_t order_sections(const tx_model_parts *parts, const tx_bytes *taxonomy, tx_tensor_info *infos, tx_section *sections)
{
  size_t count = tx_layout_count(parts->dims);

  weight_sections(parts, infos, sections);
  for (size_t i = 0; i < parts->extra_count; i++)
    if (!is_bytes(&parts->extra[i])) sections[count++] = parts->extra[i];
  sections[count++] = (tx_section){.name = TX_TAXONOMY_SECTION,
                                   .dtype = TX_DTYPE_U8,
                                   .dimensions = 1,
                                   .shape = {taxonomy->size},
                                   .data = taxonomy->data,
                                   .size = taxonomy->size};
  for (size_t i = 0; i < parts->extra_count; i++)
    if (is_bytes(&parts->extra[i])) sections[count++] = parts->extra[i];
  return count;
}

static bool names_kind(const tx_model_parts *parts)
{
  for (size_t i = 0; i < parts->extra_metadata_count; i++)
    if (strcmp(parts->extra_metadata[i].key, "taxamba.kind") == 0) return true;
  return false;
}

static tx_status write_parts(const char *path, const tx_model_parts *parts, const tx_bytes *dims, const tx_bytes *tokenizer,
                             const tx_bytes *taxonomy, tx_error *error)
{
  const size_t tensors = tx_layout_count(parts->dims);
  const tx_metadata fixed[] = {{"taxamba.format", TX_MODEL_FORMAT_TEXT},
                               {"taxamba.dims", dims->data},
                               {"taxamba.tokenizer", tokenizer->data},
                               {"taxamba.config", parts->config ? parts->config : "{}"},
                               {"taxamba.provenance", parts->provenance ? parts->provenance : "{}"},
                               {"taxamba.kind", "model"}};
  const size_t fixed_count = sizeof fixed / sizeof *fixed - (names_kind(parts) ? 1 : 0);
  tx_tensor_info *infos = calloc(tensors, sizeof *infos);
  tx_section *sections = calloc(tensors + parts->extra_count + 1, sizeof *sections);
  tx_metadata *metadata = calloc(fixed_count + parts->extra_metadata_count, sizeof *metadata);
  tx_status status;

  if (!infos || !sections || !metadata) {
    status = tx_fail_memory(error, "a model file");
  } else {
    memcpy(metadata, fixed, fixed_count * sizeof *metadata);
    for (size_t i = 0; i < parts->extra_metadata_count; i++) metadata[fixed_count + i] = parts->extra_metadata[i];
    status = tx_safetensors_write(path, sections, order_sections(parts, taxonomy, infos, sections), metadata,
                                  fixed_count + parts->extra_metadata_count, error);
  }
  free(metadata);
  free(sections);
  free(infos);
  return status;
}

tx_status tx_model_write(const char *path, const tx_model_parts *parts, tx_error *error)
{
  tx_bytes dims = {0}, tokenizer = {0}, taxonomy = {0};
  tx_status status = check_parts(parts, error);

  if (status == TX_OK) {
    append_dims(&dims, parts->dims);
    status = tx_tokenizer_write(parts->tokenizer, &tokenizer, error);
  }
  if (status == TX_OK) status = tx_taxonomy_write(parts->taxonomy, &taxonomy, error);
  if (status == TX_OK && (dims.failed || tokenizer.failed || taxonomy.failed)) status = tx_fail_memory(error, "the header of a model file");
  if (status == TX_OK) status = write_parts(path, parts, &dims, &tokenizer, &taxonomy, error);
  tx_bytes_free(&dims);
  tx_bytes_free(&tokenizer);
  tx_bytes_free(&taxonomy);
  return status;
}
