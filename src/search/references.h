/* Labelled barcodes with which others are compared: packed, dereplicated, sorted by content. */
#ifndef TX_SEARCH_REFERENCES_H
#define TX_SEARCH_REFERENCES_H

#include "base/bytes.h"
#include "search/sequence.h"
#include "taxon/taxonomy.h"

#include <taxamba/taxonomy.h>

/* One barcode with one lineage; equal barcodes of other lineages are other references. */
typedef struct tx_reference {
  uint64_t word;      /* its first word */
  uint32_t exception; /* its first exception */
  uint32_t length;    /* bases */
  uint32_t lineage;   /* in `lineages` */
  uint32_t records;   /* number of records of the input with this content */
} tx_reference;

/* Immutable; shared by all threads. */
typedef struct tx_references {
  tx_taxonomy *taxonomy;
  size_t ranks;
  size_t count;
  tx_reference *references; /* (count + 1), the last one for its word and exception */
  uint64_t *words;
  tx_exception *exceptions;
  size_t word_count, exception_count;
  size_t lineage_count;
  int32_t *lineages;   /* (lineage_count, ranks): class of each rank, -1 = no label */
  uint64_t *id_starts; /* (count + 1) */
  char *ids;           /* the identifier of the first record of each, one after the other */
  uint64_t records;    /* number of records of all references */
} tx_references;

static inline tx_sequence tx_references_sequence(const tx_references *references, size_t index)
{
  const tx_reference *r = &references->references[index];
  return (tx_sequence){references->words + r->word, r->length, references->exceptions + r->exception,
                       r[1].exception - r->exception};
}

/* The classes of a reference, (ranks). */
static inline const int32_t *tx_references_lineage(const tx_references *references, size_t index)
{
  return references->lineages + references->references[index].lineage * references->ranks;
}

/* The median of the lengths; the references are in the order of their lengths. */
static inline uint32_t tx_references_median_length(const tx_references *references)
{
  return references->references[references->count / 2].length;
}

/* The identifier of a reference. Not NUL-terminated: *ret_length bytes, borrowed. */
const char *tx_references_id(const tx_references *references, size_t index, size_t *ret_length);
/* Compares by sequence, then by the classes of the lineage: < 0, 0, > 0. References are in ascending
   order. */
int tx_references_compare(const tx_references *references, size_t a, size_t b);
/* The number of barcodes that occur with contradicting lineages: other taxa at one rank. *ret_distinct: the
   number of distinct barcodes, whatever their lineages. */
size_t tx_references_conflicts(const tx_references *references, size_t *ret_distinct);
/* NULL is allowed. */
void tx_references_free(tx_references *references);

/* Collects records. */
typedef struct tx_references_builder tx_references_builder;

tx_status tx_references_builder_create(const char *const *ranks, size_t rank_count,
                                       tx_references_builder **ret_builder, tx_error *error);
/* Adds a record: `bases` letters as read, taxa (rank_count) with NULL for no label. A record with fewer than
   TX_REFERENCE_MIN certain bases or without any label is counted and left out. The first of equal records, by
   identifier, names the reference; a lineage in its header is no part of the identifier. */
enum { TX_REFERENCE_MIN = 50 };
typedef struct tx_reference_record {
  const char *id;
  const char *bases;
  size_t base_count;
  const char *const *taxa;
  const char *file;
  uint64_t line;
} tx_reference_record;
tx_status tx_references_builder_add(tx_references_builder *builder, const tx_reference_record *record,
                                    tx_error *error);
/* Adds references that were finished before, with the number of their records; `file` is named in reports.
   The builder must have their ranks, and may have more: else TX_ERROR_USAGE. */
tx_status tx_references_builder_take(tx_references_builder *builder, const tx_references *references,
                                     const char *file, tx_error *error);
/* The number of records left out so far: too short, without a label. */
void tx_references_builder_left_out(const tx_references_builder *builder, uint64_t *ret_short,
                                    uint64_t *ret_unlabelled);
/* The number of records added so far, without those left out. */
uint64_t tx_references_builder_count(const tx_references_builder *builder);
/* Makes the references, in an order that depends on their content alone, and their lineages in the order of
   the first reference of each. Ranks at which no record has a label are left out. TX_ERROR_DATA: there are no
   references. */
tx_status tx_references_builder_finish(tx_references_builder *builder, tx_references **ret_references,
                                       tx_error *error);
/* Lines on labels that contradict each other: tx_taxonomy_builder_report. */
size_t tx_references_builder_report_count(const tx_references_builder *builder);
const char *tx_references_builder_report(const tx_references_builder *builder, size_t index);
void tx_references_builder_free(tx_references_builder *builder);

#endif
