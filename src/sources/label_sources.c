#include "sources/label_sources.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

const char *tx_label_state_name(tx_label_state state)
{
  static const char *const names[TX_LABEL_STATES] = {"agree",
                                                     "genus agrees",
                                                     "compatible",
                                                     "disagree",
                                                     "no common rank",
                                                     "first only",
                                                     "second only",
                                                     "neither",
                                                     "first conflicts with itself",
                                                     "second conflicts with itself",
                                                     "both conflict with themselves"};
  return (size_t)state < TX_LABEL_STATES ? names[state] : "";
}

/* The lowest rank with a name, -1 if there is none. */
static int lowest(const tx_label_sources *sources, const tx_identification *own)
{
  int rank = (int)sources->rank_count - 1;
  while (rank >= 0 && !own->taxa[rank]) rank--;
  return rank;
}

static tx_label_state compare_names(const tx_label_sources *sources, const tx_individual *own, int *differing)
{
  const tx_identification *first = &own->sides[TX_LABEL_FIRST], *second = &own->sides[TX_LABEL_SECOND];
  const size_t genus = sources->genus;
  size_t shared = 0;
  for (size_t r = 0; r < sources->rank_count; r++) {
    if (!first->taxa[r] || !second->taxa[r]) continue;
    if (strcmp(first->taxa[r], second->taxa[r]) != 0) {
      *differing = (int)r;
      return genus < r && first->taxa[genus] && second->taxa[genus] ? TX_LABELS_GENUS_AGREES
                                                                    : TX_LABELS_DISAGREE;
    }
    shared++;
  }
  if (!shared) return TX_LABELS_APART;
  return lowest(sources, first) == lowest(sources, second) ? TX_LABELS_AGREE : TX_LABELS_COMPATIBLE;
}

static void judge(const tx_label_sources *sources, tx_individual *own)
{
  const tx_identification *first = &own->sides[TX_LABEL_FIRST], *second = &own->sides[TX_LABEL_SECOND];
  own->differing_rank = -1;
  if (first->conflicts || second->conflicts)
    own->state = !second->conflicts  ? TX_LABELS_FIRST_CONFLICTS
                 : !first->conflicts ? TX_LABELS_SECOND_CONFLICTS
                                     : TX_LABELS_BOTH_CONFLICT;
  else if (lowest(sources, first) < 0)
    own->state = lowest(sources, second) < 0 ? TX_LABELS_NEITHER : TX_LABELS_SECOND_ONLY;
  else if (lowest(sources, second) < 0)
    own->state = TX_LABELS_FIRST_ONLY;
  else
    own->state = compare_names(sources, own, &own->differing_rank);
}

static int by_id(const void *a, const void *b)
{
  return strcmp(((const tx_individual *)a)->id, ((const tx_individual *)b)->id);
}

/* Leaves out ranks at which neither source has a name, such as the family of most of NEON's tables. */
static void drop_empty_ranks(tx_label_sources *sources)
{
  size_t kept = 0;
  for (size_t r = 0; r < sources->rank_count; r++) {
    bool named = false;
    for (size_t i = 0; i < sources->count && !named; i++)
      for (size_t side = 0; side < TX_LABEL_SIDES; side++)
        named = named || sources->individuals[i].sides[side].taxa[r];
    if (!named) {
      free(sources->ranks[r]);
      sources->ranks[r] = NULL;
      continue;
    }
    for (size_t i = 0; i < sources->count && kept != r; i++)
      for (size_t side = 0; side < TX_LABEL_SIDES; side++) {
        const char **taxa = sources->individuals[i].sides[side].taxa;
        taxa[kept] = taxa[r];
        taxa[r] = NULL;
      }
    if (kept != r) {
      sources->ranks[kept] = sources->ranks[r];
      sources->ranks[r] = NULL;
    }
    kept++;
  }
  sources->rank_count = kept;
}

static void finish(tx_label_sources *sources)
{
  drop_empty_ranks(sources);
  sources->genus = 0;
  while (sources->genus < sources->rank_count && strcmp(sources->ranks[sources->genus], "genus") != 0)
    sources->genus++;
  if (sources->count) qsort(sources->individuals, sources->count, sizeof *sources->individuals, by_id);
  for (size_t i = 0; i < sources->count; i++) judge(sources, &sources->individuals[i]);
}

tx_status tx_label_sources_read(const tx_label_table tables[TX_LABEL_SIDES], tx_label_sources **ret_sources,
                                tx_error *error)
{
  tx_label_sources *sources = calloc(1, sizeof *sources);
  tx_status status = sources ? TX_OK : tx_fail_memory(error, "the labels");
  *ret_sources = NULL;
  if (status == TX_OK) status = tx_names_create(&sources->ids, error);
  if (status == TX_OK) status = tx_names_create(&sources->texts, error);
  if (status == TX_OK) status = tx_label_tables_read(tables, sources, error);
  if (status == TX_OK) {
    finish(sources);
    *ret_sources = sources;
  } else {
    tx_label_sources_free(sources);
  }
  return status;
}

void tx_label_sources_free(tx_label_sources *sources)
{
  if (!sources) return;
  for (size_t i = 0; i < sources->count; i++) free(sources->individuals[i].sequence);
  for (size_t r = 0; r < TX_RANKS_MAX; r++) free(sources->ranks[r]);
  free(sources->individuals);
  free(sources->id_name);
  tx_names_free(sources->ids);
  tx_names_free(sources->texts);
  free(sources);
}

