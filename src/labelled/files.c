/* Opening the next file of labelled input, by its content. */
#include "labelled/source.h"

#include <string.h>

#include "seq/fastx.h"

/* Whether the file begins like BAM or CRAM. */
static tx_status looks_like_reads(tx_input *input, bool *ret_reads, tx_error *error)
{
  const char *data;
  size_t count;
  tx_status status = tx_input_peek(input, 1, &data, &count, error);
  *ret_reads = status == TX_OK && tx_reader_is_reads(data, count);
  if (!*ret_reads) return status;
  status = tx_input_peek(input, TX_READS_MAGIC, &data, &count, error);
  *ret_reads = count >= TX_READS_MAGIC && tx_reader_is_reads(data, count);
  return status;
}

/* Whether the file begins like sequences: BAM, CRAM, or FASTA or FASTQ after a byte order mark and white
   space. Without labels any text whose first line, as far as it is seen, has no tab, comma or semicolon
   counts as such. */
static tx_status looks_like_sequences(tx_input *input, bool unlabelled, bool *ret_sequences, tx_error *error)
{
  const char *data;
  size_t count;
  size_t at = 0, start;
  tx_status status = looks_like_reads(input, ret_sequences, error);
  if (!status && !*ret_sequences) status = tx_input_peek(input, 1, &data, &count, error);
  if (status || *ret_sequences) return status;
  if (count >= 3 && !memcmp(data, "\xEF\xBB\xBF", 3)) at = 3;
  while (at < count && strchr(" \t\r\n\v\f", data[at]) && data[at]) at++;
  *ret_sequences = at < count && (data[at] == '>' || data[at] == '@');
  if (!unlabelled || *ret_sequences) return TX_OK;
  start = at;
  while (at < count && !strchr(",;\t\r\n", data[at])) at++;
  *ret_sequences = at == count || !strchr(",;\t", data[at]) || !data[at] || at == start;
  return TX_OK;
}

tx_status tx_labelled_open_next(tx_labelled *labelled, bool ahead, tx_error *error)
{
  tx_input *input = labelled->waiting;
  bool sequences = labelled->format != TX_LABELLED_TABLE;
  tx_status status = TX_OK;
  labelled->waiting = NULL;
  tx_table_close(labelled->table);
  tx_reader_close(labelled->reader);
  labelled->table = NULL;
  labelled->reader = NULL;
  if (!input)
    status = tx_input_open(labelled->paths[labelled->path_next++], &labelled->options.hooks, &input, error);
  if (status) return status;
  if (labelled->format == TX_LABELLED_AUTO)
    status = looks_like_sequences(input, labelled->options.unlabelled, &sequences, error);
  if (status) {
    tx_input_close(input);
    return status;
  }
  if (ahead && !sequences) {
    labelled->waiting = input;
    return TX_OK;
  }
  return sequences ? tx_labelled_open_headers(labelled, input, error)
                   : tx_labelled_open_table(labelled, input, error);
}
