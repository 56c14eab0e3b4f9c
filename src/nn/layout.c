/* The parameter table of the network: names, shapes and order of the tensors, and their initial values. */
#include "nn/layout.h"

#include "base/random.h"
#include "nn/dims.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Distinguishes the random streams of the initialisation from those of epochs and records. */
static const uint64_t initialisation_stream = UINT64_C(0x696e697469616c21);

/* No weight decay on A_log, D, dt_bias, norms and biases (docs/numerics.md). */
static const struct {
  const char *name;
  tx_tensor_init init;
  bool decay;
} block[LAYER_TENSORS] = {
    [NORM1_WEIGHT] = {"norm1.weight", TX_INIT_ONE, false},
    [NORM1_BIAS] = {"norm1.bias", TX_INIT_ZERO, false},
    [IN_PROJ] = {"mixer.in_proj.weight", TX_INIT_NORMAL, true},
    [CONV_WEIGHT] = {"mixer.conv1d.weight", TX_INIT_CONV, true},
    [CONV_BIAS] = {"mixer.conv1d.bias", TX_INIT_CONV, false},
    [DT_BIAS] = {"mixer.dt_bias", TX_INIT_DT_BIAS, false},
    [A_LOG] = {"mixer.A_log", TX_INIT_A_LOG, false},
    [SKIP] = {"mixer.D", TX_INIT_ONE, false},
    [NORM_WEIGHT] = {"mixer.norm_weight", TX_INIT_ONE, false},
    [OUT_PROJ] = {"mixer.out_proj.weight", TX_INIT_NORMAL_RESIDUAL, true},
    [NORM2_WEIGHT] = {"norm2.weight", TX_INIT_ONE, false},
    [NORM2_BIAS] = {"norm2.bias", TX_INIT_ZERO, false},
    [FC1_WEIGHT] = {"fc1.weight", TX_INIT_NORMAL, true},
    [FC1_BIAS] = {"fc1.bias", TX_INIT_ZERO, false},
    [FC2_WEIGHT] = {"fc2.weight", TX_INIT_NORMAL_RESIDUAL, true},
    [FC2_BIAS] = {"fc2.bias", TX_INIT_ZERO, false},
};

static size_t shape_count(const size_t *shape, size_t dimensions)
{
  size_t count = 1;
  for (size_t i = 0; i < dimensions; i++) count *= shape[i];
  return count;
}

/* Fills shape[3] of a slot of a layer and returns the number of dimensions. */
static size_t block_shape(const tx_dims *dims, size_t slot, size_t *shape)
{
  const size_t inner = dims->expand * dims->width;
  const size_t heads = inner / dims->head_width;
  const size_t channels = inner + 2 * dims->state;

  switch (slot) {
  case IN_PROJ:
    shape[0] = inner + channels + heads;
    shape[1] = dims->width;
    return 2;
  case CONV_WEIGHT:
    shape[0] = channels;
    shape[1] = 1;
    shape[2] = dims->kernel;
    return 3;
  case CONV_BIAS:
    shape[0] = channels;
    return 1;
  case DT_BIAS:
  case A_LOG:
  case SKIP:
    shape[0] = heads;
    return 1;
  case NORM_WEIGHT:
    shape[0] = inner;
    return 1;
  case OUT_PROJ:
    shape[0] = dims->width;
    shape[1] = inner;
    return 2;
  case FC1_WEIGHT:
    shape[0] = dims->mlp;
    shape[1] = dims->width;
    return 2;
  case FC1_BIAS:
    shape[0] = dims->mlp;
    return 1;
  case FC2_WEIGHT:
    shape[0] = dims->width;
    shape[1] = dims->mlp;
    return 2;
  default:
    shape[0] = dims->width;
    return 1; /* the LayerNorms and fc2.bias */
  }
}

/* Elements of the tensors of a layer before `slot`. */
static size_t block_elements(const tx_dims *dims, size_t slot)
{
  size_t elements = 0;
  for (size_t i = 0; i < slot; i++) {
    size_t shape[3];
    elements += shape_count(shape, block_shape(dims, i, shape));
  }
  return elements;
}

tx_dims tx_decoder_dims(const tx_dims *dims)
{
  tx_dims decoder = *dims;
  decoder.vocabulary = 1;
  decoder.layers = dims->decoder_layers;
  decoder.head_count = 0;
  decoder.decoder_layers = decoder.projection = decoder.tower_count = 0;
  return decoder;
}

