/* Vectors of several modalities: rows by id. */
#include <taxamba/vectors.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/gzip.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/npy.h"
#include "base/text.h"

enum { NAME_MAX_LENGTH = 40 };

typedef struct vector_set {
  char name[NAME_MAX_LENGTH + 1];
  size_t width, count, missing;
  float *rows; /* (count, width) */
  size_t capacity;
  unsigned char *usable; /* (count) */
  size_t usable_capacity;
  tx_names *ids; /* the number of an id is its row */
  const char *opt_missing_id; /* the first without a vector; a key of `ids` */
} vector_set;

struct tx_vectors {
  vector_set items[TX_MODALITIES_MAX];
  size_t count;
};

static bool is_name_letter(char letter)
{
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
}

/* The name of a modality: that of the file without folder, ".npy" and the ending of a compressed file. */
static tx_status name_of(const char *path, char name[NAME_MAX_LENGTH + 1], tx_error *error)
{
  static const char *const reserved[] = {"all", "averaged", "concatenated"};
  const char *slash = strrchr(path, '/'), *begin = slash ? slash + 1 : path, *dot = strchr(begin, '.');
  const size_t length = dot ? (size_t)(dot - begin) : strlen(begin);
  bool good = length > 0 && length <= NAME_MAX_LENGTH;
  for (size_t i = 0; i < length; i++) good = good && is_name_letter(begin[i]);
  if (!good)
    return tx_fail(error, TX_ERROR_USAGE,
                   "%s: the file name up to its first dot is the name of the modality: 1 to %d letters, "
                   "digits, '-' and '_'; rename the file",
                   path, NAME_MAX_LENGTH);
  memcpy(name, begin, length);
  name[length] = '\0';
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    if (strcmp(name, reserved[i]) == 0)
      return tx_fail(error, TX_ERROR_USAGE,
                     "%s: '%s' stands for several modalities at once and is no name of one; rename the file",
                     path, name);
  return TX_OK;
}

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the vectors");
}

/* The modality of that name, which is made if it is new. */
static tx_status open_modality(tx_vectors *vectors, const char *path, size_t width, vector_set **ret_own,
                               tx_error *error)
{
  char name[NAME_MAX_LENGTH + 1];
  vector_set *own;
  size_t number;
  tx_status status = name_of(path, name, error);
  if (status != TX_OK) return status;
  number = tx_vectors_modality(vectors, name);
  own = &vectors->items[number];
  if (number == TX_MODALITIES_MAX)
    return tx_fail(error, TX_ERROR_USAGE, "%s: there can be at most %d modalities", path, TX_MODALITIES_MAX);
  if (number < vectors->count) {
    *ret_own = own;
    if (own->width == width) return TX_OK;
    return tx_fail(error, TX_ERROR_DATA, "%s: rows of %zu numbers, where '%s' has rows of %zu so far", path,
                   width, name, own->width);
  }
  memcpy(own->name, name, sizeof name);
  own->width = width;
  vectors->count++;
  *ret_own = own;
  return tx_names_create(&own->ids, error);
}

/* Whether the numbers are finite and give a direction. */
static unsigned char is_vector(const float *row, size_t width)
{
  double square = 0;
  for (size_t i = 0; i < width; i++) square += (double)row[i] * (double)row[i];
  return isfinite(square) && square > 0;
}

/* Memory grows with what is read, not with what the header promises. */
static tx_status read_rows(tx_npy *array, vector_set *own, tx_error *error)
{
  double *row = calloc(own->width, sizeof *row);
  tx_status status = row ? TX_OK : out_of_memory(error);
  while (status == TX_OK && (status = tx_npy_next(array, row, error)) == TX_OK) {
    size_t needed;
    float *target;
    if (own->count == UINT32_MAX || !tx_multiply(own->count + 1, own->width, &needed) ||
        !tx_reserve(&own->rows, &own->capacity, needed, sizeof *own->rows) ||
        !tx_reserve(&own->usable, &own->usable_capacity, own->count + 1, 1)) {
      status = out_of_memory(error);
      break;
    }
    target = own->rows + own->count * own->width;
    for (size_t i = 0; i < own->width; i++) target[i] = (float)row[i];
    own->usable[own->count++] = is_vector(target, own->width);
  }
  free(row);
  return status == TX_END ? TX_OK : status;
}

typedef struct naming {
  vector_set *own;
  size_t first; /* row of the first id of the file */
} naming;

static tx_status take_id(void *context, const tx_npy_id *id, tx_error *error)
{
  const naming *in = context;
  vector_set *own = in->own;
  const size_t row = in->first + id->row;
  uint32_t number;
  tx_status status = tx_names_add(own->ids, id->id, id->length, &number, error);
  if (status != TX_OK) return status;
  if (number != row)
    return tx_fail_at(error, TX_ERROR_DATA, id->file, id->line, 0,
                      "the id '%.*s' stands here a second time: a record has one vector of a modality",
                      (int)(id->length < 100 ? id->length : 100), id->id);
  if (own->usable[row]) return TX_OK;
  if (!own->missing++) own->opt_missing_id = tx_names_key(own->ids, number, NULL);
  return TX_OK;
}

