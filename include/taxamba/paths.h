/* Checks of the files that a run will read and write: whether writing one would destroy another. */
#ifndef TAXAMBA_PATHS_H
#define TAXAMBA_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tx_path_use {
  const char *what; /* for messages: "--output", "the input" */
  const char *path; /* NULL: the open file `descriptor` */
  int descriptor;
  bool output;    /* written, not read */
  unsigned group; /* an output and an input with the same number may be the same file; 0: no group */
} tx_path_use;

/* Checks that no output is the same file as an input or another output, whatever its name (another path, a
   symbolic link, a hard link). An existing file is compared by device and inode number, a new one by its
   folder and name. Only regular files are compared: /dev/null, terminals and pipes may be used several times.
   Opens no file. A file that cannot be examined is not an error here; using it reports the error.
   TX_ERROR_USAGE names both files; TX_ERROR_MEMORY. */
TX_API tx_status tx_paths_check(const tx_path_use *uses, size_t count, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
