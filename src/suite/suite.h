/* The state of the benchmark suite, for its stages. */
#ifndef TX_SUITE_SUITE_H
#define TX_SUITE_SUITE_H

#include <taxamba/partition.h>
#include <taxamba/suite.h>
#include <taxamba/truth.h>

#include "base/bytes.h"
#include "base/names.h"
#include "base/sha256.h"
#include "suite/leaks.h"

/* Where a query was found: the strongest kind of all reference splits. */
enum { TX_LEAK_NONE = TX_LEAK_KINDS };

/* Reference splits of the search for duplicates. */
enum { TX_LEAK_TRAIN, TX_LEAK_PRETRAIN, TX_LEAK_SPLITS };

typedef struct tx_suite_leak {
  uint8_t kind;  /* tx_leak_kind or TX_LEAK_NONE */
  size_t reference; /* where the id of the first such record starts in tx_suite.leak_ids */
} tx_suite_leak;

/* The records of one split. */
typedef struct tx_suite_part {
  size_t count;
  tx_bytes letters, ids;  /* each record's with a NUL */
  size_t *letter_ends, *id_ends; /* (count) behind that NUL */
  size_t letter_capacity, id_capacity, label_capacity;
  int32_t *labels; /* (count, ranks) names of tx_suite.taxa, -1 = no label */
  size_t labelled; /* records with a label at any rank */
  float *vectors;  /* (count, width), a row of NaN where there is none; NULL: not embedded */
  size_t embedded; /* rows so far */
  bool keyed;
  uint8_t key[TX_SHA256_BYTES]; /* of the embeddings in the cache, if keyed: from tx_suite_recall */
  const char **called; /* (count, ranks) NULL = no call; NULL: not answered */
  double *confidences; /* (count, ranks) */
  size_t answered;
  tx_suite_leak *leaks;  /* (count, TX_LEAK_SPLITS) of TX_STAGE_LEAKS; NULL before */
  double *identities;    /* (count) of tx_suite_identify, 0..1; 0: none is similar; NULL before */
} tx_suite_part;

/* Answers to the records of some splits, to be scored. */
typedef struct tx_suite_answers {
  tx_suite_stage stage;
  const char *method; /* static storage */
  bool queries[TX_SUITE_SPLITS], references[TX_SUITE_SPLITS];
  char settings[160]; /* members of a JSON object */
  size_t count;       /* records of the queries, one split after the other */
  const char **called;  /* (count, ranks) */
  double *confidences; /* (count, ranks), NULL: there are none */
  bool model_knows;    /* the known taxa are those of tx_suite.taxonomy, else the labels of the references */
} tx_suite_answers;

/* Clusters of test and test_unseen: one representative of each barcode. */
typedef struct tx_suite_clusters {
  const char *space; /* static storage */
  size_t count, clusters;
  tx_suite_split *splits; /* (count) */
  size_t *records;        /* (count) number in the split */
  int32_t *labels;        /* (count) cluster */
} tx_suite_clusters;

/* How new each record of test and test_unseen looks: larger is newer. */
typedef struct tx_suite_newness {
  const char *method;
  double *known, *unseen; /* (records of test), (of test_unseen) */
} tx_suite_newness;

typedef struct tx_suite_absence {
  tx_suite_stage stage;
  const char *reason;
} tx_suite_absence;

enum { TX_SUITE_RESULTS = 24 };

