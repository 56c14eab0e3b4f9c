#include "evidence/prior.h"

#include "base/error.h"

#include <math.h>
#include <stdlib.h>

#define KNOWN 0.60
#define NONE 0.03
#define NEW (1 - KNOWN - NONE)
#define LEAST 0.002 /* no kind is impossible */

/* The shares for small sets: of the species that are alone in their genus, family, order, ... about what COI
   of arthropods and ITS of fungi have. */
static const double alone_usual[] = {0.20, 0.025, 0.005, 0.002};
enum { USUAL = sizeof alone_usual / sizeof *alone_usual, SPECIES_ADDED = 20 };

/* The share of the taxa of the lowest rank that are alone in their taxon of a rank. species: (classes of the
   rank) zeros. */
static double share_alone(const tx_outcome_space *space, size_t rank, uint32_t *species)
{
  const tx_taxonomy *taxonomy = space->index->references->taxonomy;
  const size_t lowest = space->ranks - 1, classes = tx_taxonomy_class_count(taxonomy, rank);
  const double usual = alone_usual[lowest - rank - 1 < USUAL ? lowest - rank - 1 : USUAL - 1];
  size_t total = 0, alone = 0;
  for (size_t c = 0; c < tx_taxonomy_class_count(taxonomy, lowest); c++) {
    int32_t lineage[TX_RANKS_MAX];
    tx_taxonomy_lineage(taxonomy, lowest, (int32_t)c, lineage);
    if (lineage[rank] < 0) continue;
    total++;
    species[lineage[rank]]++;
  }
  for (size_t c = 0; c < classes; c++) alone += species[c] == 1;
  return ((double)alone + SPECIES_ADDED * usual) / (double)(total + SPECIES_ADDED);
}

tx_status tx_prior_estimate(const tx_outcome_space *space, double *prior, tx_error *error)
{
  double inside = 1; /* of the new taxa, those that are new at the rank below the one looked at too */
  double sum = KNOWN;
  prior[0] = KNOWN;
  for (size_t k = 1; k + 1 < space->kinds; k++) {
    const size_t rank = space->ranks - 1 - k; /* of the known taxon that the new one lies in */
    uint32_t *species =
        calloc(tx_taxonomy_class_count(space->index->references->taxonomy, rank) + 1, sizeof *species);
    double alone;
    if (!species) return tx_fail_memory(error, "the prior");
    alone = share_alone(space, rank, species);
    free(species);
    if (alone > inside) alone = inside; /* where lineages have gaps */
    prior[k] = fmax(NEW * (inside - alone), LEAST);
    sum += prior[k];
    inside = alone;
  }
  prior[space->kinds - 1] = NONE + NEW * inside;
  sum += prior[space->kinds - 1];
  for (size_t k = 0; k < space->kinds; k++) prior[k] /= sum;
  return TX_OK;
}
