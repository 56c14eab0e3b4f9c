/* Figures of classified samples. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/figures.h"
#include "report/scale.h"
#include "report/tally.h"

enum { STACKED = 9, LOOK = 20, BINS = 30 };

bool tx_needs_sample(const tx_result_report *report)
{
  return tx_report_has_calls(report, false);
}

/* Goes through the records of all samples. */
typedef struct records {
  const tx_result_report *report;
  const tx_report_calls *calls; /* of the current one */
  const tx_report_row *row;
  size_t file, at;
} records;

static bool next_record(records *r)
{
  const tx_result_report *report = r->report;
  while (r->file < report->calls_count) {
    r->calls = &report->calls[r->file];
    if (!r->calls->scored && r->at < r->calls->row_count) {
      r->row = &r->calls->rows[r->at++];
      return true;
    }
    r->file++;
    r->at = 0;
  }
  return false;
}

/* The ranks of samples: those of the file that has most. */
static const tx_report_calls *ranks_of(const tx_result_report *report)
{
  const tx_report_calls *most = NULL;
  for (size_t i = 0; i < report->calls_count; i++)
    if (!report->calls[i].scored && (!most || report->calls[i].rank_count > most->rank_count))
      most = &report->calls[i];
  return most;
}

const tx_column tx_unlike_columns[8] = {{"sample", -1},        {"records", 0},        {"reads", 0},
                                        {"unlike_records", 0}, {"unlike_reads", 0},   {"unlike_share", 4},
                                        {"no_name_share", 4},  {"has_references", -1}};

static void put_unlike(const char *name, const double sums[5], bool judged, tx_numbers *numbers)
{
  tx_numbers_text(numbers, name);
  for (size_t i = 0; i < 4; i++) tx_numbers_put(numbers, sums[i]);
  tx_numbers_put(numbers, sums[3] / sums[1]);
  tx_numbers_put(numbers, sums[4] / sums[1]);
  tx_numbers_text(numbers, judged ? "yes" : "no");
}

/* Sums per sample, and of all: records, reads, those of the status unlike, reads without a name. */
tx_status tx_collect_unlike(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  const size_t samples = tx_samples_count(report->samples);
  double(*sums)[5] = calloc(samples + 1, sizeof *sums);
  records r = {.report = report};
  bool judged = false;
  if (!sums) return tx_fail_memory(error, "the sums of samples");
  while (next_record(&r)) {
    const bool unlike = r.row->status == TX_RECORD_UNLIKE;
    const size_t to[] = {0, r.row->sample + 1};
    judged = judged || r.calls->has_references || unlike;
    for (size_t i = 0; i < 2; i++) {
      sums[to[i]][0]++;
      sums[to[i]][1] += r.row->reads;
      sums[to[i]][2] += unlike;
      sums[to[i]][3] += unlike ? r.row->reads : 0;
      sums[to[i]][4] += r.row->count ? 0 : r.row->reads;
    }
  }
  if (sums[0][0] > 0) put_unlike("all samples", sums[0], judged, numbers);
  for (size_t s = 0; s < samples && samples > 1; s++)
    if (sums[s + 1][0] > 0) put_unlike(tx_samples_names(report->samples)[s], sums[s + 1], judged, numbers);
  free(sums);
  return TX_OK;
}

const tx_column tx_composition_columns[4] = {{"sample", -1}, {"taxon", -1}, {"reads", 0}, {"share", 4}};

/* Reads per taxon of the rank that is shown, all samples together; the largest first. */
static tx_status tally_taxa(const tx_result_report *report, size_t rank, const tx_report_calls *like,
                            tx_tally *tally, tx_error *error)
{
  records r = {.report = report};
  while (next_record(&r)) {
    const int place = tx_report_find_rank(r.calls->ranks, r.calls->rank_count, like->ranks[rank]);
    const tx_report_call *call = place >= 0 ? tx_report_call_at(r.calls, r.row, (size_t)place) : NULL;
    tx_tally_sums *sums;
    if (!call) continue;
    sums = tx_tally_at(tally, &call->taxon, 1);
    if (!sums) return tx_fail_memory(error, "the taxa of samples");
    sums->records++;
    sums->reads += r.row->reads;
  }
  tx_tally_sort(tally);
  return TX_OK;
}

