/* The objective of a record with several taxa: one head has a logit for each taxon of every rank, a taxon is
   at least as probable as each taxon below it, and what a label leaves open is not learnt
   (tensor/multilabel.h; C-HMCNN, Giunchiglia and Lukasiewicz 2020). */
#include "base/error.h"
#include "base/memory.h"
#include "dataset/lineages.h"
#include "objective/list.h"
#include "taxon/nodes.h"
#include "tensor/multilabel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The tree of the run. */
typedef struct tree {
  size_t nodes;
  int32_t *parents;  /* (nodes) */
  uint8_t *labelled; /* (records) the record has a taxon */
} tree;

/* The workspace of a thread. */
typedef struct workspace {
  int8_t *states;    /* (nodes) of a record */
  double *logits;    /* (nodes) */
  double *gradient;  /* (nodes) */
  uint32_t *scratch; /* (2 * nodes) */
} workspace;

static tx_status choose_metric(const tx_train_config *config, const tx_dataset *dataset, tx_metric *metric,
                               tx_error *error)
{
  const char *name = *config->metric ? config->metric : "loss";
  const bool is_loss = strcmp(name, "loss") == 0;
  if (!is_loss && strcmp(name, "micro-F1") != 0)
    return tx_fail(error, TX_ERROR_USAGE, "--metric '%.100s' is neither loss nor micro-F1", name);
  if (!is_loss && dataset->valid.count == 0)
    return tx_fail(error, TX_ERROR_USAGE, "--metric micro-F1 needs validation records");
  snprintf(metric->name, sizeof metric->name, "%s", name);
  metric->is_loss = is_loss;
  metric->column = 0;
  return TX_OK;
}

static void set_heads(const tx_train_config *config, const tx_dataset *dataset, tx_dims *dims)
{
  dims->head_count = 0;
  if (config->strand_share > 0) dims->heads[dims->head_count++] = (tx_head){TX_HEAD_STRAND, 1};
  dims->heads[dims->head_count++] = (tx_head){TX_HEAD_MULTILABEL, tx_taxonomy_node_count(dataset->taxonomy)};
}

static bool is_labelled(const tx_dataset *dataset, uint32_t record)
{
  for (size_t r = 0; r < dataset->ranks; r++)
    if (tx_dataset_has_label(dataset, record, r, 0)) return true;
  return false;
}

static tx_status prepare(tx_objective_term *term, tx_error *error)
{
  const tx_dataset *dataset = term->context->dataset;
  tree *own = calloc(1, sizeof *own);
  term->state = own;
  if (!own) return tx_fail_memory(error, "the tree of the taxa");
  own->nodes = tx_taxonomy_node_count(dataset->taxonomy);
  own->parents = tx_malloc_aligned(own->nodes, sizeof *own->parents);
  own->labelled = calloc(dataset->count, 1);
  if (!own->parents || !own->labelled) return tx_fail_memory(error, "the tree of the taxa");
  tx_taxonomy_node_parents(dataset->taxonomy, own->parents);
  for (size_t i = 0; i < dataset->count; i++) own->labelled[i] = is_labelled(dataset, (uint32_t)i);
  return TX_OK;
}

static void release(tx_objective_term *term)
{
  tree *own = term->state;
  if (own) {
    free(own->parents);
    free(own->labelled);
  }
  free(own);
}

static tx_status prepare_worker(const tx_objective_term *term, tx_objective_worker *worker, tx_error *error)
{
  const tree *own = term->state;
  workspace *work = calloc(1, sizeof *work);
  worker->workspaces[term->number] = work;
  if (!work) return tx_fail_memory(error, "the workspace of a thread");
  work->states = tx_malloc_aligned(own->nodes, sizeof *work->states);
  work->logits = tx_malloc_aligned(own->nodes, sizeof *work->logits);
  work->gradient = tx_malloc_aligned(own->nodes, sizeof *work->gradient);
  work->scratch = tx_malloc_aligned(2 * own->nodes, sizeof *work->scratch);
  if (!work->states || !work->logits || !work->gradient || !work->scratch)
    return tx_fail_memory(error, "the workspace of a thread");
  return TX_OK;
}

