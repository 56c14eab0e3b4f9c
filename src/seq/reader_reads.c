/* The sequence reader on BAM and CRAM. */
#include "seq/reader.h"

#include "base/error.h"
#include "seq/fastx.h"
#include "seq/header.h"

#include <inttypes.h>
#include <stdio.h>

tx_status tx_reader_open_reads(tx_reader *reader, tx_error *error)
{
  reader->left_out = 0;
  return tx_reads_open(&reader->scanner, reader->file, &reader->reads, error);
}

/* The next read that is not another alignment of a read that stands elsewhere in the file. */
static tx_status find_read(tx_reader *reader, tx_read *read, tx_error *error)
{
  for (;;) {
    const tx_status status = tx_reads_next(reader->reads, read, error);
    if (status != TX_OK) return status;
    reader->number++;
    if (!(read->flags & (TX_READ_SECONDARY | TX_READ_SUPPLEMENTARY))) return TX_OK;
    reader->left_out++;
  }
}

static void warn_left_out(tx_reader *reader)
{
  char text[120];
  if (!reader->left_out) return;
  snprintf(text, sizeof text, "%" PRIu64 " secondary and supplementary alignments were left out",
           reader->left_out);
  tx_input_warn(reader->scanner.input, text);
}

/* The name is the id; the two reads of a pair get /1 and /2, as from samtools fastq. */
static tx_status put_header(tx_reader *reader, const tx_read *read, tx_error *error)
{
  const unsigned mate = read->flags & (TX_READ_FIRST | TX_READ_LAST);
  tx_bytes_append(&reader->header, read->name, read->name_length);
  if (read->flags & TX_READ_PAIRED && mate == TX_READ_FIRST) tx_bytes_text(&reader->header, "/1");
  if (read->flags & TX_READ_PAIRED && mate == TX_READ_LAST) tx_bytes_text(&reader->header, "/2");
  if (reader->header.failed) return tx_fail_memory(error, "the name of a read");
  (void)tx_header_split(reader->header.data, reader->header.size, &reader->ids, &reader->record);
  return TX_OK;
}

static void reverse_complement(char *letters, size_t count)
{
  for (size_t i = 0, j = count; i < j; i++) {
    const char first = letters[i], last = letters[--j];
    letters[i] = tx_bases_set_letter(tx_bases_set_complement(tx_bases_set(last)));
    letters[j] = tx_bases_set_letter(tx_bases_set_complement(tx_bases_set(first)));
  }
}

static tx_status read_bases(tx_reader *reader, tx_error *error)
{
  size_t count;
  do {
    const char *bases;
    const tx_status status = tx_reads_bases(reader->reads, &bases, &count, error);
    if (status != TX_OK) return status;
    tx_reader_append(reader, bases, count);
    if (reader->bases.failed) return tx_fail_memory(error, "a sequence");
  } while (count);
  tx_reader_drop_middle(reader);
  return TX_OK;
}

/* A read that is aligned in reverse is stored as its reverse complement: its last bases are first. */
static tx_status read_reversed(tx_reader *reader, tx_error *error)
{
  const size_t first = reader->first, last = reader->last;
  tx_status status;
  reader->first = last;
  reader->last = first;
  status = read_bases(reader, error);
  reader->first = first;
  reader->last = last;
  reverse_complement(reader->bases.data, reader->bases.size);
  return status;
}

tx_status tx_reader_next_read(tx_reader *reader, tx_error *error)
{
  tx_read read;
  tx_status status = find_read(reader, &read, error);
  if (status == TX_END) warn_left_out(reader);
  if (status != TX_OK) return status;
  tx_reader_begin_record(reader);
  status = put_header(reader, &read, error);
  if (status != TX_OK) return status;
  return read.flags & TX_READ_REVERSE ? read_reversed(reader, error) : read_bases(reader, error);
}
