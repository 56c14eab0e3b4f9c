/* taxamba eval --neighbours: the labels of the nearest reference as predictions. */
#include "evaluate.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/runtime.h>

#include "idmap.h"

/* Embeddings of one side, with the labels at the evaluated ranks. */
typedef struct side {
  size_t width, rank_count, count, capacity;
  float *vectors;   /* (count, width); a row of NaN where there is none */
  uint32_t *labels; /* (count, rank_count) numbers in `names`, TX_ID_NONE = no label */
  tx_idmap *names;  /* one map for both sides */
  tx_truth_buffer buffer;
} side;

static tx_status out_of_memory(tx_error *error)
{
  return tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for the embeddings");
}

static bool reserve(side *s)
{
  size_t capacity = s->capacity ? s->capacity + s->capacity / 2 : 1024;
  float *vectors;
  uint32_t *labels;
  if (s->count < s->capacity) return true;
  if (capacity > SIZE_MAX / sizeof(float) / s->width) return false;
  vectors = realloc(s->vectors, capacity * s->width * sizeof *vectors);
  if (vectors) s->vectors = vectors;
  labels = realloc(s->labels, capacity * s->rank_count * sizeof *labels);
  if (labels) s->labels = labels;
  if (!vectors || !labels) return false;
  s->capacity = capacity;
  return true;
}

static tx_status keep(void *context, const tx_record *record, const tx_prediction *prediction,
                      tx_error *error)
{
  side *s = context;
  const char *taxa[TX_RANKS_MAX];
  const float *vector = tx_prediction_embedding(prediction);
  tx_status status = tx_truth_unpack(record, s->rank_count, &s->buffer, taxa, error);
  if (status != TX_OK) return status;
  if (!reserve(s)) return out_of_memory(error);
  for (size_t i = 0; i < s->width; i++) s->vectors[s->count * s->width + i] = vector ? vector[i] : NAN;
  for (size_t r = 0; r < s->rank_count; r++) {
    uint32_t *label = &s->labels[s->count * s->rank_count + r];
    bool is_new;
    *label = TX_ID_NONE;
    if (taxa[r] && !tx_idmap_add(s->names, taxa[r], label, &is_new)) return out_of_memory(error);
  }
  s->count++;
  return TX_OK;
}

static tx_status embed(const tx_call *call, const tx_model *model, const tx_predict_options *predict,
                       tx_truth *truth, side *s, tx_run_stats *stats, tx_error *error)
{
  tx_watch watch;
  tx_status status;
  s->width = tx_model_width(model);
  s->rank_count = truth->rank_count;
  tx_watch_start(&watch, call, keep, NULL, s);
  status =
      tx_predict(model, predict, tx_truth_source, truth, tx_watch_put, tx_watch_flush, &watch, stats, error);
  tx_progress_clear(&watch.progress);
  if (status == TX_OK && truth->without_bases)
    tx_note(call,
            "%" PRIu64 " rows without a sequence were left "
            "out",
            truth->without_bases);
  return status;
}

/* neighbour[query] for one rank: the nearest of the references labelled there. Unlabelled ones are hidden as
   rows of NaN, so that indices stay as they are. */
static tx_status search_rank(const side *queries, const side *references, size_t rank, size_t threads,
                             int64_t *neighbour, tx_error *error)
{
  float *vectors = malloc(references->count * references->width * sizeof *vectors + 1);
  tx_status status;
  if (!vectors) return out_of_memory(error);
  for (size_t i = 0; i < references->count; i++) {
    float *row = vectors + i * references->width;
    memcpy(row, references->vectors + i * references->width, references->width * sizeof *row);
    if (references->labels[i * references->rank_count + rank] == TX_ID_NONE) row[0] = NAN;
  }
  status = tx_nearest(queries->vectors, queries->count, vectors, references->count, queries->width, threads,
                      neighbour, NULL, error);
  free(vectors);
  return status;
}

/* Whether two ranks label the same references, so that one search serves both. */
static bool same_references(const side *references, size_t a, size_t b)
{
  for (size_t i = 0; i < references->count; i++) {
    const uint32_t *labels = references->labels + i * references->rank_count;
    if ((labels[a] == TX_ID_NONE) != (labels[b] == TX_ID_NONE)) return false;
  }
  return true;
}

/* neighbours (rank_count, queries). */
static tx_status search_all(const side *queries, const side *references, size_t threads, int64_t *neighbours,
                            tx_error *error)
{
  for (size_t r = 0; r < queries->rank_count; r++) {
    size_t same = 0;
    tx_status status;
    if (*tx_stop_flag()) return TX_STOPPED;
    while (same < r && !same_references(references, same, r)) same++;
    if (same < r) {
      memcpy(neighbours + r * queries->count, neighbours + same * queries->count,
             queries->count * sizeof *neighbours);
      continue;
    }
    status = search_rank(queries, references, r, threads, neighbours + r * queries->count, error);
    if (status != TX_OK) return status;
  }
  return TX_OK;
}

static const char *label_name(const side *s, size_t row, size_t rank)
{
  uint32_t label = s->labels[row * s->rank_count + rank];
  return label == TX_ID_NONE ? NULL : s->names->keys[label];
}

