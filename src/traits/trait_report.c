/* The scores of a study of traits as text or JSON, the rows of its records, and agreements. */
#include "traits/trait_study.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"

enum { FLUSH_SIZE = 1 << 16 };

/* The scores in the order of the report. */
typedef struct score_line {
  tx_trait_score score;
  const char *title, *key;
} score_line;

static const score_line lines[] = {
    {TX_TRAIT_RMSE, "RMSE", "rmse"},
    {TX_TRAIT_MAE, "MAE", "mae"},
    {TX_TRAIT_R2, "R2", "r2"},
    {TX_TRAIT_BIAS, "bias (predicted - measured)", "bias"},
    {TX_TRAIT_WITHIN, "share within tolerance", "within"},
    {TX_TRAIT_COVERAGE, "coverage of 80 % intervals", "coverage_80"},
    {TX_TRAIT_COVERAGE + 1, "coverage of 90 % intervals", "coverage_90"},
    {TX_TRAIT_COVERAGE + 2, "coverage of 95 % intervals", "coverage_95"},
    {TX_TRAIT_COVERAGE + 3, "coverage of 99 % intervals", "coverage_99"},
    {TX_TRAIT_WIDTH, "mean width of the interval", "width"},
    {TX_TRAIT_BASE_MEAN, "RMSE of the mean of training", "baseline_mean_rmse"},
    {TX_TRAIT_BASE_GIVEN, "RMSE of the given taxon's mean", "baseline_given_rmse"},
    {TX_TRAIT_BASE_CALLED, "RMSE of the called taxon's mean", "baseline_called_rmse"},
    {TX_TRAIT_GAIN_MEAN, "gain over the mean of training", "gain_mean"},
    {TX_TRAIT_GAIN_GIVEN, "gain over the given taxon", "gain_given"},
    {TX_TRAIT_GAIN_CALLED, "gain over the called taxon", "gain_called"},
};
enum { LINES = sizeof lines / sizeof *lines };

static const char *const set_names[TX_TRAIT_SETS] = {"all", "seen", "unseen"};

static tx_status write_out(tx_output *output, tx_bytes *text, size_t least, tx_error *error)
{
  tx_status status = TX_OK;
  if (text->failed) return tx_fail_memory(error, "the scores of traits");
  if (text->size >= least && text->size) {
    status = tx_output_write(output, text->data, text->size, error);
    tx_bytes_clear(text);
  }
  return status;
}

static tx_status write_text(tx_bytes *text, const char *path, const volatile int *opt_stop, tx_error *error)
{
  tx_output *output = NULL;
  tx_status status = text->failed ? tx_fail_memory(error, "the scores of traits")
                                  : tx_output_open(path, opt_stop, &output, error);
  if (status == TX_OK) status = write_out(output, text, 0, error);
  tx_bytes_free(text);
  if (status == TX_OK) return tx_output_commit(output, error);
  tx_output_abort(output);
  return status;
}

/* Fewest calibration records for a finite interval: ceil(level (k + 1)) <= k. */
static size_t records_for(double level)
{
  return (size_t)ceil(level / (1 - level) - 1e-9);
}

