/* The parameter table of the network: names, shapes and order of the tensors, and their initial values. */
#include "nn/layout.h"

#include "base/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
  VOCABULARY_MAX = 1 << 20,
  WIDTH_MAX = 8192,
  LAYERS_MAX = 256,
  STATE_MAX = 4096,
  EXPAND_MAX = 16,
  MLP_MAX = 1 << 17,
  CLASSES_MAX = 1 << 24
};

/* Names the random streams of the initialisation apart from those of epochs and records. */
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

/* Elements in 64 bits: at the bounds checked before it is called no sum here reaches 2^45. */
static uint64_t total_elements(const tx_dims *dims)
{
  const uint64_t width = dims->width, inner = dims->expand * width, heads = inner / dims->head_width;
  const uint64_t channels = inner + 2 * (uint64_t)dims->state;
  const uint64_t mixer = (inner + channels + heads) * width + channels * (dims->kernel + 1) + 3 * heads + inner + inner * width;
  const uint64_t mlp = 2 * width * dims->mlp + dims->mlp + width;
  uint64_t total = dims->vocabulary * width + dims->layers * (mixer + mlp + 4 * width) + 2 * width;
  for (size_t rank = 0; rank < dims->ranks; rank++) total += dims->classes[rank] * (width + 1);
  total += dims->token_head * (width + 1);
  return total;
}

const char *tx_dims_fault(const tx_dims *dims)
{
  if (dims->vocabulary < 1 || dims->vocabulary > VOCABULARY_MAX) return "the vocabulary must have 1 to 1048576 symbols";
  if (dims->width < 1 || dims->width > WIDTH_MAX) return "the width (d_model) must be 1 to 8192";
  if (dims->layers < 1 || dims->layers > LAYERS_MAX) return "the number of layers must be 1 to 256";
  if (dims->state < 1 || dims->state > STATE_MAX) return "the state size (d_state) must be 1 to 4096";
  if (dims->expand < 1 || dims->expand > EXPAND_MAX) return "the expansion factor must be 1 to 16";
  if (dims->head_width < 1 || dims->head_width > dims->expand * dims->width || dims->expand * dims->width % dims->head_width != 0)
    return "the head width (headdim) must divide expand * d_model";
  if (dims->kernel < 2 || dims->kernel > 4) return "the width of the convolution (d_conv) must be 2 to 4";
  if (dims->mlp < 1 || dims->mlp > MLP_MAX) return "the width of the MLP must be 1 to 131072";
  if (dims->ranks > TX_RANKS_MAX) return "there can be at most 16 ranks";
  for (size_t rank = 0; rank < dims->ranks; rank++)
    if (dims->classes[rank] < 1 || dims->classes[rank] > CLASSES_MAX) return "every rank must have 1 to 16777216 taxa";
  if (dims->token_head != 0 && dims->token_head != dims->vocabulary) return "the token head must have a row for each symbol";
  if (dims->strands > 2) return "a record has one or two strands";
  if (total_elements(dims) > SIZE_MAX / 64) return "the network is too large for the address space of this machine";
  return NULL;
}

size_t tx_layout_count(const tx_dims *dims)
{
  return 1 + LAYER_TENSORS * dims->layers + 2 + 2 * dims->ranks + (dims->token_head ? 2 : 0);
}

size_t tx_layout_elements(const tx_dims *dims)
{
  return (size_t)total_elements(dims);
}

/* The tensors outside the layers: ln_f.weight, ln_f.bias, then weight and bias of each head and of the token head, which comes last, so
   that a pretrained model is the training's weights without their end. `index` counts from ln_f.weight. */
static void tail_tensor(const tx_dims *dims, size_t index, tx_tensor_info *info)
{
  const size_t rank = index / 2 - 1; /* meaningful from index 2 on */
  const bool bias = index % 2 == 1, token_head = index >= 2 && rank == dims->ranks;
  const size_t rows = index < 2 ? dims->width : token_head ? dims->token_head : dims->classes[rank];

  info->offset = dims->vocabulary * dims->width + dims->layers * block_elements(dims, LAYER_TENSORS);
  info->dimensions = 1;
  if (index < 2) {
    info->offset += index * dims->width;
    info->shape[0] = dims->width;
    info->init = bias ? TX_INIT_ZERO : TX_INIT_ONE;
    snprintf(info->name, sizeof info->name, "ln_f.%s", bias ? "bias" : "weight");
    return;
  }
  info->offset += 2 * dims->width;
  for (size_t i = 0; i < rank; i++) info->offset += dims->classes[i] * (dims->width + 1);
  if (bias) info->offset += rows * dims->width;
  info->shape[0] = rows;
  if (!bias) {
    info->shape[1] = dims->width;
    info->dimensions = 2;
    info->decay = true;
  }
  info->init = bias ? TX_INIT_ZERO : TX_INIT_NORMAL;
  if (token_head)
    snprintf(info->name, sizeof info->name, "token_head.%s", bias ? "bias" : "weight");
  else
    snprintf(info->name, sizeof info->name, "heads.%zu.%s", rank, bias ? "bias" : "weight");
}

void tx_layout_tensor(const tx_dims *dims, size_t index, tx_tensor_info *info)
{
  memset(info, 0, sizeof *info);
  if (index == 0) {
    info->shape[0] = dims->vocabulary;
    info->shape[1] = dims->width;
    info->dimensions = 2;
    info->decay = true;
    info->init = TX_INIT_NORMAL;
    snprintf(info->name, sizeof info->name, "emb.weight");
  } else if (index <= LAYER_TENSORS * dims->layers) {
    const size_t layer = (index - 1) / LAYER_TENSORS, slot = (index - 1) % LAYER_TENSORS;
    info->dimensions = block_shape(dims, slot, info->shape);
    info->offset = dims->vocabulary * dims->width + layer * block_elements(dims, LAYER_TENSORS) + block_elements(dims, slot);
    info->decay = block[slot].decay;
    info->init = block[slot].init;
    snprintf(info->name, sizeof info->name, "layers.%zu.%s", layer, block[slot].name);
  } else {
    tail_tensor(dims, index - 1 - LAYER_TENSORS * dims->layers, info);
  }
  info->count = shape_count(info->shape, info->dimensions);
}

/* One initial value. Mamba-2's own scheme for A, dt and D (Dao & Gu 2024), PyTorch's default for the convolution. */
static double initial_value(const tx_dims *dims, tx_tensor_init init, tx_random *random)
{
  switch (init) {
  case TX_INIT_NORMAL:
    return 0.02 * tx_random_normal(random);
  case TX_INIT_NORMAL_RESIDUAL:
    return 0.02 / sqrt(2.0 * (double)dims->layers) * tx_random_normal(random);
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
    tx_layout_tensor(dims, index, &info);
    tx_random_seed(&random, seed, initialisation_stream, index, 0);
    for (size_t i = 0; i < info.count; i++) flat[info.offset + i] = (float)initial_value(dims, info.init, &random);
  }
}
