#include "train/checkpoint.h"

#include "base/error.h"
#include "settings/config.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  COUNTS = 8,
  VALUES = 4,
  EXTREMES = 4,
  OLDER_EXTREMES = 2, /* before there was a reference */
  VERSION = 1,
  BEST_LOSS = 1, /* of the values */
  PLACE = 3,     /* sections of the place in the run */
  SETTINGS = 2   /* metadata that every checkpoint has */
};

static const char extremes_name[] = "checkpoint.extremes"; /* of the figures of all epochs */

static tx_section section(const char *name, tx_dtype dtype, size_t count, size_t size, const void *data)
{
  tx_section made = {
      .name = name, .dtype = dtype, .dimensions = 1, .shape = {count}, .data = data, .size = count * size};
  return made;
}

static tx_dtype dtype_of(tx_state_kind kind)
{
  return kind == TX_STATE_INT32 ? TX_DTYPE_I32 : TX_DTYPE_F32;
}

/* Appends the parts to the sections, and those that are text to the metadata. */
static void list_parts(const tx_state_parts *kept, tx_section *sections, size_t *section_count,
                       tx_metadata *metadata, size_t *metadata_count)
{
  for (size_t i = 0; i < kept->count; i++) {
    const tx_state_part *part = &kept->parts[i];
    if (part->kind == TX_STATE_TEXT)
      metadata[(*metadata_count)++] = (tx_metadata){part->name, part->data};
    else
      sections[(*section_count)++] =
          section(part->name, dtype_of(part->kind), part->count, tx_state_size(part->kind), part->data);
  }
}

tx_status tx_checkpoint_put(tx_output *output, const tx_checkpoint *checkpoint, tx_error *error)
{
  const tx_train_state *state = checkpoint->state;
  const int64_t counts[COUNTS] = {VERSION,
                                  (int64_t)checkpoint->fingerprint,
                                  (int64_t)state->step,
                                  (int64_t)state->epoch,
                                  (int64_t)state->position,
                                  (int64_t)state->selection.epoch,
                                  (int64_t)state->selection.stale,
                                  (int64_t)state->step}; /* the updates that the optimiser has made */
  const double values[VALUES] = {state->selection.metric, state->selection.loss, state->smoothed_loss,
                                 state->epoch_loss};
  const double extremes[EXTREMES] = {state->selection.highest_metric, state->selection.lowest_loss,
                                     state->selection.reference_loss, state->selection.reference_error};
  tx_section *extra = calloc(PLACE + checkpoint->parts->count, sizeof *extra);
  tx_metadata *metadata = calloc(SETTINGS + checkpoint->parts->count, sizeof *metadata);
  tx_model_parts parts = {.dims = checkpoint->dims,
                          .tokenizer = checkpoint->tokenizer,
                          .taxonomy = checkpoint->taxonomy,
                          .opt_regression = checkpoint->regression,
                          .weights = checkpoint->weights,
                          .config = checkpoint->config,
                          .provenance = checkpoint->provenance,
                          .extra = extra,
                          .extra_count = PLACE,
                          .extra_metadata = metadata,
                          .extra_metadata_count = SETTINGS};
  tx_status status;
  if (extra && metadata) {
    extra[0] = section("checkpoint.values", TX_DTYPE_F64, VALUES, sizeof *values, values);
    extra[1] = section("checkpoint.counts", TX_DTYPE_I64, COUNTS, sizeof *counts, counts);
    extra[2] = section(extremes_name, TX_DTYPE_F64, EXTREMES, sizeof *extremes, extremes);
    metadata[0] = (tx_metadata){"taxamba.kind", "checkpoint"};
    metadata[1] = (tx_metadata){"checkpoint.config", checkpoint->config};
    list_parts(checkpoint->parts, extra, &parts.extra_count, metadata, &parts.extra_metadata_count);
    status = tx_model_put(output, &parts, error);
  } else {
    status = tx_fail_memory(error, "a checkpoint");
  }
  free(extra);
  free(metadata);
  return status;
}

/* Copies a section, which must exist with exactly `size` bytes. */
static tx_status copy_section(const tx_safetensors *file, const char *path, const char *name, tx_dtype dtype,
                              size_t size, void *data, tx_error *error)
{
  const tx_section *found = tx_safetensors_find(file, name);
  if (!found || found->dtype != dtype || found->size != size)
    return tx_fail(error, TX_ERROR_MODEL, "%s is no checkpoint of this run: %s is missing or of another size",
                   path, name);
  memcpy(data, found->data, found->size);
  return TX_OK;
}

