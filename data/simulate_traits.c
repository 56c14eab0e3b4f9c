/* Brownian motion (Felsenstein 1985) of two lengths along the tree of the barcodes: on a branch of d
   substitutions a length changes by a normal number of variance proportional to d, so that related species
   are alike, and so are their barcodes. Each specimen adds noise of its own, and some are not measured.
   Integers only, in micrometres. */
#include "simulate_traits.h"
#include "evolution.h"

#include <stdlib.h>

enum {
  BODY_ROOT = 9000,
  BODY_STEP = 170, /* standard deviation after one substitution */
  BODY_NOISE = 350,
  BODY_LEAST = 1200,
  LEG_STEP = 30, /* of what a hind leg is longer or shorter than its share of the body */
  LEG_NOISE = 120,
  LEG_LEAST = 300,
  BODY_MISSING = 7, /* percent */
  LEG_MISSING = 15
};

/* Nearly normal, standard deviation 65536: the sum of twelve uniform numbers. */
static int64_t normal(uint64_t *state)
{
  int64_t sum = -6 * INT64_C(65535);
  for (int i = 0; i < 12; i++) sum += (int64_t)(random_next(state) >> 48);
  return sum;
}

static int64_t square_root(int64_t number)
{
  int64_t root = 0;
  while ((root + 1) * (root + 1) <= number) root++;
  return root;
}

/* A normal number of the standard deviation `step` times the root of the distance. */
static int64_t change(uint64_t *state, int64_t step, unsigned distance)
{
  return normal(state) * step * square_root((int64_t)distance * 10000) / 100 / 65536;
}

static void put_length(FILE *file, int64_t length, int64_t least)
{
  if (length < least) length = least;
  length = (length + 5) / 10; /* measured to 0.01 mm */
  fprintf(file, "\t%lld.%02lld", (long long)(length / 100), (long long)(length % 100));
}

void write_trait_table(const trait_tree *tree, uint64_t seed, FILE *file)
{
  int64_t *body = calloc(tree->node_count, sizeof *body), *leg = calloc(tree->node_count, sizeof *leg);
  uint64_t state = seed;
  if (!body || !leg) {
    fputs("simulate_barcodes: no memory\n", stderr);
    exit(1);
  }
  for (unsigned i = 0; i < tree->node_count; i++) {
    const trait_node *node = &tree->nodes[i];
    body[i] = (node->parent < 0 ? BODY_ROOT : body[node->parent]) + change(&state, BODY_STEP, node->distance);
    leg[i] = (node->parent < 0 ? 0 : leg[node->parent]) + change(&state, LEG_STEP, node->distance);
  }
  fputs("individualID\tbody_length_mm\thind_leg_mm\n", file);
  for (unsigned i = 0; i < tree->specimen_count; i++) {
    const unsigned species = tree->species[i];
    const int64_t own = body[species] + change(&state, BODY_NOISE, 1),
                  own_leg = own * 2 / 5 + leg[species] + change(&state, LEG_NOISE, 1);
    const unsigned body_draw = (unsigned)(random_next(&state) % 100),
                   leg_draw = (unsigned)(random_next(&state) % 100);
    fprintf(file, "SIM%04u-26", i + 1);
    if (body_draw < BODY_MISSING)
      fputs("\t", file);
    else
      put_length(file, own, BODY_LEAST);
    if (leg_draw < LEG_MISSING)
      fputs("\t", file);
    else
      put_length(file, own_leg, LEG_LEAST);
    fputs("\n", file);
  }
  free(body);
  free(leg);
}
