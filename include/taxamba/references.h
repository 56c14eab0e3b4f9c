/* Reference sets: labelled barcodes that others are compared with, and the fitted weights of the answer. */
#ifndef TAXAMBA_REFERENCES_H
#define TAXAMBA_REFERENCES_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>
#include <taxamba/taxonomy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Immutable; may be used by any number of threads at once. */
typedef struct tx_reference_set tx_reference_set;

/* Distinct barcodes (of one lineage each), and the records they stand for. */
TX_API size_t tx_reference_set_count(const tx_reference_set *set);
TX_API uint64_t tx_reference_set_records(const tx_reference_set *set);
/* Borrowed from the set. */
TX_API const tx_taxonomy *tx_reference_set_taxonomy(const tx_reference_set *set);
/* The identifier of the first record of a reference. Not NUL-terminated: *ret_length bytes, borrowed. */
TX_API const char *tx_reference_set_id(const tx_reference_set *set, size_t index, size_t *ret_length);
/* NULL is allowed. */
TX_API void tx_reference_set_free(tx_reference_set *set);

#ifdef __cplusplus
}
#endif
#endif
