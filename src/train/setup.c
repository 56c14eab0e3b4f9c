/* Making a trainer from a configuration, ready for its first or next step. */
#include "train/likeness.h"
#include "train/references.h"
#include "train/setup.h"

#include "base/error.h"
#include "base/file.h"
#include "base/gzip.h"
#include "base/memory.h"
#include "dataset/symbols.h"
#include "model/model_shared.h"
#include "nn/layout.h"
#include "nn/strands.h"
#include "settings/config.h"
#include "settings/lists.h"
#include "settings/note.h"
#include "train/dims.h"
#include "train/init.h"
#include "train/save.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/runtime.h>
#include <unistd.h>

enum { SHARDS_AT_ONCE = 64 /* of a validation, between two looks at the stop flag */ };

/* Makes the tokenizer, unless it is copied from the initial model. */
static void set_tokenizer(tx_trainer *trainer)
{
  const tx_train_config *config = trainer->config;
  tx_tokenizer *tokenizer = &trainer->tokenizer;
  tokenizer->kind = (tx_tokenizer_kind)config->tokenizer;
  tokenizer->k = tokenizer->kind == TX_TOKENIZER_KMER ? (uint32_t)config->k : 1;
  tokenizer->stride =
      tokenizer->kind == TX_TOKENIZER_KMER && config->stride ? (uint32_t)config->stride : tokenizer->k;
  tokenizer->max_bases = (uint32_t)config->max_bases;
  tokenizer->pad_to = (uint32_t)config->pad_to;
  tokenizer->pool_padding = config->pool_padding;
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
  tx_train_dims_take(config, dims);
  dims->positions = trainer->init ? trainer->init->dims.positions : tx_train_positions(config, tokenizer);
  if (trainer->objective->set_sizes) status = trainer->objective->set_sizes(config, dims, error);
  if (status != TX_OK) return status;
  fault = tx_dims_fault(dims);
  return fault ? tx_fail(error, TX_ERROR_USAGE, "%s", fault) : TX_OK;
}

/* Learns the symbols of a tokenizer from the training records, or reads them from the checkpoint of a resumed
   run. The tokenizer of an initial model has its symbols already. */
static tx_status learn_tokenizer(tx_trainer *trainer, tx_error *error)
{
  const tx_train_config *config = trainer->config;
  tx_tokenizer *tokenizer = &trainer->tokenizer;
  tx_status status;
  if (tokenizer->kind != TX_TOKENIZER_BPE || trainer->init) return TX_OK;
  if (trainer->files->resume)
    status = tx_checkpoint_tokenizer(trainer->checkpoint_path, config, tokenizer, error);
  else
    status = tx_learn_symbols(trainer->dataset, (size_t)config->bpe_symbols, (size_t)config->bpe_longest,
                              trainer->hooks, &tokenizer->bpe, error);
  if (status != TX_OK) return status;
  trainer->dims.vocabulary = tx_tokenizer_vocabulary(tokenizer);
  return trainer->objective->set_sizes ? trainer->objective->set_sizes(config, &trainer->dims, error) : TX_OK;
}

/* A checkpoint may be hours of work: it must not be overwritten by oversight. */
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

/* Errors of paths are reported at the start, not after hours of training. */
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

/* Returns the precision of the matrix products. */
static tx_precision precision_of(const tx_trainer *trainer)
{
  return trainer->config->precision ? TX_PRECISION_BF16 : TX_PRECISION_FLOAT32;
}

/* Returns the number of records of a shard. */
static size_t shard_size(const tx_train_config *config)
{
  return (size_t)(config->shard < config->batch ? config->shard : config->batch);
}

