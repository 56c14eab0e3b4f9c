#include "kernel_list.h"

#include "tensor/products.h"
#include "tensor/scan.h"

/* d_model 384, expand 2, d_state 64, headdim 48, MLP 4 x 384. */
enum {
  D = 384,
  INNER = 768,
  STATE = 64,
  HEAD = 48,
  HEADS = 16,
  CHANNELS = INNER + 2 * STATE,
  PROJECTED = INNER + CHANNELS + HEADS,
  MLP = 1536
};
/* a k-mer barcode, a pack of 8, a barcode of bases */
enum { TOKENS = 110, MANY = 880, LONG = 660, CHUNK = 110, VOCABULARY = 4104, CONV = 4 };

static const tx_ssd_dims ssd_dims = {.state = STATE, .head_width = HEAD, .heads = HEADS};

typedef tx_bench_kernel line;
typedef tx_bench_thread context;

#define BUFFER(name) (t->buffers[TX_BENCH_##name])

/* ---- products ---- */

static const tx_product *product_of(const line *l)
{
  return tx_product_current(l->format == TX_BENCH_INT8   ? TX_PRECISION_INT8
                            : l->format == TX_BENCH_BF16 ? TX_PRECISION_BF16
                                                         : TX_PRECISION_FLOAT32);
}

static void run_gemm(const line *l, context *t)
{
  product_of(l)->gemm(false, true, l->m, l->n, l->k, BUFFER(X), l->k, BUFFER(WEIGHT), l->k, false,
                      BUFFER(OUT), l->n, BUFFER(SCRATCH));
}

static void pack_weight(const line *l, context *t)
{
  product_of(l)->pack_weights(l->n, l->k, BUFFER(WEIGHT_GRADIENT), BUFFER(WEIGHT));
}

/* Packing the rows included, as in a forward pass. */
static void run_product(const line *l, context *t)
{
  const tx_product *product = product_of(l);
  for (size_t block = 0; block < tx_product_blocks(l->k); block++) {
    const size_t start = tx_product_block_start(l->k, block);
    product->pack_rows(l->m, tx_product_block_start(l->k, block + 1) - start, BUFFER(X) + start, l->k,
                       BUFFER(SCRATCH));
    product->multiply(l->m, 0, l->n, l->n, l->k, block, BUFFER(SCRATCH), BUFFER(WEIGHT), block > 0,
                      BUFFER(OUT), l->n);
  }
}

/* Gradient of the weight (n, k) from those of the output (m, n) and the input (m, k). */
static void run_gemm_weight(const line *l, context *t)
{
  product_of(l)->gemm(true, false, l->n, l->k, l->m, BUFFER(OUT_GRADIENT), l->n, BUFFER(X), l->k, true,
                      BUFFER(WEIGHT_GRADIENT), l->k, BUFFER(SCRATCH));
}

/* Gradient of the input (m, k). */
static void run_gemm_input(const line *l, context *t)
{
  product_of(l)->gemm(false, false, l->m, l->k, l->n, BUFFER(OUT_GRADIENT), l->n, BUFFER(WEIGHT), l->k, false,
                      BUFFER(X_GRADIENT), l->k, BUFFER(SCRATCH));
}

/* ---- state space: m tokens of one sequence ---- */

static void run_ssd(const line *l, context *t)
{
  (void)l;
  t->kernels->ssd(&ssd_dims, 1, t->starts, BUFFER(X), BUFFER(POSITIVE), BUFFER(BIAS), BUFFER(Z), BUFFER(OUT),
                  BUFFER(STATISTICS), BUFFER(SCRATCH));
}

/* One chunk of inference; X holds x, Z B and C. */
static void run_scan(const line *l, context *t)
{
  const tx_scan_chunk chunk = {.length = l->m,
                               .first = true,
                               .last = true,
                               .x = BUFFER(X),
                               .x_head = l->m * HEAD,
                               .b = BUFFER(Z),
                               .c = BUFFER(Z) + l->m * STATE,
                               .dt = BUFFER(POSITIVE),
                               .state = BUFFER(STATISTICS),
                               .y = BUFFER(OUT),
                               .ldy = INNER};
  tx_scan_current()->run(&ssd_dims, BUFFER(BIAS), BUFFER(BIAS), &chunk, BUFFER(SCRATCH));
}

static void run_ssd_backward(const line *l, context *t)
{
  (void)l;
  t->kernels->ssd_backward(&ssd_dims, 1, t->starts, BUFFER(X), BUFFER(POSITIVE), BUFFER(BIAS), BUFFER(Z),
                           BUFFER(STATISTICS), BUFFER(OUT_GRADIENT), BUFFER(X_GRADIENT), BUFFER(Z_GRADIENT),
                           BUFFER(BIAS_GRADIENT), BUFFER(WEIGHT_GRADIENT), BUFFER(SCRATCH));
}

