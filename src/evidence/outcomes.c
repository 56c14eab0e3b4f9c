#include "evidence/outcomes.h"

#include "base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEAR_MOST 1.5
#define MIDDLE_MOST 6.0
#define FAR_MOST 20.0
#define OTHER_MOST 10.0
#define PERCENT_MOST 10.0
#define SHARE_WITHIN 1.0
#define MASS_SCALE 3.0
#define LAG_MOST 6.0

/* Ranks that have outcomes even where all references are of one taxon: a species may be new there too. */
enum { RANKS_LEAST = 4 };

const char *tx_feature_name(tx_feature feature)
{
  static const char *const names[] = {"one",      "near",  "middle", "far",          "share", "mass",
                                      "children", "other", "ratio",  "transversion", "codon", "score",
                                      "mismatches", "transversion_lag", "codon_lag"};
  _Static_assert(sizeof names / sizeof *names == TX_FEATURES, "a name for each feature");
  return names[feature];
}

size_t tx_outcome_top(const tx_taxonomy *taxonomy)
{
  const size_t ranks = tx_taxonomy_rank_count(taxonomy);
  size_t top = 0;
  while (top + RANKS_LEAST < ranks && tx_taxonomy_class_count(taxonomy, top) < 2) top++;
  return top;
}

tx_status tx_outcome_space_init(tx_outcome_space *space, const tx_search_index *index, tx_error *error)
{
  const tx_taxonomy *taxonomy = index->references->taxonomy;
  memset(space, 0, sizeof *space);
  space->index = index;
  space->ranks = tx_taxonomy_rank_count(taxonomy);
  space->top = tx_outcome_top(taxonomy);
  space->kinds = space->ranks - space->top + 1;
  for (size_t r = 0; r < space->ranks; r++) {
    space->children[r] = calloc(tx_taxonomy_class_count(taxonomy, r) + 1, sizeof *space->children[r]);
    if (!space->children[r]) {
      tx_outcome_space_clear(space);
      return tx_fail_memory(error, "the evidence");
    }
  }
  for (size_t r = 1; r < space->ranks; r++)
    for (size_t c = 0; c < tx_taxonomy_class_count(taxonomy, r); c++) {
      size_t rank;
      const int32_t parent = tx_taxonomy_parent(taxonomy, r, (int32_t)c, &rank);
      if (parent >= 0) space->children[rank][parent]++;
    }
  return TX_OK;
}

void tx_outcome_space_clear(tx_outcome_space *space)
{
  for (size_t r = 0; r < TX_RANKS_MAX; r++) free(space->children[r]);
  memset(space, 0, sizeof *space);
}

/* What is looked at for the features of one barcode. */
typedef struct view {
  const tx_outcome_space *space;
  const tx_candidate *candidates;
  size_t count;
  const int32_t *lineages[TX_CANDIDATES_MAX];
  bool repeats[TX_CANDIDATES_MAX]; /* its lineage has a nearer candidate */
  double mass[TX_CANDIDATES_MAX];
  double mass_sum;
  double score;                    /* the highest k-mer score */
  size_t within;                   /* candidates at most SHARE_WITHIN farther than the nearest */
} view;

static view look(const tx_outcome_space *space, const tx_candidate *candidates, size_t count)
{
  const tx_references *references = space->index->references;
  view v = {.space = space, .candidates = candidates, .count = count};
  for (size_t i = 0; i < count; i++) {
    v.lineages[i] = tx_references_lineage(references, candidates[i].reference);
    for (size_t j = 0; j < i && !v.repeats[i]; j++) v.repeats[i] = v.lineages[j] == v.lineages[i];
    v.mass[i] = v.repeats[i] ? 0 : exp(-(candidates[i].distance - candidates[0].distance) / MASS_SCALE);
    v.mass_sum += v.mass[i];
    if (candidates[i].score > v.score) v.score = candidates[i].score;
    if (candidates[i].distance <= candidates[0].distance + SHARE_WITHIN) v.within++;
  }
  return v;
}

static double at_most(double value, double most)
{
  return value < most ? value : most;
}

static double transversion_percent(const tx_candidate *candidate)
{
  return 100.0 * candidate->alignment.transversions / candidate->alignment.length;
}

static double codon_percent(const tx_candidate *candidate)
{
  return 100.0 * candidate->alignment.codon / candidate->alignment.length;
}

/* The features that one alignment gives. */
static void fill_alignment(const view *v, size_t nearest, double *features)
{
  const tx_candidate *candidate = &v->candidates[nearest];
  const double d = candidate->distance;
  features[TX_FEATURE_ONE] = 1;
  features[TX_FEATURE_NEAR] = at_most(d, NEAR_MOST);
  features[TX_FEATURE_MIDDLE] = at_most(d, MIDDLE_MOST);
  features[TX_FEATURE_FAR] = at_most(d, FAR_MOST);
  features[TX_FEATURE_MISMATCHES] = log(0.1 + candidate->alignment.mismatches);
  if (!v->space->index->coding) return;
  features[TX_FEATURE_TRANSVERSION] = at_most(transversion_percent(candidate), PERCENT_MOST);
  features[TX_FEATURE_CODON] = at_most(codon_percent(candidate), PERCENT_MOST);
}

