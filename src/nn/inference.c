#include "nn/inference.h"

#include "base/cpu.h"
#include "nn/inference_weights.h"
#include "nn/layout.h"
#include "nn/arena.h"
#include "nn/strands.h"
#include "tensor/products.h"

#include <string.h>

enum { BLOCK = TX_INFERENCE_BLOCK, SEGMENTS_MAX = BLOCK, TAPS_MAX = 4, ROWS_AHEAD = 3 };

/* Tokens of one sequence in a block: one chunk. */
typedef struct segment {
  size_t sequence;
  size_t token;     /* of the pack: the first */
  size_t row, rows; /* in the block */
  bool first, last; /* of its sequence */
} segment;

struct tx_inference_work {
  const tx_inference_weights *weights;
  size_t max_sequences;
  segment segments[SEGMENTS_MAX];
  size_t segment_count, rows;
  float *residual;             /* (BLOCK, D) */
  float *normed;               /* (BLOCK, D) */
  float *projected;            /* (BLOCK, projected) */
  /* (BLOCK) each token's row of in_proj: in `projected`, or in the table of the first layer */
  const float **rows_from;
  /* (BLOCK + TAPS_MAX) rows before the convolution, those of the tokens before the segment first */
  const float **conv_rows;
  float *nothing;              /* (channels) the row before a sequence */
  float *conv_row;             /* (channels) */
  float *x, *b, *c, *dt;       /* (H, BLOCK, P), (BLOCK, N), (BLOCK, N), (BLOCK, H) */
  float *ssd, *gated;          /* (BLOCK, inner) */
  float *wide;                 /* (BLOCK, TX_PRODUCT_DEPTH) a slice of the MLP */
  unsigned char *panels;       /* packed rows: of every block of D, and one more */
  size_t panel_size;
  float *scan_scratch;
  /* (layers, H N P), (layers, TAPS_MAX - 1, channels): of the sequence that goes on in the next block */
  float *states, *tails;
  float *embedding;            /* (B, D) */
  float *outputs[TX_HEADS_MAX]; /* (B, size of the head) */
  tx_network_probe probe;
  void *probe_context;
};

static void lay_out(tx_arena *p, const tx_dims *dims, const tx_product *product, size_t sequences,
                    tx_inference_work *work)
{
  const tx_sizes z = tx_sizes_of(dims);
  const size_t head_panel = tx_product_current(TX_PRECISION_FLOAT32)->rows_size(sequences);
  work->max_sequences = sequences;
  work->residual = tx_arena_rows(p, BLOCK, dims->width);
  work->normed = tx_arena_rows(p, BLOCK, dims->width);
  work->projected = tx_arena_rows(p, BLOCK, z.projected);
  work->rows_from = tx_arena_take(p, BLOCK, sizeof *work->rows_from);
  work->conv_rows = tx_arena_take(p, BLOCK + TAPS_MAX, sizeof *work->conv_rows);
  work->nothing = tx_arena_rows(p, 1, z.channels);
  work->conv_row = tx_arena_rows(p, 1, z.channels);
  work->x = tx_arena_rows(p, BLOCK, z.inner);
  work->b = tx_arena_rows(p, BLOCK, dims->state);
  work->c = tx_arena_rows(p, BLOCK, dims->state);
  work->dt = tx_arena_rows(p, BLOCK, z.heads);
  work->ssd = tx_arena_rows(p, BLOCK, z.inner);
  work->gated = tx_arena_rows(p, BLOCK, z.inner);
  work->wide = tx_arena_rows(p, BLOCK, TX_PRODUCT_DEPTH);
  work->panel_size = product->rows_size(BLOCK);
  work->panels = tx_arena_take(p, tx_product_blocks(dims->width) + 1, work->panel_size);
  /* the heads use the panels too */
  if (head_panel > work->panel_size) tx_arena_take(p, 1, head_panel - work->panel_size);
  work->scan_scratch = tx_arena_rows(p, tx_scan_scratch(&z.ssd), 1);
  work->states = tx_arena_rows(p, dims->layers, z.inner * dims->state);
  work->tails = tx_arena_rows(p, dims->layers * (TAPS_MAX - 1), z.channels);
  work->embedding = tx_arena_rows(p, sequences, dims->width);
  for (size_t h = 0; h < dims->head_count; h++)
    work->outputs[h] = tx_arena_rows(p, sequences, dims->heads[h].size);
}

size_t tx_inference_work_size(const tx_dims *dims, tx_precision precision, size_t max_sequences)
{
  tx_arena p = {NULL, 0, false};
  tx_inference_work unused;
  tx_arena_take(&p, 1, sizeof unused);
  lay_out(&p, dims, tx_product_current(precision), max_sequences, &unused);
  return p.overflow ? 0 : p.used;
}