/* ---- rows ---- */

static void run_layer_norm(const line *l, context *t)
{
  t->kernels->layer_norm(l->m, l->n, BUFFER(X), BUFFER(WEIGHT), BUFFER(BIAS), BUFFER(OUT),
                         BUFFER(STATISTICS));
}

static void run_layer_norm_backward(const line *l, context *t)
{
  t->kernels->layer_norm_backward(l->m, l->n, BUFFER(X), BUFFER(WEIGHT), BUFFER(STATISTICS),
                                  BUFFER(OUT_GRADIENT), BUFFER(X_GRADIENT), BUFFER(WEIGHT_GRADIENT),
                                  BUFFER(BIAS_GRADIENT));
}

static void run_conv_silu(const line *l, context *t)
{
  t->kernels->conv_silu(1, t->starts, l->n, l->k, BUFFER(X), l->n, BUFFER(WEIGHT), BUFFER(BIAS), BUFFER(OUT));
}

/* OUT stands for the output's gradient, which is overwritten. */
static void run_conv_silu_backward(const line *l, context *t)
{
  t->kernels->conv_silu_backward(1, t->starts, l->n, l->k, BUFFER(X), l->n, BUFFER(WEIGHT), BUFFER(BIAS),
                                 BUFFER(OUT), BUFFER(X_GRADIENT), l->n, BUFFER(WEIGHT_GRADIENT),
                                 BUFFER(BIAS_GRADIENT));
}

static void run_softplus(const line *l, context *t)
{
  t->kernels->softplus(l->m, l->n, BUFFER(X), l->n, BUFFER(BIAS), BUFFER(OUT));
}

static void run_softplus_backward(const line *l, context *t)
{
  t->kernels->softplus_backward(l->m, l->n, BUFFER(X), l->n, BUFFER(BIAS), BUFFER(OUT_GRADIENT),
                                BUFFER(X_GRADIENT), l->n, BUFFER(BIAS_GRADIENT));
}

static void run_gated_norm(const line *l, context *t)
{
  t->kernels->gated_norm(l->m, l->n, BUFFER(X), BUFFER(Z), l->n, BUFFER(WEIGHT), BUFFER(OUT),
                         BUFFER(STATISTICS));
}

static void run_gated_norm_backward(const line *l, context *t)
{
  t->kernels->gated_norm_backward(l->m, l->n, BUFFER(X), BUFFER(Z), l->n, BUFFER(WEIGHT), BUFFER(STATISTICS),
                                  BUFFER(OUT_GRADIENT), BUFFER(X_GRADIENT), BUFFER(Z_GRADIENT), l->n,
                                  BUFFER(WEIGHT_GRADIENT));
}

static void run_bias_gelu(const line *l, context *t)
{
  t->kernels->bias_gelu(l->m, l->n, BUFFER(X), BUFFER(BIAS), BUFFER(OUT));
}

/* OUT stands for the output's gradient, which is overwritten. */
static void run_bias_gelu_backward(const line *l, context *t)
{
  t->kernels->bias_gelu_backward(l->m, l->n, BUFFER(X), BUFFER(BIAS), BUFFER(OUT), BUFFER(BIAS_GRADIENT));
}

static void run_cross_entropy(const line *l, context *t)
{
  t->kernels->cross_entropy_row(l->n, BUFFER(OUT), 0, 0.05f, 0.1f);
}

static void run_embed(const line *l, context *t)
{
  t->kernels->embed(l->m, l->n, BUFFER(WEIGHT), t->ids, 0, 1, BUFFER(OUT));
}

static void run_embed_dropout(const line *l, context *t)
{
  t->kernels->embed(l->m, l->n, BUFFER(WEIGHT), t->ids, 0.1f, 1, BUFFER(OUT));
}

static void run_embed_backward(const line *l, context *t)
{
  t->kernels->embed_backward(l->m, l->n, BUFFER(OUT_GRADIENT), t->ids, 0.1f, 1, BUFFER(WEIGHT_GRADIENT));
}

static void run_add(const line *l, context *t)
{
  t->kernels->add(l->m * l->n, BUFFER(X), BUFFER(OUT));
}

static void run_add_bias(const line *l, context *t)
{
  t->kernels->add_bias(l->m, l->n, BUFFER(BIAS), BUFFER(OUT));
}

static void run_add_column_sums(const line *l, context *t)
{
  t->kernels->add_column_sums(l->m, l->n, BUFFER(X), BUFFER(OUT));
}

