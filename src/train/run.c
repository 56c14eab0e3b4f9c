/* The run: epochs of steps, validation, the kept model, checkpoints, log and progress. */
#include "base/error.h"
#include "settings/config.h"
#include "settings/note.h"
#include "train/likeness.h"
#include "train/provenance.h"
#include "train/references.h"
#include "train/save.h"
#include "train/setup.h"
#include "train/step.h"
#include "train/validate.h"
#include "train/witness.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/runtime.h>
#include <time.h>

enum { LOG_STEPS = 50 };

/* The share of the records that are shown as reverse complement, unless the configuration sets it. */
#define STRAND_SHARE 0.1

static void fill_progress(const tx_trainer *trainer, tx_train_progress *progress)
{
  const tx_train_state *state = &trainer->state;
  const double seconds = tx_clock() - trainer->started;
  memset(progress, 0, sizeof *progress);
  progress->epoch = state->epoch < trainer->epochs ? state->epoch + 1 : state->epoch;
  progress->epochs = trainer->epochs;
  progress->step = state->step;
  progress->steps = trainer->schedule.steps;
  progress->records = trainer->records;
  progress->loss = state->smoothed_loss;
  progress->learning_rate = tx_schedule_rate(&trainer->schedule, state->step ? state->step - 1 : 0);
  progress->seconds = seconds;
  progress->records_per_second = seconds > 0 ? (double)trainer->records / seconds : 0;
  if (trainer->steps_here)
    progress->seconds_left =
        seconds / (double)trainer->steps_here * (double)(trainer->schedule.steps - state->step);
  progress->best_metric = state->selection.metric;
  progress->best_epoch = state->selection.epoch;
  progress->metric_name = trainer->metric.name;
}

static tx_status log_start(tx_trainer *trainer, tx_error *error)
{
  tx_bytes line = {0};
  char *provenance = NULL, date[32] = "";
  const char *command = trainer->files->command ? trainer->files->command : "";
  const time_t now = time(NULL);
  struct tm utc;
  tx_status status = tx_provenance_write(trainer, &provenance, error);
  if (status != TX_OK) return status;
  if (gmtime_r(&now, &utc)) strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &utc);
  tx_bytes_printf(&line, "{\"event\":\"%s\",\"date\":\"%s\",\"command\":",
                  trainer->files->resume ? "resume" : "start", date);
  tx_bytes_json_string(&line, command, strlen(command));
  tx_bytes_printf(&line,
                  ",\"threads\":%zu,\"parameters\":%zu,\"optimiser_bytes\":%zu,\"steps\":%" PRIu64
                  ",\"step\":%" PRIu64 ",\"config\":%s,\"data\":%s}",
                  trainer->worker_count, trainer->elements, tx_optimiser_bytes(&trainer->optimiser),
                  trainer->schedule.steps, trainer->state.step, trainer->config_json, provenance);
  free(provenance);
  return tx_log_write(&trainer->log, &line, error);
}

static tx_status log_step(tx_trainer *trainer, const tx_train_progress *progress, tx_error *error)
{
  tx_bytes line = {0};
  if (!trainer->log.output || progress->step % LOG_STEPS != 0) return TX_OK;
  tx_bytes_printf(&line, "{\"event\":\"step\",\"epoch\":%" PRIu64 ",\"step\":%" PRIu64, progress->epoch,
                  progress->step);
  tx_log_number(&line, "loss", progress->loss);
  tx_log_number(&line, "learning_rate", progress->learning_rate);
  tx_log_number(&line, "records_per_second", progress->records_per_second);
  tx_bytes_text(&line, "}");
  return tx_log_write(&trainer->log, &line, error);
}

