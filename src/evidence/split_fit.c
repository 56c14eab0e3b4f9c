#include "evidence/split_fit.h"

#include "base/error.h"
#include "evidence/fit.h"
#include "taxon/taxonomy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of the quadratic penalties on an offset (towards 0) and on a slope (towards 1). */
#define OFFSET_PENALTY 1.0
#define SLOPE_PENALTY 8.0
/* Examples with hidden taxa are worth so many records in each class. */
#define HIDDEN_WORTH 100.0
/* Records that stand for equal shares of the two classes. */
#define SHARED_WORTH 100.0
/* The gain must be more than so many standard errors, as in evidence/witness_fit.c. */
#define NOISE 2.0
enum { STEPS_MAX = 100 };

/* ---- examples ---- */

/* Adds up what the network says of some taxa. */
typedef struct tally {
  double sum, squares, most, truth;
  size_t count;
} tally;

static void count_taxon(tally *t, double probability, bool truth)
{
  t->sum += probability;
  t->squares += probability * probability;
  if (probability > t->most) t->most = probability;
  if (truth) t->truth += probability;
  t->count++;
}

/* rest: what the network gives to the taxa of the rank that are not taken from it. */
static tx_split_example finish(const tally *t, unsigned group, bool own, bool network, double rest)
{
  const double sum = fmax(t->sum, 1e-300);
  return (tx_split_example){.group = group,
                            .network = network,
                            .own = own,
                            .log_sum = fmin(fmax(log(sum / fmax(rest, 1e-300)), TX_WITNESS_LEAST), 0),
                            .truth = t->truth / sum,
                            .most = t->most / sum,
                            .squares = t->squares / (sum * sum)};
}

static double said_of(const tx_joint *joint, const tx_joint_taxon *taxon, const double *said)
{
  const size_t output = joint->outputs[taxon->rank][taxon->taxon];
  return output == TX_JOINT_UNHEARD ? 0 : exp(said[output]);
}

/* The record is new inside a node: among what only the network knows there, or to both. */
static size_t make_own(const tx_joint *joint, size_t top, int rank, int32_t taxon, const int32_t *lineage,
                       const double *said, tx_split_example *example)
{
  tx_split_node nodes[TX_SPLIT_NODES_MAX];
  const size_t node_count = tx_split_nodes(joint, top, rank, taxon, nodes);
  tally t = {0};
  bool network = false;
  for (size_t n = 0; n < node_count; n++) {
    size_t count;
    const tx_joint_taxon *children = tx_joint_children(joint, nodes[n].rank, nodes[n].taxon, &count);
    for (size_t i = 0; i < count; i++) {
      const bool truth = lineage[children[i].rank] == children[i].taxon;
      if (!tx_joint_is_foreign(joint, children[i].rank, children[i].taxon)) continue;
      network = network || truth;
      count_taxon(&t, said_of(joint, &children[i], said), truth);
    }
  }
  if (!t.count) return 0;
  *example = finish(&t, tx_split_group(joint, rank, taxon), true, network, 1);
  return 1;
}

/* A taxon of the record that takes the part of a new one, and the node that it is directly inside. */
typedef struct hidden {
  const tx_joint *joint;
  const double *said;
  tx_joint_taxon taxon;
  int parent_rank; /* -1: the root */
  int32_t parent;
  double rest; /* what the network gives to the other taxa of the rank */
} hidden;

static bool is_sibling(const hidden *h, const tx_joint_taxon *other)
{
  return other->rank == h->taxon.rank && other->taxon != h->taxon.taxon &&
         h->joint->outputs[other->rank][other->taxon] != TX_JOINT_UNHEARD;
}

/* Which of the other taxa in the node are hidden from the references: those that they lack, and a share of
   the others. at_least_one: else no example could be made. */
