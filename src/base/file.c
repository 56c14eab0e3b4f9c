#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/temporary.h"
#include "base/wait.h"

#define BUFFER_SIZE 262144

struct tx_output {
  int descriptor;
  bool standard;   /* standard output */
  bool regular;    /* a regular file: writing never waits */
  const volatile int *opt_stop; /* ends every wait */
  char *path;      /* as given, for messages */
  char *target;    /* final path of the file, symbolic links resolved; NULL when written directly */
  char *temporary; /* temporary path until the commit; NULL when written directly */
  char *old;       /* second name of the file that is replaced, while several outputs are renamed */
  bool is_new;     /* there is no such file yet */
  bool named;      /* the file has its final name */
  size_t used;
  uint64_t written; /* bytes handed to the system */
  int failure;      /* errno of the first failed write: all later ones fail too */
  char buffer[BUFFER_SIZE];
};

static tx_status fail_errno(tx_error *error, const char *path, const char *deed, int number)
{
  if (number == ENOMEM)
    return tx_fail(error, TX_ERROR_MEMORY, "%s: cannot %s: %s", path, deed, strerror(number));
  return tx_fail(error, number == EPIPE ? TX_ERROR_PIPE : TX_ERROR_IO, "%s: cannot %s: %s", path, deed,
                 strerror(number));
}

/* Creates the temporary file. A new file needs the right to write to its folder, even where the user may
   write to the existing file. */
static tx_status create_temporary(tx_output *output, mode_t mode, tx_error *error)
{
  const int failure = tx_temporary_create(output->target, mode, &output->temporary, &output->descriptor);
  char *folder;
  tx_status status;
  if (!failure) return TX_OK;
  if (failure != EACCES && failure != EPERM && failure != EROFS)
    return fail_errno(error, output->path, "create", failure);
  folder = tx_folder_of(output->target);
  if (!folder) return tx_fail_memory(error, output->path);
  status = tx_fail(
      error, TX_ERROR_IO,
      "%s: cannot create: the folder '%s', where the file appears when it is complete, cannot be written: %s",
      output->path, folder, strerror(failure));
  free(folder);
  return status;
}

/* Opens a pipe, terminal or device. Waits for the reader of a named pipe. */
static tx_status open_special(tx_output *output, tx_error *error)
{
  for (;;) {
    output->descriptor = open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (output->descriptor >= 0) break;
    if (errno != ENXIO && errno != EINTR) return fail_errno(error, output->path, "open", errno);
    if (!tx_wait_moment(output->opt_stop)) return TX_STOPPED;
  }
  (void)fcntl(output->descriptor, F_SETFL, fcntl(output->descriptor, F_GETFL) & ~O_NONBLOCK);
  return TX_OK;
}