/* Loss and figures of validation records: the figures are members of their own, or in one member. */
static void log_judgement(const tx_trainer *trainer, const char *loss, const tx_judgement *judgement,
                          tx_bytes *line)
{
  tx_figure figures[TX_RANKS_MAX];
  const size_t count = trainer->objective->figures(&trainer->terms.terms[0], judgement, figures);
  const char *group = trainer->objective->figures_group;
  tx_log_number(line, loss, judgement->loss);
  if (group) tx_bytes_printf(line, ",\"%s\":{", group);
  for (size_t i = 0; i < count; i++) {
    if (!group) {
      tx_log_number(line, figures[i].name, figures[i].value);
      continue;
    }
    tx_bytes_text(line, i ? "," : "");
    tx_bytes_json_string(line, figures[i].name, strlen(figures[i].name));
    tx_bytes_printf(line, ":%.6g", figures[i].value);
  }
  if (group) tx_bytes_text(line, "}");
}

static tx_status log_epoch(tx_trainer *trainer, const tx_train_progress *progress,
                           const tx_validation *validation, double train_loss, tx_error *error)
{
  tx_bytes line = {0};
  if (!trainer->log.output) return TX_OK;
  tx_bytes_printf(&line, "{\"event\":\"epoch\",\"epoch\":%" PRIu64 ",\"step\":%" PRIu64, progress->epoch,
                  progress->step);
  tx_log_number(&line, "train_loss", train_loss);
  log_judgement(trainer, "valid_loss", &validation->all, &line);
  if (validation->all.loss_error > 0) tx_log_number(&line, "valid_loss_error", validation->all.loss_error);
  for (size_t pass = 0; validation->passes > 1 && pass < validation->passes; pass++) {
    tx_bytes_printf(&line, ",\"%s\":{\"records\":%zu", pass ? "cut" : "whole", trainer->dataset->valid.count);
    log_judgement(trainer, "loss", &validation->of[pass], &line);
    tx_bytes_text(&line, "}");
  }
  tx_log_number(&line, "metric", progress->metric);
  tx_log_number(&line, "best_metric", progress->best_metric);
  tx_bytes_printf(&line, ",\"best_epoch\":%" PRIu64, progress->best_epoch);
  tx_log_number(&line, "learning_rate", progress->learning_rate);
  tx_log_number(&line, "records_per_second", progress->records_per_second);
  tx_log_number(&line, "validation_seconds", validation->seconds);
  tx_log_number(&line, "seconds", progress->seconds);
  tx_bytes_text(&line, "}");
  return tx_log_write(&trainer->log, &line, error);
}

static tx_status log_end(tx_trainer *trainer, const char *reason, tx_error *error)
{
  const tx_selection *selection = &trainer->state.selection;
  tx_bytes line = {0};
  tx_bytes_printf(&line,
                  "{\"event\":\"end\",\"reason\":\"%s\",\"epochs\":%" PRIu64 ",\"step\":%" PRIu64
                  ",\"best_epoch\":%" PRIu64,
                  reason, trainer->state.epoch, trainer->state.step, selection->epoch);
  tx_bytes_text(&line, ",\"metric_name\":");
  tx_bytes_json_string(&line, trainer->metric.name, strlen(trainer->metric.name));
  tx_log_number(&line, "best_metric", selection->epoch ? selection->metric : (double)NAN);
  tx_log_number(&line, "best_loss", selection->epoch ? selection->loss : (double)NAN);
  if (trainer->judged) {
    tx_log_number(&line, "highest_metric", selection->highest_metric);
    tx_log_number(&line, "metric_noise", tx_selection_noise(selection->highest_metric, trainer->judged));
  }
  tx_log_number(&line, "seconds", tx_clock() - trainer->started);
  tx_log_number(&line, "peak_memory", (double)tx_peak_memory());
  tx_bytes_text(&line, "}");
  return tx_log_write(&trainer->log, &line, error);
}

/* On a stop saves the checkpoint with the position of the run. */
static tx_status stop_run(tx_trainer *trainer, tx_error *error)
{
  tx_status status = tx_trainer_save(trainer, false, error);
  if (status == TX_OK) status = log_end(trainer, "stopped", error);
  if (status != TX_OK) return status;
  tx_train_note(trainer->hooks, "stopped after step %" PRIu64 " of %" PRIu64 "; continue with --resume (%s)",
                trainer->state.step, trainer->schedule.steps, trainer->checkpoint_path);
  return TX_STOPPED;
}