static tally hide_siblings(const hidden *h, double coverage, bool at_least_one, tx_random *random)
{
  size_t count, siblings = 0;
  const tx_joint_taxon *children = tx_joint_children(h->joint, h->parent_rank, h->parent, &count);
  const tx_joint_taxon *only = NULL;
  tally t = {0};
  for (size_t i = 0; i < count; i++) {
    if (!is_sibling(h, &children[i])) continue;
    siblings++;
    if (tx_random_below(random, siblings) == 0) only = &children[i]; /* each with the same probability */
    if (!tx_joint_is_foreign(h->joint, children[i].rank, children[i].taxon) &&
        tx_random_real(random) >= coverage)
      continue;
    count_taxon(&t, said_of(h->joint, &children[i], h->said), false);
  }
  if (!t.count && at_least_one && only) count_taxon(&t, said_of(h->joint, only, h->said), false);
  return t;
}

/* The taxon hidden from the references, and then from the network too, in a node of the group. */
static size_t hide(const hidden *h, unsigned group, double coverage, tx_random *random,
                   tx_split_example *examples)
{
  const bool heard = h->joint->outputs[h->taxon.rank][h->taxon.taxon] != TX_JOINT_UNHEARD;
  size_t made = 0;
  tally t;
  if (heard) {
    t = hide_siblings(h, coverage, false, random);
    count_taxon(&t, said_of(h->joint, &h->taxon, h->said), true);
    examples[made++] = finish(&t, group, false, true, 1);
  }
  t = hide_siblings(h, coverage, true, random);
  if (t.count) examples[made++] = finish(&t, group, false, false, heard ? h->rest : 1);
  return made;
}

/* What the network gives to all taxa of the rank of this one but it. Not 1 - p, which may be rounded away. */
static double rest_of(const tx_joint *joint, const tx_joint_taxon *taxon, const double *said)
{
  const size_t output = joint->outputs[taxon->rank][taxon->taxon], first = joint->first[taxon->rank];
  double sum = 0;
  for (size_t i = first; i < first + joint->count[taxon->rank]; i++)
    if (i != output) sum += exp(said[i]);
  return sum;
}

void tx_split_coverage(const tx_joint *joint, double coverage[2])
{
  double foreign[2] = {0, 0}, all[2] = {0, 0};
  for (int r = -1; r + 1 < (int)joint->ranks; r++)
    for (size_t c = 0; c < (r < 0 ? 1 : joint->known[r]); c++) {
      size_t count, own[2] = {0, 0}, heard[2] = {0, 0};
      const tx_joint_taxon *children = tx_joint_children(joint, r, (int32_t)c, &count);
      for (size_t i = 0; i < count; i++) {
        const size_t at = children[i].rank + 1 < (int)joint->ranks;
        heard[at] += joint->outputs[children[i].rank][children[i].taxon] != TX_JOINT_UNHEARD;
        own[at] += tx_joint_is_foreign(joint, children[i].rank, children[i].taxon);
      }
      for (size_t at = 0; at < 2; at++) {
        if (!own[at]) continue;
        foreign[at] += (double)own[at];
        all[at] += (double)heard[at];
      }
    }
  for (size_t at = 0; at < 2; at++) coverage[at] = all[at] > 0 ? foreign[at] / all[at] : 0;
}

