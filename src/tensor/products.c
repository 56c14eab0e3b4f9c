/* Which product and which scan a CPU level has. */
#include "tensor/products.h"

#include "base/cpu.h"
#include "tensor/products_levels.h"

const tx_product *tx_product_level(int level, tx_precision precision)
{
  if (level > (int)tx_cpu_best()) return NULL;
#if defined(__x86_64__)
  if (level >= TX_CPU_AVX512BF16 && precision == TX_PRECISION_BF16) return &tx_avx512bf16_bf16_product;
  if (level >= TX_CPU_AVX512VNNI && precision == TX_PRECISION_INT8) return &tx_avx512vnni_int8_product;
  if (level >= TX_CPU_AVX512)
    return precision == TX_PRECISION_INT8   ? &tx_avx512_int8_product
           : precision == TX_PRECISION_BF16 ? &tx_avx512_bf16_product
                                            : &tx_avx512_float32_product;
  if (level >= TX_CPU_AVX2)
    return precision == TX_PRECISION_INT8   ? &tx_avx2_int8_product
           : precision == TX_PRECISION_BF16 ? &tx_avx2_bf16_product
                                            : &tx_avx2_float32_product;
#endif
  return precision == TX_PRECISION_INT8   ? &tx_portable_int8_product
         : precision == TX_PRECISION_BF16 ? &tx_portable_bf16_product
                                          : &tx_portable_float32_product;
}

const tx_product *tx_product_current(tx_precision precision)
{
  return tx_product_level((int)tx_cpu_current(), precision);
}

const tx_scan *tx_scan_level(int level)
{
  if (level > (int)tx_cpu_best()) return NULL;
#if defined(__x86_64__)
  if (level >= TX_CPU_AVX512) return &tx_avx512_scan;
  if (level >= TX_CPU_AVX2) return &tx_avx2_scan;
#endif
  return &tx_portable_scan;
}

const tx_scan *tx_scan_current(void)
{
  return tx_scan_level((int)tx_cpu_current());
}

size_t tx_scan_scratch(const tx_ssd_dims *dims)
{
  const size_t row = TX_SCAN_CHUNK + 64, widest = dims->state > TX_SCAN_CHUNK ? dims->state : TX_SCAN_CHUNK;
  return dims->state * row + TX_SCAN_CHUNK * row + widest * 16 + TX_SCAN_CHUNK * dims->head_width + 3 * row;
}
