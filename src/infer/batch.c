#include "infer/batch.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Positions instead of pointers: the text may move while it grows. */
struct tx_batch_entry {
  size_t id_at, id_length;
  size_t comment_at, comment_length;
  size_t bases_at, base_count;
  uint64_t omitted, size;
  size_t file_at;
  uint64_t line, number;
  const void *tag;
};

/* Copies a text with its NUL to the end of the block, which has room. */
static size_t put_text(tx_batch *batch, const char *text, size_t length)
{
  size_t at = batch->text_size;
  if (length) memcpy(batch->text + at, text, length);
  batch->text[at + length] = '\0';
  batch->text_size += length + 1;
  return at;
}

static bool same_file(const tx_batch *batch, const char *file, size_t length)
{
  return batch->count && batch->file_length == length &&
         memcmp(batch->text + batch->file_at, file, length) == 0;
}

tx_status tx_batch_add(tx_batch *batch, const tx_record *record, size_t result_size, tx_error *error)
{
  const char *file = record->file ? record->file : "";
  size_t file_length = strlen(file), needed = batch->text_size + 4;
  tx_batch_entry *entry;
  bool fits = tx_add(needed, record->id_length, &needed) && tx_add(needed, record->comment_length, &needed) &&
              tx_add(needed, record->base_count, &needed) && tx_add(needed, file_length, &needed);
  if (!fits || !tx_reserve(&batch->text, &batch->text_capacity, needed, 1) ||
      !tx_reserve(&batch->entries, &batch->entry_capacity, batch->count + 1, sizeof *batch->entries) ||
      !tx_reserve(&batch->results, &batch->result_capacity, batch->count + 1, result_size))
    return tx_fail_at(error, TX_ERROR_MEMORY, file, record->line, record->number,
                      "out of memory for a record of %zu bases", record->base_count);
  entry = &batch->entries[batch->count];
  if (!same_file(batch, file, file_length)) {
    batch->file_at = put_text(batch, file, file_length);
    batch->file_length = file_length;
  }
  entry->file_at = batch->file_at;
  entry->id_at = put_text(batch, record->id, record->id_length);
  entry->id_length = record->id_length;
  entry->comment_at = put_text(batch, record->comment, record->comment_length);
  entry->comment_length = record->comment_length;
  entry->bases_at = put_text(batch, record->bases, record->base_count);
  entry->base_count = record->base_count;
  entry->omitted = record->omitted;
  entry->size = record->size ? record->size : 1;
  entry->line = record->line;
  entry->number = record->number;
  entry->tag = record->tag;
  batch->count++;
  return TX_OK;
}

size_t tx_batch_size(const tx_batch *batch, size_t result_size)
{
  return batch->text_size + batch->count * (result_size + sizeof *batch->entries);
}

size_t tx_batch_bases(const tx_batch *batch, size_t index)
{
  return batch->entries[index].base_count;
}

void tx_batch_record(const tx_batch *batch, size_t index, tx_record *ret_record)
{
  const tx_batch_entry *entry = &batch->entries[index];
  ret_record->id = batch->text + entry->id_at;
  ret_record->id_length = entry->id_length;
  ret_record->comment = batch->text + entry->comment_at;
  ret_record->comment_length = entry->comment_length;
  ret_record->bases = batch->text + entry->bases_at;
  ret_record->base_count = entry->base_count;
  ret_record->omitted = entry->omitted;
  ret_record->size = entry->size;
  ret_record->file = batch->text + entry->file_at;
  ret_record->line = entry->line;
  ret_record->number = entry->number;
  ret_record->tag = entry->tag;
}

void *tx_batch_result(const tx_batch *batch, size_t index, size_t result_size)
{
  return batch->results + index * result_size;
}

void tx_batch_clear(tx_batch *batch)
{
  batch->count = 0;
  batch->taken = 0;
  batch->finished = 0;
  batch->computed = SIZE_MAX;
  batch->done = false;
  batch->status = TX_OK;
  batch->text_size = 0;
}

void tx_batch_free(tx_batch *batch)
{
  free(batch->text);
  free(batch->entries);
  free(batch->results);
}
