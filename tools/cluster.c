/* taxamba cluster: barcodes or vectors in, clusters, their tree and their scores out. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/classes.h>
#include <taxamba/cluster.h>
#include <taxamba/points.h>
#include <taxamba/runtime.h>

#include "commands.h"
#include "paths.h"
#include "reading.h"

typedef struct cluster_options {
  tx_common common;
  tx_reading reading;
  char embeddings[TX_TEXT_SIZE], ids[TX_TEXT_SIZE];
  char labels[TX_TEXT_SIZE], rank[TX_TEXT_SIZE], missing_names[TX_TEXT_SIZE];
  char clusters[TX_TEXT_SIZE];
  char output[TX_TEXT_SIZE], tree[TX_TEXT_SIZE], scores[TX_TEXT_SIZE];
  int method, metric, scale, rescale, missing, selection, protocol, umap_metric;
  double threshold, pca, umap_min_dist, max_cluster_share, damping;
  uint64_t umap, umap_neighbours, max_matrix, seed, min_cluster_size, min_samples;
  bool json;
} cluster_options;

#define FIELD(name) offsetof(cluster_options, name)
#define METHODS "ward|average|complete|kmeans|hdbscan|spectral|affinity"
#define TREES "ward|average|complete"
#define COUNTED "ward|average|complete|kmeans|spectral"
#define MATRICES "average|complete|spectral|affinity"

static const tx_param own_params[] = {
    {"embeddings", 'e', TX_PARAM_INPUT, FIELD(embeddings), 0, 0, "", "FILE", "Input",
     "Vectors of any kind instead of barcodes: a NumPy array (.npy) of float32 or float64, a row for each "
     "record. taxamba embed writes one; rows of NaN are not clustered."},
    {"ids", 0, TX_PARAM_INPUT, FIELD(ids), 0, 0, "", "FILE", "Input",
     "The names of the rows of --embeddings, one a line. Default: the name of that file and '.ids'."},
    {"scale", 0, TX_PARAM_CHOICE, FIELD(scale), 0, 0, "auto", "auto|none|zscore|average|l2", "Vectors",
     "Scaling of the vectors: zscore gives every column mean 0 and standard deviation 1, over all records "
     "together; average centres the columns and divides all by the mean of their standard deviations; l2 "
     "gives every vector length 1. auto is zscore before --pca, else none."},
    {"pca", 0, TX_PARAM_REAL, FIELD(pca), 0, 1000000, "0", "N", "Vectors",
     "Reduces the vectors to N principal components, or below 1 to as many as have this share of the "
     "variance; 0 is none."},
    {"protocol", 0, TX_PARAM_CHOICE, FIELD(protocol), 0, 0, "none", "none|bioscan5m|barcodebert", "Vectors",
     "UMAP as two published protocols have it, to 50 dimensions: bioscan5m with 30 neighbours, min-dist 0, "
     "euclidean, seed 0; barcodebert with 5 neighbours, min-dist 0.1, cosine, seed 42."},
    {"umap", 0, TX_PARAM_COUNT, FIELD(umap), 0, 1000, "0", "N", "Vectors",
     "Reduces the vectors to N dimensions by UMAP; 0 is none. Scores are given without it too: on the "
     "embeddings of our models it makes them worse."},
    {"umap-neighbours", 0, TX_PARAM_COUNT, FIELD(umap_neighbours), 2, 10000, "15", "N", "Vectors",
     "Neighbours of a record in UMAP, itself being one."},
    {"umap-min-dist", 0, TX_PARAM_REAL, FIELD(umap_min_dist), 0, 1, "0.1", "D", "Vectors",
     "How close records may come to each other in UMAP."},
    {"umap-metric", 0, TX_PARAM_CHOICE, FIELD(umap_metric), 0, 0, "euclidean", "euclidean|cosine", "Vectors",
     "Distance of neighbours in UMAP."},
    {"rescale", 0, TX_PARAM_CHOICE, FIELD(rescale), 0, 0, "none", "none|zscore|average|l2", "Vectors",
     "Scaling after --pca and UMAP, as for --scale."},
    {"method", 0, TX_PARAM_CHOICE, FIELD(method), 0, 0, "ward", METHODS, "Clustering",
     "ward, average (UPGMA) and complete are agglomerative and make a tree; kmeans is k-means++; spectral "
     "cuts the graph of 10 nearest neighbours; hdbscan and affinity (affinity propagation) find the number "
     "of clusters themselves, and hdbscan leaves records out as noise (-1)."},
    {"metric", 0, TX_PARAM_CHOICE, FIELD(metric), 0, 0, "euclidean", "euclidean|cosine", "Clustering",
     "Distance of average and complete linkage; cosine is 1 less the cosine."},
    {"clusters", 'k', TX_PARAM_TEXT, FIELD(clusters), 0, 0, "", "N|true|silhouette", "Clustering",
     "Number of clusters: a number; true, as many as the labels have classes at the last of the ranks; "
     "silhouette, the number with the largest mean silhouette. Default: true with --labels, else "
     "silhouette."},
    {"threshold", 0, TX_PARAM_REAL, FIELD(threshold), 0, 1e300, "0", "T", "Clustering",
     "Instead of a number of clusters: clusters are joined while they are less than T apart, in the method's "
     "own measure (the heights of the tree)."},
    {"min-cluster-size", 0, TX_PARAM_COUNT, FIELD(min_cluster_size), 2, 1000000, "5", "N", "Clustering",
     "Fewest records of a cluster of HDBSCAN."},
    {"min-samples", 0, TX_PARAM_COUNT, FIELD(min_samples), 0, 100000, "0", "N", "Clustering",
     "Neighbours, the record itself counted, whose distance is its core distance in HDBSCAN; 0 is as many as "
     "--min-cluster-size."},
    {"max-cluster-share", 0, TX_PARAM_REAL, FIELD(max_cluster_share), 0, 1, "0", "P", "Clustering",
     "HDBSCAN does not choose a cluster with more than this share of the records; 0 is no limit."},
    {"selection", 0, TX_PARAM_CHOICE, FIELD(selection), 0, 0, "eom", "eom|leaf", "Clustering",
     "Clusters that HDBSCAN chooses: the most stable ones (excess of mass), or the leaves of its tree."},
    {"damping", 0, TX_PARAM_REAL, FIELD(damping), 0.5, 0.999, "0.9", "P", "Clustering",
     "Share of its last message that affinity propagation keeps."},
    {"seed", 0, TX_PARAM_COUNT, FIELD(seed), 0, 9007199254740992.0, "1", "N", "Clustering",
     "Random seed of the first centres of k-means, and of the layout of UMAP."},
    {"max-matrix", 0, TX_PARAM_COUNT, FIELD(max_matrix), 0, 1048576, "4096", "MIB", "Running",
     "Most memory in MiB for matrices of the n records; more is refused: average and complete "
     "linkage take 4 n (n - 1) bytes, affinity propagation 12 n n, spectral clustering 8 n (n + clusters) up "
     "to 1500 records or above n / 4 clusters, otherwise about 18 n clusters. 0 is no limit."},
};

static const tx_param label_params[] = {
    {"labels", 'l', TX_PARAM_INPUT, FIELD(labels), 0, 0, "", "FILE", "Labels",
     "Known labels to score the clusters against, in the formats of taxamba train, matched by the names of "
     "the records. It may be the file of the barcodes."},
    {"rank", 0, TX_PARAM_TEXT, FIELD(rank), 0, 0, "", "LIST", "Labels",
     "Ranks to score at, separated by commas, top first. Default: all that the labels have."},
    {"missing", 0, TX_PARAM_CHOICE, FIELD(missing), 0, 0, "class", "class|omit", "Labels",
     "Records without a label at a rank: class counts them as one class of its own, as the published code of "
     "zero-shot clustering does; omit leaves them out of scores and of --clusters true. The scores say "
     "which."},
    TX_MISSING_NAMES_PARAM(cluster_options, "Labels"),
    {"output", 'o', TX_PARAM_OUTPUT, FIELD(output), 0, 0, "", "FILE", "Output",
     "Where the clusters go: lines of a record's name and its cluster; '-' is standard output, the default "
     "without --labels."},
    {"tree", 0, TX_PARAM_OUTPUT, FIELD(tree), 0, 0, "", "FILE", "Output",
     "Writes the tree in Newick format. The path between two records is as long as the height at which their "
     "clusters were joined."},
    {"scores", 0, TX_PARAM_OUTPUT, FIELD(scores), 0, 0, "", "FILE", "Output",
     "Where the scores go; '-' is standard output, the default with --labels. Without labels: the number of "
     "clusters and the silhouette."},
    {"json", 'j', TX_PARAM_FLAG, FIELD(json), 0, 0, "false", NULL, "Output",
     "Writes the scores as one JSON object instead of a table."},
};

static size_t tables(void *options, tx_param_table out[TX_TABLES_MAX])
{
  cluster_options *cluster = options;
  out[0] = (tx_param_table){own_params, sizeof own_params / sizeof *own_params, cluster};
  out[1] = (tx_param_table){label_params, sizeof label_params / sizeof *label_params, cluster};
  out[2].params = tx_reading_params(&out[2].count);
  out[2].object = &cluster->reading;
  out[3].params = tx_columns_params(&out[3].count);
  out[3].object = &cluster->reading;
  out[4].params = tx_common_params(&out[4].count);
  out[4].object = &cluster->common;
  return 5;
}

static const tx_param_rule *rules(size_t *ret_count)
{
  static const tx_param_rule rows[] = {
      TX_ALWAYS("embeddings"),
      TX_WITH("ids", "embeddings"),
      TX_ALWAYS("scale"),
      TX_ALWAYS("pca"),
      TX_ALWAYS("protocol"),
      TX_VALUE("umap", "protocol", "none"),
      TX_WITH("umap-neighbours", "umap"),
      TX_WITH("umap-min-dist", "umap"),
      TX_WITH("umap-metric", "umap"),
      TX_ALWAYS("rescale"),
      TX_ALWAYS("method"),
      TX_VALUE("metric", "method", "average|complete"),
      TX_WITHOUT("clusters", "threshold"),
      TX_VALUE("clusters", "method", COUNTED),
      TX_VALUE("threshold", "method", TREES),
      TX_VALUE("min-cluster-size", "method", "hdbscan"),
      TX_VALUE("min-samples", "method", "hdbscan"),
      TX_VALUE("max-cluster-share", "method", "hdbscan"),
      TX_VALUE("selection", "method", "hdbscan"),
      TX_VALUE("damping", "method", "affinity"),
      TX_ALWAYS("seed"), /* of k-means or UMAP: check_seed */
      TX_VALUE("max-matrix", "method", MATRICES),
      TX_ALWAYS("labels"),
      TX_WITH("rank", "labels"),
      TX_WITH("missing", "labels"),
      TX_WITH("missing-names", "labels"),
      TX_ALWAYS("output"),
      TX_VALUE("tree", "method", TREES),
      TX_ALWAYS("scores"),
      TX_ALWAYS("json"),
      TX_WITHOUT("model", "embeddings"),
      TX_WITHOUT("precision", "embeddings"),
      TX_WITHOUT("strand", "embeddings"),
      TX_WITHOUT("offsets", "embeddings"),
      TX_WITHOUT("min-bases", "embeddings"),
      TX_ALWAYS("threads"),
      TX_WITHOUT("batch", "embeddings"),
      TX_WITHOUT("duplicates-cache", "embeddings"),
      TX_WITHOUT("whole-id", "embeddings"),
      TX_WITHOUT("xsize", "embeddings"),
      TX_ALWAYS("id-column"),
      TX_WITHOUT("sequence-column", "embeddings"),
      TX_WITHOUT("where", "embeddings"),
      TX_WITHOUT("skip-bad", "embeddings"),
      TX_ALWAYS("quiet"),
  };
  *ret_count = sizeof rows / sizeof *rows;
  return rows;
}

