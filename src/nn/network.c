#include "nn/layout.h"
#include "nn/pieces.h"
#include "nn/sizes.h"
#include "nn/strands.h"
#include "tensor/kernels.h"
#include "tensor/products.h"

#include <string.h>

/* The activations of a layer for its backward pass. Rows are tokens. */
typedef struct layer_state {
  float *residual_in;   /* (T, D) what LN1 reads */
  float *statistics1;   /* (T, 2) */
  float *normed1;       /* (T, D) */
  /* (T, inner + channels + heads): z, x B C before the convolution, dt before the softplus */
  float *projected;
  float *xbc;           /* (T, channels) */
  float *dt;            /* (T, heads) */
  float *states;        /* tx_ssd_states */
  float *ssd;           /* (T, inner) */
  float *gated;         /* (T, inner) */
  float *gate_scale;    /* (T) */
  float *residual_mid;  /* (T, D) what LN2 reads */
  float *statistics2;   /* (T, 2) */
  float *normed2;       /* (T, D) */
  float *fc1;           /* (T, F) before bias and GELU */
  float *activated;     /* (T, F) */
} layer_state;

struct tx_work {
  tx_dims dims;
  const tx_kernels *kernels;
  const tx_product *product;   /* of the linear layers */
  const tx_product *exact;     /* float32: of the heads */
  size_t max_tokens, max_sequences;
  layer_state *layers;         /* (layers) */
  float *branch;               /* (T, D) output of a mixer or an MLP */
  float *residual_last;        /* (T, D) what the last LN reads */
  float *statistics_last;      /* (T, 2) */
  float *hidden;               /* (T, D) */
  float *embedding;            /* (B, D) */
  float *outputs[TX_HEADS_MAX]; /* (B, size of the head) */
  float *scratch;              /* of ssd, which holds that of gemm */
  float *gemm_scratch;
  /* gradients of activations, one set for all layers */
  float *residual_gradient;    /* (T, D) */
  float *narrow_gradient;      /* (T, D) */
  float *wide_gradient;        /* (T, F) or (T, inner), whichever is wider */
  float *inner_gradient;       /* (T, inner) */
  float *projected_gradient;   /* (T, projected) */
  float *xbc_gradient;         /* (T, channels) */
  float *dt_gradient;          /* (T, heads) */
  float *embedding_gradient;   /* (B, D) */
  int32_t *position_rows;      /* (T) of the position embeddings, for each token */
  tx_network_probe probe;
  void *probe_context;
};

static void lay_out_layer(tx_pieces *p, const tx_dims *dims, const tx_sizes *z, size_t tokens,
                          layer_state *layer)
{
  layer->residual_in = tx_piece_rows(p, tokens, dims->width);
  layer->normed1 = tx_piece_rows(p, tokens, dims->width);
  layer->projected = tx_piece_rows(p, tokens, z->projected);
  layer->xbc = tx_piece_rows(p, tokens, z->channels);
  layer->dt = tx_piece_rows(p, tokens, z->heads);
  layer->ssd = tx_piece_rows(p, tokens, z->inner);
  layer->gated = tx_piece_rows(p, tokens, z->inner);
  layer->fc1 = tx_piece_rows(p, tokens, dims->mlp);
  layer->activated = tx_piece_rows(p, tokens, dims->mlp);
  layer->residual_mid = tx_piece_rows(p, tokens, dims->width);
  layer->normed2 = tx_piece_rows(p, tokens, dims->width);
  layer->states = tx_piece_rows(p, tx_ssd_states(&z->ssd, tokens), 1);
  layer->statistics1 = tx_piece_rows(p, tokens, 2);
  layer->statistics2 = tx_piece_rows(p, tokens, 2);
  layer->gate_scale = tx_piece_rows(p, tokens, 1);
}

static void lay_out_gradients(tx_pieces *p, const tx_dims *dims, const tx_sizes *z, size_t tokens,
                              size_t sequences, tx_work *work)
{
  work->residual_gradient = tx_piece_rows(p, tokens, dims->width);
  work->narrow_gradient = tx_piece_rows(p, tokens, dims->width);
  work->wide_gradient = tx_piece_rows(p, tokens, dims->mlp > z->inner ? dims->mlp : z->inner);
  work->inner_gradient = tx_piece_rows(p, tokens, z->inner);
  work->projected_gradient = tx_piece_rows(p, tokens, z->projected);
  work->xbc_gradient = tx_piece_rows(p, tokens, z->channels);
  work->dt_gradient = tx_piece_rows(p, tokens, z->heads);
  work->embedding_gradient = tx_piece_rows(p, sequences, dims->width);
}

