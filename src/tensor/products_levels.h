/* The products of the levels, each defined in products_<level>.c. */
#ifndef TX_TENSOR_PRODUCTS_LEVELS_H
#define TX_TENSOR_PRODUCTS_LEVELS_H

#include "tensor/products.h"
#include "tensor/scan.h"

extern const tx_product tx_portable_float32_product, tx_portable_bf16_product, tx_portable_int8_product;
extern const tx_scan tx_portable_scan;
#if defined(__x86_64__)
extern const tx_product tx_avx2_float32_product, tx_avx2_bf16_product, tx_avx2_int8_product;
extern const tx_scan tx_avx2_scan;
extern const tx_product tx_avx512_float32_product, tx_avx512_bf16_product, tx_avx512_int8_product;
extern const tx_scan tx_avx512_scan;
extern const tx_product tx_avx512vnni_int8_product;
extern const tx_product tx_avx512bf16_bf16_product;
#endif

#endif