static tx_status settle(void *given, tx_error *error)
{
  cluster_options *options = given;
  return options->embeddings[0] && !options->ids[0]
             ? tx_derive_name(options->ids, options->embeddings, ".ids", error)
             : TX_OK;
}

/* Where clusters and scores go; NULL: they are not written. */
typedef struct outputs {
  const char *clusters, *scores;
} outputs;

static tx_status choose_outputs(const cluster_options *options, outputs *ret_outputs, tx_error *error)
{
  const bool labelled = options->labels[0];
  *ret_outputs = (outputs){options->output[0] ? options->output
                           : labelled         ? NULL
                                              : "-",
                           options->scores[0] ? options->scores
                           : labelled         ? "-"
                                              : NULL};
  if (options->json && !ret_outputs->scores)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--json has no effect, as no scores are written: add --labels or --scores FILE");
  if (ret_outputs->clusters && ret_outputs->scores && strcmp(ret_outputs->clusters, "-") == 0 &&
      strcmp(ret_outputs->scores, "-") == 0)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "clusters and scores cannot both go to standard output: name a file by --output or "
                       "--scores");
  return TX_OK;
}

static tx_status embed_barcodes(const tx_call *call, tx_points **ret_points, tx_error *error)
{
  const cluster_options *options = call->options;
  tx_predict_options predict;
  tx_sources sources = {NULL, NULL, NULL, NULL};
  tx_labelled *reader = NULL;
  tx_run_stats stats = {0};
  tx_watch watch;
  tx_status status = tx_check_inputs(call->operands, call->operand_count, error);
  if (status == TX_OK) status = tx_reading_open(call, &options->reading, &sources, true, &predict, error);
  if (status == TX_OK) /* --id-column may be that of the labels */
    status = (options->labels[0] ? tx_reading_records : tx_reading_reader)(
        call, &options->reading, sources.model, &predict, &reader, error);
  if (status == TX_OK) status = tx_points_create(tx_model_width(sources.model), ret_points, error);
  if (status == TX_OK) {
    predict.classify = false;
    predict.embed = true;
    tx_watch_start(&watch, call, false, tx_points_put, NULL, *ret_points);
    status = tx_watch_run(&watch, sources.model, &predict, tx_labelled_source, reader, &stats, error);
  }
  tx_labelled_close(reader);
  tx_sources_close(&sources);
  return status;
}

