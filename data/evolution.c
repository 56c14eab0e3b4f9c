#include "evolution.h"

#include <stddef.h>
#include <string.h>

static const char *const letters = "ACGT";

uint64_t random_next(uint64_t *state)
{
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

unsigned random_below(uint64_t *state, unsigned bound)
{
  return (unsigned)(((random_next(state) >> 32) * bound) >> 32);
}

bool random_percent(uint64_t *state, unsigned percent)
{
  return random_below(state, 100) < percent;
}

static unsigned base_code(char base)
{
  return (unsigned)(strchr(letters, base) - letters);
}

/* Amino acids of the invertebrate mitochondrial code (NCBI table 5) for the codons in the order ACGT; '*' is
   a stop. */
static char amino_acid(const char *codon)
{
  static const char table[] = "KNKNTTTTSSSSMIMIQHQHPPPPRRRRLLLLEDEDAAAAGGGGVVVV*Y*YSSSSWCWCLFLF";
  return table[16 * base_code(codon[0]) + 4 * base_code(codon[1]) + base_code(codon[2])];
}

/* Codon sites differ in rate, as the sites of a real protein do: classes 0 (slow), 1, 2 (fast), the same in
   every lineage. */
static bool site_accepts(uint64_t *state, unsigned codon)
{
  static const unsigned percent[3] = {25, 60, 100};
  return random_percent(state, percent[(codon * 7 + codon / 5) % 3]);
}

static char other_base(uint64_t *state, char base)
{
  static const char *const transitions = "GTAC"; /* of A C G T */
  if (random_percent(state, 68)) return transitions[base_code(base)];
  for (;;) {
    char proposed = letters[random_below(state, 4)];
    if (proposed != base && proposed != transitions[base_code(base)]) return proposed;
  }
}

/* One accepted substitution. */
static void substitute(uint64_t *state, char *bases)
{
  for (;;) {
    const unsigned codon = random_below(state, BASES / 3);
    const unsigned draw = random_below(state, 100);
    const unsigned place = draw < 84 ? 2 : draw < 96 ? 0 : 1;
    char *start = bases + 3 * (size_t)codon;
    const char old = start[place], before = amino_acid(start);
    if (!site_accepts(state, codon)) continue;
    start[place] = other_base(state, old);
    const bool weak = start[place] == 'A' || start[place] == 'T';
    const bool same = amino_acid(start) == before;
    if (amino_acid(start) != '*' && (weak || random_percent(state, 40)) &&
        (same || random_percent(state, 8)))
      return;
    start[place] = old;
  }
}

void evolve(uint64_t *state, const char *ancestor, branch_length length, char *bases)
{
  memcpy(bases, ancestor, BASES + 1);
  for (unsigned left = length.low + random_below(state, length.high - length.low + 1); left > 0; left--)
    substitute(state, bases);
}

void make_root(uint64_t *state, char *bases)
{
  static const char *const weighted[3] = {"AAATTTCGGT", "ATTTTCCGGA", "AAAAATTTTC"};
  for (size_t codon = 0; codon < BASES / 3; codon++) {
    do {
      for (unsigned place = 0; place < 3; place++)
        bases[3 * codon + place] = weighted[place][random_below(state, 10)];
    } while (amino_acid(bases + 3 * codon) == '*');
  }
  bases[BASES] = '\0';
}

void blemish(uint64_t *state, char *bases)
{
  size_t length = strlen(bases);
  if (random_percent(state, 12)) {
    const size_t cut = 3 + random_below(state, 60);
    memmove(bases, bases + cut, length - cut + 1);
    length -= cut;
  }
  if (random_percent(state, 12)) {
    length -= 3 + random_below(state, 90);
    bases[length] = '\0';
  }
  if (random_percent(state, 8))
    for (unsigned left = 1 + random_below(state, 4); left > 0; left--)
      bases[random_below(state, (unsigned)length)] = 'N';
}
