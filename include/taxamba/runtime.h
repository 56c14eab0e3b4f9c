/* The system that the library runs on. The library changes two settings of the whole process: it turns
   htslib's log off when the first input is opened (errors are returned instead), and it sets OpenBLAS to one
   thread when a training with KL-Shampoo or KL-SOAP loads it. Nothing else loads it. While OpenBLAS is loaded
   it starts threads of its own, as many as OPENBLAS_NUM_THREADS says, which then have no work: a program
   should set that variable to 1 before it starts threads, as taxamba does. */
#ifndef TAXAMBA_RUNTIME_H
#define TAXAMBA_RUNTIME_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The set of CPU features in use: "scalar", "avx2", "avxvnni", "avx512", "avx512vnni" or "avx512bf16" (TX_CPU
   in the environment asks for a smaller one). Static storage. */
TX_API const char *tx_cpu(void);
/* Checks that TX_CPU, if it is set and not empty, is the name of a set of features; features of the set that
   this processor lacks are ignored. TX_ERROR_USAGE with the names. The library itself ignores a name that it
   does not know. */
TX_API tx_status tx_cpu_check(tx_error *error);
/* Versions of the libraries in use, one line: "htslib 1.16, zlib 1.2.13, cJSON 1.7.15, HDF5 1.10.8, OpenBLAS
   on demand (libopenblas.so.0)", the last with the name it would be loaded by; HDF5 if it was built with it.
   Static storage. */
TX_API const char *tx_libraries(void);
/* The number of processors this process may use, at least 1: its affinity, and the time quota of its
   container if that is less. */
TX_API size_t tx_processors(void);
/* Peak resident memory of this process in bytes. */
TX_API uint64_t tx_peak_memory(void);
/* Monotonic clock in seconds. */
TX_API double tx_clock(void);

#ifdef __cplusplus
}
#endif
#endif
