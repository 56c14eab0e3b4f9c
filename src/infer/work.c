#include "infer/work.h"

#include "base/error.h"
#include "base/memory.h"
#include "nn/strands.h"
#include "tensor/multilabel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A probability averaged over offsets may underflow to 0, whose log must stay finite. */
#define SMALLEST_PROBABILITY 1e-300
/* A term of a softmax sum that cannot change it in double precision even if a million classes have it. */
#define NEGLIGIBLE (-60.0)

/* The records of the pack from which an answer is computed: adjacent ones, one per offset. Each is a strand,
   or the strands that the model reads together. */
typedef struct reading {
  tx_strand_answer *answer;
  size_t first, count;
} reading;

struct tx_predict_work {
  reading *readings; /* (most) readings of the pack */
  size_t reading_count;
  size_t most;      /* maximum sequences of a pack */
  size_t sequences; /* sequences in the pack */
  int32_t *ids;
  size_t id_capacity;
  uint32_t *starts;  /* (most + 1) */
  uint32_t *padding; /* (most) */
  void *memory;      /* memory of `network` */
  tx_inference_work *network;
  double *log_probabilities; /* (classes of all ranks) */
  double *weights;           /* (paths) */
  double *mean;              /* (D) */
  double *nodes;             /* (2 * nodes) logits of a reading, sums of its probabilities */
};

tx_status tx_predict_work_create(const tx_classifier *classifier, tx_predict_work **ret_work, tx_error *error)
{
  const tx_model *model = classifier->model;
  const size_t width = tx_classifier_width(classifier),
               most = classifier->options.offsets * tx_dims_strands(&model->dims);
  size_t size;
  tx_predict_work *work = calloc(1, sizeof *work);
  if (!work) return tx_fail_memory(error, "the workspace of a thread");
  work->most = most > TX_PACK_SEQUENCES ? most : TX_PACK_SEQUENCES;
  size = tx_inference_work_size(&model->dims, tx_classifier_precision(classifier), work->most);
  work->memory = size ? tx_malloc_aligned(size, 1) : NULL;
  work->readings = calloc(work->most, sizeof *work->readings);
  work->starts = calloc(work->most + 1, sizeof *work->starts);
  work->padding = calloc(work->most, sizeof *work->padding);
  work->mean = calloc(width + 1, sizeof *work->mean);
  work->nodes = calloc(2 * classifier->nodes + 1, sizeof *work->nodes);
  if (classifier->opt_decoder) {
    work->log_probabilities =
        calloc(tx_lineage_decoder_classes(classifier->opt_decoder), sizeof *work->log_probabilities);
    work->weights = calloc(tx_lineage_decoder_paths(classifier->opt_decoder), sizeof *work->weights);
  }
  if (!work->memory || !work->readings || !work->starts || !work->padding || !work->mean || !work->nodes ||
      (classifier->opt_decoder && (!work->log_probabilities || !work->weights))) {
    tx_predict_work_free(work);
    return tx_fail_memory(error, "the workspace of a thread");
  }
  work->network = tx_inference_work_init(classifier->opt_weights, work->most, work->memory);
  *ret_work = work;
  return TX_OK;
}

void tx_predict_work_free(tx_predict_work *work)
{
  if (!work) return;
  free(work->readings);
  free(work->ids);
  free(work->starts);
  free(work->padding);
  free(work->memory);
  free(work->log_probabilities);
  free(work->weights);
  free(work->mean);
  free(work->nodes);
  free(work);
}

/* ---- the network ---- */

/* Runs the network on the pack. */
static void forward(const tx_classifier *classifier, tx_predict_work *work)
{
  const tx_pack pack = {.sequences = work->sequences,
                        .strands = tx_dims_strands(&classifier->model->dims),
                        .starts = work->starts,
                        .ids = work->ids,
                        .padding = classifier->model->tokenizer.pool_padding ? NULL : work->padding};
  tx_inference_forward(classifier->opt_weights, &pack, work->network);
}

/* Return the rows of the records of the pack from record `first` on. */
static const float *logits_of(const tx_predict_work *work, const tx_dims *dims, size_t rank, size_t first)
{
  return tx_inference_outputs(work->network, rank) + first * dims->heads[rank].size;
}

static const float *embedding_of(const tx_predict_work *work, const tx_classifier *classifier, size_t first)
{
  const tx_dims *dims = &classifier->model->dims;
  const float *rows = classifier->options.shared
                          ? tx_inference_outputs(work->network, tx_dims_shared_head(dims))
                          : tx_inference_embedding(work->network);
  return rows + first * tx_classifier_width(classifier);
}

