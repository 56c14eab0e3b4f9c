#include "infer/listen.h"

#include "base/error.h"
#include "base/memory.h"
#include "model/fingerprint.h"
#include "nn/strands.h"
#include "seq/bases.h"

#include <stdlib.h>

enum { FORWARD, REVERSE };

void tx_listen_codes_free(tx_listen_codes *codes)
{
  for (size_t i = 0; i < 2; i++) free(codes->codes[i]);
  *codes = (tx_listen_codes){{NULL, NULL}, {0, 0}};
}

/* Bases first .. first + count of the sequence as codes. */
static size_t fill(const tx_sequence *sequence, size_t first, size_t count, uint8_t *codes)
{
  for (size_t i = 0; i < count; i++) {
    const uint32_t set = tx_sequence_set(sequence, first + i);
    codes[i] = set == 1   ? TX_BASE_A
               : set == 2 ? TX_BASE_C
               : set == 4 ? TX_BASE_G
               : set == 8 ? TX_BASE_T
                          : TX_BASE_N;
  }
  return tx_bases_trim(codes, count, 0);
}

tx_status tx_listen_add(const tx_classifier *classifier, tx_predict_work *work, tx_listen_codes *codes,
                        const tx_sequence *sequence, tx_strand_answer *answer)
{
  const size_t most = classifier->model->tokenizer.max_bases,
               count = most && most < sequence->count ? most : sequence->count;
  tx_strand_codes strands[2];
  for (size_t strand = FORWARD; strand < tx_dims_strands(&classifier->model->dims); strand++) {
    if (!tx_reserve(&codes->codes[strand], &codes->capacity[strand], count + 1, 1)) return TX_ERROR_MEMORY;
    strands[strand].codes = codes->codes[strand];
    strands[strand].count =
        fill(sequence, strand == FORWARD ? 0 : sequence->count - count, count, codes->codes[strand]);
    if (strand == REVERSE) tx_bases_reverse_complement(codes->codes[strand], strands[strand].count);
  }
  tx_predict_work_add(classifier, work, strands, answer);
  return TX_OK;
}

struct tx_listener {
  tx_classifier *classifier; /* of the network alone */
  tx_witness_map map;
  tx_joint joint;
  tx_predict_work **works; /* (threads) */
  tx_listen_codes *codes;  /* (threads) */
  size_t threads;
  tx_witness_voice voice;
};

static tx_status hear(void *context, size_t thread, const tx_sequence *sequence, tx_outcome *outcomes,
                      size_t count, double *opt_said)
{
  const tx_listener *self = context;
  tx_hearing hearing = {&self->map, outcomes, count};
  tx_strand_answer answer = {.opt_hearing = &hearing, .opt_log_probabilities = opt_said};
  tx_status status =
      tx_listen_add(self->classifier, self->works[thread], &self->codes[thread], sequence, &answer);
  if (status != TX_OK) return status;
  tx_predict_work_run(self->classifier, self->works[thread]);
  return answer.fault;
}

static tx_status create_works(tx_listener *self, tx_error *error)
{
  tx_status status = TX_OK;
  self->works = calloc(self->threads, sizeof(tx_predict_work *));
  self->codes = calloc(self->threads, sizeof *self->codes);
  if (!self->works || !self->codes) return tx_fail_memory(error, "the workspaces of the threads");
  for (size_t i = 0; status == TX_OK && i < self->threads; i++)
    status = tx_predict_work_create(self->classifier, &self->works[i], error);
  return status;
}

tx_status tx_listener_create(const tx_model *model, const tx_reference_set *references, tx_pool *pool,
                             tx_listener **ret_listener, tx_error *error)
{
  tx_listener *self;
  tx_predict_options options;
  bool useful = false;
  tx_status status;
  *ret_listener = NULL;
  if (tx_dims_ranks(&model->dims) == 0) return TX_OK;
  self = calloc(1, sizeof *self);
  if (!self) return tx_fail_memory(error, "the network");
  tx_predict_defaults(&options);
  options.cache_bytes = 0;
  self->threads = tx_pool_threads(pool);
  status = tx_witness_map_init(&self->map, references->references->taxonomy, model->taxonomy, error);
  if (status == TX_OK)
    status = tx_joint_init(&self->joint, references->references->taxonomy, model->taxonomy, &self->map,
                           error);
  if (status == TX_OK) useful = tx_witness_map_is_useful(&self->map, &references->space);
  if (useful) status = tx_classifier_create(model, &options, &self->classifier, error);
  if (status == TX_OK && useful) status = create_works(self, error);
  self->voice = (tx_witness_voice){&self->map, &self->joint, hear, self, tx_model_fingerprint(model)};
  if (status == TX_OK && useful)
    *ret_listener = self;
  else
    tx_listener_free(self);
  return status;
}

void tx_listener_free(tx_listener *listener)
{
  if (!listener) return;
  for (size_t i = 0; i < listener->threads; i++) {
    if (listener->works) tx_predict_work_free(listener->works[i]);
    if (listener->codes) tx_listen_codes_free(&listener->codes[i]);
  }
  free(listener->works);
  free(listener->codes);
  tx_classifier_free(listener->classifier);
  tx_joint_clear(&listener->joint);
  tx_witness_map_clear(&listener->map);
  free(listener);
}

const tx_witness_voice *tx_listener_voice(const tx_listener *listener)
{
  return listener ? &listener->voice : NULL;
}
