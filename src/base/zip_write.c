#include "base/error.h"
#include "base/gzip.h"
#include "base/zip.h"

#include <inttypes.h>
#include <string.h>

enum {
  LOCAL_SIGNATURE = 0x04034b50,
  ENTRY_SIGNATURE = 0x02014b50,
  END_SIGNATURE = 0x06054b50,
  LOCAL_SIZE = 30,
  FIELD_HEADER = 4,
  PADDING_FIELD = 0x4246, /* as PyTorch names the field that aligns the content */
  ALIGNMENT = 64,
  VERSION = 20,
  DATE = 0x21, /* 1 January 1980: the same content has the same bytes */
  NAME_MAX_BYTES = 1000
};

static void put(tx_bytes *bytes, uint64_t value, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    tx_bytes_append(bytes, &(unsigned char){value & 255}, 1);
    value >>= 8;
  }
}

/* The fields that both headers of an entry have: from the version needed to the length of the name. */
static void put_shared(tx_bytes *bytes, uint32_t crc, size_t size, size_t length)
{
  put(bytes, VERSION, 2);
  put(bytes, 0, 2); /* flags */
  put(bytes, 0, 2); /* stored */
  put(bytes, 0, 2); /* time */
  put(bytes, DATE, 2);
  put(bytes, crc, 4);
  put(bytes, size, 4);
  put(bytes, size, 4);
  put(bytes, length, 2);
}

tx_status tx_zip_put(tx_zip_writer *writer, tx_output *output, const char *name, const void *data,
                     size_t size, tx_error *error)
{
  const size_t length = strlen(name), start = (size_t)(writer->offset % ALIGNMENT);
  const size_t unpadded = start + LOCAL_SIZE + length + FIELD_HEADER,
               padding = (ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT;
  const uint32_t crc = tx_crc32(0, data, size);
  tx_bytes header = {0};
  tx_status status;
  if (length > NAME_MAX_BYTES || writer->count == UINT16_MAX ||
      writer->offset + size + writer->directory.size + 4096 > UINT32_MAX)
    return tx_fail(error, TX_ERROR_USAGE, "a zip archive of 4 GiB or 65,535 entries is not written");
  put(&header, LOCAL_SIGNATURE, 4);
  put_shared(&header, crc, size, length);
  put(&header, FIELD_HEADER + padding, 2);
  tx_bytes_append(&header, name, length);
  put(&header, PADDING_FIELD, 2);
  put(&header, padding, 2);
  for (size_t i = 0; i < padding; i++) tx_bytes_append(&header, "Z", 1);
  put(&writer->directory, ENTRY_SIGNATURE, 4);
  put(&writer->directory, VERSION, 2);
  put_shared(&writer->directory, crc, size, length);
  put(&writer->directory, 0, 12); /* no extra field, no comment, the first part, no attributes */
  put(&writer->directory, writer->offset, 4);
  tx_bytes_append(&writer->directory, name, length);
  status = header.failed || writer->directory.failed
               ? tx_fail_memory(error, "the directory of a zip archive")
               : tx_output_write(output, header.data, header.size, error);
  if (status == TX_OK && size) status = tx_output_write(output, data, size, error);
  writer->offset += header.size + size;
  writer->count++;
  tx_bytes_free(&header);
  return status;
}

tx_status tx_zip_end(tx_zip_writer *writer, tx_output *output, tx_error *error)
{
  const size_t size = writer->directory.size;
  tx_bytes *bytes = &writer->directory;
  put(bytes, END_SIGNATURE, 4);
  put(bytes, 0, 4); /* the first and only part */
  put(bytes, writer->count, 2);
  put(bytes, writer->count, 2);
  put(bytes, size, 4);
  put(bytes, writer->offset, 4);
  put(bytes, 0, 2); /* no comment */
  if (bytes->failed) return tx_fail_memory(error, "the directory of a zip archive");
  return tx_output_write(output, bytes->data, bytes->size, error);
}

void tx_zip_writer_free(tx_zip_writer *writer)
{
  tx_bytes_free(&writer->directory);
}