static tx_status read_points(const tx_call *call, tx_points **ret_points, tx_error *error)
{
  const cluster_options *options = call->options;
  const tx_input_hooks hooks = tx_input_watch(call);
  tx_status status;
  if (options->embeddings[0] && call->operand_count)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "'%.200s' is one argument too many: with --embeddings no barcodes are read",
                       call->operands[0]);
  status = options->embeddings[0]
               ? tx_points_read(options->embeddings, options->ids, &hooks, ret_points, error)
               : embed_barcodes(call, ret_points, error);
  if (status == TX_OK && tx_points_usable(*ret_points) < tx_points_count(*ret_points))
    tx_note(call, "%zu of %zu records have no vector and are not clustered",
            tx_points_count(*ret_points) - tx_points_usable(*ret_points), tx_points_count(*ret_points));
  return status;
}

static tx_status read_labels(const tx_call *call, const tx_points *points, tx_classes **ret_classes,
                             tx_error *error)
{
  const cluster_options *options = call->options;
  const char *path = options->labels;
  const tx_labelled_options labelled = {.ranks = options->rank,
                                        .id_column = options->reading.id_column,
                                        .missing_names = options->missing_names,
                                        .sequences_optional = 1,
                                        .ids = {options->reading.whole_id, options->reading.xsize},
                                        .hooks = tx_input_watch(call)};
  const tx_status status = tx_classes_read(points, &path, 1, &labelled, ret_classes, error);
  if (status == TX_OK && tx_classes_unknown(*ret_classes))
    tx_note(call, "%zu of %zu records are not among the labels and are not scored",
            tx_classes_unknown(*ret_classes), tx_points_count(points));
  return status;
}

