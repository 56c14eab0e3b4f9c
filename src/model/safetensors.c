/* Strict reader of safetensors files. Every length and offset is checked before a pointer is formed from
   it. */
#include "model/safetensors.h"

#include "base/content.h"
#include "base/error.h"
#include "base/gzip.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#error "model files are little-endian and used in place: this machine needs a reader that swaps bytes"
#endif

#define LENGTH_BYTES 8 /* the header's length, before the header */

/* The header of our own files begins with this, so that the digits of the checksum have a fixed position. */
static const char checksum_prefix[] = TX_SAFETENSORS_PREFIX;
#define CHECKSUM_AT (LENGTH_BYTES + sizeof checksum_prefix - 1)
#define CHECKSUM_DIGITS 8

typedef struct entry {
  tx_section section;
  uint64_t begin, end; /* bytes from the start of the data */
} entry;

struct tx_safetensors {
  const unsigned char *data; /* bytes of the file, in `owned` or the caller's */
  size_t size;
  tx_content owned;
  tx_json *header;         /* owns the names and the metadata */
  const tx_json *metadata; /* NULL if there is none */
  entry *entries;          /* in the order of the data */
  const entry **by_name;
  size_t count;
  void *copies; /* copies of sections that the file does not align to their elements */
};

static const struct {
  const char *name;
  size_t size;
} dtypes[] = {
    [TX_DTYPE_F64] = {"F64", 8}, [TX_DTYPE_F32] = {"F32", 4}, [TX_DTYPE_BF16] = {"BF16", 2},
    [TX_DTYPE_F16] = {"F16", 2}, [TX_DTYPE_I64] = {"I64", 8}, [TX_DTYPE_I32] = {"I32", 4},
    [TX_DTYPE_I8] = {"I8", 1},   [TX_DTYPE_U8] = {"U8", 1},
};

const char *tx_dtype_name(tx_dtype dtype)
{
  return dtypes[dtype].name;
}

bool tx_section_bytes(const tx_section *section, uint64_t *ret_bytes)
{
  uint64_t bytes = dtypes[section->dtype].size;
  for (size_t i = 0; i < section->dimensions; i++) {
    if (section->shape[i] != 0 && bytes > UINT64_MAX / section->shape[i]) return false;
    bytes *= section->shape[i];
  }
  *ret_bytes = bytes;
  return true;
}

/* Reads a JSON number that is a whole number of at most 2^53. */
static bool whole_number(const tx_json *value, uint64_t *ret)
{
  double number;
  if (!value || !tx_json_is_number(value)) return false;
  number = tx_json_number(value);
  if (!(number >= 0 && number <= 9007199254740992.0)) return false;
  *ret = (uint64_t)number;
  return (double)*ret == number;
}

static bool find_dtype(const char *name, tx_dtype *ret_dtype)
{
  for (size_t i = 0; name && i < sizeof dtypes / sizeof *dtypes; i++)
    if (strcmp(name, dtypes[i].name) == 0) {
      *ret_dtype = (tx_dtype)i;
      return true;
    }
  return false;
}

static tx_status read_shape(const char *path, const tx_json *value, tx_section *section, tx_error *error)
{
  const tx_json *array = tx_json_get(value, "shape");
  if (!array || !tx_json_is_array(array))
    return tx_fail(error, TX_ERROR_MODEL, "%s: not a safetensors file: section '%.80s' has no shape", path,
                   section->name);
  for (const tx_json *item = tx_json_first(array); item; item = tx_json_next(item)) {
    if (section->dimensions == 4)
      return tx_fail(error, TX_ERROR_MODEL, "%s: section '%.80s' has more than 4 dimensions", path,
                     section->name);
    if (!whole_number(item, &section->shape[section->dimensions++]))
      return tx_fail(error, TX_ERROR_MODEL, "%s: the shape of section '%.80s' is not of whole numbers", path,
                     section->name);
  }
  return TX_OK;
}

