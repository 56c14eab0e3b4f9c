/* Hierarchical label smoothing (MycoAI, Romeijn et al. 2024): a share of the target goes down the tree from
   each ancestor of the true class. The tables of one rank, in the form of tensor/loss.h: a few numbers per
   class and level, never classes by classes. */
#ifndef TX_OBJECTIVE_HIERARCHY_H
#define TX_OBJECTIVE_HIERARCHY_H

#include "tensor/loss.h"

#include <taxamba/taxonomy.h>

typedef struct tx_hierarchy {
  size_t levels;                 /* ranks above */
  tx_class_span *spans;          /* (classes, levels) */
  float *mass[2 * TX_RANKS_MAX]; /* as tx_targets.mass; all owned */
} tx_hierarchy;

/* Tables of `rank` when level l spreads smoothing[l] (l < rank). The mass of a taxon goes in equal parts to
   those of its children that are of the rank or lead to it, theirs to their children, down to the rank; a
   child may be several ranks down where the tree has a gap. What the ancestor at a level without one would
   spread goes to all: see tx_hierarchy_uniform.
   The ancestors are those of the class in the tree, named by the record or not. The classes of a rank must be
   sorted by lineage, as tx_taxonomy_builder_finish does (TX_ERROR_DATA otherwise). */
tx_status tx_hierarchy_create(const tx_taxonomy *taxonomy, size_t rank, const double *smoothing,
                              tx_hierarchy *hierarchy, tx_error *error);

/* An unknown ancestor at `level` (< rank): equal parts to the taxa of the next rank that lead to `rank`, and
   down from there; to all classes of `rank` if none does. shares (classes of rank) sum to 1. */
tx_status tx_hierarchy_uniform(const tx_taxonomy *taxonomy, size_t level, size_t rank, double *shares,
                               tx_error *error);

void tx_hierarchy_free(tx_hierarchy *hierarchy);

#endif