static tx_status make_workers(tx_trainer *trainer, tx_error *error)
{
  const tx_train_config *config = trainer->config;
  const size_t shard = shard_size(config);
  const size_t threads = tx_pool_threads(trainer->pool);
  const size_t strands = trainer->objective->one_strand ? 1 : tx_dims_strands(&trainer->dims);
  const tx_precision precision = precision_of(trainer);
  tx_status status = TX_OK;
  trainer->workers = calloc(threads, sizeof *trainer->workers);
  if (!trainer->workers) return tx_fail_memory(error, "the workers");
  trainer->worker_count = threads;
  for (size_t i = 0; i < threads; i++) {
    tx_objective_worker *worker = &trainer->workers[i];
    size_t size;
    status = tx_shard_create(trainer->dataset, &trainer->tokenizer, shard, strands, &worker->shard, error);
    if (status != TX_OK) return status;
    size = tx_network_work_size(&trainer->dims, precision, tx_shard_tokens(&worker->shard),
                                tx_shard_sequences(&worker->shard));
    worker->memory = size ? tx_malloc_aligned(size, 1) : NULL;
    worker->gradients = tx_malloc_aligned(trainer->elements, sizeof *worker->gradients);
    if (!worker->memory || !worker->gradients)
      return tx_fail(error, TX_ERROR_MEMORY,
                     "out of memory for %zu threads of shards of %zu records: lower --threads or --shard",
                     threads, shard);
    worker->work = tx_network_work_init(&trainer->dims, precision, tx_shard_tokens(&worker->shard),
                                        tx_shard_sequences(&worker->shard), worker->memory);
    status = tx_objective_prepare_worker(&trainer->terms, worker, error);
    if (status != TX_OK) return status;
  }
  return TX_OK;
}

static tx_status make_optimiser(tx_trainer *trainer, tx_error *error)
{
  const tx_train_config *config = trainer->config;
  const tx_optimiser *optimiser = &trainer->optimiser;
  tx_status status =
      tx_optimiser_create(config, &trainer->dims, tx_pool_threads(trainer->pool), &trainer->optimiser, error);
  if (status != TX_OK || config->optimiser == TX_OPTIMISER_ADAMW) return status;
  tx_train_note(trainer->hooks,
                "optimiser: %zu matrices by %s, %zu other parameters by AdamW, %.1f MiB of state (AdamW "
                "alone: %.1f MiB)%s%s",
                optimiser->matrices.matrices, optimiser->name, optimiser->adamw.elements,
                (double)tx_optimiser_bytes(optimiser) / 1048576.0,
                (double)(2 * trainer->elements * sizeof(float)) / 1048576.0,
                optimiser->matrices.count ? ", eigenvectors by " : "", optimiser->matrices.library);
  return TX_OK;
}

/* Sets the pointers to the tensors in the weights, and to those that are validated and stored. */
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
  return TX_OK;
}

/* Makes the objective and its added terms. */
static tx_status make_terms(tx_trainer *trainer, tx_error *error)
{
  const tx_objective_context context = {
      .config = trainer->config,
      .dataset = trainer->dataset,
      .dims = &trainer->dims,
      .weights = trainer->tensors,
      .kept = trainer->kept,
      .elements = trainer->elements,
      .frozen = trainer->optimiser.groups.frozen,
      .precision = precision_of(trainer),
      .opt_partners = trainer->partners.vectors ? &trainer->partners.partners : NULL,
      .opt_teaching = trainer->teachers.count ? &trainer->teachers.teaching : NULL};
  tx_status status = tx_objective_terms_create(&context, &trainer->terms, error);
  if (status != TX_OK) return status;
  trainer->sums = calloc(trainer->sums_shards * trainer->terms.columns, sizeof *trainer->sums);
  return trainer->sums ? TX_OK : tx_fail_memory(error, "the sums of a batch");
}

/* Adds the state that a checkpoint stores besides the weights and the position in the run. */
static tx_status list_state(tx_trainer *trainer, tx_error *error)
{
  const tx_state_part average = {"checkpoint.average", TX_STATE_FINITE,
                                 trainer->average ? trainer->elements : 0, trainer->average};
  tx_status status = tx_optimiser_parts(&trainer->optimiser, &trainer->parts, error);
  const tx_state_part modalities = {TX_MODALITIES_KEY, TX_STATE_TEXT,
                                    trainer->partners.vectors ? trainer->partners.names.size + 1 : 0,
                                    trainer->partners.names.data};
  if (status == TX_OK) status = tx_state_parts_add(&trainer->parts, average, error);
  if (status == TX_OK) status = tx_state_parts_add(&trainer->parts, modalities, error);
  if (status == TX_OK) status = tx_objective_parts(&trainer->terms, &trainer->parts, error);
  return status;
}

static tx_status read_crop_lengths(tx_trainer *trainer, tx_error *error)
{
  double values[TX_RANKS_MAX];
  tx_status status = tx_crop_length_list(trainer->config, values, &trainer->crop_length_count, error);
  for (size_t i = 0; status == TX_OK && i < trainer->crop_length_count; i++)
    trainer->crop_lengths[i] = (size_t)values[i];
  return status;
}