static tx_status read_file(tx_vectors *vectors, const char *path, const char *ids_path,
                           const tx_input_hooks *opt_hooks, tx_error *error)
{
  tx_input *input = NULL, *ids = NULL;
  tx_npy *array = NULL;
  naming in = {NULL, 0};
  tx_status status = tx_input_open(path, opt_hooks, &input, error);
  if (status == TX_OK) status = tx_npy_open(input, &array, error);
  if (status == TX_OK) status = open_modality(vectors, path, tx_npy_width(array), &in.own, error);
  if (status == TX_OK) {
    in.first = in.own->count;
    status = read_rows(array, in.own, error);
  }
  tx_npy_close(array);
  if (status == TX_OK) status = tx_input_open(ids_path, opt_hooks, &ids, error);
  if (status == TX_OK) status = tx_npy_read_ids(ids, in.own->count - in.first, take_id, &in, error);
  return status;
}

static void warn_missing(const tx_vectors *vectors, const tx_input_hooks *opt_hooks)
{
  for (size_t m = 0; opt_hooks && opt_hooks->warn && m < vectors->count; m++) {
    const vector_set *own = &vectors->items[m];
    char line[TX_MESSAGE_SIZE];
    if (!own->missing) continue;
    snprintf(line, sizeof line,
             "%s: %zu of %zu rows are not finite or all zero and count as missing, the first is '%.100s'",
             own->name, own->missing, own->count, own->opt_missing_id);
    opt_hooks->warn(opt_hooks->context, line);
  }
}

static tx_status read_files(const tx_words *arrays, const tx_words *ids, const tx_input_hooks *opt_hooks,
                            tx_vectors *vectors, tx_error *error)
{
  char *path;
  tx_status status = TX_OK;
  if (ids->count && ids->count != arrays->count)
    return tx_fail(error, TX_ERROR_USAGE, "%zu arrays of vectors and %zu files of ids: each array has one",
                   arrays->count, ids->count);
  for (size_t i = 0; i < arrays->count && status == TX_OK; i++) {
    const size_t length = strlen(arrays->items[i]);
    if (ids->count) {
      status = read_file(vectors, arrays->items[i], ids->items[i], opt_hooks, error);
      continue;
    }
    path = malloc(length + sizeof ".ids");
    if (!path) return out_of_memory(error);
    memcpy(path, arrays->items[i], length);
    memcpy(path + length, ".ids", sizeof ".ids");
    status = read_file(vectors, arrays->items[i], path, opt_hooks, error);
    free(path);
  }
  return status;
}

tx_status tx_vectors_read(const char *arrays, const char *opt_ids, const tx_input_hooks *opt_hooks,
                          tx_vectors **ret_vectors, tx_error *error)
{
  tx_words paths = {0}, ids = {0};
  tx_vectors *vectors = calloc(1, sizeof *vectors);
  tx_status status = vectors ? TX_OK : out_of_memory(error);
  if (status == TX_OK) status = tx_words_split(arrays, "the list of vectors", &paths, error);
  if (status == TX_OK) status = tx_words_split(opt_ids, "the list of ids", &ids, error);
  if (status == TX_OK && !paths.count)
    status = tx_fail(error, TX_ERROR_USAGE, "no array of vectors is named");
  if (status == TX_OK) status = read_files(&paths, &ids, opt_hooks, vectors, error);
  tx_words_free(&paths);
  tx_words_free(&ids);
  if (status != TX_OK) {
    tx_vectors_free(vectors);
    return status;
  }
  warn_missing(vectors, opt_hooks);
  *ret_vectors = vectors;
  return TX_OK;
}

size_t tx_vectors_modalities(const tx_vectors *vectors)
{
  return vectors->count;
}

size_t tx_vectors_modality(const tx_vectors *vectors, const char *name)
{
  size_t m = 0;
  while (m < vectors->count && strcmp(vectors->items[m].name, name) != 0) m++;
  return m;
}

const char *tx_vectors_name(const tx_vectors *vectors, size_t modality)
{
  return vectors->items[modality].name;
}

size_t tx_vectors_width(const tx_vectors *vectors, size_t modality)
{
  return vectors->items[modality].width;
}

size_t tx_vectors_rows(const tx_vectors *vectors, size_t modality)
{
  return vectors->items[modality].count;
}

const char *tx_vectors_id(const tx_vectors *vectors, size_t modality, size_t row)
{
  return tx_names_key(vectors->items[modality].ids, (uint32_t)row, NULL);
}

const float *tx_vectors_row(const tx_vectors *vectors, size_t number, size_t row)
{
  const vector_set *own = &vectors->items[number];
  return own->usable[row] ? own->rows + row * own->width : NULL;
}

const float *tx_vectors_find(const tx_vectors *vectors, size_t modality, const char *id, size_t length)
{
  const int64_t row = tx_names_find(vectors->items[modality].ids, id, length);
  return row < 0 ? NULL : tx_vectors_row(vectors, modality, (size_t)row);
}

uint32_t tx_vectors_checksum(const tx_vectors *vectors)
{
  uint32_t crc = 0;
  for (size_t m = 0; m < vectors->count; m++) {
    const vector_set *own = &vectors->items[m];
    crc = tx_crc32(crc, own->name, strlen(own->name) + 1);
    for (size_t row = 0; row < own->count; row++) {
      const char *id = tx_vectors_id(vectors, m, row);
      crc = tx_crc32(crc, id, strlen(id) + 1);
    }
    crc = tx_crc32(crc, own->rows, own->count * own->width * sizeof *own->rows);
  }
  return crc;
}

void tx_vectors_free(tx_vectors *vectors)
{
  if (!vectors) return;
  for (size_t m = 0; m < TX_MODALITIES_MAX; m++) {
    free(vectors->items[m].rows);
    free(vectors->items[m].usable);
    tx_names_free(vectors->items[m].ids);
  }
  free(vectors);
}
