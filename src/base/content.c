#include "base/content.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#define READ_SIZE (1 << 24) /* bytes of one read: some systems read no more than 2^31 at once */

static tx_status fail_changed(const char *path, tx_error *error)
{
  return tx_fail(error, TX_ERROR_IO, "%s: the file changed while it was read; try again when it is complete",
                 path);
}

/* Reads up to `size` bytes, fewer only at the end of the file. */
static tx_status read_part(int descriptor, const char *path, unsigned char *data, size_t size,
                           size_t *ret_count, tx_error *error)
{
  *ret_count = 0;
  while (*ret_count < size) {
    const size_t wanted = size - *ret_count < READ_SIZE ? size - *ret_count : READ_SIZE;
    const ssize_t count = read(descriptor, data + *ret_count, wanted);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tx_fail(error, TX_ERROR_IO, "%s: cannot read: %s", path, strerror(errno));
    if (count == 0) break;
    *ret_count += (size_t)count;
  }
  return TX_OK;
}

/* Reads the whole file, whose size was found when it was opened. A file that is being written has another
   size at the end. */
static tx_status read_content(int descriptor, const char *path, size_t size, tx_content_judge opt_judge,
                              tx_content *content, tx_error *error)
{
  unsigned char start[TX_CONTENT_START], more;
  const size_t start_size = size < sizeof start ? size : sizeof start;
  size_t count;
  tx_status status = read_part(descriptor, path, start, start_size, &count, error);
  if (status == TX_OK && count < start_size) status = fail_changed(path, error);
  if (status == TX_OK && opt_judge) status = opt_judge(path, start, start_size, size, error);
  if (status != TX_OK) return status;
  content->data = tx_malloc_aligned(size, 1);
  if (!content->data) return tx_fail_memory(error, path);
  content->size = size;
  memcpy(content->data, start, start_size);
  status = read_part(descriptor, path, content->data + start_size, size - start_size, &count, error);
  if (status == TX_OK && count < size - start_size) status = fail_changed(path, error);
  if (status == TX_OK) status = read_part(descriptor, path, &more, 1, &count, error);
  if (status == TX_OK && count) status = fail_changed(path, error);
  return status;
}

tx_status tx_content_read(const char *path, tx_content_judge opt_judge, tx_content *ret_content,
                          tx_error *error)
{
  struct stat file;
  int descriptor;
  tx_status status;
  *ret_content = (tx_content){0};
  status = tx_open_regular(path, &file, &descriptor, error);
  if (status != TX_OK) return status;
  if (!S_ISREG(file.st_mode))
    status = tx_fail(error, TX_ERROR_IO, "%s: is no regular file", path);
  else if (!file.st_size)
    status = tx_fail(error, TX_ERROR_DATA, "%s: the file is empty", path);
  else if ((uintmax_t)file.st_size > PTRDIFF_MAX)
    status = tx_fail_memory(error, path);
  else
    status = read_content(descriptor, path, (size_t)file.st_size, opt_judge, ret_content, error);
  close(descriptor);
  if (status != TX_OK) tx_content_free(ret_content);
  return status;
}

void tx_content_free(tx_content *content)
{
  free(content->data);
  *content = (tx_content){0};
}
