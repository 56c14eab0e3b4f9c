/* CPU levels, found once by CPUID and XGETBV; TX_CPU=scalar|avx2|avx512 in the environment forces a lower one.
   On 64-bit ARM the levels are scalar and neon. */
#ifndef TX_BASE_CPU_H
#define TX_BASE_CPU_H

typedef enum tx_cpu_level { TX_CPU_SCALAR, TX_CPU_AVX2, TX_CPU_AVX512 } tx_cpu_level;

/* The level above plain C on 64-bit ARM, where those of x86-64 do not exist. */
enum { TX_CPU_NEON = TX_CPU_SCALAR + 1 };

/* The highest level this processor and operating system support. */
tx_cpu_level tx_cpu_best(void);
/* The level in use: tx_cpu_best(), or a lower one asked for by TX_CPU. */
tx_cpu_level tx_cpu_current(void);
const char *tx_cpu_name(tx_cpu_level level);

#endif
