#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/memory.h"

size_t tx_folder_length(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) + 1 : 0;
}

char *tx_folder_of(const char *path)
{
  const size_t length = tx_folder_length(path);
  if (!length) return tx_copy_text(".", 1);
  return tx_copy_text(path, length > 1 ? length - 1 : 1);
}

char *tx_resolve_links(const char *path)
{
  char *current = tx_copy_text(path, strlen(path));
  for (int depth = 0; current && depth < 40; depth++) {
    char link[PATH_MAX];
    size_t folder = tx_folder_length(current);
    tx_bytes next = {0};
    ssize_t length = readlink(current, link, sizeof link);
    if (length < 0) return current;
    if ((size_t)length == sizeof link) break;
    if (length && link[0] != '/') tx_bytes_append(&next, current, folder);
    tx_bytes_append(&next, link, (size_t)length);
    free(current);
    current = next.failed ? NULL : next.data;
    if (next.failed) tx_bytes_free(&next);
  }
  errno = current ? ELOOP : ENOMEM;
  free(current);
  return NULL;
}
