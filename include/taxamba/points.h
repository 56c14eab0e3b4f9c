/* Points with names: embeddings of barcodes, or vectors of any other kind. */
#ifndef TAXAMBA_POINTS_H
#define TAXAMBA_POINTS_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/prediction.h>
#include <taxamba/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Records with a vector each. A record may have none: its row is NaN, as taxamba embed writes it for a
   barcode without a call. Changed by one thread; read by any number. */
typedef struct tx_points tx_points;

/* Creates a list of vectors of `width` >= 1 numbers. */
TX_API tx_status tx_points_create(size_t width, tx_points **ret_points, tx_error *error);
/* A tx_prediction_sink that adds the record's embedding; `context` is the tx_points. */
TX_API tx_status tx_points_put(void *context, const tx_record *record, const tx_prediction *prediction,
                               tx_error *error);
/* Reads a NumPy array (count, width) of float32 or float64 in C order (little endian; .npy versions 1 to 3),
   and its names, one a line in the order of the rows. Both may be compressed by gzip. A row with a number
   that is not finite is a record without a vector. Errors: TX_ERROR_IO; TX_ERROR_DATA for another type,
   order or number of dimensions, a file that is too short or too long, or another number of names than of
   rows; TX_ERROR_MEMORY; TX_STOPPED. */
TX_API tx_status tx_points_read(const char *array_path, const char *ids_path, const tx_input_hooks *opt_hooks,
                                tx_points **ret_points, tx_error *error);

TX_API size_t tx_points_count(const tx_points *points);
TX_API size_t tx_points_width(const tx_points *points);
/* How many records have a vector. */
TX_API size_t tx_points_usable(const tx_points *points);
/* The name of a record. Borrowed. */
TX_API const char *tx_points_id(const tx_points *points, size_t record);
/* The vector of a record (width), NULL if it has none. Borrowed until the points change. */
TX_API const double *tx_points_vector(const tx_points *points, size_t record);
/* Frees; NULL is allowed. */
TX_API void tx_points_free(tx_points *points);

#ifdef __cplusplus
}
#endif
#endif
