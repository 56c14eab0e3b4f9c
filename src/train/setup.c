/* From a configuration to a trainer that can make its first (or next) step, and back to files. */
#include "settings/note.h"
#include "train/trainer.h"

#include "base/error.h"
#include "base/file.h"
#include "base/gzip.h"
#include "base/memory.h"
#include "dataset/symbols.h"
#include "nn/layout.h"
#include "nn/strands.h"
#include "settings/config.h"
#include "train/init.h"
#include "train/provenance.h"
#include "train/tokens.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/runtime.h>
#include <unistd.h>

enum { SHARDS_AT_ONCE = 64 /* of a validation, between two looks at the stop flag */ };

/* Unless it is that of the model to start from. */
static void set_tokenizer(tx_trainer *trainer)
{
  const tx_train_config *config = trainer->config;
  tx_tokenizer *tokenizer = &trainer->tokenizer;
  tokenizer->kind = (tx_tokenizer_kind)config->tokenizer;
  tokenizer->k = tokenizer->kind == TX_TOKENIZER_KMER ? (uint32_t)config->k : 1;
  tokenizer->stride = tokenizer->kind == TX_TOKENIZER_KMER && config->stride ? (uint32_t)config->stride : tokenizer->k;
  tokenizer->max_bases = (uint32_t)config->max_bases;
  tokenizer->pad_to = (uint32_t)config->pad_to;
}

static tx_status set_sizes(tx_trainer *trainer, tx_error *error)
{
  const tx_train_config *config = trainer->config;
  tx_tokenizer *tokenizer = &trainer->tokenizer;
  tx_dims *dims = &trainer->dims;
  const char *fault;
  tx_status status;
  if (!trainer->init) set_tokenizer(trainer);
  status = tx_tokenizer_check(tokenizer, error);
  if (status != TX_OK) return status;
  dims->vocabulary = tx_tokenizer_vocabulary(tokenizer);
  dims->width = (size_t)config->d_model;
  dims->layers = (size_t)config->n_layer;
  dims->state = (size_t)config->d_state;
  dims->head_width = (size_t)config->headdim;
  dims->expand = (size_t)config->expand;
  dims->kernel = (size_t)config->d_conv;
  dims->mlp = config->mlp_width ? (size_t)config->mlp_width : 4 * dims->width;
  dims->positions = trainer->init ? trainer->init->dims.positions : tx_train_positions(config, tokenizer);
  dims->strands = config->both_strands ? 2 : 1;
  dims->token_head = config->objective == TX_OBJECTIVE_TAXA ? 0 : dims->vocabulary;
  dims->decoder_layers = config->objective == TX_OBJECTIVE_MASKED_AUTOENCODER ? (size_t)config->decoder_layers : 0;
  if (dims->decoder_layers && !dims->positions)
    return tx_fail(error, TX_ERROR_USAGE, "--objective masked-autoencoder needs position embeddings: %s%s",
                   trainer->init ? config->init : "with --max-bases 0 say how many (--positions)", trainer->init ? " of --init has none" : "");
  fault = tx_dims_fault(dims);
  return fault ? tx_fail(error, TX_ERROR_USAGE, "%s", fault) : TX_OK;
}

/* What a tokenizer has to learn, from the training records or, when a run goes on, as it was learned. That of a model to start from
   has learned it. */
static tx_status learn_tokenizer(tx_trainer *trainer, tx_error *error)
{
  const tx_train_config *config = trainer->config;
  tx_tokenizer *tokenizer = &trainer->tokenizer;
  tx_status status;
  if (tokenizer->kind != TX_TOKENIZER_BPE || trainer->init) return TX_OK;
  if (trainer->files->resume)
    status = tx_checkpoint_tokenizer(trainer->checkpoint_path, config, tokenizer, error);
  else
    status = tx_learn_symbols(trainer->dataset, (size_t)config->bpe_symbols, (size_t)config->bpe_longest, trainer->hooks, &tokenizer->bpe,
                              error);
  if (status != TX_OK) return status;
  trainer->dims.vocabulary = tx_tokenizer_vocabulary(tokenizer);
  if (trainer->dims.token_head) trainer->dims.token_head = trainer->dims.vocabulary;
  return TX_OK;
}