/* Fills `work` with parts of `p`; with p->memory NULL the pointers are NULL and only the size is computed. */
static void lay_out(tx_pieces *p, const tx_dims *dims, tx_precision precision, size_t tokens,
                    size_t sequences, tx_work *work)
{
  const tx_sizes z = tx_sizes_of(dims);
  const tx_kernels *kernels = tx_kernels_current();
  layer_state *layers;
  size_t scratch;
  memset(work, 0, sizeof *work);
  work->dims = *dims;
  work->kernels = kernels;
  work->product = tx_product_current(precision);
  work->exact = tx_product_current(TX_PRECISION_FLOAT32);
  work->max_tokens = tokens;
  work->max_sequences = sequences;
  layers = tx_piece(p, dims->layers, sizeof *layers);
  work->layers = layers;
  for (size_t i = 0; i < dims->layers; i++) {
    layer_state unused;
    lay_out_layer(p, dims, &z, tokens, layers ? &layers[i] : &unused);
  }
  work->branch = tx_piece_rows(p, tokens, dims->width);
  work->residual_last = tx_piece_rows(p, tokens, dims->width);
  work->statistics_last = tx_piece_rows(p, tokens, 2);
  work->hidden = tx_piece_rows(p, tokens, dims->width);
  work->embedding = tx_piece_rows(p, sequences, dims->width);
  for (size_t h = 0; h < dims->head_count; h++)
    work->outputs[h] = tx_piece_rows(p, sequences, dims->heads[h].size);
  lay_out_gradients(p, dims, &z, tokens, sequences, work);
  work->scratch = tx_piece_rows(p, tx_ssd_scratch(&z.ssd, *work->exact->gemm_scratch), 1);
  scratch = *work->exact->gemm_scratch > *work->product->gemm_scratch ? *work->exact->gemm_scratch
                                                                      : *work->product->gemm_scratch;
  work->gemm_scratch = tx_piece_rows(p, scratch, 1);
  work->position_rows = tx_piece(p, dims->positions ? tokens : 0, sizeof *work->position_rows);
}

size_t tx_network_work_size(const tx_dims *dims, tx_precision precision, size_t max_tokens,
                            size_t max_sequences)
{
  tx_pieces p = {NULL, 0, false};
  tx_work unused;
  tx_piece(&p, 1, sizeof unused);
  lay_out(&p, dims, precision, max_tokens, max_sequences, &unused);
  return p.overflow ? 0 : p.used;
}

tx_work *tx_network_work_init(const tx_dims *dims, tx_precision precision, size_t max_tokens,
                              size_t max_sequences, void *memory)
{
  tx_pieces p = {memory, 0, false};
  tx_work *work = tx_piece(&p, 1, sizeof *work);
  lay_out(&p, dims, precision, max_tokens, max_sequences, work);
  return work;
}

void tx_network_set_probe(tx_work *work, tx_network_probe probe, void *context)
{
  work->probe = probe;
  work->probe_context = context;
}

static void probe(const tx_work *work, size_t layer, const char *name, const float *values, size_t rows,
                  size_t columns)
{
  if (work->probe) work->probe(work->probe_context, layer, name, values, rows, columns);
}

/* W of a linear layer is (n, k). */
static void linear_shape(const tx_dims *dims, int tensor, size_t *ret_n, size_t *ret_k)
{
  const tx_sizes z = tx_sizes_of(dims);
  *ret_n = tensor == IN_PROJ ? z.projected : tensor == FC1_WEIGHT ? dims->mlp : dims->width;
  *ret_k = tensor == OUT_PROJ ? z.inner : tensor == FC2_WEIGHT ? dims->mlp : dims->width;
}

/* The arguments common to the functions of forward and backward. */
typedef struct network {
  const tx_dims *dims;
  tx_sizes z;
  const float *const *weights;
  const tx_pack *pack;
  tx_work *work;
  size_t tokens;
} network;