/* Reads one entry of the header, without looking at the data. */
static tx_status read_entry(const char *path, const tx_json *value, entry *ret_entry, tx_error *error)
{
  tx_section *section = &ret_entry->section;
  const tx_json *dtype, *offsets, *first;
  uint64_t bytes;
  tx_status status;

  section->name = tx_json_key(value);
  if (!section->name || !tx_json_is_object(value))
    return tx_fail(error, TX_ERROR_MODEL, "%s: not a safetensors file: a section of the header is no object",
                   path);
  dtype = tx_json_get(value, "dtype");
  if (!find_dtype(dtype ? tx_json_string(dtype) : NULL, &section->dtype))
    return tx_fail(error, TX_ERROR_MODEL, "%s: section '%.80s' has an unknown dtype", path, section->name);
  status = read_shape(path, value, section, error);
  if (status != TX_OK) return status;

  offsets = tx_json_get(value, "data_offsets");
  first = offsets && tx_json_is_array(offsets) ? tx_json_first(offsets) : NULL;
  if (!first || !whole_number(first, &ret_entry->begin) ||
      !whole_number(tx_json_next(first), &ret_entry->end) || tx_json_next(tx_json_next(first)) ||
      ret_entry->begin > ret_entry->end)
    return tx_fail(error, TX_ERROR_MODEL, "%s: the data_offsets of section '%.80s' are no byte range", path,
                   section->name);
  if (!tx_section_bytes(section, &bytes) || bytes != ret_entry->end - ret_entry->begin || bytes > SIZE_MAX)
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: the shape of section '%.80s' does not fit its %" PRIu64 " bytes", path, section->name,
                   ret_entry->end - ret_entry->begin);
  section->size = (size_t)bytes;
  return TX_OK;
}

static tx_status read_metadata(const char *path, const tx_json *value, tx_error *error)
{
  if (!tx_json_is_object(value))
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: not a safetensors file: __metadata__ is no object",
                   path);
  for (const tx_json *item = tx_json_first(value); item; item = tx_json_next(item))
    if (!tx_json_is_string(item))
      return tx_fail(error, TX_ERROR_MODEL, "%s: not a safetensors file: __metadata__ holds other than texts",
                     path);
  return TX_OK;
}

static int compare_offsets(const void *a, const void *b)
{
  const entry *left = a, *right = b;
  if (left->begin != right->begin) return left->begin < right->begin ? -1 : 1;
  if (left->end != right->end) return left->end < right->end ? -1 : 1;
  return strcmp(left->section.name, right->section.name);
}

static int compare_names(const void *a, const void *b)
{
  const entry *const *left = a;
  const entry *const *right = b;
  return strcmp((*left)->section.name, (*right)->section.name);
}

/* Reads the entries of the header into file->entries, in the order of their data. */
static tx_status read_entries(const char *path, tx_safetensors *file, tx_error *error)
{
  size_t count = 0;
  for (const tx_json *value = tx_json_first(file->header); value; value = tx_json_next(value)) count++;
  file->entries = calloc(count ? count : 1, sizeof *file->entries);
  file->by_name = calloc(count ? count : 1, sizeof *file->by_name);
  if (!file->entries || !file->by_name) return tx_fail_memory(error, "the header of a model file");

  for (const tx_json *value = tx_json_first(file->header); value; value = tx_json_next(value)) {
    const char *key = tx_json_key(value);
    tx_status status;
    if (key && strcmp(key, "__metadata__") == 0) {
      file->metadata = value;
      status = read_metadata(path, value, error);
    } else {
      status = read_entry(path, value, &file->entries[file->count++], error);
    }
    if (status != TX_OK) return status;
  }
  qsort(file->entries, file->count, sizeof *file->entries, compare_offsets);
  for (size_t i = 0; i < file->count; i++) file->by_name[i] = &file->entries[i];
  qsort(file->by_name, file->count, sizeof *file->by_name, compare_names);
  for (size_t i = 1; i < file->count; i++)
    if (strcmp(file->by_name[i - 1]->section.name, file->by_name[i]->section.name) == 0)
      return tx_fail(error, TX_ERROR_MODEL, "%s: section '%.80s' occurs twice", path,
                     file->by_name[i]->section.name);
  return TX_OK;
}

