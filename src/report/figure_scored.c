/* Figures from predictions and their truth: risk, accuracy by length and by size of class, new taxa. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/figures.h"
#include "report/scale.h"

enum { CURVE_MAX = 60 };

bool tx_needs_scored(const tx_result_report *report)
{
  return tx_report_has_calls(report, true);
}

/* A query at the rank that is shown. */
typedef struct query {
  double score; /* what it is sorted by */
  bool hit;
} query;

/* The predictions of a series at the rank that is shown. */
typedef struct shown {
  const tx_result_report *report;
  const tx_report_calls *calls;
  size_t rank;  /* of the truth */
  int own_rank; /* of the predictions */
  query *queries;
  size_t count, capacity;
} shown;

static shown show(const tx_result_report *report, const tx_report_calls *calls)
{
  const tx_report_truth *truth = &report->truth;
  const size_t rank = tx_report_chosen_rank(report, truth->ranks, truth->rank_count);
  return (shown){.report = report,
                 .calls = calls,
                 .rank = rank,
                 .own_rank = tx_report_find_rank(calls->ranks, calls->rank_count, truth->ranks[rank])};
}

/* The label of a row at that rank, TX_REPORT_NONE without one; *ret_call: its call, or NULL. */
static uint32_t label_of(const shown *s, const tx_report_row *row, const tx_report_call **ret_call)
{
  const tx_report_truth *truth = &s->report->truth;
  *ret_call = s->own_rank >= 0 ? tx_report_call_at(s->calls, row, (size_t)s->own_rank) : NULL;
  if (row->truth == TX_REPORT_NONE) return TX_REPORT_NONE;
  return truth->labels[row->truth * truth->rank_count + s->rank];
}

static tx_status add_query(shown *s, double score, bool hit, tx_error *error)
{
  query *to = tx_report_grow(&s->queries, &s->count, &s->capacity, sizeof *to);
  if (!to) return tx_fail_memory(error, "a curve");
  *to = (query){score, hit};
  return TX_OK;
}

static int compare_queries(const void *a, const void *b)
{
  const query *x = a, *y = b;
  return x->score > y->score ? -1 : x->score < y->score;
}

const tx_column tx_risk_columns[6] = {{"series", -1}, {"rank", -1},      {"coverage", 4},
                                      {"risk", 4},    {"confidence", 4}, {"calls", 0}};

static void put_risk(const char *name, const char *rank, const double point[4], tx_numbers *numbers)
{
  tx_numbers_text(numbers, name);
  tx_numbers_text(numbers, rank);
  for (size_t i = 0; i < 4; i++) tx_numbers_put(numbers, point[i]);
}

/* The curve of the sorted queries, where their confidence changes, at most so many points. */
static void put_risks(const shown *s, size_t labelled, tx_numbers *numbers)
{
  size_t wrong = 0, step = 0;
  for (size_t i = 0; i < s->count; i++) {
    const bool last = i + 1 == s->count;
    wrong += !s->queries[i].hit;
    if (!last &&
        (s->queries[i + 1].score == s->queries[i].score || (i + 1) * CURVE_MAX < (step + 1) * s->count))
      continue;
    step = (i + 1) * CURVE_MAX / s->count;
    put_risk(s->calls->name, s->report->truth.ranks[s->rank],
             (const double[4]){(double)(i + 1) / (double)labelled, (double)wrong / (double)(i + 1),
                               s->queries[i].score, (double)(i + 1)},
             numbers);
  }
}

/* The curve as far as the bins of a reliability diagram have it. */
static void put_binned_risks(const tx_report_scores *scores, size_t rank, tx_numbers *numbers)
{
  const tx_report_set *set = &scores->ranks[rank].sets[TX_REPORT_ALL];
  double calls = 0, wrong = 0;
  for (size_t b = TX_RELIABILITY_BINS; b-- > 0;) {
    const double count = (double)set->bins[b].count;
    if (!(count > 0)) continue;
    calls += count;
    wrong += count * (1 - set->bins[b].accuracy);
    put_risk(scores->name, scores->ranks[rank].name,
             (const double[4]){calls / set->queries, wrong / calls, (double)b / TX_RELIABILITY_BINS, calls},
             numbers);
  }
}

