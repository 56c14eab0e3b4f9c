#include "train/save.h"

#include "base/error.h"
#include "base/file.h"
#include "model/model_shared.h"
#include "nn/layout.h"
#include "settings/note.h"
#include "tensor/blas.h"
#include "train/provenance.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/runtime.h>
#include <unistd.h>

static tx_checkpoint checkpoint_of(tx_trainer *trainer, const char *provenance)
{
  tx_checkpoint checkpoint = {.dims = &trainer->dims,
                              .tokenizer = &trainer->tokenizer,
                              .taxonomy = trainer->dataset->taxonomy,
                              .regression = &trainer->dataset->traits,
                              .config = trainer->config_json,
                              .provenance = provenance,
                              .fingerprint = trainer->fingerprint,
                              .state = &trainer->state,
                              .weights = trainer->weights,
                              .parts = &trainer->parts};
  return checkpoint;
}

static tx_status put_model(tx_trainer *trainer, const char *provenance, tx_output *output, tx_error *error)
{
  const tx_dims dims = tx_model_dims(&trainer->dims); /* its weights are the first of the network's */
  const tx_metadata modalities = {TX_MODALITIES_KEY, trainer->partners.names.data};
  tx_model_parts parts = {.dims = &dims,
                          .tokenizer = &trainer->tokenizer,
                          .taxonomy = trainer->dataset->taxonomy,
                          .opt_regression = &trainer->dataset->traits,
                          .opt_likeness = &trainer->likeness,
                          .weights = trainer->average ? trainer->average : trainer->weights,
                          .config = trainer->config_json,
                          .provenance = provenance,
                          .extra = trainer->reference_sections.sections,
                          .extra_count = trainer->reference_sections.section_count,
                          .extra_metadata = trainer->reference_sections.metadata,
                          .extra_metadata_count = trainer->reference_sections.metadata_count};
  if (dims.tower_count) { /* such a run has no references */
    parts.extra_metadata = &modalities;
    parts.extra_metadata_count = 1;
  }
  return tx_model_put(output, &parts, error);
}

/* The log is synced first, so that it has every event before the checkpoint. A crash between the renames of
   the model and the checkpoint leaves a model that the resumed run writes again. */
tx_status tx_trainer_save(tx_trainer *trainer, bool with_model, tx_error *error)
{
  char *provenance = NULL;
  tx_output *outputs[2] = {NULL, NULL};
  size_t count = 0;
  tx_status status = tx_log_sync(&trainer->log, error);
  if (status == TX_OK) status = tx_provenance_write(trainer, &provenance, error);
  if (status == TX_OK && with_model) {
    status = tx_output_open(trainer->files->output, NULL, &outputs[count++], error);
    if (status == TX_OK) status = put_model(trainer, provenance, outputs[0], error);
  }
  if (status == TX_OK) status = tx_output_open(trainer->checkpoint_path, NULL, &outputs[count++], error);
  if (status == TX_OK) {
    const tx_checkpoint checkpoint = checkpoint_of(trainer, provenance);
    status = tx_checkpoint_put(outputs[count - 1], &checkpoint, error);
  }
  if (status == TX_OK)
    status = tx_outputs_commit(outputs, count, error);
  else
    for (size_t i = 0; i < count; i++) tx_output_abort(outputs[i]);
  free(provenance);
  trainer->saved = tx_clock();
  return status;
}

/* Up to the state. */
static uint64_t records_trained(const tx_trainer *trainer)
{
  const uint64_t records = trainer->dataset->train.count,
                 part = trainer->state.position * trainer->config->batch;
  return trainer->state.epoch * records + (part < records ? part : records);
}

/* Other kernels of OpenBLAS round differently: the run continues, but its result differs from that of an
   uninterrupted run. */
static void note_library(tx_trainer *trainer)
{
  tx_kl *matrices = &trainer->optimiser.matrices;
  const char *present = tx_blas_version();
  if (matrices->count == 0) return;
  if (matrices->library[0] && strcmp(matrices->library, present) != 0)
    tx_train_note(trainer->hooks,
                  "the checkpoint was made with %s, this is %s: the model will not have the same bytes as "
                  "that of a run without a break (OPENBLAS_CORETYPE chooses the kernels)",
                  matrices->library, present);
  snprintf(matrices->library, sizeof matrices->library, "%s", present);
}

tx_status tx_trainer_restore(tx_trainer *trainer, tx_error *error)
{
  const tx_checkpoint checkpoint = checkpoint_of(trainer, NULL);
  tx_train_state *state = &trainer->state;
  tx_status status = tx_checkpoint_read(trainer->checkpoint_path, trainer->config, &checkpoint, error);
  if (status != TX_OK) return status;
  if (state->position > trainer->epoch_steps || state->epoch > trainer->epochs ||
      state->selection.epoch > state->epoch ||
      state->step != state->epoch * trainer->epoch_steps + state->position ||
      state->selection.stale > state->epoch || (state->epoch > 0 && state->selection.epoch == 0))
    return tx_fail(error, TX_ERROR_MODEL,
                   "the checkpoint %s is damaged: its position in the run is impossible",
                   trainer->checkpoint_path);
  if (!tx_selection_possible(&state->selection, trainer->metric.is_loss))
    return tx_fail(error, TX_ERROR_MODEL,
                   "the checkpoint %s is damaged: its best %s is %g, the highest %g; its loss %g, the lowest "
                   "%g, compared with %g + %g",
                   trainer->checkpoint_path, trainer->metric.name, state->selection.metric,
                   state->selection.highest_metric, state->selection.loss, state->selection.lowest_loss,
                   state->selection.reference_loss, state->selection.reference_error);
  tx_optimiser_set_step(&trainer->optimiser, state->step);
  status = tx_objective_restore(&trainer->terms, records_trained(trainer), trainer->checkpoint_path, error);
  if (status != TX_OK) return status;
  if (state->selection.epoch > 0 && access(trainer->files->output, R_OK) != 0)
    return tx_fail(error, TX_ERROR_IO, "cannot resume: %s, the best model so far, cannot be read: %s",
                   trainer->files->output, strerror(errno));
  tx_train_note(trainer->hooks, "resumed from %s: %" PRIu64 " epochs and %" PRIu64 " steps are done",
                trainer->checkpoint_path, state->epoch, state->step);
  note_library(trainer);
  return TX_OK;
}