size_t tx_split_examples_make(const tx_joint *joint, size_t top, const tx_split_truth *truth,
                              const double coverage[2], const double *said, tx_random *random,
                              tx_split_example *examples)
{
  const size_t lowest = joint->ranks - 1;
  int32_t lineage[TX_RANKS_MAX];
  size_t made = 0;
  if (truth->rank < 0)
    for (size_t r = 0; r < joint->ranks; r++) lineage[r] = -1;
  else
    tx_taxonomy_lineage(joint->taxonomy, (size_t)truth->rank, truth->taxon, lineage);
  if (truth->known_rank < (int)lowest) {
    const bool none = truth->known_rank < (int)top;
    made += make_own(joint, top, none ? -1 : truth->known_rank, none ? -1 : truth->known_taxon, lineage, said,
                     examples);
    for (size_t r = none ? 0 : (size_t)truth->known_rank + 1; r < lowest; r++)
      if (tx_joint_is_foreign(joint, r, lineage[r]))
        made += make_own(joint, top, (int)r, lineage[r], lineage, said, examples + made);
  }
  for (size_t r = top; r < joint->ranks && (int)r <= truth->rank; r++) {
    hidden h = {.joint = joint, .said = said, .taxon = {(uint8_t)r, lineage[r]}, .parent_rank = -1};
    size_t above = 0;
    if (lineage[r] < 0 || tx_joint_is_foreign(joint, r, lineage[r])) continue;
    h.parent = tx_taxonomy_parent(joint->taxonomy, r, lineage[r], &above);
    if (h.parent >= 0) h.parent_rank = (int)above;
    h.rest = rest_of(joint, &h.taxon, said);
    made += hide(&h, tx_split_group(joint, h.parent_rank < (int)top ? -1 : h.parent_rank, h.parent),
                 coverage[r < lowest], random, examples + made);
    /* As if only the network knew the taxon above: all inside it are its own. */
    if (h.parent_rank >= (int)top && joint->outputs[above][h.parent] != TX_JOINT_UNHEARD)
      made += hide(&h, TX_SPLIT_WITHIN, 1, random, examples + made);
  }
  return made;
}

/* ---- the fit ---- */

typedef struct fitting {
  const tx_split_item *items;
  size_t count;
  unsigned group;
  double *weights; /* (count) */
} fitting;

typedef struct line {
  double offset, slope;
} line;

/* Weights of the examples of a group: the classes have their shares. The records teach these if they have
   both classes; else the two are equal. */
static void weigh(fitting *self, tx_split_scores *scores)
{
  double own[2] = {0, 0}, hidden_count[2] = {0, 0}, worth[2], all, share = 0.5;
  for (size_t i = 0; i < self->count; i++) {
    const tx_split_example *e = &self->items[i].example;
    if (e->group == self->group) (e->own ? own : hidden_count)[e->network]++;
  }
  if (own[0] > 0 && own[1] > 0)
    share = (own[1] + SHARED_WORTH / 2) / (own[0] + own[1] + SHARED_WORTH);
  for (size_t c = 0; c < 2; c++) worth[c] = own[c] + fmin(hidden_count[c], HIDDEN_WORTH);
  all = worth[0] + worth[1];
  for (size_t i = 0; i < self->count; i++) {
    const tx_split_example *e = &self->items[i].example;
    const double class_share = e->network ? share : 1 - share;
    self->weights[i] = 0;
    if (e->group != self->group) continue;
    self->weights[i] = class_share * all / worth[e->network];
    if (!e->own) self->weights[i] *= fmin(1, HIDDEN_WORTH / hidden_count[e->network]);
  }
  scores->records = (uint64_t)(own[0] + own[1]);
  scores->neither = (uint64_t)(own[0] + hidden_count[0]);
  scores->network = (uint64_t)(own[1] + hidden_count[1]);
}

static double bound(double value, double least, double most)
{
  return fmin(fmax(value, least), most);
}

/* Minimises the weighted log loss of the two classes with the penalties; it is convex. fold: left out. */
static line fit_line(const fitting *self, unsigned fold)
{
  line at = {0, 1};
  for (size_t step = 0; step < STEPS_MAX; step++) {
    double ga = OFFSET_PENALTY * at.offset, gb = SLOPE_PENALTY * (at.slope - 1);
    double aa = OFFSET_PENALTY, ab = 0, bb = SLOPE_PENALTY, determinant, da, db;
    for (size_t i = 0; i < self->count; i++) {
      const tx_split_item *item = &self->items[i];
      const double v = self->weights[i], x = item->example.log_sum;
      double p, curvature;
      if (v == 0 || item->fold == fold) continue;
      p = tx_split_share(at.offset, at.slope, x);
      curvature = v * p * (1 - p);
      ga += v * (p - item->example.network);
      gb += v * (p - item->example.network) * x;
      aa += curvature;
      ab += curvature * x;
      bb += curvature * x * x;
    }
    determinant = aa * bb - ab * ab; /* positive, as the penalties are */
    da = bound((bb * ga - ab * gb) / determinant, -1, 1);
    db = bound((aa * gb - ab * ga) / determinant, -0.5, 0.5);
    at.offset = bound(at.offset - da, -TX_SPLIT_OFFSET_MOST, TX_SPLIT_OFFSET_MOST);
    at.slope = bound(at.slope - db, 0, TX_SPLIT_SLOPE_MOST);
    if (fabs(da) + fabs(db) < 1e-9) break;
  }
  return at;
}