static bool is_scored(const tx_result_report *report, const char *name)
{
  for (size_t i = 0; i < report->calls_count; i++)
    if (report->calls[i].scored && strcmp(report->calls[i].name, name) == 0) return true;
  return false;
}

tx_status tx_collect_risk(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t c = 0; c < report->calls_count && status == TX_OK; c++) {
    shown s = report->calls[c].scored ? show(report, &report->calls[c]) : (shown){0};
    size_t labelled = 0;
    if (!s.calls) continue;
    for (size_t i = 0; i < s.calls->row_count && status == TX_OK; i++) {
      const tx_report_call *call;
      const uint32_t label = label_of(&s, &s.calls->rows[i], &call);
      if (label == TX_REPORT_NONE) continue;
      labelled++;
      if (call && !isnan(call->confidence))
        status = add_query(&s, (double)call->confidence, call->taxon == label, error);
    }
    if (s.count) qsort(s.queries, s.count, sizeof *s.queries, compare_queries);
    if (status == TX_OK) put_risks(&s, labelled, numbers);
    free(s.queries);
  }
  for (size_t i = 0; i < report->score_count && status == TX_OK; i++) {
    const tx_report_scores *scores = &report->scores[i];
    const size_t rank = tx_report_shown_rank(report, scores);
    if (scores->rank_count && scores->ranks[rank].sets[TX_REPORT_ALL].has_bins &&
        !is_scored(report, scores->name)) {
      put_binned_risks(scores, rank, numbers);
      snprintf(numbers->note, sizeof numbers->note,
               "Series without predictions and truth have one point for each of the 15 bins of their "
               "reliability.");
    }
  }
  return status;
}

/* Hits of queries in groups, by group and series. */
typedef struct groups {
  double *count, *hits; /* (groups, series) */
  size_t group_count, series_count;
} groups;

static tx_status make_groups(groups *g, size_t group_count, size_t series_count, tx_error *error)
{
  *g = (groups){calloc(group_count * series_count + 1, sizeof(double)),
                calloc(group_count * series_count + 1, sizeof(double)), group_count, series_count};
  return g->count && g->hits ? TX_OK : tx_fail_memory(error, "groups of records");
}

static void free_groups(groups *g)
{
  free(g->count);
  free(g->hits);
}

static void put_groups(const tx_result_report *report, const groups *g,
                       void (*name)(size_t group, char *text, size_t size), tx_numbers *numbers)
{
  for (size_t i = 0; i < g->group_count; i++)
    for (size_t c = 0; c < g->series_count; c++) {
      const double count = g->count[i * g->series_count + c], hits = g->hits[i * g->series_count + c];
      char text[64];
      double low, high;
      if (!(count > 0)) continue;
      name(i, text, sizeof text);
      tx_wilson(hits, count, &low, &high);
      tx_numbers_text(numbers, report->calls[c].name);
      tx_numbers_text(numbers, text);
      tx_numbers_put(numbers, count);
      tx_numbers_put(numbers, hits / count);
      tx_numbers_put(numbers, low);
      tx_numbers_put(numbers, high);
    }
}

const tx_column tx_by_length_columns[6] = {{"series", -1},  {"length", -1}, {"queries", 0},
                                           {"accuracy", 4}, {"low", 4},     {"high", 4}};

static const uint32_t length_edges[] = {1, 100, 200, 300, 400, 500, 600, 650, 700, 1000, 2000, 5000};
enum { LENGTHS = sizeof length_edges / sizeof *length_edges };

static void name_length(size_t group, char *text, size_t size)
{
  if (group + 1 < LENGTHS)
    snprintf(text, size, "%lu-%lu", (unsigned long)length_edges[group],
             (unsigned long)length_edges[group + 1] - 1);
  else
    snprintf(text, size, "%lu+", (unsigned long)length_edges[group]);
}

static size_t length_group(uint32_t length)
{
  size_t group = 0;
  while (group + 1 < LENGTHS && length >= length_edges[group + 1]) group++;
  return group;
}