size_t tx_layout_count(const tx_dims *dims)
{
  const size_t before = tx_model_end_tensor(dims);
  if (dims->decoder_layers) {
    const tx_dims decoder = tx_decoder_dims(dims);
    return before + tx_token_head_tensor(&decoder) + 2;
  }
  return before + (dims->token_head ? 2 : dims->projection ? 1 : 0);
}

size_t tx_layout_elements(const tx_dims *dims)
{
  return (size_t)tx_dims_elements(dims);
}

/* Returns the number of elements of the layers and of all tensors before them. */
static size_t elements_to_last_norm(const tx_dims *dims)
{
  return dims->vocabulary * dims->width + dims->layers * block_elements(dims, LAYER_TENSORS);
}

/* ln_f.weight and ln_f.bias. */
static void last_norm_tensor(const tx_dims *dims, bool bias, tx_tensor_info *info)
{
  info->offset = elements_to_last_norm(dims) + (bias ? dims->width : 0);
  info->dimensions = 1;
  info->shape[0] = dims->width;
  info->init = bias ? TX_INIT_ZERO : TX_INIT_ONE;
  snprintf(info->name, sizeof info->name, "ln_f.%s", bias ? "bias" : "weight");
}

/* The embeddings of tokens and positions. */
static void embedding_tensor(const tx_dims *dims, size_t rows, size_t offset, const char *name,
                             tx_tensor_info *info)
{
  info->shape[0] = rows;
  info->shape[1] = dims->width;
  info->dimensions = 2;
  info->offset = offset;
  info->decay = true;
  info->init = TX_INIT_NORMAL;
  snprintf(info->name, sizeof info->name, "%s", name);
}

/* Elements of the tensors before those of head or tower `head`, counted on from the heads. */
static size_t elements_to_head(const tx_dims *dims, size_t head)
{
  size_t elements = elements_to_last_norm(dims) + (2 + dims->positions) * dims->width;
  for (size_t i = 0; i < head && i < dims->head_count; i++)
    elements += dims->heads[i].size * (dims->width + 1);
  for (size_t i = dims->head_count; i < head; i++)
    elements += tx_dims_shared_width(dims) * (dims->towers[i - dims->head_count] + 1);
  return elements;
}

/* Weight or bias of a linear map from `columns` numbers to `rows`, the first element of which is `offset`. */
static void linear_tensor(size_t rows, size_t columns, size_t offset, bool bias, tx_tensor_info *info)
{
  info->offset = offset + (bias ? rows * columns : 0);
  info->dimensions = bias ? 1 : 2;
  info->shape[0] = rows;
  if (!bias) info->shape[1] = columns;
  info->decay = !bias;
  info->init = bias ? TX_INIT_ZERO : TX_INIT_NORMAL;
}

/* Weight and bias of each head, then those of the towers and the scale, and of the token head, or the
   projection, which come last, so that the weights of the stored model are the first weights of the training.
   `index` counts from the first head. */
static void head_tensor(const tx_dims *dims, size_t index, tx_tensor_info *info)
{
  const size_t first = tx_head_tensor(dims, 0), head = index / 2, maps = dims->head_count + dims->tower_count;
  const bool last = first + index >= tx_model_end_tensor(dims);
  const bool bias = last ? first + index > tx_model_end_tensor(dims) : index % 2 == 1;
  const char *part = bias ? "bias" : "weight";

  if (last) {
    const size_t rows = dims->token_head ? dims->token_head : dims->projection,
                 scale = dims->tower_count ? 1 : 0;
    linear_tensor(rows, dims->width, elements_to_head(dims, maps) + scale, bias, info);
    snprintf(info->name, sizeof info->name, "%s.%s", dims->token_head ? "token_head" : "projection", part);
  } else if (head < dims->head_count) {
    linear_tensor(dims->heads[head].size, dims->width, elements_to_head(dims, head), bias, info);
    snprintf(info->name, sizeof info->name, "heads.%zu.%s", head, part);
  } else if (head < maps) {
    const size_t tower = head - dims->head_count;
    linear_tensor(tx_dims_shared_width(dims), dims->towers[tower], elements_to_head(dims, head), bias, info);
    snprintf(info->name, sizeof info->name, "towers.%zu.%s", tower, part);
  } else {
    info->offset = elements_to_head(dims, maps);
    info->dimensions = 1;
    info->shape[0] = 1;
    info->init = TX_INIT_LOG_SCALE;
    snprintf(info->name, sizeof info->name, "log_scale");
  }
}

