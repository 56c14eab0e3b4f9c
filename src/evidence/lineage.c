#include "evidence/lineage.h"

void tx_lineages_fill(const tx_taxonomy *taxonomy, const tx_outcome *outcomes, size_t count,
                      tx_lineages lineages)
{
  const size_t ranks = tx_taxonomy_rank_count(taxonomy);
  for (size_t o = 0; o < count; o++) {
    if (outcomes[o].rank >= 0)
      tx_taxonomy_lineage(taxonomy, (size_t)outcomes[o].rank, outcomes[o].taxon, lineages[o]);
    else
      for (size_t r = 0; r < ranks; r++) lineages[o][r] = -1;
  }
}

/* The first rank, from `rank` on, at which the lineage has a taxon; `ranks` if there is none. */
static size_t first_rank(const int32_t *lineage, size_t rank, size_t ranks)
{
  while (rank < ranks && lineage[rank] < 0) rank++;
  return rank;
}

/* Whether the lineage of an outcome has the chosen taxa at all ranks above `rank`, gaps included. */
static bool agrees(const int32_t *lineage, const int32_t *taxa, size_t rank)
{
  for (size_t r = 0; r < rank; r++)
    if (lineage[r] != taxa[r]) return false;
  return true;
}

void tx_lineages_choose(const tx_outcome_space *space, tx_lineages lineages, const double *probabilities,
                        size_t count, int32_t *taxa, double *confidence)
{
  double above = 1;
  for (size_t r = 0; r < space->ranks; r++) {
    double most = 0;
    taxa[r] = -1;
    for (size_t o = 0; o < count; o++) {
      const size_t first = first_rank(lineages[o], r, space->ranks);
      double sum = 0;
      if (first == space->ranks || !agrees(lineages[o], taxa, r)) continue;
      for (size_t i = 0; i < count; i++)
        if (lineages[i][first] == lineages[o][first]) sum += probabilities[i];
      if (sum <= most) continue;
      taxa[r] = lineages[o][r];
      most = sum;
    }
    if (taxa[r] >= 0 && most < above) above = most;
    confidence[r] = taxa[r] >= 0 ? above : 0;
  }
}

void tx_lineages_confidence(const tx_outcome_space *space, tx_lineages lineages, const double *probabilities,
                            size_t count, const int32_t *taxa, double *confidence)
{
  double above = 1;
  for (size_t r = 0; r < space->ranks; r++) {
    double sum = 0;
    confidence[r] = 0;
    if (taxa[r] < 0) continue;
    for (size_t i = 0; i < count; i++)
      if (lineages[i][r] == taxa[r]) sum += probabilities[i];
    if (sum < above) above = sum;
    confidence[r] = above;
  }
}
