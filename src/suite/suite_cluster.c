/* Zero-shot clusters of test and test_unseen, and how well new species are told from known ones. */
#include "suite/suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/cluster.h>
#include <taxamba/neighbours.h>

#include "base/error.h"
#include "base/memory.h"
#include "cluster/points.h"
#include "seq/bases.h"

enum { BARCODE_BASES = 660 };

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the clusters");
}

/* The first record of each barcode, as the published protocol has it: 660 bases, without N at the end. */
static tx_status choose_records(const tx_suite *suite, const tx_suite_view *view, tx_suite_clusters *clusters,
                                tx_points *points, tx_error *error)
{
  tx_names *barcodes = NULL;
  uint8_t *codes = NULL;
  size_t capacity = 0;
  tx_status status = tx_names_create(&barcodes, error);
  clusters->splits = tx_malloc_aligned(view->count + 1, sizeof *clusters->splits);
  clusters->records = tx_malloc_aligned(view->count + 1, sizeof *clusters->records);
  clusters->labels = tx_malloc_aligned(view->count + 1, sizeof *clusters->labels);
  if (status == TX_OK && !(clusters->splits && clusters->records && clusters->labels))
    status = out_of_memory(error);
  for (size_t i = 0; i < view->count && status == TX_OK; i++) {
    const tx_suite_part *part = view->parts[i];
    const float *vector = part->vectors + view->records[i] * suite->width;
    const size_t known = tx_names_count(barcodes);
    size_t count;
    const char *letters = tx_suite_letters(part, view->records[i], &count);
    double *to = NULL;
    uint32_t number = 0;
    if (!isfinite(vector[0])) continue;
    if (!tx_reserve(&codes, &capacity, count + 1, 1)) {
      status = out_of_memory(error);
      break;
    }
    count = tx_bases_trim(codes, tx_bases_encode(letters, count, codes), BARCODE_BASES);
    status = tx_names_add(barcodes, codes, count, &number, error);
    if (status != TX_OK || number < known) continue;
    status = tx_points_add(points, &to, error);
    if (status != TX_OK) break;
    for (size_t d = 0; d < suite->width; d++) to[d] = (double)vector[d];
    tx_points_judge(points);
    status = tx_points_name(points, tx_suite_id(part, view->records[i]),
                            strlen(tx_suite_id(part, view->records[i])), error);
    clusters->splits[clusters->count] = (tx_suite_split)(part - suite->parts);
    clusters->records[clusters->count++] = view->records[i];
  }
  free(codes);
  tx_names_free(barcodes);
  return status;
}

/* Distinct labels at the lowest rank; those without one are one class. */
static tx_status count_classes(const tx_suite *suite, const tx_suite_clusters *clusters, size_t *ret_count,
                               tx_error *error)
{
  const size_t rank = suite->rank_count - 1;
  unsigned char *seen = calloc(tx_names_count(suite->taxa[rank]) + 1, 1);
  if (!seen) return out_of_memory(error);
  *ret_count = 0;
  for (size_t i = 0; i < clusters->count; i++) {
    const int32_t label =
        tx_suite_labels(suite, &suite->parts[clusters->splits[i]], clusters->records[i])[rank];
    *ret_count += !seen[label + 1];
    seen[label + 1] = 1;
  }
  free(seen);
  return TX_OK;
}

static void set_protocol(tx_suite_protocol protocol, tx_cluster_options *settings)
{
  const bool bioscan = protocol == TX_PROTOCOL_BIOSCAN5M;
  if (protocol == TX_PROTOCOL_RAW) return;
  settings->umap_width = 50;
  settings->umap_neighbours = bioscan ? 30 : 5;
  settings->umap_min_dist = bioscan ? 0 : 0.1;
  settings->umap_metric = bioscan ? TX_CLUSTER_EUCLIDEAN : TX_CLUSTER_COSINE;
  settings->seed = bioscan ? 0 : 42;
}