tx_inference_work *tx_inference_work_init(const tx_inference_weights *weights, size_t max_sequences,
                                          void *memory)
{
  tx_arena p = {memory, 0, false};
  tx_inference_work *work = tx_arena_take(&p, 1, sizeof *work);
  memset(work, 0, sizeof *work);
  work->weights = weights;
  lay_out(&p, &weights->dims, weights->product, max_sequences, work);
  memset(work->nothing, 0, weights->z.channels * sizeof *work->nothing);
  return work;
}

void tx_inference_set_probe(tx_inference_work *work, tx_network_probe probe, void *context)
{
  work->probe = probe;
  work->probe_context = context;
}

static void probe(const tx_inference_work *work, size_t layer, const char *name, const float *values,
                  size_t columns)
{
  if (work->probe) work->probe(work->probe_context, layer, name, values, work->rows, columns);
}

/* Packs the rows of x (rows, k) of one block of k. */
static const void *pack_rows(const tx_inference_work *work, const tx_product *product, size_t rows,
                             const float *x, size_t k, size_t block, size_t panel)
{
  const size_t start = tx_product_block_start(k, block);
  void *target = work->panels + panel * work->panel_size;
  product->pack_rows(rows, tx_product_block_start(k, block + 1) - start, x + start, k, target);
  return target;
}

/* Weights (n, k) as a product has packed them. */
typedef struct packed_weights {
  const tx_product *product;
  const void *values;
  size_t n, k;
} packed_weights;

/* y (rows, n) = or += x (rows, k) W^T. */
static void multiply(const tx_inference_work *work, packed_weights w, size_t rows, const float *x,
                     bool accumulate, float *y)
{
  for (size_t block = 0; block < tx_product_blocks(w.k); block++) {
    const void *panel = pack_rows(work, w.product, rows, x, w.k, block, 0);
    w.product->multiply(rows, 0, w.n, w.n, w.k, block, panel, w.values, accumulate || block > 0, y, w.n);
  }
}

/* ---- first layer: in_proj from the table ---- */

/* Rows of in_proj of the block's tokens; those that the table lacks are computed and put there. */
static void project_tokens(tx_inference_work *work, const int32_t *ids)
{
  const tx_inference_weights *w = work->weights;
  const float *const *layer = w->weights + tx_layer_tensor(0, 0);
  const size_t width = w->dims.width, projected = w->z.projected;
  size_t missing[BLOCK], count = 0;
  for (size_t t = 0; t < work->rows; t++) {
    work->rows_from[t] = tx_token_table_row(w, ids[t]);
    if (work->rows_from[t]) continue;
    w->kernels->layer_norm(1, width, work->residual + t * width, layer[NORM1_WEIGHT], layer[NORM1_BIAS],
                           work->normed + count * width, NULL);
    work->rows_from[t] = work->projected + count * projected;
    missing[count++] = t;
  }
  if (count)
    multiply(work, (packed_weights){w->product, w->layers[0].in_proj, projected, width}, count, work->normed,
             false, work->projected);
  for (size_t i = 0; i < count; i++) tx_token_table_put(w, ids[missing[i]], work->projected + i * projected);
}

static void project(tx_inference_work *work, size_t layer)
{
  const tx_inference_weights *w = work->weights;
  const float *const *tensors = w->weights + tx_layer_tensor(layer, 0);
  w->kernels->layer_norm(work->rows, w->dims.width, work->residual, tensors[NORM1_WEIGHT],
                         tensors[NORM1_BIAS], work->normed, NULL);
  multiply(work, (packed_weights){w->product, w->layers[layer].in_proj, w->z.projected, w->dims.width},
           work->rows, work->normed, false, work->projected);
  for (size_t t = 0; t < work->rows; t++) work->rows_from[t] = work->projected + t * w->z.projected;
}

/* ---- mixer ---- */

/* Asks for a row that is read some tokens later. The rows of the first layer come from a table of some
   megabytes, in the order of the tokens, which no processor foresees. */
static void fetch_row(const tx_inference_weights *w, const float *row)
{
  const size_t line = 64 / sizeof *row;
  for (size_t i = 0; i < w->z.projected; i += line) TX_PREFETCH(row + i);
}

/* Computes convolution and SiLU of the rows of a segment, split into x, B and C, and its dt. The rows that
   the next segment of the sequence needs are stored. */
