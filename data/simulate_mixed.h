/* Mixed records of the simulated specimens: part of simulate_barcodes. */
#ifndef SIMULATE_MIXED_H
#define SIMULATE_MIXED_H

#include <stdint.h>
#include <stdio.h>

enum { MIXED_RANKS = 4 };

/* A specimen: its barcode, and its names from the order down to the species. */
typedef struct mixed_specimen {
  const char *bases;
  const char *names[MIXED_RANKS];
  unsigned species;
} mixed_specimen;

/* Writes a table of records that are fragments of one to three specimens, one behind the other, with the
   taxa of them all, each cut at a rank that is drawn. The records of split test are made of the specimens
   from `first_test` on, those of the other splits of the ones before. */
void write_mixed_table(const mixed_specimen *specimens, unsigned first_test, unsigned count, uint64_t seed,
                       FILE *file);

#endif
