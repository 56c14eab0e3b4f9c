#include "nn/decoder.h"

#include "nn/layout.h"
#include "nn/pieces.h"
#include "tensor/kernels.h"

#include <string.h>

struct tx_decoder {
  tx_dims dims; /* of the decoder's own network */
  void *work_memory, *head_memory;
  tx_work *work;
  tx_token_head *head;
  const tx_kernels *kernels;
  float *rows;            /* (tokens, D) the decoder's input */
  float *hidden_gradient; /* (tokens, D) of the encoder's output */
  /* the visible pack for the encoder */
  int32_t *ids;        /* (tokens) */
  uint32_t *positions; /* (tokens) */
  uint32_t *starts;    /* (B + 1) */
  tx_pack visible;
};

/* With p->memory NULL the pointers are NULL and only the size is computed. */
static void lay_out(tx_pieces *p, const tx_dims *dims, tx_precision precision, size_t tokens,
                    size_t sequences, tx_decoder *decoder)
{
  size_t work_size, head_size;
  memset(decoder, 0, sizeof *decoder);
  decoder->dims = tx_decoder_dims(dims);
  decoder->kernels = tx_kernels_current();
  work_size = tx_network_work_size(&decoder->dims, precision, tokens, sequences);
  head_size = tx_token_head_size(&decoder->dims, precision, tokens);
  if (work_size == 0 || head_size == 0) p->overflow = true;
  decoder->work_memory = tx_piece(p, work_size, 1);
  decoder->head_memory = tx_piece(p, head_size, 1);
  decoder->rows = tx_piece_rows(p, tokens, dims->width);
  decoder->hidden_gradient = tx_piece_rows(p, tokens, dims->width);
  decoder->ids = tx_piece(p, tokens, sizeof *decoder->ids);
  decoder->positions = tx_piece(p, tokens, sizeof *decoder->positions);
  decoder->starts = tx_piece(p, sequences + 1, sizeof *decoder->starts);
}

size_t tx_decoder_size(const tx_dims *dims, tx_precision precision, size_t max_tokens, size_t max_sequences)
{
  tx_pieces p = {NULL, 0, false};
  tx_decoder unused;
  tx_piece(&p, 1, sizeof unused);
  lay_out(&p, dims, precision, max_tokens, max_sequences, &unused);
  return p.overflow ? 0 : p.used;
}

tx_decoder *tx_decoder_init(const tx_dims *dims, tx_precision precision, size_t max_tokens,
                            size_t max_sequences, void *memory)
{
  tx_pieces p = {memory, 0, false};
  tx_decoder *decoder = tx_piece(&p, 1, sizeof *decoder);
  lay_out(&p, dims, precision, max_tokens, max_sequences, decoder);
  decoder->work =
      tx_network_work_init(&decoder->dims, precision, max_tokens, max_sequences, decoder->work_memory);
  decoder->head = tx_token_head_init(&decoder->dims, precision, max_tokens, decoder->head_memory);
  return decoder;
}

float *tx_decoder_gradient(tx_decoder *decoder)
{
  return decoder->hidden_gradient;
}

const tx_pack *tx_decoder_visible(tx_decoder *decoder, const tx_pack *pack, const int32_t *targets)
{
  uint32_t used = 0;
  for (size_t s = 0; s < pack->sequences; s++) {
    decoder->starts[s] = used;
    for (uint32_t t = pack->starts[s]; t < pack->starts[s + 1]; t++) {
      if (targets[t] >= 0) continue;
      decoder->ids[used] = pack->ids[t];
      decoder->positions[used++] = t - pack->starts[s];
    }
  }
  decoder->starts[pack->sequences] = used;
  decoder->visible = (tx_pack){.sequences = pack->sequences,
                               .starts = decoder->starts,
                               .ids = decoder->ids,
                               .positions = decoder->positions,
                               .dropout = pack->dropout,
                               .dropout_seed = pack->dropout_seed};
  return &decoder->visible;
}

/* Runs the network of the decoder on all positions. Its weights begin at `own`; its first tensor is the mask
   embedding. */
static tx_pack run(const float *const *own, const float *hidden, const tx_pack *pack, const int32_t *targets,
                   tx_decoder *decoder)
{
  const size_t width = decoder->dims.width;
  const tx_pack all = {.sequences = pack->sequences, .starts = pack->starts, .rows = decoder->rows};
  float *row = decoder->rows;
  for (size_t t = 0; t < pack->starts[pack->sequences]; t++, row += width) {
    memcpy(row, targets[t] >= 0 ? own[0] : hidden, width * sizeof *row);
    if (targets[t] < 0) hidden += width;
  }
  tx_network_forward(&decoder->dims, own, &all, decoder->work);
  return all;
}

void tx_decoder_forward(const tx_dims *dims, const float *const *weights, const float *hidden,
                        const tx_pack *pack, const int32_t *targets, tx_decoder *decoder, tx_token_sums *sums)
{
  const float *const *own = weights + tx_decoder_tensor(dims);
  run(own, hidden, pack, targets, decoder);
  tx_token_head_forward(&decoder->dims, own, tx_network_hidden(decoder->work), targets,
                        pack->starts[pack->sequences], decoder->head, sums);
}

void tx_decoder_backward(const tx_dims *dims, const float *const *weights, const float *hidden,
                         const tx_pack *pack, const int32_t *targets, tx_decoder *decoder,
                         float *opt_hidden_gradient, float *gradients, tx_token_sums *sums)
{
  const float *const *own = weights + tx_decoder_tensor(dims);
  const size_t width = dims->width, tokens = pack->starts[pack->sequences];
  const tx_pack all = run(own, hidden, pack, targets, decoder);
  const float *input;
  float *output_gradient = tx_token_head_gradient(decoder->head);
  gradients += tx_layout_elements(dims) - tx_layout_elements(&decoder->dims);
  tx_token_head_backward(&decoder->dims, own, tx_network_hidden(decoder->work), targets, tokens,
                         decoder->head, output_gradient, gradients, sums);
  tx_network_backward_hidden(&decoder->dims, own, &all, decoder->work, output_gradient, gradients);
  input = tx_network_input_gradient(decoder->work);
  for (size_t t = 0; t < tokens; t++, input += width) {
    if (targets[t] >= 0) {
      decoder->kernels->add(width, input, gradients);
    } else if (opt_hidden_gradient) {
      memcpy(opt_hidden_gradient, input, width * sizeof *input);
      opt_hidden_gradient += width;
    }
  }
}
