#include "base/hdf5_write.h"

#include <stdlib.h>

#include "base/error.h"

#ifdef TX_WITH_HDF5

#include <hdf5.h>

#define STEP (1 << 20) /* the memory of a file grows by this */

struct tx_hdf5_writer {
  hid_t file;
  bool failed;
};

tx_status tx_hdf5_writer_create(tx_hdf5_writer **ret_writer, tx_error *error)
{
  tx_hdf5_writer *writer = calloc(1, sizeof *writer);
  hid_t access = -1, creation = -1;
  *ret_writer = NULL;
  if (!writer) return tx_fail_memory(error, "an HDF5 file");
  (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* or it prints its errors */
  writer->file = -1;
  access = H5Pcreate(H5P_FILE_ACCESS);
  creation = H5Pcreate(H5P_FILE_CREATE);
  /* nothing is written to the disk, and no times are kept */
  if (access >= 0 && creation >= 0 && H5Pset_fapl_core(access, STEP, 0) >= 0 &&
      H5Pset_obj_track_times(creation, 0) >= 0)
    writer->file = H5Fcreate("taxamba", H5F_ACC_TRUNC, creation, access);
  if (access >= 0) (void)H5Pclose(access);
  if (creation >= 0) (void)H5Pclose(creation);
  if (writer->file < 0) {
    free(writer);
    return tx_fail_memory(error, "an HDF5 file");
  }
  *ret_writer = writer;
  return TX_OK;
}

/* A list of properties without times. */
static hid_t without_times(hid_t class)
{
  const hid_t list = H5Pcreate(class);
  if (list >= 0 && H5Pset_obj_track_times(list, 0) >= 0) return list;
  if (list >= 0) (void)H5Pclose(list);
  return -1;
}

void tx_hdf5_put_group(tx_hdf5_writer *writer, const char *path)
{
  const hid_t list = writer->failed ? -1 : without_times(H5P_GROUP_CREATE);
  const hid_t group = list < 0 ? -1 : H5Gcreate2(writer->file, path, H5P_DEFAULT, list, H5P_DEFAULT);
  if (group < 0 || H5Gclose(group) < 0) writer->failed = true;
  if (list >= 0) (void)H5Pclose(list);
}

/* The kind of the values in memory and in the file. */
typedef struct value_kind {
  hid_t memory, file;
} value_kind;

static void put(tx_hdf5_writer *writer, const char *path, value_kind type, const void *values,
                const hsize_t shape[2])
{
  const hid_t list = writer->failed ? -1 : without_times(H5P_DATASET_CREATE);
  const hid_t space = list < 0 ? -1 : H5Screate_simple(shape[1] ? 2 : 1, shape, NULL);
  const hid_t set =
      space < 0 ? -1 : H5Dcreate2(writer->file, path, type.file, space, H5P_DEFAULT, list, H5P_DEFAULT);
  if (set < 0 || (shape[0] && H5Dwrite(set, type.memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0))
    writer->failed = true;
  if (set >= 0 && H5Dclose(set) < 0) writer->failed = true;
  if (space >= 0) (void)H5Sclose(space);
  if (list >= 0) (void)H5Pclose(list);
}

void tx_hdf5_put_reals(tx_hdf5_writer *writer, const char *path, const double *values, size_t count)
{
  put(writer, path, (value_kind){H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE}, values, (hsize_t[2]){count, 0});
}

void tx_hdf5_put_integers(tx_hdf5_writer *writer, const char *path, const int32_t *values, size_t count)
{
  put(writer, path, (value_kind){H5T_NATIVE_INT32, H5T_STD_I32LE}, values, (hsize_t[2]){count, 0});
}

/* The type of texts of variable length, to be closed; < 0 after a failure. */
static hid_t text_type(void)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  if (type >= 0 && H5Tset_size(type, H5T_VARIABLE) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0)
    return type;
  if (type >= 0) (void)H5Tclose(type);
  return -1;
}

void tx_hdf5_put_texts(tx_hdf5_writer *writer, const char *path, const char *const *texts, size_t rows,
                       size_t columns)
{
  const hid_t type = writer->failed ? -1 : text_type();
  if (type < 0) writer->failed = true;
  put(writer, path, (value_kind){type, type}, texts, (hsize_t[2]){rows, columns});
  if (type >= 0) (void)H5Tclose(type);
}

static void put_attribute(tx_hdf5_writer *writer, const char *name, value_kind type, const void *values,
                          size_t count)
{
  const hsize_t size = count;
  const hid_t space =
      writer->failed ? -1 : count ? H5Screate_simple(1, &size, NULL) : H5Screate(H5S_SCALAR);
  const hid_t attribute =
      space < 0 ? -1 : H5Acreate2(writer->file, name, type.file, space, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0 || H5Awrite(attribute, type.memory, values) < 0) writer->failed = true;
  if (attribute >= 0) (void)H5Aclose(attribute);
  if (space >= 0) (void)H5Sclose(space);
}

void tx_hdf5_put_text_attribute(tx_hdf5_writer *writer, const char *name, const char *text)
{
  const hid_t type = writer->failed ? -1 : text_type();
  if (type < 0) writer->failed = true;
  put_attribute(writer, name, (value_kind){type, type}, &text, 0);
  if (type >= 0) (void)H5Tclose(type);
}

void tx_hdf5_put_integer_attribute(tx_hdf5_writer *writer, const char *name, const int64_t *values,
                                   size_t count)
{
  put_attribute(writer, name, (value_kind){H5T_NATIVE_INT64, H5T_STD_I64LE}, values, count);
}

tx_status tx_hdf5_writer_finish(tx_hdf5_writer *writer, tx_bytes *out, tx_error *error)
{
  ssize_t size = -1;
  char *image = NULL;
  if (!writer->failed && H5Fflush(writer->file, H5F_SCOPE_GLOBAL) >= 0)
    size = H5Fget_file_image(writer->file, NULL, 0);
  if (size > 0) image = malloc((size_t)size);
  if (image && H5Fget_file_image(writer->file, image, (size_t)size) == size)
    tx_bytes_append(out, image, (size_t)size);
  else
    size = -1;
  free(image);
  (void)H5Fclose(writer->file);
  free(writer);
  return size < 0 || out->failed ? tx_fail_memory(error, "an HDF5 file") : TX_OK;
}

#else

tx_status tx_hdf5_writer_create(tx_hdf5_writer **ret_writer, tx_error *error)
{
  *ret_writer = NULL;
  return tx_fail(error, TX_ERROR_USAGE,
                 "this build writes no HDF5, as libhdf5 was missing: choose the format biom (BIOM 1.0)");
}

void tx_hdf5_put_group(tx_hdf5_writer *writer, const char *path)
{
  (void)writer;
  (void)path;
}

void tx_hdf5_put_reals(tx_hdf5_writer *writer, const char *path, const double *values, size_t count)
{
  (void)writer;
  (void)path;
  (void)values;
  (void)count;
}

void tx_hdf5_put_integers(tx_hdf5_writer *writer, const char *path, const int32_t *values, size_t count)
{
  (void)writer;
  (void)path;
  (void)values;
  (void)count;
}

void tx_hdf5_put_texts(tx_hdf5_writer *writer, const char *path, const char *const *texts, size_t rows,
                       size_t columns)
{
  (void)writer;
  (void)path;
  (void)texts;
  (void)rows;
  (void)columns;
}

void tx_hdf5_put_text_attribute(tx_hdf5_writer *writer, const char *name, const char *text)
{
  (void)writer;
  (void)name;
  (void)text;
}

void tx_hdf5_put_integer_attribute(tx_hdf5_writer *writer, const char *name, const int64_t *values,
                                   size_t count)
{
  (void)writer;
  (void)name;
  (void)values;
  (void)count;
}

tx_status tx_hdf5_writer_finish(tx_hdf5_writer *writer, tx_bytes *out, tx_error *error)
{
  (void)writer;
  (void)out;
  return tx_fail(error, TX_ERROR_USAGE, "this build writes no HDF5");
}

#endif
