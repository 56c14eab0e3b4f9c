/* Writer of safetensors files. Two passes over the sections: one for the checksum that the header carries,
   one to write. */
#include "model/safetensors.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/gzip.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ALIGNMENT 64 /* alignment of the start of the data */
#define LENGTH_BYTES 8

static void append_entry(tx_bytes *header, const tx_section *section, uint64_t begin)
{
  tx_bytes_json_string(header, section->name, strlen(section->name));
  tx_bytes_printf(header, ":{\"dtype\":\"%s\",\"shape\":[", tx_dtype_name(section->dtype));
  for (size_t i = 0; i < section->dimensions; i++)
    tx_bytes_printf(header, "%s%" PRIu64, i ? "," : "", section->shape[i]);
  tx_bytes_printf(header, "],\"data_offsets\":[%" PRIu64 ",%" PRIu64 "]}", begin, begin + section->size);
}

/* Makes length and header, with '0' for the digits of the checksum. */
static tx_status make_header(const tx_section *sections, size_t section_count, const tx_metadata *metadata,
                             size_t metadata_count, tx_bytes *header, tx_error *error)
{
  static const unsigned char no_length[LENGTH_BYTES];
  uint64_t begin = 0, length;

  tx_bytes_append(header, no_length, LENGTH_BYTES);
  tx_bytes_text(header, TX_SAFETENSORS_PREFIX "00000000\"");
  for (size_t i = 0; i < metadata_count; i++) {
    tx_bytes_text(header, ",");
    tx_bytes_json_string(header, metadata[i].key, strlen(metadata[i].key));
    tx_bytes_text(header, ":");
    tx_bytes_json_string(header, metadata[i].value, strlen(metadata[i].value));
  }
  tx_bytes_text(header, "}");
  for (size_t i = 0; i < section_count; i++) {
    uint64_t bytes;
    if (!tx_section_bytes(&sections[i], &bytes) || bytes != sections[i].size)
      return tx_fail(error, TX_ERROR_MODEL, "section '%.80s' is not written: its shape does not fit its size",
                     sections[i].name);
    tx_bytes_text(header, ",");
    append_entry(header, &sections[i], begin);
    begin += bytes;
  }
  tx_bytes_text(header, "}");
  while (!header->failed && header->size % ALIGNMENT != 0) tx_bytes_text(header, " ");
  if (header->failed) return tx_fail_memory(error, "the header of a model file");

  length = header->size - LENGTH_BYTES;
  if (length > TX_SAFETENSORS_HEADER_MAX)
    return tx_fail(error, TX_ERROR_MODEL, "the header of the model would be larger than 100 MB");
  for (size_t i = 0; i < LENGTH_BYTES; i++) header->data[i] = (char)(unsigned char)(length >> (8 * i));
  return TX_OK;
}

static void set_checksum(const tx_section *sections, size_t section_count, tx_bytes *header)
{
  uint32_t crc = tx_crc32(0, header->data, header->size);
  char digits[9];
  for (size_t i = 0; i < section_count; i++) crc = tx_crc32(crc, sections[i].data, sections[i].size);
  snprintf(digits, sizeof digits, "%08" PRIx32, crc);
  memcpy(header->data + LENGTH_BYTES + strlen(TX_SAFETENSORS_PREFIX), digits, 8);
}

tx_status tx_safetensors_put(tx_output *output, const tx_section *sections, size_t section_count,
                             const tx_metadata *metadata, size_t metadata_count, tx_error *error)
{
  tx_bytes header = {0};
  tx_status status = make_header(sections, section_count, metadata, metadata_count, &header, error);

  if (status == TX_OK) {
    set_checksum(sections, section_count, &header);
    status = tx_output_write(output, header.data, header.size, error);
  }
  for (size_t i = 0; i < section_count && status == TX_OK; i++)
    if (sections[i].size) status = tx_output_write(output, sections[i].data, sections[i].size, error);
  tx_bytes_free(&header);
  return status;
}

tx_status tx_safetensors_write(const char *path, const tx_section *sections, size_t section_count,
                               const tx_metadata *metadata, size_t metadata_count, tx_error *error)
{
  tx_output *output = NULL;
  tx_status status = tx_output_open(path, NULL, &output, error);

  if (status == TX_OK)
    status = tx_safetensors_put(output, sections, section_count, metadata, metadata_count, error);
  if (status == TX_OK) return tx_output_commit(output, error);
  tx_output_abort(output);
  return status;
}