/* ---- the list ---- */

#define PRODUCT(NAME, RUN, FORMAT, M, N, K) \
  {.name = NAME, .run = RUN, .m = M, .n = N, .k = K, .operations = 2.0 * (M) * (N) * (K), .format = FORMAT}
#define PACKED(NAME, RUN, PREPARE, FORMAT, M, N, K)                                                          \
  {                                                                                                          \
    .name = NAME, .run = RUN, .m = M, .n = N, .k = K, .operations = 2.0 * (M) * (N) * (K), .format = FORMAT, \
    .prepare = PREPARE                                                                                       \
  }
/* ARRAYS: how many (m, n) arrays are read or written. */
#define STREAM(NAME, RUN, M, N, K, ARRAYS)                                                                   \
  {                                                                                                          \
    .name = NAME, .run = RUN, .m = M, .n = N, .k = K, .bytes = 4.0 * (ARRAYS) * (M) * (N)                    \
  }
#define IN_PLACE(NAME, RUN, M, N, K, ARRAYS) \
  {.name = NAME, .run = RUN, .m = M, .n = N, .k = K, .bytes = 4.0 * (ARRAYS) * (M) * (N), .restore = true}
/* Chunks of CHUNK tokens: C B^T and W X in each, and the carried state where there is more than one. Backward
   counts twice. */
#define SSD(NAME, RUN, M, TIMES) \
  {.name = NAME, .run = RUN, .m = M, .n = CHANNELS, .k = 1, \
   .operations = (TIMES) * 2.0 * (M) * (CHUNK * (STATE + INNER) + ((M) > CHUNK ? 2 * INNER * STATE : 0))}

