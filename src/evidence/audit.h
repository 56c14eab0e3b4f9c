/* Parts of an audit: each reports its findings to the function of the options (tx_reference_set_audit). */
#ifndef TX_EVIDENCE_AUDIT_H
#define TX_EVIDENCE_AUDIT_H

#include "base/pool.h"
#include "evidence/reference_set.h"

/* Findings that need a search: labels that disagree with those of the nearest references, and barcodes that
   resemble no other reference. */
tx_status tx_audit_neighbours(const tx_reference_set *set, tx_pool *pool, const tx_audit_options *options,
                              tx_error *error);
/* Names of one rank that are nearly the same. */
tx_status tx_audit_names(const tx_reference_set *set, const tx_audit_options *options, tx_error *error);

/* The highest rank at which both references have a label and the labels differ; the number of ranks: none. */
static inline size_t tx_audit_contradiction(const tx_references *references, size_t a, size_t b)
{
  const int32_t *left = tx_references_lineage(references, a), *right = tx_references_lineage(references, b);
  size_t rank = 0;
  while (rank < references->ranks && (left[rank] < 0 || right[rank] < 0 || left[rank] == right[rank])) rank++;
  return rank;
}

/* Makes a finding about a barcode, with the lowest taxon of the reference. */
static inline tx_audit_finding tx_audit_barcode(const tx_references *references, tx_audit_kind kind,
                                                size_t reference)
{
  const int32_t *lineage = tx_references_lineage(references, reference);
  size_t rank = references->ranks - 1;
  while (rank > 0 && lineage[rank] < 0) rank--;
  return (tx_audit_finding){.kind = kind,
                            .reference = reference,
                            .other = references->count,
                            .rank = rank,
                            .taxon = lineage[rank],
                            .other_taxon = -1,
                            .identity = -1};
}

#endif
