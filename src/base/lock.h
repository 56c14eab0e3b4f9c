/* Locks of files (fcntl, POSIX): they end with the process that holds them, however it ends. They are the
   process's: a process does not see its own, and loses one by closing any descriptor of the file.
   docs/files.md says what they are worth on network file systems. */
#ifndef TX_BASE_LOCK_H
#define TX_BASE_LOCK_H

#include <stdbool.h>
#include <taxamba/status.h>

typedef enum tx_lock_answer {
  TX_LOCK_TAKEN,
  TX_LOCK_BUSY,
  TX_LOCK_UNKNOWN /* the file system has no locks */
} tx_lock_answer;

/* Tries to lock an open file for writing as a whole; does not wait. */
tx_lock_answer tx_lock_descriptor(int descriptor);

/* Whether the name in the folder (a descriptor, or AT_FDCWD) still is the file that the descriptor was opened
   as: somebody may have removed or replaced it in between. */
bool tx_lock_names(int folder, const char *name, int descriptor);

/* 8 hexadecimal digits that tell this process from an earlier one of the same number. Static storage. */
const char *tx_process_token(void);

/* The right to write an output over hours: the file OUTPUT.lock beside it (symbolic links of OUTPUT
   followed), locked, with the holder's process and host as text. It is removed by the release; that of a
   killed run is taken over by the next one. */
typedef struct tx_lock tx_lock;

/* *ret_lock is NULL on TX_OK where the file system has no locks. TX_ERROR_IO: another process holds it, which
   the message names, or the lock file cannot be made, or there is a file of that name that is none. */
tx_status tx_lock_take(const char *output, tx_lock **ret_lock, tx_error *error);
/* NULL is allowed. */
void tx_lock_release(tx_lock *lock);

#endif
