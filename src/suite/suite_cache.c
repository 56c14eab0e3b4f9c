/* Embeddings and results of stages in files, named by what they were computed from. */
#include "suite/suite.h"

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
  tx_bytes_printf(&path, "%s.cache", digits);
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

tx_status tx_suite_cache_read(const char *folder, const uint8_t key[TX_SHA256_BYTES], void *data, size_t rows,
                              size_t columns, bool *ret_found, tx_error *error)
{
  tx_content content = {0};
  tx_error missing;
  char *path = file_name(folder, key);
  *ret_found = false;
  if (!path) return tx_fail_memory(error, "the cache");
  if (tx_content_read(path, NULL, &content, &missing) == TX_OK && is_sound(&content, key, rows, columns)) {
    memcpy(data, content.data + HEAD_BYTES, rows * columns * sizeof(float));
    *ret_found = true;
  } /* missing or damaged: computed again */
  tx_content_free(&content);
  free(path);
  return TX_OK;
}

tx_status tx_suite_cache_write(const char *folder, const uint8_t key[TX_SHA256_BYTES], const void *data,
                               size_t rows, size_t columns, const volatile int *opt_stop, tx_error *error)
{
  const size_t size = rows * columns * sizeof(float);
  uint8_t head[HEAD_BYTES], digest[TX_SHA256_BYTES];
  tx_output *output = NULL;
  char *path = file_name(folder, key);
  tx_status status = path ? TX_OK : tx_fail_memory(error, "the cache");
  if (status == TX_OK) {
    fill_head(key, rows, columns, head);
    digest_of(head, data, size, digest);
    status = tx_output_open(path, opt_stop, &output, error);
  }
  if (status == TX_OK) status = tx_output_write(output, head, sizeof head, error);
  if (status == TX_OK) status = tx_output_write(output, data, size, error);
  if (status == TX_OK) status = tx_output_write(output, digest, sizeof digest, error);
  if (status == TX_OK)
    status = tx_output_commit(output, error);
  else
    tx_output_abort(output);
  free(path);
  return status;
}

tx_status tx_suite_recall(tx_suite *suite, tx_suite_split split, const char *folder, const tx_model *model,
                          const tx_predict_options *options, bool *ret_found, tx_error *error)
{
  tx_suite_part *part = &suite->parts[split];
  tx_status status = make_key(part, model, options, part->key, error);
  *ret_found = false;
  if (status != TX_OK) return status;
  suite->width = tx_model_width(model);
  part->keyed = true;
  part->vectors = tx_malloc_aligned(part->count, suite->width * sizeof *part->vectors);
  if (!part->vectors) return tx_fail_memory(error, "the embeddings");
  status = tx_suite_cache_read(folder, part->key, part->vectors, part->count, suite->width, ret_found, error);
  if (*ret_found) part->embedded = part->count;
  return status;
}

tx_status tx_suite_remember(const tx_suite *suite, tx_suite_split split, const char *folder,
                            const volatile int *opt_stop, tx_error *error)
{
  const tx_suite_part *part = &suite->parts[split];
  return tx_suite_cache_write(folder, part->key, part->vectors, part->count, suite->width, opt_stop, error);
}

/* Results of stages. */

/* The letters, labels and names of all splits, which a result may depend on. */
static void hash_input(tx_suite *suite)
{
  tx_sha256 hash;
  if (suite->has_input_key) return;
  tx_sha256_start(&hash);
  add_text(&hash, "results of taxamba " TX_VERSION);
  add_text(&hash, tx_cpu());
  add_number(&hash, suite->rank_count);
  for (size_t r = 0; r < suite->rank_count; r++) {
    const size_t names = tx_names_count(suite->taxa[r]);
    add_text(&hash, suite->ranks[r]);
    add_number(&hash, names);
    for (size_t n = 0; n < names; n++) add_text(&hash, tx_names_key(suite->taxa[r], (uint32_t)n, NULL));
  }
  for (size_t s = 0; s < TX_SUITE_SPLITS; s++) {
    const tx_suite_part *part = &suite->parts[s];
    add_number(&hash, part->count);
    tx_sha256_add(&hash, part->letters.data, part->letters.size);
    tx_sha256_add(&hash, part->labels, part->count * suite->rank_count * sizeof *part->labels);
  }
  tx_sha256_end(&hash, suite->input_key);
  suite->has_input_key = true;
}