/* The features that compare the taxon of the outcome with the others of its rank. */
static void fill_comparison(const view *v, tx_outcome *outcome)
{
  const size_t rank = (size_t)outcome->rank;
  const double d = v->candidates[outcome->nearest].distance;
  double other = OTHER_MOST, mass = 0, score = 0;
  size_t within = 0;
  bool found = false;
  for (size_t i = 0; i < v->count; i++) {
    if (v->lineages[i][rank] == outcome->taxon) {
      mass += v->mass[i];
      if (v->candidates[i].score > score) score = v->candidates[i].score;
      within += i < v->within;
    } else if (!found && v->lineages[i][rank] >= 0) {
      found = true;
      other = at_most(v->candidates[i].distance, OTHER_MOST);
    }
  }
  outcome->features[TX_FEATURE_SHARE] = (double)within / (double)v->within;
  outcome->features[TX_FEATURE_MASS] = mass / v->mass_sum;
  outcome->features[TX_FEATURE_OTHER] = other;
  outcome->features[TX_FEATURE_SCORE] = score / v->score;
  outcome->features[TX_FEATURE_RATIO] = d / (d + other);
}

/* Transversions and substitutions at codon positions 1 and 2 saturate late: they compare genera and families
   whose distances hardly differ, and the candidate with the fewest need not be the nearest. */
static void fill_lags(const view *v, tx_outcome *outcome)
{
  double transversions = INFINITY, codons = INFINITY, transversions_least = INFINITY, codons_least = INFINITY;
  for (size_t i = 0; i < v->count; i++) {
    const double transversion = transversion_percent(&v->candidates[i]),
                 codon = codon_percent(&v->candidates[i]);
    transversions_least = fmin(transversions_least, transversion);
    codons_least = fmin(codons_least, codon);
    if (v->lineages[i][outcome->rank] != outcome->taxon) continue;
    transversions = fmin(transversions, transversion);
    codons = fmin(codons, codon);
  }
  outcome->features[TX_FEATURE_TRANSVERSION_LAG] = at_most(transversions - transversions_least, LAG_MOST);
  outcome->features[TX_FEATURE_CODON_LAG] = at_most(codons - codons_least, LAG_MOST);
}

/* The taxa of the candidates at one rank, nearest first. */
static size_t list_rank(const view *v, size_t rank, size_t most, const tx_exclusion *missing,
                        tx_outcome *outcomes)
{
  const tx_taxonomy *taxonomy = v->space->index->references->taxonomy;
  size_t listed = 0, missing_rank = 0;
  int32_t childless = -1; /* the taxon that has lost a child */
  if (missing && missing->taxon >= 0)
    childless = tx_taxonomy_parent(taxonomy, missing->rank, missing->taxon, &missing_rank);
  for (size_t i = 0; i < v->count && listed < most; i++) {
    const int32_t taxon = v->lineages[i][rank];
    tx_outcome *outcome = &outcomes[listed];
    uint32_t children;
    bool known = taxon < 0;
    for (size_t j = 0; j < listed && !known; j++) known = outcomes[j].taxon == taxon;
    if (known) continue;
    memset(outcome, 0, sizeof *outcome);
    outcome->rank = (int)rank;
    outcome->taxon = taxon;
    outcome->kind = v->space->ranks - 1 - rank;
    outcome->nearest = i;
    children = v->space->children[rank][taxon];
    if (childless == taxon && missing_rank == rank && children) children--;
    fill_alignment(v, i, outcome->features);
    fill_comparison(v, outcome);
    if (v->space->index->coding) fill_lags(v, outcome);
    outcome->features[TX_FEATURE_CHILDREN] = log(1 + (double)children);
    listed++;
  }
  return listed;
}

size_t tx_outcomes_list(const tx_outcome_space *space, const tx_candidate *candidates, size_t count,
                        const tx_exclusion *opt_missing, tx_outcome *outcomes)
{
  const view v = look(space, candidates, count);
  size_t listed = 0;
  for (size_t rank = space->ranks; rank-- > space->top;)
    listed += list_rank(&v, rank, rank + 1 == space->ranks ? TX_KNOWN_MAX : TX_NEW_MAX, opt_missing,
                        outcomes + listed);
  memset(&outcomes[listed], 0, sizeof outcomes[listed]);
  outcomes[listed].rank = -1;
  outcomes[listed].taxon = -1;
  outcomes[listed].kind = space->kinds - 1;
  if (count) fill_alignment(&v, 0, outcomes[listed].features);
  outcomes[listed].features[TX_FEATURE_ONE] = 1;
  return listed + 1;
}
