/* Figures of clusterings, maps and trainings. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/figures.h"
#include "report/tally.h"

enum { GROUPS = 7, POINTS_MAX = 3000 };

bool tx_needs_runs(const tx_result_report *report)
{
  return report->run_count > 0;
}

bool tx_needs_clusterings(const tx_result_report *report)
{
  return report->clustering_count > 0;
}

bool tx_needs_maps(const tx_result_report *report)
{
  return report->map_count > 0;
}

const tx_column tx_clusterings_columns[6] = {{"clustering", -1}, {"rank", -1},    {"score", -1},
                                             {"value", 4},       {"clusters", 0}, {"records", 0}};

tx_status tx_collect_clusterings(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  static const char *const titles[TX_CLUSTER_SCORES] = {"AMI",    "NMI", "ARI", "homog.",
                                                        "compl.", "V",   "FMI", "silh."};
  (void)error;
  for (size_t i = 0; i < report->clustering_count; i++) {
    const tx_report_clustering *clustering = &report->clusterings[i];
    char name[300];
    snprintf(name, sizeof name, "%.120s: %.60s, %.60s", clustering->file, clustering->method,
             clustering->space);
    for (size_t s = 0; s < TX_CLUSTER_SCORES; s++) {
      if (!isfinite(clustering->scores[s])) continue;
      tx_numbers_text(numbers, name);
      tx_numbers_text(numbers, clustering->rank);
      tx_numbers_text(numbers, titles[s]);
      tx_numbers_put(numbers, clustering->scores[s]);
      tx_numbers_put(numbers, clustering->clusters);
      tx_numbers_put(numbers, clustering->records);
    }
  }
  return TX_OK;
}

const tx_column tx_losses_columns[5] = {
    {"run", -1}, {"loss", -1}, {"epoch", 0}, {"value", 4}, {"learning_rate", 6}};

tx_status tx_collect_losses(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  (void)error;
  for (size_t i = 0; i < report->run_count; i++)
    for (int kind = 0; kind < 2; kind++)
      for (size_t e = 0; e < report->runs[i].epoch_count; e++) {
        const tx_report_epoch *epoch = &report->runs[i].epochs[e];
        const double value = kind ? epoch->valid_loss : epoch->train_loss;
        if (!isfinite(value)) continue;
        tx_numbers_text(numbers, report->runs[i].name);
        tx_numbers_text(numbers, kind ? "validation" : "training");
        tx_numbers_put(numbers, epoch->epoch);
        tx_numbers_put(numbers, value);
        tx_numbers_put(numbers, epoch->learning_rate);
      }
  return TX_OK;
}

const tx_column tx_training_accuracy_columns[4] = {{"run", -1}, {"rank", -1}, {"epoch", 0}, {"accuracy", 4}};

tx_status tx_collect_training_accuracy(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  (void)error;
  for (size_t i = 0; i < report->run_count; i++)
    for (size_t r = 0; r < report->runs[i].rank_count; r++)
      for (size_t e = 0; e < report->runs[i].epoch_count; e++) {
        const tx_report_epoch *epoch = &report->runs[i].epochs[e];
        if (!isfinite(epoch->accuracy[r])) continue;
        tx_numbers_text(numbers, report->runs[i].name);
        tx_numbers_text(numbers, report->runs[i].ranks[r]);
        tx_numbers_put(numbers, epoch->epoch);
        tx_numbers_put(numbers, epoch->accuracy[r]);
      }
  return TX_OK;
}

const tx_column tx_map_columns[4] = {{"record", -1}, {"x", 3}, {"y", 3}, {"group", -1}};

/* What groups the points: clusters, else labels, else calls. */
typedef enum grouping { BY_CLUSTER, BY_LABEL, BY_CALL, BY_NOTHING } grouping;

static const char *const grouping_words[] = {"clusters", "labels of the truth", "calls", "nothing"};

/* The label or call of each id at the rank that is shown, TX_REPORT_NONE without one; NULL: no memory. */
static uint32_t *taxa_of_ids(const tx_result_report *report, grouping how)
{
  const tx_report_truth *truth = &report->truth;
  const size_t count = tx_names_count(report->ids);
  uint32_t *taxa = malloc((count + 1) * sizeof *taxa);
  if (!taxa) return NULL;
  memset(taxa, 0xff, (count + 1) * sizeof *taxa);
  for (size_t i = 0; how == BY_LABEL && i < truth->count; i++)
    taxa[truth->ids[i]] =
        truth->labels[i * truth->rank_count + tx_report_chosen_rank(report, truth->ranks, truth->rank_count)];
  for (size_t c = 0; how == BY_CALL && c < report->calls_count; c++) {
    const tx_report_calls *calls = &report->calls[c];
    const size_t rank = tx_report_chosen_rank(report, calls->ranks, calls->rank_count);
    for (size_t i = 0; i < calls->row_count; i++) {
      const tx_report_call *call = tx_report_call_at(calls, &calls->rows[i], rank);
      if (call) taxa[calls->rows[i].id] = call->taxon;
    }
  }
  return taxa;
}

