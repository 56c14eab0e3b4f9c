#include "infer/work.h"

#include "base/error.h"
#include "base/memory.h"
#include "seq/bases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A probability averaged over offsets may underflow to 0, whose log must stay finite. */
#define SMALLEST_PROBABILITY 1e-300
/* A term of a softmax sum that cannot change it in double precision even if a million classes have it. */
#define NEGLIGIBLE (-60.0)

struct tx_predict_work {
  uint8_t *codes;
  size_t code_capacity;
  int32_t *ids;
  size_t id_capacity;
  uint32_t *starts;          /* (offsets + 1) */
  uint32_t *padding;         /* (offsets) */
  void *memory;              /* of `network` */
  tx_work *network;
  size_t token_capacity;
  double *log_probabilities; /* (classes of all ranks) */
  double *weights;           /* (paths) */
  double *mean;              /* (D) */
  float *spare;              /* (D) embedding of the other strand */
};

/* What one strand of a record gave. */
typedef struct strand_answer {
  tx_prediction_status status;
  tx_lineage lineage; /* if there is a decoder */
} strand_answer;

tx_status tx_predict_work_create(const tx_predictor *predictor, tx_predict_work **ret_work, tx_error *error)
{
  size_t width = predictor->model->dims.width, offsets = predictor->options->offsets;
  tx_predict_work *work = calloc(1, sizeof *work);
  if (!work) return tx_fail_memory(error, "the workspace of a thread");
  work->starts = calloc(offsets + 1, sizeof *work->starts);
  work->padding = calloc(offsets, sizeof *work->padding);
  work->mean = calloc(width, sizeof *work->mean);
  work->spare = calloc(width, sizeof *work->spare);
  if (predictor->decoder) {
    work->log_probabilities = calloc(tx_decoder_classes(predictor->decoder), sizeof *work->log_probabilities);
    work->weights = calloc(tx_decoder_paths(predictor->decoder), sizeof *work->weights);
  }
  if (!work->starts || !work->padding || !work->mean || !work->spare ||
      (predictor->decoder && (!work->log_probabilities || !work->weights))) {
    tx_predict_work_free(work);
    return tx_fail_memory(error, "the workspace of a thread");
  }
  *ret_work = work;
  return TX_OK;
}

void tx_predict_work_free(tx_predict_work *work)
{
  if (!work) return;
  free(work->codes);
  free(work->ids);
  free(work->starts);
  free(work->padding);
  free(work->memory);
  free(work->log_probabilities);
  free(work->weights);
  free(work->mean);
  free(work->spare);
  free(work);
}

static tx_status fail_memory(const tx_record *record, tx_error *error)
{
  return tx_fail_at(error, TX_ERROR_MEMORY, record->file, record->line, record->number,
                    "a sequence of %zu bases is too long for the memory: cut it to the barcode", record->base_count);
}

/* A network workspace for so many tokens; the old one goes first, so that the two never stand side by side. */
static bool reserve_tokens(tx_predict_work *work, const tx_dims *dims, size_t tokens, size_t sequences)
{
  size_t capacity = work->token_capacity, size;
  if (tokens <= capacity) return true;
  capacity = tokens > capacity + capacity / 2 ? tokens : capacity + capacity / 2;
  free(work->memory);
  work->memory = NULL;
  work->token_capacity = 0;
  size = tx_network_work_size(dims, capacity, sequences, false);
  if (size) work->memory = tx_malloc_aligned(size, 1);
  if (!work->memory) return false;
  work->network = tx_network_work_init(dims, capacity, sequences, false, work->memory);
  work->token_capacity = capacity;
  return true;
}

