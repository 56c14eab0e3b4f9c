#include "taxon/ranks.h"

#include "base/text.h"

int tx_rank_level(const char *name)
{
  static const struct {
    const char *name;
    int level;
  } ranks[] = {
      {"realm", 1},       {"superkingdom", 1}, {"domain", 1},      {"kingdom", 1},     {"supergroup", 1},
      {"subkingdom", 2},  {"infrakingdom", 2}, {"superphylum", 3}, {"phylum", 4},      {"division", 4},
      {"subphylum", 5},   {"subdivision", 5},  {"infraphylum", 5}, {"superclass", 6},  {"class", 7},
      {"subclass", 8},    {"infraclass", 9},   {"cohort", 10},     {"superorder", 11}, {"order", 12},
      {"suborder", 13},   {"infraorder", 14},  {"parvorder", 15},  {"superfamily", 16}, {"family", 17},
      {"subfamily", 18},  {"supertribe", 19},  {"tribe", 20},      {"subtribe", 21},   {"genus", 22},
      {"subgenus", 23},   {"section", 24},     {"series", 25},     {"species", 26},    {"subspecies", 27},
      {"variety", 27},    {"strain", 28},      {"bin", 0},         {"bin_uri", 0},     {"dna_bin", 0},
      {"otu", 0},         {"species_hypothesis", 0},
  };
  for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
    if (tx_text_equal_fold(name, ranks[i].name)) return ranks[i].level;
  return -1;
}

bool tx_ranks_inverted(const char *const *ranks, size_t count, size_t *ret_above, size_t *ret_below)
{
  for (size_t below = 1; below < count; below++)
    for (size_t above = 0; above < below; above++) {
      const int level = tx_rank_level(ranks[below]);
      if (level <= 0 || level >= tx_rank_level(ranks[above])) continue;
      *ret_above = above;
      *ret_below = below;
      return true;
    }
  return false;
}
