/* What the library runs on. Two settings it makes for the whole process: htslib's log level is turned off when the first input
   is opened (errors are returned instead), and OpenBLAS is set to one thread when it is first used. */
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
/* That TX_CPU, if it is set and not empty, is the name of a level, of this processor or of another (which is
   left aside for the best that this one has). TX_ERROR_USAGE with the names. The library itself takes a word
   that it does not know for none. */
TX_API tx_status tx_cpu_check(tx_error *error);
/* Versions of the libraries in use, one line: "htslib 1.16, zlib 1.2.13, OpenBLAS 0.3.21 SkylakeX, cJSON 1.7.15". Static storage. */
TX_API const char *tx_libraries(void);
/* Processors this process may use, at least 1: its affinity, and the time quota of its container if that is less. */
TX_API size_t tx_processors(void);
/* Peak resident memory of this process in bytes. */
TX_API uint64_t tx_peak_memory(void);
/* Monotonic clock in seconds. */
TX_API double tx_clock(void);

#ifdef __cplusplus
}
#endif
#endif
