/* Files that a run is going to read and to write: whether one of them would destroy another. */
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
  unsigned group; /* an output and an input of one group may be the same file; 0: of no group */
} tx_path_use;

/* Looks for an output that is the same file as an input or another output, whatever it is called (another
   path, a symbolic link, a hard link): by device and number where it exists, by its folder and name where it
   does not. Only regular files count, so that /dev/null, terminals and pipes may be named as often as one
   likes. Opens nothing. What cannot be looked at is left to the error of its use. TX_ERROR_USAGE names both;
   TX_ERROR_MEMORY. */
TX_API tx_status tx_paths_check(const tx_path_use *uses, size_t count, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
