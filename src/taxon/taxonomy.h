/* Building, writing and reading a taxonomy. The public accessors are in <taxamba/taxonomy.h>. */
#ifndef TX_TAXON_TAXONOMY_H
#define TX_TAXON_TAXONOMY_H

#include "base/bytes.h"

#include <taxamba/taxonomy.h>

typedef struct tx_taxonomy_builder tx_taxonomy_builder;

tx_status tx_taxonomy_builder_create(const char *const *ranks, size_t rank_count,
                                     tx_taxonomy_builder **ret_builder, tx_error *error);

/* Adds one lineage: taxa[rank_count], NULL (or "") where there is no label; the readers have removed missing
   labels (tx_label_is_missing). Equal lineages get the same number *ret_lineage (0, 1, 2, ...). `file` and
   `line` give its position, for the reports. Memory grows with the distinct lineages, not with the records.
   TX_ERROR_DATA: a control character in a label. */
tx_status tx_taxonomy_builder_add(tx_taxonomy_builder *builder, const char *const *taxa, const char *file,
                                  uint64_t line, int32_t *ret_lineage, tx_error *error);
/* Number of distinct lineages added. */
size_t tx_taxonomy_builder_lineage_count(const tx_taxonomy_builder *builder);
/* The name of an added lineage at a rank, NULL = no label. Borrowed from the builder. */
const char *tx_taxonomy_builder_label(const tx_taxonomy_builder *builder, int32_t lineage, size_t rank);
const char *tx_taxonomy_builder_rank_name(const tx_taxonomy_builder *builder, size_t rank);
size_t tx_taxonomy_builder_rank_count(const tx_taxonomy_builder *builder);

/* Makes the tree. The same name under two parents is two taxa. A lineage with a gap joins the one taxon that
   its labels agree with (genus Apis with and without its family is one genus); if several agree, its label at
   that rank and below is dropped and reported. What one row says of the ranks above a name holds for all rows
   of that name (taxon/resolve.h has the exact rule). Classes of a rank are sorted by lineage, so that the
   order of the input does not matter.
   *ret_labels: (lineages, rank_count) class of each added lineage at each rank, -1 = none; the caller frees
   it. A gap of a lineage stays a gap there, also when the tree knows what would fill it
   (tx_taxonomy_lineage). May be called again after more additions. */
tx_status tx_taxonomy_builder_finish(tx_taxonomy_builder *builder, tx_taxonomy **ret_taxonomy,
                                     int32_t **ret_labels, tx_error *error);

/* A part of the lineages that were added. */
typedef struct tx_taxonomy_part {
  const size_t *ranks; /* (rank_count) ranks of the builder, top first; NULL = the first rank_count */
  size_t rank_count;
  const uint32_t *lineages; /* (lineage_count) numbers of added lineages; NULL = the first lineage_count */
  size_t lineage_count;
} tx_taxonomy_part;

/* The same as if only these lineages had been added, in their order and with these ranks only. *ret_labels:
   (part->lineage_count, part->rank_count). */
tx_status tx_taxonomy_builder_finish_part(tx_taxonomy_builder *builder, const tx_taxonomy_part *part,
                                          tx_taxonomy **ret_taxonomy, int32_t **ret_labels, tx_error *error);

/* Reports of the last finish, one line each: a name under two parents (with both places), an ambiguous
   lineage. Each name once per rank; at most TX_REPORTS_MAX, then one line that counts the rest. Borrowed. */
size_t tx_taxonomy_builder_report_count(const tx_taxonomy_builder *builder);
const char *tx_taxonomy_builder_report(const tx_taxonomy_builder *builder, size_t index);
void tx_taxonomy_builder_free(tx_taxonomy_builder *builder);

/* The classes of a lineage of names in a finished taxonomy (for records that took no part in building it):
   labels[rank_count], -1 where there is no label, where the taxon is unknown, or where several taxa of that
   name agree with the other labels. If no name is the same, '_' counts as a blank. */
void tx_taxonomy_match(const tx_taxonomy *taxonomy, const char *const *taxa, int32_t *labels);

/* Text form, appended to `out`: first line the rank names separated by tabs; then one line per taxon in
   rank-major order: rank <tab> parent rank or -1 <tab> parent class or -1 <tab> name. */
tx_status tx_taxonomy_write(const tx_taxonomy *taxonomy, tx_bytes *out, tx_error *error);
/* Strict reader of that form: every index is checked. An empty first line is a taxonomy without ranks.
   TX_ERROR_MODEL on any fault. */
tx_status tx_taxonomy_read(const char *text, size_t length, tx_taxonomy **ret_taxonomy, tx_error *error);

#endif
