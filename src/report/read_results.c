/* Reads evaluations and scores of clusterings from JSON, logs of trainings, and tables of clusterings. */
#include "report/data.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/fields.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/memory.h"
#include "base/text.h"
#include "report/scale.h"
#include "seq/trained_lengths.h"

const char *const tx_report_cluster_scores[TX_CLUSTER_SCORES] = {"ami",          "nmi", "ari", "homogeneity",
                                                                 "completeness", "v",   "fmi", "silhouette"};

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the report");
}

static char *copy(const char *text)
{
  return tx_copy_text(text, strlen(text));
}

/* A number of an object; NaN where there is none. */
static double number_of(const tx_json *object, const char *key)
{
  const tx_json *value = tx_json_get(object, key);
  return tx_json_is_number(value) ? tx_json_number(value) : NAN;
}

static void read_bins(const tx_json *list, tx_report_set *set)
{
  size_t b = 0;
  for (const tx_json *bin = tx_json_first(list); bin && b < TX_RELIABILITY_BINS; bin = tx_json_next(bin)) {
    const double count = number_of(bin, "count");
    if (count > 0 && count <= 9007199254740992.0)
      set->bins[b] =
          (tx_reliability_bin){(uint64_t)count, number_of(bin, "confidence"), number_of(bin, "accuracy")};
    b++;
  }
  set->has_bins = b > 0;
}

static void read_set(const tx_json *object, tx_report_set *set)
{
  const tx_json *interval = tx_json_get(object, "accuracy_interval");
  const tx_json *low = tx_json_is_array(interval) ? tx_json_first(interval) : NULL;
  const tx_json *high = low ? tx_json_next(low) : NULL;
  if (!tx_json_is_object(object)) return;
  set->there = true;
  set->queries = number_of(object, "queries");
  set->called = number_of(object, "called");
  set->correct = number_of(object, "correct");
  set->classes = number_of(object, "classes");
  set->accuracy = number_of(object, "accuracy");
  set->macro_accuracy = number_of(object, "macro_accuracy");
  set->macro_f1 = number_of(object, "macro_f1");
  set->coverage = number_of(object, "coverage");
  set->ece = number_of(object, "ece");
  set->resampled = tx_json_is_number(low) && tx_json_is_number(high);
  if (set->resampled) {
    set->low = tx_json_number(low);
    set->high = tx_json_number(high);
  } else {
    tx_wilson(set->correct, set->queries, &set->low, &set->high);
  }
  read_bins(tx_json_get(object, "reliability"), set);
}

/* Whether it is an object as taxamba eval --json writes it. */
static bool is_evaluation(const tx_json *object)
{
  const tx_json *rank = tx_json_first(tx_json_get(object, "ranks"));
  return tx_json_is_array(tx_json_get(object, "ranks")) && tx_json_is_object(rank) &&
         tx_json_is_string(tx_json_get(rank, "rank")) && tx_json_is_object(tx_json_get(rank, "all"));
}

static bool is_clustering(const tx_json *object)
{
  const tx_json *row = tx_json_first(tx_json_get(object, "rows"));
  return tx_json_is_array(tx_json_get(object, "rows")) && tx_json_is_object(row) &&
         tx_json_is_string(tx_json_get(row, "method")) && tx_json_is_string(tx_json_get(row, "space"));
}

/* Whether two series have the same figures: one evaluation, given twice. */
static bool same_scores(const tx_report_scores *a, const tx_report_scores *b)
{
  bool same = a->rank_count == b->rank_count;
  for (size_t r = 0; r < a->rank_count && same; r++) {
    const tx_report_set *x = &a->ranks[r].sets[TX_REPORT_ALL], *y = &b->ranks[r].sets[TX_REPORT_ALL];
    same = strcmp(a->ranks[r].name, b->ranks[r].name) == 0 && x->queries == y->queries &&
           x->called == y->called && x->correct == y->correct && x->classes == y->classes &&
           (x->ece == y->ece || (isnan(x->ece) && isnan(y->ece)));
  }
  return same;
}

static void free_scores(tx_report_scores *scores)
{
  for (size_t r = 0; r < scores->rank_count; r++) free(scores->ranks[r].name);
  free(scores->ranks);
  free(scores->name);
}

