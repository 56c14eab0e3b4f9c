#include "base/hdf5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

#ifdef TX_WITH_HDF5

#include <hdf5.h>

/* More elements than any table has: a damaged file must not ask for all memory. */
#define ELEMENTS_MAX ((size_t)1 << 32)
#define STEP (1 << 20) /* the memory of a file grows by this; it is only read */

#define QUOTED(x) #x
#define VERSION_TEXT(major, minor, release) QUOTED(major) "." QUOTED(minor) "." QUOTED(release)

struct tx_hdf5 {
  const char *name; /* borrowed */
  hid_t file;
};

const char *tx_hdf5_version(void)
{
  return "HDF5 " VERSION_TEXT(H5_VERS_MAJOR, H5_VERS_MINOR, H5_VERS_RELEASE);
}

tx_status tx_hdf5_open_memory(const char *name, const void *data, size_t size, tx_hdf5 **ret_file,
                              tx_error *error)
{
  tx_hdf5 *file = calloc(1, sizeof *file);
  void *image = malloc(size ? size : 1); /* its prototype wants bytes that may be changed */
  char image_name[64];
  hid_t access;
  *ret_file = NULL;
  if (!file || !image) {
    free(file);
    free(image);
    return tx_fail_memory(error, name);
  }
  memcpy(image, data, size);
  file->name = name;
  file->file = -1;
  /* A name that no file can have, and no other image that is open. */
  (void)snprintf(image_name, sizeof image_name, "/dev/null/%p", (void *)file);
  (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* or it prints its errors */
  access = H5Pcreate(H5P_FILE_ACCESS);
  if (access >= 0 && H5Pset_fapl_core(access, STEP, 0) >= 0 && H5Pset_file_image(access, image, size) >= 0)
    file->file = H5Fopen(image_name, H5F_ACC_RDONLY, access);
  if (access >= 0) (void)H5Pclose(access);
  free(image);
  if (file->file >= 0) {
    *ret_file = file;
    return TX_OK;
  }
  free(file);
  return tx_fail(error, TX_ERROR_DATA, "%s: a damaged HDF5 file", name);
}

void tx_hdf5_close(tx_hdf5 *file)
{
  if (!file) return;
  (void)H5Fclose(file->file);
  free(file);
}

static tx_status fail_dataset(const tx_hdf5 *file, const char *path, const char *what, tx_error *error)
{
  return tx_fail(error, TX_ERROR_DATA, "%s: its data set %s %s", file->name, path, what);
}

bool tx_hdf5_has(const tx_hdf5 *file, const char *path)
{
  char part[128];
  const size_t length = strlen(path);
  if (length >= sizeof part) return false;
  /* Each group on the way has to be there before what is in it can be asked for. */
  for (size_t end = 1; end <= length; end++) {
    if (path[end] && path[end] != '/') continue;
    memcpy(part, path, end);
    part[end] = '\0';
    if (H5Lexists(file->file, part, H5P_DEFAULT) <= 0) return false;
  }
  return true;
}

/* An open data set: what it holds and how much. */
typedef struct dataset {
  hid_t set, type, space;
  size_t count, rows;
} dataset;

static void close_dataset(dataset *data)
{
  if (data->space >= 0) (void)H5Sclose(data->space);
  if (data->type >= 0) (void)H5Tclose(data->type);
  if (data->set >= 0) (void)H5Dclose(data->set);
}

static tx_status open_dataset(const tx_hdf5 *file, const char *path, dataset *ret_data, tx_error *error)
{
  hsize_t sizes[H5S_MAX_RANK];
  hssize_t points;
  int dimensions;
  *ret_data = (dataset){-1, -1, -1, 0, 0};
  if (!tx_hdf5_has(file, path)) return fail_dataset(file, path, "is missing", error);
  ret_data->set = H5Dopen2(file->file, path, H5P_DEFAULT);
  if (ret_data->set >= 0) ret_data->type = H5Dget_type(ret_data->set);
  if (ret_data->set >= 0) ret_data->space = H5Dget_space(ret_data->set);
  if (ret_data->type < 0 || ret_data->space < 0) return fail_dataset(file, path, "is damaged", error);
  dimensions = H5Sget_simple_extent_dims(ret_data->space, sizes, NULL);
  points = H5Sget_simple_extent_npoints(ret_data->space);
  if (dimensions < 0 || points < 0) return fail_dataset(file, path, "is damaged", error);
  if ((unsigned long long)points > ELEMENTS_MAX) return fail_dataset(file, path, "is too large", error);
  ret_data->count = (size_t)points;
  ret_data->rows = dimensions ? (size_t)sizes[0] : ret_data->count;
  return TX_OK;
}

tx_status tx_hdf5_read_numbers(const tx_hdf5 *file, const char *path, double **ret_numbers, size_t *ret_count,
                               tx_error *error)
{
  dataset data;
  double *numbers = NULL;
  tx_status status = open_dataset(file, path, &data, error);
  *ret_numbers = NULL;
  *ret_count = 0;
  if (status == TX_OK && H5Tget_class(data.type) != H5T_INTEGER && H5Tget_class(data.type) != H5T_FLOAT)
    status = fail_dataset(file, path, "has no numbers", error);
  if (status == TX_OK) {
    numbers = calloc(data.count + 1, sizeof *numbers);
    if (!numbers) status = tx_fail_memory(error, file->name);
  }
  if (status == TX_OK && data.count &&
      H5Dread(data.set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) < 0)
    status = fail_dataset(file, path, "is damaged", error);
  if (status == TX_OK) {
    *ret_numbers = numbers;
    *ret_count = data.count;
  } else {
    free(numbers);
  }
  close_dataset(&data);
  return status;
}

/* Copies texts of variable length, which libhdf5 has allocated. */
static tx_status read_variable(const tx_hdf5 *file, const char *path, const dataset *data, char **texts,
                               tx_error *error)
{
  char **found = calloc(data->count + 1, sizeof *found);
  tx_status status = TX_OK;
  if (!found) return tx_fail_memory(error, file->name);
  if (data->count && H5Dread(data->set, data->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found) < 0)
    status = fail_dataset(file, path, "is damaged", error);
  for (size_t i = 0; status == TX_OK && i < data->count; i++) {
    const char *text = found[i] ? found[i] : "";
    texts[i] = tx_copy_text(text, strlen(text));
    if (!texts[i]) status = tx_fail_memory(error, file->name);
  }
  if (data->count) (void)H5Dvlen_reclaim(data->type, data->space, H5P_DEFAULT, found);
  free(found);
  return status;
}

static tx_status read_fixed(const tx_hdf5 *file, const char *path, const dataset *data, char **texts,
                            tx_error *error)
{
  const size_t length = H5Tget_size(data->type);
  size_t size;
  char *found;
  tx_status status = TX_OK;
  if (!length || !tx_multiply(data->count, length, &size))
    return fail_dataset(file, path, "is damaged", error);
  found = malloc(size + 1);
  if (!found) return tx_fail_memory(error, file->name);
  if (data->count && H5Dread(data->set, data->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found) < 0)
    status = fail_dataset(file, path, "is damaged", error);
  for (size_t i = 0; status == TX_OK && i < data->count; i++) {
    const char *text = found + i * length, *end = memchr(text, '\0', length);
    size_t used = end ? (size_t)(end - text) : length;
    while (used && text[used - 1] == ' ') used--; /* one of the paddings */
    texts[i] = tx_copy_text(text, used);
    if (!texts[i]) status = tx_fail_memory(error, file->name);
  }
  free(found);
  return status;
}

tx_status tx_hdf5_read_texts(const tx_hdf5 *file, const char *path, char ***ret_texts, size_t *ret_count,
                             size_t *ret_rows, tx_error *error)
{
  dataset data;
  char **texts = NULL;
  tx_status status = open_dataset(file, path, &data, error);
  *ret_texts = NULL;
  *ret_count = *ret_rows = 0;
  if (status == TX_OK && H5Tget_class(data.type) != H5T_STRING)
    status = fail_dataset(file, path, "has no texts", error);
  if (status == TX_OK) {
    texts = calloc(data.count + 1, sizeof *texts);
    if (!texts) status = tx_fail_memory(error, file->name);
  }
  if (status == TX_OK)
    status = H5Tis_variable_str(data.type) > 0 ? read_variable(file, path, &data, texts, error)
                                               : read_fixed(file, path, &data, texts, error);
  if (status == TX_OK) {
    *ret_texts = texts;
    *ret_count = data.count;
    *ret_rows = data.rows;
  } else {
    tx_hdf5_free_texts(texts, data.count);
  }
  close_dataset(&data);
  return status;
}

#else

const char *tx_hdf5_version(void)
{
  return NULL;
}

tx_status tx_hdf5_open_memory(const char *name, const void *data, size_t size, tx_hdf5 **ret_file,
                              tx_error *error)
{
  (void)data;
  (void)size;
  *ret_file = NULL;
  return tx_fail(error, TX_ERROR_DATA,
                 "%s: HDF5 (BIOM 2.1), and this program was built without libhdf5: convert it (biom convert "
                 "-i FILE -o FILE.tsv --to-tsv)",
                 name);
}

bool tx_hdf5_has(const tx_hdf5 *file, const char *path)
{
  (void)file;
  (void)path;
  return false;
}

tx_status tx_hdf5_read_numbers(const tx_hdf5 *file, const char *path, double **ret_numbers, size_t *ret_count,
                               tx_error *error)
{
  (void)file;
  *ret_numbers = NULL;
  *ret_count = 0;
  return tx_fail(error, TX_ERROR_DATA, "%s: built without libhdf5", path);
}

tx_status tx_hdf5_read_texts(const tx_hdf5 *file, const char *path, char ***ret_texts, size_t *ret_count,
                             size_t *ret_rows, tx_error *error)
{
  (void)file;
  *ret_texts = NULL;
  *ret_count = *ret_rows = 0;
  return tx_fail(error, TX_ERROR_DATA, "%s: built without libhdf5", path);
}

void tx_hdf5_close(tx_hdf5 *file)
{
  (void)file;
}

#endif

void tx_hdf5_free_texts(char **texts, size_t count)
{
  for (size_t i = 0; texts && i < count; i++) free(texts[i]);
  free(texts);
}
