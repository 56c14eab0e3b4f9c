/* The scores of clusterings as a text table or as JSON. */
#include <taxamba/classes.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"

/* The scores that are printed, in their order. */
typedef struct column {
  const char *title, *key;
  size_t offset; /* in tx_partition_scores */
} column;

static const column columns[] = {
    {"AMI", "ami", offsetof(tx_partition_scores, ami)},
    {"NMI", "nmi", offsetof(tx_partition_scores, nmi)},
    {"ARI", "ari", offsetof(tx_partition_scores, ari)},
    {"homogeneity", "homogeneity", offsetof(tx_partition_scores, homogeneity)},
    {"completeness", "completeness", offsetof(tx_partition_scores, completeness)},
    {"V", "v", offsetof(tx_partition_scores, v)},
    {"FMI", "fmi", offsetof(tx_partition_scores, fmi)},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static double score_of(const tx_partition_scores *scores, size_t index)
{
  double score;
  memcpy(&score, (const char *)scores + columns[index].offset, sizeof score);
  return score;
}

static int title_width(size_t index)
{
  const size_t length = strlen(columns[index].title);
  return length > 7 ? (int)length : 7;
}

/* One row of the table. */
typedef struct table_row {
  const tx_cluster_row *own;
  const char *rank, *set;
  const tx_partition_scores *scores; /* NULL without classes */
  size_t missing;                    /* records without a label */
} table_row;

static void put_row(tx_bytes *text, const table_row *row)
{
  const tx_space_scores *space = tx_clustering_space(row->own->clustering);
  tx_bytes_printf(text, "%-8s  %-12s  %-10s  %-9s", row->own->method, row->own->space, row->rank, row->set);
  if (row->scores)
    tx_bytes_printf(text, "  %8zu  %10zu  %7zu  %8zu", row->scores->records, row->missing,
                    row->scores->classes, row->scores->clusters);
  else
    tx_bytes_printf(text, "  %8zu  %10s  %7s  %8zu", tx_clustering_records(row->own->clustering), "-", "-",
                    tx_clustering_count(row->own->clustering));
  for (size_t c = 0; c < COLUMNS; c++) {
    if (row->scores)
      tx_bytes_printf(text, "  %*.4f", title_width(c), score_of(row->scores, c));
    else
      tx_bytes_printf(text, "  %*s", title_width(c), "-");
  }
  if (isfinite(space->silhouette))
    tx_bytes_printf(text, "  %10.4f\n", space->silhouette);
  else
    tx_bytes_printf(text, "  %10s\n", "-");
}

static void put_json_scores(tx_bytes *text, const char *name, const tx_partition_scores *scores)
{
  tx_bytes_printf(text, ",\"%s\":{\"records\":%zu,\"classes\":%zu,\"clusters\":%zu", name, scores->records,
                  scores->classes, scores->clusters);
  for (size_t c = 0; c < COLUMNS; c++)
    tx_bytes_printf(text, ",\"%s\":%.10g", columns[c].key, score_of(scores, c));
  tx_bytes_text(text, "}");
}

static void put_text(tx_bytes *text, const char *name, const char *value)
{
  tx_bytes_printf(text, "\"%s\":", name);
  tx_bytes_json_string(text, value, strlen(value));
}

static void put_number(tx_bytes *text, const char *name, double number)
{
  if (isfinite(number))
    tx_bytes_printf(text, ",\"%s\":%.10g", name, number);
  else
    tx_bytes_printf(text, ",\"%s\":null", name);
}

static void put_json_row(tx_bytes *text, const table_row *row, const tx_class_scores *opt_scores)
{
  const tx_space_scores *space = tx_clustering_space(row->own->clustering);
  tx_bytes_text(text, "{");
  put_text(text, "method", row->own->method);
  tx_bytes_text(text, ",");
  put_text(text, "space", row->own->space);
  tx_bytes_printf(text, ",\"clusters\":%zu", tx_clustering_count(row->own->clustering));
  put_number(text, "silhouette", space->silhouette);
  put_number(text, "silhouette_l1", space->silhouette_l1);
  put_number(text, "silhouette_chebyshev", space->silhouette_chebyshev);
  put_number(text, "silhouette_arccos", space->silhouette_arccos);
  put_number(text, "calinski_harabasz", space->calinski_harabasz);
  put_number(text, "davies_bouldin", space->davies_bouldin);
  if (opt_scores) {
    tx_bytes_text(text, ",");
    put_text(text, "rank", row->rank);
    tx_bytes_printf(text, ",\"missing\":%zu,\"noise\":%zu", opt_scores->missing, opt_scores->noise);
    put_json_scores(text, "all", &opt_scores->all);
    if (opt_scores->noise && opt_scores->clustered.records)
      put_json_scores(text, "clustered", &opt_scores->clustered);
  }
  tx_bytes_text(text, "}");
}

static void put_head(tx_bytes *text, const tx_cluster_report_options *options)
{
  const bool one_class = options->missing == TX_MISSING_CLASS;
  if (options->json) {
    tx_bytes_text(text, "{");
    if (options->classes) tx_bytes_printf(text, "\"missing_labels\":\"%s\",", one_class ? "class" : "omit");
    tx_bytes_text(text, "\"rows\":[");
    return;
  }
  if (options->classes)
    tx_bytes_printf(text, "records without a label %s\n", one_class ? "count as one class" : "are left out");
  tx_bytes_printf(text, "%-8s  %-12s  %-10s  %-9s  %8s  %10s  %7s  %8s", "method", "space", "rank", "set",
                  "records", "unlabelled", "classes", "clusters");
  for (size_t c = 0; c < COLUMNS; c++) tx_bytes_printf(text, "  %*s", title_width(c), columns[c].title);
  tx_bytes_text(text, "  silhouette\n");
}

static tx_status put_rank(tx_bytes *text, const tx_cluster_row *own, size_t rank,
                          const tx_cluster_report_options *options, tx_error *error)
{
  tx_class_scores scores;
  table_row row = {own, tx_classes_rank_name(options->classes, rank), "all", &scores.all, 0};
  const tx_status status =
      tx_classes_score(options->classes, own->clustering, rank, options->missing, &scores, error);
  if (status != TX_OK) return status;
  row.missing = scores.missing;
  if (options->json) {
    put_json_row(text, &row, &scores);
    return TX_OK;
  }
  put_row(text, &row);
  if (scores.noise && scores.clustered.records) {
    row.set = "clustered";
    row.scores = &scores.clustered;
    put_row(text, &row);
  }
  return TX_OK;
}

static tx_status write_text(const tx_bytes *text, const tx_cluster_report_options *options, tx_error *error)
{
  tx_output *output = NULL;
  tx_status status;
  if (text->failed) return tx_fail_memory(error, "the scores of clusters");
  status = tx_output_open(options->path, options->stop, &output, error);
  if (status == TX_OK) status = tx_output_write(output, text->data, text->size, error);
  if (status == TX_OK) return tx_output_commit(output, error);
  tx_output_abort(output);
  return status;
}

tx_status tx_cluster_report(const tx_cluster_row *rows, size_t count,
                            const tx_cluster_report_options *options, tx_error *error)
{
  const size_t ranks = options->classes ? tx_classes_rank_count(options->classes) : 1;
  tx_bytes text = {0};
  tx_status status = TX_OK;
  put_head(&text, options);
  for (size_t i = 0; i < count && status == TX_OK; i++)
    for (size_t r = 0; r < ranks && status == TX_OK; r++) {
      const table_row row = {&rows[i], "-", "-", NULL, 0};
      if (options->json && (i || r)) tx_bytes_text(&text, ",");
      if (options->classes)
        status = put_rank(&text, &rows[i], r, options, error);
      else if (options->json)
        put_json_row(&text, &row, NULL);
      else
        put_row(&text, &row);
    }
  if (options->json) tx_bytes_text(&text, "]}\n");
  if (status == TX_OK) status = write_text(&text, options, error);
  tx_bytes_free(&text);
  return status;
}
