/* Weights packed for inference, and the table of the first layer's in_proj. */
#include "nn/inference_weights.h"

#include "nn/layout.h"
#include "nn/pieces.h"

#include <math.h>
#include <string.h>

/* Maximum bytes of the table; a larger one would not be worth its memory. The memory pages of tokens that do
   not occur are never written. */
enum { TABLE_BYTES_MAX = 64 << 20 };

static void lay_out(tx_pieces *p, const tx_dims *dims, const tx_product *product, tx_inference_weights *w)
{
  const tx_product *heads = tx_product_current(TX_PRECISION_FLOAT32);
  memset(w, 0, sizeof *w);
  w->dims = *dims;
  w->z = tx_sizes_of(dims);
  w->kernels = tx_kernels_current();
  w->product = product;
  w->scan = tx_scan_current();
  w->layers = tx_piece(p, dims->layers, sizeof *w->layers);
  for (size_t i = 0; i < dims->layers; i++) {
    tx_inference_layer unused, *layer = w->layers ? &w->layers[i] : &unused;
    layer->in_proj = tx_piece(p, product->weights_size(w->z.projected, dims->width), 1);
    layer->out_proj = tx_piece(p, product->weights_size(dims->width, w->z.inner), 1);
    layer->fc1 = tx_piece(p, product->weights_size(dims->mlp, dims->width), 1);
    layer->fc2 = tx_piece(p, product->weights_size(dims->width, dims->mlp), 1);
    layer->taps = tx_piece_rows(p, dims->kernel, w->z.channels);
    layer->a = tx_piece_rows(p, w->z.heads, 1);
  }
  for (size_t h = 0; h < dims->head_count; h++)
    w->heads[h] = tx_piece(p, heads->weights_size(dims->heads[h].size, dims->width), 1);
  if (!dims->positions && dims->vocabulary <= TABLE_BYTES_MAX / sizeof(float) / w->z.projected) {
    w->token_states = tx_piece(p, dims->vocabulary, sizeof *w->token_states);
    w->token_rows = tx_piece_rows(p, dims->vocabulary, w->z.projected);
  }
}

size_t tx_inference_weights_size(const tx_dims *dims, tx_precision precision)
{
  tx_pieces p = {NULL, 0, false};
  tx_inference_weights unused;
  tx_piece(&p, 1, sizeof unused);
  lay_out(&p, dims, tx_product_current(precision), &unused);
  return p.overflow ? 0 : p.used;
}

static void pack_layer(tx_inference_weights *w, size_t index)
{
  const float *const *tensors = w->weights + tx_layer_tensor(index, 0);
  const tx_dims *dims = &w->dims;
  tx_inference_layer *layer = &w->layers[index];
  w->product->pack_weights(w->z.projected, dims->width, tensors[IN_PROJ], layer->in_proj);
  w->product->pack_weights(dims->width, w->z.inner, tensors[OUT_PROJ], layer->out_proj);
  w->product->pack_weights(dims->mlp, dims->width, tensors[FC1_WEIGHT], layer->fc1);
  w->product->pack_weights(dims->width, dims->mlp, tensors[FC2_WEIGHT], layer->fc2);
  for (size_t c = 0; c < w->z.channels; c++)
    for (size_t d = 0; d < dims->kernel; d++)
      layer->taps[d * w->z.channels + c] = tensors[CONV_WEIGHT][c * dims->kernel + dims->kernel - 1 - d];
  for (size_t h = 0; h < w->z.heads; h++) layer->a[h] = -(float)exp((double)tensors[A_LOG][h]);
}

tx_inference_weights *tx_inference_weights_init(const tx_dims *dims, const float *const *weights,
                                                tx_precision precision, void *memory)
{
  tx_pieces p = {memory, 0, false};
  tx_inference_weights *w = tx_piece(&p, 1, sizeof *w);
  const tx_product *heads = tx_product_current(TX_PRECISION_FLOAT32);
  lay_out(&p, dims, tx_product_current(precision), w);
  w->weights = weights;
  for (size_t i = 0; i < dims->layers; i++) pack_layer(w, i);
  for (size_t h = 0; h < dims->head_count; h++)
    heads->pack_weights(dims->heads[h].size, dims->width, weights[tx_head_tensor(dims, h)], w->heads[h]);
  for (size_t i = 0; w->token_states && i < dims->vocabulary; i++)
    atomic_init(&w->token_states[i], TX_TOKEN_ABSENT);
  return w;
}

void tx_token_table_put(const tx_inference_weights *weights, int32_t id, const float *row)
{
  unsigned char absent = TX_TOKEN_ABSENT;
  const size_t projected = weights->z.projected;
  if (!atomic_compare_exchange_strong(&weights->token_states[id], &absent, TX_TOKEN_CLAIMED)) return;
  memcpy(weights->token_rows + (size_t)id * projected, row, projected * sizeof *row);
  atomic_store_explicit(&weights->token_states[id], TX_TOKEN_READY, memory_order_release);
}
