/* What a report is made of: results as they were read, before any figure. */
#ifndef TX_REPORT_DATA_H
#define TX_REPORT_DATA_H

#include <taxamba/evaluate.h>
#include <taxamba/report.h>
#include <taxamba/samples.h>
#include <taxamba/taxonomy.h>

#include "base/names.h"
#include "report/numbers.h"

#define TX_REPORT_NONE UINT32_MAX

/* Scores over all queries, and over those of known taxa. */
enum { TX_REPORT_ALL, TX_REPORT_KNOWN, TX_REPORT_SETS };

typedef struct tx_report_set {
  bool there;
  double queries, called, correct, classes;
  double accuracy, low, high;                     /* the interval: NaN without queries */
  bool resampled;                                 /* the interval is the evaluation's own; else Wilson's */
  double macro_accuracy, macro_f1, coverage, ece; /* NaN where there is none */
  bool has_bins;
  tx_reliability_bin bins[TX_RELIABILITY_BINS];
} tx_report_set;

typedef struct tx_report_rank {
  char *name;
  tx_report_set sets[TX_REPORT_SETS];
} tx_report_rank;

/* One evaluation: a series of the figures. */
typedef struct tx_report_scores {
  char *name;
  tx_report_rank *ranks;
  size_t rank_count, rank_capacity;
} tx_report_scores;

/* An epoch of a training. */
typedef struct tx_report_epoch {
  double epoch, train_loss, valid_loss, learning_rate;
  double accuracy[TX_RANKS_MAX]; /* of the validation, NaN where there is none */
} tx_report_epoch;

typedef struct tx_report_run {
  char *name;
  char *ranks[TX_RANKS_MAX];
  size_t rank_count;
  tx_report_epoch *epochs;
  size_t epoch_count, epoch_capacity;
} tx_report_run;

enum { TX_CLUSTER_SCORES = 8 };
/* Names of the scores of a clustering: ami, nmi, ... silhouette. */
extern const char *const tx_report_cluster_scores[TX_CLUSTER_SCORES];

typedef struct tx_report_clustering {
  char *file, *method, *space, *rank;
  double clusters, records;
  double scores[TX_CLUSTER_SCORES]; /* NaN where there is none */
} tx_report_clustering;

/* A ROC curve of new taxa, as the benchmark suite has it. */
typedef struct tx_report_curve {
  char *name;
  double area;         /* NaN: not said */
  double (*points)[2]; /* shares of known and of new records, both rising */
  size_t count, capacity;
} tx_report_curve;

typedef struct tx_report_call {
  uint32_t taxon;   /* number in `taxa` */
  float confidence; /* NaN: it has none */
  uint8_t rank;     /* of its predictions */
} tx_report_call;

/* A record of predictions. */
typedef struct tx_report_row {
  uint32_t id, sample;
  uint32_t truth;  /* its row there, or TX_REPORT_NONE */
  uint32_t length; /* 0: not known */
  double reads;
  size_t first;            /* of its calls, from the highest rank */
  float novel_probability; /* NaN: there is none */
  uint8_t count;
  uint8_t status;     /* tx_record_status */
  uint8_t novel_rank; /* a rank, or TX_RANKS_MAX */
} tx_report_row;

/* Predictions of one file. */
typedef struct tx_report_calls {
  char *name, *file;
  char *ranks[TX_RANKS_MAX]; /* in their order from the top */
  size_t rank_count;
  tx_report_row *rows;
  size_t row_count, row_capacity;
  tx_report_call *calls;
  size_t call_count, call_capacity;
  bool has_status, has_references; /* columns of a run with references */
  bool scored;                     /* against the truth; else it is a sample */
} tx_report_calls;

/* Labelled records at `ranks`. */
typedef struct tx_report_truth {
  char *ranks[TX_RANKS_MAX];
  size_t rank_count;
  uint32_t *ids, *lengths; /* (rows) */
  uint32_t *labels;        /* (rows, ranks): numbers in `taxa`, or TX_REPORT_NONE */
  bool *suspect;           /* (rows) */
  size_t count, capacity, length_capacity, label_capacity;
  bool whole;                    /* rows without a prediction count, as no call */
  bool has_known;                /* the following is known */
  uint32_t *known[TX_RANKS_MAX]; /* (taxa) records of the taxon that the classifier was made from */
  size_t known_capacity[TX_RANKS_MAX];
} tx_report_truth;