/* A checkpoint is hours of work: it is continued or given up, but not by oversight. */
static tx_status check_checkpoint(tx_trainer *trainer, tx_error *error)
{
  const tx_train_files *files = trainer->files;
  if (access(trainer->checkpoint_path, F_OK) != 0) {
    if (!files->resume) return TX_OK;
    return tx_fail(error, TX_ERROR_IO,
                   "cannot resume: there is no checkpoint %s (a finished run removes it): %s",
                   trainer->checkpoint_path, strerror(errno));
  }
  if (files->resume || files->overwrite) return TX_OK;
  return tx_fail(error, TX_ERROR_USAGE,
                 "%s is the checkpoint of an unfinished run: --resume continues it, --overwrite gives it up",
                 trainer->checkpoint_path);
}

/* Faults of paths show at once, not after hours. */
static tx_status check_paths(tx_trainer *trainer, tx_error *error)
{
  const tx_train_files *files = trainer->files;
  tx_output *output = NULL;
  tx_bytes path = {0};
  tx_status status;
  if (files->resume && files->overwrite)
    return tx_fail(error, TX_ERROR_USAGE,
                   "--resume continues a run and --overwrite gives it up: give one of them");
  if (files->input_count == 0) return tx_fail(error, TX_ERROR_USAGE, "no training file is given");
  if (!files->output || !*files->output || strcmp(files->output, "-") == 0)
    return tx_fail(error, TX_ERROR_USAGE, "training needs the path of a file for the model (--output FILE)");
  tx_bytes_printf(&path, "%s.checkpoint", files->output);
  if (path.failed) return tx_fail_memory(error, "a path");
  trainer->checkpoint_path = path.data;
  status = tx_output_open(files->output, NULL, &output, error);
  if (status != TX_OK) return status;
  tx_output_abort(output);
  status = tx_lock_take(files->output, &trainer->lock, error);
  if (status != TX_OK) return status;
  if (!trainer->lock)
    tx_train_note(trainer->hooks,
                  "the file system of %s has no locks: do not start a second training into it",
                  files->output);
  return check_checkpoint(trainer, error);
}

/* The rank of a metric RANK-accuracy, -1 if it is none. */
static int metric_rank(const tx_dataset *dataset, const char *metric)
{
  static const char suffix[] = "-accuracy";
  const size_t length = strlen(metric), tail = sizeof suffix - 1;
  if (length <= tail || strcmp(metric + length - tail, suffix) != 0) return -1;
  for (size_t r = 0; r < dataset->ranks; r++) {
    const char *name = tx_taxonomy_rank_name(dataset->taxonomy, r);
    if (strlen(name) == length - tail && memcmp(name, metric, length - tail) == 0) return (int)r;
  }
  return -1;
}

/* When pretraining. */
static tx_status set_token_metric(tx_trainer *trainer, tx_error *error)
{
  const tx_train_config *config = trainer->config;
  const bool judged = trainer->dataset->valid.count > 0;
  const char *standard = config->objective == TX_OBJECTIVE_NEXT_TOKEN ? "perplexity" : judged ? "token-accuracy" : "loss";
  const char *metric = *config->metric ? config->metric : standard;
  snprintf(trainer->metric_name, sizeof trainer->metric_name, "%s", metric);
  trainer->metric_is_perplexity = strcmp(metric, "perplexity") == 0;
  trainer->metric_is_loss = trainer->metric_is_perplexity || strcmp(metric, "loss") == 0;
  if (trainer->metric_is_loss) return TX_OK;
  if (strcmp(metric, "token-accuracy") != 0)
    return tx_fail(error, TX_ERROR_USAGE, "--metric '%.100s' is none of loss, perplexity and token-accuracy, which pretraining has",
                   metric);
  if (!judged) return tx_fail(error, TX_ERROR_USAGE, "--metric token-accuracy needs validation records");
  return TX_OK;
}