/* A tensor of a network without a decoder, or a tensor before the decoder. */
static void network_tensor(const tx_dims *dims, size_t index, tx_tensor_info *info)
{
  const size_t last_norm = tx_last_norm_tensor(dims);
  memset(info, 0, sizeof *info);
  if (index == 0) {
    embedding_tensor(dims, dims->vocabulary, 0, "emb.weight", info);
  } else if (index < last_norm) {
    const size_t layer = (index - 1) / LAYER_TENSORS, slot = (index - 1) % LAYER_TENSORS;
    info->dimensions = block_shape(dims, slot, info->shape);
    info->offset = dims->vocabulary * dims->width + layer * block_elements(dims, LAYER_TENSORS) +
                   block_elements(dims, slot);
    info->decay = block[slot].decay;
    info->init = block[slot].init;
    snprintf(info->name, sizeof info->name, "layers.%zu.%s", layer, block[slot].name);
  } else if (index < last_norm + 2) {
    last_norm_tensor(dims, index > last_norm, info);
  } else if (dims->positions && index == tx_position_tensor(dims)) {
    embedding_tensor(dims, dims->positions, elements_to_last_norm(dims) + 2 * dims->width, "emb.positions",
                     info);
  } else {
    head_tensor(dims, index - tx_head_tensor(dims, 0), info);
  }
  info->count = shape_count(info->shape, info->dimensions);
}

void tx_layout_tensor(const tx_dims *dims, size_t index, tx_tensor_info *info)
{
  static const char prefix[] = "decoder.";
  if (!dims->decoder_layers || index < tx_decoder_tensor(dims)) {
    network_tensor(dims, index, info);
    return;
  }
  const tx_dims decoder = tx_decoder_dims(dims);
  network_tensor(&decoder, index - tx_decoder_tensor(dims), info);
  info->offset += tx_layout_elements(dims) - tx_layout_elements(&decoder);
  /* the longest name has 32 characters */
  memmove(info->name + sizeof prefix - 1, info->name, sizeof info->name - (sizeof prefix - 1));
  memcpy(info->name, prefix, sizeof prefix - 1);
}

/* One initial value of a stack of `layers`. Mamba-2's own scheme for A, dt and D (Dao & Gu 2024), PyTorch's
   default for the convolution. */
static double initial_value(const tx_dims *dims, size_t layers, tx_tensor_init init, tx_random *random)
{
  switch (init) {
  case TX_INIT_NORMAL:
    return 0.02 * tx_random_normal(random);
  case TX_INIT_NORMAL_RESIDUAL:
    return 0.02 / sqrt(2.0 * (double)layers) * tx_random_normal(random);
  case TX_INIT_ONE:
    return 1;
  case TX_INIT_A_LOG:
    return log(1 + 15 * tx_random_real(random));
  case TX_INIT_DT_BIAS: {
    const double dt = exp(log(0.001) + (log(0.1) - log(0.001)) * tx_random_real(random));
    return dt + log(-expm1(-dt)); /* softplus of this is dt */
  }
  case TX_INIT_CONV:
    return (2 * tx_random_real(random) - 1) / sqrt((double)dims->kernel);
  case TX_INIT_LOG_SCALE:
    return log(1 / 0.07); /* Radford et al. 2021 */
  case TX_INIT_ZERO:
    break;
  }
  return 0;
}

void tx_layout_initialise(const tx_dims *dims, uint64_t seed, float *flat)
{
  const size_t tensors = tx_layout_count(dims);
  for (size_t index = 0; index < tensors; index++) {
    tx_tensor_info info;
    tx_random random;
    const size_t layers = index < tx_decoder_tensor(dims) ? dims->layers : dims->decoder_layers;
    tx_layout_tensor(dims, index, &info);
    tx_random_seed(&random, seed, initialisation_stream, index, 0);
    for (size_t i = 0; i < info.count; i++)
      flat[info.offset + i] = (float)initial_value(dims, layers, info.init, &random);
  }
}
