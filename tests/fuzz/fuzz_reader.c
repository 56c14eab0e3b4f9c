/* The sequence reader on any bytes: it must end in an orderly way, and with the same records and the same error whatever the
   size of its buffer. */
#include "harness.h"

#include "seq/fastx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "seq/bases.h"

/* Everything the reader says about the file, as text. */
static void read_all(const char *path, size_t buffer_size, tx_bytes *said)
{
  const char *paths[1] = {path};
  tx_reader *reader = NULL;
  tx_record record;
  tx_error error = {0};
  tx_status status = tx_reader_open_sized(paths, 1, buffer_size, &reader, &error);
  uint64_t line = 0, number = 0;
  while (status == TX_OK) {
    status = tx_reader_next(reader, &record, &error);
    if (status != TX_OK) break;
    require(record.id_length > 0 && strlen(record.id) == record.id_length, "a record without a name");
    require(strlen(record.comment) == record.comment_length, "a comment of another length");
    require(tx_letters_scan(record.bases, record.base_count) == TX_LETTERS_PURE, "foreign letters in a sequence");
    require(record.bases[record.base_count] == '\0', "a sequence without its end");
    require(record.line > line && record.number == number + 1, "lines or numbers that do not grow");
    line = record.line;
    number = record.number;
    tx_bytes_printf(said, "%s\n%s\n%s\n%llu\n", record.id, record.comment, record.bases, (unsigned long long)record.line);
  }
  require(status != TX_OK && status <= TX_END, "no end");
  if (status != TX_END) require(error.code == status && error.message[0] && !strchr(error.message, '\n'), "an error without its message");
  tx_bytes_printf(said, "%d %llu %llu", (int)status, (unsigned long long)error.line, (unsigned long long)error.record);
  tx_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char path[4096];
  tx_bytes whole = {0}, pieces = {0};
  if (write_input(path, sizeof path, data, size)) return 0;
  read_all(path, 65536, &whole);
  /* Compressed data is unpacked 64 KiB at a time: when a later part is damaged, how much comes before it depends on the buffer. */
  if (size < 2 || data[0] != 0x1f || data[1] != 0x8b) {
    read_all(path, 1 + size % 13, &pieces);
    require(!whole.failed && !pieces.failed, "out of memory");
    require(whole.size == pieces.size && memcmp(whole.data, pieces.data, whole.size) == 0, "the size of the buffer changes the records");
  }
  unlink(path);
  tx_bytes_free(&whole);
  tx_bytes_free(&pieces);
  return 0;
}
