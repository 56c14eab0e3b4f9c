#include <taxamba/label_evidence.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/wait.h"
#include "sources/label_sources.h"
#include "taxon/taxonomy.h"

struct tx_label_evidence {
  const tx_label_sources *sources;
  tx_names *names; /* those of `best` */
  bool has[TX_EVIDENCE_KINDS];
  tx_side_evidence (*items)[TX_EVIDENCE_KINDS]; /* (individuals) */
  float *embeddings; /* (individuals, width) NaN where there is none; NULL: none yet */
  size_t width;
  size_t next; /* individual that the source gives next */
  bool pool;
};

const char *tx_evidence_kind_name(tx_evidence_kind kind)
{
  static const char *const names[TX_EVIDENCE_KINDS] = {"heads", "neighbours", "references", "alignment"};
  return (size_t)kind < TX_EVIDENCE_KINDS ? names[kind] : "";
}

const char *tx_support_name(tx_support support)
{
  static const char *const names[TX_SUPPORTS] = {"first", "second", "neither", "unknown", "none"};
  return (size_t)support < TX_SUPPORTS ? names[support] : "";
}

tx_status tx_label_evidence_create(const tx_label_sources *sources, tx_label_evidence **ret_evidence,
                                   tx_error *error)
{
  tx_label_evidence *evidence = calloc(1, sizeof *evidence);
  tx_status status =
      evidence ? tx_names_create(&evidence->names, error) : tx_fail_memory(error, "the evidence");
  *ret_evidence = NULL;
  if (status == TX_OK) {
    evidence->sources = sources;
    evidence->items = calloc(sources->count + 1, sizeof *evidence->items);
    if (!evidence->items) status = tx_fail_memory(error, "the evidence");
  }
  for (size_t i = 0; status == TX_OK && i < sources->count; i++)
    for (size_t kind = 0; kind < TX_EVIDENCE_KINDS; kind++)
      evidence->items[i][kind] =
          (tx_side_evidence){.support = TX_SUPPORT_NONE, .rank = -1, .value = {NAN, NAN}, .best_value = NAN};
  if (status == TX_OK)
    *ret_evidence = evidence;
  else
    tx_label_evidence_free(evidence);
  return status;
}

void tx_label_evidence_free(tx_label_evidence *evidence)
{
  if (!evidence) return;
  tx_names_free(evidence->names);
  free(evidence->items);
  free(evidence->embeddings);
  free(evidence);
}

void tx_label_evidence_start(tx_label_evidence *evidence, bool pool)
{
  evidence->next = 0;
  evidence->pool = pool;
}

static bool differs(const tx_individual *own)
{
  return own->differing_rank >= 0;
}

/* Whether an individual may be a neighbour of others: its sources have the same name at some rank. */
static bool agrees(const tx_label_sources *sources, const tx_individual *own)
{
  for (size_t r = 0; r < sources->rank_count; r++) {
    const char *first = own->sides[TX_LABEL_FIRST].taxa[r], *second = own->sides[TX_LABEL_SECOND].taxa[r];
    if (first && second && strcmp(first, second) == 0) return true;
  }
  return false;
}

tx_status tx_label_evidence_source(void *context, tx_record *record, tx_error *error)
{
  tx_label_evidence *evidence = context;
  const tx_label_sources *sources = evidence->sources;
  (void)error;
  for (; evidence->next < sources->count; evidence->next++) {
    const tx_individual *own = &sources->individuals[evidence->next];
    if (!own->sequence || !(differs(own) || (evidence->pool && agrees(sources, own)))) continue;
    *record = (tx_record){.id = own->id,
                          .id_length = strlen(own->id),
                          .comment = "",
                          .bases = own->sequence,
                          .base_count = strlen(own->sequence),
                          .size = 1,
                          .file = "the sequences",
                          .number = ++evidence->next,
                          .tag = own};
    return TX_OK;
  }
  return TX_END;
}

size_t tx_label_evidence_individual(const tx_record *record)
{
  return (size_t)record->number - 1;
}

/* ---- what the names of either side are elsewhere ---- */

/* Finds the highest rank at which the names differ and that a taxonomy has, and the classes of both names
   there, -1 where it does not have them. Returns the rank of the taxonomy, -1: none. */
