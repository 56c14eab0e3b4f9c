/* The answers of teachers as a term that is added to the loss of the taxa: their probabilities at each rank,
   and their embeddings through a linear map of the learner's. */
#include "base/error.h"
#include "base/memory.h"
#include "nn/layout.h"
#include "objective/list.h"
#include "objective/teaching.h"
#include "settings/lists.h"
#include "tensor/products.h"

#include <stdlib.h>
#include <string.h>

enum { SOFT, EMBEDDING, COLUMNS };

typedef struct teacher_term {
  const tx_teaching *teaching;
  double weights[COLUMNS];
  double rank_weights[TX_RANKS_MAX]; /* of the ranks that the teachers have; they sum to 1 */
  size_t width;                      /* of the learner's embedding */
  size_t projection;                 /* tensor of the layout */
  size_t offset;                     /* its first element */
} teacher_term;

/* Scratch of one thread. */
typedef struct teacher_work {
  float *outputs[TX_RANKS_MAX]; /* (shard, classes) gradients by the outputs of the heads */
  float *mapped;                /* (shard, teaching->width) */
  float *slopes;                /* likewise: gradient by `mapped` */
  float *embedding;             /* (shard, D) gradient by the embedding */
  float *scratch;               /* for the matrix products */
} teacher_work;

static bool wanted(const tx_objective_context *context)
{
  return context->opt_teaching != NULL;
}

static size_t columns(const tx_objective_context *context)
{
  (void)context;
  return COLUMNS;
}

static tx_status weigh_ranks(const tx_objective_context *context, teacher_term *own, tx_error *error)
{
  size_t count;
  double sum = 0;
  tx_status status = tx_rank_weight_list(context->config, own->rank_weights, &count, error);
  for (size_t r = 0; r < TX_RANKS_MAX; r++) {
    if (count == 0) own->rank_weights[r] = 1;
    if (r >= context->opt_teaching->ranks || !context->opt_teaching->known[r]) own->rank_weights[r] = 0;
    sum += own->rank_weights[r];
  }
  for (size_t r = 0; r < TX_RANKS_MAX && sum > 0; r++) own->rank_weights[r] /= sum;
  return status;
}

static tx_status prepare(tx_objective_term *term, tx_error *error)
{
  const tx_objective_context *context = term->context;
  teacher_term *own = calloc(1, sizeof *own);
  term->state = own;
  if (!own) return tx_fail_memory(error, "the teachers");
  own->teaching = context->opt_teaching;
  own->weights[SOFT] = context->config->teacher_weight;
  own->weights[EMBEDDING] = context->config->teacher_embedding;
  own->width = context->dims->width;
  if (own->teaching->width) {
    tx_tensor_info info;
    own->projection = tx_projection_tensor(context->dims);
    tx_layout_tensor(context->dims, own->projection, &info);
    own->offset = info.offset;
  }
  return weigh_ranks(context, own, error);
}

static void release(tx_objective_term *term)
{
  free(term->state);
}

static tx_status prepare_worker(const tx_objective_term *term, tx_objective_worker *worker, tx_error *error)
{
  const teacher_term *own = term->state;
  const size_t shard = worker->shard.capacity, width = own->teaching->width;
  teacher_work *work = calloc(1, sizeof *work);
  bool made = work != NULL;
  worker->workspaces[term->number] = work;
  for (size_t r = 0; made && r < own->teaching->ranks; r++) {
    work->outputs[r] =
        tx_malloc_aligned(shard * term->context->dims->heads[r].size, sizeof *work->outputs[r]);
    made = work->outputs[r] != NULL;
  }
  if (made && width) {
    work->mapped = tx_malloc_aligned(shard * width, sizeof *work->mapped);
    work->slopes = tx_malloc_aligned(shard * width, sizeof *work->slopes);
    work->embedding = tx_malloc_aligned(shard * own->width, sizeof *work->embedding);
    work->scratch =
        tx_malloc_aligned(*tx_product_current(TX_PRECISION_FLOAT32)->gemm_scratch, sizeof *work->scratch);
    made = work->mapped && work->slopes && work->embedding && work->scratch;
  }
  return made ? TX_OK : tx_fail_memory(error, "the teachers: lower --threads or --shard");
}

static void release_worker(const tx_objective_term *term, tx_objective_worker *worker)
{
  teacher_work *work = worker->workspaces[term->number];
  if (!work) return;
  for (size_t r = 0; r < TX_RANKS_MAX; r++) free(work->outputs[r]);
  free(work->mapped);
  free(work->slopes);
  free(work->embedding);
  free(work->scratch);
  free(work);
}

/* Whether a record of the batch takes part: not one that is shown as reverse complement, of which only the
   strand is learnt. */