static tx_status read_evaluation(tx_result_report *report, const tx_json *object, const char *name, bool once,
                                 tx_error *error)
{
  tx_report_scores *scores =
      tx_report_grow(&report->scores, &report->score_count, &report->score_capacity, sizeof *scores);
  if (!scores || !(scores->name = copy(name))) return out_of_memory(error);
  for (const tx_json *item = tx_json_first(tx_json_get(object, "ranks")); item; item = tx_json_next(item)) {
    const char *rank_name = tx_json_string(tx_json_get(item, "rank"));
    tx_report_rank *rank;
    if (!rank_name || scores->rank_count == TX_RANKS_MAX) continue;
    rank = tx_report_grow(&scores->ranks, &scores->rank_count, &scores->rank_capacity, sizeof *rank);
    if (!rank || !(rank->name = copy(rank_name))) return out_of_memory(error);
    read_set(tx_json_get(item, "all"), &rank->sets[TX_REPORT_ALL]);
    read_set(tx_json_get(item, "known"), &rank->sets[TX_REPORT_KNOWN]);
  }
  for (size_t i = 0; once && i + 1 < report->score_count; i++)
    if (same_scores(&report->scores[i], scores)) {
      free_scores(scores);
      report->score_count--;
      break;
    }
  return TX_OK;
}

static tx_status read_clusterings(tx_result_report *report, const tx_json *object, const char *name,
                                  tx_error *error)
{
  for (const tx_json *row = tx_json_first(tx_json_get(object, "rows")); row; row = tx_json_next(row)) {
    const char *method = tx_json_string(tx_json_get(row, "method"));
    const char *space = tx_json_string(tx_json_get(row, "space"));
    const char *rank = tx_json_string(tx_json_get(row, "rank"));
    const tx_json *all = tx_json_get(row, "all");
    tx_report_clustering *to;
    if (!method || !space) continue;
    to = tx_report_grow(&report->clusterings, &report->clustering_count, &report->clustering_capacity,
                        sizeof *to);
    if (!to || !(to->file = copy(name)) || !(to->method = copy(method)) || !(to->space = copy(space)) ||
        !(to->rank = copy(rank ? rank : "")))
      return out_of_memory(error);
    to->clusters = number_of(row, "clusters");
    to->records = number_of(all, "records");
    for (size_t s = 0; s < TX_CLUSTER_SCORES; s++)
      to->scores[s] = number_of(s + 1 < TX_CLUSTER_SCORES ? all : row, tx_report_cluster_scores[s]);
  }
  return TX_OK;
}

/* The results of a way to tell new taxa, with its curve: [[0,0],[0.01,0.62], ...]. */
static bool is_curve(const tx_json *object)
{
  return tx_json_is_object(object) && tx_json_is_array(tx_json_get(object, "curve"));
}

static tx_status read_curve(tx_result_report *report, const tx_json *object, const char *name,
                            tx_error *error)
{
  tx_report_curve *curve =
      tx_report_grow(&report->curves, &report->curve_count, &report->curve_capacity, sizeof *curve);
  if (!curve || !(curve->name = copy(name))) return out_of_memory(error);
  curve->area = number_of(tx_json_get(object, "scores"), "auroc");
  for (const tx_json *pair = tx_json_first(tx_json_get(object, "curve")); pair; pair = tx_json_next(pair)) {
    const tx_json *known = tx_json_first(pair), *unseen = known ? tx_json_next(known) : NULL;
    double(*point)[2];
    if (!unseen || !tx_json_is_number(known) || !tx_json_is_number(unseen)) continue;
    point = tx_report_grow(&curve->points, &curve->count, &curve->capacity, sizeof *point);
    if (!point) return out_of_memory(error);
    (*point)[0] = tx_json_number(known);
    (*point)[1] = tx_json_number(unseen);
  }
  return TX_OK;
}

/* What a member adds to the name of the series in it; "": nothing. Items of a list are called what they say
   they are. */
static void name_member(const tx_json *parent, const tx_json *member, tx_bytes *name)
{
  static const char *const says[] = {"name", "stage", "method", "band"};
  const char *key = tx_json_is_object(parent) ? tx_json_key(member) : NULL;
  if (key && strcmp(key, "stages") != 0 && strcmp(key, "scores") != 0) tx_bytes_printf(name, " %s", key);
  for (size_t i = 0; !key && i < sizeof says / sizeof *says; i++) {
    const char *word = tx_json_string(tx_json_get(member, says[i]));
    if (word) tx_bytes_printf(name, " %s", word);
  }
}

/* Collects results from an object and its members; a member's series is named after it too. */
static tx_status collect(tx_result_report *report, const tx_json *object, const char *name, const char **kind,
                         tx_error *error)
{
  tx_status status = TX_OK;
  if (is_evaluation(object)) {
    *kind = "evaluation";
    return read_evaluation(report, object, name, false, error);
  }
  if (is_clustering(object)) {
    if (!*kind) *kind = "scores of clusters";
    return read_clusterings(report, object, name, error);
  }
  if (is_curve(object)) {
    if (!*kind) *kind = "evaluation";
    return read_curve(report, object, name, error);
  }
  for (const tx_json *child = tx_json_first(object); child && status == TX_OK; child = tx_json_next(child)) {
    tx_bytes longer = {0};
    if (!tx_json_is_object(child) && !tx_json_is_array(child)) continue;
    /* bands of identity are parts of a series, too many to be seen beside others */
    if (tx_json_is_object(object) && strcmp(tx_json_key(child), "by_identity") == 0) continue;
    tx_bytes_text(&longer, name);
    name_member(object, child, &longer);
    status = longer.failed ? out_of_memory(error) : collect(report, child, longer.data, kind, error);
    tx_bytes_free(&longer);
  }
  return status;
}

