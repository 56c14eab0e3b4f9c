/* The objective of a space that the DNA shares with other modalities: a linear map of the embedding and one
   of the vectors of each modality, and the loss of align_loss.h over the batch. The loss needs the places
   of all records of the batch at once, so the network reads each shard twice: first for its places
   (collect), then, when their gradients are known (compare), for the backward pass, which is Gao et al.
   2021 ("Scaling deep contrastive learning batch size under memory limited setup"). Memory does not grow
   with the batch but by the places. */
#include "base/error.h"
#include "base/memory.h"
#include "nn/layout.h"
#include "objective/align_loss.h"
#include "objective/list.h"
#include "objective/partners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DNA };

typedef struct align_term {
  const tx_partners *partners;
  size_t modalities;                                 /* the DNA and the others */
  size_t width, capacity;                            /* of a place, records of a batch */
  double *features[TX_ALIGN_MODALITIES_MAX];         /* (capacity, width) */
  double *gradients[TX_ALIGN_MODALITIES_MAX];        /* (capacity, width) */
  unsigned char *present[TX_ALIGN_MODALITIES_MAX];   /* (capacity) */
  int32_t *labels;                                   /* (capacity) */
  tx_align_work work;
  tx_align_result result;
  size_t offset, elements; /* of the towers and the scale among the weights */
  double *slopes;          /* (elements) their gradient */
  float *valid;            /* (validation records, width) places of the DNA */
} align_term;

static tx_status choose_metric(const tx_train_config *config, const tx_dataset *dataset, tx_metric *metric,
                               tx_error *error)
{
  static const char standard[] = "pair-accuracy";
  const char *name = config->metric[0] ? config->metric : dataset->valid.count ? standard : "loss";
  metric->is_loss = strcmp(name, "loss") == 0;
  if (!metric->is_loss && strcmp(name, standard) != 0)
    return tx_fail(error, TX_ERROR_USAGE, "--metric '%.100s' is neither loss nor %s", name, standard);
  if (!metric->is_loss && !dataset->valid.count)
    return tx_fail(error, TX_ERROR_USAGE, "--metric %s needs validation records", standard);
  snprintf(metric->name, sizeof metric->name, "%s", name);
  return TX_OK;
}

static tx_status prepare(tx_objective_term *term, tx_error *error)
{
  const tx_objective_context *context = term->context;
  align_term *own = calloc(1, sizeof *own);
  tx_tensor_info first, scale;
  bool made = own != NULL;
  size_t cells = 0, places = 0;
  term->state = own;
  if (!own) return tx_fail_memory(error, "the alignment");
  own->partners = context->opt_partners;
  own->modalities = 1 + own->partners->count;
  own->width = tx_dims_shared_width(context->dims);
  own->capacity = (size_t)context->config->batch;
  tx_layout_tensor(context->dims, tx_tower_tensor(context->dims, 0), &first);
  tx_layout_tensor(context->dims, tx_log_scale_tensor(context->dims), &scale);
  own->offset = first.offset;
  own->elements = scale.offset + 1 - first.offset;
  made = tx_multiply(own->capacity, own->width, &cells) &&
         tx_multiply(context->dataset->valid.count + 1, own->width, &places);
  for (size_t m = 0; made && m < own->modalities; m++) {
    own->features[m] = tx_calloc_aligned(cells, sizeof(double));
    own->gradients[m] = tx_calloc_aligned(cells, sizeof(double));
    own->present[m] = tx_calloc_aligned(own->capacity, 1);
    made = own->features[m] && own->gradients[m] && own->present[m];
  }
  if (made) {
    own->labels = tx_calloc_aligned(own->capacity, sizeof *own->labels);
    own->slopes = tx_calloc_aligned(own->elements, sizeof *own->slopes);
    own->valid = tx_calloc_aligned(places, sizeof *own->valid);
  }
  if (!made || !own->labels || !own->slopes || !own->valid)
    return tx_fail_memory(error, "the alignment: lower --batch");
  return tx_align_work_create(own->capacity, own->width, own->modalities, &own->work, error);
}

static void release(tx_objective_term *term)
{
  align_term *own = term->state;
  if (!own) return;
  for (size_t m = 0; m < TX_ALIGN_MODALITIES_MAX; m++) {
    free(own->features[m]);
    free(own->gradients[m]);
    free(own->present[m]);
  }
  free(own->labels);
  free(own->slopes);
  free(own->valid);
  tx_align_work_free(&own->work);
  free(own);
}

/* The place of a vector by a tower. */
static void place(const float *weight, const float *bias, size_t width, size_t numbers, const float *vector,
                  double *feature)
{
  for (size_t o = 0; o < width; o++) {
    double sum = 0;
    for (size_t i = 0; i < numbers; i++) sum += (double)weight[o * numbers + i] * (double)vector[i];
    feature[o] = sum + (double)bias[o];
  }
}

/* Everything of the records (count) but the places of the DNA, by `weights`. */
static tx_align_batch gather(const tx_objective_term *term, const float *const *weights,
                             const uint32_t *records, size_t count)
{
  align_term *own = term->state;
  const tx_partners *partners = own->partners;
  const tx_dims *dims = term->context->dims;
  tx_align_batch batch = {.count = count,
                          .width = own->width,
                          .modalities = own->modalities,
                          .labels = own->labels,
                          .normalised = partners->normalised,
                          .log_scale = (double)weights[tx_log_scale_tensor(dims)][0]};
  for (size_t i = 0; i < count; i++) {
    own->labels[i] = partners->labels[records[i]];
    own->present[DNA][i] = 1;
    for (size_t m = 0; m < partners->count; m++) {
      const float *vector = partners->rows[m][records[i]];
      const size_t tensor = tx_tower_tensor(dims, m);
      own->present[1 + m][i] = vector != NULL;
      if (vector)
        place(weights[tensor], weights[tensor + 1], own->width, partners->widths[m], vector,
              own->features[1 + m] + i * own->width);
    }
  }
  for (size_t m = 0; m < own->modalities; m++) {
    batch.features[m] = own->features[m];
    batch.present[m] = own->present[m];
  }
  return batch;
}