/* Adds up reads: (samples, STACKED + 2) of the shown taxa, the others, and what has no taxon. */
static void sum_stacks(const tx_result_report *report, const char *rank, const uint32_t *place_of_taxon,
                       double *sums)
{
  records r = {.report = report};
  while (next_record(&r)) {
    const int at = tx_report_find_rank(r.calls->ranks, r.calls->rank_count, rank);
    const tx_report_call *call = at >= 0 ? tx_report_call_at(r.calls, r.row, (size_t)at) : NULL;
    const uint32_t place = call ? place_of_taxon[call->taxon] : STACKED + 1;
    sums[r.row->sample * (STACKED + 2) + place] += r.row->reads;
  }
}

/* The name of a part of a bar. */
static const char *name_stack(const tx_result_report *report, const tx_tally *tally, size_t part)
{
  uint32_t key[TX_TALLY_KEY_MAX];
  if (part == STACKED) return "other taxa";
  if (part == STACKED + 1) return "unclassified";
  tx_tally_key(tally, &tally->sums[part], key);
  return tx_report_taxon(report, *key);
}

static void put_stacks(const tx_result_report *report, const tx_tally *tally, const double *sums,
                       tx_numbers *numbers)
{
  for (size_t s = 0; s < tx_samples_count(report->samples); s++) {
    double all = 0;
    for (size_t i = 0; i < STACKED + 2; i++) all += sums[s * (STACKED + 2) + i];
    for (size_t i = 0; i < STACKED + 2 && all > 0; i++) {
      if (i < STACKED && i >= tally->count) continue;
      if (i == STACKED && tally->count <= STACKED) continue;
      tx_numbers_text(numbers, tx_samples_names(report->samples)[s]);
      tx_numbers_text(numbers, name_stack(report, tally, i));
      tx_numbers_put(numbers, sums[s * (STACKED + 2) + i]);
      tx_numbers_put(numbers, sums[s * (STACKED + 2) + i] / all);
    }
  }
}

tx_status tx_collect_composition(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  const tx_report_calls *like = ranks_of(report);
  const size_t rank = tx_report_chosen_rank(report, like->ranks, like->rank_count);
  const size_t taxa = tx_names_count(report->taxa), samples = tx_samples_count(report->samples);
  uint32_t *place = calloc(taxa + 1, sizeof *place);
  double *sums = calloc(samples * (STACKED + 2) + 1, sizeof *sums);
  tx_tally tally = {0};
  tx_status status = place && sums ? tally_taxa(report, rank, like, &tally, error)
                                   : tx_fail_memory(error, "the taxa of samples");
  for (size_t t = 0; status == TX_OK && t < taxa; t++) place[t] = STACKED;
  for (size_t i = 0; status == TX_OK && i < tally.count && i < STACKED; i++) {
    uint32_t key[TX_TALLY_KEY_MAX];
    tx_tally_key(&tally, &tally.sums[i], key);
    place[*key] = (uint32_t)i;
  }
  if (status == TX_OK) {
    sum_stacks(report, like->ranks[rank], place, sums);
    put_stacks(report, &tally, sums, numbers);
    snprintf(numbers->note, sizeof numbers->note, "Rank: %.60s. %s", like->ranks[rank],
             report->size ? "A record counts as its number of reads." : "A record counts as one read.");
  }
  tx_tally_free(&tally);
  free(place);
  free(sums);
  return status;
}

const tx_column tx_taxa_columns[5] = {
    {"lineage", -1}, {"reads", 0}, {"share", 4}, {"records", 0}, {"mean_confidence", 4}};