static void put_head(tx_bytes *text, const tx_trait_study *study, const tx_trait_outcome *outcome)
{
  const tx_trait_result *result = &outcome->result;
  tx_bytes_plain(text, result->name);
  tx_bytes_printf(text,
                  ": %zu records measured: %zu for training, %zu for calibration, %zu in the test, "
                  "%zu of other splits%s\n",
                  result->measured, result->training, result->calibration, result->test, result->other,
                  study->random ? " (random groups)" : "");
  if (result->not_positive)
    tx_bytes_printf(text, "%zu records whose value is not above 0 are left out under a logarithm\n",
                    result->not_positive);
  if (result->weights)
    tx_bytes_printf(text, "ridge regression%s, lambda %.4g, leave-one-%sout RMSE %.4g%s\n",
                    outcome->log ? " of the logarithm" : "", result->lambda,
                    study->options.leave_taxa ? "taxon-" : "", sqrt(result->loo_error),
                    outcome->log ? " (of the logarithm)" : "");
  else
    tx_bytes_printf(text, "the model's own head%s\n", outcome->log ? ", of the logarithm" : "");
  tx_bytes_printf(text, "half width of intervals%s:", outcome->log ? " of the logarithm" : "");
  for (size_t l = 0; l < TX_TRAIT_LEVELS; l++) {
    tx_bytes_printf(text, "%s %.0f %% ", l ? "," : "", 100 * tx_trait_level(l));
    if (isfinite(result->half_width[l]))
      tx_bytes_printf(text, "%.4g", result->half_width[l]);
    else
      tx_bytes_printf(text, "infinite (needs %zu records)", records_for(tx_trait_level(l)));
  }
  tx_bytes_text(text, "\n");
}

static void put_cell(tx_bytes *text, const tx_trait_set_scores *set, tx_trait_score score, bool intervals)
{
  char cell[80];
  int used;
  if (isnan(set->score[score]))
    used = snprintf(cell, sizeof cell, "-");
  else
    used = snprintf(cell, sizeof cell, "%.4f", set->score[score]);
  if (!isnan(set->low[score]) && used > 0 && (size_t)used < sizeof cell)
    snprintf(cell + used, sizeof cell - (size_t)used, " (%.4f to %.4f)", set->low[score], set->high[score]);
  tx_bytes_printf(text, "  %*s", intervals ? 28 : 10, cell);
}

static void put_result(tx_bytes *text, const tx_trait_study *study, const tx_trait_outcome *outcome)
{
  const tx_trait_result *result = &outcome->result;
  const bool intervals = study->options.resamples > 0;
  const int width = intervals ? 28 : 10;
  put_head(text, study, outcome);
  if (!result->test) {
    tx_bytes_text(text, "no record in the test: no scores\n");
    return;
  }
  tx_bytes_printf(text, "%-31s", "test records");
  for (size_t s = 0; s < TX_TRAIT_SETS; s++)
    if (result->sets[s].records) tx_bytes_printf(text, "  %*s", width, set_names[s]);
  tx_bytes_printf(text, "\n%-31s", "records");
  for (size_t s = 0; s < TX_TRAIT_SETS; s++)
    if (result->sets[s].records) tx_bytes_printf(text, "  %*zu", width, result->sets[s].records);
  tx_bytes_text(text, "\n");
  for (size_t i = 0; i < LINES; i++) {
    if (isnan(result->sets[TX_TRAIT_ALL].score[lines[i].score])) continue;
    if (lines[i].score == TX_TRAIT_WITHIN)
      tx_bytes_printf(text, "share within %-18.4g", study->options.tolerance);
    else if (lines[i].score == TX_TRAIT_WIDTH)
      tx_bytes_printf(text, "mean width of %2.0f %% intervals    ", 100 * study->options.level);
    else
      tx_bytes_printf(text, "%-31s", lines[i].title);
    for (size_t s = 0; s < TX_TRAIT_SETS; s++)
      if (result->sets[s].records) put_cell(text, &result->sets[s], lines[i].score, intervals);
    tx_bytes_text(text, "\n");
  }
}

static void put_json_number(tx_bytes *text, double number)
{
  if (isfinite(number))
    tx_bytes_printf(text, "%.12g", number);
  else
    tx_bytes_text(text, "null");
}

static void put_json_set(tx_bytes *text, const char *name, const tx_trait_set_scores *set)
{
  tx_bytes_printf(text, "\"%s\":{\"records\":%zu,\"taxa\":%zu", name, set->records, set->taxa);
  for (size_t i = 0; i < LINES; i++) {
    const tx_trait_score score = lines[i].score;
    if (isnan(set->score[score])) continue;
    tx_bytes_printf(text, ",\"%s\":", lines[i].key);
    put_json_number(text, set->score[score]);
    if (isnan(set->low[score])) continue;
    tx_bytes_printf(text, ",\"%s_interval\":[", lines[i].key);
    put_json_number(text, set->low[score]);
    tx_bytes_text(text, ",");
    put_json_number(text, set->high[score]);
    tx_bytes_text(text, "]");
  }
  tx_bytes_text(text, "}");
}