static tx_status run_protocol(tx_suite *suite, const tx_suite_view *view, tx_suite_protocol protocol,
                              const tx_suite_options *options, tx_error *error)
{
  static const char *const spaces[] = {"raw", "umap (bioscan5m)", "umap (barcodebert)"};
  tx_suite_clusters *clusters = &suite->clusters[suite->cluster_count++];
  tx_suite_result result = {.name = spaces[protocol], .settings = "", .embedded = true};
  bool found = false;
  tx_cluster_options settings;
  tx_clustering *clustering = NULL;
  tx_points *points = NULL;
  tx_status status = tx_points_create(suite->width, &points, error);
  clusters->space = spaces[protocol];
  memcpy(result.queries, view->splits, sizeof view->splits);
  tx_cluster_defaults(&settings);
  settings.space = TX_SPACE_NONE;
  settings.threads = options->threads;
  settings.stop = options->stop;
  set_protocol(protocol, &settings);
  if (status == TX_OK) status = choose_records(suite, view, clusters, points, error);
  if (status == TX_OK) status = count_classes(suite, clusters, &settings.clusters, error);
  if (status == TX_OK && options->progress) {
    char line[96];
    snprintf(line, sizeof line, "clusters: Ward, %s, %zu records", clusters->space, clusters->count);
    options->progress(options->context, line);
  }
  result.data = clusters->labels;
  result.size = clusters->count * sizeof *clusters->labels;
  if (status == TX_OK) status = tx_suite_recall_result(suite, options, &result, &found, error);
  if (status == TX_OK && !found) status = tx_cluster(points, &settings, &clustering, error);
  if (status == TX_OK && !found) {
    memcpy(clusters->labels, tx_clustering_labels(clustering), clusters->count * sizeof *clusters->labels);
    status = tx_suite_keep_result(suite, options, &result, error);
  }
  for (size_t i = 0; status == TX_OK && i < clusters->count; i++)
    if (clusters->labels[i] >= (int32_t)clusters->clusters)
      clusters->clusters = (size_t)clusters->labels[i] + 1;
  tx_clustering_free(clustering);
  tx_points_free(points);
  return status;
}

tx_status tx_suite_cluster(tx_suite *suite, const tx_suite_options *options, tx_error *error)
{
  const bool splits[TX_SUITE_SPLITS] = {[TX_SUITE_TEST] = true, [TX_SUITE_TEST_UNSEEN] = true};
  tx_suite_view view;
  tx_status status = tx_suite_view_create(suite, splits, &view, error);
  if (status == TX_OK) status = run_protocol(suite, &view, TX_PROTOCOL_RAW, options, error);
  for (tx_suite_protocol p = TX_PROTOCOL_BIOSCAN5M; p < TX_PROTOCOL_BOTH && status == TX_OK; p++)
    if (options->protocol == p || options->protocol == TX_PROTOCOL_BOTH)
      status = run_protocol(suite, &view, p, options, error);
  tx_suite_view_free(&view);
  return status;
}

tx_status tx_suite_partition(const tx_suite *suite, const tx_suite_clusters *clusters, size_t rank,
                             bool clean, tx_suite_partition_scores *ret_scores, tx_error *error)
{
  int32_t *classes = tx_malloc_aligned(clusters->count + 1, sizeof *classes),
          *found = tx_malloc_aligned(clusters->count + 1, sizeof *found);
  size_t count = 0;
  tx_status status = classes && found ? TX_OK : out_of_memory(error);
  *ret_scores = (tx_suite_partition_scores){0};
  for (size_t i = 0; status == TX_OK && i < clusters->count; i++) {
    const tx_suite_part *part = &suite->parts[clusters->splits[i]];
    if (clean && tx_suite_is_leaked(part, clusters->records[i])) continue;
    classes[count] = tx_suite_labels(suite, part, clusters->records[i])[rank];
    ret_scores->unlabelled += classes[count] < 0;
    found[count++] = clusters->labels[i];
  }
  ret_scores->scored = status == TX_OK && count > 0;
  if (ret_scores->scored) status = tx_partition_compare(classes, found, count, &ret_scores->scores, error);
  free(classes);
  free(found);
  return status;
}

/* Novelty. */

typedef struct value {
  double newness;
  bool unseen;
} value;

static int compare_values(const void *left, const void *right)
{
  const value *a = left, *b = right;
  return (a->newness < b->newness) - (a->newness > b->newness);
}

/* Keeps at most TX_CURVE_POINTS points, the first and the last among them. */
static void put_point(tx_roc *roc, size_t at, size_t all, double known, double unseen)
{
  const bool last = at == all;
  if (!last && roc->points && (roc->points == TX_CURVE_POINTS - 1 ||
                               at * (TX_CURVE_POINTS - 1) / all < roc->points))
    return;
  roc->curve[roc->points][0] = known;
  roc->curve[roc->points++][1] = unseen;
}

