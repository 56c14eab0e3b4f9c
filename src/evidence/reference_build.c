/* How a reference set is built from labelled records. */
#include "evidence/reference_set.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/wait.h"
#include "evidence/amplicons.h"
#include "evidence/calibration_records.h"
#include "evidence/input_files.h"
#include "evidence/notes.h"
#include "model/describe.h"
#include "taxon/spellings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/runtime.h>

enum { REPORTS_SHOWN = 10 };

typedef struct intake {
  tx_labelled *reader;
  const tx_reference_options *options;
  const char *ranks[TX_RANKS_MAX]; /* ranks of the set */
  int own_rank[TX_RANKS_MAX];      /* rank of the reader for each of them, -1 = none */
  size_t rank_count;
  tx_references_builder *builder;
  tx_amplicons *amplicons; /* NULL: records are taken whole */
  tx_input_files files;    /* that records were taken from */
  tx_names *others;        /* splits that are not read */
  uint64_t records, of_others;
} intake;

static void show(const intake *in, bool fitting)
{
  const tx_reference_hooks *hooks = &in->options->hooks;
  const tx_reference_progress progress = {in->records, fitting};
  if (hooks->progress) hooks->progress(hooks->context, &progress);
}

/* Reports the ranks that only the set or only the input has. */
static void note_ranks(const intake *in)
{
  for (size_t r = 0; r < in->rank_count; r++)
    if (in->own_rank[r] < 0)
      tx_hooks_note(&in->options->hooks, "the input has no rank %s: its records have no label there",
                    in->ranks[r]);
  for (size_t i = 0; i < tx_labelled_rank_count(in->reader); i++) {
    size_t r = 0;
    while (r < in->rank_count && in->own_rank[r] != (int)i) r++;
    if (r == in->rank_count)
      tx_hooks_note(&in->options->hooks, "rank %s of the input is left aside: the references have none",
                    tx_labelled_rank_name(in->reader, i));
  }
}

/* Sets the ranks: those of the set that is added to, else those of the reader. */
static tx_status settle_ranks(intake *in, tx_error *error)
{
  const tx_reference_set *base = in->options->opt_base;
  const size_t own = tx_labelled_rank_count(in->reader);
  bool any = false;
  in->rank_count = base ? base->references->ranks : own;
  for (size_t r = 0; r < in->rank_count; r++) {
    in->ranks[r] =
        base ? tx_taxonomy_rank_name(base->references->taxonomy, r) : tx_labelled_rank_name(in->reader, r);
    in->own_rank[r] = -1;
    for (size_t i = 0; i < own; i++)
      if (strcmp(in->ranks[r], tx_labelled_rank_name(in->reader, i)) == 0) in->own_rank[r] = (int)i;
    any = any || in->own_rank[r] >= 0;
  }
  if (!any)
    return tx_fail(error, TX_ERROR_DATA, "the input has no label%s%s",
                   base ? " at a rank of the references that it is added to"
                        : ": references need a table with ranks, FASTA with lineages, or a taxonomy file",
                   tx_labelled_hint(in->reader));
  note_ranks(in);
  return TX_OK;
}

static tx_status add(intake *in, const tx_reference_record *record, tx_error *error)
{
  return in->amplicons ? tx_amplicons_add(in->amplicons, record, in->builder, error)
                       : tx_references_builder_add(in->builder, record, error);
}

static tx_status take(intake *in, const tx_labelled_record *labelled, tx_error *error)
{
  const tx_record *record = &labelled->record;
  const char *usual = in->options->usual_split, *taxa[TX_RANKS_MAX];
  tx_status status;
  in->records++;
  if (usual && labelled->split && strcmp(usual, labelled->split) != 0) {
    in->of_others++;
    return tx_splits_add(in->others, labelled->split, error);
  }
  for (size_t r = 0; r < in->rank_count; r++)
    taxa[r] = in->own_rank[r] >= 0 ? labelled->taxa[in->own_rank[r]] : NULL;
  status = tx_input_files_add(&in->files, record->file, labelled->split, error);
  if (status != TX_OK) return status;
  return add(in,
             &(tx_reference_record){.id = record->id,
                                    .bases = record->bases,
                                    .base_count = record->base_count,
                                    .taxa = taxa,
                                    .file = tx_input_files_last(&in->files),
                                    .line = record->line},
             error);
}

