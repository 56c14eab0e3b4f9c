#include "objective/contrast.h"

#include "base/error.h"
#include "base/memory.h"
#include "objective/list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Whether the loss is asked for, there are labels for it, and the encoder, which it trains, is not frozen. */
static bool has_use(const tx_train_config *config, const tx_dataset *dataset)
{
  /* the settings of another objective are their defaults, and this one is on by default */
  return config->contrast > 0 && !config->freeze_encoder && dataset->ranks > 0 &&
         config->objective == TX_OBJECTIVE_TAXA;
}

tx_status tx_contrast_create(const tx_train_config *config, const tx_dataset *dataset, size_t width,
                             tx_contrast *contrast, tx_error *error)
{
  const size_t capacity = (size_t)config->contrast_memory;
  memset(contrast, 0, sizeof *contrast);
  if (!has_use(config, dataset)) return TX_OK;
  contrast->width = width;
  contrast->ranks = dataset->ranks;
  contrast->weight = config->contrast;
  contrast->temperature = config->contrast_temperature;
  for (size_t r = 0; r < dataset->ranks; r++)
    contrast->rank_weights[r] = pow(config->contrast_decay, (double)(dataset->ranks - 1 - r));
  contrast->embeddings = tx_calloc_aligned(capacity * width, sizeof *contrast->embeddings);
  contrast->records = tx_calloc_aligned(capacity, sizeof *contrast->records);
  contrast->labels = tx_calloc_aligned(capacity * dataset->ranks, sizeof *contrast->labels);
  contrast->fresh = tx_calloc_aligned((size_t)config->batch * width, sizeof *contrast->fresh);
  contrast->capacity = capacity;
  if (contrast->embeddings && contrast->records && contrast->labels && contrast->fresh) return TX_OK;
  tx_contrast_free(contrast);
  return tx_fail(error, TX_ERROR_MEMORY, "out of memory for %zu embeddings of --contrast-memory", capacity);
}

void tx_contrast_free(tx_contrast *contrast)
{
  free(contrast->embeddings);
  free(contrast->records);
  free(contrast->labels);
  free(contrast->fresh);
  memset(contrast, 0, sizeof *contrast);
}

tx_status tx_contrast_prepare(const tx_contrast *contrast, size_t shard, tx_contrast_work *work,
                              tx_error *error)
{
  work->logits = tx_malloc_aligned(shard * contrast->capacity, sizeof *work->logits);
  work->targets = tx_malloc_aligned(contrast->capacity, sizeof *work->targets);
  work->normal = tx_malloc_aligned(shard * contrast->width, sizeof *work->normal);
  work->gradient = tx_malloc_aligned(shard * contrast->width, sizeof *work->gradient);
  work->scratch =
      tx_malloc_aligned(*tx_product_current(TX_PRECISION_FLOAT32)->gemm_scratch, sizeof *work->scratch);
  if (work->logits && work->targets && work->normal && work->gradient && work->scratch) return TX_OK;
  tx_contrast_work_free(work);
  return tx_fail_memory(error, "the contrastive loss: lower --threads, --shard or --contrast-memory");
}

void tx_contrast_work_free(tx_contrast_work *work)
{
  free(work->logits);
  free(work->targets);
  free(work->normal);
  free(work->gradient);
  free(work->scratch);
  memset(work, 0, sizeof *work);
}

static size_t entries(const tx_contrast *contrast)
{
  return contrast->taken < contrast->capacity ? (size_t)contrast->taken : contrast->capacity;
}

/* Sets the target distribution of a record over the entries. Returns false when no entry shares a taxon with
   it. */
static bool make_targets(const tx_contrast *contrast, const tx_dataset *dataset, uint32_t record,
                         float *targets)
{
  const size_t count = entries(contrast);
  size_t positives[TX_RANKS_MAX];
  double sum = 0;
  memset(targets, 0, count * sizeof *targets);
  for (size_t r = 0; r < contrast->ranks; r++) {
    const int32_t label = tx_dataset_label_of(dataset, record, r),
                  *labels = contrast->labels + r * contrast->capacity;
    positives[r] = 0;
    if (label < 0) continue;
    for (size_t j = 0; j < count; j++)
      positives[r] += labels[j] == label && contrast->records[j] != (int32_t)record;
    if (positives[r]) sum += contrast->rank_weights[r];
  }
  if (!(sum > 0)) return false;
  for (size_t r = 0; r < contrast->ranks; r++) {
    const int32_t label = tx_dataset_label_of(dataset, record, r),
                  *labels = contrast->labels + r * contrast->capacity;
    const float share = positives[r] ? (float)(contrast->rank_weights[r] / sum / (double)positives[r]) : 0.0F;
    for (size_t j = 0; j < count && positives[r]; j++)
      targets[j] += labels[j] == label && contrast->records[j] != (int32_t)record ? share : 0.0F;
  }
  return true;
}