/* Tokenises `count` codes at every offset that gives at least one token besides padding. *ret_sequences: how many do. */
static bool tokenise(const tx_predictor *predictor, tx_predict_work *work, size_t count, size_t *ret_sequences)
{
  const tx_tokenizer *tokenizer = &predictor->model->tokenizer;
  size_t bound = tx_tokenizer_bound(tokenizer, count), offsets = predictor->options->offsets, needed, sequences = 0, used = 0;
  if (!tx_multiply(bound, offsets, &needed) || needed >= UINT32_MAX) return false;
  if (!tx_reserve(&work->ids, &work->id_capacity, needed + 1, sizeof *work->ids)) return false;
  for (size_t offset = 0; offset < offsets; offset++) {
    size_t padding = 0, tokens = tx_tokenizer_encode(tokenizer, work->codes, count, offset, work->ids + used, &padding);
    if (tokens <= padding) continue;
    work->starts[sequences] = (uint32_t)used;
    work->padding[sequences] = (uint32_t)padding;
    used += tokens;
    sequences++;
  }
  work->starts[sequences] = (uint32_t)used;
  *ret_sequences = sequences;
  return true;
}

/* Log of the sum of the exponentials of one head's logits (C); not finite if a logit is not. */
static double log_sum(const float *logits, size_t classes)
{
  double largest = -INFINITY, sum = 0;
  for (size_t i = 0; i < classes; i++) {
    if (!isfinite(logits[i])) return NAN;
    if (logits[i] > largest) largest = logits[i];
  }
  for (size_t i = 0; i < classes; i++) {
    double behind = logits[i] - largest;
    if (behind > NEGLIGIBLE) sum += exp(behind);
  }
  return largest + log(sum);
}

/* Log-probabilities of every rank; those of several offsets are averaged as probabilities. False if not finite. */
static bool read_heads(const tx_predictor *predictor, tx_predict_work *work, size_t sequences)
{
  const tx_dims *dims = &predictor->model->dims;
  for (size_t rank = 0; rank < dims->ranks; rank++) {
    const float *logits = tx_network_logits(work->network, rank);
    double *target = work->log_probabilities + tx_decoder_start(predictor->decoder, rank);
    size_t classes = dims->classes[rank]; /* may be 0: a rank that was asked for and never labelled */
    for (size_t s = 0; s < sequences; s++, logits += classes) {
      double total = classes ? log_sum(logits, classes) : 0;
      if (!isfinite(total)) return false;
      for (size_t i = 0; i < classes; i++) {
        double value = logits[i] - total;
        if (sequences > 1) value = s ? target[i] + exp(value) : exp(value);
        target[i] = value;
      }
    }
    if (sequences > 1)
      for (size_t i = 0; i < classes; i++) target[i] = log(fmax(target[i] / (double)sequences, SMALLEST_PROBABILITY));
  }
  return true;
}

/* The embedding (D), averaged over the offsets. False if not finite. */
static bool read_embedding(const tx_predictor *predictor, tx_predict_work *work, size_t sequences, float *embedding)
{
  const float *rows = tx_network_embedding(work->network);
  size_t width = predictor->model->dims.width;
  double square = 0, scale;
  memset(work->mean, 0, width * sizeof *work->mean);
  for (size_t s = 0; s < sequences; s++)
    for (size_t i = 0; i < width; i++) work->mean[i] += rows[s * width + i];
  for (size_t i = 0; i < width; i++) {
    work->mean[i] /= (double)sequences;
    square += work->mean[i] * work->mean[i];
  }
  if (!isfinite(square)) return false;
  scale = predictor->options->normalise && square > 0 ? 1 / sqrt(square) : 1;
  for (size_t i = 0; i < width; i++) embedding[i] = (float)(work->mean[i] * scale);
  return true;
}

