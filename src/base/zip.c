#include "base/zip.h"

#include "base/error.h"
#include "base/gzip.h"
#include "base/memory.h"
#include "base/names.h"

#include <stdlib.h>
#include <string.h>

/* The format: PKWARE's APPNOTE.TXT, version 6.3. All numbers are little-endian. */
enum {
  LOCAL_SIGNATURE = 0x04034b50,
  ENTRY_SIGNATURE = 0x02014b50,
  END_SIGNATURE = 0x06054b50,
  END64_SIGNATURE = 0x06064b50,
  LOCATOR64_SIGNATURE = 0x07064b50,
  LOCAL_SIZE = 30,
  ENTRY_SIZE = 46,
  END_SIZE = 22,
  END64_SIZE = 56,
  LOCATOR64_SIZE = 20,
  COMMENT_MAX = 65535,
  ZIP64_FIELD = 1,
  ENCRYPTED = 1,
  STORED = 0,
  DEFLATED = 8,
  DEFLATE_RATIO_MAX = 1032 /* of the format: more cannot come out */
};

struct tx_zip {
  const char *name;
  const unsigned char *data;
  size_t size;
  size_t directory_at, directory_size;
  tx_zip_entry *entries;
  size_t count, capacity;
  tx_names *names; /* their numbers are the indices of the entries */
};

static uint64_t number(const unsigned char *at, size_t bytes)
{
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; i++) value |= (uint64_t)at[i] << 8 * i;
  return value;
}

static tx_status damaged(const tx_zip *zip, const char *what, tx_error *error)
{
  return tx_fail(error, TX_ERROR_DATA, "%s: %s: a damaged zip archive, or none", zip->name, what);
}

/* Whether `size` bytes at `at` lie before `end`. */
static bool lies_within(uint64_t at, uint64_t size, uint64_t end)
{
  return at <= end && size <= end - at;
}

/* Finds the record at the end of the archive. Its comment ends where the file ends. */
static const unsigned char *find_end(const tx_zip *zip)
{
  if (zip->size < END_SIZE) return NULL;
  for (size_t comment = 0; comment <= COMMENT_MAX && comment <= zip->size - END_SIZE; comment++) {
    const unsigned char *at = zip->data + zip->size - END_SIZE - comment;
    if (number(at, 4) == END_SIGNATURE && number(at + 20, 2) == comment) return at;
  }
  return NULL;
}

/* Sets the place of the directory and the number of entries, from the record at the end or its form of 64
   bits, which a locator before that record points to. */
static tx_status find_directory(tx_zip *zip, uint64_t *ret_count, tx_error *error)
{
  const unsigned char *end = find_end(zip);
  uint64_t at, size, before;
  if (!end) return damaged(zip, "it has no directory at its end", error);
  before = (uint64_t)(end - zip->data);
  if (number(end + 4, 2) != number(end + 6, 2)) return damaged(zip, "it is one of several parts", error);
  *ret_count = number(end + 10, 2);
  size = number(end + 12, 4);
  at = number(end + 16, 4);
  if (before >= LOCATOR64_SIZE && number(end - LOCATOR64_SIZE, 4) == LOCATOR64_SIGNATURE) {
    const uint64_t end64_at = number(end - LOCATOR64_SIZE + 8, 8);
    const unsigned char *end64;
    before -= LOCATOR64_SIZE;
    if (!lies_within(end64_at, END64_SIZE, before) || number(zip->data + end64_at, 4) != END64_SIGNATURE)
      return damaged(zip, "the end of its directory is not where it should be", error);
    before = end64_at;
    end64 = zip->data + end64_at;
    *ret_count = number(end64 + 32, 8);
    size = number(end64 + 40, 8);
    at = number(end64 + 48, 8);
  }
  if (!lies_within(at, size, before) || *ret_count > size / ENTRY_SIZE)
    return damaged(zip, "its directory lies outside of it", error);
  zip->directory_at = (size_t)at;
  zip->directory_size = (size_t)size;
  return TX_OK;
}

/* Replaces sizes and offset of all ones by those in the extra field of zip64, which has only these. */
static bool widen(const unsigned char *extra, size_t length, uint64_t *const values[3])
{
  size_t at = 0, left = 0;
  while (length - at >= 4) {
    const size_t size = (size_t)number(extra + at + 2, 2);
    if (size > length - at - 4) return false;
    if (number(extra + at, 2) == ZIP64_FIELD) {
      left = size;
      extra += at + 4;
      break;
    }
    at += 4 + size;
  }
  for (size_t i = 0; i < 3; i++) {
    if (*values[i] != UINT32_MAX) continue;
    if (left < 8) return false;
    *values[i] = number(extra, 8);
    extra += 8;
    left -= 8;
  }
  return true;
}

/* Sets entry->data from the header before it, which repeats the name. */
static bool find_content(const tx_zip *zip, uint64_t local_at, const unsigned char *name, size_t length,
                         tx_zip_entry *entry)
{
  const unsigned char *local = zip->data + local_at;
  uint64_t header;
  if (!lies_within(local_at, LOCAL_SIZE, zip->directory_at) || number(local, 4) != LOCAL_SIGNATURE)
    return false;
  header = LOCAL_SIZE + number(local + 26, 2) + number(local + 28, 2);
  if (!lies_within(local_at, header, zip->directory_at) || number(local + 26, 2) != length ||
      memcmp(local + LOCAL_SIZE, name, length) != 0 ||
      !lies_within(local_at + header, entry->stored, zip->directory_at))
    return false;
  entry->data = local + header;
  return true;
}