static int find_classes(const tx_label_sources *sources, const tx_individual *own,
                        const tx_taxonomy *taxonomy, int32_t classes[TX_LABEL_SIDES], int *ret_rank)
{
  const size_t ranks = tx_taxonomy_rank_count(taxonomy);
  int found = -1;
  *ret_rank = -1;
  for (size_t r = (size_t)own->differing_rank; r < sources->rank_count && found < 0; r++) {
    const char *first = own->sides[TX_LABEL_FIRST].taxa[r], *second = own->sides[TX_LABEL_SECOND].taxa[r];
    if (!first || !second || strcmp(first, second) == 0) continue;
    for (size_t t = 0; t < ranks && found < 0; t++)
      if (strcmp(tx_taxonomy_rank_name(taxonomy, t), sources->ranks[r]) == 0)
        found = (int)t, *ret_rank = (int)r;
  }
  for (size_t side = 0; side < TX_LABEL_SIDES && found >= 0; side++) {
    const char *taxa[TX_RANKS_MAX] = {NULL};
    int32_t labels[TX_RANKS_MAX];
    for (int t = 0; t <= found; t++)
      for (size_t r = 0; r < sources->rank_count; r++)
        if (strcmp(tx_taxonomy_rank_name(taxonomy, (size_t)t), sources->ranks[r]) == 0)
          taxa[t] = own->sides[side].taxa[r];
    tx_taxonomy_match(taxonomy, taxa, labels);
    classes[side] = labels[found];
  }
  return found;
}

static tx_status keep_best(tx_label_evidence *evidence, tx_side_evidence *item, const char *name,
                           tx_error *error)
{
  uint32_t number;
  const tx_status status = tx_names_add_spaced(evidence->names, name, &number, error);
  if (status == TX_OK) item->best = tx_names_key(evidence->names, number, NULL);
  return status;
}

/* Begins the item of an individual: false if the evidence cannot choose, which is then its support. */
static bool begin(tx_side_evidence *item, int rank, const int32_t classes[TX_LABEL_SIDES], bool both)
{
  item->rank = rank;
  item->support = TX_SUPPORT_UNKNOWN;
  for (size_t side = 0; side < TX_LABEL_SIDES && rank >= 0; side++) item->known[side] = classes[side] >= 0;
  return both ? item->known[TX_LABEL_FIRST] && item->known[TX_LABEL_SECOND]
              : item->known[TX_LABEL_FIRST] || item->known[TX_LABEL_SECOND];
}

/* The side whose name is the best of all; neither, if the values of both are equal. */
static tx_support choose(const tx_side_evidence *item, bool first_is_best, bool second_is_best)
{
  const double first = item->value[TX_LABEL_FIRST], second = item->value[TX_LABEL_SECOND];
  if (first >= second && second >= first) return TX_SUPPORT_NEITHER;
  return first_is_best ? TX_SUPPORT_FIRST : second_is_best ? TX_SUPPORT_SECOND : TX_SUPPORT_NEITHER;
}

tx_status tx_label_evidence_add_heads(tx_label_evidence *evidence, size_t individual,
                                      const tx_taxonomy *taxonomy, const double *const *probabilities,
                                      tx_error *error)
{
  const tx_individual *own = &evidence->sources->individuals[individual];
  tx_side_evidence *item = &evidence->items[individual][TX_EVIDENCE_HEADS];
  int32_t classes[TX_LABEL_SIDES] = {-1, -1}, best = 0;
  int rank, there;
  bool chooses;
  evidence->has[TX_EVIDENCE_HEADS] = true;
  if (!differs(own)) return TX_OK;
  there = find_classes(evidence->sources, own, taxonomy, classes, &rank);
  chooses = begin(item, rank, classes, true);
  if (there < 0 || !tx_taxonomy_class_count(taxonomy, (size_t)there)) return TX_OK;
  for (size_t c = 0; c < tx_taxonomy_class_count(taxonomy, (size_t)there); c++)
    if (probabilities[there][c] > probabilities[there][best]) best = (int32_t)c;
  item->best_value = probabilities[there][best];
  for (size_t side = 0; side < TX_LABEL_SIDES; side++)
    if (classes[side] >= 0) item->value[side] = probabilities[there][classes[side]];
  if (chooses)
    item->support = choose(item, best == classes[TX_LABEL_FIRST], best == classes[TX_LABEL_SECOND]);
  return keep_best(evidence, item, tx_taxonomy_class_name(taxonomy, (size_t)there, best), error);
}

/* ---- neighbours ---- */

tx_status tx_label_evidence_add_embedding(tx_label_evidence *evidence, size_t individual,
                                          const float *opt_embedding, size_t width, tx_error *error)
{
  double square = 0;
  float *own;
  evidence->has[TX_EVIDENCE_NEIGHBOURS] = true;
  if (!evidence->embeddings) {
    evidence->width = width;
    evidence->embeddings = tx_malloc_aligned((evidence->sources->count + 1) * width, sizeof(float));
    if (!evidence->embeddings) return tx_fail_memory(error, "the embeddings");
    for (size_t i = 0; i < evidence->sources->count * width; i++) evidence->embeddings[i] = NAN;
  }
  if (!opt_embedding) return TX_OK;
  own = evidence->embeddings + individual * width;
  for (size_t d = 0; d < width; d++) square += (double)opt_embedding[d] * (double)opt_embedding[d];
  for (size_t d = 0; d < width && square > 0; d++) own[d] = (float)((double)opt_embedding[d] / sqrt(square));
  return TX_OK;
}