/* Loss of one record from its cosines, which are overwritten by scale times the gradient. */
static double learn_row(const tx_contrast *contrast, uint32_t record, const float *targets, double scale,
                        float *cosines)
{
  const size_t count = entries(contrast);
  const float sharpness = (float)(1.0 / contrast->temperature);
  double total = 0, expected = 0, target_sum = 0;
  float largest = -INFINITY;
  for (size_t j = 0; j < count; j++) {
    if (contrast->records[j] == (int32_t)record) cosines[j] = -INFINITY;
    cosines[j] *= sharpness;
    largest = cosines[j] > largest ? cosines[j] : largest;
  }
  for (size_t j = 0; j < count; j++) {
    if (targets[j] > 0) {
      expected += (double)targets[j] * (double)(cosines[j] - largest);
      target_sum += (double)targets[j];
    }
    cosines[j] = expf(cosines[j] - largest);
    total += (double)cosines[j];
  }
  const float to_share = (float)(target_sum / total), factor = (float)(scale / contrast->temperature);
  for (size_t j = 0; j < count; j++) cosines[j] = factor * (cosines[j] * to_share - targets[j]);
  return target_sum * log(total) - expected;
}

/* Returns 1 / |row|; 0 for a row of zeros, which has no direction. */
static float inverse_length(const float *row, size_t width)
{
  double square = 0;
  for (size_t d = 0; d < width; d++) square += (double)row[d] * (double)row[d];
  return square > 0 ? (float)(1.0 / sqrt(square)) : 0.0F;
}

double tx_contrast_learn(tx_contrast *contrast, tx_contrast_work *work, const tx_dataset *dataset,
                         const tx_contrast_shard *shard, double scale)
{
  const size_t width = contrast->width, filled = entries(contrast), count = shard->count;
  const float *embeddings = shard->embeddings;
  const tx_product *product = tx_product_current(TX_PRECISION_FLOAT32);
  float *logits = work->logits;
  double sum = 0;
  for (size_t i = 0; i < count; i++) {
    const float over = inverse_length(embeddings + i * width, width);
    for (size_t d = 0; d < width; d++) work->normal[i * width + d] = over * embeddings[i * width + d];
  }
  memcpy(contrast->fresh + shard->first * width, work->normal, count * width * sizeof *work->normal);
  memset(work->gradient, 0, count * width * sizeof *work->gradient);
  if (filled == 0) return 0;
  product->gemm(false, true, count, filled, width, work->normal, width, contrast->embeddings, width, false,
                logits, filled, work->scratch);
  for (size_t i = 0; i < count; i++) {
    const bool reversed = shard->opt_reversed && shard->opt_reversed[i];
    if (!reversed && make_targets(contrast, dataset, shard->records[i], work->targets))
      sum += learn_row(contrast, shard->records[i], work->targets, scale, logits + i * filled);
    else
      memset(logits + i * filled, 0, filled * sizeof *logits);
  }
  product->gemm(false, false, count, width, filled, logits, filled, contrast->embeddings, width, false,
                work->gradient, width, work->scratch);
  for (size_t i = 0; i < count; i++) { /* through n = e / |e| */
    const float *normal = work->normal + i * width, over = inverse_length(embeddings + i * width, width);
    float *gradient = work->gradient + i * width;
    double along = 0;
    for (size_t d = 0; d < width; d++) along += (double)gradient[d] * (double)normal[d];
    for (size_t d = 0; d < width; d++) gradient[d] = over * (gradient[d] - (float)along * normal[d]);
  }
  return sum;
}

/* The record of an entry; that of a reversed record is stored as its complement, which is negative. */
static size_t record_of(int32_t entry)
{
  return (size_t)(entry < 0 ? -1 - entry : entry);
}

static void set_labels(tx_contrast *contrast, const tx_dataset *dataset, size_t place)
{
  const int32_t entry = contrast->records[place];
  for (size_t r = 0; r < contrast->ranks; r++)
    contrast->labels[r * contrast->capacity + place] =
        entry < 0 ? TX_LABEL_NONE : tx_dataset_label_of(dataset, (uint32_t)entry, r);
}