static tx_status add_entry(tx_zip *zip, const unsigned char *name, size_t length, tx_zip_entry *entry,
                           tx_error *error)
{
  uint32_t index;
  tx_status status;
  if (length == 0 || memchr(name, '\0', length)) return damaged(zip, "an entry has no valid name", error);
  status = tx_names_add(zip->names, name, length, &index, error);
  if (status != TX_OK) return status;
  entry->name = tx_names_key(zip->names, index, NULL);
  if (index != zip->count) return damaged(zip, "two entries have the same name", error);
  if (!tx_reserve(&zip->entries, &zip->capacity, zip->count + 1, sizeof *zip->entries))
    return tx_fail_memory(error, "the directory of a zip archive");
  zip->entries[zip->count++] = *entry;
  return TX_OK;
}

/* Reads the entry of the directory at *at, and moves *at behind it. */
static tx_status read_entry(tx_zip *zip, size_t *at, tx_error *error)
{
  const size_t end = zip->directory_at + zip->directory_size;
  const unsigned char *record = zip->data + *at, *name = record + ENTRY_SIZE;
  uint64_t stored, size, local_at;
  size_t length, extra, comment;
  tx_zip_entry entry = {0};
  if (end - *at < ENTRY_SIZE || number(record, 4) != ENTRY_SIGNATURE)
    return damaged(zip, "its directory is shorter than it says", error);
  stored = number(record + 20, 4);
  size = number(record + 24, 4);
  length = (size_t)number(record + 28, 2);
  extra = (size_t)number(record + 30, 2);
  comment = (size_t)number(record + 32, 2);
  local_at = number(record + 42, 4);
  if (end - *at - ENTRY_SIZE < length + extra + comment ||
      !widen(name + length, extra, (uint64_t *const[]){&size, &stored, &local_at}))
    return damaged(zip, "an entry of its directory is cut off", error);
  *at += ENTRY_SIZE + length + extra + comment;
  entry.crc = (uint32_t)number(record + 16, 4);
  entry.deflated = number(record + 10, 2) == DEFLATED;
  if ((number(record + 8, 2) & ENCRYPTED) || (!entry.deflated && number(record + 10, 2) != STORED))
    return damaged(zip, "an entry is encrypted, or neither stored nor deflated", error);
  if (stored > zip->size || size > SIZE_MAX || (!entry.deflated && stored != size) ||
      size / DEFLATE_RATIO_MAX > stored)
    return damaged(zip, "an entry has a size that it cannot have", error);
  entry.stored = (size_t)stored;
  entry.size = (size_t)size;
  if (!find_content(zip, local_at, name, length, &entry))
    return damaged(zip, "the content of an entry is not where it should be", error);
  return add_entry(zip, name, length, &entry, error);
}

tx_status tx_zip_open(const char *name, const void *data, size_t size, tx_zip **ret_zip, tx_error *error)
{
  tx_zip *zip = calloc(1, sizeof *zip);
  uint64_t count = 0;
  size_t at;
  tx_status status;
  if (!zip) return tx_fail_memory(error, "a zip archive");
  zip->name = name;
  zip->data = data;
  zip->size = size;
  status = find_directory(zip, &count, error);
  if (status == TX_OK) status = tx_names_create(&zip->names, error);
  at = zip->directory_at;
  for (uint64_t i = 0; i < count && status == TX_OK; i++) status = read_entry(zip, &at, error);
  if (status != TX_OK) {
    tx_zip_close(zip);
    return status;
  }
  *ret_zip = zip;
  return TX_OK;
}

size_t tx_zip_count(const tx_zip *zip)
{
  return zip->count;
}

const tx_zip_entry *tx_zip_at(const tx_zip *zip, size_t index)
{
  return index < zip->count ? &zip->entries[index] : NULL;
}

const tx_zip_entry *tx_zip_find(const tx_zip *zip, const char *name)
{
  const int64_t index = tx_names_find(zip->names, name, strlen(name));
  return index < 0 ? NULL : &zip->entries[index];
}

tx_status tx_zip_read(const tx_zip *zip, const tx_zip_entry *entry, size_t limit,
                      const unsigned char **ret_data, unsigned char **ret_owned, tx_error *error)
{
  const unsigned char *content = entry->data;
  unsigned char *memory = NULL;
  *ret_owned = NULL;
  if (entry->size > limit)
    return tx_fail(error, TX_ERROR_DATA, "%s: '%.100s' has %zu bytes, more than the %zu that are read",
                   zip->name, entry->name, entry->size, limit);
  if (entry->deflated) {
    memory = malloc(entry->size + 1);
    if (!memory) return tx_fail_memory(error, "an entry of a zip archive");
    content = memory;
    if (!tx_inflate(entry->data, entry->stored, memory, entry->size)) {
      free(memory);
      return tx_fail(error, TX_ERROR_DATA, "%s: '%.100s' cannot be decompressed: a damaged zip archive",
                     zip->name, entry->name);
    }
  }
  if (tx_crc32(0, content, entry->size) != entry->crc) {
    free(memory);
    return tx_fail(error, TX_ERROR_DATA, "%s: '%.100s' has another checksum: a damaged zip archive",
                   zip->name, entry->name);
  }
  *ret_data = content;
  *ret_owned = memory;
  return TX_OK;
}

void tx_zip_close(tx_zip *zip)
{
  if (!zip) return;
  tx_names_free(zip->names);
  free(zip->entries);
  free(zip);
}
