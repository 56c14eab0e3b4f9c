/* The benchmark suite: every stage of the BIOSCAN-5M benchmark from one table with its splits. */
#ifndef TAXAMBA_SUITE_H
#define TAXAMBA_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/labelled.h>
#include <taxamba/predict.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tx_suite_benchmark {
  /* tables with a split column: train, test, test_unseen, key_unseen; pretrain is only part of the search for
     duplicates, and other splits are not read */
  TX_BENCHMARK_BIOSCAN5M,
  /* a folder with supervised_train.csv, supervised_test.csv and unseen.csv, as BarcodeBERT has them: the
     splits train, test and test_unseen. A pretrain.csv there is searched for duplicates */
  TX_BENCHMARK_CANADIAN_INVERTEBRATES
} tx_suite_benchmark;

typedef enum tx_suite_split {
  TX_SUITE_TRAIN,
  TX_SUITE_TEST,        /* species that are in train */
  TX_SUITE_TEST_UNSEEN, /* species that are not, of genera that are */
  TX_SUITE_KEY_UNSEEN,  /* more records of those species, as keys to find them by */
  TX_SUITE_SPLITS
} tx_suite_split;

typedef enum tx_suite_stage {
  TX_STAGE_HEADS,       /* what the model answers: test, and test_unseen at the ranks it may know */
  TX_STAGE_PROBE,       /* logistic regression on the embeddings of train */
  TX_STAGE_KNN,         /* the k nearest records of train, by cosine */
  TX_STAGE_UNSEEN,      /* 1-NN of test_unseen among train, and among train and key_unseen */
  TX_STAGE_CLUSTER,     /* clusters of test and test_unseen against their labels */
  TX_STAGE_NOVELTY,     /* test against test_unseen: is the species new? */
  TX_STAGE_CALIBRATION, /* confidences of the answers over test and test_unseen */
  TX_STAGE_BASELINES,   /* 6-mer 1-NN and the most frequent taxon */
  TX_STAGE_LEAKS,       /* duplicates between splits, identity to the nearest record of train */
  TX_STAGES
} tx_suite_stage;
/* "heads", "probe", ...; static storage. NULL past the last. */
TX_API const char *tx_suite_stage_name(tx_suite_stage stage);
/* Reads names of stages separated by commas: ret_wanted[TX_STAGES]. TX_ERROR_USAGE with the names. */
TX_API tx_status tx_suite_stages(const char *text, bool ret_wanted[TX_STAGES], tx_error *error);

/* The records of a benchmark, and the results so far. Not thread-safe. */
typedef struct tx_suite tx_suite;

typedef struct tx_suite_input {
  tx_suite_benchmark benchmark;
  const char *const *paths; /* (count) tables, or one folder */
  size_t count;
  tx_labelled_options labelled; /* without split; the strings must outlive the suite */
  /* the ranks that are scored are those that it and the labels have; NULL or without ranks: those of the
     labels. Borrowed: it must outlive the suite */
  const tx_taxonomy *taxonomy;
  /* how the records of test and test_unseen are cut; those that have nothing of the stretch are left out. The
     others, by which they are found, stay whole. The strings must outlive the suite */
  tx_cut_options cut;
  /* may be NULL: called now and then with what is being done, "reading: 200000 rows" */
  void (*progress)(void *context, const char *what);
  void *context;
} tx_suite_input;

/* Reads the tables once and keeps the records of the four splits. Memory: their letters, ids and labels, and
   later their embeddings, 4 bytes for each number. The names of the taxa of all splits are in one map.
   Errors: those of tx_labelled_open and tx_labelled_next; TX_ERROR_DATA: no split column, no record of split
   train or of a split to score, no rank; TX_ERROR_USAGE for primers or a window that are none. */
TX_API tx_status tx_suite_open(const tx_suite_input *input, tx_suite **ret_suite, tx_error *error);
TX_API void tx_suite_free(tx_suite *suite);
TX_API size_t tx_suite_records(const tx_suite *suite, tx_suite_split split);
/* A line on how the records were cut, and how many were left out; "" where there is nothing to say. */
TX_API const char *tx_suite_cuts(const tx_suite *suite);
TX_API size_t tx_suite_rank_count(const tx_suite *suite);
/* "train", "test", "test_unseen", "key_unseen"; static storage. */
TX_API const char *tx_suite_split_name(tx_suite_split split);
/* Whether a stage can be run: NULL, or why not, in words. Static storage. `answers`: the model (or the
   references) names taxa; `network`: there is one that embeds. */
