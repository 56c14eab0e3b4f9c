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
size_t tx_audit_contradiction(const tx_references *references, size_t a, size_t b);
/* Makes a finding about a barcode, with the lowest taxon of the reference. */
tx_audit_finding tx_audit_barcode(const tx_references *references, tx_audit_kind kind, size_t reference);

#endif
