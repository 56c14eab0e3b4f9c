/* Vectors of other modalities (images, texts) by the id of the record that they belong to. */
#ifndef TAXAMBA_VECTORS_H
#define TAXAMBA_VECTORS_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Most modalities beside the DNA. */
enum { TX_MODALITIES_MAX = 6 };

/* The name of the DNA among the modalities. */
#define TX_MODALITY_DNA "dna"

/* Vectors of one or more modalities. Immutable once read; may be used by any number of threads. */
typedef struct tx_vectors tx_vectors;

/* Reads NumPy arrays (count, width) as tx_points_read does, and the ids of their rows, one a line.
   `arrays`: paths, separated by commas. The name of a modality is that of its file without folder and
   ending: letters, digits, '-' and '_', not "all", "averaged" or "concatenated". Arrays of the same name
   are one modality; they have the same width. `opt_ids`: as many paths; NULL or "": the name of each array
   and ".ids". A row with a number that is not finite, or of zeros alone, is no vector: a warning counts
   such rows. Errors: those of tx_points_read; TX_ERROR_USAGE for a name that is none, another number of
   files, too many modalities; TX_ERROR_DATA for an id that occurs twice in a modality, and for another
   width. */
TX_API tx_status tx_vectors_read(const char *arrays, const char *opt_ids, const tx_input_hooks *opt_hooks,
                                 tx_vectors **ret_vectors, tx_error *error);
TX_API size_t tx_vectors_modalities(const tx_vectors *vectors);
/* The number of the modality of this name; the number of modalities if there is none. */
TX_API size_t tx_vectors_modality(const tx_vectors *vectors, const char *name);
TX_API const char *tx_vectors_name(const tx_vectors *vectors, size_t modality);
TX_API size_t tx_vectors_width(const tx_vectors *vectors, size_t modality);
TX_API size_t tx_vectors_rows(const tx_vectors *vectors, size_t modality);
/* The id of a row. Borrowed. */
TX_API const char *tx_vectors_id(const tx_vectors *vectors, size_t modality, size_t row);
/* The vector of a row (width), NULL if it has none. Borrowed. */
TX_API const float *tx_vectors_row(const tx_vectors *vectors, size_t modality, size_t row);
/* The vector of a record (width), NULL if it has none. Borrowed. */
TX_API const float *tx_vectors_find(const tx_vectors *vectors, size_t modality, const char *id,
                                    size_t length);
/* CRC-32 of all names, ids and numbers. */
TX_API uint32_t tx_vectors_checksum(const tx_vectors *vectors);
/* Frees; NULL is allowed. */
TX_API void tx_vectors_free(tx_vectors *vectors);

#ifdef __cplusplus
}
#endif
#endif