static tx_status score(const side *queries, const side *references, const int64_t *neighbours,
                       tx_evaluation *evaluation, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = 0; i < references->count && status == TX_OK; i++)
    for (size_t r = 0; r < references->rank_count && status == TX_OK; r++)
      if (label_name(references, i, r))
        status = tx_evaluation_know(evaluation, r, label_name(references, i, r), error);
  for (size_t q = 0; q < queries->count && status == TX_OK; q++) {
    const char *truth[TX_RANKS_MAX], *called[TX_RANKS_MAX];
    for (size_t r = 0; r < queries->rank_count; r++) {
      int64_t neighbour = neighbours[r * queries->count + q];
      truth[r] = label_name(queries, q, r);
      called[r] = neighbour < 0 ? NULL : label_name(references, (size_t)neighbour, r);
    }
    status = tx_evaluation_add(evaluation, truth, called, NULL, error);
  }
  return status;
}

static tx_status search_and_print(const tx_call *call, const tx_truth *truth, const side *queries,
                                  const side *references, size_t threads, tx_error *error)
{
  const tx_eval_options *options = call->options;
  int64_t *neighbours = malloc(queries->count * queries->rank_count * sizeof *neighbours + 1);
  tx_evaluation *evaluation = NULL;
  tx_status status = neighbours ? tx_eval_create(options, truth, &evaluation, error) : out_of_memory(error);
  if (status == TX_OK) status = search_all(queries, references, threads, neighbours, error);
  if (status == TX_OK) status = score(queries, references, neighbours, evaluation, error);
  if (status == TX_OK)
    status = tx_eval_print(evaluation, truth->rank_count, "1-nearest neighbour", options->json, error);
  free(neighbours);
  tx_evaluation_free(evaluation);
  return status;
}

static tx_status open_references(const tx_call *call, tx_truth *queries, tx_truth *ret_references,
                                 tx_error *error)
{
  const tx_eval_options *options = call->options;
  const char *reference = options->reference;
  tx_truth_input input = {call->operands, call->operand_count, options->reference_split, "train",
                          tx_input_watch(call)};
  const char *ranks[TX_RANKS_MAX];
  size_t count;
  tx_status status;
  if (!reference[0] && !tx_labelled_has_split(queries->reader))
    return tx_cli_fail(error, TX_ERROR_USAGE,
                       "--neighbours needs --reference FILE: the input has no split column that tells "
                       "references from queries");
  if (reference[0]) {
    input.paths = &reference;
    input.count = 1;
  }
  status = tx_truth_open(&input, &options->truth, ret_references, error);
  if (status != TX_OK) return status;
  queries->needs_split = ret_references->needs_split = !reference[0];
  count = tx_labelled_rank_count(ret_references->reader);
  for (size_t r = 0; r < count; r++) ranks[r] = tx_labelled_rank_name(ret_references->reader, r);
  status = tx_truth_match(queries, &options->truth, ranks, count, "the references have", error);
  if (status == TX_OK)
    status = tx_truth_match(ret_references, &options->truth, queries->ranks, queries->rank_count,
                            "the queries have", error);
  return status;
}

/* The labels of a reference are packed in the order of its own ranks; the evaluation has that of the
   queries. */
static void align(tx_truth *references)
{
  size_t own[TX_RANKS_MAX];
  for (size_t e = 0; e < references->rank_count; e++) own[references->other[e]] = references->own[e];
  memcpy(references->own, own, references->rank_count * sizeof *own);
}

tx_status tx_eval_neighbours(const tx_call *call, tx_error *error)
{
  const tx_eval_options *options = call->options;
  tx_predict_options predict;
  tx_model *model = NULL;
  tx_truth queries = {0}, references = {0};
  tx_idmap names = {0};
  side query_side = {.names = &names}, reference_side = {.names = &names};
  tx_run_stats query_stats = {0}, reference_stats = {0};
  tx_status status;
  for (size_t i = 0; !options->reference[0] && i < call->operand_count; i++)
    if (strcmp(call->operands[i], "-") == 0)
      return tx_cli_fail(error, TX_ERROR_USAGE,
                         "--neighbours reads its input twice, and standard input can be read once: name a "
                         "file, or give --reference FILE");
  status = tx_reading_open(call, &options->reading, &model, &predict, error);
  if (status == TX_OK) status = tx_eval_open_truth(call, &queries, error);
  if (status == TX_OK) status = open_references(call, &queries, &references, error);
  if (status == TX_OK && call->operand_count == 1)
    status = tx_eval_check_columns(call, &queries, &references, error);
  if (status == TX_OK) {
    align(&references);
    predict.classify = false;
    predict.embed = true;
    status = embed(call, model, &predict, &references, &reference_side, &reference_stats, error);
  }
  if (status == TX_OK && reference_side.count == 0)
    status = tx_cli_fail(error, TX_ERROR_DATA, "no reference: no labelled record of the reference split");
  if (status == TX_OK) status = embed(call, model, &predict, &queries, &query_side, &query_stats, error);
  if (status == TX_OK) status = tx_eval_check_columns(call, &queries, &references, error);
  if (status == TX_OK) status = tx_eval_check_queries(call, query_stats.records, error);
  if (status == TX_OK)
    status = search_and_print(call, &queries, &query_side, &reference_side, predict.threads, error);
  if (status == TX_OK)
    tx_provenance(call, "%" PRIu64 " records against %" PRIu64 " references, %.1f sequences/s",
                  query_stats.records, reference_stats.records,
                  (double)(query_stats.records + reference_stats.records) /
                      (query_stats.seconds + reference_stats.seconds + 1e-9));
  free(query_side.vectors);
  free(query_side.labels);
  free(query_side.buffer.text);
  free(reference_side.vectors);
  free(reference_side.labels);
  free(reference_side.buffer.text);
  tx_idmap_clear(&names);
  tx_truth_close(&queries);
  tx_truth_close(&references);
  tx_model_close(model);
  return status;
}