/* Which figure chooses the kept model. */
static tx_status set_metric(tx_trainer *trainer, tx_error *error)
{
  const tx_dataset *dataset = trainer->dataset;
  const char *metric = trainer->config->metric;
  int rank;
  if (trainer->dims.token_head) return set_token_metric(trainer, error);
  if (!*metric) { /* the lowest rank that can be judged */
    size_t lowest = dataset->ranks;
    while (lowest > 0 && dataset->valid_labelled[lowest - 1] == 0) lowest--;
    trainer->metric_is_loss = lowest == 0;
    trainer->metric_rank = lowest ? lowest - 1 : 0;
    if (lowest)
      snprintf(trainer->metric_name, sizeof trainer->metric_name, "%s-accuracy", tx_taxonomy_rank_name(dataset->taxonomy, lowest - 1));
    else
      snprintf(trainer->metric_name, sizeof trainer->metric_name, "loss");
    return TX_OK;
  }
  snprintf(trainer->metric_name, sizeof trainer->metric_name, "%s", metric);
  trainer->metric_is_loss = strcmp(metric, "loss") == 0;
  if (trainer->metric_is_loss) return TX_OK;
  rank = metric_rank(dataset, metric);
  if (rank < 0)
    return tx_fail(error, TX_ERROR_USAGE,
                   "--metric '%.100s' is neither loss nor RANK-accuracy with one of the ranks of the data (the lowest is %s)", metric,
                   tx_taxonomy_rank_name(dataset->taxonomy, dataset->ranks - 1));
  if (dataset->valid_labelled[rank] == 0)
    return tx_fail(error, TX_ERROR_USAGE, "--metric %.100s needs validation records with a label at that rank", metric);
  trainer->metric_rank = (size_t)rank;
  return TX_OK;
}

tx_precision tx_trainer_precision(const tx_trainer *trainer)
{
  return trainer->config->precision ? TX_PRECISION_BF16 : TX_PRECISION_FLOAT32;
}

static tx_status make_workers(tx_trainer *trainer, tx_error *error)
{
  const tx_train_config *config = trainer->config;
  const size_t shard = (size_t)(config->shard < config->batch ? config->shard : config->batch);
  const size_t threads = config->threads ? (size_t)config->threads : tx_processors();
  const size_t strands = trainer->dims.token_head ? 1 : tx_dims_strands(&trainer->dims); /* tokens are predicted on one strand */
  const tx_precision precision = tx_trainer_precision(trainer);
  tx_status status = tx_pool_create(threads, &trainer->pool, error);
  if (status != TX_OK) return status;
  trainer->workers = calloc(threads, sizeof *trainer->workers);
  if (!trainer->workers) return tx_fail_memory(error, "the workers");
  trainer->worker_count = threads;
  for (size_t i = 0; i < threads; i++) {
    tx_train_worker *worker = &trainer->workers[i];
    size_t size;
    status = tx_shard_create(trainer->dataset, &trainer->tokenizer, shard, strands, &worker->shard, error);
    if (status != TX_OK) return status;
    size = tx_network_work_size(&trainer->dims, precision, tx_shard_tokens(&worker->shard), tx_shard_sequences(&worker->shard));
    worker->memory = size ? tx_malloc_aligned(size, 1) : NULL;
    worker->gradients = tx_malloc_aligned(trainer->elements, sizeof *worker->gradients);
    if (!worker->memory || !worker->gradients)
      return tx_fail(error, TX_ERROR_MEMORY, "out of memory for %zu threads of shards of %zu records: lower --threads or --shard", threads,
                     shard);
    worker->work = tx_network_work_init(&trainer->dims, precision, tx_shard_tokens(&worker->shard), tx_shard_sequences(&worker->shard),
                                        worker->memory);
    if (trainer->dims.token_head) status = tx_tokens_prepare(trainer, worker, error);
    if (trainer->contrast.capacity) status = tx_contrast_prepare(&trainer->contrast, shard, &worker->contrast, error);
    if (status != TX_OK) return status;
  }
  return TX_OK;
}

