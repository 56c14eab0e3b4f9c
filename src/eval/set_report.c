/* Scores of sets of taxa as tables or as JSON. */
#include "eval/set_scores.h"

#include "base/error.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const systems_names[TX_SET_SYSTEMS] = {"model", "shares", "frequent set"};
static const double thresholds[] = {0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99};
enum { THRESHOLDS = sizeof thresholds / sizeof *thresholds };

/* All figures of a report. */
typedef struct figures {
  const tx_set_scores *scores;
  size_t ranks, systems;
  tx_set_overall overall[TX_SET_SYSTEMS];
  tx_set_intervals intervals; /* with resamples */
  tx_set_depth depths[TX_RANKS_MAX];
  uint64_t *counts; /* (nodes, 3) */
  tx_set_threshold thresholds[THRESHOLDS];
} figures;

/* The means over the depths: weighted by their records, or plain. */
static tx_set_depth mean_depth(const figures *f, bool weighted)
{
  tx_set_depth mean = {0};
  double sum = 0;
  for (size_t d = 0; d < f->ranks; d++) {
    const tx_set_depth *own = &f->depths[d];
    const double weight = own->records ? weighted ? (double)own->records : 1 : 0;
    sum += weight;
    mean.records += own->records;
    mean.sets += own->sets;
    mean.taxa += own->taxa;
    mean.exact += weight * own->exact;
    mean.f1 += weight * own->f1;
    mean.ap += weight * own->ap;
    mean.mcc += weight * own->mcc;
    mean.precision += weight * own->precision;
    mean.recall += weight * own->recall;
    mean.macro_f1 += weight * own->macro_f1;
  }
  if (sum == 0) return mean;
  mean.exact /= sum;
  mean.f1 /= sum;
  mean.ap /= sum;
  mean.mcc /= sum;
  mean.precision /= sum;
  mean.recall /= sum;
  mean.macro_f1 /= sum;
  return mean;
}

/* ---- tables ---- */

static void put_interval(tx_bytes *out, tx_interval interval)
{
  tx_bytes_printf(out, "\t%.4f\t%.4f", interval.low, interval.high);
}

static void put_overall(tx_bytes *out, const figures *f)
{
  const bool intervals = f->scores->resamples > 0;
  tx_bytes_printf(out, "system\tmicro_AP%s\tmicro_F1%s\tmacro_AP\texact\tprecision\trecall\tdepth_present"
                       "\tdepth_called\tdepth_right\n",
                  intervals ? "\tAP_low\tAP_high" : "", intervals ? "\tF1_low\tF1_high" : "");
  for (size_t s = 0; s < f->systems; s++) {
    const tx_set_overall *own = &f->overall[s];
    tx_bytes_printf(out, "%s\t%.4f", systems_names[s], own->micro_ap);
    if (intervals) put_interval(out, f->intervals.ap[s]);
    tx_bytes_printf(out, "\t%.4f", own->micro_f1);
    if (intervals) put_interval(out, f->intervals.f1[s]);
    tx_bytes_printf(out, "\t%.4f\t%.4f\t%.4f\t%.4f\t%.2f\t%.2f\t%.2f\n", own->macro_ap, own->exact,
                    own->precision, own->recall, own->depth_present, own->depth_called, own->depth_right);
  }
  for (size_t s = 1; s < f->systems && intervals; s++) {
    tx_bytes_printf(out, "model - %s\t%.4f", systems_names[s],
                    f->overall[0].micro_ap - f->overall[s].micro_ap);
    put_interval(out, f->intervals.ap_gain[s]);
    tx_bytes_printf(out, "\t%.4f", f->overall[0].micro_f1 - f->overall[s].micro_f1);
    put_interval(out, f->intervals.f1_gain[s]);
    tx_bytes_text(out, "\t\t\t\t\t\t\t\n");
  }
}

static void put_depth(tx_bytes *out, const char *name, const tx_set_depth *own)
{
  tx_bytes_printf(out, "%s\t%" PRIu64 "\t%" PRIu64 "\t%.4f\t%.4f\t%.4f\t%.4f", name, own->records, own->sets,
                  own->exact, own->f1, own->ap, own->mcc);
  tx_bytes_printf(out, "\t%" PRIu64 "\t%.4f\t%.4f\t%.4f\n", own->taxa, own->precision, own->recall,
                  own->macro_f1);
}