static tx_status read_records(intake *in, tx_error *error)
{
  tx_labelled_record record;
  tx_status status = tx_names_create(&in->others, error);
  if (status == TX_OK) status = tx_references_builder_create(in->ranks, in->rank_count, &in->builder, error);
  if (status == TX_OK && in->options->opt_base)
    status = tx_references_builder_take(in->builder, in->options->opt_base->references,
                                        in->options->opt_base_name, error);
  if (status == TX_OK && in->options->opt_amplicon)
    status = tx_amplicons_create(in->options->opt_amplicon, in->ranks, in->rank_count, &in->amplicons, error);
  while (status == TX_OK && (status = tx_labelled_next(in->reader, &record, error)) == TX_OK) {
    status = take(in, &record, error);
    show(in, false);
    if (status == TX_OK && tx_is_stopped(in->options->hooks.stop))
      status = tx_fail(error, TX_STOPPED, "stopped");
  }
  if (status == TX_END) status = TX_OK;
  return status == TX_OK && in->options->hooks.check
             ? in->options->hooks.check(in->options->hooks.context, error)
             : status;
}

static tx_status make_pool(const intake *in, tx_pool **ret_pool, tx_error *error)
{
  return tx_pool_create(in->options->threads ? in->options->threads : tx_processors(), ret_pool, error);
}

/* Cuts the records that the primers alone do not cut, and reports how all became amplicons. */
static tx_status finish_amplicons(const intake *in, tx_error *error)
{
  tx_amplicon_counts counts;
  char text[TX_MESSAGE_SIZE / 2];
  tx_pool *pool = NULL;
  tx_status status = in->amplicons ? make_pool(in, &pool, error) : TX_OK;
  if (!pool) return status;
  status = tx_amplicons_finish(in->amplicons, in->builder, pool, in->options->hooks.stop, error);
  tx_pool_free(pool);
  counts = tx_amplicons_counts(in->amplicons);
  tx_amplicon_counts_describe(&counts, true, text, sizeof text);
  if (status == TX_OK) tx_hooks_note(&in->options->hooks, "%s", text);
  return status;
}

/* Fails because there is no reference; the message counts the records by the reason why they are left out. */
static tx_status fail_empty(const intake *in, tx_error *error)
{
  uint64_t too_short, unlabelled;
  char splits[400] = "", sites[80] = "";
  size_t used = 0;
  tx_references_builder_left_out(in->builder, &too_short, &unlabelled);
  for (size_t i = 0; i < tx_names_count(in->others) && used < sizeof splits; i++)
    used += (size_t)snprintf(splits + used, sizeof splits - used, "%s'%s'", i ? ", " : "",
                             tx_names_key(in->others, (uint32_t)i, NULL));
  if (in->amplicons)
    snprintf(sites, sizeof sites, ", %" PRIu64 " have no site of the primers",
             tx_amplicons_counts(in->amplicons).left_out);
  return tx_fail(error, TX_ERROR_DATA,
                 "no reference in the input: of %" PRIu64 " records %" PRIu64
                 " have no label at any rank, %" PRIu64
                 " are too short (fewer than %d certain bases)%s%s%s%s%s",
                 in->records, unlabelled, too_short, TX_REFERENCE_MIN, sites,
                 in->of_others ? " and the rest are of other splits (" : "", splits,
                 in->of_others ? "); choose with --split" : "",
                 unlabelled == in->records ? tx_labelled_hint(in->reader) : "");
}

/* Reports how many records became how many references. A barcode with several lineages is several references;
   its labels contradict each other unless they only differ in the ranks that they have. */