/* y (T, n) = x (T, k) W^T for tensor `tensor` of a layer. */
static void linear(const network *net, size_t layer, int tensor, const float *x, float *y)
{
  const float *weight = net->weights[tx_layer_tensor(layer, (size_t)tensor)];
  size_t n, k;
  linear_shape(net->dims, tensor, &n, &k);
  net->work->product->gemm(false, true, net->tokens, n, k, x, k, weight, k, false, y, n,
                           net->work->gemm_scratch);
}

/* weight_gradient (n, k) += y_gradient^T (n, T) x (T, k), and x_gradient (T, k) = y_gradient W. */
static void linear_backward(const network *net, size_t layer, int tensor, const float *x,
                            const float *y_gradient, float *x_gradient, float *weight_gradient)
{
  const tx_product *product = net->work->product;
  const float *weight = net->weights[tx_layer_tensor(layer, (size_t)tensor)];
  size_t n, k;
  linear_shape(net->dims, tensor, &n, &k);
  product->gemm(true, false, n, k, net->tokens, y_gradient, n, x, k, true, weight_gradient, k,
                net->work->gemm_scratch);
  product->gemm(false, false, net->tokens, k, n, y_gradient, n, weight, k, false, x_gradient, k,
                net->work->gemm_scratch);
}

/* Sets the row of the position embeddings for every token. */
static void place_rows(const network *net)
{
  const tx_pack *pack = net->pack;
  const size_t last = net->dims->positions - 1;
  for (size_t s = 0; s < pack->sequences; s++)
    for (size_t t = pack->starts[s]; t < pack->starts[s + 1]; t++) {
      const size_t place = pack->positions ? pack->positions[t] : t - pack->starts[s];
      net->work->position_rows[t] = (int32_t)(place < last ? place : last);
    }
}

/* Adds position embeddings to the token embeddings or to the given vectors. The
   dropout mask of both is the same, so that it applies to the sum. */
static void embed(const network *net, float *out)
{
  const tx_dims *dims = net->dims;
  const tx_pack *pack = net->pack;
  tx_work *work = net->work;
  const size_t values = net->tokens * dims->width;
  if (pack->rows)
    memcpy(out, pack->rows, values * sizeof *out);
  else
    work->kernels->embed(net->tokens, dims->width, net->weights[0], pack->ids, pack->dropout,
                         pack->dropout_seed, out);
  if (!dims->positions) return;
  place_rows(net);
  work->kernels->embed(net->tokens, dims->width, net->weights[tx_position_tensor(dims)], work->position_rows,
                       pack->rows ? 0 : pack->dropout, pack->dropout_seed, work->branch);
  work->kernels->add(values, work->branch, out);
}

static void forward_layer(const network *net, size_t layer)
{
  const tx_dims *dims = net->dims;
  const tx_pack *pack = net->pack;
  tx_work *work = net->work;
  layer_state *state = &work->layers[layer];
  const tx_kernels *kernels = work->kernels;
  const size_t tokens = net->tokens, width = dims->width, inner = net->z.inner;
  const float *const *weights = net->weights + tx_layer_tensor(layer, 0);

  /* Mixer. residual_in holds r on entry. */
  kernels->layer_norm(tokens, width, state->residual_in, weights[NORM1_WEIGHT], weights[NORM1_BIAS],
                      state->normed1, state->statistics1);
  linear(net, layer, IN_PROJ, state->normed1, state->projected);
  kernels->conv_silu(pack->sequences, pack->starts, net->z.channels, dims->kernel, state->projected + inner,
                     net->z.projected, weights[CONV_WEIGHT], weights[CONV_BIAS], state->xbc);
  kernels->softplus(tokens, net->z.heads, state->projected + inner + net->z.channels, net->z.projected,
                    weights[DT_BIAS], state->dt);
  kernels->ssd(&net->z.ssd, pack->sequences, pack->starts, state->xbc, state->dt, weights[A_LOG],
               weights[SKIP], state->ssd, state->states, work->scratch);
  kernels->gated_norm(tokens, inner, state->ssd, state->projected, net->z.projected, weights[NORM_WEIGHT],
                      state->gated, state->gate_scale);
  linear(net, layer, OUT_PROJ, state->gated, work->branch);
  probe(work, layer, "dt", state->dt, tokens, net->z.heads);
  probe(work, layer, "xBC", state->xbc, tokens, net->z.channels);
  probe(work, layer, "ssd", state->ssd, tokens, inner);
  probe(work, layer, "gated", state->gated, tokens, inner);
  probe(work, layer, "mixer", work->branch, tokens, width);
  memcpy(state->residual_mid, state->residual_in, tokens * width * sizeof(float));
  kernels->add(tokens * width, work->branch, state->residual_mid);

  /* MLP. Its output is left in work->branch, to be added to residual_mid by what follows. */
  kernels->layer_norm(tokens, width, state->residual_mid, weights[NORM2_WEIGHT], weights[NORM2_BIAS],
                      state->normed2, state->statistics2);
  linear(net, layer, FC1_WEIGHT, state->normed2, state->fc1);
  kernels->bias_gelu(tokens, dims->mlp, state->fc1, weights[FC1_BIAS], state->activated);
  linear(net, layer, FC2_WEIGHT, state->activated, work->branch);
  kernels->add_bias(tokens, width, weights[FC2_BIAS], work->branch);
  probe(work, layer, "mlp", work->branch, tokens, width);
  probe(work, layer, "resid", state->residual_mid, tokens, width);
}

