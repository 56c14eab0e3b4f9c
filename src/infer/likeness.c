/* What is unlike the barcodes of a model, fitted anew on labelled barcodes. */
#include <taxamba/calibrate.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/wait.h"
#include "evidence/notes.h"
#include "evidence/unlike.h"
#include "seq/bases.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The records that were read. */
typedef struct intake {
  uint8_t *codes; /* of all records */
  size_t size, capacity;
  size_t *ends; /* (count) */
  size_t end_capacity, count, longest;
  int32_t *labels; /* (count, ranks) a name, -1: none */
  size_t label_capacity;
  tx_names *names[TX_RANKS_MAX];
  size_t ranks, rank;
  uint64_t others;
} intake;

static tx_status keep(intake *in, const tx_labelled_record *labelled, tx_error *error)
{
  const tx_record *record = &labelled->record;
  size_t count;
  if (!tx_reserve(&in->codes, &in->capacity, in->size + record->base_count + 1, 1) ||
      !tx_reserve(&in->ends, &in->end_capacity, in->count + 1, sizeof *in->ends) ||
      !tx_reserve(&in->labels, &in->label_capacity, (in->count + 1) * in->ranks + 1, sizeof *in->labels))
    return tx_fail_memory(error, "the records");
  count = tx_bases_encode_first(record->bases, record->base_count, 0, in->codes + in->size);
  count = tx_bases_trim(in->codes + in->size, count, 0);
  for (size_t r = 0; r < in->ranks; r++) {
    uint32_t name = 0;
    tx_status status;
    in->labels[in->count * in->ranks + r] = -1;
    if (!labelled->taxa[r]) continue;
    status = tx_names_add_spaced(in->names[r], labelled->taxa[r], &name, error);
    if (status != TX_OK) return status;
    in->labels[in->count * in->ranks + r] = (int32_t)name;
  }
  in->size += count;
  in->ends[in->count++] = in->size;
  if (count > in->longest) in->longest = count;
  return TX_OK;
}

static tx_status read_records(intake *in, tx_labelled *reader, const tx_calibrate_options *options,
                              tx_error *error)
{
  const tx_reference_hooks *hooks = &options->hooks;
  tx_labelled_record record;
  tx_status status = TX_OK;
  uint64_t read = 0;
  in->ranks = tx_labelled_rank_count(reader);
  for (size_t r = 0; r < in->ranks && status == TX_OK; r++) status = tx_names_create(&in->names[r], error);
  while (status == TX_OK && (status = tx_labelled_next(reader, &record, error)) == TX_OK) {
    read++;
    if (options->usual_split && record.split && strcmp(options->usual_split, record.split) != 0)
      in->others++;
    else
      status = keep(in, &record, error);
    if (hooks->progress) hooks->progress(hooks->context, &(tx_reference_progress){read, false});
    if (status == TX_OK && tx_is_stopped(hooks->stop)) status = tx_fail(error, TX_STOPPED, "stopped");
  }
  if (status == TX_END) status = TX_OK;
  return status == TX_OK && hooks->check ? hooks->check(hooks->context, error) : status;
}

static size_t read_codes(void *context, size_t number, uint8_t *codes, uint64_t *ret_group)
{
  const intake *in = context;
  const size_t begin = number ? in->ends[number - 1] : 0, count = in->ends[number] - begin;
  *ret_group = 0;
  for (size_t r = in->rank; r < in->ranks && *ret_group == 0; r++) {
    const int32_t label = in->labels[number * in->ranks + r];
    if (label >= 0)
      *ret_group = tx_likeness_group(r, tx_names_key(in->names[r], (uint32_t)label, NULL));
  }
  memcpy(codes, in->codes + begin, count);
  return count;
}

static tx_status fit(intake *in, const tx_calibrate_options *options, tx_unlike *unlike, tx_error *error)
{
  const tx_likeness_source source = {in->count, in->longest, in, read_codes};
  tx_status status;
  while (in->rank + 1 < in->ranks && tx_names_count(in->names[in->rank]) < TX_LIKENESS_TAXA) in->rank++;
  if (in->others)
    tx_hooks_note(&options->hooks, "%" PRIu64 " records are of another split than %s: not read", in->others,
                  options->usual_split);
  status = tx_likeness_fit(&source, unlike->scores, &unlike->likeness, error);
  if (status == TX_OK && !unlike->likeness.scores)
    return tx_fail(error, TX_ERROR_DATA,
                   "%zu records with a label are not enough to tell what is unlike them: %d are needed",
                   in->count, TX_LIKENESS_RECORDS);
  return status;
}

tx_status tx_unlike_create(tx_labelled *reader, const tx_calibrate_options *options, tx_unlike **ret_unlike,
                           tx_unlike_report *ret_report, tx_error *error)
{
  intake in = {0};
  tx_unlike *unlike = calloc(1, sizeof *unlike);
  tx_status status =
      unlike ? read_records(&in, reader, options, error) : tx_fail_memory(error, "the records");
  if (status == TX_OK) status = fit(&in, options, unlike, error);
  if (status == TX_OK) {
    memset(ret_report, 0, sizeof *ret_report);
    ret_report->records = in.count;
    ret_report->taxa = in.ranks ? tx_names_count(in.names[in.rank]) : 0;
    ret_report->length_count = unlike->likeness.lengths;
    memcpy(ret_report->bases, unlike->likeness.length, sizeof unlike->likeness.length);
    memcpy(ret_report->thresholds, unlike->likeness.threshold, sizeof unlike->likeness.threshold);
    *ret_unlike = unlike;
  } else {
    free(unlike);
  }
  for (size_t r = 0; r < in.ranks; r++) tx_names_free(in.names[r]);
  free(in.codes);
  free(in.ends);
  free(in.labels);
  return status;
}

void tx_unlike_free(tx_unlike *unlike)
{
  free(unlike);
}
