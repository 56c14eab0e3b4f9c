/* Two sources of labels for simulated specimens, wrong at known rates. */
#ifndef SIMULATE_LABELS_H
#define SIMULATE_LABELS_H

#include <stdint.h>
#include <stdio.h>

/* What is true of a specimen. */
typedef struct true_label {
  unsigned number;  /* of its id, SIM%04u-26 */
  unsigned species; /* among the names below */
  const char *split;
  int in_training;
} true_label;

/* The names that there are. */
typedef struct known_names {
  const char *const *species; /* (species_count) "Genus epithet" */
  const unsigned *genera;     /* (species_count) genus of each */
  const char *const *genus_names;
  unsigned species_count;
} known_names;

/* Writes a row per specimen: its id, its split, and genus and species by an expert and by a field worker.
   `seed` decides alone. */
void write_two_sources(FILE *file, const true_label *labels, unsigned count, const known_names *names,
                       uint64_t seed);

#endif