static void collect(const tx_objective_term *term, size_t first, tx_objective_worker *worker)
{
  align_term *own = term->state;
  const float *places = tx_network_outputs(worker->work, tx_dims_shared_head(term->context->dims));
  double *target = own->features[DNA] + first * own->width;
  for (size_t i = 0; i < tx_shard_records(&worker->shard) * own->width; i++) target[i] = (double)places[i];
}

/* Adds the gradient of a tower by the places of the batch. */
static void learn_tower(const tx_objective_term *term, const tx_objective_batch *batch, size_t tower)
{
  align_term *own = term->state;
  const size_t numbers = own->partners->widths[tower];
  tx_tensor_info weight, bias;
  tx_layout_tensor(term->context->dims, tx_tower_tensor(term->context->dims, tower), &weight);
  tx_layout_tensor(term->context->dims, tx_tower_tensor(term->context->dims, tower) + 1, &bias);
  for (size_t i = 0; i < batch->count; i++) {
    const float *vector = own->partners->rows[tower][batch->records[i]];
    const double *gradient = own->gradients[1 + tower] + i * own->width;
    for (size_t o = 0; o < own->width && vector; o++) {
      double *row = own->slopes + (weight.offset - own->offset) + o * numbers;
      own->slopes[bias.offset - own->offset + o] += gradient[o];
      for (size_t k = 0; k < numbers; k++) row[k] += gradient[o] * (double)vector[k];
    }
  }
}

static void compare(const tx_objective_term *term, const tx_objective_batch *batch)
{
  align_term *own = term->state;
  const tx_align_batch places = gather(term, term->context->weights, batch->records, batch->count);
  tx_align_loss(&places, &own->work, own->gradients, &own->result);
  memset(own->slopes, 0, own->elements * sizeof *own->slopes);
  for (size_t m = 0; m < own->partners->count; m++) learn_tower(term, batch, m);
  own->slopes[own->elements - 1] = own->result.d_log_scale;
}

static void learn(const tx_objective_term *term, const tx_objective_batch *batch, size_t first,
                  tx_objective_worker *worker, tx_shard_sums *sums)
{
  const align_term *own = term->state;
  const tx_dims *dims = term->context->dims;
  const size_t shared = tx_dims_shared_head(dims), count = tx_shard_records(&worker->shard);
  float *outputs = tx_network_outputs(worker->work, shared);
  const double *gradient = own->gradients[DNA] + first * own->width;
  (void)batch;
  sums->loss = 0;
  for (size_t i = 0; i < count * own->width; i++) outputs[i] = (float)gradient[i];
}

/* The gradients of the towers are those of the whole batch, which no shard has. */
static double conclude(const tx_objective_term *term, const tx_shard_sums *sums, size_t shards, size_t stride,
                       float *gradients)
{
  const align_term *own = term->state;
  (void)sums;
  (void)shards;
  (void)stride;
  for (size_t i = 0; i < own->elements; i++) gradients[own->offset + i] += (float)own->slopes[i];
  return own->result.loss;
}

static void validate(const tx_objective_term *term, tx_objective_worker *worker, tx_shard_sums *sums)
{
  align_term *own = term->state;
  const float *places = tx_network_outputs(worker->work, tx_dims_shared_head(term->context->dims));
  memset(sums, 0, sizeof *sums);
  memcpy(own->valid + worker->first * own->width, places,
         tx_shard_records(&worker->shard) * own->width * sizeof *own->valid);
}

/* The validation records in batches of the size of the training, in their order. */
static void assess(const tx_objective_term *term, tx_shard_sums *totals)
{
  align_term *own = term->state;
  const tx_part *valid = &term->context->dataset->valid;
  memset(totals, 0, sizeof *totals);
  for (size_t first = 0; first < valid->count; first += own->capacity) {
    const size_t left = valid->count - first, count = left < own->capacity ? left : own->capacity;
    tx_align_batch places;
    tx_align_result result;
    for (size_t i = 0; i < count * own->width; i++)
      own->features[DNA][i] = (double)own->valid[first * own->width + i];
    places = gather(term, term->context->kept, valid->records + first, count);
    tx_align_loss(&places, &own->work, NULL, &result);
    totals->loss += result.loss * (double)result.judged;
    totals->known += result.judged;
    totals->queries += result.judged;
    totals->correct += result.correct;
  }
}

static size_t list_figures(const tx_objective_term *term, const tx_judgement *judgement, tx_figure *figures)
{
  const tx_dims *dims = term->context->dims;
  figures[0] = (tx_figure){"pair_accuracy", judgement->accuracy[0]};
  figures[1] = (tx_figure){"log_scale", (double)term->context->kept[tx_log_scale_tensor(dims)][0]};
  return 2;
}

const tx_objective_functions tx_objective_align = {.name = "align",
                                                   .needs = {.tokens = 2, .ids = true},
                                                   .reverse_complement = 0,
                                                   .choose_metric = choose_metric,
                                                   .prepare = prepare,
                                                   .release = release,
                                                   .collect = collect,
                                                   .compare = compare,
                                                   .learn = learn,
                                                   .backward = tx_objective_backward_outputs,
                                                   .conclude = conclude,
                                                   .validate = validate,
                                                   .assess = assess,
                                                   .figures = list_figures};