static void release_worker(const tx_objective_term *term, tx_objective_worker *worker)
{
  workspace *work = worker->workspaces[term->number];
  if (work) {
    free(work->states);
    free(work->logits);
    free(work->gradient);
    free(work->scratch);
  }
  free(work);
}

/* The mean over the records with a taxon. Where the batch has none, the loss and its gradient are 0. */
static void scale(const tx_objective_term *term, const tx_objective_batch *batch, double *scales)
{
  const tree *own = term->state;
  size_t labelled = 0;
  for (size_t i = 0; i < batch->count; i++)
    labelled += own->labelled[batch->records[i]] && !(batch->opt_reversed && batch->opt_reversed[i]);
  scales[0] = labelled ? 1 / (double)labelled : 0;
}

/* Sets the states and logits of a record of the shard; false: it has no taxon, or is shown without one. */
static bool take(const tx_objective_term *term, tx_objective_worker *worker, size_t index,
                 const float *outputs)
{
  const tree *own = term->state;
  workspace *work = worker->workspaces[term->number];
  const tx_shard *shard = &worker->shard;
  if (shard->reversed[index] ||
      !tx_dataset_annotate(term->context->dataset, shard->records[index], own->parents, work->states))
    return false;
  for (size_t n = 0; n < own->nodes; n++) work->logits[n] = outputs[index * own->nodes + n];
  return true;
}

static void learn(const tx_objective_term *term, const tx_objective_batch *batch, size_t first,
                  tx_objective_worker *worker, tx_shard_sums *sums)
{
  const tree *own = term->state;
  workspace *work = worker->workspaces[term->number];
  float *outputs = tx_network_outputs(worker->work, tx_dims_multilabel_head(term->context->dims));
  const double factor = batch->scales[term->column];
  (void)first;
  sums->loss = 0;
  for (size_t i = 0; i < tx_shard_records(&worker->shard); i++) {
    float *gradient = outputs + i * own->nodes;
    if (!take(term, worker, i, outputs)) {
      memset(gradient, 0, own->nodes * sizeof *gradient);
      continue;
    }
    sums->loss += tx_multilabel_loss(own->parents, own->nodes, work->logits, work->states, work->scratch,
                                     work->gradient);
    for (size_t n = 0; n < own->nodes; n++) gradient[n] = (float)(factor * work->gradient[n]);
  }
}

/* The accuracy is the micro F1 over the known entries: twice the true calls of the calls and the taxa. */
static void validate(const tx_objective_term *term, tx_objective_worker *worker, tx_shard_sums *sums)
{
  const tree *own = term->state;
  workspace *work = worker->workspaces[term->number];
  const float *outputs = tx_network_outputs(worker->work, tx_dims_multilabel_head(term->context->dims));
  memset(sums, 0, sizeof *sums);
  for (size_t i = 0; i < tx_shard_records(&worker->shard); i++) {
    double loss;
    if (!take(term, worker, i, outputs)) continue;
    loss = tx_multilabel_loss(own->parents, own->nodes, work->logits, work->states, work->scratch, NULL);
    sums->known++;
    sums->loss += loss;
    sums->squares += loss * loss;
    tx_multilabel_constrain(own->parents, own->nodes, work->logits);
    for (size_t n = 0; n < own->nodes; n++) {
      const bool called = work->logits[n] > 0, present = work->states[n] == TX_NODE_PRESENT;
      if (work->states[n] == TX_NODE_UNKNOWN) continue;
      sums->queries += (uint64_t)called + present;
      sums->correct += called && present ? 2 : 0;
    }
  }
}

static size_t list_figures(const tx_objective_term *term, const tx_judgement *judgement, tx_figure *figures)
{
  (void)term;
  if (!judgement->judged[0]) return 0;
  figures[0] = (tx_figure){"micro_f1", judgement->accuracy[0]};
  return 1;
}

const tx_objective_functions tx_objective_multilabel = {.name = "multilabel",
                                                        .needs = {.labels = true, .tokens = 2},
                                                        .choose_metric = choose_metric,
                                                        .set_heads = set_heads,
                                                        .prepare = prepare,
                                                        .release = release,
                                                        .prepare_worker = prepare_worker,
                                                        .release_worker = release_worker,
                                                        .scale = scale,
                                                        .learn = learn,
                                                        .backward = tx_objective_backward_outputs,
                                                        .validate = validate,
                                                        .figures = list_figures};
