#include "objective/objective.h"

#include "objective/list.h"

#include <math.h>
#include <string.h>

#define FUNCTIONS_OF(value, functions) [value] = &(functions),
static const tx_objective_functions *const objectives[] = {TX_OBJECTIVE_LIST(FUNCTIONS_OF)};
#undef FUNCTIONS_OF
#define FUNCTIONS_OF(functions) &(functions),
static const tx_objective_functions *const added[] = {TX_OBJECTIVE_ADDED_LIST(FUNCTIONS_OF)};
#undef FUNCTIONS_OF

_Static_assert(1 + sizeof added / sizeof *added <= TX_OBJECTIVE_TERMS_MAX,
               "TX_OBJECTIVE_TERMS_MAX is too small");

const tx_objective_functions *tx_objective_of(const tx_train_config *config)
{
  return objectives[config->objective];
}

const tx_objective_functions *tx_objective_standard(void)
{
  return objectives[0];
}

size_t tx_train_positions(const tx_train_config *config, const tx_tokenizer *tokenizer)
{
  size_t tokens;
  if (config->positions || !tx_objective_of(config)->positions) return (size_t)config->positions;
  tokens = tokenizer->max_bases ? tx_tokenizer_bound(tokenizer, tokenizer->max_bases) : 0;
  return tokenizer->kind == TX_TOKENIZER_BPE ? tokens / 2 : tokens;
}

static tx_status add_term(tx_objective_terms *terms, const tx_objective_functions *functions, tx_error *error)
{
  tx_objective_term *term = &terms->terms[terms->count];
  term->functions = functions;
  term->context = &terms->context;
  term->number = terms->count++;
  term->column = terms->columns;
  term->columns = functions->columns ? functions->columns(&terms->context) : 1;
  terms->columns += term->columns;
  return functions->prepare ? functions->prepare(term, error) : TX_OK;
}

tx_status tx_objective_terms_create(const tx_objective_context *context, tx_objective_terms *terms,
                                    tx_error *error)
{
  tx_status status;
  memset(terms, 0, sizeof *terms);
  terms->context = *context;
  status = add_term(terms, tx_objective_of(context->config), error);
  for (size_t i = 0;
       i < sizeof added / sizeof *added && status == TX_OK && !terms->terms[0].functions->conclude; i++)
    if (added[i]->wanted(&terms->context)) status = add_term(terms, added[i], error);
  return status;
}

void tx_objective_terms_free(tx_objective_terms *terms)
{
  for (size_t i = 0; i < terms->count; i++)
    if (terms->terms[i].functions->release) terms->terms[i].functions->release(&terms->terms[i]);
  memset(terms, 0, sizeof *terms);
}

tx_status tx_objective_prepare_worker(const tx_objective_terms *terms, tx_objective_worker *worker,
                                      tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = 0; i < terms->count && status == TX_OK; i++) {
    const tx_objective_term *term = &terms->terms[i];
    if (term->functions->prepare_worker) status = term->functions->prepare_worker(term, worker, error);
  }
  return status;
}

void tx_objective_release_worker(const tx_objective_terms *terms, tx_objective_worker *worker)
{
  for (size_t i = 0; i < terms->count; i++) {
    const tx_objective_term *term = &terms->terms[i];
    if (term->functions->release_worker) term->functions->release_worker(term, worker);
  }
}

void tx_objective_fill(const tx_objective_terms *terms, tx_shard *shard, tx_random *random)
{
  const tx_objective_term *objective = &terms->terms[0];
  if (objective->functions->fill) objective->functions->fill(objective, shard, random);
}

void tx_objective_scale(const tx_objective_terms *terms, tx_objective_batch *batch)
{
  memset(batch->scales, 0, sizeof batch->scales);
  for (size_t i = 0; i < terms->count; i++) {
    const tx_objective_term *term = &terms->terms[i];
    if (term->functions->scale) term->functions->scale(term, batch, batch->scales + term->column);
  }
}

/* Forward pass of the network on the part of the shard that the objective makes visible. */
static void forward(const tx_objective_terms *terms, const float *const *weights, tx_objective_worker *worker)
{
  const tx_objective_term *objective = &terms->terms[0];
  worker->pack =
      objective->functions->visible ? objective->functions->visible(objective, worker) : &worker->shard.pack;
  tx_network_forward(terms->context.dims, weights, worker->pack, worker->work);
}

bool tx_objective_collects(const tx_objective_terms *terms)
{
  return terms->terms[0].functions->collect != NULL;
}

void tx_objective_collect(const tx_objective_terms *terms, size_t first, tx_objective_worker *worker)
{
  const tx_objective_term *objective = &terms->terms[0];
  forward(terms, terms->context.weights, worker);
  objective->functions->collect(objective, first, worker);
}

