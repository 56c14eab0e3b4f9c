/* Instruction sets of the processor as bits, found once by CPUID and XGETBV. A kernel names the bits that it
   needs. TX_CPU in the environment names a set of bits; the others are then not used. */
#ifndef TX_BASE_CPU_H
#define TX_BASE_CPU_H

#include <stdbool.h>
#include <stddef.h>

/* Asks for the cache line of an address that will be read soon; does nothing where the compiler has no way to
   say so. The address need not be valid. */
#if defined(__GNUC__)
#define TX_PREFETCH(address) __builtin_prefetch(address)
#else
#define TX_PREFETCH(address) ((void)(address))
#endif

/* A set of the bits below; 0 is plain C alone. */
typedef unsigned tx_cpu_features;

enum {
  TX_CPU_AVX2 = 1 << 0,        /* AVX2 and FMA */
  TX_CPU_AVX_VNNI = 1 << 1,    /* the byte products of VNNI on 256 bits */
  TX_CPU_AVX512 = 1 << 2,      /* F, DQ, BW and VL */
  TX_CPU_AVX512_VNNI = 1 << 3, /* the byte products of VNNI on 512 bits */
  TX_CPU_AVX512_BF16 = 1 << 4
};

/* A set of features with a name. */
typedef struct tx_cpu_set {
  const char *name;
  tx_cpu_features features;
} tx_cpu_set;

/* The named sets, the smallest first: scalar, avx2, avxvnni, avx512, avx512vnni, avx512bf16. Static
   storage. */
const tx_cpu_set *tx_cpu_sets(size_t *ret_count);

/* The features that this processor and operating system support. */
tx_cpu_features tx_cpu_found(void);
/* The features in use: tx_cpu_found(), or only those of them that are in the set named by TX_CPU. */
tx_cpu_features tx_cpu_current(void);

static inline bool tx_cpu_has(tx_cpu_features features, tx_cpu_features needed)
{
  return (features & needed) == needed;
}

/* Name of the last named set that `features` contains completely. */
const char *tx_cpu_name(tx_cpu_features features);

#endif
