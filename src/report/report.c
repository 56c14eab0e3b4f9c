/* A report while it is put together: its files, and how they are recognised. */
#include "report/data.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/fields.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/table.h"
#include "report/checksum.h"

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the report");
}

static bool set_text(char **to, const char *text)
{
  free(*to);
  *to = text && *text ? tx_copy_text(text, strlen(text)) : NULL;
  return *to || !text || !*text;
}

tx_status tx_report_create(const tx_report_options *options, tx_result_report **ret_report, tx_error *error)
{
  tx_result_report *report = calloc(1, sizeof *report);
  tx_sample_options samples = {.size = options->size, .hooks = options->hooks};
  tx_status status = report ? TX_OK : out_of_memory(error);
  *ret_report = NULL;
  if (status != TX_OK) return status;
  report->size = options->size;
  report->min_confidence = options->min_confidence;
  report->hooks = options->hooks;
  if (!set_text(&report->title, options->title && *options->title ? options->title : "Taxamba report") ||
      !set_text(&report->command, options->command) || !set_text(&report->rank, options->rank) ||
      !set_text(&report->series, options->series) || !set_text(&report->sample_from, options->sample_from))
    status = out_of_memory(error);
  samples.from = report->sample_from;
  if (status == TX_OK) status = tx_names_create(&report->ids, error);
  if (status == TX_OK) status = tx_names_create(&report->taxa, error);
  if (status == TX_OK) status = tx_samples_open(&samples, &report->samples, error);
  if (status == TX_OK)
    *ret_report = report;
  else
    tx_report_free(report);
  return status;
}

/* The beginning of a file, and what follows from it. */
typedef struct beginning {
  tx_fields fields;       /* of its first line, at its tabs or commas */
  bool json;              /* it begins with an object */
  bool array;             /* it is a NumPy array */
  bool event, prediction; /* its first line is such an object */
  bool cluster_table;     /* it has the heading of the scores of clusters */
} beginning;

static void judge_object(const char *line, size_t length, beginning *start)
{
  tx_json *object = NULL;
  start->json = true;
  if (tx_json_parse(line, length, "", &object, NULL) != TX_OK) return;
  start->event = tx_json_is_string(tx_json_get(object, "event"));
  start->prediction =
      tx_json_is_string(tx_json_get(object, "id")) && tx_json_is_array(tx_json_get(object, "lineage"));
  tx_json_free(object);
}

static tx_status look(const char *path, const tx_input_hooks *hooks, beginning *start, tx_error *error)
{
  tx_input *input = NULL;
  tx_lines *lines = NULL;
  const char *data, *line;
  size_t length;
  tx_status status = tx_input_open(path, hooks, &input, error);
  if (status != TX_OK) return status;
  status = tx_input_peek(input, 6, &data, &length, error);
  if (status != TX_OK || (length >= 6 && memcmp(data, "\x93NUMPY", 6) == 0)) {
    start->array = status == TX_OK;
    tx_input_close(input);
    return status;
  }
  status = tx_lines_adopt(input, &lines, error);
  for (int i = 0; i < 2 && status == TX_OK && !start->cluster_table; i++) {
    do status = tx_lines_next(lines, &line, &length, error);
    while (status == TX_OK && !length);
    if (status != TX_OK) break;
    start->cluster_table = strncmp(line, "method ", 7) == 0;
    if (i) break; /* the scores of clusters have a line before their heading */
    if (*line == '{') judge_object(line, length, start);
    if (!tx_fields_cut(&start->fields, line, length, memchr(line, '\t', length) ? '\t' : ','))
      status = out_of_memory(error);
  }
  tx_lines_close(lines);
  return status == TX_END ? TX_OK : status;
}

/* Whether the first line is that of a table with an id, and ranks with a confidence or a column of statuses,
   which only the table of taxamba classify has. */
static bool is_own_table(const beginning *start)
{
  bool id = false, own = false;
  for (size_t i = 0; i < start->fields.count; i++) {
    const char *name = start->fields.items[i];
    const size_t length = strlen(name);
    id = id || tx_text_equal_fold(name, "id");
    own = own || (length > 11 && strcmp(name + length - 11, "_confidence") == 0);
  }
  return id && own;
}

static bool is_clusters(const beginning *start)
{
  const size_t count = start->fields.count;
  return (count == 2 || (count == 3 && strcmp(start->fields.items[2], "probability") == 0)) &&
         strcmp(start->fields.items[0], "id") == 0 && strcmp(start->fields.items[1], "cluster") == 0;
}

