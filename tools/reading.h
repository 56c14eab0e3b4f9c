/* Options that classify, embed and eval share: how a model reads sequences. */
#ifndef TX_TOOLS_READING_H
#define TX_TOOLS_READING_H

#include <taxamba/labelled.h>
#include <taxamba/model.h>
#include <taxamba/predict.h>
#include <taxamba/record.h>
#include <taxamba/references.h>

#include "cli.h"

/* What computes the answers. AUTO: references, if there are any, with the network as a witness where it was
   found to help; else the network. BOTH: references, with the network wherever it has weights. */
typedef enum tx_look { TX_LOOK_AUTO, TX_LOOK_EVIDENCE, TX_LOOK_NETWORK, TX_LOOK_BOTH } tx_look;

typedef struct tx_reading {
  char model[TX_TEXT_SIZE];
  char references[TX_TEXT_SIZE]; /* "" where a command does not have the option */
  char prior[TX_TEXT_SIZE];
  double error_rate;
  int look; /* tx_look; 0 where a command does not have the option */
  uint64_t threads, batch, duplicates_cache, min_bases, offsets;
  char id_column[TX_TEXT_SIZE], sequence_column[TX_TEXT_SIZE], where[TX_TEXT_SIZE]; /* of tables */
  bool whole_id, xsize, skip_bad;
  int strand;    /* tx_strand */
  int precision; /* tx_precision */
} tx_reading;

const tx_param *tx_reading_params(size_t *ret_count);
/* The options of the commands that references can answer: classify and eval. */
const tx_param *tx_references_params(size_t *ret_count);

/* What computes the answers: references (which may come from a model), else the model. */
typedef struct tx_sources {
  tx_model *model;              /* NULL with --references and without --model */
  tx_reference_set *references; /* NULL: the model's network answers */
  double *prior; /* prior of the references; NULL: that of their fit */
  tx_taxonomy *joint; /* of the references and the network; NULL: only taxa of the references are named */
} tx_sources;
/* Opens the references or the model and turns the options into those of a run; classify, embed and normalise
   stay for the caller to set. embeds: the network is needed, whatever references the model has. */
tx_status tx_reading_open(const tx_call *call, const tx_reading *reading, tx_sources *ret_sources,
                          bool embeds, tx_predict_options *ret_options, tx_error *error);

void tx_sources_close(tx_sources *sources);
/* Whether a record may have several taxa at a rank: the network of such a model answers. */
bool tx_sources_give_sets(const tx_sources *sources);
/* The taxonomy of the predictions. */
const tx_taxonomy *tx_sources_taxonomy(const tx_sources *sources);

/* The options of the commands that read sequences from tables too: classify and embed. */
const tx_param *tx_columns_params(size_t *ret_count);
/* Opens the operands of the call, standard input without any, to be read to the extent that the run needs. */
tx_status tx_reading_records(const tx_call *call, const tx_reading *reading, const tx_model *model,
                             const tx_predict_options *options, tx_labelled **ret_reader, tx_error *error);
/* The same where the options about columns are about these files only: they are refused if the first is no
   table. */
tx_status tx_reading_reader(const tx_call *call, const tx_reading *reading, const tx_model *model,
                            const tx_predict_options *options, tx_labelled **ret_reader, tx_error *error);

/* A sink that counts and shows progress before it calls the next sink. rows: that one writes to standard
   output. */
typedef struct tx_watch {
  tx_progress progress;
  uint64_t records;
  double started;
  tx_prediction_sink sink;
  tx_flush_sink flush; /* may be NULL */
  void *context;       /* of both */
} tx_watch;
void tx_watch_start(tx_watch *watch, const tx_call *call, bool rows, tx_prediction_sink sink,
                    tx_flush_sink flush, void *context);
/* Whether an output is standard output. */
bool tx_is_standard_output(const char *path);
/* Runs tx_predict from a source to the watched sink. */
tx_status tx_watch_run(tx_watch *watch, const tx_model *model, const tx_predict_options *options,
                       tx_record_source source, void *source_context, tx_run_stats *stats, tx_error *error);

/* Prints the closing line of a run over records. */
void tx_reading_provenance(const tx_call *call, const tx_run_stats *stats);

#endif