/* Checks that the sections tile the data: no holes, no overlaps, nothing left. */
static tx_status check_tiling(const char *path, const tx_safetensors *file, uint64_t data_at,
                              bool *ret_truncated, tx_error *error)
{
  const uint64_t data_size = file->size - data_at;
  uint64_t position = 0, last = 0;

  for (size_t i = 0; i < file->count; i++)
    if (file->entries[i].end > last) last = file->entries[i].end;
  if (last > data_size) {
    *ret_truncated = true;
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: truncated: the header promises %" PRIu64 " bytes, the file has %zu; get it again",
                   path, data_at + last, file->size);
  }
  for (size_t i = 0; i < file->count; i++) {
    const entry *at = &file->entries[i];
    if (at->begin != position)
      return tx_fail(error, TX_ERROR_MODEL, "%s: %s before section '%.80s'", path,
                     at->begin < position ? "sections overlap" : "there is a hole in the data",
                     at->section.name);
    position = at->end;
  }
  if (position != data_size)
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: the header promises %" PRIu64 " bytes, the file has %zu: it was appended to", path,
                   data_at + position, file->size);
  return TX_OK;
}

/* Points the sections to the bytes of the file. Our own files align every F32; unaligned sections of another
   writer are copied. */
static tx_status place_sections(tx_safetensors *file, size_t data_at, tx_error *error)
{
  const unsigned char *data = file->data + data_at;
  size_t copied = 0;

  for (size_t i = 0; i < file->count; i++) {
    entry *at = &file->entries[i];
    at->section.data = data + at->begin;
    if ((uintptr_t)at->section.data % dtypes[at->section.dtype].size != 0) copied += at->section.size + 7;
  }
  if (copied == 0) return TX_OK;
  file->copies = tx_malloc_aligned(copied, 1);
  if (!file->copies) return tx_fail_memory(error, "the sections of a model file");
  copied = 0;
  for (size_t i = 0; i < file->count; i++) {
    tx_section *section = &file->entries[i].section;
    if ((uintptr_t)section->data % dtypes[section->dtype].size == 0) continue;
    section->data = memcpy((unsigned char *)file->copies + copied, section->data, section->size);
    copied += (section->size + 7) / 8 * 8;
  }
  return TX_OK;
}

/* Reads the length of the header from the first bytes of a file of `size` bytes. */
static tx_status read_length(const char *path, const unsigned char *start, size_t start_size, uint64_t size,
                             uint64_t *ret_length, bool *ret_truncated, tx_error *error)
{
  uint64_t length = 0;
  for (size_t i = 0; i < LENGTH_BYTES && start_size >= LENGTH_BYTES; i++)
    length |= (uint64_t)start[i] << (8 * i);
  if (length < 2 || length > TX_SAFETENSORS_HEADER_MAX ||
      (start_size > LENGTH_BYTES && start[LENGTH_BYTES] != '{'))
    return tx_fail(error, TX_ERROR_MODEL, "%s: not a model or reference file: not a safetensors file", path);
  if (length > size - LENGTH_BYTES) {
    *ret_truncated = true;
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: truncated: the header promises %" PRIu64 " bytes or more, the file has %" PRIu64
                   "; get it again",
                   path, LENGTH_BYTES + length, size);
  }
  *ret_length = length;
  return TX_OK;
}

/* Reads header and tiling. *ret_truncated distinguishes a file that merely ends too early from one that is
   wrong. */
