/* The network: Mamba-2 encoder and linear heads on its embedding, forward and backward, on packed
   variable-length sequences, for training. nn/inference.h computes the same function for classify and embed.
   Formulas: docs/numerics.md (Dao & Gu 2024, "Transformers are SSMs"; Gao & Taylor 2024, "BarcodeMamba").
   Nothing here allocates, prints, reads files or uses threads. */
#ifndef TX_NN_NETWORK_H
#define TX_NN_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/precision.h>
#include <taxamba/taxonomy.h>

#define TX_TENSOR_NAME_SIZE 48

enum {
  TX_HEADS_MAX = TX_RANKS_MAX + 3, /* strand, numbers, shared; several labels exclude those of the ranks */
  TX_TOWERS_MAX = 6                /* maps from the vectors of other modalities */
};

/* What the outputs of a head are. The network computes all kinds alike, one linear layer on the embedding;
   their loss is that of an objective, their meaning for a prediction that of infer/. */
typedef enum tx_head_kind {
  TX_HEAD_TAXA,  /* logits of the taxa of a rank (objective/taxa, infer/work) */
  /* one logit: the record is the given way round, not its reverse complement (objective/strand,
     infer/group) */
  TX_HEAD_STRAND,
  /* logits of the taxa of all ranks, of which a record may have several (objective/multilabel, infer/work) */
  TX_HEAD_MULTILABEL,
  /* numbers of the record, z-scaled: what they are stands in the model (nn/regression.h, objective/traits) */
  TX_HEAD_REGRESSION,
  /* the place of the record in the space that it shares with other modalities, of any length
     (objective/align, infer/work) */
  TX_HEAD_SHARED
} tx_head_kind;

typedef struct tx_head {
  tx_head_kind kind;
  size_t size; /* outputs */
} tx_head;

/* Sizes of a network; those that a model file names one by one are rows of a table (nn/dims.h). Derived:
   inner = expand * width (must be a multiple of head_width); a layer has inner / head_width heads of its
   state space, which are not those on the embedding. */
typedef struct tx_dims {
  size_t vocabulary;  /* rows of the embedding */
  size_t width;       /* D, d_model */
  size_t layers;
  size_t state;       /* N, d_state */
  size_t head_width;  /* P, headdim */
  size_t expand;
  size_t kernel;      /* width of the causal convolution, 2..4 */
  size_t mlp;         /* hidden width of the MLP, 4 D in the published models */
  size_t head_count;  /* may be 0 (embedding only) */
  /* in the order of their kinds: those of the taxa, head r being that of rank r, then at most one of each
     other kind; that of several labels has no heads of taxa beside it */
  tx_head heads[TX_HEADS_MAX];
  /* rows of the position embeddings: the token at position t uses row min(t, positions - 1); 0 for none */
  size_t positions;
  /* rows of the token head of pretraining (nn/token_head.h): the vocabulary, or 0 for none */
  size_t token_head;
  /* rows of a matrix that maps the embedding to that of teachers (objective/teacher.c), for training only; 0
     for none, and with a token head */
  size_t projection;
  /* layers of the decoder of pretraining (nn/decoder.h), which then has the token head; 0 for none */
  size_t decoder_layers;
  /* numbers of a vector of each other modality, which a linear map of its own takes into the shared space; 0
     towers without a head of that space */
  size_t tower_count;
  size_t towers[TX_TOWERS_MAX];
  /* 2: the embedding of a record is the mean over its two strands (nn/strands.h); 1 or 0: a single strand. No
     weight depends on it */
  size_t strands;
} tx_dims;

/* Returns the number of ranks: of the heads of kind taxa. */
static inline size_t tx_dims_ranks(const tx_dims *dims)
{
  size_t ranks = 0;
  while (ranks < dims->head_count && dims->heads[ranks].kind == TX_HEAD_TAXA) ranks++;
  return ranks;
}

/* Returns the index of the first head of a kind; head_count if there is none. */
static inline size_t tx_dims_head_of(const tx_dims *dims, tx_head_kind kind)
{
  size_t head = 0;
  while (head < dims->head_count && dims->heads[head].kind != kind) head++;
  return head;
}

/* Returns the index of the head of the strand; head_count if there is none. */
static inline size_t tx_dims_strand_head(const tx_dims *dims)
{
  return tx_dims_head_of(dims, TX_HEAD_STRAND);
}

static inline bool tx_dims_have_strand_head(const tx_dims *dims)
{
  return tx_dims_strand_head(dims) < dims->head_count;
}

/* Returns the index of the head of several labels; head_count if there is none. */
static inline size_t tx_dims_multilabel_head(const tx_dims *dims)
{
  return tx_dims_head_of(dims, TX_HEAD_MULTILABEL);
}

static inline bool tx_dims_are_multilabel(const tx_dims *dims)
{
  return tx_dims_multilabel_head(dims) < dims->head_count;
}

/* Returns the index of the head of numbers; head_count if there is none. */
static inline size_t tx_dims_regression_head(const tx_dims *dims)
{
  return tx_dims_head_of(dims, TX_HEAD_REGRESSION);
}

/* Returns the index of the head of the shared space, which is the last; head_count if there is none. */
static inline size_t tx_dims_shared_head(const tx_dims *dims)
{
  return tx_dims_head_of(dims, TX_HEAD_SHARED);
}

/* Returns the width of the shared space; 0 if there is none. */
static inline size_t tx_dims_shared_width(const tx_dims *dims)
{
  const size_t head = tx_dims_shared_head(dims);
  return head < dims->head_count ? dims->heads[head].size : 0;
}