/* What follows the encoder in the weights: the heads, or the decoder or token head of pretraining. */
static tx_tensor_info first_head(const tx_trainer *trainer)
{
  tx_tensor_info info;
  tx_layout_tensor(&trainer->dims, tx_head_tensor(&trainer->dims, 0), &info);
  return info;
}

static tx_status make_optimiser(tx_trainer *trainer, tx_error *error)
{
  const tx_train_config *config = trainer->config;
  const tx_tensor_info heads = first_head(trainer);
  const tx_kl_options options = {.soap = config->optimiser == TX_OPTIMISER_KL_SOAP,
                                 .normalise = config->normalise_updates,
                                 .beta1 = config->preconditioner_beta1,
                                 .beta2 = config->preconditioner_beta2,
                                 .epsilon = config->preconditioner_epsilon,
                                 .clamp = config->preconditioner_clamp,
                                 .frequency = config->preconditioner_frequency,
                                 .first = trainer->frozen,
                                 .slow_end = heads.offset,
                                 .slow_share = config->encoder_rate,
                                 .weight_decay = config->weight_decay};
  const size_t tensors = tx_layout_count(&trainer->dims);
  const size_t limit = config->optimiser == TX_OPTIMISER_ADAMW ? 0 : (size_t)config->preconditioner_limit;
  bool *taken = calloc(tensors, sizeof *taken);
  tx_status status;
  if (!taken) return tx_fail_memory(error, "the optimiser");
  for (size_t i = 0; i < tensors; i++) taken[i] = tx_kl_takes(&trainer->dims, i, limit);
  status = tx_adamw_create(&trainer->dims, config->beta1, config->beta2, config->epsilon, config->weight_decay, false, taken,
                           &trainer->optimiser, error);
  if (status == TX_OK) tx_adamw_freeze(&trainer->optimiser, trainer->frozen);
  if (status == TX_OK) tx_adamw_slow(&trainer->optimiser, heads.offset, config->encoder_rate);
  if (status == TX_OK) status = tx_kl_create(&trainer->dims, &options, limit, tx_pool_threads(trainer->pool), &trainer->matrices, error);
  free(taken);
  if (status != TX_OK || config->optimiser == TX_OPTIMISER_ADAMW) return status;
  tx_train_note(trainer->hooks, "optimiser: %zu matrices by %s, %zu other parameters by AdamW, %.1f MiB of state (AdamW alone: %.1f MiB)%s%s",
                trainer->matrices.count, options.soap ? "KL-SOAP" : "KL-Shampoo", trainer->optimiser.elements,
                (double)tx_trainer_optimiser_bytes(trainer) / 1048576.0, (double)(2 * trainer->elements * sizeof(float)) / 1048576.0,
                trainer->matrices.count ? ", eigenvectors by " : "", trainer->matrices.library);
  return TX_OK;
}

size_t tx_trainer_optimiser_bytes(const tx_trainer *trainer)
{
  return (2 * trainer->optimiser.elements + trainer->matrices.elements) * sizeof(float);
}

/* The tensors within the weights, as they are at the start, and within what is validated and kept; and how many of the weights are
   frozen. */
