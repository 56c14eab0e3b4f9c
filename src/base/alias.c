#include <taxamba/paths.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/path.h"

/* What identifies the file that a name stands for. */
typedef struct identity {
  enum { NOTHING, FILE_THERE, FILE_TO_BE } kind; /* NOTHING: not a regular file, or it cannot be examined */
  /* device of the file, or of the folder where a new file will be */
  dev_t device;
  ino_t number;
  char *name; /* name of a new file in its folder */
} identity;

/* Identifies a file that does not exist yet: it will be where its links point, in a folder that exists. */
static tx_status identify_new(const char *path, identity *ret, tx_error *error)
{
  char *target = tx_resolve_links(path);
  char *folder = target ? tx_folder_of(target) : NULL;
  const char *last = target ? target + tx_folder_length(target) : "";
  char *name = tx_copy_text(last, strlen(last));
  const bool no_memory = target ? !folder || !name : errno == ENOMEM;
  struct stat status;
  if (!no_memory && target && stat(folder, &status) == 0) {
    *ret = (identity){.kind = FILE_TO_BE, .device = status.st_dev, .number = status.st_ino, .name = name};
    name = NULL;
  }
  free(target);
  free(folder);
  free(name);
  return no_memory ? tx_fail_memory(error, "the names of files") : TX_OK;
}

static tx_status identify(const tx_path_use *use, identity *ret, tx_error *error)
{
  struct stat status;
  const int failed = use->path ? stat(use->path, &status) : fstat(use->descriptor, &status);
  *ret = (identity){.kind = NOTHING};
  if (!failed && S_ISREG(status.st_mode))
    *ret = (identity){.kind = FILE_THERE, .device = status.st_dev, .number = status.st_ino};
  return failed && use->path && errno == ENOENT ? identify_new(use->path, ret, error) : TX_OK;
}

static bool are_same(const identity *a, const identity *b)
{
  if (a->kind == NOTHING || a->kind != b->kind || a->device != b->device || a->number != b->number)
    return false;
  return a->kind == FILE_THERE || strcmp(a->name, b->name) == 0;
}

static void describe(const tx_path_use *use, char *text, size_t size)
{
  if (use->path)
    snprintf(text, size, "%s '%.350s'", use->what, use->path);
  else
    snprintf(text, size, "%s", use->what);
}

static tx_status fail_same(const tx_path_use *output, const tx_path_use *other, tx_error *error)
{
  char texts[2][400];
  describe(output, texts[0], sizeof texts[0]);
  describe(other, texts[1], sizeof texts[1]);
  return tx_fail(error, TX_ERROR_USAGE, "%s is the same file as %s, which %s: name another output", texts[0],
                 texts[1], other->output ? "is written as well" : "would be lost");
}

tx_status tx_paths_check(const tx_path_use *uses, size_t count, tx_error *error)
{
  identity *identities = calloc(count ? count : 1, sizeof *identities);
  tx_status status = identities ? TX_OK : tx_fail_memory(error, "the names of files");
  for (size_t i = 0; i < count && status == TX_OK; i++) status = identify(&uses[i], &identities[i], error);
  for (size_t i = 0; i < count && status == TX_OK; i++)
    for (size_t j = 0; j < count && status == TX_OK && uses[i].output; j++) {
      if (i == j || (uses[j].output && j < i) || !are_same(&identities[i], &identities[j])) continue;
      if (!uses[j].output && uses[i].group && uses[i].group == uses[j].group) continue;
      status = fail_same(&uses[i], &uses[j], error);
    }
  for (size_t i = 0; identities && i < count; i++) free(identities[i].name);
  free(identities);
  return status;
}
