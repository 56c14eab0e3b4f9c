/* The sequence reader on any bytes, going on behind malformed records: it must end in an orderly way, and
   with the same records and the same errors whatever the size of its buffer, and whether the bytes come as
   they are, as gzip or as bgzip. */
#include "harness.h"

#include <stdbool.h>

#include "seq/bases.h"
#include "seq/fastx.h"

enum { MOST = 1 << 20, MEMBER = 300 };

/* Everything the reader says about the file, as text. */
static void read_all(const void *data, size_t size, size_t buffer_size, tx_bytes *said)
{
  const char *names[1] = {"fuzz"};
  tx_input *input = fuzz_input(data, size);
  tx_reader *reader = NULL;
  tx_record record;
  tx_error error = {0};
  uint64_t line = 0, number = 0;
  tx_status status;
  if (!input) return;
  status = tx_reader_open_input_sized(input, names, 1, buffer_size, &reader, &error);
  while (status == TX_OK) {
    status = tx_reader_next(reader, &record, &error);
    if (status == TX_ERROR_DATA && tx_reader_resume(reader)) {
      require_error(status, &error);
      require(error.record >= number, "numbers that do not grow");
      tx_bytes_printf(said, "bad %llu\n", (unsigned long long)error.line);
      number = error.record;
      status = TX_OK;
      continue;
    }
    if (status != TX_OK) break;
    require(record.id_length > 0 && strlen(record.id) == record.id_length, "a record without a name");
    require(strlen(record.comment) == record.comment_length, "a comment of another length");
    require(tx_letters_scan(record.bases, record.base_count) == TX_LETTERS_PURE,
            "foreign letters in a sequence");
    require(record.bases[record.base_count] == '\0', "a sequence without its end");
    /* BAM and CRAM have no lines, and alignments that are left out have numbers */
    require(record.line ? record.line > line && record.number == number + 1 : record.number > number,
            "lines or numbers that do not grow");
    for (const char *at = record.id; *at; at += tx_utf8_length(at, strlen(at)))
      require(tx_utf8_length(at, strlen(at)) > 0, "an id that is not UTF-8");
    line = record.line;
    number = record.number;
    tx_bytes_text(said, record.id);
    tx_bytes_append(said, "\n", 1);
    tx_bytes_text(said, record.comment);
    tx_bytes_append(said, "\n", 1);
    tx_bytes_text(said, record.bases);
    tx_bytes_printf(said, "\n%llu\n", (unsigned long long)record.line);
  }
  require(status != TX_OK && status <= TX_END, "no end");
  if (status != TX_END) require_error(status, &error);
  tx_bytes_printf(said, "%d %llu %llu", (int)status, (unsigned long long)error.line,
                  (unsigned long long)error.record);
  tx_reader_close(reader);
  require(!said->failed, "out of memory");
}

static bool is_packed(const uint8_t *data, size_t size)
{
  static const char starts[] = "\x1f\x8b""BZ\xfd""7\x28\xb5\x2a\x4d"; /* the last behind one of 16 bytes */
  for (size_t i = 0; i < 8 && size > 2; i += 2)
    if (!memcmp(data, starts + i, 2)) return true;
  return size > 2 && data[0] >> 4 == 5 && !memcmp(data + 1, starts + 8, 2);
}

static void compare(const tx_bytes *first, const tx_bytes *second, const char *what)
{
  require(first->size == second->size &&
              (!first->size || memcmp(first->data, second->data, first->size) == 0),
          what);
}

/* The same bytes in members of `member` bytes, at least one. */
static void read_packed(const uint8_t *data, size_t size, size_t member, int blocked, tx_bytes *said)
{
  tx_bytes packed = {0};
  for (size_t at = 0; at < size || !at; at += member) {
    fuzz_gzip(data + at, size - at < member ? size - at : member, blocked, &packed);
    if (!size) break;
  }
  if (blocked) fuzz_gzip(data, 0, 1, &packed); /* stands for its end-of-file block */
  read_all(packed.data, packed.size, 65536, said);
  tx_bytes_free(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  tx_bytes whole = {0}, other = {0};
  if (size > MOST) return 0;
  read_all(data, size, 65536, &whole);
  /* Compressed data is unpacked 64 KiB at a time: when a later part is damaged, how much comes before it
     depends on the buffer. */
  if (!is_packed(data, size)) {
    const size_t member = size > 20 * MEMBER ? 65000 : 1 + size % MEMBER; /* few members of what is long */
    read_all(data, size, 1 + size % 13, &other);
    compare(&whole, &other, "the size of the buffer changes the records");
    tx_bytes_clear(&other);
    if (size && data[0] != 0x1f) { /* one such byte alone is refused as the start of gzip */
      read_packed(data, size, member, size & 1, &other);
      compare(&whole, &other, size & 1 ? "bgzip changes the records" : "gzip changes the records");
    }
  }
  tx_bytes_free(&whole);
  tx_bytes_free(&other);
  return 0;
}
