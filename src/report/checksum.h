/* Checksums of the inputs of a report. */
#ifndef TX_REPORT_CHECKSUM_H
#define TX_REPORT_CHECKSUM_H

#include <stdint.h>
#include <taxamba/status.h>

/* The SHA-256 of a regular file as 64 digits and a NUL, and its size. TX_ERROR_IO: it cannot be read, or is
   no regular file. */
tx_status tx_file_checksum(const char *path, char text[65], uint64_t *ret_size, tx_error *error);

#endif
