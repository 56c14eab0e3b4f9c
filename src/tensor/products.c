/* Which product and which scan the features of a processor allow. */
#include "tensor/products.h"

#include "base/cpu.h"
#include "tensor/products_levels.h"

#define NEEDS_NOTHING 0

typedef struct choice {
  tx_precision precision;
  tx_cpu_features needs;
  const tx_product *product;
} choice;

/* For each precision the fastest first: the first whose needs are met is taken. */
static const choice choices[] = {
#define ROW(precision, needs, product) {TX_PRECISION_##precision, needs, &product},
    TX_FAST_PRODUCTS(ROW)
#undef ROW
    {TX_PRECISION_FLOAT32, NEEDS_NOTHING, &tx_portable_float32_product},
    {TX_PRECISION_BF16, NEEDS_NOTHING, &tx_portable_bf16_product},
    {TX_PRECISION_INT8, NEEDS_NOTHING, &tx_portable_int8_product},
};

const tx_product *tx_product_with(tx_cpu_features features, tx_precision precision)
{
  if (precision != TX_PRECISION_BF16 && precision != TX_PRECISION_INT8) precision = TX_PRECISION_FLOAT32;
  for (size_t i = 0;; i++)
    if (choices[i].precision == precision && tx_cpu_has(features, choices[i].needs))
      return choices[i].product;
}

const tx_product *tx_product_current(tx_precision precision)
{
  return tx_product_with(tx_cpu_current(), precision);
}

const tx_scan *tx_scan_with(tx_cpu_features features)
{
#if defined(__x86_64__)
  if (tx_cpu_has(features, TX_CPU_AVX512)) return &tx_avx512_scan;
  if (tx_cpu_has(features, TX_CPU_AVX2)) return &tx_avx2_scan;
#endif
  (void)features;
  return &tx_portable_scan;
}

const tx_scan *tx_scan_current(void)
{
  return tx_scan_with(tx_cpu_current());
}

size_t tx_scan_scratch(const tx_ssd_dims *dims)
{
  const size_t row = TX_SCAN_CHUNK + 64, widest = dims->state > TX_SCAN_CHUNK ? dims->state : TX_SCAN_CHUNK;
  return dims->state * row + TX_SCAN_CHUNK * row + widest * 16 + TX_SCAN_CHUNK * dims->head_width + 3 * row;
}