/* Returns NULL if the sizes are valid, otherwise a message. The bounds also prevent overflow of every product
   of sizes. */
const char *tx_dims_fault(const tx_dims *dims);

typedef enum tx_tensor_init {
  TX_INIT_NORMAL,
  TX_INIT_NORMAL_RESIDUAL,
  TX_INIT_ZERO,
  TX_INIT_ONE,
  TX_INIT_A_LOG,
  TX_INIT_DT_BIAS,
  TX_INIT_CONV,
  TX_INIT_LOG_SCALE
} tx_tensor_init;

/* One parameter tensor. `name` is its name in the model file: emb.weight, layers.0.mixer.in_proj.weight,
   heads.2.bias, ... */
typedef struct tx_tensor_info {
  char name[TX_TENSOR_NAME_SIZE];
  size_t shape[3];
  size_t dimensions;
  size_t offset;      /* first element in a flat float buffer that holds all tensors in order without gaps */
  size_t count;       /* elements */
  bool decay;         /* whether weight decay applies */
  tx_tensor_init init;
} tx_tensor_info;

/* Return the number of tensors, and of their elements together. */
size_t tx_layout_count(const tx_dims *dims);
size_t tx_layout_elements(const tx_dims *dims);
/* Sets *info to the description of tensor `index`, 0 <= index < tx_layout_count. The order is part of the
   file format. */
void tx_layout_tensor(const tx_dims *dims, size_t index, tx_tensor_info *info);
/* Fills a flat buffer of tx_layout_elements floats with the initial weights (docs/numerics.md) of `seed`. */
void tx_layout_initialise(const tx_dims *dims, uint64_t seed, float *flat);

/* Sequences packed one after the other without padding. */
typedef struct tx_pack {
  size_t sequences;         /* S */
  /* adjacent sequences that are one record: 2, or 1 or 0 where each sequence is a record. The network gives
     one embedding and, of each head, one row of outputs per record, B = S / strands */
  size_t strands;
  const uint32_t *starts;   /* (S + 1): sequence s has tokens starts[s]..starts[s+1]-1; none is empty */
  const int32_t *ids;       /* (starts[S]) each 0 <= id < vocabulary */
  /* (starts[S], D) input vectors instead of ids, without dropout; NULL for ids. For training only */
  const float *rows;
  /* (starts[S]) position of each token, for the position embeddings; NULL: 0, 1, 2, ... in each sequence */
  const uint32_t *positions;
  const uint32_t *padding;  /* (S) leading tokens left out of the mean, or NULL for none */
  float dropout;            /* on the embedded tokens; 0 in inference */
  /* determines the mask, drawn from (seed, token, channel); the same in forward and backward */
  uint64_t dropout_seed;
} tx_pack;

/* The workspace of one thread. Results stay valid until the next forward pass. */
typedef struct tx_work tx_work;

/* Returns the bytes of a workspace for packs of up to max_tokens tokens in max_sequences sequences; 0 on
   overflow. `precision` is float32 or bf16, to which the matrix products of the layers round their operands,
   forward and backward; weights, gradients and all other values are float32. */
size_t tx_network_work_size(const tx_dims *dims, tx_precision precision, size_t max_tokens,
                            size_t max_sequences);
/* Makes the workspace in `memory` (64-byte aligned, tx_network_work_size bytes, owned by the caller).
   Returns memory. */
tx_work *tx_network_work_init(const tx_dims *dims, tx_precision precision, size_t max_tokens,
                              size_t max_sequences, void *memory);

/* Forward pass. weights[i] points to tensor i of the layout. `work` keeps the activations for backward. */
void tx_network_forward(const tx_dims *dims, const float *const *weights, const tx_pack *pack, tx_work *work);

/* Results of the last forward pass, borrowed from the workspace. */
const float *tx_network_hidden(const tx_work *work);              /* (tokens, D) after the last LayerNorm */
/* (B, D) mean over the tokens that are not padding, and over the strands */
const float *tx_network_embedding(const tx_work *work);
/* (B, size of the head); overwritten by their gradient for backward */
float *tx_network_outputs(tx_work *work, size_t head);

/* Backward pass of the last forward pass. On entry the outputs of every head hold their gradient.
   embedding_gradient (B, D) is added to the gradient from the heads; it may be NULL. Adds to gradients (flat,
   tx_layout_elements floats). */
void tx_network_backward(const tx_dims *dims, const float *const *weights, const tx_pack *pack, tx_work *work,
                         const float *embedding_gradient, float *gradients);

/* Backward pass from the gradient of the hidden states (tokens, D) instead of that of the heads: for the
   token head, and for a network without heads. */
void tx_network_backward_hidden(const tx_dims *dims, const float *const *weights, const tx_pack *pack,
                                tx_work *work, const float *hidden_gradient, float *gradients);

/* Returns the gradient of the input vectors (tokens, D), which are the sums of token and position embeddings;
   after a backward pass. */
const float *tx_network_input_gradient(const tx_work *work);

/* The part of tx_network_backward for the heads alone, for a frozen encoder: adds to the gradients of the
   heads. */
void tx_network_backward_heads(const tx_dims *dims, const float *const *weights, const tx_pack *pack,
                               tx_work *work, float *gradients);

/* Calls `probe` with intermediate results (rows, columns) of every layer in the next forward passes, for
   tests: dt, xBC, ssd, gated, mixer, mlp, resid. NULL removes the probe. */
typedef void (*tx_network_probe)(void *context, size_t layer, const char *name, const float *values,
                                 size_t rows, size_t columns);
void tx_network_set_probe(tx_work *work, tx_network_probe probe, void *context);

#endif
