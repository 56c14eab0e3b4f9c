/* Ranks, taxa and the tree that joins them. A taxon is a class of one rank; its parent is the nearest
   labelled taxon above it, which may be several ranks up (gaps are allowed). Ranks are data: any number up to
   TX_RANKS_MAX, any names. */
#ifndef TAXAMBA_TAXONOMY_H
#define TAXAMBA_TAXONOMY_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TX_RANKS_MAX 16

/* Immutable after creation; may be shared between threads. */
typedef struct tx_taxonomy tx_taxonomy;

TX_API size_t tx_taxonomy_rank_count(const tx_taxonomy *taxonomy);
/* Name of a rank, top first. Borrowed from the taxonomy. */
TX_API const char *tx_taxonomy_rank_name(const tx_taxonomy *taxonomy, size_t rank);
/* Number of taxa at a rank. */
TX_API size_t tx_taxonomy_class_count(const tx_taxonomy *taxonomy, size_t rank);
/* Name of taxon `class_index` of `rank`. Borrowed from the taxonomy. Two taxa of a rank may share a name
   (other parents). */
TX_API const char *tx_taxonomy_class_name(const tx_taxonomy *taxonomy, size_t rank, int32_t class_index);
/* The parent: returns its class and sets *ret_rank; returns -1 when the taxon is directly below the root. */
TX_API int32_t tx_taxonomy_parent(const tx_taxonomy *taxonomy, size_t rank, int32_t class_index,
                                  size_t *ret_rank);
/* Fills lineage[rank_count] with the taxon and its ancestors; -1 at ranks without one and below `rank`. */
TX_API void tx_taxonomy_lineage(const tx_taxonomy *taxonomy, size_t rank, int32_t class_index,
                                int32_t *lineage);
/* Whether a taxon of this name exists at `rank`; '_' and a blank are one letter. */
TX_API int tx_taxonomy_knows(const tx_taxonomy *taxonomy, size_t rank, const char *name);
/* The taxa of all ranks as the nodes of one tree, numbered from the top rank down and within a rank by class:
   their number, and the number of taxon `class_index` of `rank`. A parent has a lower number than its
   children. */
TX_API size_t tx_taxonomy_node_count(const tx_taxonomy *taxonomy);
TX_API size_t tx_taxonomy_node(const tx_taxonomy *taxonomy, size_t rank, int32_t class_index);
/* Frees the taxonomy; NULL is allowed. */
TX_API void tx_taxonomy_free(tx_taxonomy *taxonomy);

#ifdef __cplusplus
}
#endif
#endif