/* Lineages down to the rank that is shown. */
tx_status tx_collect_taxa(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  const tx_report_calls *like = ranks_of(report);
  const size_t rank = tx_report_chosen_rank(report, like->ranks, like->rank_count);
  records r = {.report = report};
  tx_tally tally = {0};
  double all = 0;
  while (next_record(&r)) {
    uint32_t taxa[TX_RANKS_MAX];
    const size_t depth = tx_row_lineage(r.calls, r.row, like->ranks, rank + 1, taxa);
    const tx_report_call *last = r.row->count ? &r.calls->calls[r.row->first + r.row->count - 1] : NULL;
    tx_tally_sums *sums;
    all += r.row->reads;
    if (!depth) continue;
    sums = tx_tally_at(&tally, taxa, depth);
    if (!sums) {
      tx_tally_free(&tally);
      return tx_fail_memory(error, "the taxa of samples");
    }
    sums->records++;
    sums->reads += r.row->reads;
    if (isnan(last->confidence)) continue;
    sums->confident += r.row->reads;
    sums->confidence += r.row->reads * (double)last->confidence;
  }
  tx_tally_sort(&tally);
  for (size_t i = 0; i < tally.count; i++) {
    const tx_tally_sums *sums = &tally.sums[i];
    char text[1200];
    uint32_t key[TX_TALLY_KEY_MAX];
    const size_t length = tx_tally_key(&tally, sums, key);
    tx_lineage_text(report, key, length, text, sizeof text);
    tx_numbers_text(numbers, text);
    tx_numbers_put(numbers, sums->reads);
    tx_numbers_put(numbers, sums->reads / all);
    tx_numbers_put(numbers, sums->records);
    tx_numbers_put(numbers, sums->confident > 0 ? sums->confidence / sums->confident : NAN);
  }
  if (tally.count > LOOK)
    snprintf(numbers->note, sizeof numbers->note, "The first %d of %zu taxa are drawn.", LOOK, tally.count);
  tx_tally_free(&tally);
  return TX_OK;
}

const tx_column tx_reads_tree_columns[6] = {{"lineage", -1}, {"rank", -1}, {"depth", 0},
                                            {"taxon", -1},   {"reads", 0}, {"share", 4}};

tx_status tx_collect_reads_tree(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  const tx_report_calls *like = ranks_of(report);
  records r = {.report = report};
  tx_taxa_tree tree = {0};
  tx_status status = TX_OK;
  while (status == TX_OK && next_record(&r)) {
    uint32_t taxa[TX_RANKS_MAX];
    const size_t depth = tx_row_lineage(r.calls, r.row, like->ranks, like->rank_count, taxa);
    status = tx_taxa_tree_add(&tree, taxa, depth ? depth : 1, r.row->reads, NULL, error);
  }
  if (status == TX_OK && tree.count && like->rank_count)
    status = tx_taxa_tree_put(&tree, report, like->ranks, false, numbers, error);
  tx_taxa_tree_free(&tree);
  return status;
}

const tx_column tx_lengths_columns[5] = {{"from", 0}, {"to", 0}, {"records", 0}, {"reads", 0}, {"good", -1}};

static uint32_t length_of(const tx_result_report *report, const tx_report_row *row)
{
  if (row->length) return row->length;
  return row->id < report->length_capacity ? report->length_of[row->id] : 0;
}

tx_status tx_collect_lengths(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  records r = {.report = report};
  double count[BINS] = {0}, reads[BINS] = {0}, unknown = 0, outside = 0, all = 0, step;
  uint32_t least = UINT32_MAX, most = 0;
  tx_scale scale;
  (void)error;
  while (next_record(&r)) {
    const uint32_t length = length_of(report, r.row);
    if (length && length < least) least = length;
    if (length > most) most = length;
  }
  if (!most) return TX_OK;
  scale = (tx_scale){least, most + 1.0, 0, 1, false};
  step = fmax(1, ceil((scale.high - scale.low) / BINS));
  r = (records){.report = report};
  while (next_record(&r)) {
    const uint32_t length = length_of(report, r.row);
    const size_t bin = length ? (size_t)((length - least) / step) : 0;
    if (!length) unknown += r.row->reads;
    if (!length || bin >= BINS) continue;
    count[bin]++;
    reads[bin] += r.row->reads;
    all += r.row->reads;
    outside += report->good_longest && (length < report->good_shortest || length > report->good_longest)
                   ? r.row->reads
                   : 0;
  }
  for (size_t b = 0; b < BINS && least + (double)b * step <= most; b++) {
    const double from = least + (double)b * step, to = from + step - 1;
    tx_numbers_put(numbers, from);
    tx_numbers_put(numbers, to);
    tx_numbers_put(numbers, count[b]);
    tx_numbers_put(numbers, reads[b]);
    tx_numbers_text(numbers, !report->good_longest ? ""
                             : (from + to) / 2 >= (double)report->good_shortest &&
                                     (from + to) / 2 <= (double)report->good_longest
                                 ? "yes"
                                 : "no");
  }
  if (report->good_longest)
    snprintf(numbers->note, sizeof numbers->note,
             "Answers are meant for %zu to %zu bases (%.120s); %.1f %% of the reads are shorter or longer.%s",
             report->good_shortest, report->good_longest, report->good_what, 100 * outside / all,
             unknown > 0 ? " The length of some reads is not known." : "");
  else if (unknown > 0)
    snprintf(numbers->note, sizeof numbers->note, "The length of %.0f reads is not known.", unknown);
  return TX_OK;
}

