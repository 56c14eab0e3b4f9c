/* Hierarchical label smoothing (MycoAI, Romeijn et al. 2024): a share of the target is distributed over the
   descendants of each ancestor of the true class. The tables of one rank have the form of tensor/loss.h: a
   few numbers per class and level instead of a matrix of classes by classes. */
#ifndef TX_OBJECTIVE_HIERARCHY_H
#define TX_OBJECTIVE_HIERARCHY_H

#include "tensor/loss.h"

#include <taxamba/taxonomy.h>

typedef struct tx_hierarchy {
  size_t levels;                   /* ranks above */
  tx_class_span *spans;            /* (classes, levels) */
  float *shares[2 * TX_RANKS_MAX]; /* as tx_targets.shares; all owned */
} tx_hierarchy;

/* Makes the tables of `rank` when level l (l < rank) distributes a probability of smoothing[l]. A taxon
   distributes its probability in equal parts to those of its children that are of `rank` or have descendants
   of `rank`, and these to their children, down to `rank`; a child may be several ranks below where the tree
   has a gap. Where a class has no ancestor at a level, the probability of the level is distributed as by
   tx_hierarchy_uniform.
   The ancestors of a class are those in the tree, whether the record names them or not. The classes of a rank
   must be sorted by lineage, as tx_taxonomy_builder_finish sorts them (TX_ERROR_DATA otherwise). */
tx_status tx_hierarchy_create(const tx_taxonomy *taxonomy, size_t rank, const double *smoothing,
                              tx_hierarchy *hierarchy, tx_error *error);

/* Distributes a probability of 1 when the ancestor at `level` (< rank) is unknown: in equal parts over the
   taxa of the next rank that have descendants of `rank`, and from there to their descendants; over all
   classes of `rank` if there is no such taxon. shares (classes of `rank`) sum to 1. */
tx_status tx_hierarchy_uniform(const tx_taxonomy *taxonomy, size_t level, size_t rank, double *shares,
                               tx_error *error);

void tx_hierarchy_free(tx_hierarchy *hierarchy);

#endif
