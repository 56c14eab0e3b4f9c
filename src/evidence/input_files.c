#include "evidence/input_files.h"

#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SPLITS_SHOWN = 12 };

tx_status tx_splits_add(tx_names *splits, const char *opt_split, tx_error *error)
{
  uint32_t number;
  if (!opt_split || tx_names_count(splits) > SPLITS_SHOWN) return TX_OK;
  return tx_names_add(splits, opt_split, strlen(opt_split), &number, error);
}

const char *tx_input_files_last(const tx_input_files *files)
{
  return files->files[files->count - 1].path;
}

/* Makes the file of a record the last one, and appends it if it is new. */
static tx_status find_file(tx_input_files *files, const char *path, tx_error *error)
{
  tx_input_file *file;
  if (files->count && strcmp(tx_input_files_last(files), path) == 0) return TX_OK;
  if (!tx_reserve(&files->files, &files->capacity, files->count + 1, sizeof *files->files))
    return tx_fail_memory(error, "the references");
  file = &files->files[files->count];
  *file = (tx_input_file){.path = tx_copy_text(path, strlen(path))};
  if (!file->path) return tx_fail_memory(error, "the references");
  files->count++;
  return tx_names_create(&file->splits, error);
}

tx_status tx_input_files_add(tx_input_files *files, const char *path, const char *opt_split, tx_error *error)
{
  tx_status status = find_file(files, path, error);
  if (status == TX_OK) status = tx_splits_add(files->files[files->count - 1].splits, opt_split, error);
  if (status == TX_OK) files->files[files->count - 1].records++;
  return status;
}

/* Sorts the names of a file's splits, so that they do not depend on the order of the records. Returns their
   number. */
static size_t sort_splits(const tx_input_file *file, const char *names[SPLITS_SHOWN + 1])
{
  size_t count = 0;
  for (size_t i = 0; i < tx_names_count(file->splits); i++) {
    const char *name = tx_names_key(file->splits, (uint32_t)i, NULL);
    size_t at = count++;
    for (; at > 0 && strcmp(names[at - 1], name) > 0; at--) names[at] = names[at - 1];
    names[at] = name;
  }
  return count;
}

static void describe_file(const tx_input_file *file, const char *opt_amplicon, tx_bytes *out)
{
  const char *slash = strrchr(file->path, '/'), *name = slash ? slash + 1 : file->path;
  const char *names[SPLITS_SHOWN + 1];
  const size_t count = sort_splits(file, names);
  tx_bytes splits = {0};
  tx_bytes_text(out, "{\"file\":");
  tx_bytes_json_string(out, name, strlen(name));
  for (size_t i = 0; i < count; i++) {
    if (i) tx_bytes_text(&splits, ",");
    tx_bytes_text(&splits, i < SPLITS_SHOWN ? names[i] : "...");
  }
  if (splits.size) {
    tx_bytes_text(out, ",\"split\":");
    tx_bytes_json_string(out, splits.data, splits.size);
  }
  if (opt_amplicon) {
    tx_bytes_text(out, ",\"amplicon\":");
    tx_bytes_json_string(out, opt_amplicon, strlen(opt_amplicon));
  }
  tx_bytes_printf(out, ",\"records\":%" PRIu64 "}", file->records);
  out->failed = out->failed || splits.failed;
  tx_bytes_free(&splits);
}

void tx_input_files_describe(const tx_input_files *files, const char *opt_amplicon, tx_bytes *out)
{
  for (size_t i = 0; i < files->count; i++) {
    if (i) tx_bytes_text(out, ",");
    describe_file(&files->files[i], opt_amplicon, out);
  }
}

void tx_input_files_clear(tx_input_files *files)
{
  for (size_t i = 0; i < files->count; i++) {
    free(files->files[i].path);
    tx_names_free(files->files[i].splits);
  }
  free(files->files);
  *files = (tx_input_files){NULL, 0, 0};
}