/* Reads the `count` codes of one strand. */
static tx_status read_strand(const tx_predictor *predictor, tx_predict_work *work, const tx_record *record, size_t count,
                             float *embedding, strand_answer *answer, tx_error *error)
{
  const tx_model *model = predictor->model;
  size_t used = tx_bases_trim(work->codes, count, model->tokenizer.max_bases), certain = tx_bases_certain(work->codes, used);
  size_t sequences = 0;
  tx_pack pack;
  answer->status = certain == 0 ? TX_PREDICTION_NO_BASES : TX_PREDICTION_TOO_SHORT;
  if (certain == 0 || certain < predictor->options->min_bases) return TX_OK;
  if (!tokenise(predictor, work, used, &sequences)) return fail_memory(record, error);
  if (sequences == 0) return TX_OK;
  if (!reserve_tokens(work, &model->dims, work->starts[sequences], predictor->options->offsets)) return fail_memory(record, error);
  memset(&pack, 0, sizeof pack);
  pack.sequences = sequences;
  pack.starts = work->starts;
  pack.ids = work->ids;
  pack.padding = work->padding;
  tx_network_forward(&model->dims, model->weights, model->packed, &pack, work->network);
  if ((predictor->decoder && !read_heads(predictor, work, sequences)) ||
      (predictor->options->embed && !read_embedding(predictor, work, sequences, embedding)))
    return tx_fail_at(error, TX_ERROR_NUMERIC, record->file, record->line, record->number,
                      "the model's answer is not finite: its weights are not usable");
  if (predictor->decoder) tx_decode(predictor->decoder, work->log_probabilities, work->weights, &answer->lineage);
  answer->status = TX_PREDICTION_OK;
  return TX_OK;
}

/* Whether the reverse strand is the better one. Without a call on either, the status that says more stands. */
static bool reverse_is_better(const strand_answer *forward, const strand_answer *reverse)
{
  if (forward->status == TX_PREDICTION_OK && reverse->status == TX_PREDICTION_OK) return reverse->lineage.score > forward->lineage.score;
  if (reverse->status == TX_PREDICTION_OK) return true;
  return forward->status == TX_PREDICTION_NO_BASES && reverse->status == TX_PREDICTION_TOO_SHORT;
}

static void fill_prediction(const tx_predictor *predictor, strand_answer *answer, char strand, const float *embedding,
                            tx_prediction *prediction)
{
  const tx_predict_options *options = predictor->options;
  prediction->status = answer->status;
  prediction->strand = '.';
  prediction->embedding = NULL;
  for (size_t rank = 0; rank < TX_RANKS_MAX; rank++) {
    prediction->taxa[rank] = -1;
    prediction->confidence[rank] = 0;
  }
  if (answer->status != TX_PREDICTION_OK) return;
  prediction->strand = strand;
  if (options->embed) prediction->embedding = embedding;
  if (!options->classify) return;
  tx_lineage_cut(&answer->lineage, predictor->model->dims.ranks, options->min_confidence);
  for (size_t rank = 0; rank < predictor->model->dims.ranks; rank++) {
    prediction->taxa[rank] = answer->lineage.taxa[rank];
    prediction->confidence[rank] = answer->lineage.confidence[rank];
  }
}

tx_status tx_predict_record(const tx_predictor *predictor, tx_predict_work *work, const tx_record *record, float *embedding,
                            tx_prediction *ret_prediction, tx_error *error)
{
  const tx_predict_options *options = predictor->options;
  strand_answer forward, reverse;
  char strand = '+';
  size_t count;
  tx_status status;
  if (!tx_reserve(&work->codes, &work->code_capacity, record->base_count + 1, 1)) return fail_memory(record, error);
  count = tx_bases_encode(record->bases, record->base_count, work->codes);
  if (options->strand != TX_STRAND_MINUS) {
    status = read_strand(predictor, work, record, count, embedding, &forward, error);
    if (status != TX_OK) return status;
  }
  if (options->strand != TX_STRAND_PLUS) {
    float *target = options->strand == TX_STRAND_BOTH ? work->spare : embedding;
    tx_bases_reverse_complement(work->codes, count);
    status = read_strand(predictor, work, record, count, target, &reverse, error);
    if (status != TX_OK) return status;
    if (options->strand == TX_STRAND_MINUS || reverse_is_better(&forward, &reverse)) {
      if (target != embedding && options->embed) memcpy(embedding, work->spare, predictor->model->dims.width * sizeof *embedding);
      forward = reverse;
      strand = '-';
    }
  }
  fill_prediction(predictor, &forward, strand, embedding, ret_prediction);
  return TX_OK;
}