const tx_bench_kernel tx_bench_kernels[] = {
    PRODUCT("gemm", run_gemm, TX_BENCH_FLOAT32, TOKENS, PROJECTED, D),
    PRODUCT("gemm", run_gemm, TX_BENCH_FLOAT32, TOKENS, D, INNER),
    PRODUCT("gemm", run_gemm, TX_BENCH_FLOAT32, TOKENS, MLP, D),
    PRODUCT("gemm", run_gemm, TX_BENCH_FLOAT32, TOKENS, D, MLP),
    PRODUCT("gemm", run_gemm, TX_BENCH_FLOAT32, MANY, PROJECTED, D),
    PRODUCT("gemm", run_gemm, TX_BENCH_FLOAT32, MANY, MLP, D),
    PACKED("product float32", run_product, pack_weight, TX_BENCH_FLOAT32, TOKENS, PROJECTED, D),
    PACKED("product float32", run_product, pack_weight, TX_BENCH_FLOAT32, TOKENS, D, INNER),
    PACKED("product float32", run_product, pack_weight, TX_BENCH_FLOAT32, TOKENS, MLP, D),
    PACKED("product float32", run_product, pack_weight, TX_BENCH_FLOAT32, TOKENS, D, MLP),
    PACKED("product bf16", run_product, pack_weight, TX_BENCH_BF16, TOKENS, PROJECTED, D),
    PACKED("product bf16", run_product, pack_weight, TX_BENCH_BF16, TOKENS, D, INNER),
    PACKED("product bf16", run_product, pack_weight, TX_BENCH_BF16, TOKENS, MLP, D),
    PACKED("product bf16", run_product, pack_weight, TX_BENCH_BF16, TOKENS, D, MLP),
    PACKED("product int8", run_product, pack_weight, TX_BENCH_INT8, TOKENS, PROJECTED, D),
    PACKED("product int8", run_product, pack_weight, TX_BENCH_INT8, TOKENS, D, INNER),
    PACKED("product int8", run_product, pack_weight, TX_BENCH_INT8, TOKENS, MLP, D),
    PACKED("product int8", run_product, pack_weight, TX_BENCH_INT8, TOKENS, D, MLP),
    PRODUCT("gemm weight gradient", run_gemm_weight, TX_BENCH_FLOAT32, MANY, PROJECTED, D),
    PRODUCT("gemm weight gradient", run_gemm_weight, TX_BENCH_FLOAT32, MANY, D, INNER),
    PRODUCT("gemm weight gradient", run_gemm_weight, TX_BENCH_FLOAT32, MANY, MLP, D),
    PRODUCT("gemm weight gradient", run_gemm_weight, TX_BENCH_FLOAT32, MANY, D, MLP),
    PRODUCT("gemm input gradient", run_gemm_input, TX_BENCH_FLOAT32, MANY, PROJECTED, D),
    PRODUCT("gemm input gradient", run_gemm_input, TX_BENCH_FLOAT32, MANY, D, INNER),
    PRODUCT("gemm input gradient", run_gemm_input, TX_BENCH_FLOAT32, MANY, MLP, D),
    PRODUCT("gemm input gradient", run_gemm_input, TX_BENCH_FLOAT32, MANY, D, MLP),
    PRODUCT("gemm bf16", run_gemm, TX_BENCH_BF16, MANY, PROJECTED, D),
    PRODUCT("gemm bf16", run_gemm, TX_BENCH_BF16, MANY, MLP, D),
    PRODUCT("gemm bf16 weight gradient", run_gemm_weight, TX_BENCH_BF16, MANY, PROJECTED, D),
    PRODUCT("gemm bf16 weight gradient", run_gemm_weight, TX_BENCH_BF16, MANY, D, INNER),
    PRODUCT("gemm bf16 weight gradient", run_gemm_weight, TX_BENCH_BF16, MANY, MLP, D),
    PRODUCT("gemm bf16 weight gradient", run_gemm_weight, TX_BENCH_BF16, MANY, D, MLP),
    PRODUCT("gemm bf16 input gradient", run_gemm_input, TX_BENCH_BF16, MANY, PROJECTED, D),
    PRODUCT("gemm bf16 input gradient", run_gemm_input, TX_BENCH_BF16, MANY, D, INNER),
    PRODUCT("gemm bf16 input gradient", run_gemm_input, TX_BENCH_BF16, MANY, MLP, D),
    PRODUCT("gemm bf16 input gradient", run_gemm_input, TX_BENCH_BF16, MANY, D, MLP),
    SSD("scan", run_scan, TOKENS, 1),
    SSD("ssd", run_ssd, TOKENS, 1),
    SSD("ssd", run_ssd, LONG, 1),
    SSD("ssd backward", run_ssd_backward, TOKENS, 2),
    SSD("ssd backward", run_ssd_backward, LONG, 2),
    STREAM("layer_norm", run_layer_norm, TOKENS, D, 1, 2),
    STREAM("layer_norm backward", run_layer_norm_backward, TOKENS, D, 1, 4),
    STREAM("conv_silu", run_conv_silu, TOKENS, CHANNELS, CONV, 2),
    IN_PLACE("conv_silu backward", run_conv_silu_backward, TOKENS, CHANNELS, CONV, 4),
    STREAM("softplus", run_softplus, TOKENS, HEADS, 1, 2),
    STREAM("softplus backward", run_softplus_backward, TOKENS, HEADS, 1, 3),
    STREAM("gated_norm", run_gated_norm, TOKENS, INNER, 1, 3),
    STREAM("gated_norm backward", run_gated_norm_backward, TOKENS, INNER, 1, 5),
    STREAM("bias_gelu", run_bias_gelu, TOKENS, MLP, 1, 2),
    IN_PLACE("bias_gelu backward", run_bias_gelu_backward, TOKENS, MLP, 1, 3),
    IN_PLACE("cross_entropy_row", run_cross_entropy, 1, 1653, 1, 2),
    IN_PLACE("cross_entropy_row", run_cross_entropy, 1, 14742, 1, 2),
    STREAM("embed", run_embed, TOKENS, D, VOCABULARY, 2),
    STREAM("embed, dropout", run_embed_dropout, TOKENS, D, VOCABULARY, 2),
    STREAM("embed backward, dropout", run_embed_backward, TOKENS, D, VOCABULARY, 3),
    STREAM("add", run_add, TOKENS, D, 1, 3),
    STREAM("add_bias", run_add_bias, TOKENS, D, 1, 2),
    STREAM("add_column_sums", run_add_column_sums, TOKENS, D, 1, 1),
};
const size_t tx_bench_kernel_count = sizeof tx_bench_kernels / sizeof *tx_bench_kernels;

size_t tx_bench_kernel_scratch(void)
{
  size_t most = tx_ssd_scratch(&ssd_dims, *tx_product_current(TX_PRECISION_FLOAT32)->gemm_scratch);
  for (int p = TX_PRECISION_FLOAT32; p <= TX_PRECISION_INT8; p++) {
    const size_t rows = tx_product_current((tx_precision)p)->rows_size(TOKENS) / sizeof(float);
    most = rows > most ? rows : most;
  }
  return tx_scan_scratch(&ssd_dims) > most ? tx_scan_scratch(&ssd_dims) : most;
}

size_t tx_bench_kernel_weight(const tx_bench_kernel *kernel)
{
  const size_t plain = kernel->n * kernel->k,
               packed = kernel->run == run_product
                            ? product_of(kernel)->weights_size(kernel->n, kernel->k) / sizeof(float)
                            : 0;
  return plain > packed ? plain : packed;
}