tx_status tx_report_read_json(tx_result_report *report, const char *text, size_t length, const char *name,
                              const char **ret_kind, tx_error *error)
{
  tx_json *document = NULL;
  tx_status status = tx_json_parse(text, length, name, &document, error);
  *ret_kind = NULL;
  if (status == TX_OK) status = collect(report, document, name, ret_kind, error);
  tx_json_free(document);
  return status;
}

tx_status tx_report_add_scores(tx_result_report *report, const char *json, const char *name, tx_error *error)
{
  tx_json *document = NULL;
  tx_status status = tx_json_parse(json, strlen(json), name, &document, error);
  if (status == TX_OK && is_evaluation(document))
    status = read_evaluation(report, document, name, true, error);
  tx_json_free(document);
  return status;
}

/* Adds an epoch of a log. */
static tx_status add_epoch(tx_report_run *run, const tx_json *event, tx_error *error)
{
  tx_report_epoch *epoch =
      tx_report_grow(&run->epochs, &run->epoch_count, &run->epoch_capacity, sizeof *epoch);
  if (!epoch) return out_of_memory(error);
  epoch->epoch = number_of(event, "epoch");
  epoch->train_loss = number_of(event, "train_loss");
  epoch->valid_loss = number_of(event, "valid_loss");
  epoch->learning_rate = number_of(event, "learning_rate");
  for (size_t r = 0; r < TX_RANKS_MAX; r++) epoch->accuracy[r] = NAN;
  for (const tx_json *item = tx_json_first(tx_json_get(event, "accuracy")); item; item = tx_json_next(item)) {
    const char *rank = tx_json_key(item);
    int at = rank ? tx_report_find_rank(run->ranks, run->rank_count, rank) : TX_RANKS_MAX;
    if (at < 0 && run->rank_count < TX_RANKS_MAX) {
      at = (int)run->rank_count;
      if (!(run->ranks[run->rank_count++] = copy(rank))) return out_of_memory(error);
    }
    if (at >= 0 && at < TX_RANKS_MAX && tx_json_is_number(item)) epoch->accuracy[at] = tx_json_number(item);
  }
  return TX_OK;
}

/* A resumed run repeats epochs that its checkpoint did not have: the last of each counts. */
static void drop_repeated(tx_report_run *run)
{
  const double next = run->epochs[run->epoch_count - 1].epoch;
  size_t keep = run->epoch_count - 1;
  while (keep && run->epochs[keep - 1].epoch >= next) keep--;
  run->epochs[keep] = run->epochs[run->epoch_count - 1];
  run->epoch_count = keep + 1;
}

static tx_status add_event(tx_result_report *report, tx_report_run *run, const tx_json *event,
                           tx_error *error)
{
  const char *kind = tx_json_string(tx_json_get(event, "event"));
  const tx_json *config = tx_json_get(event, "config");
  tx_status status = TX_OK;
  if (kind && strcmp(kind, "epoch") == 0) {
    status = add_epoch(run, event, error);
    if (status == TX_OK) drop_repeated(run);
  } else if (kind && strcmp(kind, "start") == 0 && !report->good_longest) {
    size_t shortest, longest;
    if (tx_trained_lengths(config, &shortest, &longest))
      status = tx_report_set_good_lengths(report, shortest, longest, "the settings of the training", error);
  }
  return status;
}

tx_status tx_report_read_log(tx_result_report *report, const char *path, const char *name, tx_error *error)
{
  tx_report_run *run = tx_report_grow(&report->runs, &report->run_count, &report->run_capacity, sizeof *run);
  tx_lines *lines = NULL;
  const char *line;
  size_t length;
  tx_status status;
  if (!run || !(run->name = copy(name))) return out_of_memory(error);
  status = tx_lines_open(path, &report->hooks, &lines, error);
  while (status == TX_OK && (status = tx_lines_next(lines, &line, &length, error)) == TX_OK) {
    tx_json *event = NULL;
    tx_error cause;
    if (!length) continue;
    status = tx_json_parse(line, length, "an event", &event, &cause);
    if (status != TX_OK)
      status = tx_fail_at(error, status, path, tx_lines_number(lines), 0, "%s", cause.message);
    if (status == TX_OK) status = add_event(report, run, event, error);
    tx_json_free(event);
  }
  tx_lines_close(lines);
  return status == TX_END ? TX_OK : status;
}