static tx_status point_tensors(tx_trainer *trainer, tx_error *error)
{
  const size_t tensors = tx_layout_count(&trainer->dims);
  const float *kept = trainer->weights;
  if (trainer->config->ema > 0) {
    trainer->average = tx_malloc_aligned(trainer->elements, sizeof *trainer->average);
    if (!trainer->average) return tx_fail_memory(error, "the averaged weights");
    memcpy(trainer->average, trainer->weights, trainer->elements * sizeof *trainer->average);
    kept = trainer->average;
  }
  trainer->tensors = calloc(tensors, sizeof *trainer->tensors);
  trainer->kept = calloc(tensors, sizeof *trainer->kept);
  if (!trainer->tensors || !trainer->kept) return tx_fail_memory(error, "the weights");
  for (size_t i = 0; i < tensors; i++) {
    tx_tensor_info info;
    tx_layout_tensor(&trainer->dims, i, &info);
    trainer->tensors[i] = trainer->weights + info.offset;
    trainer->kept[i] = kept + info.offset;
  }
  if (trainer->config->freeze_encoder) trainer->frozen = first_head(trainer).offset;
  return TX_OK;
}

static tx_status make_parts(tx_trainer *trainer, tx_error *error)
{
  const tx_train_config *config = trainer->config;
  const size_t records = trainer->dataset->train.count, batch = (size_t)config->batch;
  const size_t shard = (size_t)(config->shard < config->batch ? config->shard : config->batch);
  const size_t batch_shards = (batch + shard - 1) / shard;
  tx_status status;
  trainer->elements = tx_layout_elements(&trainer->dims);
  trainer->sum_columns = trainer->dims.token_head ? 1 : trainer->dims.ranks;
  trainer->epoch_steps = (records + batch - 1) / batch;
  trainer->schedule =
      tx_schedule_make(trainer->epoch_steps * config->epochs, config->warmup, config->learning_rate, config->final_learning_rate);
  trainer->sums_shards = batch_shards > SHARDS_AT_ONCE ? batch_shards : SHARDS_AT_ONCE;
  trainer->weights = tx_malloc_aligned(trainer->elements, sizeof *trainer->weights);
  trainer->order = calloc(records, sizeof *trainer->order);
  trainer->sums = calloc(trainer->sums_shards * trainer->sum_columns, sizeof *trainer->sums);
  if (!trainer->weights || !trainer->order || !trainer->sums) return tx_fail_memory(error, "the weights");
  tx_layout_initialise(&trainer->dims, config->seed, trainer->weights);
  if (trainer->init && !trainer->files->resume) tx_init_take(trainer);
  status = point_tensors(trainer, error);
  if (status == TX_OK) status = tx_losses_create(config, trainer->dataset, &trainer->losses, error);
  if (status == TX_OK) status = tx_balance_create(trainer->dataset, config->balance, &trainer->balance, error);
  if (status == TX_OK) status = tx_contrast_create(config, trainer->dataset, trainer->dims.width, &trainer->contrast, error);
  if (status == TX_OK) status = tx_reduction_create(trainer->elements, &trainer->reduction, error);
  trainer->reduction.first = trainer->frozen;
  if (status == TX_OK) status = make_workers(trainer, error);
  if (status == TX_OK) status = make_optimiser(trainer, error);
  return status;
}

static tx_checkpoint checkpoint_of(tx_trainer *trainer, const char *provenance)
{
  tx_checkpoint checkpoint = {.dims = &trainer->dims,
                              .tokenizer = &trainer->tokenizer,
                              .taxonomy = trainer->dataset->taxonomy,
                              .config = trainer->config_json,
                              .provenance = provenance,
                              .fingerprint = trainer->fingerprint,
                              .state = &trainer->state,
                              .weights = trainer->weights,
                              .average = trainer->average,
                              .optimiser = &trainer->optimiser,
                              .matrices = &trainer->matrices,
                              .contrast = &trainer->contrast};
  return checkpoint;
}

static tx_status put_model(tx_trainer *trainer, const char *provenance, tx_output *output, tx_error *error)
{
  tx_dims dims = trainer->dims;
  const tx_model_parts parts = {.dims = &dims,
                                .tokenizer = &trainer->tokenizer,
                                .taxonomy = trainer->dataset->taxonomy,
                                .weights = trainer->average ? trainer->average : trainer->weights,
                                .config = trainer->config_json,
                                .provenance = provenance};
  dims.token_head = dims.decoder_layers = 0; /* the last of the weights: what comes before is the model */
  return tx_model_put(output, &parts, error);
}

