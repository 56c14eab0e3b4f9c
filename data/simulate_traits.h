/* Traits of simulated specimens: part of simulate_barcodes. */
#ifndef SIMULATE_TRAITS_H
#define SIMULATE_TRAITS_H

#include <stdint.h>
#include <stdio.h>

/* A node of the tree, after its parent (-1: the root), and the substitutions between them. */
typedef struct trait_node {
  int parent;
  unsigned distance;
} trait_node;

typedef struct trait_tree {
  const trait_node *nodes;
  unsigned node_count;
  const unsigned *species; /* (specimens) the node of its species */
  unsigned specimen_count;
} trait_tree;

/* Writes a table of traits, a row for each specimen SIM0001-26, SIM0002-26, ... */
void write_trait_table(const trait_tree *tree, uint64_t seed, FILE *file);

#endif