tx_status tx_collect_by_length(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  groups g;
  const tx_status status = make_groups(&g, LENGTHS, report->calls_count, error);
  for (size_t c = 0; c < report->calls_count && status == TX_OK; c++) {
    const shown s = report->calls[c].scored ? show(report, &report->calls[c]) : (shown){0};
    for (size_t i = 0; s.calls && i < s.calls->row_count; i++) {
      const tx_report_call *call;
      const uint32_t label = label_of(&s, &s.calls->rows[i], &call);
      uint32_t length;
      size_t at;
      if (label == TX_REPORT_NONE) continue;
      length = report->truth.lengths[s.calls->rows[i].truth];
      if (!length) continue;
      at = length_group(length) * g.series_count + c;
      g.count[at]++;
      g.hits[at] += call && call->taxon == label;
    }
  }
  if (status == TX_OK) put_groups(report, &g, name_length, numbers);
  free_groups(&g);
  return status;
}

const tx_column tx_by_class_size_columns[6] = {{"series", -1},  {"class_size", -1}, {"queries", 0},
                                               {"accuracy", 4}, {"low", 4},         {"high", 4}};

enum { SIZES = 16 };

/* 1, 2-3, 4-7, ... */
static void name_size(size_t group, char *text, size_t size)
{
  if (group == 0)
    snprintf(text, size, "1");
  else
    snprintf(text, size, "%lu-%lu", 1ul << group, (2ul << group) - 1);
}

static size_t size_group(uint32_t size)
{
  size_t group = 0;
  while (size > 1 && group + 1 < SIZES) {
    size /= 2;
    group++;
  }
  return group;
}

/* Records per taxon of the rank: those that the classifier was made from, else those of the truth. */
static uint32_t *count_classes(const tx_result_report *report, size_t rank)
{
  const tx_report_truth *truth = &report->truth;
  uint32_t *sizes = calloc(tx_names_count(report->taxa) + 1, sizeof *sizes);
  if (!sizes) return NULL;
  if (truth->has_known && truth->known_capacity[rank]) {
    const size_t count = tx_names_count(report->taxa) < truth->known_capacity[rank]
                             ? tx_names_count(report->taxa)
                             : truth->known_capacity[rank];
    memcpy(sizes, truth->known[rank], count * sizeof *sizes);
  }
  for (size_t i = 0; i < truth->count && !truth->has_known; i++) {
    const uint32_t label = truth->labels[i * truth->rank_count + rank];
    if (label != TX_REPORT_NONE) sizes[label]++;
  }
  return sizes;
}

tx_status tx_collect_by_class_size(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  const tx_report_truth *truth = &report->truth;
  const size_t rank = tx_report_chosen_rank(report, truth->ranks, truth->rank_count);
  uint32_t *sizes = count_classes(report, rank);
  size_t unknown = 0;
  groups g;
  tx_status status = make_groups(&g, SIZES, report->calls_count, error);
  if (status == TX_OK && !sizes) status = tx_fail_memory(error, "the sizes of classes");
  for (size_t c = 0; c < report->calls_count && status == TX_OK; c++) {
    const shown s = report->calls[c].scored ? show(report, &report->calls[c]) : (shown){0};
    for (size_t i = 0; s.calls && i < s.calls->row_count; i++) {
      const tx_report_call *call;
      const uint32_t label = label_of(&s, &s.calls->rows[i], &call);
      size_t at;
      if (label == TX_REPORT_NONE) continue;
      if (!sizes[label]) {
        unknown++;
        continue;
      }
      at = size_group(sizes[label]) * g.series_count + c;
      g.count[at]++;
      g.hits[at] += call && call->taxon == label;
    }
  }
  if (status == TX_OK) put_groups(report, &g, name_size, numbers);
  if (status == TX_OK && truth->has_known)
    snprintf(numbers->note, sizeof numbers->note,
             "%s: records that the classifier was made from. %zu queries of taxa without any are left out.",
             truth->ranks[rank], unknown);
  else if (status == TX_OK)
    snprintf(numbers->note, sizeof numbers->note,
             "%s: records of the truth, as it is not known what the classifier was made from.",
             truth->ranks[rank]);
  free_groups(&g);
  free(sizes);
  return status;
}

