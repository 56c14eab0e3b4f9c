/* An evaluation as a text table or as JSON. */
#include "eval/evaluation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

/* The figures of one row. */
typedef struct row_figures {
  const tx_scores *scores;
  const tx_score_intervals *intervals; /* NULL if not asked for */
  const tx_calibration *calibration;   /* NULL if no query had confidences */
} row_figures;

/* Every figure of a report, per rank. */
typedef struct report_figures {
  const tx_evaluation *evaluation;
  tx_rank_scores *scores;
  tx_rank_intervals *intervals; /* NULL as above */
  tx_rank_calibration *calibration;
} report_figures;

static row_figures figures_of(const report_figures *r, size_t rank, int set)
{
  const bool all = set == TX_SET_ALL;
  row_figures figures = {all ? &r->scores[rank].all : &r->scores[rank].known, NULL, NULL};
  if (r->intervals) figures.intervals = all ? &r->intervals[rank].all : &r->intervals[rank].known;
  if (r->calibration) figures.calibration = all ? &r->calibration[rank].all : &r->calibration[rank].known;
  return figures;
}

static bool has_known(const tx_evaluation *evaluation)
{
  for (size_t r = 0; r < evaluation->rank_count; r++)
    if (evaluation->ranks[r].known_count) return true;
  return false;
}

/* Appends a figure over `queries` queries; "-" if there are none. */
static void write_figure(tx_bytes *text, uint64_t queries, double figure, int width)
{
  if (queries)
    tx_bytes_printf(text, "  %*.4f", width, figure);
  else
    tx_bytes_printf(text, "  %*s", width, "-");
}

static void write_interval(tx_bytes *text, uint64_t resamples, tx_interval interval)
{
  if (resamples)
    tx_bytes_printf(text, "  %.4f-%.4f", interval.low, interval.high);
  else
    tx_bytes_printf(text, "  %13s", "-");
}

static void write_table_row(tx_bytes *text, const char *rank, int rank_width, const char *set,
                            row_figures figures)
{
  const tx_scores *scores = figures.scores;
  tx_bytes_printf(text, "%-*s  %-5s  %8" PRIu64 "  %7" PRIu64, rank_width, rank, set, scores->queries,
                  scores->classes);
  write_figure(text, scores->queries, scores->coverage, 8);
  write_figure(text, scores->queries, scores->accuracy, 8);
  if (figures.intervals) write_interval(text, figures.intervals->resamples, figures.intervals->accuracy);
  write_figure(text, scores->queries, scores->macro_accuracy, 14);
  write_figure(text, scores->queries, scores->macro_f1, 8);
  if (figures.calibration) write_figure(text, figures.calibration->calls, figures.calibration->ece, 6);
  tx_bytes_text(text, "\n");
}

static void write_table(tx_bytes *text, const report_figures *report, const char *title)
{
  const tx_evaluation *evaluation = report->evaluation;
  int rank_width = 4;
  bool known = has_known(evaluation);
  for (size_t r = 0; r < evaluation->rank_count; r++) {
    size_t length = strlen(evaluation->ranks[r].name);
    if (length > (size_t)rank_width && length < 64) rank_width = (int)length;
  }
  tx_bytes_printf(text, "%s: %" PRIu64 " records", title, evaluation->queries);
  if (report->intervals)
    tx_bytes_printf(text, "; 95 %% intervals from %zu resamples, seed %" PRIu64, evaluation->resamples,
                    evaluation->seed);
  tx_bytes_printf(text, "\n%-*s  %-5s  %8s  %7s  %8s  %8s%s  %14s  %8s", rank_width, "rank", "taxa",
                  "queries", "classes", "coverage", "accuracy", report->intervals ? "   95%-interval" : "",
                  "macro-accuracy", "macro-F1");
  if (report->calibration) tx_bytes_printf(text, "  %6s", "ECE");
  tx_bytes_text(text, "\n");
  for (size_t r = 0; r < evaluation->rank_count; r++) {
    const char *name = evaluation->ranks[r].name;
    write_table_row(text, name, rank_width, "all", figures_of(report, r, TX_SET_ALL));
    if (known) write_table_row(text, name, rank_width, "known", figures_of(report, r, TX_SET_KNOWN));
  }
}

static void write_json_figure(tx_bytes *text, const char *name, uint64_t queries, double figure)
{
  if (queries)
    tx_bytes_printf(text, ",\"%s\":%.6f", name, figure);
  else
    tx_bytes_printf(text, ",\"%s\":null", name);
}

static void write_json_interval(tx_bytes *text, const char *name, uint64_t resamples, tx_interval interval)
{
  if (resamples)
    tx_bytes_printf(text, ",\"%s\":[%.6f,%.6f]", name, interval.low, interval.high);
  else
    tx_bytes_printf(text, ",\"%s\":null", name);
}

