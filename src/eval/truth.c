#include "eval/truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

tx_status tx_truth_open(const tx_truth_input *input, tx_truth **ret_truth, tx_error *error)
{
  const tx_labelled_options *labelled = &input->labelled;
  tx_truth *truth = calloc(1, sizeof *truth);
  tx_status status;
  *ret_truth = NULL;
  if (!truth) return tx_fail_memory(error, "the labels");
  truth->usual_split = labelled->split && labelled->split[0] ? NULL : input->usual_split;
  truth->ranks_asked = labelled->ranks && labelled->ranks[0];
  status = tx_names_create(&truth->lineages, error);
  if (status == TX_OK) status = tx_record_cutter_create(&input->cut, &truth->cutter, error);
  if (status == TX_OK) status = tx_labelled_open(input->paths, input->count, labelled, &truth->reader, error);
  if (status == TX_OK)
    *ret_truth = truth;
  else
    tx_truth_close(truth);
  return status;
}

void tx_truth_close(tx_truth *truth)
{
  if (!truth) return;
  tx_labelled_close(truth->reader);
  tx_record_cutter_free(truth->cutter);
  for (size_t i = 0; truth->lineages && i < tx_names_count(truth->lineages); i++) free(truth->taxa[i]);
  free(truth->taxa);
  tx_names_free(truth->lineages);
  tx_bytes_free(&truth->key);
  free(truth);
}

static void list(char *text, size_t size, const char *const *names, size_t count)
{
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < count && used < size; i++)
    used += (size_t)snprintf(text + used, size - used, i ? ", %s" : "%s", names[i]);
}

tx_status tx_truth_match(tx_truth *truth, const char *const *other_ranks, size_t other_count,
                         const char *what, tx_error *error)
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
    } else if (truth->ranks_asked) {
      return tx_fail(error, TX_ERROR_USAGE, "--ranks: %s no rank '%s'; there are %s", what, names[r],
                     other_list);
    }
  }
  if (truth->rank_count) return TX_OK;
  list(own_list, sizeof own_list, names, count);
  return tx_fail(error, TX_ERROR_DATA, "no rank to score: the labels have %s; %s %s%s",
                 own_list[0] ? own_list : "no rank", what, other_list[0] ? other_list : "none",
                 tx_labelled_hint(truth->reader));
}

/* Orders the ranks like the other side, all of whose ranks are evaluated. */
static void follow(tx_truth *truth)
{
  size_t own[TX_RANKS_MAX];
  for (size_t e = 0; e < truth->rank_count; e++) own[truth->other[e]] = truth->own[e];
  for (size_t e = 0; e < truth->rank_count; e++) {
    truth->own[e] = own[e];
    truth->other[e] = e;
    truth->ranks[e] = tx_labelled_rank_name(truth->reader, own[e]);
  }
}

tx_status tx_truth_pair(tx_truth *queries, tx_truth *references, bool same_input, tx_error *error)
{
  const char *ranks[TX_RANKS_MAX];
  const size_t count = tx_labelled_rank_count(references->reader);
  tx_status status;
  queries->needs_split = references->needs_split = same_input;
  for (size_t r = 0; r < count; r++) ranks[r] = tx_labelled_rank_name(references->reader, r);
  status = tx_truth_match(queries, ranks, count, "the references have", error);
  if (status == TX_OK)
    status = tx_truth_match(references, queries->ranks, queries->rank_count, "the queries have", error);
  if (status == TX_OK) follow(references);
  return status;
}

size_t tx_truth_rank_count(const tx_truth *truth)
{
  return truth->rank_count;
}

const char *const *tx_truth_ranks(const tx_truth *truth)
{
  return truth->ranks;
}

bool tx_truth_has_split(const tx_truth *truth)
{
  return tx_labelled_has_split(truth->reader);
}

bool tx_truth_has_table(const tx_truth *truth)
{
  return tx_labelled_has_table(truth->reader);
}

uint64_t tx_truth_without_bases(const tx_truth *truth)
{
  return truth->without_bases;
}

void tx_truth_describe_cuts(const tx_truth *truth, char *text, size_t size)
{
  tx_record_cutter_describe(truth->cutter, text, size);
}

tx_status tx_truth_next(tx_truth *truth, tx_labelled_record *record, tx_error *error)
{
  const char *taxa[TX_RANKS_MAX] = {NULL};
  for (;;) {
    tx_status status = tx_labelled_next(truth->reader, record, error);
    if (status != TX_OK) return status;
    if (truth->needs_split && !record->split)
      return tx_fail(error, TX_ERROR_USAGE,
                     "%s: --neighbours needs --reference FILE: there is no split column that tells "
                     "references from queries",
                     record->record.file);
    if (!truth->usual_split || !record->split || strcmp(record->split, truth->usual_split) == 0) break;
  }
  for (size_t e = 0; e < truth->rank_count; e++) taxa[e] = record->taxa[truth->own[e]];
  memcpy(record->taxa, taxa, sizeof taxa);
  return TX_OK;
}

/* Points to the names of a new lineage, within its key. */
static const char **cut_key(const char *key, size_t rank_count)
{
  const char **taxa = calloc(rank_count + 1, sizeof *taxa);
  for (size_t e = 0; taxa && e < rank_count; e++) {
    taxa[e] = *key ? key : NULL;
    key += strlen(key) + 1;
  }
  return taxa;
}

/* Finds the taxa of a record in memory that does not move: those of the first record with this lineage. */
static tx_status intern(tx_truth *truth, const char *const *taxa, const char *const **ret_taxa,
                        tx_error *error)
{
  const size_t known = tx_names_count(truth->lineages);
  uint32_t number = 0;
  tx_status status;
  tx_bytes_clear(&truth->key);
  for (size_t e = 0; e < truth->rank_count; e++) {
    const char *name = taxa[e] ? taxa[e] : "";
    tx_bytes_append(&truth->key, name, strlen(name) + 1);
  }
  if (truth->key.failed || !tx_reserve(&truth->taxa, &truth->taxa_capacity, known + 1, sizeof *truth->taxa))
    return tx_fail_memory(error, "the labels");
  status = tx_names_add(truth->lineages, truth->key.data, truth->key.size, &number, error);
  if (status != TX_OK) return status;
  if (number == known) {
    truth->taxa[number] = cut_key(tx_names_key(truth->lineages, number, NULL), truth->rank_count);
    if (!truth->taxa[number]) return tx_fail_memory(error, "the labels");
  }
  *ret_taxa = truth->taxa[number];
  return TX_OK;
}

tx_status tx_truth_read(tx_truth *truth, tx_labelled_record *record, tx_error *error)
{
  bool left = false;
  while (!left) {
    tx_status status = tx_truth_next(truth, record, error);
    if (status != TX_OK) return status;
    truth->without_bases += record->record.base_count == 0;
    if (record->record.base_count == 0) continue;
    status = tx_record_cutter_cut(truth->cutter, &record->record, &left, error);
    if (status != TX_OK) return status;
  }
  return TX_OK;
}

tx_status tx_truth_source(void *context, tx_record *record, tx_error *error)
{
  tx_truth *truth = context;
  tx_labelled_record labelled;
  const char *const *taxa = NULL;
  tx_status status = tx_truth_read(truth, &labelled, error);
  if (status != TX_OK) return status;
  status = intern(truth, labelled.taxa, &taxa, error);
  *record = labelled.record;
  record->tag = taxa;
  return status;
}