static tx_status read_structure(const char *path, tx_safetensors *file, bool *ret_truncated, tx_error *error)
{
  uint64_t length = 0;
  tx_error inner;
  tx_status status = read_length(path, file->data, file->size, file->size, &length, ret_truncated, error);

  if (status != TX_OK) return status;
  status = tx_json_parse((const char *)file->data + LENGTH_BYTES, (size_t)length, "the header", &file->header,
                         &inner);
  if (status == TX_ERROR_MEMORY) return tx_fail_memory(error, "the header of a model file");
  if (status != TX_OK || !tx_json_is_object(file->header))
    return tx_fail(error, TX_ERROR_MODEL, "%s: not a model or reference file: not a safetensors file (%s)",
                   path,
                   status != TX_OK ? inner.message : "its header is no JSON object");
  status = read_entries(path, file, error);
  if (status == TX_OK) status = check_tiling(path, file, LENGTH_BYTES + length, ret_truncated, error);
  if (status == TX_OK) status = place_sections(file, (size_t)(LENGTH_BYTES + length), error);
  return status;
}

static bool begins_like_ours(const unsigned char *start, size_t size)
{
  return size >= CHECKSUM_AT + CHECKSUM_DIGITS &&
         memcmp(start + LENGTH_BYTES, checksum_prefix, sizeof checksum_prefix - 1) == 0;
}

static bool carries_checksum(const tx_safetensors *file)
{
  return begins_like_ours(file->data, file->size);
}

/* Compares the CRC-32 of the whole file, in which its own digits count as '0', with those digits: lower-case,
   so that each value has one spelling. */
static bool checksum_agrees(const tx_safetensors *file)
{
  const unsigned char *digits = file->data + CHECKSUM_AT;
  uint32_t crc, stored = 0;

  for (size_t i = 0; i < CHECKSUM_DIGITS; i++) {
    const unsigned char c = digits[i];
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    stored = stored << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  crc = tx_crc32(0, file->data, CHECKSUM_AT);
  crc = tx_crc32(crc, "00000000", CHECKSUM_DIGITS);
  crc = tx_crc32(crc, digits + CHECKSUM_DIGITS, file->size - CHECKSUM_AT - CHECKSUM_DIGITS);
  return crc == stored;
}

/* Checks the format number before other faults (an unknown dtype) are reported, because a number that is too
   high explains them. */
static tx_status check_format(const char *path, const tx_safetensors *file, tx_error *error)
{
  const char *text = tx_safetensors_metadata(file, "taxamba.format");
  char *end;
  long format;

  if (!text) return TX_OK;
  if (*text < '1' || *text > '9')
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: taxamba.format is '%.20s', which is no version",
                   path, text);
  format = strtol(text, &end, 10);
  if (*end)
    return tx_fail(error, TX_ERROR_MODEL, "%s: taxamba.format is '%.20s', which is no version", path, text);
  if (format > TX_MODEL_FORMAT)
    return tx_fail(error, TX_ERROR_MODEL,
                   "%s: was written by a newer Taxamba (format %ld; this one reads up to %d): update Taxamba",
                   path, format, TX_MODEL_FORMAT);
  return TX_OK;
}

/* Reads a file. Damage is reported before any fault that it may have caused; but a short file is called
   truncated, not damaged. */
static tx_status read_file(const char *path, bool check, tx_safetensors *file, tx_error *error)
{
  bool truncated = false;
  tx_error fault = {0};
  const tx_status structure = read_structure(path, file, &truncated, &fault);
  tx_status status = TX_OK;

  if (structure == TX_OK || (structure == TX_ERROR_MODEL && !truncated)) {
    if (check && carries_checksum(file) && !checksum_agrees(file))
      return tx_fail(error, TX_ERROR_MODEL, "%s: checksum mismatch: the file is damaged; get it again", path);
    if (check && !carries_checksum(file) && tx_safetensors_metadata(file, "taxamba.crc32"))
      return tx_fail(error, TX_ERROR_MODEL,
                     "%s: the checksum is not in its place: the file is damaged or was rewritten; get it "
                     "again",
                     path);
    status = check_format(path, file, error);
  }
  if (status == TX_OK && structure != TX_OK) {
    if (error) *error = fault;
    status = structure;
  }
  return status;
}