/* ---- results ---- */

/* Returns the log of the sum of the exponentials of one head's logits (C); not finite if a logit is not. */
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

/* Computes the log-probabilities of every rank; over several offsets the probabilities are averaged. False if
   not finite. */
static bool read_heads(const tx_classifier *classifier, tx_predict_work *work, const reading *own)
{
  const tx_dims *dims = &classifier->model->dims;
  for (size_t rank = 0; rank < tx_dims_ranks(dims); rank++) {
    const float *logits = logits_of(work, dims, rank, own->first);
    double *target = work->log_probabilities + tx_lineage_decoder_start(classifier->opt_decoder, rank);
    size_t classes = dims->heads[rank].size; /* may be 0: a rank that was asked for and never labelled */
    for (size_t s = 0; s < own->count; s++, logits += classes) {
      double total = classes ? log_sum(logits, classes) : 0;
      if (!isfinite(total)) return false;
      for (size_t i = 0; i < classes; i++) {
        double value = logits[i] - total;
        if (own->count > 1) value = s ? target[i] + exp(value) : exp(value);
        target[i] = value;
      }
    }
    if (own->count > 1)
      for (size_t i = 0; i < classes; i++)
        target[i] = log(fmax(target[i] / (double)own->count, SMALLEST_PROBABILITY));
  }
  return true;
}

/* Computes the embedding (D), averaged over the offsets. False if not finite. */
static bool read_embedding(const tx_classifier *classifier, tx_predict_work *work, const reading *own)
{
  const float *rows = embedding_of(work, classifier, own->first);
  size_t width = tx_classifier_width(classifier);
  double square = 0, scale;
  memset(work->mean, 0, width * sizeof *work->mean);
  for (size_t s = 0; s < own->count; s++)
    for (size_t i = 0; i < width; i++) work->mean[i] += rows[s * width + i];
  for (size_t i = 0; i < width; i++) {
    work->mean[i] /= (double)own->count;
    square += work->mean[i] * work->mean[i];
  }
  if (!isfinite(square)) return false;
  scale = classifier->options.normalise && square > 0 ? 1 / sqrt(square) : 1;
  for (size_t i = 0; i < width; i++) own->answer->embedding[i] = (float)(work->mean[i] * scale);
  return true;
}

/* What the log-probabilities say of the outcomes whose taxon the network knows. */
static void hear(const tx_classifier *classifier, const tx_predict_work *work, const tx_hearing *hearing)
{
  for (size_t i = 0; i < hearing->count; i++) {
    tx_outcome *outcome = &hearing->outcomes[i];
    const size_t rank = (size_t)outcome->rank;
    const int32_t class_index =
        outcome->rank < 0 ? -1 : tx_witness_class(hearing->map, rank, outcome->taxon);
    size_t start;
    if (class_index < 0) continue;
    start = tx_lineage_decoder_start(classifier->opt_decoder, (size_t)hearing->map->rank[rank]);
    outcome->heard = true;
    outcome->log_probability = fmax(work->log_probabilities[start + (size_t)class_index], TX_WITNESS_LEAST);
  }
}

/* The logit of the head of the strand, averaged over the offsets; 0 without that head. */
static double read_strand(const tx_classifier *classifier, const tx_predict_work *work, const reading *own)
{
  const tx_dims *dims = &classifier->model->dims;
  const size_t head = tx_dims_strand_head(dims);
  double sum = 0;
  if (head == dims->head_count) return 0;
  for (size_t s = 0; s < own->count; s++) sum += (double)logits_of(work, dims, head, own->first)[s];
  return sum / (double)own->count;
}

/* Computes the probabilities of the taxa of all ranks, of which the record may have several; over several
   offsets they are averaged. False if not finite. */
static bool read_nodes(const tx_classifier *classifier, tx_predict_work *work, const reading *own)
{
  const tx_dims *dims = &classifier->model->dims;
  const size_t nodes = classifier->nodes;
  const float *rows = logits_of(work, dims, tx_dims_multilabel_head(dims), own->first);
  double *logits = work->nodes, *sums = work->nodes + nodes;
  memset(sums, 0, nodes * sizeof *sums);
  for (size_t s = 0; s < own->count; s++, rows += nodes) {
    for (size_t n = 0; n < nodes; n++) {
      logits[n] = (double)rows[n];
      if (!isfinite(logits[n])) return false;
    }
    tx_multilabel_constrain(classifier->opt_parents, nodes, logits);
    for (size_t n = 0; n < nodes; n++) sums[n] += 1 / (1 + exp(-logits[n]));
  }
  for (size_t n = 0; n < nodes; n++) own->answer->opt_nodes[n] = (float)(sums[n] / (double)own->count);
  return true;
}