/* The log goes to the disk first: it knows all that a checkpoint does. A crash between the names of the model
   and the checkpoint leaves a model that the resumed run makes again. */
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
  const uint64_t records = trainer->dataset->train.count, part = trainer->state.position * trainer->config->batch;
  return trainer->state.epoch * records + (part < records ? part : records);
}

/* Other kernels of OpenBLAS round otherwise: the run goes on, but not to the bytes that it would have come to. */
static void note_library(tx_trainer *trainer)
{
  tx_kl *matrices = &trainer->matrices;
  const char *present = tx_blas_version();
  if (matrices->count == 0) return;
  if (matrices->library[0] && strcmp(matrices->library, present) != 0)
    tx_train_note(trainer->hooks,
                  "the checkpoint was made with %s, this is %s: the model will not have the same bytes as that of a run without a break "
                  "(OPENBLAS_CORETYPE chooses the kernels)",
                  matrices->library, present);
  snprintf(matrices->library, sizeof matrices->library, "%s", present);
}

static tx_status restore(tx_trainer *trainer, tx_error *error)
{
  const tx_checkpoint checkpoint = checkpoint_of(trainer, NULL);
  tx_train_state *state = &trainer->state;
  tx_status status = tx_checkpoint_read(trainer->checkpoint_path, trainer->config, &checkpoint, error);
  if (status != TX_OK) return status;
  if (state->position > trainer->epoch_steps || state->epoch > trainer->config->epochs ||
      state->selection.epoch > state->epoch ||
      state->step != state->epoch * trainer->epoch_steps + state->position ||
      trainer->optimiser.step != state->step || state->selection.stale > state->epoch ||
      (state->epoch > 0 && state->selection.epoch == 0))
    return tx_fail(error, TX_ERROR_MODEL, "the checkpoint %s is damaged: its position in the run is impossible", trainer->checkpoint_path);
  if (!tx_selection_possible(&state->selection, trainer->metric_is_loss))
    return tx_fail(error, TX_ERROR_MODEL,
                   "the checkpoint %s is damaged: its best %s is %g, the highest %g; its loss %g, the lowest %g",
                   trainer->checkpoint_path, trainer->metric_name, state->selection.metric,
                   state->selection.highest_metric, state->selection.loss, state->selection.lowest_loss);
  if (!tx_contrast_restore(&trainer->contrast, trainer->dataset, records_trained(trainer)))
    return tx_fail(error, TX_ERROR_MODEL, "the checkpoint %s is damaged: its memory has records that the data lack", trainer->checkpoint_path);
  if (state->selection.epoch > 0 && access(trainer->files->output, R_OK) != 0)
    return tx_fail(error, TX_ERROR_IO, "cannot resume: %s, the best model so far, cannot be read: %s", trainer->files->output,
                   strerror(errno));
  tx_train_note(trainer->hooks, "resumed from %s: %" PRIu64 " epochs and %" PRIu64 " steps are done", trainer->checkpoint_path,
                state->epoch, state->step);
  note_library(trainer);
  return TX_OK;
}

/* What resuming needs to find again: the data, and the model that was started from. */
static void set_fingerprint(tx_trainer *trainer)
{
  trainer->fingerprint = trainer->dataset->fingerprint;
  if (!trainer->init) return;
  const char *checksum = tx_init_checksum(trainer);
  trainer->fingerprint = tx_crc32(trainer->fingerprint, checksum, strlen(checksum));
}