static grouping choose_grouping(const tx_result_report *report)
{
  return report->cluster_capacity ? BY_CLUSTER
         : report->truth.count    ? BY_LABEL
         : report->calls_count    ? BY_CALL
                                  : BY_NOTHING;
}

static void name_group(const tx_result_report *report, grouping how, uint32_t key, char *text, size_t size)
{
  if (how == BY_NOTHING)
    snprintf(text, size, "points");
  else if (key == TX_REPORT_NONE)
    snprintf(text, size, "others");
  else if (how == BY_CLUSTER)
    snprintf(text, size, "cluster %lu", (unsigned long)key);
  else
    snprintf(text, size, "%s", tx_report_taxon(report, key));
}

/* A point is taken for every `stride` of them; the same ones each time. */
static void put_points(const tx_result_report *report, const tx_report_map *map, const uint32_t *groups,
                       grouping how, tx_numbers *numbers)
{
  const double stride = map->count > POINTS_MAX ? (double)map->count / POINTS_MAX : 1;
  for (size_t i = 0; i < POINTS_MAX && (size_t)((double)i * stride) < map->count; i++) {
    const size_t at = (size_t)((double)i * stride);
    char text[400];
    name_group(report, how, groups[at], text, sizeof text);
    tx_numbers_text(numbers, tx_names_key(report->ids, map->ids[at], NULL));
    tx_numbers_put(numbers, map->at[2 * at]);
    tx_numbers_put(numbers, map->at[2 * at + 1]);
    tx_numbers_text(numbers, text);
  }
}

static void describe_map(const tx_result_report *report, const tx_report_map *map, grouping how,
                         tx_numbers *numbers)
{
  size_t used = (size_t)snprintf(numbers->note, sizeof numbers->note, "Colours are %s.", grouping_words[how]);
  if (map->count > POINTS_MAX && used < sizeof numbers->note)
    used += (size_t)snprintf(numbers->note + used, sizeof numbers->note - used,
                             " A sample of %d of %zu points is shown.", POINTS_MAX, map->count);
  if (map->width > 2 && used < sizeof numbers->note)
    used += (size_t)snprintf(
        numbers->note + used, sizeof numbers->note - used,
        " The axes are the first two principal components of %zu, with %.0f %% of the variance.", map->width,
        100 * (map->share[0] + map->share[1]));
  if (report->map_count > 1 && used < sizeof numbers->note)
    snprintf(numbers->note + used, sizeof numbers->note - used, " Of %zu arrays the first is shown.",
             report->map_count);
}

tx_status tx_collect_map(const tx_result_report *report, tx_numbers *numbers, tx_error *error)
{
  const tx_report_map *map = &report->maps[0];
  const grouping how = choose_grouping(report);
  uint32_t *taxa = taxa_of_ids(report, how), *groups = calloc(map->count + 1, sizeof *groups);
  tx_tally tally = {0};
  bool failed = !taxa || !groups;
  for (size_t i = 0; i < map->count && !failed; i++) {
    const uint32_t id = map->ids[i];
    tx_tally_sums *sums;
    groups[i] = taxa[id];
    if (how == BY_CLUSTER && id < report->cluster_capacity && report->cluster_of[id] >= 0)
      groups[i] = (uint32_t)report->cluster_of[id];
    if (groups[i] == TX_REPORT_NONE) continue;
    sums = tx_tally_at(&tally, &groups[i], 1);
    if (sums) sums->reads++;
    failed = !sums;
  }
  tx_tally_sort(&tally);
  for (size_t i = 0; i < map->count && !failed; i++) {
    bool large = false;
    for (size_t g = 0; g < tally.count && g < GROUPS; g++) {
      uint32_t key[TX_TALLY_KEY_MAX];
      tx_tally_key(&tally, &tally.sums[g], key);
      large = large || *key == groups[i];
    }
    if (!large) groups[i] = TX_REPORT_NONE;
  }
  if (!failed) {
    put_points(report, map, groups, how, numbers);
    describe_map(report, map, how, numbers);
  }
  tx_tally_free(&tally);
  free(taxa);
  free(groups);
  return failed ? tx_fail_memory(error, "the map") : TX_OK;
}