void tx_objective_compare(const tx_objective_terms *terms, const tx_objective_batch *batch)
{
  terms->terms[0].functions->compare(&terms->terms[0], batch);
}

void tx_objective_learn(const tx_objective_terms *terms, const tx_objective_batch *batch, size_t first,
                        tx_objective_worker *worker, tx_shard_sums *sums)
{
  const tx_objective_term *objective = &terms->terms[0];
  worker->embedding_gradient = NULL;
  forward(terms, terms->context.weights, worker);
  for (size_t i = terms->count; i-- > 0;) { /* the objective last: it overwrites what the others read */
    const tx_objective_term *term = &terms->terms[i];
    term->functions->learn(term, batch, first, worker, sums + term->column);
  }
  for (size_t i = 1; i < terms->count; i++) {
    const tx_objective_term *term = &terms->terms[i];
    if (term->functions->add_outputs) term->functions->add_outputs(term, worker);
  }
  objective->functions->backward(objective, worker);
}

double tx_objective_conclude(const tx_objective_terms *terms, const tx_objective_batch *batch,
                             const tx_shard_sums *sums, size_t shards, float *gradients)
{
  const tx_objective_term *objective = &terms->terms[0];
  double loss = 0;
  if (objective->functions->conclude)
    return objective->functions->conclude(objective, sums, shards, terms->columns, gradients);
  for (size_t i = 0; i < shards; i++)
    for (size_t c = 0; c < terms->columns; c++) loss += batch->scales[c] * sums[i * terms->columns + c].loss;
  return loss;
}

void tx_objective_advance(const tx_objective_terms *terms, const tx_objective_batch *batch)
{
  for (size_t i = 0; i < terms->count; i++) {
    const tx_objective_term *term = &terms->terms[i];
    if (term->functions->advance) term->functions->advance(term, batch);
  }
}

void tx_objective_validate(const tx_objective_terms *terms, tx_objective_worker *worker, tx_shard_sums *sums)
{
  const tx_objective_term *objective = &terms->terms[0];
  forward(terms, terms->context.kept, worker);
  objective->functions->validate(objective, worker, sums);
}

void tx_objective_assess(const tx_objective_terms *terms, tx_shard_sums *sums)
{
  const tx_objective_term *objective = &terms->terms[0];
  if (objective->functions->assess) objective->functions->assess(objective, sums);
}

void tx_shard_sums_add(tx_shard_sums *to, const tx_shard_sums *sums)
{
  to->loss += sums->loss;
  to->squares += sums->squares;
  to->known += sums->known;
  to->queries += sums->queries;
  to->correct += sums->correct;
}

/* Standard error of the mean loss of a column; 0 if it is not known. */
static double loss_error(const tx_shard_sums *sums)
{
  const double count = (double)sums->known, mean = sums->loss / count;
  const double variance = sums->known > 1 ? (sums->squares - count * mean * mean) / (count - 1) : 0;
  return variance > 0 ? sqrt(variance / count) : 0;
}

void tx_objective_judge(const tx_objective_terms *terms, const tx_shard_sums *sums, tx_judgement *judgement)
{
  const tx_objective_term *objective = &terms->terms[0];
  double loss = 0, error = 0, weights = 0;
  for (size_t c = 0; c < objective->columns; c++) {
    const double weight = objective->functions->weight ? objective->functions->weight(objective, c) : 1.0;
    judgement->judged[c] = sums[c].queries;
    judgement->accuracy[c] =
        sums[c].queries ? (double)sums[c].correct / (double)sums[c].queries : (double)NAN;
    if (sums[c].known == 0) continue;
    loss += weight * (sums[c].loss / (double)sums[c].known);
    error += weight * loss_error(&sums[c]);
    weights += weight;
  }
  judgement->loss = weights > 0 ? loss / weights : (double)NAN;
  judgement->loss_error = weights > 0 ? error / weights : 0;
}

tx_status tx_objective_parts(const tx_objective_terms *terms, tx_state_parts *parts, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = 0; i < terms->count && status == TX_OK; i++) {
    const tx_objective_term *term = &terms->terms[i];
    if (term->functions->parts) status = term->functions->parts(term, parts, error);
  }
  return status;
}

tx_status tx_objective_restore(const tx_objective_terms *terms, uint64_t records, const char *path,
                               tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = 0; i < terms->count && status == TX_OK; i++) {
    const tx_objective_term *term = &terms->terms[i];
    if (term->functions->restore) status = term->functions->restore(term, records, path, error);
  }
  return status;
}