struct tx_suite {
  tx_suite_benchmark benchmark;
  tx_truth_input input;
  char **paths;
  size_t path_count;
  char *pretrain_path; /* NULL: pretrain is a split of the tables */
  const tx_taxonomy *taxonomy; /* NULL: no model knows taxa */
  size_t rank_count;
  char *ranks[TX_RANKS_MAX];
  size_t model_ranks[TX_RANKS_MAX]; /* rank of the taxonomy per rank */
  tx_names *taxa[TX_RANKS_MAX];     /* one map for all splits */
  tx_suite_part parts[TX_SUITE_SPLITS];
  size_t pretrain; /* records */
  char cuts[300];  /* how the queries were cut */
  const char *method; /* what answered */
  size_t width;       /* of the embeddings, 0 before */
  tx_bytes leak_ids;
  size_t audited[TX_LEAK_SPLITS]; /* records of the reference splits that were compared */
  bool has_input_key;
  uint8_t input_key[TX_SHA256_BYTES]; /* of the records and their labels */
  size_t recalled;                    /* results that were found in the cache */
  bool audit;
  bool ran[TX_STAGES];
  tx_suite_answers answers[TX_SUITE_RESULTS];
  size_t answer_count;
  tx_suite_clusters clusters[4];
  size_t cluster_count;
  tx_suite_newness newness[4];
  size_t newness_count;
  tx_suite_absence absences[TX_STAGES];
  size_t absence_count;
};

/* Letters and identifier of a record, NUL-terminated. */
const char *tx_suite_letters(const tx_suite_part *part, size_t record, size_t *ret_count);
const char *tx_suite_id(const tx_suite_part *part, size_t record);
static inline const int32_t *tx_suite_labels(const tx_suite *suite, const tx_suite_part *part,
                                             size_t record)
{
  return part->labels + record * suite->rank_count;
}
/* The name of a label. Borrowed. */
static inline const char *tx_suite_taxon(const tx_suite *suite, size_t rank, int32_t label)
{
  return label < 0 ? NULL : tx_names_key(suite->taxa[rank], (uint32_t)label, NULL);
}
static inline bool tx_suite_is_leaked(const tx_suite_part *part, size_t record)
{
  const tx_suite_leak *leaks = part->leaks + record * TX_LEAK_SPLITS;
  return leaks[TX_LEAK_TRAIN].kind != TX_LEAK_NONE || leaks[TX_LEAK_PRETRAIN].kind != TX_LEAK_NONE;
}

/* Some splits side by side. */
typedef struct tx_suite_view {
  size_t count;
  bool splits[TX_SUITE_SPLITS];
  const tx_suite_part **parts; /* (count) of each record, and its number there */
  size_t *records;
} tx_suite_view;
tx_status tx_suite_view_create(const tx_suite *suite, const bool splits[TX_SUITE_SPLITS],
                               tx_suite_view *ret_view, tx_error *error);
static inline int32_t tx_suite_label(const tx_suite *suite, const tx_suite_view *view, size_t record,
                                     size_t rank)
{
  return tx_suite_labels(suite, view->parts[record], view->records[record])[rank];
}
/* (count, width), a new array. NULL: no memory. */
float *tx_suite_vectors(const tx_suite *suite, const tx_suite_view *view);
void tx_suite_view_free(tx_suite_view *view);

/* Adds a result, whose answers are all "no call". The caller fills called, and confidences if `confident`. */
tx_status tx_suite_add_answers(tx_suite *suite, const tx_suite_answers *head, const tx_suite_view *queries,
                               bool confident, tx_suite_answers **ret_answers, tx_error *error);

/* The stages; each keeps its results in the suite. */
tx_status tx_suite_heads(tx_suite *suite, tx_error *error);
tx_status tx_suite_calibration(tx_suite *suite, tx_error *error);
tx_status tx_suite_probe(tx_suite *suite, const tx_suite_options *options, tx_error *error);
tx_status tx_suite_knn(tx_suite *suite, const tx_suite_options *options, tx_error *error);
tx_status tx_suite_unseen(tx_suite *suite, const tx_suite_options *options, tx_error *error);
tx_status tx_suite_cluster(tx_suite *suite, const tx_suite_options *options, tx_error *error);
tx_status tx_suite_novelty(tx_suite *suite, const tx_suite_options *options, tx_error *error);
tx_status tx_suite_baselines(tx_suite *suite, const tx_suite_options *options, tx_error *error);
tx_status tx_suite_leaks(tx_suite *suite, const tx_suite_options *options, tx_error *error);
/* Fills the identities of test and test_unseen to the nearest record of train that has a label, by the search
   and alignment of the references, on the strand that is nearer; they are measured once. */