static void put_depths(tx_bytes *out, const figures *f)
{
  const tx_set_depth weighted = mean_depth(f, true), plain = mean_depth(f, false);
  tx_bytes_text(out, "\nrank\trecords\tsets\texact\tF1\tAP\tMCC\ttaxa\tprecision\trecall\tmacro_F1\n");
  for (size_t d = 0; d < f->ranks; d++)
    put_depth(out, tx_taxonomy_rank_name(f->scores->taxonomy, d), &f->depths[d]);
  put_depth(out, "(mean by records)", &weighted);
  put_depth(out, "(mean)", &plain);
}

static void put_thresholds(tx_bytes *out, const figures *f)
{
  tx_bytes_text(out, "\nthreshold\trecords_called\tdepth_called\tdepth_right\tprecision\trecall\n");
  for (size_t t = 0; t < THRESHOLDS; t++) {
    const tx_set_threshold *own = &f->thresholds[t];
    tx_bytes_printf(out, "%.2f\t%" PRIu64 "\t%.2f\t%.2f\t%.4f\t%.4f\n", own->threshold, own->called,
                    own->depth_called, own->depth_right, own->precision, own->recall);
  }
}

/* ---- JSON ---- */

static void put_json_interval(tx_bytes *out, const char *name, tx_interval interval)
{
  tx_bytes_printf(out, ",\"%s\":[%.6f,%.6f]", name, interval.low, interval.high);
}

static void put_json_overall(tx_bytes *out, const figures *f)
{
  tx_bytes_text(out, ",\"systems\":[");
  for (size_t s = 0; s < f->systems; s++) {
    const tx_set_overall *own = &f->overall[s];
    tx_bytes_printf(out, "%s{\"system\":\"%s\",\"micro_ap\":%.6f,\"micro_f1\":%.6f,\"macro_ap\":%.6f",
                    s ? "," : "", systems_names[s], own->micro_ap, own->micro_f1, own->macro_ap);
    tx_bytes_printf(out, ",\"exact\":%.6f,\"precision\":%.6f,\"recall\":%.6f", own->exact, own->precision,
                    own->recall);
    tx_bytes_printf(out, ",\"depth_present\":%.6f,\"depth_called\":%.6f,\"depth_right\":%.6f",
                    own->depth_present, own->depth_called, own->depth_right);
    if (f->scores->resamples) {
      put_json_interval(out, "micro_ap_interval", f->intervals.ap[s]);
      put_json_interval(out, "micro_f1_interval", f->intervals.f1[s]);
    }
    if (f->scores->resamples && s) {
      put_json_interval(out, "micro_ap_gain_interval", f->intervals.ap_gain[s]);
      put_json_interval(out, "micro_f1_gain_interval", f->intervals.f1_gain[s]);
    }
    tx_bytes_text(out, "}");
  }
  tx_bytes_text(out, "]");
}

static void put_json_depth(tx_bytes *out, const char *name, const tx_set_depth *own)
{
  tx_bytes_text(out, "{\"rank\":");
  tx_bytes_json_string(out, name, strlen(name));
  tx_bytes_printf(out, ",\"records\":%" PRIu64 ",\"sets\":%" PRIu64 ",\"exact\":%.6f,\"f1\":%.6f",
                  own->records, own->sets, own->exact, own->f1);
  tx_bytes_printf(out, ",\"ap\":%.6f,\"mcc\":%.6f,\"taxa\":%" PRIu64 ",\"precision\":%.6f", own->ap, own->mcc,
                  own->taxa, own->precision);
  tx_bytes_printf(out, ",\"recall\":%.6f,\"macro_f1\":%.6f}", own->recall, own->macro_f1);
}

static void put_json_taxa(tx_bytes *out, const figures *f)
{
  const char *separator = "";
  tx_bytes_text(out, ",\"taxa\":[");
  for (size_t r = 0; r < f->ranks; r++)
    for (size_t c = 0; c < tx_taxonomy_class_count(f->scores->taxonomy, r); c++) {
      const uint64_t *counts = f->counts + 3 * tx_taxonomy_node(f->scores->taxonomy, r, (int32_t)c);
      const char *rank = tx_taxonomy_rank_name(f->scores->taxonomy, r),
                 *name = tx_taxonomy_class_name(f->scores->taxonomy, r, (int32_t)c);
      if (!(counts[0] + counts[1] + counts[2])) continue;
      tx_bytes_printf(out, "%s{\"rank\":", separator);
      tx_bytes_json_string(out, rank, strlen(rank));
      tx_bytes_text(out, ",\"taxon\":");
      tx_bytes_json_string(out, name, strlen(name));
      tx_bytes_printf(out, ",\"right\":%" PRIu64 ",\"wrong\":%" PRIu64 ",\"missed\":%" PRIu64 "}", counts[0],
                      counts[1], counts[2]);
      separator = ",";
    }
  tx_bytes_text(out, "]");
}

