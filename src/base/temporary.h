/* Temporary files of outputs: ".NAME.tmp.PROCESS.TOKEN" next to NAME, locked while they are written. */
#ifndef TX_BASE_TEMPORARY_H
#define TX_BASE_TEMPORARY_H

#include <sys/types.h>

/* Removes the temporary files of `target` that killed runs have left and creates a new one, open for reading
   and writing, and locked if the file system has locks. Returns 0 and a new string, or an error number
   (errno). The descriptor must stay open until the file is renamed or removed. */
int tx_temporary_create(const char *target, mode_t mode, char **ret_path, int *ret_descriptor);

#endif