/* The number of clusters, 0 for that of the silhouette or of a threshold. */
static tx_status read_count(const cluster_options *options, const tx_points *points,
                            const tx_classes *opt_classes, size_t *ret_count, tx_error *error)
{
  const char *text = options->clusters[0] ? options->clusters : opt_classes ? "true" : "silhouette";
  char *end;
  unsigned long long number;
  *ret_count = 0;
  if (options->threshold > 0 || strcmp(text, "silhouette") == 0) return TX_OK;
  if (strcmp(text, "true") == 0) {
    if (!opt_classes)
      return tx_cli_fail(error, TX_ERROR_USAGE,
                         "--clusters true needs labels, whose classes it counts: add --labels FILE");
    const size_t rank = tx_classes_rank_count(opt_classes) - 1;
    const tx_status status =
        tx_classes_distinct(opt_classes, points, rank, (tx_missing_labels)options->missing, ret_count, error);
    if (status != TX_OK || *ret_count) return status;
    return tx_cli_fail(error, TX_ERROR_DATA, "no record with a vector has a label of rank %s",
                       tx_classes_rank_name(opt_classes, rank));
  }
  number = strtoull(text, &end, 10);
  if (*text < '0' || *text > '9' || *end || number == 0 || number > UINT32_MAX)
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--clusters: '%.40s' is neither a number from 1, nor true, nor silhouette", text);
  *ret_count = (size_t)number;
  return TX_OK;
}

