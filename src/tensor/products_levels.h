/* The products and scans of the levels, each defined in a products_*.c. */
#ifndef TX_TENSOR_PRODUCTS_LEVELS_H
#define TX_TENSOR_PRODUCTS_LEVELS_H

#include "base/cpu.h"
#include "tensor/products.h"
#include "tensor/scan.h"

/* Declares a product with its general form; the one in float32 is also used by the state-space part of
   training. */
#define TX_DECLARE_GENERAL(name) \
  void name##_gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, \
                   const float *a, size_t lda, const float *b, \
                   size_t ldb, bool accumulate, float *c, size_t ldc, float *scratch); \
  extern const size_t name##_gemm_scratch; \
  extern const tx_product name##_product

/* The products for one instruction set: X(precision, the features they need, name), for each precision the
   fastest first. */
#if defined(__x86_64__)
#define TX_FAST_PRODUCTS(X) \
  X(FLOAT32, TX_CPU_AVX512, tx_avx512_float32_product) \
  X(FLOAT32, TX_CPU_AVX2, tx_avx2_float32_product) \
  X(BF16, TX_CPU_AVX512 | TX_CPU_AVX512_BF16, tx_avx512bf16_bf16_product) \
  X(BF16, TX_CPU_AVX512, tx_avx512_bf16_product) \
  X(BF16, TX_CPU_AVX2, tx_avx2_bf16_product) \
  X(INT8, TX_CPU_AVX512 | TX_CPU_AVX512_VNNI, tx_avx512vnni_int8_product) \
  X(INT8, TX_CPU_AVX2 | TX_CPU_AVX_VNNI, tx_avxvnni_int8_product) \
  X(INT8, TX_CPU_AVX512, tx_avx512_int8_product) \
  X(INT8, TX_CPU_AVX2, tx_avx2_int8_product)
#else
#define TX_FAST_PRODUCTS(X)
#endif

#define TX_DECLARE_PRODUCT(precision, needs, product) extern const tx_product product;
TX_FAST_PRODUCTS(TX_DECLARE_PRODUCT)
#undef TX_DECLARE_PRODUCT

TX_DECLARE_GENERAL(tx_portable_float32);
TX_DECLARE_GENERAL(tx_portable_bf16);
extern const tx_product tx_portable_int8_product;
extern const tx_scan tx_portable_scan;
#if defined(__x86_64__)
TX_DECLARE_GENERAL(tx_avx2_float32);
TX_DECLARE_GENERAL(tx_avx2_bf16);
extern const tx_scan tx_avx2_scan;
TX_DECLARE_GENERAL(tx_avx512_float32);
TX_DECLARE_GENERAL(tx_avx512_bf16);
extern const tx_scan tx_avx512_scan;
TX_DECLARE_GENERAL(tx_avx512bf16_bf16);
#endif

#endif