static void put_json_result(tx_bytes *text, const tx_trait_outcome *outcome)
{
  const tx_trait_result *result = &outcome->result;
  bool any = false;
  tx_bytes_text(text, "{\"trait\":");
  tx_bytes_json_string(text, result->name, strlen(result->name));
  tx_bytes_printf(text,
                  ",\"measured\":%zu,\"training\":%zu,\"calibration\":%zu,\"test\":%zu,\"other\":%zu,"
                  "\"not_positive\":%zu,\"method\":\"%s\",\"log\":%s,\"lambda\":",
                  result->measured, result->training, result->calibration, result->test, result->other,
                  result->not_positive, result->weights ? "ridge" : "head", outcome->log ? "true" : "false");
  put_json_number(text, result->lambda);
  tx_bytes_text(text, ",\"loo_mse\":");
  put_json_number(text, result->loo_error);
  tx_bytes_text(text, ",\"half_widths\":{");
  for (size_t l = 0; l < TX_TRAIT_LEVELS; l++) {
    tx_bytes_printf(text, "%s\"%.0f\":", l ? "," : "", 100 * tx_trait_level(l));
    put_json_number(text, result->half_width[l]);
  }
  tx_bytes_text(text, "},\"sets\":{");
  for (size_t s = 0; s < TX_TRAIT_SETS; s++) {
    if (!result->sets[s].records) continue;
    if (any) tx_bytes_text(text, ",");
    put_json_set(text, set_names[s], &result->sets[s]);
    any = true;
  }
  tx_bytes_text(text, "}}");
}

static void put_json(tx_bytes *text, const tx_trait_study *study)
{
  const tx_traits_counts counts = tx_traits_count_rows(study->traits);
  tx_bytes_printf(text,
                  "{\"records\":%zu,\"without_value\":%zu,\"without_record\":%zu,\"conflicts\":%zu,"
                  "\"repeated_values\":%zu,\"random_groups\":%s,\"tolerance\":%.12g,"
                  "\"level\":%.12g,\"resamples\":%zu,\"traits\":[",
                  study->join.records, study->join.without_value, study->join.without_record,
                  counts.conflicts, counts.repeated, study->random ? "true" : "false",
                  study->options.tolerance, study->options.level, study->options.resamples);
  for (size_t t = 0; t < study->count; t++) {
    if (t) tx_bytes_text(text, ",");
    put_json_result(text, &study->outcomes[t]);
  }
  tx_bytes_text(text, "]}\n");
}

tx_status tx_trait_study_report(const tx_trait_study *study, bool json, const char *path, tx_error *error)
{
  tx_bytes text = {0};
  bool tested = false, unseen = false;
  if (json) {
    put_json(&text, study);
    return write_text(&text, path, study->options.stop, error);
  }
  for (size_t t = 0; t < study->count; t++) {
    const tx_trait_result *result = &study->outcomes[t].result;
    if (t) tx_bytes_text(&text, "\n");
    put_result(&text, study, &study->outcomes[t]);
    tested = tested || result->test;
    unseen = unseen || result->sets[TX_TRAIT_UNSEEN].records;
  }
  if (tested && study->options.resamples)
    tx_bytes_printf(&text, "\nin brackets: 95 %% intervals from %zu resamples of whole taxa, seed %llu\n",
                    study->options.resamples, (unsigned long long)study->options.seed);
  if (unseen)
    tx_bytes_text(
        &text,
        "unseen: of taxa without a training record, or of split test_unseen; the rate of the intervals "
        "holds for records like those of the calibration, and is not promised for these\n");
  return write_text(&text, path, study->options.stop, error);
}

