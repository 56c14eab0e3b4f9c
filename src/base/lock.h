/* Locks of files (fcntl, POSIX): they end with the process that holds them, however it ends. They belong to
   the process: it does not see its own locks, and loses one by closing any descriptor of the file.
   docs/files.md describes their limits on network file systems. */
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
   for: another process may have removed or replaced it in between. */
bool tx_lock_names(int folder, const char *name, int descriptor);

/* 8 hexadecimal digits that distinguish this process from an earlier one with the same number. Static
   storage. */
const char *tx_process_token(void);

/* The right to write an output during a long run: the file OUTPUT.lock next to it (symbolic links of OUTPUT
   followed), locked, with the holder's process and host as text. The release removes it; the next run takes
   over the one of a killed run. */
typedef struct tx_lock tx_lock;

/* Takes the lock. *ret_lock is NULL on TX_OK where the file system has no locks. TX_ERROR_IO: another process
   holds it, which the message names, or the lock file cannot be created, or a file of that name is not a lock
   file. */
tx_status tx_lock_take(const char *output, tx_lock **ret_lock, tx_error *error);
/* Releases the lock; NULL is allowed. */
void tx_lock_release(tx_lock *lock);

#endif