static void note_dereplication(const intake *in, const tx_references *references)
{
  size_t distinct;
  const size_t conflicts = tx_references_conflicts(references, &distinct);
  tx_hooks_note(&in->options->hooks,
                "dereplicated: %" PRIu64
                " records, %zu distinct barcodes, %zu references; barcodes with contradicting labels: %zu%s",
                references->records, distinct, references->count, conflicts, conflicts ? ", all kept" : "");
}

/* Notes on the names of the references. */
static tx_status note_names(const intake *in, const tx_references *references, tx_error *error)
{
  char text[TX_MESSAGE_SIZE / 2];
  uint64_t records = 0;
  tx_status status = TX_OK;
  for (size_t r = 0; status == TX_OK && r < references->ranks; r++) {
    status = tx_spellings_describe(references->taxonomy, r, text, sizeof text, error);
    if (status == TX_OK && text[0]) tx_hooks_note(&in->options->hooks, "%s", text);
  }
  for (size_t i = 0; i < references->count; i++)
    if (tx_references_lineage(references, i)[references->ranks - 1] >= 0)
      records += references->references[i].records;
  tx_own_names_describe(references->taxonomy, records, text, sizeof text);
  if (text[0]) tx_hooks_note(&in->options->hooks, "warning: %s", text);
  return status;
}

/* Reports the records that were left out and the labels that contradict each other. */
static tx_status send_notes(const intake *in, const tx_references *references, tx_error *error)
{
  const size_t reports = tx_references_builder_report_count(in->builder);
  const char *placeholder;
  const uint64_t placeholders = tx_labelled_placeholders(in->reader, &placeholder);
  uint64_t too_short, unlabelled;
  tx_references_builder_left_out(in->builder, &too_short, &unlabelled);
  tx_hooks_note(&in->options->hooks,
                "read %" PRIu64 " records: %" PRIu64 " of other splits, %" PRIu64 " too short, %" PRIu64
                " without any label",
                in->records, in->of_others, too_short, unlabelled);
  note_dereplication(in, references);
  if (placeholders)
    tx_hooks_note(&in->options->hooks, "%" PRIu64 " names stand for no label, the first is '%s'",
                  placeholders, placeholder);
  for (size_t r = 0; r < in->rank_count; r++) {
    size_t i = 0;
    while (i < references->ranks && strcmp(tx_taxonomy_rank_name(references->taxonomy, i), in->ranks[r]) != 0)
      i++;
    if (i == references->ranks)
      tx_hooks_note(&in->options->hooks, "rank %s has no label among the references and is left out",
                    in->ranks[r]);
  }
  for (size_t i = 0; i < reports && i < REPORTS_SHOWN; i++)
    tx_hooks_note(&in->options->hooks, "%s", tx_references_builder_report(in->builder, i));
  if (reports > REPORTS_SHOWN)
    tx_hooks_note(&in->options->hooks, "... and %zu more notes on the taxonomy", reports - REPORTS_SHOWN);
  return note_names(in, references, error);
}

static tx_status fit(const intake *in, tx_reference_set *set, tx_error *error)
{
  tx_pool *pool = NULL;
  tx_status status = make_pool(in, &pool, error);
  show(in, true);
  if (status == TX_OK)
    status =
        tx_evidence_fit(&set->space, pool, in->options->seed, in->options->hooks.stop, &set->fitted, error);
  tx_pool_free(pool);
  return status;
}

/* Whether an entry of the provenance tells what the weights were fitted with. */
static bool is_of_weights(const char *key)
{
  return strcmp(key, "seed") == 0 || strcmp(key, "fitted_references") == 0 || tx_is_calibration_entry(key);
}

/* Appends the version, the files with their records, and the origin of the weights; nothing that differs
   between two equal runs. `opt_old`: provenance of the set that was added to. */
