/* How the library fills a tx_error. Every function here returns `code`, so that a caller can write
   `return tx_fail(error, TX_ERROR_IO, "...")`. `error` may be NULL: then only the code is returned. */
#ifndef TX_BASE_ERROR_H
#define TX_BASE_ERROR_H

#include <taxamba/status.h>

tx_status tx_fail(tx_error *error, tx_status code, const char *format, ...) TX_PRINTF(3, 4);

/* As tx_fail, with "FILE:LINE: record NUMBER: " before the text; line or record 0 leaves that part out. */
tx_status tx_fail_at(tx_error *error, tx_status code, const char *file, uint64_t line, uint64_t record,
                     const char *format, ...) TX_PRINTF(6, 7);

tx_status tx_fail_memory(tx_error *error, const char *what);

#endif