/* Whether the method finds the number of clusters itself. */
static bool finds_count(const cluster_options *options)
{
  return options->method == TX_CLUSTER_HDBSCAN || options->method == TX_CLUSTER_AFFINITY;
}

enum { SCALE_AUTO };

static tx_cluster_scaling scaling_of(const cluster_options *options)
{
  if (options->scale == SCALE_AUTO) return options->pca > 0 ? TX_SCALING_ZSCORE : TX_SCALING_NONE;
  return (tx_cluster_scaling)(options->scale - 1);
}

enum { PROTOCOL_NONE, PROTOCOL_BIOSCAN5M, PROTOCOL_BARCODEBERT };

static bool has_umap(const cluster_options *options)
{
  return options->umap || options->protocol != PROTOCOL_NONE;
}

static void set_umap(const tx_call *call, tx_cluster_options *settings)
{
  const cluster_options *options = call->options;
  const bool bioscan = options->protocol == PROTOCOL_BIOSCAN5M;
  settings->umap_width = (size_t)options->umap;
  settings->umap_neighbours = (size_t)options->umap_neighbours;
  settings->umap_min_dist = options->umap_min_dist;
  settings->umap_metric = (tx_cluster_metric)options->umap_metric;
  if (options->protocol == PROTOCOL_NONE) return;
  settings->umap_width = 50;
  settings->umap_neighbours = bioscan ? 30 : 5;
  settings->umap_min_dist = bioscan ? 0 : 0.1;
  settings->umap_metric = bioscan ? TX_CLUSTER_EUCLIDEAN : TX_CLUSTER_COSINE;
  if (!tx_is_given(call, "seed")) settings->seed = bioscan ? 0 : 42;
}

static tx_status check_seed(const tx_call *call, tx_error *error)
{
  const cluster_options *options = call->options;
  if (!tx_is_given(call, "seed") || options->method == TX_CLUSTER_KMEANS || has_umap(options)) return TX_OK;
  return tx_cli_fail(error, TX_ERROR_USAGE,
                     "--seed has no effect without k-means and UMAP: leave it out or add --umap N");
}