static tx_individual *find(const tx_label_sources *sources, const char *id)
{
  const tx_individual key = {.id = id};
  return sources->count ? bsearch(&key, sources->individuals, sources->count, sizeof key, by_id) : NULL;
}

tx_status tx_label_sources_add_sequences(tx_label_sources *sources, tx_labelled *reader,
                                         uint64_t *ret_unknown, tx_error *error)
{
  tx_labelled_record record;
  tx_status status;
  *ret_unknown = 0;
  while ((status = tx_labelled_next(reader, &record, error)) == TX_OK) {
    tx_individual *own = find(sources, record.record.id);
    *ret_unknown += !own;
    if (!own || own->sequence || !record.record.base_count) continue;
    own->sequence = tx_copy_text(record.record.bases, record.record.base_count);
    if (!own->sequence) return tx_fail_memory(error, "the sequences");
  }
  return status == TX_END ? TX_OK : status;
}

size_t tx_label_sources_count(const tx_label_sources *sources)
{
  return sources->count;
}

size_t tx_label_sources_rank_count(const tx_label_sources *sources)
{
  return sources->rank_count;
}

const char *tx_label_sources_rank_name(const tx_label_sources *sources, size_t rank)
{
  return sources->ranks[rank];
}

const char *tx_label_sources_id(const tx_label_sources *sources, size_t individual)
{
  return sources->individuals[individual].id;
}

const char *tx_label_sources_text(const tx_label_sources *sources, size_t individual, tx_label_side side)
{
  return sources->individuals[individual].sides[side].text;
}

const char *tx_label_sources_taxon(const tx_label_sources *sources, size_t individual, tx_label_side side,
                                   size_t rank)
{
  return sources->individuals[individual].sides[side].taxa[rank];
}

tx_label_state tx_label_sources_state(const tx_label_sources *sources, size_t individual)
{
  return sources->individuals[individual].state;
}

int tx_label_sources_differing_rank(const tx_label_sources *sources, size_t individual)
{
  return sources->individuals[individual].differing_rank;
}

const char *tx_label_sources_sequence(const tx_label_sources *sources, size_t individual)
{
  return sources->individuals[individual].sequence;
}

tx_label_side tx_label_sources_used(const tx_label_sources *sources, size_t individual, tx_label_trust trust)
{
  switch (sources->individuals[individual].state) {
  case TX_LABELS_FIRST_ONLY:
    return trust.alone && trust.side != TX_LABEL_FIRST ? TX_LABEL_SIDES : TX_LABEL_FIRST;
  case TX_LABELS_SECOND_ONLY:
    return trust.alone && trust.side != TX_LABEL_SECOND ? TX_LABEL_SIDES : TX_LABEL_SECOND;
  case TX_LABELS_NEITHER:
  case TX_LABELS_FIRST_CONFLICTS:
  case TX_LABELS_SECOND_CONFLICTS:
  case TX_LABELS_BOTH_CONFLICT:
    return TX_LABEL_SIDES;
  default:
    return trust.side;
  }
}

/* Counts of the names of one rank in both sources, by number in `texts`. */
typedef struct name_counts {
  uint64_t *sides[TX_LABEL_SIDES];
} name_counts;

static size_t number_of(const tx_label_sources *sources, const char *name)
{
  return (size_t)tx_names_find(sources->texts, name, strlen(name));
}

static double kappa(const tx_label_agreement *agreement, const name_counts *counts, size_t names)
{
  const double both = (double)agreement->both;
  double chance = 0;
  if (!agreement->both) return NAN;
  for (size_t i = 0; i < names; i++)
    chance +=
        (double)counts->sides[TX_LABEL_FIRST][i] / both * ((double)counts->sides[TX_LABEL_SECOND][i] / both);
  return chance < 1 ? ((double)agreement->same / both - chance) / (1 - chance) : NAN;
}

tx_status tx_label_sources_agreement(const tx_label_sources *sources, size_t rank,
                                     tx_label_agreement *ret_agreement, tx_error *error)
{
  const size_t names = tx_names_count(sources->texts);
  name_counts counts;
  tx_status status = TX_OK;
  memset(ret_agreement, 0, sizeof *ret_agreement);
  for (size_t side = 0; side < TX_LABEL_SIDES; side++)
    counts.sides[side] = calloc(names + 1, sizeof **counts.sides);
  if (!counts.sides[TX_LABEL_FIRST] || !counts.sides[TX_LABEL_SECOND])
    status = tx_fail_memory(error, "the agreement");
  for (size_t i = 0; i < sources->count && status == TX_OK; i++) {
    const tx_individual *own = &sources->individuals[i];
    const char *first = own->sides[TX_LABEL_FIRST].taxa[rank],
               *second = own->sides[TX_LABEL_SECOND].taxa[rank];
    if (own->sides[TX_LABEL_FIRST].conflicts || own->sides[TX_LABEL_SECOND].conflicts) continue;
    ret_agreement->first_only += first && !second;
    ret_agreement->second_only += second && !first;
    if (!first || !second) continue;
    ret_agreement->both++;
    ret_agreement->same += strcmp(first, second) == 0;
    counts.sides[TX_LABEL_FIRST][number_of(sources, first)]++;
    counts.sides[TX_LABEL_SECOND][number_of(sources, second)]++;
  }
  if (status == TX_OK) ret_agreement->kappa = kappa(ret_agreement, &counts, names);
  for (size_t side = 0; side < TX_LABEL_SIDES; side++) free(counts.sides[side]);
  return status;
}