tx_status tx_roc_measure(const double *known, size_t known_count, const double *unseen, size_t unseen_count,
                         tx_roc *ret_roc, tx_error *error)
{
  const size_t all = known_count + unseen_count;
  value *values;
  size_t above_known = 0, above_unseen = 0;
  double area = 0;
  *ret_roc = (tx_roc){.auroc = 0.5};
  if (!known_count || !unseen_count) return TX_OK;
  values = tx_malloc_aligned(all, sizeof *values);
  if (!values) return tx_fail_memory(error, "the ROC curve");
  for (size_t i = 0; i < known_count; i++) values[i] = (value){known[i], false};
  for (size_t i = 0; i < unseen_count; i++) values[known_count + i] = (value){unseen[i], true};
  qsort(values, all, sizeof *values, compare_values);
  put_point(ret_roc, 0, all, 0, 0);
  for (size_t i = 0; i < all;) {
    size_t equal_known = 0, equal_unseen = 0, j = i;
    for (; j < all && !(values[j].newness < values[i].newness); j++) {
      equal_unseen += values[j].unseen;
      equal_known += !values[j].unseen;
    }
    area += (double)equal_known * ((double)above_unseen + (double)equal_unseen / 2);
    above_known += equal_known;
    above_unseen += equal_unseen;
    put_point(ret_roc, j, all, (double)above_known / (double)known_count,
              (double)above_unseen / (double)unseen_count);
    i = j;
  }
  ret_roc->auroc = area / ((double)known_count * (double)unseen_count);
  free(values);
  return TX_OK;
}

static tx_status add_newness(tx_suite *suite, const char *method, tx_suite_newness **ret_newness,
                             tx_error *error)
{
  tx_suite_newness *newness = &suite->newness[suite->newness_count++];
  newness->method = method;
  newness->known = tx_calloc_aligned(suite->parts[TX_SUITE_TEST].count + 1, sizeof(double));
  newness->unseen = tx_calloc_aligned(suite->parts[TX_SUITE_TEST_UNSEEN].count + 1, sizeof(double));
  *ret_newness = newness;
  return newness->known && newness->unseen ? TX_OK : tx_fail_memory(error, "the novelty");
}

static double *newness_of(const tx_suite_newness *newness, tx_suite_split split)
{
  return split == TX_SUITE_TEST ? newness->known : newness->unseen;
}

static tx_status add_cosines(tx_suite *suite, const tx_suite_options *options, tx_error *error)
{
  const tx_suite_part *train = &suite->parts[TX_SUITE_TRAIN];
  tx_suite_newness *newness;
  tx_status status = add_newness(suite, "cosine", &newness, error);
  for (tx_suite_split s = TX_SUITE_TEST; s <= TX_SUITE_TEST_UNSEEN && status == TX_OK; s++) {
    const tx_suite_part *part = &suite->parts[s];
    int64_t *index = tx_malloc_aligned(part->count + 1, sizeof *index);
    float *cosines = tx_malloc_aligned(part->count + 1, sizeof *cosines);
    const tx_nearest_run run = {options->threads, options->stop, NULL, NULL};
    if (options->progress) options->progress(options->context, "novelty: cosine to the nearest of train");
    status = index && cosines
                 ? tx_nearest_several(&(tx_nearest_rows){part->vectors, part->count, train->vectors,
                                                         train->count, suite->width},
                                      1, &run, index, cosines, error)
                 : tx_fail_memory(error, "the novelty");
    for (size_t i = 0; status == TX_OK && i < part->count; i++)
      newness_of(newness, s)[i] = 1 - (index[i] < 0 ? 0 : (double)cosines[i]);
    free(index);
    free(cosines);
  }
  return status;
}

tx_status tx_suite_novelty(tx_suite *suite, const tx_suite_options *options, tx_error *error)
{
  const size_t lowest = suite->rank_count - 1;
  tx_suite_newness *newness;
  tx_status status = TX_OK;
  if (suite->parts[TX_SUITE_TEST].called && suite->parts[TX_SUITE_TEST_UNSEEN].called) {
    status = add_newness(suite, "confidence", &newness, error);
    for (tx_suite_split s = TX_SUITE_TEST; s <= TX_SUITE_TEST_UNSEEN && status == TX_OK; s++)
      for (size_t i = 0; i < suite->parts[s].count; i++)
        newness_of(newness, s)[i] = 1 - suite->parts[s].confidences[i * suite->rank_count + lowest];
  }
  if (status == TX_OK && suite->parts[TX_SUITE_TEST].vectors && suite->parts[TX_SUITE_TEST_UNSEEN].vectors &&
      suite->parts[TX_SUITE_TRAIN].vectors)
    status = add_cosines(suite, options, error);
  if (status == TX_OK) status = tx_suite_identify(suite, options, error);
  if (status == TX_OK) status = add_newness(suite, "identity", &newness, error);
  for (tx_suite_split s = TX_SUITE_TEST; s <= TX_SUITE_TEST_UNSEEN && status == TX_OK; s++)
    for (size_t i = 0; i < suite->parts[s].count; i++)
      newness_of(newness, s)[i] = 1 - suite->parts[s].identities[i];
  return status;
}