/* Clusters the points, after UMAP if `umap`. */
static tx_status cluster(const tx_call *call, const tx_points *points, const tx_classes *opt_classes,
                         bool umap, bool scored, tx_clustering **ret_clustering, tx_error *error)
{
  const cluster_options *options = call->options;
  tx_cluster_options settings;
  tx_status status;
  tx_cluster_defaults(&settings);
  settings.method = (tx_cluster_method)options->method;
  settings.metric = (tx_cluster_metric)options->metric;
  settings.scaling = scaling_of(options);
  settings.components = options->pca;
  settings.rescaling = (tx_cluster_scaling)options->rescale;
  settings.threshold = options->threshold;
  settings.seed = options->seed;
  settings.min_cluster_size = (size_t)options->min_cluster_size;
  settings.min_samples = (size_t)options->min_samples;
  settings.max_cluster_share = options->max_cluster_share;
  settings.leaves = options->selection == 1;
  settings.damping = options->damping;
  if (umap) set_umap(call, &settings);
  settings.space = !scored ? TX_SPACE_NONE : options->json ? TX_SPACE_ALL : TX_SPACE_SILHOUETTE;
  settings.matrix_bytes = (size_t)options->max_matrix << 20;
  settings.threads = options->reading.threads ? (size_t)options->reading.threads : tx_processors();
  settings.stop = tx_stop_flag();
  status = finds_count(options) ? TX_OK : read_count(options, points, opt_classes, &settings.clusters, error);
  if (status == TX_OK) status = tx_cluster(points, &settings, ret_clustering, error);
  if (status == TX_OK && !tx_clustering_settled(*ret_clustering))
    tx_note(call, "affinity propagation did not settle in 1000 iterations: raise --damping");
  if (status == TX_OK && tx_clustering_count(*ret_clustering) < tx_clustering_components(*ret_clustering))
    tx_note(call,
            "the graph of neighbours has %zu parts that nothing connects: with %zu clusters, which of "
            "them are told apart is arbitrary; choose as many clusters or more, or another --method",
            tx_clustering_components(*ret_clustering), tx_clustering_count(*ret_clustering));
  return status;
}

/* The word of a choice: the index-th of "a|b|c". */
static void take_word(const char *words, int index, char *text, size_t size)
{
  while (index-- > 0) words += strcspn(words, "|") + 1;
  snprintf(text, size, "%.*s", (int)strcspn(words, "|"), words);
}

/* What was clustered: "raw", "umap", "zscore+pca+l2". */
static void name_space(const cluster_options *options, bool umap, char *text, size_t size)
{
  static const char *const words[] = {"", "zscore", "average", "l2"};
  const char *const steps[] = {words[scaling_of(options)], options->pca > 0 ? "pca" : "", umap ? "umap" : "",
                               words[options->rescale]};
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < sizeof steps / sizeof *steps && used < size; i++)
    if (steps[i][0]) used += (size_t)snprintf(text + used, size - used, used ? "+%s" : "%s", steps[i]);
  if (!used) snprintf(text, size, "raw");
}

/* The clusters, and those without UMAP for comparison. */
typedef struct results {
  tx_clustering *clustering, *raw;
} results;

static tx_status write_scores(const tx_call *call, const tx_classes *opt_classes, const results *found,
                              const char *path, tx_error *error)
{
  const cluster_options *options = call->options;
  char method[16], space[48], raw_space[48];
  const tx_cluster_row rows[] = {{method, space, found->clustering}, {method, raw_space, found->raw}};
  const tx_cluster_report_options report = {opt_classes, (tx_missing_labels)options->missing, options->json,
                                            path, tx_stop_flag()};
  take_word(METHODS, options->method, method, sizeof method);
  name_space(options, has_umap(options), space, sizeof space);
  name_space(options, false, raw_space, sizeof raw_space);
  return tx_cluster_report(rows, found->raw ? 2 : 1, &report, error);
}

static bool is_file(const char *path)
{
  return strcmp(path, "-") != 0;
}

