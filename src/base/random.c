#include "base/random.h"

#include <math.h>

#define GOLDEN 0x9E3779B97F4A7C15u

/* The output function of splitmix64 (Steele, Lea and Flood, 2014). */
static uint64_t mix(uint64_t x)
{
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

static uint64_t rotate(uint64_t x, int by)
{
  return (x << by) | (x >> (64 - by));
}

void tx_random_seed(tx_random *random, uint64_t seed, uint64_t a, uint64_t b, uint64_t c)
{
  /* Each number is mixed in before the next one arrives, so that (1, 2) and (2, 1) name different streams. */
  uint64_t hash = mix(seed + GOLDEN);
  hash = mix((hash ^ a) + GOLDEN);
  hash = mix((hash ^ b) + GOLDEN);
  hash = mix((hash ^ c) + GOLDEN);
  for (int i = 0; i < 4; i++) {
    hash += GOLDEN;
    random->state[i] = mix(hash); /* four different inputs of a bijection: never all zero */
  }
}

/* xoshiro256** 1.0 (Blackman and Vigna, 2018). */
uint64_t tx_random_next(tx_random *random)
{
  uint64_t *s = random->state;
  uint64_t result = rotate(s[1] * 5, 7) * 9;
  uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 45);
  return result;
}

double tx_random_real(tx_random *random)
{
  return (double)(tx_random_next(random) >> 11) * 0x1.0p-53;
}

uint64_t tx_random_below(tx_random *random, uint64_t bound)
{
  uint64_t x;
  uint64_t rejected;
  if (bound <= 1) return 0;
  rejected = (0 - bound) % bound; /* 2^64 mod bound: the lowest draws that would favour small results */
  do {
    x = tx_random_next(random);
  } while (x < rejected);
  return x % bound;
}

double tx_random_normal(tx_random *random)
{
  /* Box and Muller (1958). Only one of the pair is used, so that a draw leaves no hidden state. 1 - u is
     never 0. */
  double radius = sqrt(-2.0 * log(1.0 - tx_random_real(random)));
  return radius * cos(6.283185307179586 * tx_random_real(random));
}

void tx_random_shuffle(tx_random *random, uint32_t *items, size_t count)
{
  for (size_t i = count; i > 1; i--) {
    size_t j = (size_t)tx_random_below(random, i);
    uint32_t item = items[i - 1];
    items[i - 1] = items[j];
    items[j] = item;
  }
}