/* Mean of the hidden rows over the tokens that are not padding, then over the strands. */
static void pool(const network *net)
{
  const size_t width = net->dims->width;
  const tx_pack *pack = net->pack;
  for (size_t s = 0; s < pack->sequences; s++) {
    const size_t first = pack->starts[s] + (pack->padding ? pack->padding[s] : 0),
                 rows = pack->starts[s + 1] - first;
    float *embedding = net->work->embedding + s * width;
    memset(embedding, 0, width * sizeof *embedding);
    net->work->kernels->add_column_sums(rows, width, net->work->hidden + first * width, embedding);
    for (size_t j = 0; j < width; j++) embedding[j] /= (float)rows;
  }
  tx_strands_join(pack, width, net->work->embedding);
}

static void heads(const network *net)
{
  const tx_kernels *kernels = net->work->kernels;
  const size_t width = net->dims->width, records = tx_pack_records(net->pack);
  for (size_t h = 0; h < net->dims->head_count; h++) {
    const size_t size = net->dims->heads[h].size;
    const float *weight = net->weights[tx_head_tensor(net->dims, h)],
                *bias = net->weights[tx_head_tensor(net->dims, h) + 1];
    net->work->exact->gemm(false, true, records, size, width, net->work->embedding, width, weight, width,
                           false, net->work->outputs[h], size, net->work->gemm_scratch);
    kernels->add_bias(records, size, bias, net->work->outputs[h]);
  }
}

void tx_network_forward(const tx_dims *dims, const float *const *weights, const tx_pack *pack, tx_work *work)
{
  const network net = {dims, tx_sizes_of(dims), weights, pack, work, pack->starts[pack->sequences]};
  const size_t values = net.tokens * dims->width;
  const float *last_weight = weights[tx_last_norm_tensor(dims)],
              *last_bias = weights[tx_last_norm_tensor(dims) + 1];
  embed(&net, work->layers[0].residual_in);
  for (size_t layer = 0; layer < dims->layers; layer++) {
    float *next = layer + 1 < dims->layers ? work->layers[layer + 1].residual_in : work->residual_last;
    forward_layer(&net, layer);
    memcpy(next, work->layers[layer].residual_mid, values * sizeof(float));
    work->kernels->add(values, work->branch, next);
  }
  work->kernels->layer_norm(net.tokens, dims->width, work->residual_last, last_weight, last_bias,
                            work->hidden, work->statistics_last);
  pool(&net);
  heads(&net);
}

const float *tx_network_hidden(const tx_work *work)
{
  return work->hidden;
}

const float *tx_network_embedding(const tx_work *work)
{
  return work->embedding;
}

float *tx_network_outputs(tx_work *work, size_t head)
{
  return work->outputs[head];
}

/* Returns where the gradient of a tensor begins in the flat buffer. */
static float *gradient_of(const tx_dims *dims, float *gradients, size_t tensor)
{
  tx_tensor_info info;
  tx_layout_tensor(dims, tensor, &info);
  return gradients + info.offset;
}

