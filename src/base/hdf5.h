/* HDF5 files in memory: the only user of libhdf5, which is optional. Without it every opening fails with a
   message that says so. Only one thread at a time may use these functions: Debian's libhdf5 has no locks. It
   is not made for hostile files. */
#ifndef TX_BASE_HDF5_H
#define TX_BASE_HDF5_H

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/status.h>

typedef struct tx_hdf5 tx_hdf5;

/* "HDF5" and the version of libhdf5 that this was built with, NULL if the library was built without it.
   Static storage. */
const char *tx_hdf5_version(void);

/* Opens the bytes of a file, which must stay until it is closed; `name` is for messages. TX_ERROR_DATA when
   they are no HDF5 file. */
tx_status tx_hdf5_open_memory(const char *name, const void *data, size_t size, tx_hdf5 **ret_file,
                              tx_error *error);
/* Whether there is a data set of this path ("observation/ids"). */
bool tx_hdf5_has(const tx_hdf5 *file, const char *path);
/* All numbers of a data set, as doubles; *ret_numbers belongs to the caller. */
tx_status tx_hdf5_read_numbers(const tx_hdf5 *file, const char *path, double **ret_numbers, size_t *ret_count,
                               tx_error *error);
/* All texts of a data set, of fixed or variable length, row by row; *ret_texts belongs to the caller, who
   frees it with tx_hdf5_free_texts. *ret_rows is the size of its first dimension. */
tx_status tx_hdf5_read_texts(const tx_hdf5 *file, const char *path, char ***ret_texts, size_t *ret_count,
                             size_t *ret_rows, tx_error *error);
void tx_hdf5_free_texts(char **texts, size_t count);
/* Closes; NULL is allowed. */
void tx_hdf5_close(tx_hdf5 *file);

#endif
