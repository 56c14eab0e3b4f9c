/* References: labelled barcodes that others are searched in and aligned with. */
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
typedef struct tx_references tx_references;

/* Distinct barcodes (of one lineage each), and the records they stand for. */
TX_API size_t tx_references_count(const tx_references *references);
TX_API uint64_t tx_references_records(const tx_references *references);
/* Borrowed from the references. */
TX_API const tx_taxonomy *tx_references_taxonomy(const tx_references *references);
/* The identifier of the first record of a reference. Not NUL-terminated: *ret_length bytes, borrowed. */
TX_API const char *tx_references_id(const tx_references *references, size_t index, size_t *ret_length);
/* NULL is allowed. */
TX_API void tx_references_free(tx_references *references);

#ifdef __cplusplus
}
#endif
#endif