TX_API const char *tx_suite_obstacle(const tx_suite *suite, tx_suite_stage stage, bool answers, bool network);
/* Whether a stage needs the answers, and the embeddings, of a split. */
TX_API bool tx_suite_needs_answers(tx_suite_stage stage, tx_suite_split split);
TX_API bool tx_suite_needs_embeddings(tx_suite_stage stage, tx_suite_split split);

/* A run of tx_predict over the records of one split: context of the source (tx_suite_source) and of the
   sink. */
typedef struct tx_suite_pass {
  tx_suite *suite;
  tx_suite_split split;
  const tx_taxonomy *taxonomy; /* of tx_suite_put_answer; must outlive the suite */
  const char *method;          /* what answers: "heads" or "references"; static storage */
  size_t width;                /* of tx_suite_put_embedding: tx_model_width */
  size_t next;                 /* record that the source gives next; 0 */
} tx_suite_pass;
TX_API tx_status tx_suite_source(void *context, tx_record *record, tx_error *error);
/* Sinks: keep the taxa and confidences of a record; its embedding. */
TX_API tx_status tx_suite_put_answer(void *context, const tx_record *record, const tx_prediction *prediction,
                                     tx_error *error);
TX_API tx_status tx_suite_put_embedding(void *context, const tx_record *record,
                                        const tx_prediction *prediction, tx_error *error);

/* Embeddings of a split in a folder of cached ones. The name of a file is a hash (SHA-256) of the model, of
   the options that may change a bit of an embedding, the CPU level and version among them, and of all
   letters of the split, so that a file of another model or input is never found. A file has a hash of its own
   content at its end: a damaged one counts as not there.

   Reads them into the suite: *ret_found tells whether they were there. TX_ERROR_MEMORY. */
TX_API tx_status tx_suite_recall(tx_suite *suite, tx_suite_split split, const char *folder,
                                 const tx_model *model, const tx_predict_options *options, bool *ret_found,
                                 tx_error *error);
/* Writes those of the suite under the name by which tx_suite_recall, which has to come first, looked for them
   in vain; a file appears when it is complete. TX_ERROR_IO; TX_STOPPED after *opt_stop. */
TX_API tx_status tx_suite_remember(const tx_suite *suite, tx_suite_split split, const char *folder,
                                   const volatile int *opt_stop, tx_error *error);

/* How many results of stages were found in the cache (tx_suite_options). */
TX_API size_t tx_suite_recalled(const tx_suite *suite);

typedef enum tx_suite_protocol {
  TX_PROTOCOL_RAW,        /* Ward on the embeddings as they are */
  TX_PROTOCOL_BIOSCAN5M,  /* after it, UMAP with 30 neighbours, min_dist 0, euclidean, seed 0, then Ward */
  TX_PROTOCOL_BARCODEBERT, /* 5 neighbours, 0.1, cosine, seed 42 */
  TX_PROTOCOL_BOTH
} tx_suite_protocol;

typedef struct tx_suite_options {
  size_t neighbours; /* k of TX_STAGE_KNN, >= 1 */
  tx_suite_protocol protocol;
  size_t resamples; /* intervals as tx_evaluation_bootstrap has them; 0: none */
  uint64_t seed;
  size_t threads;
  const volatile int *stop; /* may be NULL */
  /* folder in which the results of the stages that search or fit are kept, under a hash of all that they
     depend on, and looked for; NULL or "": none. Only results on embeddings that tx_suite_recall was asked
     for */
  const char *cache;
  /* may be NULL: called now and then with what is being done, "species: iteration 12" */
  void (*progress)(void *context, const char *what);
  void *context;
} tx_suite_options;

/* Runs a stage whose answers and embeddings are there (else TX_ERROR_USAGE), once, and keeps its results.
   TX_STAGE_LEAKS reads the tables a second time if there are records of split pretrain, one at a time: they
   take no memory. Errors of the parts; TX_ERROR_DATA: the splits of the stage have no records;
   TX_ERROR_MEMORY; TX_STOPPED. */
TX_API tx_status tx_suite_run(tx_suite *suite, tx_suite_stage stage, const tx_suite_options *options,
                              tx_error *error);
/* Notes that a stage was left out, and why (static storage), for the report. */
TX_API void tx_suite_leave_out(tx_suite *suite, tx_suite_stage stage, const char *reason);

/* The results as a text or one JSON object (docs/formats.md), with a line break at the end; `model` names
   what was run. A new string; the caller frees it. */
TX_API tx_status tx_suite_report(const tx_suite *suite, const char *model, const tx_suite_options *options,
                                 bool json, char **ret_text, tx_error *error);
/* Writes the list of duplicates that TX_STAGE_LEAKS found; "-" is standard output. A file appears when it is
   complete. */
TX_API tx_status tx_suite_write_leaks(const tx_suite *suite, const char *path, const volatile int *opt_stop,
                                      tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
