#include "train/checkpoint.h"

#include "base/error.h"
#include "train/config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { COUNTS = 8, VALUES = 4, VERSION = 1, PLACE = 2 /* sections of the place in the run */ };

static tx_section section(const char *name, tx_dtype dtype, size_t count, size_t size, const void *data)
{
  tx_section made = {.name = name, .dtype = dtype, .dimensions = 1, .shape = {count}, .data = data, .size = count * size};
  return made;
}

static tx_dtype dtype_of(tx_state_kind kind)
{
  return kind == TX_STATE_INT32 ? TX_DTYPE_I32 : TX_DTYPE_F32;
}

tx_status tx_checkpoint_write(const char *path, const tx_checkpoint *checkpoint, tx_error *error)
{
  const tx_train_state *state = checkpoint->state;
  const tx_state_parts *kept = checkpoint->parts;
  const int64_t counts[COUNTS] = {VERSION,
                                  (int64_t)checkpoint->fingerprint,
                                  (int64_t)state->step,
                                  (int64_t)state->epoch,
                                  (int64_t)state->position,
                                  (int64_t)state->best_epoch,
                                  (int64_t)state->stale,
                                  (int64_t)state->updates};
  const double values[VALUES] = {state->best_metric, state->best_loss, state->smoothed_loss, state->epoch_loss};
  tx_section *extra = calloc(PLACE + kept->count, sizeof *extra);
  const tx_metadata metadata[] = {{"taxamba.kind", "checkpoint"}, {"checkpoint.config", checkpoint->config}};
  const tx_model_parts parts = {.dims = checkpoint->dims,
                                .tokenizer = checkpoint->tokenizer,
                                .taxonomy = checkpoint->taxonomy,
                                .weights = checkpoint->weights,
                                .config = checkpoint->config,
                                .provenance = checkpoint->provenance,
                                .extra = extra,
                                .extra_count = PLACE + kept->count,
                                .extra_metadata = metadata,
                                .extra_metadata_count = sizeof metadata / sizeof metadata[0]};
  tx_status status;
  if (!extra) return tx_fail_memory(error, "a checkpoint");
  extra[0] = section("checkpoint.values", TX_DTYPE_F64, VALUES, sizeof *values, values);
  extra[1] = section("checkpoint.counts", TX_DTYPE_I64, COUNTS, sizeof *counts, counts);
  for (size_t i = 0; i < kept->count; i++) {
    const tx_state_part *part = &kept->parts[i];
    extra[PLACE + i] = section(part->name, dtype_of(part->kind), part->count, tx_state_size(part->kind), part->data);
  }
  status = tx_model_write(path, &parts, error);
  free(extra);
  return status;
}

/* Copies a section of `count` elements of `size` bytes, if it is there and just so. */
static tx_status copy_section(const tx_safetensors *file, const char *path, const char *name, tx_dtype dtype, size_t count, size_t size,
                              void *data, tx_error *error)
{
  const tx_section *found = tx_safetensors_find(file, name);
  if (!found || found->dtype != dtype || found->size != count * size)
    return tx_fail(error, TX_ERROR_MODEL, "%s is no checkpoint of this run: %s is missing or of another size", path, name);
  memcpy(data, found->data, found->size);
  return TX_OK;
}

static tx_status read_state(const tx_safetensors *file, const char *path, const tx_checkpoint *checkpoint, tx_error *error)
{
  tx_train_state *state = checkpoint->state;
  int64_t counts[COUNTS];
  double values[VALUES];
  tx_status status = copy_section(file, path, "checkpoint.counts", TX_DTYPE_I64, COUNTS, sizeof *counts, counts, error);
  if (status == TX_OK) status = copy_section(file, path, "checkpoint.values", TX_DTYPE_F64, VALUES, sizeof *values, values, error);
  if (status != TX_OK) return status;
  if (counts[0] != VERSION)
    return tx_fail(error, TX_ERROR_MODEL, "%s is a checkpoint of format %" PRId64 ", this program reads %d", path, counts[0], VERSION);
  if (counts[1] != (int64_t)checkpoint->fingerprint)
    return tx_fail(error, TX_ERROR_USAGE,
                   "cannot resume from %s: the training data, or the model of --init, are not those it was made with; give the same files "
                   "or start anew",
                   path);
  for (size_t i = 0; i < COUNTS; i++)
    if (counts[i] < 0) return tx_fail(error, TX_ERROR_MODEL, "%s is damaged: a count is negative", path);
  state->step = (uint64_t)counts[2];
  state->epoch = (uint64_t)counts[3];
  state->position = (uint64_t)counts[4];
  state->best_epoch = (uint64_t)counts[5];
  state->stale = (uint64_t)counts[6];
  state->updates = (uint64_t)counts[7];
  state->best_metric = values[0];
  state->best_loss = values[1];
  state->smoothed_loss = values[2];
  state->epoch_loss = values[3];
  return TX_OK;
}

/* Opens a checkpoint that was made with these settings. */
static tx_status open_checkpoint(const char *path, const tx_train_config *config, tx_safetensors **ret_file, tx_error *error)
{
  const char *saved;
  tx_status status = tx_safetensors_open(path, 1, ret_file, error);
  if (status != TX_OK) return status;
  saved = tx_safetensors_metadata(*ret_file, "checkpoint.config");
  status =
      saved ? tx_train_config_agrees(config, saved, path, error) : tx_fail(error, TX_ERROR_MODEL, "%s is a model, not a checkpoint", path);
  if (status != TX_OK) tx_safetensors_close(*ret_file);
  return status;
}

tx_status tx_checkpoint_tokenizer(const char *path, const tx_train_config *config, tx_tokenizer *tokenizer, tx_error *error)
{
  tx_safetensors *file = NULL;
  tx_tokenizer read = {0};
  tx_json *json = NULL;
  const char *text;
  tx_status status = open_checkpoint(path, config, &file, error);
  if (status != TX_OK) return status;
  text = tx_safetensors_metadata(file, "taxamba.tokenizer");
  status = text ? tx_json_parse(text, strlen(text), path, &json, error) : tx_fail(error, TX_ERROR_MODEL, "%s has no tokenizer", path);
  if (status == TX_OK) status = tx_tokenizer_read(json, &read, error);
  tx_json_free(json);
  tx_safetensors_close(file);
  if (status == TX_OK && read.kind != tokenizer->kind)
    status = tx_fail(error, TX_ERROR_MODEL, "%s is damaged: its tokenizer is not that of its settings", path);
  if (status == TX_OK)
    *tokenizer = read;
  else
    tx_tokenizer_free(&read);
  return status;
}

tx_status tx_checkpoint_read(const char *path, const tx_train_config *config, const tx_checkpoint *checkpoint, tx_error *error)
{
  const size_t tensors = tx_layout_count(checkpoint->dims);
  tx_safetensors *file = NULL;
  tx_status status = open_checkpoint(path, config, &file, error);
  if (status != TX_OK) return status;
  status = read_state(file, path, checkpoint, error);
  for (size_t i = 0; i < tensors && status == TX_OK; i++) {
    tx_tensor_info info;
    tx_layout_tensor(checkpoint->dims, i, &info);
    status = copy_section(file, path, info.name, TX_DTYPE_F32, info.count, sizeof(float), checkpoint->weights + info.offset, error);
  }
  for (size_t i = 0; i < checkpoint->parts->count && status == TX_OK; i++) {
    const tx_state_part *part = &checkpoint->parts->parts[i];
    status = copy_section(file, path, part->name, dtype_of(part->kind), part->count, tx_state_size(part->kind), part->data, error);
  }
  tx_safetensors_close(file);
  return status;
}