static void put_json(tx_bytes *out, const figures *f)
{
  const tx_set_depth weighted = mean_depth(f, true), plain = mean_depth(f, false);
  const tx_set_overall *own = &f->overall[TX_SET_MODEL];
  tx_bytes_printf(out, "{\"title\":\"sets\",\"records\":%" PRIu64 ",\"unlabelled\":%" PRIu64, own->records,
                  f->scores->unlabelled);
  tx_bytes_printf(out, ",\"entries\":%" PRIu64 ",\"present\":%" PRIu64 ",\"training_records\":%" PRIu64,
                  own->entries, own->present, f->scores->training);
  if (f->scores->resamples)
    tx_bytes_printf(out, ",\"resamples\":%zu,\"seed\":%" PRIu64, f->scores->resamples, f->scores->seed);
  put_json_overall(out, f);
  tx_bytes_text(out, ",\"ranks\":[");
  for (size_t d = 0; d < f->ranks; d++) {
    if (d) tx_bytes_text(out, ",");
    put_json_depth(out, tx_taxonomy_rank_name(f->scores->taxonomy, d), &f->depths[d]);
  }
  tx_bytes_text(out, "],\"mean_by_records\":");
  put_json_depth(out, "", &weighted);
  tx_bytes_text(out, ",\"mean\":");
  put_json_depth(out, "", &plain);
  put_json_taxa(out, f);
  tx_bytes_text(out, ",\"thresholds\":[");
  for (size_t t = 0; t < THRESHOLDS; t++) {
    const tx_set_threshold *at = &f->thresholds[t];
    tx_bytes_printf(out, "%s{\"threshold\":%.2f,\"called\":%" PRIu64 ",\"depth_called\":%.6f", t ? "," : "",
                    at->threshold, at->called, at->depth_called);
    tx_bytes_printf(out, ",\"depth_right\":%.6f,\"precision\":%.6f,\"recall\":%.6f}", at->depth_right,
                    at->precision, at->recall);
  }
  tx_bytes_text(out, "]}\n");
}

/* ---- both ---- */

static tx_status compute(const tx_set_systems *systems, figures *f, tx_error *error)
{
  tx_status status = TX_OK;
  f->systems = systems->count;
  for (size_t s = 0; s < systems->count && status == TX_OK; s++)
    status = tx_set_overall_scores(&systems->records[s], &f->overall[s], error);
  if (status == TX_OK)
    status = tx_set_depth_scores(&systems->records[TX_SET_MODEL], f->ranks, f->depths, f->counts, error);
  for (size_t t = 0; t < THRESHOLDS && status == TX_OK; t++)
    tx_set_threshold_scores(&systems->records[TX_SET_MODEL], thresholds[t], &f->thresholds[t]);
  if (status == TX_OK && f->scores->resamples)
    status = tx_set_bootstrap(f->scores, systems, &f->intervals, error);
  return status;
}

tx_status tx_set_scores_report(const tx_set_scores *scores, bool json, char **ret_text, tx_error *error)
{
  figures f = {.scores = scores, .ranks = tx_taxonomy_rank_count(scores->taxonomy)};
  tx_set_systems systems;
  tx_bytes out = {0};
  tx_status status = tx_set_systems_create(scores, &systems, error);
  f.counts = calloc(3 * scores->nodes + 1, sizeof *f.counts);
  if (status == TX_OK && !f.counts) status = tx_fail_memory(error, "the scores");
  if (status == TX_OK) status = compute(&systems, &f, error);
  if (status == TX_OK && json) put_json(&out, &f);
  if (status == TX_OK && !json) {
    put_overall(&out, &f);
    put_depths(&out, &f);
    put_thresholds(&out, &f);
  }
  if (status == TX_OK && out.failed) status = tx_fail_memory(error, "the report");
  tx_set_systems_free(&systems);
  free(f.counts);
  if (status == TX_OK)
    *ret_text = out.data;
  else
    tx_bytes_free(&out);
  return status;
}