static void read_answer(const tx_classifier *classifier, tx_predict_work *work, const reading *own)
{
  tx_strand_answer *answer = own->answer;
  answer->way_round = read_strand(classifier, work, own);
  if (!isfinite(answer->way_round) ||
      (classifier->opt_decoder && !read_heads(classifier, work, own)) ||
      (classifier->nodes && !read_nodes(classifier, work, own)) ||
      (classifier->options.embed && !read_embedding(classifier, work, own))) {
    answer->fault = TX_ERROR_NUMERIC;
    return;
  }
  if (answer->opt_hearing) hear(classifier, work, answer->opt_hearing);
  if (classifier->opt_decoder && answer->opt_log_probabilities)
    memcpy(answer->opt_log_probabilities, work->log_probabilities,
           tx_lineage_decoder_classes(classifier->opt_decoder) * sizeof *work->log_probabilities);
  else if (classifier->opt_decoder && !answer->opt_hearing)
    tx_decode(classifier->opt_decoder, work->log_probabilities, work->weights, &answer->lineage);
  answer->status = TX_RECORD_OK;
}

/* ---- the pack ---- */

void tx_predict_work_run(const tx_classifier *classifier, tx_predict_work *work)
{
  if (work->reading_count) {
    forward(classifier, work);
    for (size_t i = 0; i < work->reading_count; i++) read_answer(classifier, work, &work->readings[i]);
  }
  work->reading_count = 0;
  work->sequences = 0;
}

/* Sets the upper bound of the tokens of the strands over all offsets, and the tokenizer's scratch; false on
   overflow. */
static bool most_tokens(const tx_classifier *classifier, const tx_strand_codes *strands, size_t *ret_tokens,
                        size_t *ret_scratch)
{
  const tx_tokenizer *tokenizer = &classifier->model->tokenizer;
  size_t total = 0;
  *ret_scratch = 0;
  for (size_t s = 0; s < tx_dims_strands(&classifier->model->dims); s++) {
    const size_t bound = tx_tokenizer_bound(tokenizer, strands[s].count),
                 scratch = tx_tokenizer_capacity(tokenizer, strands[s].count) - bound;
    if (!tx_add(total, bound, &total)) return false;
    if (scratch > *ret_scratch) *ret_scratch = scratch;
  }
  return tx_multiply(total, classifier->options.offsets, ret_tokens) && *ret_tokens <= INT32_MAX;
}

/* Appends the strands at one offset to the pack; false, with nothing appended, if one of them has no token
   there. */
static bool add_record(const tx_classifier *classifier, tx_predict_work *work, const tx_strand_codes *strands,
                       size_t offset)
{
  const size_t count = tx_dims_strands(&classifier->model->dims);
  size_t used = work->starts[work->sequences];
  for (size_t s = 0; s < count; s++) {
    size_t padding = 0;
    const size_t tokens = tx_tokenizer_encode(&classifier->model->tokenizer, strands[s].codes,
                                              strands[s].count, offset, work->ids + used, &padding);
    if (tokens <= padding) return false; /* nothing of the barcode at this offset */
    used += tokens;
    work->padding[work->sequences + s] = (uint32_t)padding;
    work->starts[work->sequences + s + 1] = (uint32_t)used;
  }
  work->sequences += count;
  return true;
}

void tx_predict_work_add(const tx_classifier *classifier, tx_predict_work *work,
                         const tx_strand_codes *strands, tx_strand_answer *answer)
{
  const size_t offsets = classifier->options.offsets, together = tx_dims_strands(&classifier->model->dims);
  size_t needed, scratch;
  reading own;
  answer->status = TX_RECORD_TOO_SHORT; /* unless there is a token */
  answer->fault = TX_ERROR_MEMORY;
  if (!most_tokens(classifier, strands, &needed, &scratch)) return;
  if (work->reading_count && (work->sequences + offsets * together > work->most ||
                              work->starts[work->sequences] + needed > TX_PACK_TOKENS))
    tx_predict_work_run(classifier, work);
  if (!tx_reserve(&work->ids, &work->id_capacity, work->starts[work->sequences] + needed + scratch + 1,
                  sizeof *work->ids))
    return;
  answer->fault = TX_OK;
  own = (reading){answer, work->sequences / together, 0};
  for (size_t offset = 0; offset < offsets; offset++)
    own.count += add_record(classifier, work, strands, offset);
  if (own.count) work->readings[work->reading_count++] = own;
}