/* The squared error of the probabilities of the taxa, which have `share` together. That of "neither" is left
   out: a taxon that is taken for another one is no gain. */
static double squared_error(const tx_split_example *e, double share)
{
  return share * share * e->squares + (e->network ? 1 - 2 * share * e->truth : 0);
}

/* gains (taxa): zeros; weighted sums of what the records of each gain. totals (taxa): zeros; their
   weights. */
static void score(const fitting *self, const line *folds, size_t taxa, double *gains, double *totals,
                  tx_split_scores *scores)
{
  double total = 0, square = 0, mean;
  for (size_t i = 0; i < self->count; i++) {
    const tx_split_item *item = &self->items[i];
    const tx_split_example *e = &item->example;
    const double v = self->weights[i];
    double share, before, after;
    if (v == 0) continue;
    share = tx_split_share(folds[item->fold].offset, folds[item->fold].slope, e->log_sum);
    before = squared_error(e, 0);
    after = squared_error(e, share);
    scores->loss += v * before;
    scores->loss_with += v * after;
    if (share * e->most > 0.5) {
      scores->right += e->network && share * e->truth > 0.5;
      scores->wrong += !(e->network && share * e->truth > 0.5);
    }
    gains[item->taxon] += v * (before - after);
    totals[item->taxon] += v;
    total += v;
  }
  scores->loss /= total;
  scores->loss_with /= total;
  mean = scores->loss - scores->loss_with;
  for (size_t t = 0; t < taxa; t++) {
    const double away = gains[t] - totals[t] * mean;
    square += away * away;
  }
  scores->gain_error = sqrt(square) / total;
  scores->helps = mean > NOISE * scores->gain_error;
}

static tx_status fit_group(fitting *self, size_t taxa, tx_split_scores *scores, tx_error *error)
{
  line folds[TX_CALIBRATION_FOLDS], all;
  double *sums;
  weigh(self, scores);
  if (scores->network < TX_FIT_FEWEST || scores->neither < TX_FIT_FEWEST) return TX_OK;
  sums = calloc(2 * taxa + 1, sizeof *sums);
  if (!sums) return tx_fail_memory(error, "the weights of the network");
  for (unsigned f = 0; f < TX_CALIBRATION_FOLDS; f++) folds[f] = fit_line(self, f);
  all = fit_line(self, TX_CALIBRATION_FOLDS);
  scores->fitted = true;
  scores->offset = all.offset;
  scores->slope = all.slope;
  score(self, folds, taxa, sums, sums + taxa, scores);
  free(sums);
  return TX_OK;
}

tx_status tx_split_fit(const tx_split_item *items, size_t count, tx_split_scores scores[TX_SPLIT_GROUPS],
                       tx_error *error)
{
  fitting self = {.items = items, .count = count, .weights = calloc(count + 1, sizeof *self.weights)};
  size_t taxa = 0;
  tx_status status = self.weights ? TX_OK : tx_fail_memory(error, "the weights of the network");
  memset(scores, 0, TX_SPLIT_GROUPS * sizeof *scores);
  for (size_t i = 0; i < count; i++)
    if (items[i].taxon >= taxa) taxa = items[i].taxon + 1;
  for (; status == TX_OK && self.group < TX_SPLIT_GROUPS; self.group++)
    status = fit_group(&self, taxa, &scores[self.group], error);
  free(self.weights);
  return status;
}