/* Judges the start of a file, so that a large file that is not a model is not read completely. Whether one of
   our files is damaged is determined by its checksum. */
static tx_status judge_start(const char *path, const unsigned char *start, size_t start_size, uint64_t size,
                             tx_error *error)
{
  uint64_t length;
  bool truncated = false;
  if (begins_like_ours(start, start_size)) return TX_OK;
  return read_length(path, start, start_size, size, &length, &truncated, error);
}

/* Opens bytes, which `owned` holds unless it is empty; `owned` is taken over. */
static tx_status open_bytes(const char *name, const void *data, size_t size, tx_content owned, bool check,
                            tx_safetensors **ret_file, tx_error *error)
{
  tx_safetensors *file = calloc(1, sizeof *file);
  tx_status status;

  if (!file) {
    tx_content_free(&owned);
    return tx_fail_memory(error, "a model file");
  }
  file->data = data;
  file->size = size;
  file->owned = owned;
  status = read_file(name, check, file, error);
  if (status != TX_OK) {
    tx_safetensors_close(file);
    return status;
  }
  *ret_file = file;
  return TX_OK;
}

tx_status tx_safetensors_open(const char *path, int check, tx_safetensors **ret_file, tx_error *error)
{
  tx_content content;
  tx_status status = tx_content_read(path, judge_start, &content, error);

  if (status == TX_ERROR_DATA)
    return tx_fail(error, TX_ERROR_MODEL, "%s: not a model or reference file: the file is empty", path);
  return status == TX_OK ? open_bytes(path, content.data, content.size, content, check != 0, ret_file, error)
                         : status;
}

tx_status tx_safetensors_read(const char *name, const void *data, size_t size, int check,
                              tx_safetensors **ret_file, tx_error *error)
{
  return open_bytes(name, data, size, (tx_content){0}, check != 0, ret_file, error);
}

const tx_section *tx_safetensors_find(const tx_safetensors *file, const char *name)
{
  size_t low = 0, high = file->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(name, file->by_name[middle]->section.name);
    if (order == 0) return &file->by_name[middle]->section;
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

size_t tx_safetensors_count(const tx_safetensors *file)
{
  return file->count;
}

const tx_section *tx_safetensors_at(const tx_safetensors *file, size_t index)
{
  return index < file->count ? &file->entries[index].section : NULL;
}

const char *tx_safetensors_metadata(const tx_safetensors *file, const char *key)
{
  const tx_json *value =
      file->metadata && tx_json_is_object(file->metadata) ? tx_json_get(file->metadata, key) : NULL;
  return value ? tx_json_string(value) : NULL;
}

size_t tx_safetensors_metadata_count(const tx_safetensors *file)
{
  size_t count = 0;
  for (const tx_json *item = file->metadata ? tx_json_first(file->metadata) : NULL; item;
       item = tx_json_next(item))
    count++;
  return count;
}

void tx_safetensors_metadata_list(const tx_safetensors *file, tx_metadata *list)
{
  for (const tx_json *item = file->metadata ? tx_json_first(file->metadata) : NULL; item;
       item = tx_json_next(item), list++) {
    list->key = tx_json_key(item);
    list->value = tx_json_string(item);
  }
}

size_t tx_safetensors_size(const tx_safetensors *file)
{
  return file->size;
}

void tx_safetensors_close(tx_safetensors *file)
{
  if (!file) return;
  free(file->copies);
  free(file->by_name);
  free(file->entries);
  tx_json_free(file->header);
  tx_content_free(&file->owned);
  free(file);
}
