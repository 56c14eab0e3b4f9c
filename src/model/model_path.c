/* The file that the name of a model stands for. */
#include "base/bytes.h"
#include "base/error.h"
#include "model/model.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_NAME "coi-arthropoda"
#define SUFFIX ".safetensors"

/* Folders of the shipped models, the installed ones first. */
static const char *const folders[] = {TX_INSTALLED_MODELS, TX_BUILD_TREE_MODELS};
static const char *const defaults[] = {TX_INSTALLED_MODELS "/" DEFAULT_NAME SUFFIX,
                                       TX_BUILD_TREE_MODELS "/" DEFAULT_NAME SUFFIX};

const char *tx_model_default_path(void)
{
  const char *named = getenv("TAXAMBA_MODEL");
  if (named && *named) return named;
  return access(defaults[0], R_OK) == 0 ? defaults[0] : defaults[1];
}

/* Whether a name may be that of a shipped model. These names take precedence over files of the working
   folder: the effect of a command must not depend on the files there. */
static bool may_be_shipped(const char *name)
{
  const size_t length = strlen(name), suffix = strlen(SUFFIX);
  return !strchr(name, '/') && !(length > suffix && strcmp(name + length - suffix, SUFFIX) == 0);
}

tx_status tx_model_path(const char *name, char **ret_path, tx_error *error)
{
  tx_bytes path = {0};
  if (!name || !*name) {
    name = tx_model_default_path();
    if (name == defaults[1] && access(name, F_OK) != 0)
      return tx_fail(error, TX_ERROR_IO,
                     "no default model: there is neither %s nor %s; name a model or set "
                     "TAXAMBA_MODEL",
                     defaults[0], name);
  }
  if (may_be_shipped(name)) {
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
      tx_bytes_printf(&path, "%s/%s" SUFFIX, folders[i], name);
      if (!path.failed && access(path.data, R_OK) == 0) break;
      tx_bytes_clear(&path);
    }
  }
  if (path.size == 0) tx_bytes_text(&path, name);
  *ret_path = path.failed ? NULL : path.data;
  if (path.failed) tx_bytes_free(&path);
  return *ret_path ? TX_OK : tx_fail_memory(error, "the path of a model");
}
