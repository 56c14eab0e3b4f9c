/* Random numbers from counters: a stream is named by a seed and up to three numbers (epoch, record, purpose),
   so that a resumed run draws the same numbers without any stored state. xoshiro256** seeded by
   splitmix64. */
#ifndef TX_BASE_RANDOM_H
#define TX_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct tx_random {
  uint64_t state[4];
} tx_random;

void tx_random_seed(tx_random *random, uint64_t seed, uint64_t a, uint64_t b, uint64_t c);
uint64_t tx_random_next(tx_random *random);
/* Uniform in 0 <= x < 1. */
double tx_random_real(tx_random *random);
/* Uniform in 0..bound-1 without bias; bound >= 1. */
uint64_t tx_random_below(tx_random *random, uint64_t bound);
/* Standard normal. */
double tx_random_normal(tx_random *random);
/* Shuffles by the method of Fisher and Yates. */
void tx_random_shuffle(tx_random *random, uint32_t *items, size_t count);

#endif
