/* CPU levels, found once by CPUID and XGETBV; TX_CPU=scalar|avx2|avx512|avx512vnni|avx512bf16 in the environment forces a lower
   one. Each level has all instructions of those below it. avx512 is F, DQ, BW and VL. */
#ifndef TX_BASE_CPU_H
#define TX_BASE_CPU_H

typedef enum tx_cpu_level { TX_CPU_SCALAR, TX_CPU_AVX2, TX_CPU_AVX512, TX_CPU_AVX512VNNI, TX_CPU_AVX512BF16 } tx_cpu_level;

#define TX_CPU_LEVELS 5

/* The highest level this processor and operating system support. */
tx_cpu_level tx_cpu_best(void);
/* The level in use: tx_cpu_best(), or a lower one asked for by TX_CPU. */
tx_cpu_level tx_cpu_current(void);
const char *tx_cpu_name(tx_cpu_level level);

#endif
