#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"

#define BUFFER_SIZE 262144
#define NAME_KEPT 200 /* bytes of the name kept in the temporary name, as a file name is limited to 255 */

struct tx_output {
  int descriptor;
  bool standard;   /* standard output */
  char *path;      /* as given, for messages */
  char *target;    /* where the file will be, symbolic links resolved; NULL when written directly */
  char *temporary; /* its name until then; NULL when written directly */
  size_t used;
  uint64_t written; /* bytes handed to the system */
  int failure;      /* errno of the first failed write: everything after it fails too */
  char buffer[BUFFER_SIZE];
};

static tx_status fail_errno(tx_error *error, const char *path, const char *deed, int number)
{
  if (number == ENOMEM) return tx_fail(error, TX_ERROR_MEMORY, "%s: cannot %s: %s", path, deed, strerror(number));
  return tx_fail(error, number == EPIPE ? TX_ERROR_PIPE : TX_ERROR_IO, "%s: cannot %s: %s", path, deed, strerror(number));
}

/* Length of the folder part of a path with its slash, 0 when there is none. */
static size_t folder_length(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Follows symbolic links, so that an output replaces the file and not the link to it. errno is set when NULL is returned. */
static char *resolve_links(const char *path)
{
  char *current = tx_copy_text(path, strlen(path));
  for (int depth = 0; current && depth < 40; depth++) {
    char link[PATH_MAX];
    size_t folder = folder_length(current);
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

/* Creates a new file ".NAME.tmp.PID" in the folder of the target. */
static tx_status create_temporary(tx_output *output, mode_t mode, tx_error *error)
{
  size_t folder = folder_length(output->target);
  const char *name = output->target + folder;
  for (int attempt = 0; attempt < 100; attempt++) {
    tx_bytes text = {0};
    tx_bytes_append(&text, output->target, folder);
    tx_bytes_printf(&text, ".%.*s.tmp.%ld", NAME_KEPT, name, (long)getpid());
    if (attempt) tx_bytes_printf(&text, ".%d", attempt);
    if (text.failed) {
      tx_bytes_free(&text);
      return tx_fail_memory(error, output->path);
    }
    output->descriptor = open(text.data, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (output->descriptor >= 0) {
      output->temporary = text.data;
      return TX_OK;
    }
    tx_bytes_free(&text);
    if (errno != EEXIST) break;
  }
  return fail_errno(error, output->path, "create", errno);
}

static tx_status open_path(tx_output *output, tx_error *error)
{
  struct stat status;
  bool exists = stat(output->path, &status) == 0;
  size_t length = strlen(output->path);
  tx_status created;
  if ((exists && S_ISDIR(status.st_mode)) || output->path[length - 1] == '/') return fail_errno(error, output->path, "write", EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {
    output->descriptor = open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return output->descriptor < 0 ? fail_errno(error, output->path, "open", errno) : TX_OK;
  }
  /* A rename needs no right to write the old file: ask, as a write-protected file is not to be replaced. */
  if (exists && access(output->path, W_OK)) return fail_errno(error, output->path, "write", errno);
  output->target = resolve_links(output->path);
  if (!output->target) return fail_errno(error, output->path, "open", errno);
  /* An old file's rights are kept; the second step sets what the umask took away. */
  created = create_temporary(output, exists ? status.st_mode & 0777 : 0666, error);
  if (!created && exists) (void)fchmod(output->descriptor, status.st_mode & 0777);
  return created;
}

tx_status tx_output_open(const char *path, tx_output **ret_output, tx_error *error)
{
  tx_output *output = malloc(sizeof *output);
  tx_status status = TX_OK;
  bool standard = !*path || !strcmp(path, "-") || !strcmp(path, "/dev/stdout");
  *ret_output = NULL;
  if (!output) return tx_fail_memory(error, "an output file");
  memset(output, 0, offsetof(tx_output, buffer));
  output->standard = standard;
  output->descriptor = standard ? STDOUT_FILENO : -1;
  if (standard) path = "standard output";
  output->path = tx_copy_text(path, strlen(path));
  if (!output->path)
    status = tx_fail_memory(error, "an output file");
  else if (!standard)
    status = open_path(output, error);
  if (status) {
    tx_output_abort(output);
    return status;
  }
  *ret_output = output;
  return TX_OK;
}

static tx_status fail_write(tx_output *output, tx_error *error)
{
  return fail_errno(error, output->path, "write", output->failure);
}

/* Hands bytes to the system, whole. */
static tx_status write_through(tx_output *output, const char *data, size_t size, tx_error *error)
{
  while (size) {
    ssize_t count = write(output->descriptor, data, size < SSIZE_MAX ? size : SSIZE_MAX);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      struct pollfd wait = {.fd = output->descriptor, .events = POLLOUT}; /* a parent may have made our standard output non-blocking */
      (void)poll(&wait, 1, -1);
      continue;
    }
    if (count < 0) {
      output->failure = errno;
      return fail_write(output, error);
    }
    data += count;
    size -= (size_t)count;
    output->written += (uint64_t)count;
  }
  return TX_OK;
}

tx_status tx_output_write(tx_output *output, const void *data, size_t size, tx_error *error)
{
  if (output->failure) return fail_write(output, error);
  if (size > BUFFER_SIZE - output->used) {
    tx_status status = tx_output_flush(output, error);
    if (status) return status;
    if (size >= BUFFER_SIZE) return write_through(output, data, size, error);
  }
  if (size) memcpy(output->buffer + output->used, data, size);
  output->used += size;
  return TX_OK;
}

tx_status tx_output_flush(tx_output *output, tx_error *error)
{
  size_t used = output->used;
  if (output->failure) return fail_write(output, error);
  output->used = 0;
  return write_through(output, output->buffer, used, error);
}

bool tx_output_seekable(const tx_output *output)
{
  return output->temporary != NULL;
}

tx_status tx_output_patch(tx_output *output, uint64_t position, const void *data, size_t size, tx_error *error)
{
  const char *at = data;
  tx_status status;
  if (!output->temporary) return tx_fail(error, TX_ERROR_IO, "%s: cannot go back in this output; name a regular file", output->path);
  status = tx_output_flush(output, error);
  if (status) return status;
  if (position > output->written || size > output->written - position)
    return tx_fail(error, TX_ERROR_IO, "%s: cannot overwrite bytes that are not written yet", output->path);
  while (size) {
    ssize_t count = pwrite(output->descriptor, at, size, (off_t)position);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      output->failure = errno;
      return fail_write(output, error);
    }
    at += count;
    size -= (size_t)count;
    position += (uint64_t)count;
  }
  return TX_OK;
}

/* Makes a rename last over a power failure. A file system that cannot do so is no error. The target is cut at its folder: nothing is
   allocated once the file has its name. */
static tx_status sync_folder(tx_output *output, tx_error *error)
{
  size_t length = folder_length(output->target);
  int descriptor;
  int failure = 0;
  output->target[length] = '\0';
  descriptor = open(length ? output->target : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return TX_OK;
  if (fsync(descriptor)) failure = errno;
  close(descriptor);
  return failure == EIO ? fail_errno(error, output->path, "synchronise the folder of", failure) : TX_OK;
}

/* Delayed write errors (network file systems, quotas) are told by fsync and close. */
static tx_status finish_descriptor(tx_output *output, tx_error *error)
{
  int descriptor = output->standard ? dup(STDOUT_FILENO) : output->descriptor;
  int failure = 0;
  if (descriptor < 0) return fail_errno(error, output->path, "write", errno);
  if (output->temporary && fsync(descriptor) && errno != EINVAL && errno != ENOTSUP && errno != EROFS) failure = errno;
  if (close(descriptor) && errno != EINTR && !failure) failure = errno;
  output->descriptor = -1;
  return failure ? fail_errno(error, output->path, "write", failure) : TX_OK;
}

tx_status tx_output_commit(tx_output *output, tx_error *error)
{
  tx_status status = tx_output_flush(output, error);
  if (!status) status = finish_descriptor(output, error);
  if (!status && output->temporary) {
    if (rename(output->temporary, output->target)) {
      status = fail_errno(error, output->path, "rename the finished file to", errno);
    } else {
      free(output->temporary);
      output->temporary = NULL;
      status = sync_folder(output, error);
    }
  }
  tx_output_abort(output);
  return status;
}

void tx_output_abort(tx_output *output)
{
  if (!output) return;
  if (output->descriptor >= 0 && !output->standard) close(output->descriptor);
  if (output->temporary) unlink(output->temporary);
  free(output->temporary);
  free(output->target);
  free(output->path);
  free(output);
}

/* Opens for reading without waiting for the other end of a named pipe. */
static tx_status open_regular(const char *path, struct stat *ret_status, int *ret_descriptor, tx_error *error)
{
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  tx_status status = TX_OK;
  *ret_descriptor = descriptor; /* on every way out: gcc cannot see that a failure is never TX_OK */
  if (descriptor < 0) return fail_errno(error, path, "open", errno);
  if (fstat(descriptor, ret_status))
    status = fail_errno(error, path, "read", errno);
  else if (S_ISDIR(ret_status->st_mode))
    status = tx_fail(error, TX_ERROR_IO, "%s: is a directory", path);
  if (status) close(descriptor);
  return status;
}

tx_status tx_map_open(const char *path, tx_map *ret_map, tx_error *error)
{
  struct stat file;
  int descriptor;
  void *data;
  tx_status status;
  memset(ret_map, 0, sizeof *ret_map);
  status = open_regular(path, &file, &descriptor, error);
  if (status) return status;
  if (!S_ISREG(file.st_mode))
    status = tx_fail(error, TX_ERROR_IO, "%s: is no regular file", path);
  else if (!file.st_size)
    status = tx_fail(error, TX_ERROR_DATA, "%s: the file is empty", path);
  else if ((uintmax_t)file.st_size > SIZE_MAX)
    status = tx_fail_memory(error, path);
  if (!status) {
    data = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (data == MAP_FAILED)
      status = fail_errno(error, path, "map", errno);
    else
      *ret_map = (tx_map){.data = data, .size = (size_t)file.st_size};
  }
  close(descriptor);
  return status;
}

void tx_map_close(tx_map *map)
{
  void *data;
  if (!map->data) return;
  memcpy(&data, &map->data, sizeof data); /* munmap takes no pointer to const */
  munmap(data, map->size);
  memset(map, 0, sizeof *map);
}

static tx_status read_all(int descriptor, const char *path, size_t limit, tx_bytes *text, tx_error *error)
{
  char buffer[16384];
  for (;;) {
    ssize_t count = read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      struct pollfd wait = {.fd = descriptor, .events = POLLIN};
      (void)poll(&wait, 1, -1);
      continue;
    }
    if (count < 0) return fail_errno(error, path, "read", errno);
    if ((size_t)count > limit - text->size) return tx_fail(error, TX_ERROR_DATA, "%s: larger than %zu bytes", path, limit);
    tx_bytes_append(text, buffer, (size_t)count);
    if (text->failed) return tx_fail_memory(error, path);
    if (!count) return TX_OK;
  }
}

tx_status tx_read_file(const char *path, size_t limit, char **ret_text, size_t *ret_length, tx_error *error)
{
  struct stat file;
  tx_bytes text = {0};
  int descriptor;
  tx_status status;
  *ret_text = NULL;
  *ret_length = 0;
  status = open_regular(path, &file, &descriptor, error);
  if (status) return status;
  status = read_all(descriptor, path, limit, &text, error);
  close(descriptor);
  if (status) {
    tx_bytes_free(&text);
    return status;
  }
  *ret_text = text.data;
  *ret_length = text.size;
  return TX_OK;
}

uint32_t tx_crc32(uint32_t crc, const void *data, size_t size)
{
  return size ? (uint32_t)crc32_z(crc, data, size) : crc;
}

const char *tx_zlib_version(void)
{
  return zlibVersion();
}
