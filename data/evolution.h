/* Evolution of COI-like barcodes. Integers only, so that every machine writes the same bytes. */
#ifndef EVOLUTION_H
#define EVOLUTION_H

#include <stdbool.h>
#include <stdint.h>

enum { BASES = 660 }; /* the Folmer region, whole codons */

/* Accepted substitutions on a branch: uniform in low..high. Two species of a genus are two branches apart,
   and so on up. */
typedef struct branch_length {
  unsigned low, high;
} branch_length;
static const branch_length order_branch = {66, 80}, family_branch = {40, 50}, genus_branch = {44, 60},
                           species_branch = {17, 36}, specimen_branch = {0, 6};

/* splitmix64; the state is any number. */
uint64_t random_next(uint64_t *state);
/* 0..bound-1; the bias of 2^-32 does not matter here. */
unsigned random_below(uint64_t *state, unsigned bound);
bool random_percent(uint64_t *state, unsigned percent);

/* A random reading frame; bases (BASES + 1), as everywhere below. */
void make_root(uint64_t *state, char *bases);
void evolve(uint64_t *state, const char *ancestor, branch_length length, char *bases);
/* What a sequencer makes of a barcode: now and then a shorter read and a few undecided bases. */
void blemish(uint64_t *state, char *bases);

#endif
