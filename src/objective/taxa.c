/* The objective of a classifier: the heads predict the taxa of the ranks. */
#include "base/error.h"
#include "objective/list.h"
#include "objective/losses.h"
#include "tensor/loss.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns the rank of a metric RANK-accuracy, -1 for another metric. */
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

/* Chooses the accuracy at the lowest rank at which a validation record has a taxon of the training
   records. */
static void choose_standard(const tx_dataset *dataset, tx_metric *metric)
{
  size_t lowest = dataset->ranks;
  while (lowest > 0 && dataset->valid_known[lowest - 1] == 0) lowest--;
  metric->is_loss = lowest == 0;
  metric->column = lowest ? lowest - 1 : 0;
  if (lowest)
    snprintf(metric->name, sizeof metric->name, "%s-accuracy",
             tx_taxonomy_rank_name(dataset->taxonomy, lowest - 1));
  else
    snprintf(metric->name, sizeof metric->name, "loss");
}

static tx_status choose_metric(const tx_train_config *config, const tx_dataset *dataset, tx_metric *metric,
                               tx_error *error)
{
  const char *name = config->metric;
  int rank;
  if (!*name) {
    choose_standard(dataset, metric);
    return TX_OK;
  }
  snprintf(metric->name, sizeof metric->name, "%s", name);
  metric->is_loss = strcmp(name, "loss") == 0;
  if (metric->is_loss) return TX_OK;
  rank = metric_rank(dataset, name);
  if (rank < 0)
    return tx_fail(error, TX_ERROR_USAGE,
                   "--metric '%.100s' is neither loss nor RANK-accuracy with one of the ranks of the data "
                   "(the lowest is %s)",
                   name, tx_taxonomy_rank_name(dataset->taxonomy, dataset->ranks - 1));
  if (dataset->valid_labelled[rank] == 0)
    return tx_fail(error, TX_ERROR_USAGE,
                   "--metric %.100s needs validation records with a label at that rank", name);
  if (dataset->valid_known[rank] == 0)
    return tx_fail(error, TX_ERROR_USAGE,
                   "--metric %.100s: no validation label at that rank is a taxon of the training records",
                   name);
  metric->column = (size_t)rank;
  return TX_OK;
}

/* One head for each rank, a softmax over its taxa, and those of the strand and of traits, which added terms
   learn (objective/strand, objective/traits). */
static void set_heads(const tx_train_config *config, const tx_dataset *dataset, tx_dims *dims)
{
  dims->head_count = dataset->ranks;
  for (size_t r = 0; r < dataset->ranks; r++)
    dims->heads[r] = (tx_head){TX_HEAD_TAXA, tx_taxonomy_class_count(dataset->taxonomy, r)};
  if (config->strand_share > 0) dims->heads[dims->head_count++] = (tx_head){TX_HEAD_STRAND, 1};
  if (dataset->traits.count)
    dims->heads[dims->head_count++] = (tx_head){TX_HEAD_REGRESSION, dataset->traits.count};
}

static size_t columns(const tx_objective_context *context)
{
  return tx_dims_ranks(context->dims);
}

static tx_status prepare(tx_objective_term *term, tx_error *error)
{
  tx_losses *losses = calloc(1, sizeof *losses);
  term->state = losses;
  if (!losses) return tx_fail_memory(error, "the losses");
  return tx_losses_create(term->context->config, term->context->dataset, losses, error);
}

static void release(tx_objective_term *term)
{
  if (term->state) tx_losses_free(term->state);
  free(term->state);
}

static void scale(const tx_objective_term *term, const tx_objective_batch *batch, double *scales)
{
  tx_loss_scales(term->state, term->context->dataset, batch, scales);
}

static void learn(const tx_objective_term *term, const tx_objective_batch *batch, size_t first,
                  tx_objective_worker *worker, tx_shard_sums *sums)
{
  const tx_losses *losses = term->state;
  const tx_shard *shard = &worker->shard;
  (void)first;
  for (size_t r = 0; r < term->columns; r++) {
    tx_targets targets = losses->targets[r];
    targets.row_weights = tx_shard_weights(shard, r);
    sums[r].loss = tx_cross_entropy_targets(tx_network_outputs(worker->work, r), tx_shard_labels(shard, r),
                                            tx_shard_records(shard), term->context->dims->heads[r].size,
                                            &targets, (float)batch->scales[term->column + r]);
  }
}

/* Labels that the training records do not have count as errors in the accuracy and are left out of the
   loss. */
static void count_queries(tx_shard *shard, size_t rank, tx_shard_sums *sums)
{
  int32_t *labels = shard->labels + rank * shard->capacity;
  memset(sums, 0, sizeof *sums);
  for (size_t i = 0; i < tx_shard_records(shard); i++) {
    sums->queries += labels[i] != TX_LABEL_NONE;
    sums->known += labels[i] >= 0;
    if (labels[i] == TX_LABEL_UNKNOWN) labels[i] = TX_LABEL_NONE;
  }
}

static void validate(const tx_objective_term *term, tx_objective_worker *worker, tx_shard_sums *sums)
{
  tx_shard *shard = &worker->shard;
  for (size_t r = 0; r < term->columns; r++) {
    const size_t classes = term->context->dims->heads[r].size;
    const int32_t *labels = tx_shard_labels(shard, r);
    float *outputs = tx_network_outputs(worker->work, r);
    count_queries(shard, r, &sums[r]);
    for (size_t i = 0; i < tx_shard_records(shard); i++) {
      size_t correct = 0;
      const double loss =
          tx_cross_entropy(outputs + i * classes, &labels[i], 1, classes, 0.0F, 0.0F, &correct);
      sums[r].loss += loss;
      sums[r].squares += loss * loss;
      sums[r].correct += correct;
    }
  }
}

static double weight(const tx_objective_term *term, size_t column)
{
  const tx_losses *losses = term->state;
  return losses->rank_weights[column];
}

static size_t list_figures(const tx_objective_term *term, const tx_judgement *judgement, tx_figure *figures)
{
  size_t count = 0;
  for (size_t r = 0; r < term->columns; r++)
    if (isfinite(judgement->accuracy[r]))
      figures[count++] =
          (tx_figure){tx_taxonomy_rank_name(term->context->dataset->taxonomy, r), judgement->accuracy[r]};
  return count;
}

const tx_objective_functions tx_objective_taxa = {.name = "taxa",
                                                  .needs = {.labels = true, .tokens = 2},
                                                  .reverse_complement = 0,
                                                  .references = true,
                                                  .figures_group = "accuracy",
                                                  .choose_metric = choose_metric,
                                                  .set_heads = set_heads,
                                                  .columns = columns,
                                                  .prepare = prepare,
                                                  .release = release,
                                                  .scale = scale,
                                                  .learn = learn,
                                                  .backward = tx_objective_backward_outputs,
                                                  .validate = validate,
                                                  .weight = weight,
                                                  .figures = list_figures};