static void write_json_calibration(tx_bytes *text, const tx_calibration *calibration)
{
  write_json_figure(text, "ece", calibration->calls, calibration->ece);
  tx_bytes_text(text, ",\"reliability\":[");
  for (size_t b = 0; b < TX_RELIABILITY_BINS; b++) {
    const tx_reliability_bin *bin = &calibration->bins[b];
    tx_bytes_printf(text, b ? ",{\"count\":%" PRIu64 : "{\"count\":%" PRIu64, bin->count);
    write_json_figure(text, "confidence", bin->count, bin->confidence);
    write_json_figure(text, "accuracy", bin->count, bin->accuracy);
    tx_bytes_text(text, "}");
  }
  tx_bytes_text(text, "]");
}

static void write_json_scores(tx_bytes *text, const char *set, row_figures figures)
{
  const tx_scores *scores = figures.scores;
  tx_bytes_printf(text,
                  ",\"%s\":{\"queries\":%" PRIu64 ",\"called\":%" PRIu64 ",\"correct\":%" PRIu64
                  ",\"classes\":%" PRIu64,
                  set, scores->queries, scores->called, scores->correct, scores->classes);
  write_json_figure(text, "coverage", scores->queries, scores->coverage);
  write_json_figure(text, "accuracy", scores->queries, scores->accuracy);
  if (figures.intervals)
    write_json_interval(text, "accuracy_interval", figures.intervals->resamples, figures.intervals->accuracy);
  write_json_figure(text, "macro_accuracy", scores->queries, scores->macro_accuracy);
  write_json_figure(text, "macro_f1", scores->queries, scores->macro_f1);
  if (figures.calibration) write_json_calibration(text, figures.calibration);
  tx_bytes_text(text, "}");
}

static void write_json(tx_bytes *text, const report_figures *report, const char *title)
{
  const tx_evaluation *evaluation = report->evaluation;
  bool known = has_known(evaluation);
  tx_bytes_text(text, "{\"title\":");
  tx_bytes_json_string(text, title, strlen(title));
  tx_bytes_printf(text, ",\"records\":%" PRIu64, evaluation->queries);
  if (report->intervals)
    tx_bytes_printf(text, ",\"bootstrap\":{\"resamples\":%zu,\"seed\":%" PRIu64 ",\"level\":0.95}",
                    evaluation->resamples, evaluation->seed);
  tx_bytes_text(text, ",\"ranks\":[");
  for (size_t r = 0; r < evaluation->rank_count; r++) {
    const tx_rank_entry *rank = &evaluation->ranks[r];
    tx_bytes_text(text, r ? ",{\"rank\":" : "{\"rank\":");
    tx_bytes_json_string(text, rank->name, strlen(rank->name));
    if (known) tx_bytes_printf(text, ",\"known_taxa\":%zu", rank->known_count);
    write_json_scores(text, "all", figures_of(report, r, TX_SET_ALL));
    if (known) write_json_scores(text, "known", figures_of(report, r, TX_SET_KNOWN));
    tx_bytes_text(text, "}");
  }
  tx_bytes_text(text, "]}\n");
}

static tx_status collect(report_figures *report, tx_error *error)
{
  const tx_evaluation *evaluation = report->evaluation;
  tx_status status;
  report->scores = calloc(evaluation->rank_count, sizeof *report->scores);
  if (evaluation->has_confidences)
    report->calibration = calloc(evaluation->rank_count, sizeof *report->calibration);
  if (evaluation->resamples) report->intervals = calloc(evaluation->rank_count, sizeof *report->intervals);
  if (!report->scores || (evaluation->has_confidences && !report->calibration) ||
      (evaluation->resamples && !report->intervals))
    return tx_fail_memory(error, "the report");
  status = tx_evaluation_scores(evaluation, report->scores, error);
  if (status == TX_OK && report->intervals)
    status = tx_evaluation_intervals(evaluation, report->intervals, error);
  if (status == TX_OK && report->calibration)
    status = tx_evaluation_calibration(evaluation, report->calibration, error);
  return status;
}

tx_status tx_evaluation_report(const tx_evaluation *evaluation, const char *title, bool json, char **ret_text,
                               tx_error *error)
{
  report_figures report = {.evaluation = evaluation};
  tx_bytes text = {0};
  tx_status status = collect(&report, error);
  if (status == TX_OK && json) write_json(&text, &report, title);
  if (status == TX_OK && !json) write_table(&text, &report, title);
  free(report.scores);
  free(report.intervals);
  free(report.calibration);
  if (status == TX_OK && text.failed) status = tx_fail_memory(error, "the report");
  if (status != TX_OK) {
    tx_bytes_free(&text);
    return status;
  }
  *ret_text = text.data; /* passed to the caller: the buffer ends in a NUL and comes from malloc */
  return TX_OK;
}