/* Computes the gradients of the heads and of the embedding (B, D). */
static void heads_backward(const network *net, const float *embedding_gradient, float *gradients)
{
  tx_work *work = net->work;
  const tx_kernels *kernels = work->kernels;
  const size_t width = net->dims->width, records = tx_pack_records(net->pack);
  if (embedding_gradient)
    memcpy(work->embedding_gradient, embedding_gradient, records * width * sizeof(float));
  else
    memset(work->embedding_gradient, 0, records * width * sizeof(float));
  for (size_t h = 0; h < net->dims->head_count; h++) {
    const size_t size = net->dims->heads[h].size, tensor = tx_head_tensor(net->dims, h);
    const float *outputs_gradient = work->outputs[h];
    work->exact->gemm(true, false, size, width, records, outputs_gradient, size, work->embedding, width, true,
                      gradient_of(net->dims, gradients, tensor), width, work->gemm_scratch);
    kernels->add_column_sums(records, size, outputs_gradient, gradient_of(net->dims, gradients, tensor + 1));
    work->exact->gemm(false, false, records, width, size, outputs_gradient, size, net->weights[tensor], width,
                      true, work->embedding_gradient, width, work->gemm_scratch);
  }
}

/* Distributes the gradient of the embedding over the tokens of which it is the mean, on every strand. */
static void pool_backward(const network *net, float *hidden_gradient)
{
  const size_t width = net->dims->width, strands = tx_pack_strands(net->pack);
  const tx_pack *pack = net->pack;
  memset(hidden_gradient, 0, net->tokens * width * sizeof(float));
  for (size_t s = 0; s < pack->sequences; s++) {
    const size_t first = pack->starts[s] + (pack->padding ? pack->padding[s] : 0),
                 rows = pack->starts[s + 1] - first;
    const float *gradient = net->work->embedding_gradient + s / strands * width;
    for (size_t t = first; t < first + rows; t++)
      for (size_t j = 0; j < width; j++)
        hidden_gradient[t * width + j] = gradient[j] / (float)(strands * rows);
  }
}

/* Backward pass of a layer. On entry residual_gradient is the gradient after the layer, which is also that of
   the output of its MLP; on return it is the gradient before the layer. */
static void layer_backward(const network *net, size_t layer, float *gradients)
{
  const tx_dims *dims = net->dims;
  const tx_pack *pack = net->pack;
  tx_work *work = net->work;
  const layer_state *state = &work->layers[layer];
  const tx_kernels *kernels = work->kernels;
  const tx_sizes *z = &net->z;
  const size_t tokens = net->tokens, width = dims->width;
  const float *const *weights = net->weights + tx_layer_tensor(layer, 0);
  float *gradient[LAYER_TENSORS];
  for (size_t i = 0; i < LAYER_TENSORS; i++)
    gradient[i] = gradient_of(dims, gradients, tx_layer_tensor(layer, i));

  kernels->add_column_sums(tokens, width, work->residual_gradient, gradient[FC2_BIAS]);
  linear_backward(net, layer, FC2_WEIGHT, state->activated, work->residual_gradient, work->wide_gradient,
                  gradient[FC2_WEIGHT]);
  kernels->bias_gelu_backward(tokens, dims->mlp, state->fc1, weights[FC1_BIAS], work->wide_gradient,
                              gradient[FC1_BIAS]);
  linear_backward(net, layer, FC1_WEIGHT, state->normed2, work->wide_gradient, work->narrow_gradient,
                  gradient[FC1_WEIGHT]);
  kernels->layer_norm_backward(tokens, width, state->residual_mid, weights[NORM2_WEIGHT], state->statistics2,
                               work->narrow_gradient, work->residual_gradient, gradient[NORM2_WEIGHT],
                               gradient[NORM2_BIAS]);

  linear_backward(net, layer, OUT_PROJ, state->gated, work->residual_gradient, work->wide_gradient,
                  gradient[OUT_PROJ]);
  kernels->gated_norm_backward(tokens, z->inner, state->ssd, state->projected, z->projected,
                               weights[NORM_WEIGHT], state->gate_scale, work->wide_gradient,
                               work->inner_gradient, work->projected_gradient, z->projected,
                               gradient[NORM_WEIGHT]);
  kernels->ssd_backward(&z->ssd, pack->sequences, pack->starts, state->xbc, state->dt, weights[A_LOG],
                        weights[SKIP], state->states, work->inner_gradient, work->xbc_gradient,
                        work->dt_gradient, gradient[A_LOG], gradient[SKIP], work->scratch);
  kernels->conv_silu_backward(pack->sequences, pack->starts, z->channels, dims->kernel,
                              state->projected + z->inner, z->projected, weights[CONV_WEIGHT],
                              weights[CONV_BIAS], work->xbc_gradient, work->projected_gradient + z->inner,
                              z->projected, gradient[CONV_WEIGHT], gradient[CONV_BIAS]);
  kernels->softplus_backward(
      tokens, z->heads, state->projected + z->inner + z->channels, z->projected, weights[DT_BIAS],
      work->dt_gradient, work->projected_gradient + z->inner + z->channels, z->projected, gradient[DT_BIAS]);
  linear_backward(net, layer, IN_PROJ, state->normed1, work->projected_gradient, work->narrow_gradient,
                  gradient[IN_PROJ]);
  kernels->layer_norm_backward(tokens, width, state->residual_in, weights[NORM1_WEIGHT], state->statistics1,
                               work->narrow_gradient, work->residual_gradient, gradient[NORM1_WEIGHT],
                               gradient[NORM1_BIAS]);
}

