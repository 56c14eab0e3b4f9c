/* safetensors files: 8-byte little-endian header length, JSON header, raw row-major tensors. Ours carry a
   CRC-32 of the whole file in "__metadata__", and the header is padded with spaces so that the data begins at
   a multiple of 64 bytes. docs/model-format.md specifies them. */
#ifndef TX_MODEL_SAFETENSORS_H
#define TX_MODEL_SAFETENSORS_H

#include "base/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

/* The highest value of the metadata key "taxamba.format" that is read. */
#define TX_MODEL_FORMAT 2
/* The first bytes of the header of our files, up to the 8 digits of the checksum. */
#define TX_SAFETENSORS_PREFIX "{\"__metadata__\":{\"taxamba.crc32\":\""
/* Headers longer than this are not read (nor does the reference implementation). */
#define TX_SAFETENSORS_HEADER_MAX 100000000

typedef enum tx_dtype {
  TX_DTYPE_F64,
  TX_DTYPE_F32,
  TX_DTYPE_BF16,
  TX_DTYPE_F16,
  TX_DTYPE_I64,
  TX_DTYPE_I32,
  TX_DTYPE_I8,
  TX_DTYPE_U8
} tx_dtype;

typedef struct tx_section {
  const char *name;
  tx_dtype dtype;
  size_t dimensions; /* 0..4 */
  uint64_t shape[4];
  const void *data;
  size_t size;       /* bytes */
} tx_section;

typedef struct tx_metadata {
  const char *key;
  const char *value;
} tx_metadata;

/* The name of a type in a file: "F32". Static storage. */
const char *tx_dtype_name(tx_dtype dtype);
/* The number of bytes that dtype and shape require; false on overflow. */
bool tx_section_bytes(const tx_section *section, uint64_t *ret_bytes);

/* Writes a file through tx_output (temporary name, fsync, rename), the sections in the order given, without
   copies. Names and keys must be distinct. A metadata key "taxamba.crc32" is added. */
tx_status tx_safetensors_write(const char *path, const tx_section *sections, size_t section_count,
                               const tx_metadata *metadata, size_t metadata_count, tx_error *error);

/* Writes the same bytes into an open output that the caller commits. */
tx_status tx_safetensors_put(tx_output *output, const tx_section *sections, size_t section_count,
                             const tx_metadata *metadata, size_t metadata_count, tx_error *error);

typedef struct tx_safetensors tx_safetensors;

/* Reads a regular file into memory and validates it there: header bounds, JSON, dtypes, shapes against byte
   ranges (overflow-checked), no holes or overlaps, whole file covered; the checksum if `check` and the file
   carries one; a "taxamba.format" that is not too new. The file is closed: later changes of it have no
   effect. Sections point into that memory and are aligned to their element (copied where the file does not
   align them). Read-only: any number of threads. TX_ERROR_IO, also for a file that changes while it is read;
   TX_ERROR_MODEL with the path and what is wrong. */
tx_status tx_safetensors_open(const char *path, int check, tx_safetensors **ret_file, tx_error *error);
/* The same for `size` bytes in memory, which are borrowed until the close and may begin at any address;
   `name` is for messages. */
tx_status tx_safetensors_read(const char *name, const void *data, size_t size, int check,
                              tx_safetensors **ret_file, tx_error *error);
/* The section of that name, NULL if absent. Borrowed from the file. */
const tx_section *tx_safetensors_find(const tx_safetensors *file, const char *name);
size_t tx_safetensors_count(const tx_safetensors *file);
/* The section of that index in the order of the data; NULL past the end. */
const tx_section *tx_safetensors_at(const tx_safetensors *file, size_t index);
/* Value of a "__metadata__" key, NULL if absent. Borrowed from the file. */
const char *tx_safetensors_metadata(const tx_safetensors *file, const char *key);
/* The number of entries of "__metadata__", and the entries themselves in the order of the file, into a list
   of that length. */
size_t tx_safetensors_metadata_count(const tx_safetensors *file);
void tx_safetensors_metadata_list(const tx_safetensors *file, tx_metadata *list);
/* The size of the file in bytes. */
size_t tx_safetensors_size(const tx_safetensors *file);
/* NULL is allowed. */
void tx_safetensors_close(tx_safetensors *file);

#endif