const tx_column tx_attention_columns[6] = {{"record", -1},    {"lineage", -1}, {"reads", 0},
                                           {"confidence", 4}, {"sample", -1},  {"why", -1}};

/* A record to look at. */
typedef struct finding {
  const tx_report_calls *calls;
  const tx_report_row *row;
} finding;

static const tx_report_call *last_call(const tx_report_calls *calls, const tx_report_row *row)
{
  return row->count ? &calls->calls[row->first + row->count - 1] : NULL;
}

/* Why a record should be looked at; false: it need not. */
static bool find_reason(const tx_report_calls *calls, const tx_report_row *row, char *why, size_t size)
{
  const tx_report_call *last = last_call(calls, row);
  if (row->status == TX_RECORD_UNLIKE)
    snprintf(why, size, "like no reference");
  else if (row->novel_rank < calls->rank_count && row->novel_probability > 0)
    snprintf(why, size, "new %.40s? (probability %.2f)", calls->ranks[row->novel_rank],
             (double)row->novel_probability);
  else if (last && last->confidence < 0.8f)
    snprintf(why, size, "low confidence");
  else
    return false;
  return true;
}

static int compare_findings(const void *a, const void *b)
{
  const finding *x = a, *y = b;
  if (x->row->reads != y->row->reads) return x->row->reads > y->row->reads ? -1 : 1;
  if (x->calls != y->calls) return x->calls < y->calls ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

static void put_finding(const tx_result_report *report, const finding *f, tx_numbers *numbers)
{
  const tx_report_call *last = last_call(f->calls, f->row);
  uint32_t taxa[TX_RANKS_MAX];
  const size_t depth = tx_row_lineage(f->calls, f->row, f->calls->ranks, f->calls->rank_count, taxa);
  char text[1200], why[120] = "";
  tx_lineage_text(report, taxa, depth, text, sizeof text);
  find_reason(f->calls, f->row, why, sizeof why);
  tx_numbers_text(numbers, tx_names_key(report->ids, f->row->id, NULL));
  tx_numbers_text(numbers, depth ? text : "no name");
  tx_numbers_put(numbers, f->row->reads);
  tx_numbers_put(numbers, last ? (double)last->confidence : NAN);
  tx_numbers_text(numbers, tx_samples_names(report->samples)[f->row->sample]);
  tx_numbers_text(numbers, why);
}

tx_status tx_collect_attention(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  records r = {.report = report};
  finding *found = NULL;
  size_t count = 0, capacity = 0;
  char why[120];
  while (next_record(&r)) {
    finding *f;
    if (!find_reason(r.calls, r.row, why, sizeof why)) continue;
    f = tx_report_grow(&found, &count, &capacity, sizeof *f);
    if (!f) {
      free(found);
      return tx_fail_memory(error, "the records to look at");
    }
    *f = (finding){r.calls, r.row};
  }
  if (count) qsort(found, count, sizeof *found, compare_findings);
  for (size_t i = 0; i < count && i < LOOK; i++) put_finding(report, &found[i], numbers);
  if (count > LOOK)
    snprintf(numbers->note, sizeof numbers->note, "The %d with most reads of %zu such records.", LOOK, count);
  free(found);
  return TX_OK;
}