/* Whether a run can have written this part (see tx_state_kind). */
static bool is_possible(tx_state_kind kind, float number)
{
  return !isnan(number) && !(kind == TX_STATE_FINITE && isinf(number)) &&
         !(kind == TX_STATE_SQUARES && number < 0);
}

static tx_status copy_numbers(const tx_safetensors *file, const char *path, const char *name, size_t count,
                              tx_state_kind kind, float *data, tx_error *error)
{
  tx_status status = copy_section(file, path, name, TX_DTYPE_F32, count * sizeof *data, data, error);
  for (size_t i = 0; i < count && status == TX_OK; i++)
    if (!is_possible(kind, data[i]))
      status = tx_fail(error, TX_ERROR_MODEL, "%s is damaged: number %zu of %s is %g", path, i, name,
                       (double)data[i]);
  return status;
}

/* Copies a text from the checkpoint. Control characters are replaced, as the text will be printed. */
static void copy_text(const tx_safetensors *file, const tx_state_part *part)
{
  const char *found = tx_safetensors_metadata(file, part->name);
  char *text = part->data;
  snprintf(text, part->count, "%s", found ? found : "");
  for (char *c = text; *c; c++)
    if ((unsigned char)*c < 32 || *c == 127) *c = '?';
}

static tx_status copy_part(const tx_safetensors *file, const char *path, const tx_state_part *part,
                           tx_error *error)
{
  switch (part->kind) {
  case TX_STATE_TEXT:
    copy_text(file, part);
    return TX_OK;
  case TX_STATE_INT32:
    return copy_section(file, path, part->name, TX_DTYPE_I32, part->count * sizeof(int32_t), part->data,
                        error);
  default:
    return copy_numbers(file, path, part->name, part->count, part->kind, part->data, error);
  }
}

/* Older checkpoints lack the section, or its reference: their runs kept the epoch with the highest metric,
   or with the lowest loss. */
static tx_status read_extremes(const tx_safetensors *file, const char *path, tx_selection *selection,
                               tx_error *error)
{
  double extremes[EXTREMES] = {selection->metric, selection->loss, selection->loss, 0};
  const tx_section *found = tx_safetensors_find(file, extremes_name);
  const size_t older = OLDER_EXTREMES * sizeof *extremes;
  tx_status status = TX_OK;
  if (found)
    status = copy_section(file, path, extremes_name, TX_DTYPE_F64,
                          found->size == older ? older : sizeof extremes, extremes, error);
  if (status == TX_OK && !isfinite(extremes[0])) /* a loss may be NaN */
    status = tx_fail(error, TX_ERROR_MODEL, "%s is damaged: number 0 of %s is %g", path, extremes_name,
                     extremes[0]);
  selection->highest_metric = extremes[0];
  selection->lowest_loss = extremes[1];
  selection->reference_loss = extremes[2];
  selection->reference_error = extremes[3];
  return status;
}

static tx_status read_state(const tx_safetensors *file, const char *path, const tx_checkpoint *checkpoint,
                            tx_error *error)
{
  tx_train_state *state = checkpoint->state;
  int64_t counts[COUNTS];
  double values[VALUES];
  tx_status status =
      copy_section(file, path, "checkpoint.counts", TX_DTYPE_I64, sizeof counts, counts, error);
  if (status == TX_OK)
    status = copy_section(file, path, "checkpoint.values", TX_DTYPE_F64, sizeof values, values, error);
  if (status != TX_OK) return status;
  if (counts[0] != VERSION)
    return tx_fail(error, TX_ERROR_MODEL, "%s is a checkpoint of format %" PRId64 ", this program reads %d",
                   path, counts[0], VERSION);
  if (counts[1] != (int64_t)checkpoint->fingerprint)
    return tx_fail(error, TX_ERROR_USAGE,
                   "cannot resume from %s: the training data, the vectors, or the model of --init or "
                   "--teacher, are not those it was made with; give the same files or start anew",
                   path);
  for (size_t i = 0; i < COUNTS; i++)
    if (counts[i] < 0) return tx_fail(error, TX_ERROR_MODEL, "%s is damaged: a count is negative", path);
  if (counts[7] != counts[2])
    return tx_fail(error, TX_ERROR_MODEL,
                   "the checkpoint %s is damaged: its position in the run is impossible", path);
  for (size_t i = 0; i < VALUES; i++) /* a loss of the validation is NaN where none of its taxa are known */
    if (!isfinite(values[i]) && i != BEST_LOSS)
      return tx_fail(error, TX_ERROR_MODEL, "%s is damaged: number %zu of checkpoint.values is %g", path, i,
                     values[i]);
  state->step = (uint64_t)counts[2];
  state->epoch = (uint64_t)counts[3];
  state->position = (uint64_t)counts[4];
  state->selection.epoch = (uint64_t)counts[5];
  state->selection.stale = (uint64_t)counts[6];
  state->selection.metric = values[0];
  state->selection.loss = values[BEST_LOSS];
  state->smoothed_loss = values[2];
  state->epoch_loss = values[3];
  return read_extremes(file, path, &state->selection, error);
}