static void convolve(tx_inference_work *work, size_t layer, const segment *s)
{
  const tx_inference_weights *w = work->weights;
  const float *const *tensors = w->weights + tx_layer_tensor(layer, 0);
  const size_t inner = w->z.inner, channels = w->z.channels, state = w->dims.state,
               width = w->dims.head_width, before = TAPS_MAX - 1;
  float *tail = work->tails + layer * before * channels;
  const float **rows = work->conv_rows;
  for (size_t i = 0; i < before; i++) rows[i] = s->first ? work->nothing : tail + i * channels;
  for (size_t i = 0; i < s->rows; i++) rows[before + i] = work->rows_from[s->row + i] + inner;
  for (size_t i = 0; i < s->rows; i++) {
    const size_t t = s->row + i;
    const float *const taps[TAPS_MAX] = {rows[before + i], rows[before + i - 1], rows[before + i - 2],
                                         rows[before + i - 3]};
    w->kernels->conv_silu_row(channels, w->dims.kernel, taps, w->layers[layer].taps, tensors[CONV_BIAS],
                              work->conv_row);
    if (layer == 0 && i + ROWS_AHEAD < s->rows) fetch_row(w, work->rows_from[t + ROWS_AHEAD]);
    for (size_t h = 0; h < w->z.heads; h++)
      memcpy(work->x + (h * BLOCK + t) * width, work->conv_row + h * width, width * sizeof(float));
    memcpy(work->b + t * state, work->conv_row + inner, state * sizeof(float));
    memcpy(work->c + t * state, work->conv_row + inner + state, state * sizeof(float));
    w->kernels->softplus(1, w->z.heads, work->rows_from[t] + inner + channels, 0, tensors[DT_BIAS],
                         work->dt + t * w->z.heads);
  }
  if (s->last) return;
  /* not in place: a row of the old tail may still be among the last three */
  for (size_t i = 0; i < before; i++)
    memmove(tail + i * channels, rows[s->rows + i], channels * sizeof(float));
}

static void mix(tx_inference_work *work, size_t layer)
{
  const tx_inference_weights *w = work->weights;
  const float *const *tensors = w->weights + tx_layer_tensor(layer, 0);
  const size_t inner = w->z.inner, state = w->dims.state, width = w->dims.head_width;
  for (size_t i = 0; i < work->segment_count; i++) {
    const segment *s = &work->segments[i];
    const tx_scan_chunk chunk = {.length = s->rows,
                                 .first = s->first,
                                 .last = s->last,
                                 .x = work->x + s->row * width,
                                 .x_head = BLOCK * width,
                                 .b = work->b + s->row * state,
                                 .c = work->c + s->row * state,
                                 .dt = work->dt + s->row * w->z.heads,
                                 .state = work->states + layer * inner * state,
                                 .y = work->ssd + s->row * inner,
                                 .ldy = inner};
    convolve(work, layer, s);
    w->scan->run(&w->z.ssd, w->layers[layer].a, tensors[SKIP], &chunk, work->scan_scratch);
  }
  for (size_t t = 0; t < work->rows; t++)
    w->kernels->gated_norm(1, inner, work->ssd + t * inner, work->rows_from[t], 0, tensors[NORM_WEIGHT],
                           work->gated + t * inner, NULL);
  probe(work, layer, "dt", work->dt, w->z.heads);
  probe(work, layer, "ssd", work->ssd, inner);
  probe(work, layer, "gated", work->gated, inner);
  multiply(work, (packed_weights){w->product, w->layers[layer].out_proj, w->dims.width, inner}, work->rows,
           work->gated, true, work->residual);
  probe(work, layer, "resid", work->residual, w->dims.width);
}

/* ---- MLP: a slice of the hidden units at a time, from fc1 through GELU into fc2 ---- */

static void feed_forward(tx_inference_work *work, size_t layer)
{
  const tx_inference_weights *w = work->weights;
  const float *const *tensors = w->weights + tx_layer_tensor(layer, 0);
  const size_t width = w->dims.width, mlp = w->dims.mlp, blocks = tx_product_blocks(width), rows = work->rows;
  w->kernels->layer_norm(rows, width, work->residual, tensors[NORM2_WEIGHT], tensors[NORM2_BIAS],
                         work->normed, NULL);
  for (size_t block = 0; block < blocks; block++)
    pack_rows(work, w->product, rows, work->normed, width, block, block);
  w->kernels->add_bias(rows, width, tensors[FC2_BIAS], work->residual);
  for (size_t slice = 0; slice < tx_product_blocks(mlp); slice++) {
    const size_t start = tx_product_block_start(mlp, slice),
                 units = tx_product_block_start(mlp, slice + 1) - start;
    void *panel = work->panels + blocks * work->panel_size;
    for (size_t block = 0; block < blocks; block++)
      w->product->multiply(rows, start, units, mlp, width, block, work->panels + block * work->panel_size,
                           w->layers[layer].fc1, block > 0, work->wide, units);
    w->kernels->bias_gelu(rows, units, work->wide, tensors[FC1_BIAS] + start, work->wide);
    w->product->pack_rows(rows, units, work->wide, units, panel);
    w->product->multiply(rows, 0, width, width, mlp, slice, panel, w->layers[layer].fc2, true, work->residual,
                         width);
  }
}