static void append_provenance(const intake *in, const tx_reference_set *set, const tx_json *opt_old,
                              bool fitted, tx_bytes *out)
{
  const tx_json *inputs = opt_old ? tx_json_get(opt_old, "inputs") : NULL;
  bool first = true;
  tx_bytes_printf(out, "{\"version\":\"%s\",\"inputs\":[", tx_version());
  for (const tx_json *item = inputs ? tx_json_first(inputs) : NULL; item; item = tx_json_next(item)) {
    if (!first) tx_bytes_text(out, ",");
    tx_describe_json(out, item);
    first = false;
  }
  if (!first && in->files.count) tx_bytes_text(out, ",");
  tx_input_files_describe(&in->files, in->options->opt_amplicon, out);
  tx_bytes_text(out, "]");
  if (fitted) {
    tx_bytes_printf(out, ",\"seed\":%" PRIu64 ",\"fitted_references\":%zu}", in->options->seed,
                    set->references->count);
    return;
  }
  for (const tx_json *item = tx_json_first(opt_old); item; item = tx_json_next(item)) {
    const char *key = tx_json_key(item);
    if (!is_of_weights(key)) continue;
    tx_bytes_printf(out, ",\"%s\":", key);
    tx_describe_json(out, item);
  }
  tx_bytes_text(out, "}");
}

static tx_status write_provenance(const intake *in, tx_reference_set *set, bool fitted, tx_error *error)
{
  const tx_reference_set *base = in->options->opt_base;
  const char *text = base && base->provenance ? base->provenance : "{}";
  tx_json *old = NULL;
  tx_bytes out = {0};
  tx_status status = tx_json_parse(text, strlen(text), "the provenance", &old, error);
  if (status != TX_OK) return status;
  append_provenance(in, set, old, fitted, &out);
  tx_json_free(old);
  if (out.failed) {
    tx_bytes_free(&out);
    return tx_fail_memory(error, "the provenance");
  }
  set->provenance = out.data;
  return TX_OK;
}

/* Takes the weights of the set that was added to if they are for the same kinds of outcomes; fits them
   otherwise. */
static tx_status add_weights(const intake *in, tx_reference_set *set, tx_error *error)
{
  const tx_reference_set *base = in->options->opt_base;
  const bool kept = base && base->space.kinds == set->space.kinds;
  tx_status status = TX_OK;
  if (kept) {
    set->fitted = base->fitted;
  } else {
    if (base)
      tx_hooks_note(&in->options->hooks,
                    "other ranks can be told apart than before: the weights are fitted anew");
    status = fit(in, set, error);
  }
  return status == TX_OK ? write_provenance(in, set, !kept, error) : status;
}

static void clear(intake *in)
{
  tx_input_files_clear(&in->files);
  tx_names_free(in->others);
  tx_references_builder_free(in->builder);
  tx_amplicons_free(in->amplicons);
}

tx_status tx_reference_set_build(tx_labelled *reader, const tx_reference_options *options,
                                 tx_reference_set **ret_set, tx_error *error)
{
  intake in = {.reader = reader, .options = options};
  const uint64_t old_records = options->opt_base ? options->opt_base->references->records : 0;
  tx_references *references = NULL;
  tx_reference_set *set = NULL;
  tx_status status = settle_ranks(&in, error);
  *ret_set = NULL;
  if (status == TX_OK) status = read_records(&in, error);
  if (status == TX_OK) status = finish_amplicons(&in, error);
  if (status == TX_OK && tx_references_builder_count(in.builder) == old_records)
    status = fail_empty(&in, error);
  if (status == TX_OK) status = tx_references_builder_finish(in.builder, &references, error);
  if (status == TX_OK) {
    status = send_notes(&in, references, error);
    if (status == TX_OK)
      status = tx_reference_set_create(references, &set, error);
    else
      tx_references_free(references);
  }
  if (status == TX_OK) status = add_weights(&in, set, error);
  clear(&in);
  if (status == TX_OK)
    *ret_set = set;
  else
    tx_reference_set_free(set);
  return status;
}