/* Makes the remaining steps of the epoch. After TX_STOPPED the caller saves. */
static tx_status run_steps(tx_trainer *trainer, tx_error *error)
{
  const tx_train_hooks *hooks = trainer->hooks;
  const double minutes = (double)trainer->config->checkpoint_minutes;
  tx_balance_order(&trainer->balance, trainer->dataset, trainer->config->seed, trainer->state.epoch,
                   trainer->order);
  while (trainer->state.position < trainer->epoch_steps) {
    tx_train_progress progress;
    tx_status status;
    if (tx_train_stopped(trainer->hooks)) return TX_STOPPED;
    status = tx_trainer_step(trainer, error);
    if (status != TX_OK) return status;
    fill_progress(trainer, &progress);
    if (hooks && hooks->progress) hooks->progress(hooks->context, &progress);
    status = log_step(trainer, &progress, error);
    if (status == TX_OK && minutes > 0 && tx_clock() - trainer->saved >= 60.0 * minutes)
      status = tx_trainer_save(trainer, false, error);
    if (status != TX_OK) return status;
  }
  return TX_OK;
}

/* Validation, the kept model, log and checkpoint at the end of an epoch. */
static tx_status end_epoch(tx_trainer *trainer, tx_error *error)
{
  tx_train_state *state = &trainer->state;
  const tx_train_hooks *hooks = trainer->hooks;
  const double train_loss = state->epoch_loss / (double)trainer->epoch_steps;
  const bool validates = trainer->dataset->valid.count > 0;
  tx_validation validation;
  tx_train_progress progress;
  double metric, loss;
  bool better;
  tx_status status = tx_trainer_validate(trainer, &validation);
  if (status != TX_OK) return status;
  loss = validates ? validation.all.loss : train_loss;
  metric = trainer->metric.is_perplexity ? exp(loss)
           : trainer->metric.is_loss     ? loss
                                         : validation.all.accuracy[trainer->metric.column];
  if (!isfinite(metric))
    return tx_fail(error, TX_ERROR_NUMERIC,
                   "%s of the validation is %g after epoch %" PRIu64
                   ": training has diverged (lower --learning-rate), or no validation record has a known "
                   "label; the last good checkpoint is %s",
                   trainer->metric.name, metric, state->epoch + 1, trainer->checkpoint_path);
  fill_progress(trainer, &progress);
  state->epoch++;
  state->position = 0;
  state->epoch_loss = 0;
  trainer->judged = trainer->metric.is_loss ? 0 : validation.all.judged[trainer->metric.column];
  better =
      tx_selection_offer(&state->selection, &(tx_selection_figures){.epoch = state->epoch,
                                                                    .judged = trainer->judged,
                                                                    .metric = metric,
                                                                    .loss = loss,
                                                                    .loss_error = validation.all.loss_error});
  progress.epoch_end = true;
  progress.valid_loss = validation.all.loss;
  progress.metric = metric;
  progress.best_metric = state->selection.metric;
  progress.best_epoch = state->selection.epoch;
  status = log_epoch(trainer, &progress, &validation, train_loss, error);
  if (status == TX_OK) status = tx_trainer_save(trainer, better, error);
  if (status == TX_OK && hooks && hooks->progress) hooks->progress(hooks->context, &progress);
  return status;
}

static bool has_converged(const tx_trainer *trainer)
{
  return trainer->config->patience > 0 && trainer->dataset->valid.count > 0 &&
         trainer->state.selection.stale >= trainer->config->patience;
}