static tx_status make_parts(tx_trainer *trainer, tx_error *error)
{
  const tx_train_config *config = trainer->config;
  const size_t records = trainer->dataset->train.count, batch = (size_t)config->batch;
  const size_t shard = shard_size(config);
  const size_t batch_shards = (batch + shard - 1) / shard;
  const size_t threads = config->threads ? (size_t)config->threads : tx_processors();
  tx_status status;
  trainer->elements = tx_layout_elements(&trainer->dims);
  trainer->epochs = tx_train_epochs(config, records);
  trainer->epoch_steps = (records + batch - 1) / batch;
  trainer->schedule = tx_schedule_make(trainer->epoch_steps * trainer->epochs, config->warmup,
                                       config->learning_rate, config->final_learning_rate);
  trainer->sums_shards = batch_shards > SHARDS_AT_ONCE ? batch_shards : SHARDS_AT_ONCE;
  trainer->weights = tx_malloc_aligned(trainer->elements, sizeof *trainer->weights);
  trainer->order = calloc(records, sizeof *trainer->order);
  trainer->reversed = calloc(batch, 1);
  if (!trainer->weights || !trainer->order || !trainer->reversed) return tx_fail_memory(error, "the weights");
  tx_layout_initialise(&trainer->dims, config->seed, trainer->weights);
  if (trainer->init && !trainer->files->resume) tx_init_take(trainer);
  status = read_crop_lengths(trainer, error);
  if (status == TX_OK) status = point_tensors(trainer, error);
  if (status == TX_OK)
    status = tx_balance_create(trainer->dataset, config->balance, &trainer->balance, error);
  if (status == TX_OK) status = tx_pool_create(threads, &trainer->pool, error);
  if (status == TX_OK) status = make_optimiser(trainer, error);
  if (status == TX_OK) status = make_terms(trainer, error);
  if (status == TX_OK)
    status =
        tx_reduction_create(trainer->elements, trainer->optimiser.groups.frozen, &trainer->reduction, error);
  if (status == TX_OK) status = make_workers(trainer, error);
  if (status == TX_OK) status = list_state(trainer, error);
  return status;
}

/* Computes the fingerprint that a resumed run must have: of the data, the initial model, the teachers and the
   vectors. */
static void set_fingerprint(tx_trainer *trainer)
{
  trainer->fingerprint = trainer->dataset->fingerprint;
  if (trainer->init) {
    const char *checksum = tx_init_checksum(trainer);
    trainer->fingerprint = tx_crc32(trainer->fingerprint, checksum, strlen(checksum));
  }
  if (trainer->partners.vectors) {
    const uint32_t checksum = tx_vectors_checksum(trainer->partners.vectors);
    trainer->fingerprint = tx_crc32(trainer->fingerprint, &checksum, sizeof checksum);
  }
  for (size_t i = 0; i < trainer->teachers.count; i++) {
    const char *checksum = trainer->teachers.items[i].checksum;
    trainer->fingerprint = tx_crc32(trainer->fingerprint, checksum, strlen(checksum));
  }
}

/* Reports the settings of the run. */
static void note_choices(const tx_trainer *trainer)
{
  const tx_train_config *config = trainer->config;
  const tx_tokenizer *tokenizer = &trainer->tokenizer;
  char tokens[64] = "single bases";
  if (tokenizer->kind == TX_TOKENIZER_KMER)
    snprintf(tokens, sizeof tokens, "%" PRIu32 "-mers every %" PRIu32 " bases", tokenizer->k,
             tokenizer->stride);
  if (tokenizer->kind == TX_TOKENIZER_BPE)
    snprintf(tokens, sizeof tokens, "%zu words", tx_bpe_symbols(tokenizer->bpe));
  tx_train_note(trainer->hooks, "network: %s, width %zu, %zu layers, %zu parameters", tokens,
                trainer->dims.width, trainer->dims.layers, trainer->elements);
  tx_train_note(
      trainer->hooks,
      "training: %" PRIu64 " epochs, %" PRIu64 " steps of %" PRIu64 " records, %s up to a rate of "
      "%g; the kept epoch is chosen by %s%s%s%s",
      trainer->epochs, trainer->schedule.steps, config->batch, trainer->optimiser.name, config->learning_rate,
      trainer->metric.name, trainer->dataset->valid.count ? " of the validation records" : " of training",
      trainer->dataset->valid.count && config->crop > 0 ? ", whole and cut" : "",
      trainer->metric.is_loss ? "" : ", the last within chance of the highest and of the lowest loss");
}

