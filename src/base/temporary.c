#include "base/temporary.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/lock.h"
#include "base/path.h"

#define NAME_KEPT 200 /* bytes of the name kept in the temporary name, as a file name is limited to 255 */

/* Appends ".NAME.tmp.". */
static void append_stem(tx_bytes *text, const char *target)
{
  tx_bytes_printf(text, ".%.*s.tmp.", NAME_KEPT, target + tx_folder_length(target));
}

/* Whether the rest of a name, after the stem, is of this process. It knows which files it writes; a lock
   would not show its own. */
static bool is_ours(const char *rest)
{
  char *end;
  const long process = strtol(rest, &end, 10);
  const char *token = tx_process_token();
  return process == (long)getpid() && *end == '.' && strncmp(end + 1, token, strlen(token)) == 0;
}

/* Whether the rest of a name is that of a temporary file. Version 0.1.0 wrote the process alone and no lock:
   there the process decides. */
static bool may_be_left_over(const char *rest)
{
  char *end;
  long process;
  if (!isdigit((unsigned char)*rest) || rest[strspn(rest, "0123456789abcdef.")]) return false;
  process = strtol(rest, &end, 10);
  if (strlen(end) > strlen(".12345678") - 1) return true;
  return process > 0 && kill((pid_t)process, 0) != 0 && errno == ESRCH;
}

/* Removes the file unless a process holds it, or that cannot be determined. */
static void remove_left_over(int folder, const char *name)
{
  const int descriptor = openat(folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  struct stat opened;
  if (descriptor < 0) return;
  if (fstat(descriptor, &opened) == 0 && S_ISREG(opened.st_mode) &&
      tx_lock_descriptor(descriptor) == TX_LOCK_TAKEN && tx_lock_names(folder, name, descriptor))
    unlinkat(folder, name, 0);
  close(descriptor);
}

static void remove_left_overs(const char *target)
{
  char *path = tx_folder_of(target);
  DIR *folder = path ? opendir(path) : NULL;
  tx_bytes stem = {0};
  append_stem(&stem, target);
  if (folder && !stem.failed)
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
      const char *rest = entry->d_name + stem.size;
      if (strncmp(entry->d_name, stem.data, stem.size) == 0 && !is_ours(rest) && may_be_left_over(rest))
        remove_left_over(dirfd(folder), entry->d_name);
    }
  if (folder) closedir(folder);
  tx_bytes_free(&stem);
  free(path);
}

/* Whether the new file still belongs to us. Between its creation and its locking another run may have removed
   it as left over. */
static bool keep(int descriptor, const char *path)
{
  struct stat opened;
  const tx_lock_answer answer = tx_lock_descriptor(descriptor);
  if (answer != TX_LOCK_BUSY && fstat(descriptor, &opened) == 0 && opened.st_nlink > 0) return true;
  unlink(path);
  close(descriptor);
  return false;
}

int tx_temporary_create(const char *target, mode_t mode, char **ret_path, int *ret_descriptor)
{
  *ret_path = NULL;
  *ret_descriptor = -1;
  remove_left_overs(target);
  for (int attempt = 0; attempt < 100; attempt++) {
    tx_bytes path = {0};
    int descriptor;
    tx_bytes_append(&path, target, tx_folder_length(target));
    append_stem(&path, target);
    tx_bytes_printf(&path, "%ld.%s", (long)getpid(), tx_process_token());
    if (attempt) tx_bytes_printf(&path, ".%d", attempt);
    if (path.failed) {
      tx_bytes_free(&path);
      return ENOMEM;
    }
    descriptor = open(path.data, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor < 0 && errno != EEXIST) {
      const int failure = errno;
      tx_bytes_free(&path);
      return failure;
    }
    if (descriptor >= 0 && keep(descriptor, path.data)) {
      *ret_path = path.data;
      *ret_descriptor = descriptor;
      return 0;
    }
    tx_bytes_free(&path);
  }
  return EEXIST;
}