static void put_field(tx_bytes *text, double number)
{
  if (isnan(number))
    tx_bytes_text(text, "\tNA");
  else if (isinf(number))
    tx_bytes_text(text, number > 0 ? "\tinf" : "\t-inf");
  else
    tx_bytes_printf(text, "\t%.9g", number);
}

tx_status tx_trait_study_rows(const tx_trait_study *study, const char *path, tx_error *error)
{
  const tx_points *points = study->records->points;
  tx_output *output = NULL;
  tx_bytes text = {0};
  tx_status status = tx_output_open(path, study->options.stop, &output, error);
  if (status != TX_OK) return status;
  tx_bytes_text(&text, "id\ttrait\tpredicted\tlow\thigh\tmeasured\tsplit\n");
  for (size_t i = 0; i < tx_points_count(points) && status == TX_OK; i++)
    for (size_t t = 0; t < study->count && status == TX_OK; t++) {
      double low, high;
      const double predicted = tx_trait_study_predicted(study, t, i, &low, &high);
      tx_bytes_printf(&text, "%s\t%s", tx_points_id(points, i), study->outcomes[t].result.name);
      put_field(&text, predicted);
      put_field(&text, low);
      put_field(&text, high);
      put_field(&text, study->outcomes[t].measured[i]);
      tx_bytes_printf(&text, "\t%s\n", study->split_names[i] ? study->split_names[i] : "");
      status = write_out(output, &text, FLUSH_SIZE, error);
    }
  if (status == TX_OK) status = write_out(output, &text, 0, error);
  tx_bytes_free(&text);
  if (status == TX_OK) return tx_output_commit(output, error);
  tx_output_abort(output);
  return status;
}

static void put_agreement_json(tx_bytes *text, const char *first, const char *second,
                               const tx_agreement *agreement, double tolerance)
{
  const struct {
    const char *key;
    double value;
  } fields[] = {{"rmse", agreement->rmse}, {"mae", agreement->mae},      {"r2", agreement->r2},
                {"bias", agreement->bias}, {"low", agreement->low},      {"high", agreement->high},
                {"tolerance", tolerance},  {"within", agreement->within}};
  tx_bytes_text(text, "{\"first\":");
  tx_bytes_json_string(text, first, strlen(first));
  tx_bytes_text(text, ",\"second\":");
  tx_bytes_json_string(text, second, strlen(second));
  tx_bytes_printf(text, ",\"pairs\":%zu", agreement->pairs);
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    tx_bytes_printf(text, ",\"%s\":", fields[i].key);
    put_json_number(text, fields[i].value);
  }
  tx_bytes_text(text, "}\n");
}

static void put_agreement(tx_bytes *text, const char *first, const char *second,
                          const tx_agreement *agreement, double tolerance)
{
  tx_bytes_plain(text, first);
  tx_bytes_text(text, " against ");
  tx_bytes_plain(text, second);
  tx_bytes_printf(text, ": %zu specimens with both\n", agreement->pairs);
  tx_bytes_printf(text, "RMSE %.6g, MAE %.6g, R2 %.6g (the second is the truth)\n", agreement->rmse,
                  agreement->mae, agreement->r2);
  tx_bytes_printf(text, "bias %.6g (first - second), 95 %% limits of agreement %.6g to %.6g\n",
                  agreement->bias, agreement->low, agreement->high);
  tx_bytes_printf(text, "share within %.6g: %.4f\n", tolerance, agreement->within);
}

tx_status tx_agreement_report(const tx_traits *traits, size_t first, size_t second,
                              const tx_agreement_options *options, tx_error *error)
{
  tx_agreement agreement;
  tx_bytes text = {0};
  const tx_status status = tx_traits_agreement(traits, first, second, options->tolerance, &agreement, error);
  if (status != TX_OK) return status;
  (options->json ? put_agreement_json : put_agreement)(
      &text, tx_traits_name(traits, first), tx_traits_name(traits, second), &agreement, options->tolerance);
  return write_text(&text, options->path, options->stop, error);
}
