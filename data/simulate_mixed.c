/* Mixed records: what is left of several specimens in one sequence, and the taxa of all of them, as far as
   somebody has told them. A model that is to name them has to say a set. */
#include "simulate_mixed.h"
#include "evolution.h"

#include <stdbool.h>
#include <string.h>

enum {
  TRAINING = 360,
  VALIDATION = 60,
  TESTS = 120,
  FRAGMENT = 150, /* bases of a specimen */
  PARTS = 3       /* most specimens of a record */
};

/* Copies the stretch of the barcode that all records have, with the errors of a sequencer. */
static void put_fragment(const mixed_specimen *specimen, uint64_t *state, FILE *file)
{
  const size_t length = strlen(specimen->bases), first = length > FRAGMENT ? (length - FRAGMENT) / 2 : 0;
  for (size_t i = first; i < length && i < first + FRAGMENT; i++)
    fputc(random_below(state, 200) == 0 ? 'N' : specimen->bases[i], file);
}

/* The names down to a rank that is drawn: half of the labels reach the species. */
static unsigned draw_depth(uint64_t *state)
{
  const unsigned draw = random_below(state, 100);
  return draw < 50 ? 4 : draw < 75 ? 3 : draw < 90 ? 2 : 1;
}

static void put_lineage(const mixed_specimen *specimen, unsigned depth, FILE *file)
{
  for (unsigned r = 0; r < depth; r++) fprintf(file, "%s%s", r ? "|" : "", specimen->names[r]);
  if (depth == 1) fputc('|', file); /* a lone name would be that of a taxon of any rank */
}

static void put_record(const mixed_specimen *specimens, unsigned first, unsigned count, unsigned number,
                       const char *split, uint64_t *state, FILE *file)
{
  const mixed_specimen *chosen[PARTS];
  const unsigned draw = random_below(state, 100), parts = draw < 40 ? 1 : draw < 80 ? 2 : 3;
  for (unsigned p = 0; p < parts; p++) {
    bool again = true;
    while (again) {
      chosen[p] = &specimens[first + random_below(state, count - first)];
      again = false;
      for (unsigned q = 0; q < p; q++) again = again || chosen[q]->species == chosen[p]->species;
    }
  }
  fprintf(file, "MIX%04u\t", number);
  for (unsigned p = 0; p < parts; p++) {
    if (p) fputc(';', file);
    /* a test is labelled in full, so that what is deep can be judged */
    put_lineage(chosen[p], strcmp(split, "test") == 0 && random_below(state, 4) ? 4 : draw_depth(state),
                file);
  }
  fprintf(file, "\t%s\t", split);
  for (unsigned p = 0; p < parts; p++) put_fragment(chosen[p], state, file);
  fputc('\n', file);
}

void write_mixed_table(const mixed_specimen *specimens, unsigned first_test, unsigned count, uint64_t seed,
                       FILE *file)
{
  uint64_t state = seed ^ UINT64_C(0x6D69786564);
  unsigned number = 1;
  fputs("id\ttaxa\tsplit\tsequence\n", file);
  for (unsigned i = 0; i < TRAINING; i++)
    put_record(specimens, 0, first_test, number++, "train", &state, file);
  for (unsigned i = 0; i < VALIDATION; i++)
    put_record(specimens, 0, first_test, number++, "val", &state, file);
  for (unsigned i = 0; i < TESTS; i++)
    put_record(specimens, first_test, count, number++, "test", &state, file);
}
