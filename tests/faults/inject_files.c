/* The functions of files that can be made to fail. They do what the originals do, by the system call itself
   where there is one. */
#include "inject_calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Bytes. */
static size_t portion(int act, size_t size)
{
  return act < 0 && size > 1 ? size / 2 : size;
}

static ssize_t transfer_done(int act, ssize_t count)
{
  if (act == TX_ACT_TORN) {
    tx_inject_inside = true;
    raise(SIGKILL);
  }
  return count;
}

ssize_t read(int descriptor, void *data, size_t size)
{
  int act = tx_inject_meet(TX_CALL_READ, NULL, descriptor, false);
  if (act > 0) errno = act;
  return act > 0 ? -1 : syscall(SYS_read, descriptor, data, portion(act, size));
}

ssize_t pread(int descriptor, void *data, size_t size, off_t position)
{
  int act = tx_inject_meet(TX_CALL_READ, NULL, descriptor, false);
  if (act > 0) errno = act;
  return act > 0 ? -1 : syscall(SYS_pread64, descriptor, data, portion(act, size), position);
}

ssize_t pread64(int descriptor, void *data, size_t size, off64_t position)
{
  return pread(descriptor, data, size, position);
}

static int meet_write(int descriptor)
{
  if (descriptor >= 0 && descriptor < TX_DESCRIPTORS) tx_descriptor_written[descriptor] = true;
  return tx_inject_meet(TX_CALL_WRITE, NULL, descriptor, true);
}

ssize_t write(int descriptor, const void *data, size_t size)
{
  int act = meet_write(descriptor);
  if (act > 0) errno = act;
  return act > 0 ? -1 : transfer_done(act, syscall(SYS_write, descriptor, data, portion(act, size)));
}

ssize_t pwrite(int descriptor, const void *data, size_t size, off_t position)
{
  int act = meet_write(descriptor);
  if (act > 0) errno = act;
  return act > 0 ? -1
                 : transfer_done(act, syscall(SYS_pwrite64, descriptor, data, portion(act, size), position));
}

ssize_t pwrite64(int descriptor, const void *data, size_t size, off64_t position)
{
  return pwrite(descriptor, data, size, position);
}

/* Names and descriptors. */
static void name_descriptor(int descriptor, const char *path)
{
  tx_keep_name(tx_descriptor_names[descriptor], path);
  tx_descriptor_written[descriptor] = false;
}

static int open_at(int folder, const char *path, int flags, mode_t mode)
{
  bool creates = (flags & O_CREAT) != 0;
  int descriptor;
  if (tx_inject_fails(creates ? TX_CALL_CREATE : TX_CALL_OPEN, path, -1, creates)) return -1;
  descriptor = (int)syscall(SYS_openat, folder, path, flags, mode);
  if (tx_injection_shared && descriptor >= 0 && descriptor < TX_DESCRIPTORS)
    name_descriptor(descriptor, path);
  return descriptor;
}

/* The mode, where the flags say that there is one. */
#define MODE_ARGUMENT(flags, mode) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list arguments; \
    va_start(arguments, flags); \
    mode = va_arg(arguments, mode_t); \
    va_end(arguments); \
  }

int open(const char *path, int flags, ...)
{
  MODE_ARGUMENT(flags, mode)
  return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
  MODE_ARGUMENT(flags, mode)
  return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
  MODE_ARGUMENT(flags, mode)
  return open_at(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...)
{
  MODE_ARGUMENT(flags, mode)
  return open_at(folder, path, flags, mode);
}

/* What a fortified library calls for open without a mode. */
int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags)
{
  return open_at(AT_FDCWD, path, flags, 0);
}

int __open64_2(const char *path, int flags);
int __open64_2(const char *path, int flags)
{
  return open_at(AT_FDCWD, path, flags, 0);
}

int close(int descriptor)
{
  int result;
  if (tx_inject_fails(TX_CALL_CLOSE, NULL, descriptor, false)) {
    int failure = errno;
    (void)syscall(SYS_close, descriptor); /* Linux closes it in any case */
    errno = failure;
    return -1;
  }
  result = (int)syscall(SYS_close, descriptor);
  if (descriptor >= 0 && descriptor < TX_DESCRIPTORS) tx_descriptor_names[descriptor][0] = '\0';
  return result;
}

/* struct stat and struct stat64 are the same on the machines with 64 bits that this is built for. */
typedef int (*stat_at)(int folder, const char *path, struct stat *status, int flags);

static int status_at(int folder, const char *path, int descriptor, struct stat *status, int flags)
{
  static stat_at ask;
  if (tx_inject_fails(TX_CALL_STAT, path, descriptor, false)) return -1;
  if (!ask) {
    void *found = tx_next_definition("fstatat");
    memcpy(&ask, &found, sizeof ask);
  }
  return ask(folder, path ? path : "", status, flags);
}

#define STAT_FUNCTIONS(suffix) \
  int stat##suffix(const char *restrict path, struct stat##suffix *restrict status) \
  { \
    return status_at(AT_FDCWD, path, -1, (struct stat *)status, 0); \
  } \
  int lstat##suffix(const char *restrict path, struct stat##suffix *restrict status) \
  { \
    return status_at(AT_FDCWD, path, -1, (struct stat *)status, AT_SYMLINK_NOFOLLOW); \
  } \
  int fstat##suffix(int descriptor, struct stat##suffix *status) \
  { \
    return status_at(descriptor, NULL, descriptor, (struct stat *)status, AT_EMPTY_PATH); \
  } \
  int fstatat##suffix(int folder, const char *restrict path, struct stat##suffix *restrict status, \
                      int flags) \
  { \
    return status_at(folder, path, -1, (struct stat *)status, flags); \
  }