/* Computes the gradients of the token and position embeddings. residual_gradient is unchanged: it is the
   gradient of the input vectors. */
static void embed_backward(const network *net, float *gradients)
{
  const tx_dims *dims = net->dims;
  const tx_pack *pack = net->pack;
  const tx_work *work = net->work;
  if (!pack->rows)
    work->kernels->embed_backward(net->tokens, dims->width, work->residual_gradient, pack->ids, pack->dropout,
                                  pack->dropout_seed, gradients);
  if (dims->positions)
    work->kernels->embed_backward(net->tokens, dims->width, work->residual_gradient, work->position_rows,
                                  pack->rows ? 0 : pack->dropout, pack->dropout_seed,
                                  gradient_of(dims, gradients, tx_position_tensor(dims)));
}

/* Backward pass from the gradient of the hidden states (tokens, D) to the token embeddings. */
static void encoder_backward(const network *net, const float *hidden_gradient, float *gradients)
{
  const tx_dims *dims = net->dims;
  tx_work *work = net->work;
  const size_t last = tx_last_norm_tensor(dims);
  memset(work->residual_gradient, 0, net->tokens * dims->width * sizeof(float));
  work->kernels->layer_norm_backward(net->tokens, dims->width, work->residual_last, net->weights[last],
                                     work->statistics_last, hidden_gradient, work->residual_gradient,
                                     gradient_of(dims, gradients, last),
                                     gradient_of(dims, gradients, last + 1));
  for (size_t layer = dims->layers; layer-- > 0;) layer_backward(net, layer, gradients);
  embed_backward(net, gradients);
}

const float *tx_network_input_gradient(const tx_work *work)
{
  return work->residual_gradient;
}

void tx_network_backward(const tx_dims *dims, const float *const *weights, const tx_pack *pack, tx_work *work,
                         const float *embedding_gradient, float *gradients)
{
  const network net = {dims, tx_sizes_of(dims), weights, pack, work, pack->starts[pack->sequences]};
  heads_backward(&net, embedding_gradient, gradients);
  pool_backward(&net, work->narrow_gradient);
  encoder_backward(&net, work->narrow_gradient, gradients);
}

void tx_network_backward_hidden(const tx_dims *dims, const float *const *weights, const tx_pack *pack,
                                tx_work *work, const float *hidden_gradient, float *gradients)
{
  const network net = {dims, tx_sizes_of(dims), weights, pack, work, pack->starts[pack->sequences]};
  encoder_backward(&net, hidden_gradient, gradients);
}

void tx_network_backward_heads(const tx_dims *dims, const float *const *weights, const tx_pack *pack,
                               tx_work *work, float *gradients)
{
  const network net = {dims, tx_sizes_of(dims), weights, pack, work, pack->starts[pack->sequences]};
  heads_backward(&net, NULL, gradients);
}