/* False: an embedding has no key, so that the result has none either. */
static bool result_key(tx_suite *suite, const tx_suite_result *result, uint8_t ret_key[TX_SHA256_BYTES])
{
  tx_sha256 hash;
  hash_input(suite);
  tx_sha256_start(&hash);
  tx_sha256_add(&hash, suite->input_key, sizeof suite->input_key);
  add_text(&hash, result->name);
  add_text(&hash, result->settings);
  for (size_t s = 0; s < TX_SUITE_SPLITS; s++) {
    const tx_suite_part *part = &suite->parts[s];
    add_number(&hash, (uint64_t)(result->queries[s] * 4 + result->references[s] * 2 + result->embedded));
    if (!result->embedded || !part->count || !(result->queries[s] || result->references[s])) continue;
    if (!part->keyed) return false;
    tx_sha256_add(&hash, part->key, sizeof part->key);
  }
  tx_sha256_end(&hash, ret_key);
  return true;
}

tx_status tx_suite_recall_result(tx_suite *suite, const tx_suite_options *options,
                                 const tx_suite_result *result, bool *ret_found, tx_error *error)
{
  uint8_t key[TX_SHA256_BYTES];
  tx_status status;
  *ret_found = false;
  if (!options->cache || !options->cache[0] || !result_key(suite, result, key)) return TX_OK;
  status = tx_suite_cache_read(options->cache, key, result->data, result->size / sizeof(float), 1, ret_found,
                               error);
  suite->recalled += *ret_found;
  return status;
}

tx_status tx_suite_keep_result(tx_suite *suite, const tx_suite_options *options,
                               const tx_suite_result *result, tx_error *error)
{
  uint8_t key[TX_SHA256_BYTES];
  if (!options->cache || !options->cache[0] || !result_key(suite, result, key)) return TX_OK;
  return tx_suite_cache_write(options->cache, key, result->data, result->size / sizeof(float), 1,
                              options->stop, error);
}

size_t tx_suite_recalled(const tx_suite *suite)
{
  return suite->recalled;
}

/* Answers as they are in a file: the number of each name, then the confidences. */
static tx_status describe_answers(const tx_suite *suite, const tx_suite_answers *answers, bool embedded,
                                  tx_suite_result *ret_result, tx_error *error)
{
  const size_t cells = answers->count * suite->rank_count;
  *ret_result = (tx_suite_result){.name = answers->method, .settings = answers->settings,
                                  .embedded = embedded};
  memcpy(ret_result->queries, answers->queries, sizeof answers->queries);
  memcpy(ret_result->references, answers->references, sizeof answers->references);
  ret_result->size = cells * (sizeof(int32_t) + (answers->confidences ? sizeof(double) : 0));
  ret_result->data = tx_malloc_aligned(ret_result->size + 1, 1);
  return ret_result->data ? TX_OK : tx_fail_memory(error, "the cache");
}

tx_status tx_suite_recall_answers(tx_suite *suite, const tx_suite_options *options, bool embedded,
                                  tx_suite_answers *answers, bool *ret_found, tx_error *error)
{
  const size_t ranks = suite->rank_count, cells = answers->count * ranks;
  tx_suite_result result;
  tx_status status = describe_answers(suite, answers, embedded, &result, error);
  *ret_found = false;
  if (status == TX_OK) status = tx_suite_recall_result(suite, options, &result, ret_found, error);
  for (size_t a = 0; status == TX_OK && *ret_found && a < cells; a++) {
    int32_t number;
    memcpy(&number, (char *)result.data + a * sizeof number, sizeof number);
    /* the hash of the file says that it is what was written; a number that is none would be a fault of it */
    if (number >= (int32_t)tx_names_count(suite->taxa[a % ranks])) number = -1;
    answers->called[a] = tx_suite_taxon(suite, a % ranks, number);
  }
  if (status == TX_OK && *ret_found && answers->confidences)
    memcpy(answers->confidences, (char *)result.data + cells * sizeof(int32_t), cells * sizeof(double));
  free(result.data);
  return status;
}

tx_status tx_suite_keep_answers(tx_suite *suite, const tx_suite_options *options, bool embedded,
                                const tx_suite_answers *answers, tx_error *error)
{
  const size_t ranks = suite->rank_count, cells = answers->count * ranks;
  tx_suite_result result;
  tx_status status = describe_answers(suite, answers, embedded, &result, error);
  for (size_t a = 0; status == TX_OK && a < cells; a++) {
    const char *name = answers->called[a];
    const int32_t number =
        name ? (int32_t)tx_names_find(suite->taxa[a % ranks], name, strlen(name)) : -1;
    memcpy((char *)result.data + a * sizeof number, &number, sizeof number);
  }
  if (status == TX_OK && answers->confidences)
    memcpy((char *)result.data + cells * sizeof(int32_t), answers->confidences, cells * sizeof(double));
  if (status == TX_OK) status = tx_suite_keep_result(suite, options, &result, error);
  free(result.data);
  return status;
}