static tx_status write_results(const tx_call *call, const tx_points *points, const tx_classes *opt_classes,
                               const results *found, tx_error *error)
{
  const cluster_options *options = call->options;
  outputs to;
  tx_status status = choose_outputs(options, &to, error);
  /* What goes to standard output comes first: where it cannot be written, no file has been replaced. */
  for (int files = 0; files < 2; files++) {
    if (status == TX_OK && options->tree[0] && is_file(options->tree) == files)
      status = tx_clustering_write_tree(found->clustering, points, options->tree, tx_stop_flag(), error);
    if (status == TX_OK && to.scores && is_file(to.scores) == files)
      status = write_scores(call, opt_classes, found, to.scores, error);
    if (status == TX_OK && to.clusters && is_file(to.clusters) == files)
      status = tx_clustering_write(found->clustering, points, to.clusters, tx_stop_flag(), error);
  }
  return status;
}

static tx_status run(const tx_call *call, tx_error *error)
{
  const cluster_options *options = call->options;
  const bool umap = has_umap(options);
  tx_points *points = NULL;
  tx_classes *classes = NULL;
  results found = {NULL, NULL};
  outputs to;
  tx_status status = choose_outputs(options, &to, error);
  if (status == TX_OK) status = check_seed(call, error);
  if (status == TX_OK) status = read_points(call, &points, error);
  if (status == TX_OK && options->labels[0]) status = read_labels(call, points, &classes, error);
  if (status == TX_OK)
    status = cluster(call, points, classes, umap, to.scores != NULL, &found.clustering, error);
  if (status == TX_OK && umap && to.scores)
    status = cluster(call, points, classes, false, true, &found.raw, error);
  if (status == TX_OK) status = write_results(call, points, classes, &found, error);
  if (status == TX_OK)
    tx_provenance(call, "%zu records in %zu clusters", tx_points_usable(points),
                  tx_clustering_count(found.clustering));
  tx_clustering_free(found.raw);
  tx_clustering_free(found.clustering);
  tx_classes_free(classes);
  tx_points_free(points);
  return status;
}

static const tx_example examples[] = {
    {"taxamba cluster -m coi.safetensors barcodes.fasta.gz > clusters.tsv",
     "Clusters of barcodes, as many as the silhouette suggests:"},
    {"taxamba cluster -m coi.safetensors --where split=test_unseen -l table.csv --rank species table.csv",
     "How well clusters are the species that a model has not seen:"},
    {"taxamba cluster -m coi.safetensors --protocol bioscan5m -l table.csv --rank species table.csv",
     "The same after UMAP, as published, beside the scores without:"},
    {"taxamba cluster -e images.npy --ids images.txt -k 500 --tree images.nwk -o clusters.tsv",
     "Vectors of something else:"},
    {NULL, NULL},
};

const tx_command tx_cluster_command = {
    .name = "cluster",
    .summary = "Groups barcodes or other vectors, and scores the groups",
    .operands = "[FILE]...",
    .description = "Reads barcodes like taxamba embed and clusters their embeddings, or clusters the vectors "
                   "of --embeddings, which may be of anything with a name (images, for instance). Nothing is "
                   "trained: this is zero-shot clustering.\n\n"
                   "Writes a line for each record in input order, with its name and the number of its "
                   "cluster, after a header line. Clusters are numbered from 0 in the order in which they "
                   "appear; a record without a vector has NA. hdbscan adds a column, how firmly a record "
                   "belongs to its cluster (1 its core, 0 noise).\n\n"
                   "With --labels it prints scores: AMI, the mutual information of clusters and classes "
                   "adjusted for chance (Vinh et al. 2010, exact expectation, arithmetic mean), NMI, ARI, "
                   "homogeneity, completeness and V, and the Fowlkes-Mallows index FMI, at each rank; the "
                   "silhouette is that of the clusters in the space that was clustered.\n\n"
                   "UMAP (--umap, --protocol) is that of McInnes et al. 2018, with an exact graph of "
                   "neighbours; its layout is random, and reproducible by --seed. The scores then have rows "
                   "with and without it.",
    .examples = examples,
    .options_size = sizeof(cluster_options),
    .tables = tables,
    .rules = rules,
    .settle = settle,
    .run = run,
};
