/* Temporary files of outputs: ".NAME.tmp.PROCESS.TOKEN" beside NAME, locked for as long as they are
 written. */
#ifndef TX_BASE_TEMPORARY_H
#define TX_BASE_TEMPORARY_H

#include <sys/types.h>

/* Removes what killed runs have left of `target` and makes a new file, open for reading and writing and
   locked as far as the file system has locks. 0 and a new string; or the number of an error (errno). The
   descriptor must stay open until the file is renamed or removed. */
int tx_temporary_create(const char *target, mode_t mode, char **ret_path, int *ret_descriptor);

#endif