static tx_status open_path(tx_output *output, tx_error *error)
{
  struct stat status;
  bool exists = stat(output->path, &status) == 0;
  size_t length = strlen(output->path);
  tx_status created;
  if ((exists && S_ISDIR(status.st_mode)) || output->path[length - 1] == '/')
    return fail_errno(error, output->path, "write", EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {
    return open_special(output, error);
  }
  /* A rename does not need the right to write to the old file, so it is checked here: a write-protected file
     must not be replaced. */
  if (exists && access(output->path, W_OK)) return fail_errno(error, output->path, "write", errno);
  output->target = tx_resolve_links(output->path);
  if (!output->target) return fail_errno(error, output->path, "open", errno);
  /* The old file's permissions are kept; the second step sets those that the umask has removed. */
  created = create_temporary(output, exists ? status.st_mode & 0777 : 0666, error);
  if (!created && exists) (void)fchmod(output->descriptor, status.st_mode & 0777);
  return created;
}

static tx_status create_output(const char *path, const volatile int *opt_stop, tx_output **ret_output,
                               tx_error *error)
{
  tx_output *output = malloc(sizeof *output);
  if (!output) return tx_fail_memory(error, "an output file");
  memset(output, 0, offsetof(tx_output, buffer));
  output->opt_stop = opt_stop;
  output->descriptor = -1;
  output->path = tx_copy_text(path, strlen(path));
  if (!output->path) {
    free(output);
    return tx_fail_memory(error, "an output file");
  }
  *ret_output = output;
  return TX_OK;
}

/* Returns an output that was opened, or ends it. */
static tx_status finish_open(tx_output *output, tx_status status, tx_output **ret_output)
{
  struct stat file;
  if (status) {
    tx_output_abort(output);
    return status;
  }
  output->regular = fstat(output->descriptor, &file) == 0 && S_ISREG(file.st_mode);
  *ret_output = output;
  return TX_OK;
}

tx_status tx_output_open(const char *path, const volatile int *opt_stop, tx_output **ret_output,
                         tx_error *error)
{
  const bool standard = !*path || !strcmp(path, "-") || !strcmp(path, "/dev/stdout");
  tx_output *output = NULL;
  tx_status status = create_output(standard ? "standard output" : path, opt_stop, &output, error);
  *ret_output = NULL;
  if (status) return status;
  output->standard = standard;
  if (standard)
    output->descriptor = STDOUT_FILENO;
  else
    status = open_path(output, error);
  return finish_open(output, status, ret_output);
}

tx_status tx_output_open_journal(const char *path, bool append, const volatile int *opt_stop,
                                 tx_output **ret_output, tx_error *error)
{
  struct stat file;
  tx_output *output = NULL;
  tx_status status = create_output(path, opt_stop, &output, error);
  *ret_output = NULL;
  if (status) return status;
  if (stat(path, &file) == 0 && !S_ISREG(file.st_mode) && !S_ISDIR(file.st_mode)) {
    status = open_special(output, error);
  } else {
    const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | (append ? O_APPEND : O_TRUNC);
    output->descriptor = open(path, flags, 0666);
    if (output->descriptor < 0) status = fail_errno(error, path, "open", errno);
  }
  return finish_open(output, status, ret_output);
}

tx_status tx_output_sync(tx_output *output, tx_error *error)
{
  tx_status status = tx_output_flush(output, error);
  if (status || fsync(output->descriptor) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EROFS)
    return status;
  return fail_errno(error, output->path, "write", errno);
}

static tx_status fail_write(tx_output *output, tx_error *error)
{
  return fail_errno(error, output->path, "write", output->failure);
}

/* Writes all bytes. A pipe that is ready takes PIPE_BUF bytes without waiting; a parent may also have made
   our standard output non-blocking. */
static tx_status write_through(tx_output *output, const char *data, size_t size, tx_error *error)
{
  const size_t most = output->regular ? SSIZE_MAX : PIPE_BUF;
  while (size) {
    ssize_t count;
    if (!output->regular && !tx_wait_write(output->descriptor, output->opt_stop)) return TX_STOPPED;
    count = write(output->descriptor, data, size < most ? size : most);
    if (count < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
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

tx_status tx_output_patch(tx_output *output, uint64_t position, const void *data, size_t size,
                          tx_error *error)
{
  const char *at = data;
  tx_status status;
  if (!output->temporary)
    return tx_fail(error, TX_ERROR_IO,
                   "%s: cannot go back in this output; name a regular file",
                   output->path);
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

/* Makes a rename survive a power failure. A file system that cannot do so is not an error. The target is cut
   at its folder, so that nothing is allocated once the file has its name. */
static tx_status sync_folder(tx_output *output, tx_error *error)
{
  size_t length = tx_folder_length(output->target);
  int descriptor;
  int failure = 0;
  output->target[length] = '\0';
  descriptor = open(length ? output->target : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return TX_OK;
  if (fsync(descriptor)) failure = errno;
  close(descriptor);
  return failure == EIO ? fail_errno(error, output->path, "synchronise the folder of", failure) : TX_OK;
}

static tx_status close_descriptor(tx_output *output, tx_error *error)
{
  int descriptor = output->standard ? dup(STDOUT_FILENO) : output->descriptor;
  int failure = 0;
  if (descriptor < 0) return fail_errno(error, output->path, "write", errno);
  if (close(descriptor) && errno != EINTR) failure = errno;
  output->descriptor = -1;
  return failure ? fail_errno(error, output->path, "write", failure) : TX_OK;
}

/* Does everything that can fail before the rename. fsync and close report delayed write errors (network file
   systems, quotas); a temporary file stays open, because its lock ends with the close. */
static tx_status prepare_commit(tx_output *output, tx_error *error)
{
  struct stat old;
  tx_status status = tx_output_flush(output, error);
  if (status) return status;
  if (!output->temporary) return close_descriptor(output, error);
  if (fsync(output->descriptor) && errno != EINVAL && errno != ENOTSUP && errno != EROFS)
    return fail_errno(error, output->path, "write", errno);
  if (access(output->temporary, F_OK)) return fail_errno(error, output->path, "complete", errno);
  if (stat(output->target, &old) == 0 && S_ISDIR(old.st_mode))
    return fail_errno(error, output->path, "write", EISDIR);
  return TX_OK;
}

/* Makes a second name for the file that is about to be replaced, so that it can be restored. On a file system
   without hard links it cannot. */
static tx_status keep_old(tx_output *output, tx_error *error)
{
  tx_bytes name = {0};
  if (!output->temporary) return TX_OK;
  output->is_new = access(output->target, F_OK) != 0 && errno == ENOENT;
  if (output->is_new) return TX_OK;
  tx_bytes_printf(&name, "%s.0", output->temporary);
  if (name.failed) {
    tx_bytes_free(&name);
    return tx_fail_memory(error, output->path);
  }
  if (link(output->target, name.data) == 0)
    output->old = name.data;
  else
    tx_bytes_free(&name);
  return TX_OK;
}

static tx_status take_name(tx_output *output, tx_error *error)
{
  if (!output->temporary) return TX_OK;
  if (rename(output->temporary, output->target))
    return fail_errno(error, output->path, "rename the finished file to", errno);
  output->named = true;
  return TX_OK;
}

/* Gives the old file its name again. */
static bool take_back(tx_output *output)
{
  if (!output->named) return true;
  if (output->is_new) return unlink(output->target) == 0;
  if (!output->old || rename(output->old, output->target) != 0) return false;
  free(output->old);
  output->old = NULL;
  return true;
}

/* Renames all outputs or none: after a failure those that have their names are renamed back. */
static tx_status take_names(tx_output **outputs, size_t count, tx_error *error)
{
  tx_status status = TX_OK;
  size_t done = 0;
  for (size_t i = 0; i < count && count > 1 && !status; i++) status = keep_old(outputs[i], error);
  while (!status && done < count) {
    status = take_name(outputs[done], error);
    if (!status) done++;
  }
  for (size_t i = done; status && i-- > 0;)
    if (!take_back(outputs[i])) {
      const char *cause = error ? error->message : "";
      char text[TX_MESSAGE_SIZE];
      snprintf(text, sizeof text, "%.700s; %.200s is the new one already and does not go with it", cause,
               outputs[i]->path);
      return tx_fail(error, status, "%s", text);
    }
  return status;
}

/* Cleans up after the rename: the temporary name no longer exists, and its lock ends. */
static void end_temporary(tx_output *output)
{
  if (!output->named) return;
  free(output->temporary);
  output->temporary = NULL;
  (void)close(output->descriptor); /* fsync has reported every failed write, and the new file exists */
  output->descriptor = -1;
}

tx_status tx_outputs_commit(tx_output **outputs, size_t count, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = 0; i < count && !status; i++) status = prepare_commit(outputs[i], error);
  if (!status) status = take_names(outputs, count, error);
  for (size_t i = 0; i < count; i++) end_temporary(outputs[i]);
  for (size_t i = 0; i < count && !status; i++)
    if (outputs[i]->target) status = sync_folder(outputs[i], error);
  for (size_t i = 0; i < count; i++) {
    tx_output_abort(outputs[i]);
    outputs[i] = NULL;
  }
  return status;
}

tx_status tx_output_commit(tx_output *output, tx_error *error)
{
  return tx_outputs_commit(&output, 1, error);
}

void tx_output_abort(tx_output *output)
{
  if (!output) return;
  if (output->old) unlink(output->old);
  if (output->temporary) unlink(output->temporary); /* before the close, which ends its lock */
  if (output->descriptor >= 0 && !output->standard) close(output->descriptor);
  free(output->old);
  free(output->temporary);
  free(output->target);
  free(output->path);
  free(output);
}

tx_status tx_open_regular(const char *path, struct stat *ret_status, int *ret_descriptor, tx_error *error)
{
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  tx_status status = TX_OK;
  *ret_descriptor = descriptor; /* set also on failure: gcc cannot see that a failure is never TX_OK */
  if (descriptor < 0) return fail_errno(error, path, "open", errno);
  if (fstat(descriptor, ret_status))
    status = fail_errno(error, path, "read", errno);
  else if (S_ISDIR(ret_status->st_mode))
    status = tx_fail(error, TX_ERROR_IO, "%s: is a directory", path);
  if (status) close(descriptor);
  return status;
}

static tx_status read_all(int descriptor, const char *path, size_t limit, const volatile int *opt_stop,
                          tx_bytes *text, tx_error *error)
{
  char buffer[16384];
  for (;;) {
    ssize_t count;
    if (!tx_wait_read(descriptor, opt_stop)) return TX_STOPPED;
    count = read(descriptor, buffer, sizeof buffer);
    if (count < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
    if (count < 0) return fail_errno(error, path, "read", errno);
    if ((size_t)count > limit - text->size)
      return tx_fail(error, TX_ERROR_DATA, "%s: larger than %zu bytes", path, limit);
    tx_bytes_append(text, buffer, (size_t)count);
    if (text->failed) return tx_fail_memory(error, path);
    if (!count) return TX_OK;
  }
}

tx_status tx_read_file(const char *path, size_t limit, const volatile int *opt_stop, char **ret_text,
                       size_t *ret_length, tx_error *error)
{
  struct stat file;
  tx_bytes text = {0};
  int descriptor;
  tx_status status;
  *ret_text = NULL;
  *ret_length = 0;
  status = tx_open_regular(path, &file, &descriptor, error);
  if (status) return status;
  status = read_all(descriptor, path, limit, opt_stop, &text, error);
  close(descriptor);
  if (status) {
    tx_bytes_free(&text);
    return status;
  }
  *ret_text = text.data;
  *ret_length = text.size;
  return TX_OK;
}