static tx_status read_document(tx_result_report *report, const char *path, const char *name,
                               const char **ret_kind, tx_error *error)
{
  tx_input *input = NULL;
  tx_bytes text = {0};
  char part[1 << 14];
  size_t count = 1;
  tx_error cause = {0};
  tx_status status = tx_input_open(path, &report->hooks, &input, error);
  while (status == TX_OK && count) {
    status = tx_input_read(input, part, sizeof part, &count, error);
    if (status == TX_OK) tx_bytes_append(&text, part, count);
  }
  tx_input_close(input);
  if (status == TX_OK && text.failed) status = out_of_memory(error);
  if (status == TX_OK) {
    status = tx_report_read_json(report, text.data, text.size, name, ret_kind, &cause);
    if (status != TX_OK) tx_fail(error, status, "%.300s: %s", path, cause.message);
  }
  tx_bytes_free(&text);
  return status;
}

static tx_status refuse(const char *path, tx_error *error)
{
  return tx_fail(error, TX_ERROR_DATA,
                 "%.300s: none of the files that a report is made of: JSON of taxamba eval or cluster, "
                 "clusters, the log of a training, predictions, or a NumPy array",
                 path);
}

/* Reads a file by its content. */
static tx_status read_file(tx_result_report *report, const char *path, const char *name,
                           const char **ret_kind, tx_error *error)
{
  beginning start = {0};
  tx_error cause = {0};
  tx_status status = look(path, &report->hooks, &start, error);
  if (status != TX_OK) goto end;
  if (start.array) {
    *ret_kind = "vectors";
    status = tx_report_read_points(report, path, name, error);
  } else if (start.event) {
    *ret_kind = "log of a training";
    status = tx_report_read_log(report, path, name, error);
  } else if (start.prediction) {
    *ret_kind = "predictions";
    status = tx_report_read_lines(report, path, name, error);
  } else if (start.json) {
    status = read_document(report, path, name, ret_kind, error);
    if (status == TX_OK && !*ret_kind) status = refuse(path, error);
  } else if (start.cluster_table) {
    *ret_kind = "scores of clusters";
    status = tx_report_read_cluster_table(report, path, name, error);
  } else if (is_clusters(&start)) {
    *ret_kind = "clusters";
    status = tx_report_read_clusters(report, path, error);
  } else if (is_own_table(&start)) {
    *ret_kind = "predictions";
    status = tx_report_read_table(report, path, name, error);
  } else {
    *ret_kind = "predictions";
    status = tx_report_read_others(report, path, name, &cause);
    if (status == TX_ERROR_DATA)
      status = refuse(path, error);
    else if (status != TX_OK && error)
      *error = cause;
  }
end:
  tx_fields_free(&start.fields);
  return status;
}

/* A file's name without its folder and its last ending, and without .gz. */
static char *short_name(const char *path)
{
  const char *slash = strrchr(path, '/'), *start = slash ? slash + 1 : path, *dot;
  size_t length = strlen(start);
  if (length > 3 && strcmp(start + length - 3, ".gz") == 0) length -= 3;
  dot = start + length;
  while (dot > start && *dot != '.') dot--;
  return tx_copy_text(start, dot > start ? (size_t)(dot - start) : length);
}

tx_status tx_report_add(tx_result_report *report, const char *path, const char *opt_name, tx_error *error)
{
  char *name = opt_name && *opt_name ? tx_copy_text(opt_name, strlen(opt_name)) : short_name(path);
  tx_report_input *input =
      tx_report_grow(&report->inputs, &report->input_count, &report->input_capacity, sizeof *input);
  tx_status status = TX_OK;
  if (!name || !input || !set_text(&input->path, path)) {
    free(name);
    return out_of_memory(error);
  }
  status = tx_file_checksum(path, input->sha256, &input->size, error);
  if (status == TX_OK) status = read_file(report, path, name, &input->kind, error);
  free(name);
  return status;
}

tx_status tx_report_list_input(tx_result_report *report, const char *path, const char *kind, tx_error *error)
{
  tx_report_input *input =
      tx_report_grow(&report->inputs, &report->input_count, &report->input_capacity, sizeof *input);
  if (!input || !set_text(&input->path, path)) return out_of_memory(error);
  input->kind = kind;
  return tx_file_checksum(path, input->sha256, &input->size, error);
}

