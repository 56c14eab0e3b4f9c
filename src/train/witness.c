#include "train/witness.h"

#include "base/error.h"
#include "base/bytes.h"
#include "evidence/witness_records.h"
#include "infer/listen.h"
#include "settings/note.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The validation records as a source. */
typedef struct reading {
  const tx_trainer *trainer;
  size_t at;
  int own_rank[TX_RANKS_MAX]; /* rank of the input for each rank of the references */
  uint8_t *codes;             /* (longest) */
  char *letters;              /* (longest) */
} reading;

static void find_ranks(reading *in)
{
  const tx_dataset *dataset = in->trainer->dataset;
  const tx_taxonomy *taxonomy = in->trainer->references->references->taxonomy;
  for (size_t r = 0; r < tx_taxonomy_rank_count(taxonomy); r++) {
    in->own_rank[r] = -1;
    for (size_t i = 0; i < tx_dataset_input_ranks(dataset); i++)
      if (strcmp(tx_taxonomy_rank_name(taxonomy, r), tx_taxonomy_builder_rank_name(dataset->builder, i)) == 0)
        in->own_rank[r] = (int)i;
  }
}

static tx_status next(void *context, const char **taxa, const char **ret_letters, size_t *ret_count,
                      tx_error *error)
{
  reading *in = context;
  const tx_dataset *dataset = in->trainer->dataset;
  const tx_taxonomy *taxonomy = in->trainer->references->references->taxonomy;
  uint32_t record;
  (void)error;
  if (in->at == dataset->valid.count) return TX_END;
  record = dataset->valid.records[in->at++];
  *ret_count = tx_dataset_codes(dataset, record, in->codes);
  for (size_t i = 0; i < *ret_count; i++) in->letters[i] = "ACGTN"[in->codes[i]];
  *ret_letters = in->letters;
  for (size_t r = 0; r < tx_taxonomy_rank_count(taxonomy); r++)
    taxa[r] = in->own_rank[r] < 0
                  ? NULL
                  : tx_taxonomy_builder_label(dataset->builder, (int32_t)dataset->lineages[record],
                                              (size_t)in->own_rank[r]);
  return TX_OK;
}

static tx_status take_records(tx_trainer *trainer, tx_calibration_records *ret_records, tx_error *error)
{
  const size_t longest = trainer->dataset->longest + 1;
  reading in = {.trainer = trainer, .codes = malloc(longest), .letters = malloc(longest)};
  const tx_calibration_source source = {next, &in, trainer->config->seed,
                                        trainer->hooks ? trainer->hooks->stop : NULL};
  tx_status status = TX_ERROR_MEMORY;
  memset(ret_records, 0, sizeof *ret_records);
  if (in.codes && in.letters) {
    find_ranks(&in);
    status = tx_calibration_records_take(trainer->references, &source, trainer->pool, ret_records, error);
  } else {
    status = tx_fail_memory(error, "the validation records");
  }
  free(in.codes);
  free(in.letters);
  return status;
}

/* The kept model, by its path: a name without a folder would be looked up among the shipped ones. */
static tx_status open_kept(const tx_trainer *trainer, tx_model **ret_model, tx_error *error)
{
  const char *path = trainer->files->output;
  tx_bytes name = {0};
  tx_status status;
  if (!strchr(path, '/')) tx_bytes_text(&name, "./");
  tx_bytes_text(&name, path);
  if (name.failed) {
    tx_bytes_free(&name);
    return tx_fail_memory(error, "the model");
  }
  status = tx_model_open(name.data, ret_model, error);
  tx_bytes_free(&name);
  return status;
}

/* Writes the model again with the weights that its references now have. */
static tx_status rewrite(const tx_trainer *trainer, const tx_model *model, tx_error *error)
{
  tx_reference_writer *writer = NULL;
  tx_status status = tx_reference_writer_open(trainer->files->output, NULL, &writer, error);
  return status == TX_OK ? tx_reference_writer_commit_model(writer, trainer->references, model, error)
                         : status;
}

/* Tells at which lengths the network will be asked. */
static void note_lengths(const tx_trainer *trainer, size_t records)
{
  const tx_fitted_weights *fitted = &trainer->references->fitted;
  char lengths[120] = "";
  size_t used = 0;
  for (size_t i = 0; i < fitted->length_count; i++)
    if (fitted->witness.lengths[i].scores.helps)
      used += (size_t)snprintf(lengths + used, sizeof lengths - used, "%s%" PRIu32, used ? ", " : "",
                               fitted->lengths[i]);
  tx_train_note(trainer->hooks,
                "the network as a witness of the references: fitted on %zu validation records; it helps "
                "%s%s%s",
                records, used ? "at " : "at no length", lengths, used ? " bases" : "");
}

static tx_status fit(tx_trainer *trainer, const tx_model *model, const tx_calibration_records *records,
                     tx_error *error)
{
  tx_calibration_maker maker = {.set = trainer->references,
                                .records = records,
                                .pool = trainer->pool,
                                .seed = trainer->config->seed,
                                .opt_stop = trainer->hooks ? trainer->hooks->stop : NULL};
  tx_listener *listener = NULL;
  tx_status status = tx_listener_create(model, trainer->references, trainer->pool, &listener, error);
  if (status == TX_OK && listener) {
    tx_witness *witness = calloc(1, sizeof *witness);
    maker.opt_voice = tx_listener_voice(listener);
    status = witness ? tx_calibration_maker_init(&maker, error) : tx_fail_memory(error, "the network");
    if (status == TX_OK) status = tx_witness_fit_records(&maker, witness, error);
    if (status == TX_OK) trainer->references->fitted.witness = *witness;
    tx_calibration_maker_clear(&maker);
    free(witness);
  }
  tx_listener_free(listener);
  return status;
}

tx_status tx_trainer_fit_witness(tx_trainer *trainer, tx_error *error)
{
  tx_calibration_records records = {0};
  tx_model *model = NULL;
  tx_status status;
  if (!trainer->references || !trainer->dataset->valid.count) return TX_OK;
  status = take_records(trainer, &records, error);
  if (status == TX_OK && (records.count < TX_FIT_FEWEST || records.taxa < TX_CALIBRATION_FOLDS))
    tx_train_note(trainer->hooks,
                  "the network is no witness of the references: %zu validation records of %zu taxa are too "
                  "few (taxamba calibrate fits its weights to others)",
                  records.count, records.taxa);
  else if (status == TX_OK)
    status = open_kept(trainer, &model, error);
  if (status == TX_OK && model) status = fit(trainer, model, &records, error);
  if (status == TX_OK && model && trainer->references->fitted.witness.present) {
    status = rewrite(trainer, model, error);
    if (status == TX_OK) note_lengths(trainer, records.count);
  }
  tx_calibration_records_clear(&records);
  tx_model_close(model);
  return status;
}