/* Reports the epoch of the model, with the reason if another epoch had a higher accuracy or a lower loss. */
static void note_kept(const tx_trainer *trainer)
{
  const tx_selection *selection = &trainer->state.selection;
  char reason[300] = "";
  if (trainer->judged &&
      (selection->metric < selection->highest_metric || selection->loss > selection->reference_loss))
    snprintf(reason, sizeof reason,
             ", loss %.4f: the last within chance of the lowest loss, %.4f (+ %.4f), and of the highest "
             "accuracy, %.4f (- %.4f with %" PRIu64 " %s)",
             selection->loss, selection->reference_loss, selection->reference_error,
             selection->highest_metric, tx_selection_noise(selection->highest_metric, trainer->judged),
             trainer->judged,
             trainer->objective->needs.labels ? "records"
             : trainer->objective->needs.ids  ? "pairs"
                                              : "tokens");
  tx_train_note(trainer->hooks, "%s is the model of epoch %" PRIu64 ", %s %.4f%s", trainer->files->output,
                selection->epoch, trainer->metric.name, selection->metric, reason);
}

static tx_status finish_run(tx_trainer *trainer, tx_error *error)
{
  const bool early = trainer->state.epoch < trainer->epochs;
  tx_status status = tx_trainer_fit_witness(trainer, error);
  if (status == TX_STOPPED) return stop_run(trainer, error);
  if (status == TX_OK) status = log_end(trainer, early ? "no improvement" : "complete", error);
  if (status == TX_OK) status = tx_log_sync(&trainer->log, error);
  if (status == TX_OK) status = tx_log_close(&trainer->log, error);
  if (status != TX_OK) return status;
  remove(trainer->checkpoint_path);
  if (early)
    tx_train_note(trainer->hooks, "stopped early: %s%s not improved for %" PRIu64 " epochs",
                  trainer->metric.name, trainer->metric.is_loss ? " has" : " and loss have",
                  trainer->state.selection.stale);
  note_kept(trainer);
  return TX_OK;
}

static tx_status run(tx_trainer *trainer, tx_error *error)
{
  tx_status status = log_start(trainer, error);
  if (status == TX_OK) status = tx_trainer_make_likeness(trainer, error);
  if (status == TX_OK) status = tx_trainer_make_references(trainer, error);
  trainer->started = trainer->saved = tx_clock();
  while (status == TX_OK && trainer->state.epoch < trainer->epochs && !has_converged(trainer)) {
    status = run_steps(trainer, error);
    if (status == TX_OK) status = end_epoch(trainer, error);
  }
  if (status == TX_STOPPED) return stop_run(trainer, error);
  return status == TX_OK ? finish_run(trainer, error) : status;
}

/* Sets the settings that the objective determines. Pretraining does not use labels; except for this one the
   settings of labels are off by default, and tx_train_config_settle has reset them to their defaults. The
   model and the checkpoint store these values. */
static void apply_objective(const tx_objective_functions *objective, tx_train_config *config)
{
  const bool one_way = config->reverse_complement <= 0 && !config->both_strands;
  if (config->strand_share < 0) config->strand_share = objective->needs.labels && one_way ? STRAND_SHARE : 0;
  if (config->reverse_complement < 0) config->reverse_complement = objective->reverse_complement;
  if (objective != tx_objective_standard()) config->label_smoothing = 0;
}

tx_status tx_train(const tx_train_config *config, const tx_train_files *files, const tx_train_hooks *hooks,
                   tx_error *error)
{
  tx_trainer *trainer = calloc(1, sizeof *trainer);
  tx_train_config *effective = malloc(sizeof *effective);
  tx_status status;
  if (!trainer || !effective) {
    free(trainer);
    free(effective);
    return tx_fail_memory(error, "the training run");
  }
  *effective = *config;
  trainer->config = effective;
  trainer->files = files;
  trainer->hooks = hooks;
  status = tx_train_config_settle(effective, files, hooks, error);
  if (status == TX_OK) {
    trainer->objective = tx_objective_of(effective);
    apply_objective(trainer->objective, effective);
    status = tx_trainer_setup(trainer, error);
  }
  if (status == TX_OK && !trainer->objective->needs.labels && !trainer->objective->needs.ids) {
    tx_train_note(
        hooks,
        "pretraining looks at no labels: label smoothing is 0; a share of %g is read as reverse complement",
        effective->reverse_complement);
  }
  if (status == TX_OK) status = run(trainer, error);
  tx_trainer_free(trainer);
  free(trainer);
  free(effective);
  return status;
}
