#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/path.h"

#define PREFIX "taxamba: process "
enum { HOLDER_SIZE = 200 };

struct tx_lock {
  int descriptor;
  char *path;
};

tx_lock_answer tx_lock_descriptor(int descriptor)
{
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  int result;
  do {
    result = fcntl(descriptor, F_SETLK, &whole);
  } while (result < 0 && errno == EINTR);
  if (result >= 0) return TX_LOCK_TAKEN;
  return errno == EAGAIN || errno == EACCES ? TX_LOCK_BUSY : TX_LOCK_UNKNOWN;
}

bool tx_lock_names(int folder, const char *name, int descriptor)
{
  struct stat named, opened;
  return fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && fstat(descriptor, &opened) == 0 &&
         named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

static char token[9];

static void make_token(void)
{
  struct timespec now = {0};
  uint64_t mixed;
  clock_gettime(CLOCK_REALTIME, &now);
  mixed = ((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec) * 0x9E3779B97F4A7C15u;
  mixed ^= (uint64_t)(uintptr_t)&now * 0xC2B2AE3D27D4EB4Fu;
  snprintf(token, sizeof token, "%08" PRIx32, (uint32_t)(mixed >> 32));
}

const char *tx_process_token(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_token);
  return token;
}

/* Reads the holder that a lock file names; "" for an empty one or one that a killed run has not written
   completely.
   False: it is some other file, or it cannot be read and errno is set. */
static bool read_holder(int descriptor, char holder[HOLDER_SIZE])
{
  const size_t prefix = strlen(PREFIX);
  ssize_t count;
  size_t length;
  do {
    errno = 0;
    count = pread(descriptor, holder, HOLDER_SIZE - 1, 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return false;
  holder[count] = '\0';
  length = strcspn(holder, "\n");
  if (length == (size_t)count && strncmp(holder, PREFIX, length < prefix ? length : prefix) == 0) length = 0;
  holder[length] = '\0';
  return length == 0 || strncmp(holder, PREFIX, prefix) == 0;
}

static tx_status fail_held(const char *output, const char *holder, tx_error *error)
{
  return tx_fail(error, TX_ERROR_IO,
                 "%s: another run is writing it (%s); wait for its end, or name another output", output,
                 *holder ? holder + strlen("taxamba: ") : "it has not said which");
}

/* Writes the name of the holder, which is for people: failing to write it does no harm. */
static void write_holder(int descriptor)
{
  char host[100] = "", text[HOLDER_SIZE];
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  snprintf(text, sizeof text, PREFIX "%ld on %s\n", (long)getpid(), *host ? host : "an unknown host");
  if (ftruncate(descriptor, 0) == 0 && pwrite(descriptor, text, strlen(text), 0) < 0) return;
}

/* Opens the file at the lock's path, and creates it if it does not exist: then *ret_created. */
static int open_lock(const char *path, bool *ret_created)
{
  const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  for (;;) {
    int descriptor = open(path, flags | O_CREAT | O_EXCL, 0666);
    *ret_created = descriptor >= 0;
    if (descriptor < 0 && errno == EINTR) continue;
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
    descriptor = open(path, flags);
    /* ENOENT: it was removed in between */
    if (descriptor >= 0 || (errno != ENOENT && errno != EINTR)) return descriptor;
  }
}

/* Tries once to lock the open lock file. *ret_again: its holder has removed it meanwhile. */
static tx_status try_lock(const char *output, const tx_lock *lock, bool created, bool *ret_held,
                          bool *ret_again, tx_error *error)
{
  struct stat status;
  char holder[HOLDER_SIZE];
  errno = 0;
  if (fstat(lock->descriptor, &status) != 0 || !S_ISREG(status.st_mode) ||
      !read_holder(lock->descriptor, holder)) {
    if (errno) {
      tx_fail(error, TX_ERROR_IO, "%s: cannot read the lock %s: %s", output, lock->path, strerror(errno));
      if (created) unlink(lock->path);
      return TX_ERROR_IO;
    }
    return tx_fail(error, TX_ERROR_IO,
                   "%s: the name is needed for the lock of %s, and this is another file; move it away",
                   lock->path, output);
  }
  switch (tx_lock_descriptor(lock->descriptor)) {
  case TX_LOCK_BUSY:
    return fail_held(output, holder, error);
  case TX_LOCK_UNKNOWN:
    if (status.st_size == 0) unlink(lock->path);
    return TX_OK;
  case TX_LOCK_TAKEN:
    break;
  }
  *ret_again = !tx_lock_names(AT_FDCWD, lock->path, lock->descriptor);
  *ret_held = !*ret_again;
  if (*ret_held) write_holder(lock->descriptor);
  return TX_OK;
}

tx_status tx_lock_take(const char *output, tx_lock **ret_lock, tx_error *error)
{
  tx_lock *lock = calloc(1, sizeof *lock);
  char *target = tx_resolve_links(output);
  tx_bytes path = {0};
  bool held = false, again = true, created = false;
  tx_status status = TX_OK;
  *ret_lock = NULL;
  if (target) tx_bytes_printf(&path, "%s.lock", target);
  if (!target || !lock || path.failed) {
    status = !target && errno != ENOMEM
                 ? tx_fail(error, TX_ERROR_IO, "%s: cannot open: %s", output, strerror(errno))
                 : tx_fail_memory(error, "a lock");
    tx_bytes_free(&path);
    free(lock);
    free(target);
    return status;
  }
  free(target);
  lock->path = path.data;
  lock->descriptor = -1;
  while (status == TX_OK && again) {
    again = false;
    if (lock->descriptor >= 0) close(lock->descriptor);
    lock->descriptor = open_lock(lock->path, &created);
    if (lock->descriptor < 0)
      status =
          tx_fail(error, TX_ERROR_IO, "%s: cannot make the lock %s: %s", output, lock->path, strerror(errno));
    else
      status = try_lock(output, lock, created, &held, &again, error);
  }
  if (held) {
    *ret_lock = lock;
    return TX_OK;
  }
  if (lock->descriptor >= 0) close(lock->descriptor);
  free(lock->path);
  free(lock);
  return status;
}

void tx_lock_release(tx_lock *lock)
{
  if (!lock) return;
  unlink(lock->path); /* removed while it is locked: a process that waits for it finds the name gone */
  close(lock->descriptor);
  free(lock->path);
  free(lock);
}
