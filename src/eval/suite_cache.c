/* Embeddings in files, named by what they were computed from. */
#include "eval/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/runtime.h>
#include <taxamba/version.h>

#include "base/content.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "model/model.h"

/* A file: this, the key, the numbers of rows and columns (little endian), the rows, the hash of all that. */
static const char magic[8] = "TXEMBED1";
enum { HEAD_BYTES = sizeof magic + TX_SHA256_BYTES + 16 };

static void add_text(tx_sha256 *hash, const char *text)
{
  tx_sha256_add(hash, text, strlen(text) + 1);
}

static void add_number(tx_sha256 *hash, uint64_t number)
{
  uint8_t bytes[8];
  for (size_t i = 0; i < 8; i++) bytes[i] = (uint8_t)(number >> 8 * i);
  tx_sha256_add(hash, bytes, sizeof bytes);
}

static tx_status add_model(tx_sha256 *hash, const tx_model *model, tx_error *error)
{
  const size_t count = tx_safetensors_metadata_count(model->file);
  tx_metadata *list = calloc(count + 1, sizeof *list);
  const tx_section *section;
  if (!list) return tx_fail_memory(error, "the hash of the model");
  tx_safetensors_metadata_list(model->file, list);
  for (size_t i = 0; i < count; i++) {
    add_text(hash, list[i].key);
    add_text(hash, list[i].value);
  }
  free(list);
  for (size_t i = 0; (section = tx_safetensors_at(model->file, i)) != NULL; i++) {
    add_text(hash, section->name);
    add_number(hash, section->dtype);
    add_number(hash, section->size);
    tx_sha256_add(hash, section->data, section->size);
  }
  return TX_OK;
}

/* What the embeddings depend on. */
static tx_status make_key(const tx_suite_part *part, const tx_model *model, const tx_predict_options *options,
                          uint8_t ret_key[TX_SHA256_BYTES], tx_error *error)
{
  tx_sha256 hash;
  tx_status status;
  tx_sha256_start(&hash);
  add_text(&hash, "embeddings of taxamba " TX_VERSION);
  add_text(&hash, tx_cpu());
  add_number(&hash, options->precision);
  add_number(&hash, options->strand);
  add_number(&hash, options->offsets);
  add_number(&hash, options->min_bases);
  status = add_model(&hash, model, error);
  if (status != TX_OK) return status;
  add_number(&hash, part->count);
  tx_sha256_add(&hash, part->letters.data, part->letters.size);
  tx_sha256_end(&hash, ret_key);
  return TX_OK;
}

static char *file_name(const char *folder, const uint8_t key[TX_SHA256_BYTES])
{
  char digits[2 * TX_SHA256_BYTES + 1];
  tx_bytes path = {0};
  tx_sha256_text(key, digits);
  tx_bytes_text(&path, folder);
  if (path.size && path.data[path.size - 1] != '/') tx_bytes_text(&path, "/");
  tx_bytes_printf(&path, "%s.embeddings", digits);
  if (!path.failed) return path.data;
  tx_bytes_free(&path);
  return NULL;
}

static void fill_head(const uint8_t key[TX_SHA256_BYTES], uint64_t rows, uint64_t columns,
                      uint8_t ret_head[HEAD_BYTES])
{
  uint8_t *numbers = ret_head + sizeof magic + TX_SHA256_BYTES;
  memcpy(ret_head, magic, sizeof magic);
  memcpy(ret_head + sizeof magic, key, TX_SHA256_BYTES);
  for (size_t i = 0; i < 8; i++) {
    numbers[i] = (uint8_t)(rows >> 8 * i);
    numbers[8 + i] = (uint8_t)(columns >> 8 * i);
  }
}

static void digest_of(const void *head, const void *rows, size_t size, uint8_t ret_digest[TX_SHA256_BYTES])
{
  tx_sha256 hash;
  tx_sha256_start(&hash);
  tx_sha256_add(&hash, head, HEAD_BYTES);
  tx_sha256_add(&hash, rows, size);
  tx_sha256_end(&hash, ret_digest);
}

/* Whether the bytes of a file are what tx_suite_remember wrote for this key. */
static bool is_sound(const tx_content *content, const uint8_t key[TX_SHA256_BYTES], size_t rows,
                     size_t columns)
{
  const size_t size = rows * columns * sizeof(float);
  uint8_t head[HEAD_BYTES], digest[TX_SHA256_BYTES];
  if (content->size != HEAD_BYTES + size + sizeof digest) return false;
  fill_head(key, rows, columns, head);
  if (memcmp(content->data, head, sizeof head) != 0) return false;
  digest_of(content->data, content->data + HEAD_BYTES, size, digest);
  return memcmp(content->data + HEAD_BYTES + size, digest, sizeof digest) == 0;
}

tx_status tx_suite_recall(tx_suite *suite, tx_suite_split split, const char *folder, const tx_model *model,
                          const tx_predict_options *options, bool *ret_found, tx_error *error)
{
  tx_suite_part *part = &suite->parts[split];
  tx_content content = {0};
  char *path = NULL;
  tx_status status = make_key(part, model, options, part->key, error);
  *ret_found = false;
  suite->width = tx_model_width(model);
  if (status == TX_OK && !(path = file_name(folder, part->key))) status = tx_fail_memory(error, "the cache");
  if (status == TX_OK) {
    tx_error missing;
    status = tx_content_read(path, NULL, &content, &missing);
    if (status == TX_OK && is_sound(&content, part->key, part->count, suite->width)) {
      part->vectors = tx_malloc_aligned(part->count, suite->width * sizeof *part->vectors);
      if (part->vectors)
        memcpy(part->vectors, content.data + HEAD_BYTES, part->count * suite->width * sizeof *part->vectors);
      else
        status = tx_fail_memory(error, "the embeddings");
      *ret_found = part->vectors != NULL;
      part->embedded = part->count;
    } else {
      status = TX_OK; /* missing or damaged: computed again */
    }
  }
  tx_content_free(&content);
  free(path);
  return status;
}

tx_status tx_suite_remember(const tx_suite *suite, tx_suite_split split, const char *folder,
                            const volatile int *opt_stop, tx_error *error)
{
  const tx_suite_part *part = &suite->parts[split];
  const size_t size = part->count * suite->width * sizeof *part->vectors;
  uint8_t head[HEAD_BYTES], digest[TX_SHA256_BYTES];
  tx_output *output = NULL;
  char *path = file_name(folder, part->key);
  tx_status status = path ? TX_OK : tx_fail_memory(error, "the cache");
  if (status == TX_OK) {
    fill_head(part->key, part->count, suite->width, head);
    digest_of(head, part->vectors, size, digest);
    status = tx_output_open(path, opt_stop, &output, error);
  }
  if (status == TX_OK) status = tx_output_write(output, head, sizeof head, error);
  if (status == TX_OK) status = tx_output_write(output, part->vectors, size, error);
  if (status == TX_OK) status = tx_output_write(output, digest, sizeof digest, error);
  if (status == TX_OK)
    status = tx_output_commit(output, error);
  else
    tx_output_abort(output);
  free(path);
  return status;
}