void tx_contrast_keep(tx_contrast *contrast, const tx_dataset *dataset, const uint32_t *records,
                      const uint8_t *opt_reversed, size_t count)
{
  for (size_t i = 0; i < count; i++, contrast->taken++) {
    const size_t place = (size_t)(contrast->taken % contrast->capacity);
    memcpy(contrast->embeddings + place * contrast->width, contrast->fresh + i * contrast->width,
           contrast->width * sizeof(float));
    contrast->records[place] = (int32_t)records[i];
    if (opt_reversed && opt_reversed[i]) contrast->records[place] = -1 - contrast->records[place];
    set_labels(contrast, dataset, place);
  }
}

bool tx_contrast_restore(tx_contrast *contrast, const tx_dataset *dataset, uint64_t taken)
{
  contrast->taken = taken;
  for (size_t place = 0; place < entries(contrast); place++) {
    if (record_of(contrast->records[place]) >= dataset->count) return false;
    set_labels(contrast, dataset, place);
  }
  return true;
}

/* The functions of the loss as a term that is added to an objective (objective/objective.h). */

static bool wanted(const tx_objective_context *context)
{
  return has_use(context->config, context->dataset);
}

static tx_status prepare(tx_objective_term *term, tx_error *error)
{
  tx_contrast *contrast = calloc(1, sizeof *contrast);
  term->state = contrast;
  if (!contrast) return tx_fail_memory(error, "the contrastive loss");
  return tx_contrast_create(term->context->config, term->context->dataset, term->context->dims->width,
                            contrast, error);
}

static void release(tx_objective_term *term)
{
  if (term->state) tx_contrast_free(term->state);
  free(term->state);
}

static tx_status prepare_worker(const tx_objective_term *term, tx_objective_worker *worker, tx_error *error)
{
  tx_contrast_work *work = calloc(1, sizeof *work);
  worker->workspaces[term->number] = work;
  if (!work) return tx_fail_memory(error, "the contrastive loss");
  return tx_contrast_prepare(term->state, worker->shard.capacity, work, error);
}

static void release_worker(const tx_objective_term *term, tx_objective_worker *worker)
{
  if (worker->workspaces[term->number]) tx_contrast_work_free(worker->workspaces[term->number]);
  free(worker->workspaces[term->number]);
}

static void scale(const tx_objective_term *term, const tx_objective_batch *batch, double *scales)
{
  const tx_contrast *contrast = term->state;
  scales[0] = contrast->weight / (double)batch->count;
}

static void learn(const tx_objective_term *term, const tx_objective_batch *batch, size_t first,
                  tx_objective_worker *worker, tx_shard_sums *sums)
{
  tx_contrast_work *work = worker->workspaces[term->number];
  const tx_contrast_shard shard = {tx_network_embedding(worker->work), batch->records + first,
                                   tx_shard_records(&worker->shard), first,
                                   batch->opt_reversed ? batch->opt_reversed + first : NULL};
  sums->loss =
      tx_contrast_learn(term->state, work, term->context->dataset, &shard, batch->scales[term->column]);
  tx_objective_add_embedding_gradient(worker, work->gradient, shard.count * term->context->dims->width);
}

static void advance(const tx_objective_term *term, const tx_objective_batch *batch)
{
  tx_contrast_keep(term->state, term->context->dataset, batch->records, batch->opt_reversed, batch->count);
}

static tx_status parts(const tx_objective_term *term, tx_state_parts *list, tx_error *error)
{
  const tx_contrast *contrast = term->state;
  const size_t values = contrast->capacity * contrast->width;
  const tx_state_part embeddings = {"checkpoint.contrast.embeddings", TX_STATE_FINITE, values,
                                    contrast->embeddings};
  const tx_state_part records = {"checkpoint.contrast.records", TX_STATE_INT32, contrast->capacity,
                                 contrast->records};
  tx_status status = tx_state_parts_add(list, embeddings, error);
  return status == TX_OK ? tx_state_parts_add(list, records, error) : status;
}

static tx_status restore(const tx_objective_term *term, uint64_t records, const char *path, tx_error *error)
{
  if (tx_contrast_restore(term->state, term->context->dataset, records)) return TX_OK;
  return tx_fail(error, TX_ERROR_MODEL,
                 "the checkpoint %s is damaged: its memory has records that the data lack", path);
}

const tx_objective_functions tx_objective_contrast = {.name = "contrast",
                                                      .wanted = wanted,
                                                      .prepare = prepare,
                                                      .release = release,
                                                      .prepare_worker = prepare_worker,
                                                      .release_worker = release_worker,
                                                      .scale = scale,
                                                      .learn = learn,
                                                      .advance = advance,
                                                      .parts = parts,
                                                      .restore = restore};
