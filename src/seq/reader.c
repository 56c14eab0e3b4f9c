#include "seq/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

tx_status tx_reader_fail(tx_reader *reader, tx_error *error, const char *wording, ...)
{
  char text[256];
  va_list arguments;
  va_start(arguments, wording);
  vsnprintf(text, sizeof text, wording, arguments);
  va_end(arguments);
  reader->resume.possible = true;
  if (reader->record.id_length)
    return tx_fail_at(error, TX_ERROR_DATA, reader->file, reader->scanner.line, reader->number,
                      "\"%.100s\": %s", reader->record.id, text);
  return tx_fail_at(error, TX_ERROR_DATA, reader->file, reader->scanner.line, reader->number, "%s", text);
}

void tx_reader_begin_record(tx_reader *reader)
{
  reader->record = (tx_record){0};
  reader->resume = (tx_resume){.part = TX_PART_HEADER};
  tx_bytes_clear(&reader->header);
  tx_bytes_clear(&reader->bases);
  reader->letters = 0;
}

/* Of the letters after the first bases only the last ones are needed. */
void tx_reader_drop_middle(tx_reader *reader)
{
  if (!reader->first && !reader->last) return;
  if (reader->bases.size <= reader->first || reader->bases.size - reader->first <= reader->last) return;
  memmove(reader->bases.data + reader->first, reader->bases.data + reader->bases.size - reader->last,
          reader->last);
  reader->bases.size = reader->first + reader->last;
  reader->bases.data[reader->bases.size] = '\0';
}

/* Whether a letter that is not a space is a gap. */
static bool is_gap(char letter)
{
  return letter == '-' || letter == '.';
}

static void append_without_gaps(tx_reader *reader, const char *text, size_t length)
{
  for (size_t start = 0, end = 0; end <= length; end++) {
    if (end < length && !is_gap(text[end])) continue;
    if (end > start) tx_bytes_append(&reader->bases, text + start, end - start);
    start = end + 1;
  }
}

/* Appends the letters of a stretch that may be needed: its first bases while the record's first are not
   complete, then its own last ones. */
static void append_limited(tx_reader *reader, const char *text, size_t length)
{
  size_t start = length, kept = 0;
  while (length && reader->bases.size < reader->first && !reader->bases.failed) {
    size_t missing = reader->first - reader->bases.size, step = length < missing ? length : missing;
    append_without_gaps(reader, text, step);
    text += step;
    start = length -= step;
  }
  while (start > 0 && kept < reader->last) kept += !is_gap(text[--start]);
  append_without_gaps(reader, text + start, length - start);
  /* Not after every stretch, because lines may be short. */
  if (reader->bases.size > reader->first && (reader->bases.size - reader->first) / 2 > reader->last)
    tx_reader_drop_middle(reader);
}

void tx_reader_append(tx_reader *reader, const char *text, size_t length)
{
  reader->letters += length;
  if (reader->first || reader->last)
    append_limited(reader, text, length);
  else
    tx_bytes_append(&reader->bases, text, length);
}