/* ---- blocks ---- */

static void finish_block(tx_inference_work *work, const tx_pack *pack)
{
  const tx_inference_weights *w = work->weights;
  const float *const *norm = w->weights + tx_last_norm_tensor(&w->dims);
  const size_t width = w->dims.width;
  w->kernels->layer_norm(work->rows, width, work->residual, norm[0], norm[1], work->normed, NULL);
  probe(work, w->dims.layers - 1, "hidden", work->normed, width);
  for (size_t i = 0; i < work->segment_count; i++) {
    const segment *s = &work->segments[i];
    const size_t begin = pack->starts[s->sequence] + (pack->padding ? pack->padding[s->sequence] : 0);
    for (size_t t = 0; t < s->rows; t++)
      if (s->token + t >= begin)
        w->kernels->add(width, work->normed + (s->row + t) * width, work->embedding + s->sequence * width);
  }
}

/* Adds the position embeddings. Positions count from the first token of a sequence, whatever its block. */
static void add_positions(tx_inference_work *work, const tx_pack *pack)
{
  const tx_inference_weights *w = work->weights;
  const float *table = w->weights[tx_position_tensor(&w->dims)];
  const size_t width = w->dims.width, last = w->dims.positions - 1;
  for (size_t i = 0; i < work->segment_count; i++) {
    const segment *s = &work->segments[i];
    for (size_t t = 0; t < s->rows; t++) {
      const size_t place =
          pack->positions ? pack->positions[s->token + t] : s->token + t - pack->starts[s->sequence];
      w->kernels->add(width, table + (place < last ? place : last) * width,
                      work->residual + (s->row + t) * width);
    }
  }
}

static void run_block(tx_inference_work *work, const tx_pack *pack)
{
  const tx_inference_weights *w = work->weights;
  const size_t width = w->dims.width;
  int32_t ids[BLOCK];
  for (size_t i = 0; i < work->segment_count; i++) {
    const segment *s = &work->segments[i];
    memcpy(ids + s->row, pack->ids + s->token, s->rows * sizeof *ids);
  }
  for (size_t t = 0; t < work->rows; t++)
    memcpy(work->residual + t * width, w->weights[0] + (size_t)ids[t] * width, width * sizeof(float));
  if (w->dims.positions) add_positions(work, pack);
  for (size_t layer = 0; layer < w->dims.layers; layer++) {
    if (layer == 0 && w->token_states)
      project_tokens(work, ids);
    else
      project(work, layer);
    mix(work, layer);
    feed_forward(work, layer);
  }
  finish_block(work, pack);
  work->segment_count = 0;
  work->rows = 0;
}

/* Outputs of every head in float32, whatever the precision of the layers. */
static void run_heads(tx_inference_work *work, size_t records)
{
  const tx_inference_weights *w = work->weights;
  const tx_product *product = tx_product_current(TX_PRECISION_FLOAT32);
  for (size_t h = 0; h < w->dims.head_count; h++) {
    const size_t size = w->dims.heads[h].size;
    multiply(work, (packed_weights){product, w->heads[h], size, w->dims.width}, records, work->embedding,
             false, work->outputs[h]);
    w->kernels->add_bias(records, size, w->weights[tx_head_tensor(&w->dims, h) + 1], work->outputs[h]);
  }
}

void tx_inference_forward(const tx_inference_weights *weights, const tx_pack *pack, tx_inference_work *work)
{
  const size_t width = weights->dims.width;
  memset(work->embedding, 0, pack->sequences * width * sizeof(float));
  for (size_t q = 0; q < pack->sequences; q++) {
    const size_t begin = pack->starts[q], end = pack->starts[q + 1],
                 chunk = end - begin <= BLOCK ? BLOCK : TX_INFERENCE_CHUNK;
    for (size_t t = begin; t < end; t += chunk) {
      const size_t rows = end - t < chunk ? end - t : chunk;
      if (work->rows + rows > BLOCK) run_block(work, pack);
      work->segments[work->segment_count++] = (segment){q, t, work->rows, rows, t == begin, t + rows == end};
      work->rows += rows;
    }
  }
  if (work->rows) run_block(work, pack);
  for (size_t q = 0; q < pack->sequences; q++) {
    const size_t rows = pack->starts[q + 1] - pack->starts[q] - (pack->padding ? pack->padding[q] : 0);
    for (size_t j = 0; j < width; j++) work->embedding[q * width + j] /= (float)rows;
  }
  tx_strands_join(pack, width, work->embedding);
  run_heads(work, tx_pack_records(pack));
}

const float *tx_inference_embedding(const tx_inference_work *work)
{
  return work->embedding;
}

const float *tx_inference_outputs(const tx_inference_work *work, size_t head)
{
  return work->outputs[head];
}
