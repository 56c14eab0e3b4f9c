/* A part of simulate_barcodes: two sources of labels. The expert is rarely wrong, and has seen one training
   specimen in six; the field worker has seen nearly all, stops at the genus now and then, and is wrong more
   often. Both are independent of each other and of the barcodes. */
#include "simulate_labels.h"
#include "evolution.h"

#include <stdbool.h>

/* Shares in percent. A label is missing, else of another genus, else of another species of the genus, else
   cut at the genus, else right. */
typedef struct habits {
  unsigned missing_in_training, missing, other_genus, other_species, cut;
} habits;

static const habits expert = {84, 2, 4, 6, 4}, field = {4, 4, 12, 20, 8};

/* Another species, of the same genus or of another one. The genus must have another one. */
static unsigned other_species(const known_names *names, unsigned species, bool same_genus, uint64_t *random)
{
  for (;;) {
    const unsigned other = random_below(random, names->species_count);
    if (other != species && (names->genera[other] == names->genera[species]) == same_genus) return other;
  }
}

static void write_label(FILE *file, const habits *own, const true_label *label, const known_names *names,
                        uint64_t *random)
{
  const unsigned missing = label->in_training ? own->missing_in_training : own->missing;
  unsigned species = label->species;
  bool cut = false;
  if (random_below(random, 100) < missing) {
    fputs(",,", file);
    return;
  }
  if (random_below(random, 100) < own->other_genus)
    species = other_species(names, species, false, random);
  else if (random_below(random, 100) < own->other_species)
    species = other_species(names, species, true, random);
  else
    cut = random_below(random, 100) < own->cut;
  fprintf(file, ",%s,%s", names->genus_names[names->genera[species]], cut ? "" : names->species[species]);
}

void write_two_sources(FILE *file, const true_label *labels, unsigned count, const known_names *names,
                       uint64_t seed)
{
  uint64_t random = seed ^ UINT64_C(0x7477305F736F7572);
  fputs("processid,split,expert_genus,expert_species,field_genus,field_species\n", file);
  for (unsigned i = 0; i < count; i++) {
    fprintf(file, "SIM%04u-26,%s", labels[i].number, labels[i].split);
    write_label(file, &expert, &labels[i], names, &random);
    write_label(file, &field, &labels[i], names, &random);
    fputc('\n', file);
  }
}