typedef struct tx_report_map {
  char *name;
  uint32_t *ids;
  double *at; /* (count, 2) */
  size_t count;
  size_t width;    /* of the vectors; more than 2: `at` are their first two principal components */
  double share[2]; /* of the variance, of these components */
} tx_report_map;

typedef struct tx_report_input {
  char *path;
  const char *kind; /* static: "evaluation" */
  char sha256[65];
  uint64_t size;
} tx_report_input;

typedef struct tx_report_figure {
  const struct tx_chart *kind;
  tx_numbers numbers;
} tx_report_figure;

struct tx_result_report {
  char *title, *command, *rank, *series, *sample_from;
  bool size;
  double min_confidence;
  tx_input_hooks hooks;
  tx_names *ids, *taxa;
  tx_samples *samples;
  tx_report_input *inputs;
  size_t input_count, input_capacity;
  tx_report_scores *scores;
  size_t score_count, score_capacity;
  tx_report_run *runs;
  size_t run_count, run_capacity;
  tx_report_clustering *clusterings;
  size_t clustering_count, clustering_capacity;
  tx_report_curve *curves;
  size_t curve_count, curve_capacity;
  tx_report_calls *calls;
  size_t calls_count, calls_capacity;
  tx_report_map *maps;
  size_t map_count, map_capacity;
  tx_report_truth truth;
  int32_t *cluster_of; /* by id: a cluster, -1 noise, INT32_MIN none */
  size_t cluster_capacity;
  bool *suspect_ids; /* by id */
  size_t suspect_capacity;
  uint32_t *length_of; /* by id, 0: not known */
  size_t length_capacity;
  size_t good_shortest, good_longest; /* 0: not known */
  char *good_what;
  tx_report_figure *figures;
  size_t figure_count;
};

/* The readers of one kind of file each; `input` is at its start and theirs. */
tx_status tx_report_read_json(tx_result_report *report, const char *text, size_t length, const char *name,
                              const char **ret_kind, tx_error *error);
tx_status tx_report_read_log(tx_result_report *report, const char *path, const char *name, tx_error *error);
tx_status tx_report_read_cluster_table(tx_result_report *report, const char *path, const char *name,
                                       tx_error *error);
tx_status tx_report_read_clusters(tx_result_report *report, const char *path, tx_error *error);
tx_status tx_report_read_table(tx_result_report *report, const char *path, const char *name, tx_error *error);
tx_status tx_report_read_lines(tx_result_report *report, const char *path, const char *name, tx_error *error);
tx_status tx_report_read_others(tx_result_report *report, const char *path, const char *name,
                                tx_error *error);
tx_status tx_report_read_points(tx_result_report *report, const char *path, const char *name,
                                tx_error *error);

/* Lists a file that is read for another purpose than to be shown. */
tx_status tx_report_list_input(tx_result_report *report, const char *path, const char *kind, tx_error *error);
/* Adds a zeroed element to an array of elements of that size; NULL: no memory. */
void *tx_report_grow(void *array_pointer, size_t *count, size_t *capacity, size_t size);
tx_status tx_report_id(tx_result_report *report, const char *id, size_t length, uint32_t *ret_id,
                       tx_error *error);
/* Fills an array by id or taxon up to `number` with bytes of `fill`. */
tx_status tx_report_reach(void *array_pointer, size_t *capacity, size_t number, size_t size, int fill,
                          tx_error *error);
/* The series that JSON scores of one evaluation become, unless one of the same figures is there. */
tx_status tx_report_add_scores(tx_result_report *report, const char *json, const char *name, tx_error *error);

/* The call at a rank of predictions, NULL if there is none. */
const tx_report_call *tx_report_call_at(const tx_report_calls *calls, const tx_report_row *row, size_t rank);
/* Index of a rank by name, -1 if there is none. */
int tx_report_find_rank(char *const *ranks, size_t count, const char *name);
/* The rank that figures show: the one asked for, else the last. */
size_t tx_report_chosen_rank(const tx_result_report *report, char *const *ranks, size_t count);
/* The same for a series of scores, but a rank that has queries of known taxa. */
size_t tx_report_shown_rank(const tx_result_report *report, const tx_report_scores *scores);
const char *tx_report_taxon(const tx_result_report *report, uint32_t number);
/* Whether there are predictions that were scored, or such that were not. */
bool tx_report_has_calls(const tx_result_report *report, bool scored);

#endif
