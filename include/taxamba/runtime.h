/* What the library runs on. */
#ifndef TAXAMBA_RUNTIME_H
#define TAXAMBA_RUNTIME_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "avx512", "avx2" or "scalar": the kernels in use (TX_CPU forces a lower level). */
TX_API const char *tx_cpu(void);
/* Versions of the libraries in use, one line: "htslib 1.16, zlib 1.2.13, OpenBLAS 0.3.21, cJSON 1.7.15". Static storage. */
TX_API const char *tx_libraries(void);
/* Processors this process may use, at least 1. */
TX_API size_t tx_processors(void);
/* Peak resident memory of this process in bytes. */
TX_API uint64_t tx_peak_memory(void);
/* Monotonic clock in seconds. */
TX_API double tx_clock(void);

#ifdef __cplusplus
}
#endif
#endif