const tx_column tx_novelty_columns[5] = {
    {"series", -1}, {"area", -1}, {"false_positive_rate", 4}, {"true_positive_rate", 4}, {"threshold", 4}};

/* The curve of sorted queries: one point where the score changes, at most so many. */
static void put_roc(const shown *s, size_t positives, tx_numbers *numbers)
{
  const double negatives = (double)(s->count - positives);
  double hits = 0, misses = 0, area = 0, last_hits = 0, last_misses = 0;
  char text[32] = "";
  for (int turn = 0; turn < 2; turn++) { /* first the area, which every row has; then the rows */
    size_t step = 0;
    hits = misses = last_hits = last_misses = 0;
    for (size_t i = 0; i <= s->count; i++) {
      const bool ends = i == 0 || i == s->count || s->queries[i].score != s->queries[i - 1].score;
      if (ends && !turn) area += (misses - last_misses) * (hits + last_hits) / 2;
      if (ends) last_hits = hits, last_misses = misses;
      if (turn && ends && (i == 0 || i == s->count || i * CURVE_MAX >= (step + 1) * s->count)) {
        step = i * CURVE_MAX / s->count;
        tx_numbers_text(numbers, s->calls->name);
        tx_numbers_text(numbers, text);
        tx_numbers_put(numbers, misses / negatives);
        tx_numbers_put(numbers, hits / (double)positives);
        tx_numbers_put(numbers, i ? s->queries[i - 1].score : NAN);
      }
      if (i < s->count) {
        hits += s->queries[i].hit;
        misses += !s->queries[i].hit;
      }
    }
    snprintf(text, sizeof text, "area %.3f", area / ((double)positives * negatives));
  }
}

bool tx_needs_novelty(const tx_result_report *report)
{
  return report->curve_count > 0 || tx_needs_scored(report);
}

/* The curves that results of the benchmark suite have. */
static void put_curves(const tx_result_report *report, tx_numbers *numbers)
{
  for (size_t c = 0; c < report->curve_count; c++) {
    const tx_report_curve *curve = &report->curves[c];
    char text[32] = "";
    if (isfinite(curve->area)) snprintf(text, sizeof text, "area %.3f", curve->area);
    for (size_t i = 0; i < curve->count; i++) {
      tx_numbers_text(numbers, curve->name);
      tx_numbers_text(numbers, text);
      tx_numbers_put(numbers, curve->points[i][0]);
      tx_numbers_put(numbers, curve->points[i][1]);
      tx_numbers_put(numbers, NAN);
    }
  }
}

tx_status tx_collect_novelty(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  const tx_report_truth *truth = &report->truth;
  tx_status status = TX_OK;
  for (size_t c = 0; c < report->calls_count && status == TX_OK && truth->has_known; c++) {
    shown s = report->calls[c].scored ? show(report, &report->calls[c]) : (shown){0};
    size_t positives = 0;
    for (size_t i = 0; s.calls && i < s.calls->row_count && status == TX_OK; i++) {
      const tx_report_row *row = &s.calls->rows[i];
      const tx_report_call *call;
      const uint32_t label = label_of(&s, row, &call);
      bool novel;
      double score = isnan(row->novel_probability) ? NAN : (double)row->novel_probability;
      if (label == TX_REPORT_NONE) continue;
      novel = label >= truth->known_capacity[s.rank] || !truth->known[s.rank][label];
      if (isnan(score)) score = call && !isnan(call->confidence) ? 1 - (double)call->confidence : 1;
      positives += novel;
      status = add_query(&s, score, novel, error);
    }
    if (s.count) qsort(s.queries, s.count, sizeof *s.queries, compare_queries);
    if (status == TX_OK && positives && positives < s.count) put_roc(&s, positives, numbers);
    free(s.queries);
  }
  if (status == TX_OK) put_curves(report, numbers);
  return status;
}