static double cosine(const tx_label_evidence *evidence, size_t a, size_t b)
{
  const float *x = evidence->embeddings + a * evidence->width,
              *y = evidence->embeddings + b * evidence->width;
  double sum = 0;
  for (size_t d = 0; d < evidence->width; d++) sum += (double)x[d] * (double)y[d];
  return sum;
}

static void find_nearest(tx_label_evidence *evidence, size_t individual)
{
  const tx_label_sources *sources = evidence->sources;
  const tx_individual *own = &sources->individuals[individual];
  const size_t rank = (size_t)own->differing_rank;
  tx_side_evidence *item = &evidence->items[individual][TX_EVIDENCE_NEIGHBOURS];
  const char *names[TX_LABEL_SIDES];
  item->rank = own->differing_rank;
  item->support = TX_SUPPORT_UNKNOWN;
  for (size_t side = 0; side < TX_LABEL_SIDES; side++) names[side] = own->sides[side].taxa[rank];
  for (size_t i = 0; i < sources->count; i++) {
    const tx_individual *other = &sources->individuals[i];
    const char *name = other->sides[TX_LABEL_FIRST].taxa[rank];
    double value;
    if (!name || !other->sides[TX_LABEL_SECOND].taxa[rank] ||
        strcmp(name, other->sides[TX_LABEL_SECOND].taxa[rank]) != 0 ||
        isnan(evidence->embeddings[i * evidence->width]))
      continue;
    value = cosine(evidence, individual, i);
    if (!(value <= item->best_value)) item->best_value = value, item->best = name;
    for (size_t side = 0; side < TX_LABEL_SIDES; side++) {
      if (strcmp(name, names[side]) != 0) continue;
      item->known[side] = true;
      if (!(value <= item->value[side])) item->value[side] = value;
    }
  }
  if (item->known[TX_LABEL_FIRST] && item->known[TX_LABEL_SECOND])
    item->support = choose(item, strcmp(item->best, names[TX_LABEL_FIRST]) == 0,
                           strcmp(item->best, names[TX_LABEL_SECOND]) == 0);
}

tx_status tx_label_evidence_find_neighbours(tx_label_evidence *evidence, const volatile int *opt_stop,
                                            tx_error *error)
{
  (void)error;
  for (size_t i = 0; evidence->embeddings && i < evidence->sources->count; i++) {
    if (tx_is_stopped(opt_stop)) return TX_STOPPED;
    if (differs(&evidence->sources->individuals[i]) && !isnan(evidence->embeddings[i * evidence->width]))
      find_nearest(evidence, i);
  }
  return TX_OK;
}

/* ---- references ---- */

/* The class at a rank of the taxonomy of a taxon or its ancestors; -1: none. */
static int32_t class_at(const tx_taxonomy *taxonomy, int rank, int32_t taxon, size_t wanted)
{
  int32_t lineage[TX_RANKS_MAX];
  if (rank < 0 || (size_t)rank < wanted) return -1;
  tx_taxonomy_lineage(taxonomy, (size_t)rank, taxon, lineage);
  return lineage[wanted];
}

static void weigh_outcomes(const tx_prediction *prediction, const tx_taxonomy *taxonomy, size_t rank,
                           const int32_t classes[TX_LABEL_SIDES], tx_side_evidence *item)
{
  tx_answer_outcome outcome;
  for (size_t side = 0; side < TX_LABEL_SIDES; side++)
    item->value[side] = classes[side] >= 0 ? 0 : (double)NAN;
  for (size_t i = 0; tx_prediction_outcome(prediction, i, &outcome); i++) {
    const int32_t own = class_at(taxonomy, outcome.rank, outcome.taxon, rank);
    for (size_t side = 0; side < TX_LABEL_SIDES; side++)
      if (own >= 0 && own == classes[side]) item->value[side] += outcome.probability;
  }
}

