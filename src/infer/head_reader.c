#include <taxamba/head_reader.h>

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "infer/work.h"
#include "nn/strands.h"
#include "seq/bases.h"

struct tx_head_reader {
  tx_classifier *classifier;
  tx_predict_work *work;
  double *numbers; /* (classes of all ranks) */
  const double *ranks[TX_RANKS_MAX];
  uint8_t *codes[2];
  size_t capacity[2];
};

tx_status tx_head_reader_create(const tx_model *model, const tx_predict_options *options,
                                tx_head_reader **ret_reader, tx_error *error)
{
  tx_predict_options own = *options;
  tx_head_reader *reader;
  tx_status status;
  *ret_reader = NULL;
  if (tx_dims_ranks(&model->dims) == 0)
    return tx_fail(error, TX_ERROR_USAGE, "the model has no heads of taxa: it was only pretrained");
  reader = calloc(1, sizeof *reader);
  if (!reader) return tx_fail_memory(error, "the network");
  own.references = NULL;
  own.witness = TX_WITNESS_NEVER;
  own.prior = NULL;
  own.error_rate = 0;
  own.classify = true;
  own.embed = own.details = false;
  own.cache_bytes = 0;
  own.strand = TX_STRAND_PLUS;
  status = tx_classifier_create(model, &own, &reader->classifier, error);
  if (status == TX_OK) status = tx_predict_work_create(reader->classifier, &reader->work, error);
  if (status == TX_OK) {
    const tx_lineage_decoder *decoder = reader->classifier->opt_decoder;
    reader->numbers = calloc(tx_lineage_decoder_classes(decoder) + 1, sizeof *reader->numbers);
    if (!reader->numbers) status = tx_fail_memory(error, "the network");
    for (size_t r = 0; status == TX_OK && r < tx_dims_ranks(&model->dims); r++)
      reader->ranks[r] = reader->numbers + tx_lineage_decoder_start(decoder, r);
  }
  if (status == TX_OK)
    *ret_reader = reader;
  else
    tx_head_reader_free(reader);
  return status;
}

void tx_head_reader_free(tx_head_reader *reader)
{
  if (!reader) return;
  tx_predict_work_free(reader->work);
  tx_classifier_free(reader->classifier);
  free(reader->numbers);
  for (size_t s = 0; s < 2; s++) free(reader->codes[s]);
  free(reader);
}

/* Encodes a strand; *ret_count 0: it cannot be read. False without memory. */
static bool encode(tx_head_reader *reader, const char *sequence, size_t length, bool minus,
                   tx_strand_codes *ret_codes)
{
  const size_t most = reader->classifier->model->tokenizer.max_bases,
               capacity = most && most < length ? most : length;
  uint8_t **codes = &reader->codes[minus];
  size_t count;
  if (!tx_reserve(codes, &reader->capacity[minus], capacity + 1, 1)) return false;
  if (minus) {
    count = tx_bases_encode_last(sequence, length, most, *codes);
    tx_bases_reverse_complement(*codes, count);
  } else {
    count = tx_bases_encode_first(sequence, length, most, *codes);
  }
  count = tx_bases_trim(*codes, count, most);
  if (tx_bases_certain(*codes, count) < reader->classifier->options.min_bases) count = 0;
  *ret_codes = (tx_strand_codes){*codes, count};
  return true;
}

tx_status tx_head_reader_read(tx_head_reader *reader, const char *sequence, size_t length, int minus,
                              const double *const **ret_probabilities, tx_error *error)
{
  const tx_classifier *classifier = reader->classifier;
  const size_t together = tx_dims_strands(&classifier->model->dims),
               classes = tx_lineage_decoder_classes(classifier->opt_decoder);
  tx_strand_codes strands[2];
  tx_strand_answer answer = {.opt_log_probabilities = reader->numbers};
  *ret_probabilities = NULL;
  for (size_t s = 0; s < together; s++) {
    if (!encode(reader, sequence, length, together > 1 ? s == 1 : minus != 0, &strands[s]))
      return tx_fail_memory(error, "a sequence");
    if (!strands[s].count) return TX_OK;
  }
  tx_predict_work_add(classifier, reader->work, strands, &answer);
  tx_predict_work_run(classifier, reader->work);
  if (answer.fault == TX_ERROR_NUMERIC)
    return tx_fail(error, answer.fault, "the model's answer is not finite: its weights are not usable");
  if (answer.fault != TX_OK) return tx_fail_memory(error, "a sequence");
  if (answer.status != TX_RECORD_OK) return TX_OK;
  for (size_t i = 0; i < classes; i++) reader->numbers[i] = exp(reader->numbers[i]);
  *ret_probabilities = reader->ranks;
  return TX_OK;
}