/* What the run is, beside what the data said. */
static void note_choices(const tx_trainer *trainer)
{
  static const char *const optimisers[] = {"AdamW", "KL-Shampoo", "KL-SOAP"};
  const tx_train_config *config = trainer->config;
  const tx_tokenizer *tokenizer = &trainer->tokenizer;
  char tokens[64] = "single bases";
  if (tokenizer->kind == TX_TOKENIZER_KMER)
    snprintf(tokens, sizeof tokens, "%" PRIu32 "-mers every %" PRIu32 " bases", tokenizer->k, tokenizer->stride);
  if (tokenizer->kind == TX_TOKENIZER_BPE) snprintf(tokens, sizeof tokens, "%zu words", tx_bpe_symbols(tokenizer->bpe));
  tx_train_note(trainer->hooks, "network: %s, width %zu, %zu layers, %zu parameters", tokens, trainer->dims.width, trainer->dims.layers,
                trainer->elements);
  tx_train_note(trainer->hooks,
                "training: %" PRIu64 " steps of %" PRIu64 " records, %s up to a rate of %g; the kept epoch is "
                "chosen by %s%s%s",
                trainer->schedule.steps, config->batch, optimisers[config->optimiser], config->learning_rate, trainer->metric_name,
                trainer->dataset->valid.count ? " of the validation records" : " of training",
                trainer->metric_is_loss ? "" : " and, where it is within chance of the highest, by their loss");
}

tx_status tx_trainer_setup(tx_trainer *trainer, tx_error *error)
{
  const char *fault;
  tx_status status = tx_init_open(trainer, error);
  if (status == TX_OK) status = set_sizes(trainer, error);
  if (status == TX_OK) status = check_paths(trainer, error);
  if (status == TX_OK) status = tx_train_config_write(trainer->config, &trainer->config_json, error);
  if (status == TX_OK)
    status = tx_dataset_load(trainer->config, &trainer->tokenizer, trainer->files, trainer->hooks, &trainer->dataset, error);
  if (status == TX_OK) status = set_metric(trainer, error);
  if (status == TX_OK) status = learn_tokenizer(trainer, error);
  if (status != TX_OK) return status;
  set_fingerprint(trainer);
  trainer->dims.ranks = trainer->dataset->ranks;
  for (size_t r = 0; r < trainer->dims.ranks; r++) trainer->dims.classes[r] = tx_taxonomy_class_count(trainer->dataset->taxonomy, r);
  fault = tx_dims_fault(&trainer->dims);
  if (fault) return tx_fail(error, TX_ERROR_USAGE, "%s", fault);
  status = make_parts(trainer, error);
  if (status == TX_OK)
    status = trainer->files->resume ? restore(trainer, error) : tx_trainer_save(trainer, false, error);
  if (status == TX_OK) note_choices(trainer);
  if (status == TX_OK) status = tx_log_open(trainer->files->log, trainer->files->resume, &trainer->log, error);
  return status;
}

void tx_trainer_free(tx_trainer *trainer)
{
  for (size_t i = 0; i < trainer->worker_count; i++) {
    tx_shard_free(&trainer->workers[i].shard);
    free(trainer->workers[i].memory);
    free(trainer->workers[i].token_memory);
    free(trainer->workers[i].gradients);
    tx_contrast_work_free(&trainer->workers[i].contrast);
  }
  free(trainer->workers);
  tx_pool_free(trainer->pool);
  tx_reduction_free(&trainer->reduction);
  tx_adamw_free(&trainer->optimiser);
  tx_kl_free(&trainer->matrices);
  free(trainer->weights);
  free(trainer->tensors);
  free(trainer->average);
  free(trainer->kept);
  tx_losses_free(&trainer->losses);
  tx_balance_free(&trainer->balance);
  tx_contrast_free(&trainer->contrast);
  free(trainer->order);
  free(trainer->sums);
  tx_dataset_free(trainer->dataset);
  if (!trainer->init) tx_tokenizer_free(&trainer->tokenizer); /* otherwise it is the model's */
  tx_model_close(trainer->init);
  free(trainer->checkpoint_path);
  free(trainer->config_json);
  tx_log_close(&trainer->log, NULL);
  tx_lock_release(trainer->lock);
}