STAT_FUNCTIONS()
STAT_FUNCTIONS(64)

int access(const char *path, int rights)
{
  return tx_inject_fails(TX_CALL_ACCESS, path, -1, false)
             ? -1
             : (int)syscall(SYS_faccessat, AT_FDCWD, path, rights);
}

off_t lseek(int descriptor, off_t position, int from)
{
  return tx_inject_fails(TX_CALL_SEEK, NULL, descriptor, false)
             ? -1
             : syscall(SYS_lseek, descriptor, position, from);
}

off64_t lseek64(int descriptor, off64_t position, int from)
{
  return lseek(descriptor, position, from);
}

void *mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t position)
{
  if (tx_inject_fails(TX_CALL_MAP, NULL, descriptor, false)) return MAP_FAILED;
  return (void *)syscall(SYS_mmap, address, size, protection, flags, descriptor, position);
}

void *mmap64(void *address, size_t size, int protection, int flags, int descriptor, off64_t position)
{
  return mmap(address, size, protection, flags, descriptor, position);
}

int ftruncate(int descriptor, off_t size)
{
  return tx_inject_fails(TX_CALL_TRUNCATE, NULL, descriptor, true)
             ? -1
             : (int)syscall(SYS_ftruncate, descriptor, size);
}

int ftruncate64(int descriptor, off64_t size)
{
  return ftruncate(descriptor, size);
}

/* After it a failing close loses nothing. */
static int synchronise(int descriptor, long number)
{
  int result;
  if (tx_inject_fails(TX_CALL_SYNC, NULL, descriptor, true)) return -1;
  result = (int)syscall(number, descriptor);
  if (result == 0 && descriptor >= 0 && descriptor < TX_DESCRIPTORS)
    tx_descriptor_written[descriptor] = false;
  return result;
}

int fsync(int descriptor)
{
  return synchronise(descriptor, SYS_fsync);
}

int fdatasync(int descriptor)
{
  return synchronise(descriptor, SYS_fdatasync);
}

/* Keeps the content that a name is about to get. */
static void keep_version(const char *path)
{
  int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
  struct stat status = {0};
  unsigned long at = __atomic_fetch_add(&tx_injection_shared->version_count, 1, __ATOMIC_SEQ_CST);
  if (descriptor < 0) return;
  tx_inject_inside = true;
  if (at < TX_VERSIONS && fstat(descriptor, &status) == 0) {
    char *data = malloc((size_t)status.st_size + 1);
    if (data && read(descriptor, data, (size_t)status.st_size) == status.st_size)
      tx_injection_shared->versions[at] = tx_hash(data, (size_t)status.st_size);
    free(data);
  }
  tx_inject_inside = false;
  (void)syscall(SYS_close, descriptor);
}

int rename(const char *from, const char *to)
{
  if (tx_inject_fails(TX_CALL_RENAME, to, -1, true)) return -1;
  if (tx_injection_shared && tx_injection_shared->records) keep_version(from);
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *path)
{
  return tx_inject_fails(TX_CALL_UNLINK, path, -1, true) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int remove(const char *path)
{
  return unlink(path);
}

int fchmod(int descriptor, mode_t mode)
{
  return tx_inject_fails(TX_CALL_MODE, NULL, descriptor, true) ? -1
                                                               : (int)syscall(SYS_fchmod, descriptor, mode);
}

static int control(int descriptor, int command, long argument)
{
  int result;
  if (command != F_GETFD && tx_inject_fails(TX_CALL_CONTROL, NULL, descriptor, false)) return -1;
  result = (int)syscall(SYS_fcntl, descriptor, command, argument);
  if ((command == F_DUPFD || command == F_DUPFD_CLOEXEC) && result >= 0 && result < TX_DESCRIPTORS &&
      descriptor < TX_DESCRIPTORS)
    memcpy(tx_descriptor_names[result], tx_descriptor_names[descriptor], TX_PATH_KEPT);
  return result;
}

int fcntl(int descriptor, int command, ...)
{
  va_list arguments;
  long argument;
  va_start(arguments, command);
  argument = va_arg(arguments, long);
  va_end(arguments);
  return control(descriptor, command, argument);
}

int fcntl64(int descriptor, int command, ...)
{
  va_list arguments;
  long argument;
  va_start(arguments, command);
  argument = va_arg(arguments, long);
  va_end(arguments);
  return control(descriptor, command, argument);
}

int dup(int descriptor)
{
  return control(descriptor, F_DUPFD, 0);
}

int flock(int descriptor, int operation);
int flock(int descriptor, int operation)
{
  return tx_inject_fails(TX_CALL_CONTROL, NULL, descriptor, false)
             ? -1
             : (int)syscall(SYS_flock, descriptor, operation);
}

ssize_t readlink(const char *restrict path, char *restrict text, size_t size)
{
  return tx_inject_fails(TX_CALL_LINK, path, -1, false) ? -1
                                                        : syscall(SYS_readlinkat, AT_FDCWD, path, text, size);
}

DIR *opendir(const char *path)
{
  static DIR *(*open_folder)(const char *path);
  if (tx_inject_fails(TX_CALL_FOLDER, path, -1, false)) return NULL;
  if (!open_folder) {
    void *found = tx_next_definition("opendir");
    memcpy(&open_folder, &found, sizeof open_folder);
  }
  return open_folder(path);
}
