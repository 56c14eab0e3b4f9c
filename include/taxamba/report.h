/* Reports: one HTML file with figures and their numbers, from the results of evaluations, clusterings,
   trainings and classified samples. */
#ifndef TAXAMBA_REPORT_H
#define TAXAMBA_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/record.h>
#include <taxamba/status.h>
#include <taxamba/truth.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a report is made of. Memory grows with the records of predictions (some 100 bytes each), their ids and
   taxa. Used by one thread. */
typedef struct tx_result_report tx_result_report;

/* Zero-initialise for the defaults; NULL or "" means the default. The strings are copied. */
typedef struct tx_report_options {
  const char *title;   /* the heading; default: "Taxamba report" */
  const char *command; /* the command line, which is shown; default: none */
  /* the rank of figures that show one; default: the lowest. A result without it is shown at its lowest */
  const char *rank;
  /* the scored predictions of figures that show those of one series, by its name; default: the first. A name
     that none has is TX_ERROR_USAGE of tx_report_finish */
  const char *series;
  double min_confidence;   /* lineages of predictions are cut below the last rank that reaches it (0..1) */
  bool size;               /* a record of a sample stands for its size in reads, else for one */
  const char *sample_from; /* as in tx_sample_options; default: the column sample, else the file */
  tx_input_hooks hooks;
} tx_report_options;

/* Makes an empty report. TX_ERROR_MEMORY; the errors of tx_samples_open. */
TX_API tx_status tx_report_create(const tx_report_options *options, tx_result_report **ret_report,
                                  tx_error *error);
/* Adds a file, which is recognised by its content: the JSON of taxamba eval (also objects that have such
   objects as members; other members are ignored), the scores of taxamba cluster (JSON or table) and its
   clusters, the log of taxamba train, predictions (those that predictions.h reads, JSON lines and tables of
   taxamba classify with all that they have), or a NumPy array of vectors with its names in PATH.ids. It is
   read twice, so it must be a regular file. opt_name: the name of its series; default: the file's name
   without folder and ending. TX_ERROR_DATA: none of these; the errors of their readers. */
TX_API tx_status tx_report_add(tx_result_report *report, const char *path, const char *opt_name,
                               tx_error *error);
/* Adds a table of taxamba index --audit: the labels of the records in it count as suspect. */
TX_API tx_status tx_report_add_audit(tx_result_report *report, const char *path, tx_error *error);
/* Adds the lengths of the records in a file of sequences, by id. */
TX_API tx_status tx_report_add_lengths(tx_result_report *report, const char *path, tx_error *error);
/* Says that answers are meant for records of `shortest` to `longest` bases; `what` names the source. */
TX_API tx_status tx_report_set_good_lengths(tx_result_report *report, size_t shortest, size_t longest,
                                            const char *what, tx_error *error);
/* Scores the predictions added so far against labelled files: those that have a record of them; the others
   are samples. truth: the labelled records; with labelled.split only those of these splits, and one without
   a prediction counts as no call; without it those that have a prediction. opt_known: the records that the
   classifier was made from, for known taxa and sizes of classes; NULL: rows of truth of the splits
   `known_split` ("" = "train"), if there are any. Errors: those of tx_truth_open and tx_truth_match;
   TX_ERROR_DATA: no predictions, or none of them has a record of the truth. */
TX_API tx_status tx_report_score(tx_result_report *report, const tx_truth_input *truth,
                                 const tx_truth_input *opt_known, const char *known_split, tx_error *error);

/* Where a report is written; NULL or "": not. */
typedef struct tx_report_files {
  const char *html;
  const char *json;       /* the numbers of all figures, with the command and the inputs */
  const char *tsv_folder; /* an existing folder; a file FIGURE.tsv for each figure */
  const volatile int *opt_stop;
} tx_report_files;

/* Makes the figures. TX_ERROR_DATA: nothing to show. */
TX_API tx_status tx_report_finish(tx_result_report *report, tx_error *error);
/* The figures that a finished report has, "accuracy"; borrowed. */
TX_API size_t tx_report_figure_count(const tx_result_report *report);
TX_API const char *tx_report_figure_name(const tx_result_report *report, size_t figure);
/* Writes a finished report: all files or none (but for a crash between two renames: docs/files.md). */
TX_API tx_status tx_report_write(const tx_result_report *report, const tx_report_files *files,
                                 tx_error *error);
TX_API void tx_report_free(tx_result_report *report);

#ifdef __cplusplus
}
#endif
#endif
