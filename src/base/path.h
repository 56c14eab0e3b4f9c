/* Names of files as text. */
#ifndef TX_BASE_PATH_H
#define TX_BASE_PATH_H

#include <stddef.h>

/* Length of the folder part of a path with its slash, 0 when there is none. */
size_t tx_folder_length(const char *path);
/* The folder of a path: the part before the last slash, "/" or ".". A new string; NULL when there is no
   memory. */
char *tx_folder_of(const char *path);
/* Follows symbolic links of the last component, also to a file that does not exist yet. A new string; NULL
   with errno set. */
char *tx_resolve_links(const char *path);

#endif
