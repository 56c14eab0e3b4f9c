#include "truth.h"

#include <stdlib.h>
#include <string.h>

enum { SEPARATOR = 0x1f }; /* ASCII's unit separator stands in no name */

#define FIELD(name) offsetof(tx_truth_options, name)

const tx_param *tx_truth_params(size_t *ret_count)
{
  static const tx_param params[] = {
      {"ranks", 0, TX_PARAM_TEXT, FIELD(ranks), 0, 0, "", "LIST", "Data",
       "Ranks to score, separated by commas, top first. Default: those that both sides have."},
      TX_LABELLED_PARAMS(tx_truth_options),
  };
  *ret_count = sizeof params / sizeof *params;
  return params;
}

tx_status tx_truth_open(const tx_truth_input *input, const tx_truth_options *options, tx_truth *ret_truth,
                        tx_error *error)
{
  tx_labelled_options labelled = {
      .format = (tx_labelled_format)options->format,
      .ranks = options->ranks,
      .split = input->split,
      .taxonomy_file = options->taxonomy_file,
      .id_column = options->id_column,
      .sequence_column = options->sequence_column,
      .split_column = options->split_column,
      .hooks = input->hooks,
  };
  memset(ret_truth, 0, sizeof *ret_truth);
  ret_truth->usual_split = input->split[0] ? NULL : input->usual_split;
  return tx_labelled_open(input->paths, input->count, &labelled, &ret_truth->reader, error);
}

static void list(char *text, size_t size, const char *const *names, size_t count)
{
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < count && used < size; i++)
    used += (size_t)snprintf(text + used, size - used, i ? ", %s" : "%s", names[i]);
}

tx_status tx_truth_match(tx_truth *truth, const tx_truth_options *options, const char *const *other_ranks,
                         size_t other_count, const char *what, tx_error *error)
{
  const char *names[TX_RANKS_MAX];
  char own_list[300], other_list[300];
  size_t count = tx_labelled_rank_count(truth->reader);
  truth->rank_count = 0;
  list(other_list, sizeof other_list, other_ranks, other_count);
  for (size_t r = 0; r < count && r < TX_RANKS_MAX; r++) {
    size_t other = 0;
    names[r] = tx_labelled_rank_name(truth->reader, r);
    while (other < other_count && strcmp(other_ranks[other], names[r]) != 0) other++;
    if (other < other_count) {
      truth->ranks[truth->rank_count] = names[r];
      truth->own[truth->rank_count] = r;
      truth->other[truth->rank_count++] = other;
    } else if (options->ranks[0]) {
      return tx_cli_fail(error, TX_ERROR_USAGE, "--ranks: %s no rank '%s'; there are %s", what, names[r],
                         other_list);
    }
  }
  if (truth->rank_count) return TX_OK;
  list(own_list, sizeof own_list, names, count);
  return tx_cli_fail(error, TX_ERROR_DATA, "no rank to score: the labels have %s; %s %s",
                     own_list[0] ? own_list : "no rank", what, other_list[0] ? other_list : "none");
}

tx_status tx_truth_next(tx_truth *truth, tx_labelled_record *record, tx_error *error)
{
  for (;;) {
    tx_status status = tx_labelled_next(truth->reader, record, error);
    if (status == TX_OK && truth->needs_split && !record->split)
      return tx_cli_fail(error, TX_ERROR_USAGE,
                         "%s: --neighbours needs --reference FILE: there is no split column that tells "
                         "references from queries",
                         record->record.file);
    if (status != TX_OK || !truth->usual_split || !record->split ||
        strcmp(record->split, truth->usual_split) == 0)
      return status;
  }
}

/* Joins the taxa of the record into truth->comment. */
static tx_status pack(tx_truth *truth, const tx_labelled_record *record, tx_error *error)
{
  size_t size = 1;
  char *at;
  for (size_t e = 0; e < truth->rank_count; e++)
    size += 1 + (record->taxa[truth->own[e]] ? strlen(record->taxa[truth->own[e]]) : 0);
  if (size > truth->comment_size) {
    char *comment = realloc(truth->comment, size * 2);
    if (!comment) return tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for the labels");
    truth->comment = comment;
    truth->comment_size = size * 2;
  }
  at = truth->comment;
  for (size_t e = 0; e < truth->rank_count; e++) {
    const char *name = record->taxa[truth->own[e]];
    if (name)
      for (; *name; name++) *at++ = *name == SEPARATOR ? '?' : *name;
    *at++ = SEPARATOR;
  }
  *at = '\0';
  return TX_OK;
}

tx_status tx_truth_source(void *context, tx_record *record, tx_error *error)
{
  tx_truth *truth = context;
  tx_labelled_record labelled;
  for (;;) {
    tx_status status = tx_truth_next(truth, &labelled, error);
    if (status != TX_OK) return status;
    if (labelled.record.base_count) break;
    truth->without_bases++;
  }
  tx_status status = pack(truth, &labelled, error);
  if (status != TX_OK) return status;
  truth->records++;
  *record = labelled.record;
  record->comment = truth->comment;
  record->comment_length = strlen(truth->comment);
  return TX_OK;
}

tx_status tx_truth_unpack(const tx_record *record, size_t rank_count, tx_truth_buffer *buffer,
                          const char **taxa, tx_error *error)
{
  size_t size = strlen(record->comment) + 1;
  char *at;
  if (size > buffer->size) {
    char *text = realloc(buffer->text, size * 2);
    if (!text) return tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for the labels");
    buffer->text = text;
    buffer->size = size * 2;
  }
  memcpy(buffer->text, record->comment, size);
  at = buffer->text;
  for (size_t e = 0; e < rank_count; e++) {
    char *end = strchr(at, SEPARATOR);
    taxa[e] = end && end > at ? at : NULL;
    if (!end) continue;
    *end = '\0';
    at = end + 1;
  }
  return TX_OK;
}

void tx_truth_close(tx_truth *truth)
{
  tx_labelled_close(truth->reader);
  free(truth->comment);
  memset(truth, 0, sizeof *truth);
}
