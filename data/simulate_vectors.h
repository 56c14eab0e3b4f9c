/* Vectors of other modalities of the simulated specimens. */
#ifndef SIMULATE_VECTORS_H
#define SIMULATE_VECTORS_H

#include <stdbool.h>
#include <stdint.h>

/* A specimen and its taxa, numbered at each rank. */
typedef struct vector_specimen {
  unsigned number; /* of its id, from 1 */
  unsigned order, family, genus, species;
  bool has_family, has_genus, has_species; /* its labels */
} vector_specimen;

/* Writes FOLDER/vectors/image.npy and text.npy with their ids. Exits with a message if that fails. */
void write_vectors(const char *folder, const vector_specimen *specimens, unsigned count, uint64_t seed);

#endif