/* The column of a name in any letter case, -1 if there is none. */
static int find_column(const tx_fields *header, const char *name)
{
  for (size_t i = 0; i < header->count; i++)
    if (tx_text_equal_fold(header->items[i], name)) return (int)i;
  return -1;
}

static double field_number(const tx_fields *row, int column)
{
  double value;
  if (column < 0 || (size_t)column >= row->count || !tx_text_decimal(row->items[column], &value)) return NAN;
  return value;
}

static tx_status add_table_row(tx_result_report *report, const tx_fields *header, const tx_fields *row,
                               const char *name, tx_error *error)
{
  tx_report_clustering *to = tx_report_grow(&report->clusterings, &report->clustering_count,
                                            &report->clustering_capacity, sizeof *to);
  if (!to || !(to->file = copy(name)) || !(to->method = copy(row->items[0])) ||
      !(to->space = copy(row->items[1])) ||
      !(to->rank = copy(strcmp(row->items[2], "-") == 0 ? "" : row->items[2])))
    return out_of_memory(error);
  to->clusters = field_number(row, find_column(header, "clusters"));
  to->records = field_number(row, find_column(header, "records"));
  for (size_t s = 0; s < TX_CLUSTER_SCORES; s++)
    to->scores[s] = field_number(row, find_column(header, tx_report_cluster_scores[s]));
  return TX_OK;
}

tx_status tx_report_read_cluster_table(tx_result_report *report, const char *path, const char *name,
                                       tx_error *error)
{
  tx_fields header = {0}, row = {0};
  tx_lines *lines = NULL;
  const char *line;
  size_t length;
  const int set_column = 3;
  tx_status status = tx_lines_open(path, &report->hooks, &lines, error);
  while (status == TX_OK && (status = tx_lines_next(lines, &line, &length, error)) == TX_OK) {
    tx_fields *to = header.count ? &row : &header;
    if (!header.count && strncmp(line, "method ", 7) != 0) continue;
    if (!tx_fields_cut(to, line, length, ' ')) status = out_of_memory(error);
    if (to == &header || status != TX_OK) continue;
    if (row.count != header.count)
      status = tx_fail_at(error, TX_ERROR_DATA, path, tx_lines_number(lines), 0,
                          "%zu fields, the header has %zu", row.count, header.count);
    else if (strcmp(row.items[set_column], "clustered") != 0)
      status = add_table_row(report, &header, &row, name, error);
  }
  tx_lines_close(lines);
  tx_fields_free(&header);
  tx_fields_free(&row);
  return status == TX_END ? TX_OK : status;
}

/* The cluster of a row, between the first tab and the second or the end: a whole number, or NA, which is left
   as NaN. */
static bool read_cluster(const char *line, size_t *ret_id_length, double *ret_cluster)
{
  char text[24];
  const char *tab = strchr(line, '\t');
  const size_t length = tab ? strcspn(tab + 1, "\t") : 0;
  *ret_cluster = NAN;
  if (!tab || length >= sizeof text) return false;
  *ret_id_length = (size_t)(tab - line);
  memcpy(text, tab + 1, length);
  text[length] = '\0';
  if (strcmp(text, "NA") == 0) return true;
  return tx_text_decimal(text, ret_cluster) && *ret_cluster >= -1 && *ret_cluster <= INT32_MAX &&
         *ret_cluster == floor(*ret_cluster);
}

tx_status tx_report_read_clusters(tx_result_report *report, const char *path, tx_error *error)
{
  tx_lines *lines = NULL;
  const char *line;
  size_t length;
  bool header = true;
  tx_status status = tx_lines_open(path, &report->hooks, &lines, error);
  while (status == TX_OK && (status = tx_lines_next(lines, &line, &length, error)) == TX_OK) {
    double cluster = NAN;
    size_t id_length = 0;
    uint32_t id = 0;
    if (header || !length) {
      header = false;
      continue;
    }
    if (!read_cluster(line, &id_length, &cluster)) {
      status = tx_fail_at(error, TX_ERROR_DATA, path, tx_lines_number(lines), 0,
                          "no id and cluster with a tab between them");
      break;
    }
    status = tx_report_id(report, line, id_length, &id, error);
    /* 0x80 in every byte is a negative number that is no cluster */
    if (status == TX_OK)
      status = tx_report_reach(&report->cluster_of, &report->cluster_capacity, id, sizeof *report->cluster_of,
                               0x80, error);
    if (status == TX_OK && !isnan(cluster)) report->cluster_of[id] = (int32_t)cluster;
  }
  tx_lines_close(lines);
  return status == TX_END ? TX_OK : status;
}