static bool takes_part(const tx_objective_batch *batch, size_t i)
{
  return !batch->opt_reversed || !batch->opt_reversed[i];
}

static void scale(const tx_objective_term *term, const tx_objective_batch *batch, double *scales)
{
  const teacher_term *own = term->state;
  size_t count = 0;
  for (size_t i = 0; i < batch->count; i++) count += takes_part(batch, i);
  for (size_t c = 0; c < COLUMNS; c++) scales[c] = count ? own->weights[c] / (double)count : 0.0;
}

/* The probabilities of a rank; returns the sum of the losses of the shard. */
static double learn_rank(const tx_objective_term *term, const tx_objective_batch *batch, size_t first,
                         tx_objective_worker *worker, size_t rank)
{
  const double factor = batch->scales[term->column + SOFT];
  const teacher_term *own = term->state;
  const size_t classes = term->context->dims->heads[rank].size;
  const float *logits = tx_network_outputs(worker->work, rank);
  float *gradient = ((teacher_work *)worker->workspaces[term->number])->outputs[rank];
  double sum = 0;
  for (size_t i = 0; i < tx_shard_records(&worker->shard); i++) {
    const tx_soft_target target = tx_teaching_target(own->teaching, batch->records[first + i], rank);
    if (!takes_part(batch, first + i)) {
      memset(gradient + i * classes, 0, classes * sizeof *gradient);
      continue;
    }
    sum += tx_soft_divergence(logits + i * classes, classes, &target, own->teaching->temperature,
                              factor * own->rank_weights[rank], gradient + i * classes);
  }
  return own->rank_weights[rank] * sum;
}

/* The embedding; adds the gradient of the map. */
static double learn_embedding(const tx_objective_term *term, const tx_objective_batch *batch, size_t first,
                              tx_objective_worker *worker)
{
  const double factor = batch->scales[term->column + EMBEDDING];
  const teacher_term *own = term->state;
  teacher_work *work = worker->workspaces[term->number];
  const tx_product *product = tx_product_current(TX_PRECISION_FLOAT32);
  const size_t count = tx_shard_records(&worker->shard), from = own->width, to = own->teaching->width;
  const float *embedding = tx_network_embedding(worker->work), *map = term->context->weights[own->projection];
  double sum = 0;
  product->gemm(false, true, count, to, from, embedding, from, map, from, false, work->mapped, to,
                work->scratch);
  for (size_t i = 0; i < count; i++)
    if (takes_part(batch, first + i))
      sum += tx_cosine_distance(work->mapped + i * to,
                                own->teaching->embeddings + batch->records[first + i] * to, to, factor,
                                work->slopes + i * to);
    else
      memset(work->slopes + i * to, 0, to * sizeof *work->slopes);
  product->gemm(true, false, to, from, count, work->slopes, to, embedding, from, true,
                worker->gradients + own->offset, from, work->scratch);
  product->gemm(false, false, count, from, to, work->slopes, to, map, from, false, work->embedding, from,
                work->scratch);
  tx_objective_add_embedding_gradient(worker, work->embedding, count * from);
  return sum;
}

static void learn(const tx_objective_term *term, const tx_objective_batch *batch, size_t first,
                  tx_objective_worker *worker, tx_shard_sums *sums)
{
  const teacher_term *own = term->state;
  sums[SOFT].loss = sums[EMBEDDING].loss = 0;
  for (size_t r = 0; r < own->teaching->ranks && own->weights[SOFT] > 0; r++)
    if (own->rank_weights[r] > 0)
      sums[SOFT].loss += learn_rank(term, batch, first, worker, r);
  if (own->teaching->width) sums[EMBEDDING].loss = learn_embedding(term, batch, first, worker);
}

static void add_outputs(const tx_objective_term *term, tx_objective_worker *worker)
{
  const teacher_term *own = term->state;
  const teacher_work *work = worker->workspaces[term->number];
  for (size_t r = 0; r < own->teaching->ranks && own->weights[SOFT] > 0; r++) {
    const size_t count = tx_shard_records(&worker->shard) * term->context->dims->heads[r].size;
    float *outputs = tx_network_outputs(worker->work, r);
    for (size_t i = 0; i < count && own->rank_weights[r] > 0; i++) outputs[i] += work->outputs[r][i];
  }
}

const tx_objective_functions tx_objective_teacher = {.name = "teacher",
                                                     .wanted = wanted,
                                                     .columns = columns,
                                                     .prepare = prepare,
                                                     .release = release,
                                                     .prepare_worker = prepare_worker,
                                                     .release_worker = release_worker,
                                                     .scale = scale,
                                                     .learn = learn,
                                                     .add_outputs = add_outputs};