/* Checks that the file is a checkpoint that was written with these settings. */
static tx_status check_settings(const tx_safetensors *file, const char *path, const tx_train_config *config,
                                tx_error *error)
{
  const char *saved = tx_safetensors_metadata(file, "checkpoint.config");
  if (!saved) return tx_fail(error, TX_ERROR_MODEL, "%s is a model, not a checkpoint", path);
  return tx_train_config_agrees(config, saved, path, error);
}

tx_status tx_checkpoint_load_tokenizer(const tx_safetensors *file, const char *path,
                                       const tx_train_config *config, tx_tokenizer *tokenizer,
                                       tx_error *error)
{
  tx_tokenizer read = {0};
  tx_json *json = NULL;
  const char *text;
  tx_status status = check_settings(file, path, config, error);
  if (status != TX_OK) return status;
  text = tx_safetensors_metadata(file, "taxamba.tokenizer");
  if (!text) {
    status = tx_fail(error, TX_ERROR_MODEL, "%s has no tokenizer", path);
  } else {
    tx_error inner = {0};
    status = tx_json_parse(text, strlen(text), "taxamba.tokenizer", &json, &inner);
    if (status == TX_OK) status = tx_tokenizer_read(json, &read, &inner);
    if (status == TX_ERROR_MEMORY) tx_fail_memory(error, "a tokenizer");
    if (status != TX_OK && status != TX_ERROR_MEMORY)
      status = tx_fail(error, TX_ERROR_MODEL, "%s is damaged: %s", path, inner.message);
  }
  tx_json_free(json);
  if (status == TX_OK && read.kind != tokenizer->kind)
    status = tx_fail(error, TX_ERROR_MODEL, "%s is damaged: its tokenizer is not that of its settings", path);
  if (status == TX_OK)
    *tokenizer = read;
  else
    tx_tokenizer_free(&read);
  return status;
}

tx_status tx_checkpoint_tokenizer(const char *path, const tx_train_config *config, tx_tokenizer *tokenizer,
                                  tx_error *error)
{
  tx_safetensors *file = NULL;
  tx_status status = tx_safetensors_open(path, 1, &file, error);
  if (status == TX_OK) status = tx_checkpoint_load_tokenizer(file, path, config, tokenizer, error);
  tx_safetensors_close(file);
  return status;
}

tx_status tx_checkpoint_load(const tx_safetensors *file, const char *path, const tx_train_config *config,
                             const tx_checkpoint *checkpoint, tx_error *error)
{
  const size_t tensors = tx_layout_count(checkpoint->dims);
  tx_status status = check_settings(file, path, config, error);
  if (status != TX_OK) return status;
  status = read_state(file, path, checkpoint, error);
  for (size_t i = 0; i < tensors && status == TX_OK; i++) {
    tx_tensor_info info;
    tx_layout_tensor(checkpoint->dims, i, &info);
    status = copy_numbers(file, path, info.name, info.count, TX_STATE_FINITE,
                          checkpoint->weights + info.offset, error);
  }
  for (size_t i = 0; i < checkpoint->parts->count && status == TX_OK; i++)
    status = copy_part(file, path, &checkpoint->parts->parts[i], error);
  return status;
}

tx_status tx_checkpoint_read(const char *path, const tx_train_config *config, const tx_checkpoint *checkpoint,
                             tx_error *error)
{
  tx_safetensors *file = NULL;
  tx_status status = tx_safetensors_open(path, 1, &file, error);
  if (status == TX_OK) status = tx_checkpoint_load(file, path, config, checkpoint, error);
  tx_safetensors_close(file);
  return status;
}
