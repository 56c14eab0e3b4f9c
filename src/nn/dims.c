#include "nn/dims.h"

#include "nn/regression.h"

enum {
  WIDTH_MAX = 8192,
  LAYERS_MAX = 256,
  STATES_MAX = 1 << 23, /* of all layers together: a small file could ask for gigabytes, and for as much work
                           at every token */
  EXPAND_MAX = 16,
  HEAD_SIZE_MAX = 1 << 24,
  TOWER_WIDTH_MAX = 1 << 16,
  TOWER_VECTOR_MAX = 1 << 20
};

static const char head_width_fault[] = "the head width (headdim) must divide expand * d_model";

#define KEY(name) .key = #name, .offset = offsetof(tx_dims, name)

static const tx_dim table[] = {
    {KEY(vocabulary), .least = 1, .most = 1 << 20, .fault = "the vocabulary must have 1 to 1048576 symbols"},
    {KEY(width), .opt_option = "d-model", .opt_label = "width", .least = 1, .most = WIDTH_MAX,
     .fault = "the width (d_model) must be 1 to 8192"},
    {KEY(layers), .opt_option = "n-layer", .opt_label = "layer", .counted = true, .least = 1,
     .most = LAYERS_MAX, .fault = "the number of layers must be 1 to 256"},
    {KEY(state), .opt_option = "d-state", .opt_label = "state", .least = 1, .most = 4096,
     .fault = "the state size (d_state) must be 1 to 4096"},
    {KEY(head_width), .opt_option = "headdim", .opt_label = "head width", .least = 1,
     .most = EXPAND_MAX * WIDTH_MAX, .fault = head_width_fault},
    {KEY(expand), .opt_option = "expand", .opt_label = "expand", .least = 1, .most = EXPAND_MAX,
     .fault = "the expansion factor must be 1 to 16"},
    {KEY(kernel), .opt_option = "d-conv", .opt_label = "convolution", .least = 2, .most = 4,
     .fault = "the width of the convolution (d_conv) must be 2 to 4"},
    {KEY(mlp), .opt_option = "mlp-width", .opt_label = "MLP", .least = 1, .most = 1 << 17,
     .fault = "the width of the MLP must be 1 to 131072"},
    {KEY(positions), .opt_option = "positions", .opt_label = "position", .counted = true, .optional = true,
     .most = 1 << 20, .fault = "there can be at most 1048576 positions"},
    {KEY(strands), .optional = true, .absent = 1, .least = 2, .most = 2,
     .fault = "a record has one or two strands"},
};

const tx_dim *tx_dim_table(size_t *ret_count)
{
  *ret_count = sizeof table / sizeof *table;
  return table;
}

uint64_t tx_dims_elements(const tx_dims *dims)
{
  const uint64_t width = dims->width, inner = dims->expand * width, heads = inner / dims->head_width;
  const uint64_t channels = inner + 2 * (uint64_t)dims->state;
  const uint64_t mixer =
      (inner + channels + heads) * width + channels * (dims->kernel + 1) + 3 * heads + inner + inner * width;
  const uint64_t mlp = 2 * width * dims->mlp + dims->mlp + width;
  uint64_t total = dims->vocabulary * width + dims->layers * (mixer + mlp + 4 * width) + 2 * width +
                   dims->positions * width;
  for (size_t head = 0; head < dims->head_count; head++) total += dims->heads[head].size * (width + 1);
  for (size_t tower = 0; tower < dims->tower_count; tower++)
    total += (uint64_t)tx_dims_shared_width(dims) * (dims->towers[tower] + 1);
  total += dims->tower_count ? 1 : 0;
  total += dims->token_head * (width + 1) + dims->projection * width;
  if (dims->decoder_layers)
    total += width + dims->decoder_layers * (mixer + mlp + 4 * width) + 2 * width + dims->positions * width;
  return total;
}

/* The kinds of the heads. */
static const char *heads_fault(const tx_dims *dims)
{
  for (size_t head = 1; head < dims->head_count; head++) {
    const tx_head_kind own = dims->heads[head].kind, before = dims->heads[head - 1].kind;
    if (own < before || (own == before && own != TX_HEAD_TAXA))
      return "there can be one head of each kind behind those of the taxa";
  }
  if (tx_dims_have_strand_head(dims) && dims->heads[tx_dims_strand_head(dims)].size != 1)
    return "the head of the strand has one output";
  if (tx_dims_have_strand_head(dims) && dims->strands > 1)
    return "a model that reads both strands as one has no head of the strand";
  if (tx_dims_are_multilabel(dims) && tx_dims_ranks(dims) > 0)
    return "a head of several labels has no heads of taxa beside it";
  if (tx_dims_regression_head(dims) < dims->head_count &&
      dims->heads[tx_dims_regression_head(dims)].size > TX_REGRESSION_MAX)
    return "a head of numbers has at most 16 outputs";
  if (dims->tower_count > TX_TOWERS_MAX) return "there can be at most 6 other modalities";
  if ((dims->tower_count != 0) != (tx_dims_shared_head(dims) < dims->head_count))
    return "a shared space needs a head of the DNA and a map of another modality";
  if (tx_dims_shared_width(dims) > TOWER_WIDTH_MAX) return "a shared space has at most 65536 numbers";
  for (size_t tower = 0; tower < dims->tower_count; tower++)
    if (dims->towers[tower] < 1 || dims->towers[tower] > TOWER_VECTOR_MAX)
      return "a vector of another modality must have 1 to 1048576 numbers";
  return NULL;
}

const char *tx_dims_fault(const tx_dims *dims)
{
  const char *fault;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    const size_t value = tx_dim_value(&table[i], dims);
    if (tx_dim_is_present(&table[i], dims) && (value < table[i].least || value > table[i].most))
      return table[i].fault;
  }
  if (dims->expand * dims->width % dims->head_width != 0) return head_width_fault;
  if ((uint64_t)dims->layers * dims->expand * dims->width * dims->state > STATES_MAX)
    return "the states of all layers (layers x expand x d_model x d_state) may have 8388608 numbers together";
  if (dims->head_count > TX_HEADS_MAX || tx_dims_ranks(dims) > TX_RANKS_MAX)
    return "there can be at most 16 ranks";
  fault = heads_fault(dims);
  if (fault) return fault;
  for (size_t head = 0; head < dims->head_count; head++)
    if (dims->heads[head].size < 1 || dims->heads[head].size > HEAD_SIZE_MAX)
      return "every rank must have 1 to 16777216 taxa";
  if (dims->token_head != 0 && dims->token_head != dims->vocabulary)
    return "the token head must have a row for each symbol";
  if (dims->projection > HEAD_SIZE_MAX || (dims->projection != 0 && dims->token_head != 0))
    return "a projection must have at most 16777216 rows, and no token head beside it";
  if (dims->decoder_layers > LAYERS_MAX) return "the number of layers of the decoder must be 1 to 256";
  if (dims->decoder_layers != 0 && dims->token_head == 0) return "a decoder must have a token head";
  if (tx_dims_elements(dims) > SIZE_MAX / 64)
    return "the network is too large for the address space of this machine";
  return NULL;
}
