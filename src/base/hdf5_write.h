/* HDF5 files made in memory, with the optional libhdf5 (base/hdf5.h). The same calls give the same bytes. One
   thread at a time. A failed call is kept, and later ones do nothing, so that one check at the end is
   enough. */
#ifndef TX_BASE_HDF5_WRITE_H
#define TX_BASE_HDF5_WRITE_H

#include "base/bytes.h"

#include <stddef.h>
#include <stdint.h>

typedef struct tx_hdf5_writer tx_hdf5_writer;

/* TX_ERROR_USAGE: the library was built without libhdf5; TX_ERROR_MEMORY. */
tx_status tx_hdf5_writer_create(tx_hdf5_writer **ret_writer, tx_error *error);
/* A group; the groups above it must be there ("observation" before "observation/matrix"). */
void tx_hdf5_put_group(tx_hdf5_writer *writer, const char *path);
/* One-dimensional data sets. */
void tx_hdf5_put_reals(tx_hdf5_writer *writer, const char *path, const double *values, size_t count);
void tx_hdf5_put_integers(tx_hdf5_writer *writer, const char *path, const int32_t *values, size_t count);
/* UTF-8 texts of variable length: (rows), or (rows, columns) if columns is not 0. */
void tx_hdf5_put_texts(tx_hdf5_writer *writer, const char *path, const char *const *texts, size_t rows,
                       size_t columns);
/* Attributes of the file; count 0 is one number, not an array. */
void tx_hdf5_put_text_attribute(tx_hdf5_writer *writer, const char *name, const char *text);
void tx_hdf5_put_integer_attribute(tx_hdf5_writer *writer, const char *name, const int64_t *values,
                                   size_t count);
/* Appends the bytes of the file and frees the writer, also when it fails. TX_ERROR_MEMORY: a call has
   failed. */
tx_status tx_hdf5_writer_finish(tx_hdf5_writer *writer, tx_bytes *out, tx_error *error);

#endif