tx_status tx_report_add_audit(tx_result_report *report, const char *path, tx_error *error)
{
  tx_input *input = NULL;
  tx_table *table = NULL;
  size_t kind, reference;
  char **fields;
  tx_status status = tx_report_list_input(report, path, "audit of labels", error);
  if (status == TX_OK) status = tx_input_open(path, &report->hooks, &input, error);
  if (status == TX_OK) status = tx_table_open(input, &table, error);
  if (status == TX_OK) status = tx_table_require(table, "kind", &kind, error);
  if (status == TX_OK) status = tx_table_require(table, "reference", &reference, error);
  while (status == TX_OK && (status = tx_table_next(table, &fields, error)) == TX_OK) {
    uint32_t id = 0;
    if (strcmp(fields[kind], "label") != 0) continue;
    status = tx_report_id(report, fields[reference], strlen(fields[reference]), &id, error);
    if (status == TX_OK)
      status = tx_report_reach(&report->suspect_ids, &report->suspect_capacity, id,
                               sizeof *report->suspect_ids, 0, error);
    if (status == TX_OK) report->suspect_ids[id] = true;
  }
  tx_table_close(table);
  return status == TX_END ? TX_OK : status;
}

tx_status tx_report_add_lengths(tx_result_report *report, const char *path, tx_error *error)
{
  tx_reader *reader = NULL;
  tx_record record;
  tx_status status = tx_report_list_input(report, path, "sequences", error);
  if (status == TX_OK) status = tx_reader_open(&path, 1, &report->hooks, &reader, error);
  while (status == TX_OK && (status = tx_reader_next(reader, &record, error)) == TX_OK) {
    const uint64_t length = record.base_count + record.omitted;
    uint32_t id = 0;
    status = tx_report_id(report, record.id, record.id_length, &id, error);
    if (status == TX_OK)
      status = tx_report_reach(&report->length_of, &report->length_capacity, id, sizeof *report->length_of, 0,
                               error);
    if (status == TX_OK) report->length_of[id] = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX;
  }
  tx_reader_close(reader);
  return status == TX_END ? TX_OK : status;
}

static void free_calls(tx_report_calls *calls)
{
  for (size_t r = 0; r < calls->rank_count; r++) free(calls->ranks[r]);
  free(calls->name);
  free(calls->file);
  free(calls->rows);
  free(calls->calls);
}

static void free_results(tx_result_report *report)
{
  for (size_t i = 0; i < report->score_count; i++) {
    tx_report_scores *scores = &report->scores[i];
    for (size_t r = 0; r < scores->rank_count; r++) free(scores->ranks[r].name);
    free(scores->ranks);
    free(scores->name);
  }
  for (size_t i = 0; i < report->run_count; i++) {
    tx_report_run *run = &report->runs[i];
    for (size_t r = 0; r < run->rank_count; r++) free(run->ranks[r]);
    free(run->epochs);
    free(run->name);
  }
  for (size_t i = 0; i < report->clustering_count; i++) {
    tx_report_clustering *clustering = &report->clusterings[i];
    free(clustering->file);
    free(clustering->method);
    free(clustering->space);
    free(clustering->rank);
  }
  for (size_t i = 0; i < report->curve_count; i++) {
    free(report->curves[i].name);
    free(report->curves[i].points);
  }
  for (size_t i = 0; i < report->calls_count; i++) free_calls(&report->calls[i]);
  for (size_t i = 0; i < report->map_count; i++) {
    free(report->maps[i].name);
    free(report->maps[i].ids);
    free(report->maps[i].at);
  }
}

static void free_truth(tx_report_truth *truth)
{
  for (size_t r = 0; r < truth->rank_count; r++) {
    free(truth->ranks[r]);
    free(truth->known[r]);
  }
  free(truth->ids);
  free(truth->lengths);
  free(truth->labels);
}

void tx_report_free(tx_result_report *report)
{
  if (!report) return;
  free_results(report);
  free_truth(&report->truth);
  for (size_t i = 0; i < report->figure_count; i++) tx_numbers_free(&report->figures[i].numbers);
  for (size_t i = 0; i < report->input_count; i++) free(report->inputs[i].path);
  free(report->inputs);
  free(report->scores);
  free(report->runs);
  free(report->clusterings);
  free(report->curves);
  free(report->calls);
  free(report->maps);
  free(report->figures);
  free(report->cluster_of);
  free(report->suspect_ids);
  free(report->length_of);
  free(report->title);
  free(report->command);
  free(report->rank);
  free(report->series);
  free(report->sample_from);
  free(report->good_what);
  tx_samples_close(report->samples);
  tx_names_free(report->ids);
  tx_names_free(report->taxa);
  free(report);
}
