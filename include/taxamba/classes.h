/* Known classes of points, and clusters scored against them. */
#ifndef TAXAMBA_CLASSES_H
#define TAXAMBA_CLASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/cluster.h>
#include <taxamba/labelled.h>
#include <taxamba/partition.h>
#include <taxamba/points.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The labels of some points at each rank, found by their names. Immutable. */
typedef struct tx_classes tx_classes;

/* Instead of a class. */
enum {
  TX_CLASS_MISSING = -1, /* the record has no label at this rank */
  TX_CLASS_UNKNOWN = -2  /* the labels have no record of this name */
};

/* Reads labelled files (tx_labelled_open) and keeps the labels of records that are among the points. Records
   of one name with other labels are TX_ERROR_DATA. Errors: those of tx_labelled_open and tx_labelled_next;
   TX_ERROR_DATA when no point is among the records; TX_ERROR_MEMORY. */
TX_API tx_status tx_classes_read(const tx_points *points, const char *const *paths, size_t count,
                                 const tx_labelled_options *options, tx_classes **ret_classes,
                                 tx_error *error);
TX_API size_t tx_classes_rank_count(const tx_classes *classes);
/* Borrowed. */
TX_API const char *tx_classes_rank_name(const tx_classes *classes, size_t rank);
/* Per point its class at the rank: a number from 0, or one of the above. Taxa are compared by name.
   Borrowed. */
TX_API const int32_t *tx_classes_at(const tx_classes *classes, size_t rank);
/* How many points the labels have no record of. */
TX_API size_t tx_classes_unknown(const tx_classes *classes);
TX_API void tx_classes_free(tx_classes *classes);

/* What a missing label counts as. CLASS: all records without a label are one class more, as in the published
   code of zero-shot clustering. OMIT: they are left out. */
typedef enum tx_missing_labels { TX_MISSING_CLASS, TX_MISSING_OMIT } tx_missing_labels;

/* Sets *ret_count to how many classes the points with a vector have at a rank. TX_ERROR_MEMORY. */
TX_API tx_status tx_classes_distinct(const tx_classes *classes, const tx_points *points, size_t rank,
                                     tx_missing_labels missing, size_t *ret_count, tx_error *error);

/* Scores of the records that have a vector and are among the labels. */
typedef struct tx_class_scores {
  size_t missing; /* records without a label: one class of `all`, or left out */
  size_t noise;   /* records in no cluster: one cluster of `all`, left out of `clustered` */
  tx_partition_scores all;
  tx_partition_scores clustered; /* zeros when every record is noise */
} tx_class_scores;

/* Scores clusters against the classes at a rank. TX_ERROR_DATA when no record can be scored;
   TX_ERROR_MEMORY. */
TX_API tx_status tx_classes_score(const tx_classes *classes, const tx_clustering *clustering, size_t rank,
                                  tx_missing_labels missing, tx_class_scores *ret_scores, tx_error *error);

/* The scores of one clustering, for a report. */
typedef struct tx_cluster_row {
  const char *method; /* "ward" */
  const char *space;  /* what was clustered: "raw", "zscore", "umap" ... */
  const tx_clustering *clustering;
} tx_cluster_row;

typedef struct tx_cluster_report_options {
  const tx_classes *classes; /* NULL: only the number of clusters and the silhouette */
  tx_missing_labels missing;
  bool json;                /* one JSON object instead of a table */
  const char *path;         /* "-" is standard output; a file appears when it is complete */
  const volatile int *stop; /* may be NULL; as in the hooks of record.h */
} tx_cluster_report_options;

/* Writes the scores of clusterings of the same points, a row for each at each rank. Errors as in
   tx_classes_score; TX_ERROR_IO, TX_ERROR_PIPE, TX_STOPPED. */
TX_API tx_status tx_cluster_report(const tx_cluster_row *rows, size_t count,
                                   const tx_cluster_report_options *options, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