/* Reads the records. With --add, the taxa of the initial model are learnt beside theirs. */
static tx_status load(tx_trainer *trainer, tx_error *error)
{
  const tx_train_config *config = trainer->config;
  tx_dataset_needs needs = trainer->objective->needs;
  needs.with_unlabelled = trainer->teachers.count > 0;
  tx_partners_set_needs(config, &needs);
  if (config->add) needs.known = (tx_known_taxa){trainer->init->taxonomy, config->init};
  if (config->add && !tx_taxonomy_rank_count(trainer->init->taxonomy))
    return tx_fail(error, TX_ERROR_USAGE, "--add has no effect, as %s has no taxa: leave it out",
                   config->init);
  return tx_dataset_load(config, &needs, &trainer->tokenizer, trainer->files, trainer->hooks,
                         &trainer->dataset, error);
}

tx_status tx_trainer_setup(tx_trainer *trainer, tx_error *error)
{
  const char *fault;
  tx_status status = tx_init_open(trainer, error);
  if (status == TX_OK) status = tx_teachers_open(trainer->config, &trainer->teachers, error);
  if (status == TX_OK) status = tx_partners_open(trainer->config, trainer->hooks, &trainer->partners, error);
  if (status == TX_OK) status = set_sizes(trainer, error);
  if (status == TX_OK) status = check_paths(trainer, error);
  if (status == TX_OK) status = tx_train_config_write(trainer->config, &trainer->config_json, error);
  if (status == TX_OK) status = load(trainer, error);
  if (status == TX_OK)
    status = tx_partners_join(trainer->config, trainer->hooks, trainer->dataset, &trainer->partners, error);
  if (status == TX_OK)
    status = trainer->objective->choose_metric(trainer->config, trainer->dataset, &trainer->metric, error);
  if (status == TX_OK) status = learn_tokenizer(trainer, error);
  if (status != TX_OK) return status;
  set_fingerprint(trainer);
  if (trainer->objective->set_heads)
    trainer->objective->set_heads(trainer->config, trainer->dataset, &trainer->dims);
  status = tx_teachers_match(trainer->config, trainer->dataset, trainer->hooks, &trainer->teachers, error);
  if (status != TX_OK) return status;
  tx_partners_set_sizes(trainer->config, &trainer->partners, &trainer->dims);
  trainer->dims.projection = trainer->teachers.teaching.width;
  fault = tx_dims_fault(&trainer->dims);
  if (fault) return tx_fail(error, TX_ERROR_USAGE, "%s", fault);
  status = make_parts(trainer, error);
  if (status == TX_OK)
    status =
        trainer->files->resume ? tx_trainer_restore(trainer, error) : tx_trainer_save(trainer, false, error);
  if (status == TX_OK) note_choices(trainer);
  if (status == TX_OK)
    status = tx_teachers_read(trainer->dataset, trainer->pool, trainer->hooks, &trainer->teachers, error);
  if (status == TX_OK)
    status = tx_log_open(trainer->files->log, trainer->files->resume,
                         trainer->hooks ? trainer->hooks->stop : NULL, &trainer->log, error);
  return status;
}

void tx_trainer_free(tx_trainer *trainer)
{
  tx_trainer_free_references(trainer);
  tx_trainer_free_likeness(trainer);
  for (size_t i = 0; i < trainer->worker_count; i++) {
    tx_objective_release_worker(&trainer->terms, &trainer->workers[i]);
    tx_shard_free(&trainer->workers[i].shard);
    free(trainer->workers[i].memory);
    free(trainer->workers[i].gradients);
  }
  free(trainer->workers);
  tx_objective_terms_free(&trainer->terms);
  tx_pool_free(trainer->pool);
  tx_reduction_free(&trainer->reduction);
  tx_optimiser_free(&trainer->optimiser);
  tx_state_parts_free(&trainer->parts);
  free(trainer->weights);
  free(trainer->tensors);
  free(trainer->average);
  free(trainer->kept);
  tx_balance_free(&trainer->balance);
  free(trainer->order);
  free(trainer->reversed);
  free(trainer->sums);
  tx_dataset_free(trainer->dataset);
  if (!trainer->init) tx_tokenizer_free(&trainer->tokenizer); /* otherwise it is the model's */
  tx_model_close(trainer->init);
  tx_teachers_free(&trainer->teachers);
  tx_partners_free(&trainer->partners);
  free(trainer->checkpoint_path);
  free(trainer->config_json);
  tx_log_close(&trainer->log, NULL);
  tx_lock_release(trainer->lock);
}