tx_status tx_suite_identify(tx_suite *suite, const tx_suite_options *options, tx_error *error);

/* What a stage found, as it is kept in the cache, so that a run which was interrupted goes on behind the
   stages that it had finished. The key of a file is all that the result depends on: the records of all
   splits, their labels and names, its name and settings, and if `embedded` the embeddings of its splits. */
typedef struct tx_suite_result {
  const char *name, *settings;
  bool queries[TX_SUITE_SPLITS], references[TX_SUITE_SPLITS], embedded;
  void *data;
  size_t size; /* bytes, a multiple of 4 */
} tx_suite_result;
/* Fills data; *ret_found is false where there is no cache or no such file in it. */
tx_status tx_suite_recall_result(tx_suite *suite, const tx_suite_options *options,
                                 const tx_suite_result *result, bool *ret_found, tx_error *error);
/* Writes it, if there is a cache. */
tx_status tx_suite_keep_result(tx_suite *suite, const tx_suite_options *options,
                               const tx_suite_result *result, tx_error *error);
/* The same of answers whose head is filled. */
tx_status tx_suite_recall_answers(tx_suite *suite, const tx_suite_options *options, bool embedded,
                                  tx_suite_answers *answers, bool *ret_found, tx_error *error);
tx_status tx_suite_keep_answers(tx_suite *suite, const tx_suite_options *options, bool embedded,
                                const tx_suite_answers *answers, tx_error *error);
/* A file of the cache: rows of numbers of 4 bytes. A damaged one counts as not there. */
tx_status tx_suite_cache_read(const char *folder, const uint8_t key[TX_SHA256_BYTES], void *data, size_t rows,
                              size_t columns, bool *ret_found, tx_error *error);
tx_status tx_suite_cache_write(const char *folder, const uint8_t key[TX_SHA256_BYTES], const void *data,
                               size_t rows, size_t columns, const volatile int *opt_stop, tx_error *error);

/* The most frequent label of the k nearest, of equally frequent ones that with the larger sum of cosines,
   then that of the nearest. neighbours (k) -1 = none, labels by reference. -1: there is none. */
int32_t tx_vote(const int64_t *neighbours, const float *cosines, size_t k, const int32_t *labels);
/* Area under the ROC curve of unseen (unseen_count) against known (known_count) values, larger is more
   unseen; ties count half (Mann & Whitney 1947). curve (TX_CURVE_POINTS, 2) gets its points, if not NULL:
   *ret_points of them. 0.5 and no points when a side is empty. Sorts a copy. */
enum { TX_CURVE_POINTS = 101 };
typedef struct tx_roc {
  double auroc;
  size_t points;
  double curve[TX_CURVE_POINTS][2]; /* share of known, share of unseen */
} tx_roc;
tx_status tx_roc_measure(const double *known, size_t known_count, const double *unseen, size_t unseen_count,
                         tx_roc *ret_roc, tx_error *error);
/* Scores of the clusters at a rank, without the leaked records if `clean`. */
typedef struct tx_suite_partition_scores {
  bool scored; /* false: there is no record */
  size_t unlabelled;
  tx_partition_scores scores;
} tx_suite_partition_scores;
tx_status tx_suite_partition(const tx_suite *suite, const tx_suite_clusters *clusters, size_t rank,
                             bool clean, tx_suite_partition_scores *ret_scores, tx_error *error);
/* Bands of identity: 100, 99-100, 97-99, 95-97, 90-95, <90. */
enum { TX_BANDS = 6 };
size_t tx_suite_band(double identity);
const char *tx_suite_band_name(size_t band);

#endif