static tx_status add_references(tx_label_evidence *evidence, size_t individual, const tx_taxonomy *taxonomy,
                                const tx_prediction *prediction, tx_error *error)
{
  const tx_individual *own = &evidence->sources->individuals[individual];
  tx_side_evidence *item = &evidence->items[individual][TX_EVIDENCE_REFERENCES];
  int32_t classes[TX_LABEL_SIDES] = {-1, -1}, called;
  int rank;
  const int there = find_classes(evidence->sources, own, taxonomy, classes, &rank);
  const bool chooses = begin(item, rank, classes, false);
  if (there < 0) return TX_OK;
  weigh_outcomes(prediction, taxonomy, (size_t)there, classes, item);
  called = tx_prediction_taxon(prediction, (size_t)there);
  if (chooses)
    item->support = item->value[TX_LABEL_FIRST] > 0.5    ? TX_SUPPORT_FIRST
                    : item->value[TX_LABEL_SECOND] > 0.5 ? TX_SUPPORT_SECOND
                                                         : TX_SUPPORT_NEITHER;
  if (called < 0) return TX_OK;
  item->best_value = tx_prediction_confidence(prediction, (size_t)there);
  return keep_best(evidence, item, tx_taxonomy_class_name(taxonomy, (size_t)there, called), error);
}

static tx_status add_alignment(tx_label_evidence *evidence, size_t individual, const tx_reference_set *set,
                               const tx_prediction *prediction, tx_error *error)
{
  const tx_taxonomy *taxonomy = tx_reference_set_taxonomy(set);
  const tx_individual *own = &evidence->sources->individuals[individual];
  tx_side_evidence *item = &evidence->items[individual][TX_EVIDENCE_ALIGNMENT];
  int32_t classes[TX_LABEL_SIDES] = {-1, -1}, best = -1;
  int rank;
  const int there = find_classes(evidence->sources, own, taxonomy, classes, &rank);
  const bool chooses = begin(item, rank, classes, true);
  tx_answer_candidate candidate;
  if (there < 0) return TX_OK;
  /* Nearest first: the first of each name is its best. */
  for (size_t i = 0; tx_prediction_candidate(prediction, i, &candidate); i++) {
    const int32_t class_index = tx_reference_set_taxon(set, candidate.reference, (size_t)there);
    const double identity =
        candidate.columns ? 1 - (double)candidate.mismatches / (double)candidate.columns : (double)NAN;
    if (class_index < 0) continue;
    if (best < 0) best = class_index, item->best_value = identity;
    for (size_t side = 0; side < TX_LABEL_SIDES; side++)
      if (class_index == classes[side] && isnan(item->value[side])) item->value[side] = identity;
  }
  if (chooses)
    item->support = choose(item, best == classes[TX_LABEL_FIRST], best == classes[TX_LABEL_SECOND]);
  return best < 0 ? TX_OK
                  : keep_best(evidence, item, tx_taxonomy_class_name(taxonomy, (size_t)there, best), error);
}

tx_status tx_label_evidence_add_answer(tx_label_evidence *evidence, size_t individual,
                                       const tx_reference_set *references, const tx_prediction *prediction,
                                       tx_error *error)
{
  tx_status status;
  evidence->has[TX_EVIDENCE_REFERENCES] = evidence->has[TX_EVIDENCE_ALIGNMENT] = true;
  if (!differs(&evidence->sources->individuals[individual]) ||
      tx_prediction_status(prediction) != TX_RECORD_OK)
    return TX_OK;
  status = add_references(evidence, individual, tx_reference_set_taxonomy(references), prediction, error);
  return status == TX_OK ? add_alignment(evidence, individual, references, prediction, error) : status;
}

/* ---- reading ---- */

bool tx_label_evidence_has(const tx_label_evidence *evidence, tx_evidence_kind kind)
{
  return evidence->has[kind];
}

const tx_side_evidence *tx_label_evidence_of(const tx_label_evidence *evidence, size_t individual,
                                             tx_evidence_kind kind)
{
  return differs(&evidence->sources->individuals[individual]) ? &evidence->items[individual][kind] : NULL;
}

tx_support tx_label_evidence_verdict(const tx_label_evidence *evidence, size_t individual)
{
  size_t counts[TX_SUPPORTS] = {0};
  for (size_t kind = 0; kind < TX_EVIDENCE_KINDS; kind++)
    if (evidence->has[kind]) counts[evidence->items[individual][kind].support]++;
  if (!counts[TX_SUPPORT_FIRST] && !counts[TX_SUPPORT_SECOND])
    return counts[TX_SUPPORT_NEITHER] ? TX_SUPPORT_NEITHER : TX_SUPPORT_NONE;
  return counts[TX_SUPPORT_FIRST] > counts[TX_SUPPORT_SECOND]   ? TX_SUPPORT_FIRST
         : counts[TX_SUPPORT_SECOND] > counts[TX_SUPPORT_FIRST] ? TX_SUPPORT_SECOND
                                                                : TX_SUPPORT_NEITHER;
}
