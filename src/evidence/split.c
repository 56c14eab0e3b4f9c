#include "evidence/split.h"

#include "taxon/taxonomy.h"

#include <math.h>
#include <string.h>

enum { CHILDREN_MOST = 8 }; /* of one node that are told apart */

size_t tx_split_nodes(const tx_joint *joint, size_t top, int rank, int32_t taxon, tx_split_node *nodes)
{
  size_t count = 0;
  nodes[count++] = (tx_split_node){rank, taxon};
  for (size_t r = 0; rank < 0 && r < top; r++)
    for (size_t c = 0; c < joint->known[r]; c++) nodes[count++] = (tx_split_node){(int)r, (int32_t)c};
  return count;
}

unsigned tx_split_group(const tx_joint *joint, int rank, int32_t taxon)
{
  if (rank >= 0 && tx_joint_is_foreign(joint, (size_t)rank, taxon)) return TX_SPLIT_WITHIN;
  return rank >= 0 && (size_t)rank + 2 == joint->ranks ? TX_SPLIT_LOWEST : TX_SPLIT_HIGHER;
}

double tx_split_share(double offset, double slope, double log_sum)
{
  const double bounded = fmin(fmax(log_sum, TX_WITNESS_LEAST), 0);
  return 1 / (1 + exp(-(offset + slope * bounded)));
}

/* A child that only the network knows, with what the network says of it. */
typedef struct child {
  tx_joint_taxon taxon;
  double log_probability;
} child;

/* Those of a node: the likeliest, and the logarithm of the sum of all. */
typedef struct family {
  child first[CHILDREN_MOST];
  size_t count;
  double log_sum; /* -INFINITY: it has none */
} family;

/* Keeps a child if it is among the likeliest; of equal ones the first. */
static void keep(family *own, const tx_joint_taxon *taxon, double log_probability)
{
  size_t at = own->count < CHILDREN_MOST ? own->count++ : CHILDREN_MOST;
  for (; at > 0 && own->first[at - 1].log_probability < log_probability; at--)
    if (at < CHILDREN_MOST) own->first[at] = own->first[at - 1];
  if (at < CHILDREN_MOST) own->first[at] = (child){*taxon, log_probability};
}

/* said: NULL to see whether there is any. */
static family gather(const tx_joint *joint, size_t top, int rank, int32_t taxon, const double *said)
{
  tx_split_node nodes[TX_SPLIT_NODES_MAX];
  const size_t node_count = tx_split_nodes(joint, top, rank, taxon, nodes);
  family own = {.log_sum = -INFINITY};
  double sum = 0;
  for (size_t n = 0; n < node_count; n++) {
    size_t count;
    const tx_joint_taxon *children = tx_joint_children(joint, nodes[n].rank, nodes[n].taxon, &count);
    for (size_t i = 0; i < count; i++) {
      const size_t output = joint->outputs[children[i].rank][children[i].taxon];
      if (!tx_joint_is_foreign(joint, children[i].rank, children[i].taxon)) continue;
      sum += said ? exp(said[output]) : 1;
      keep(&own, &children[i], said ? said[output] : 0);
    }
  }
  if (own.count) own.log_sum = log(fmax(sum, 1e-300));
  return own;
}

bool tx_split_is_due(const tx_joint *joint, const tx_split_weights *weights, size_t top,
                     const tx_outcome *outcomes, const double *probabilities, size_t count)
{
  double divisible = 0;
  for (size_t i = 0; i < count; i++) {
    const tx_outcome *o = &outcomes[i];
    if (o->kind > 0 && weights->used[tx_split_group(joint, o->rank, o->taxon)] &&
        gather(joint, top, o->rank, o->taxon, NULL).count)
      divisible += probabilities[i];
  }
  return divisible >= TX_SPLIT_DIVISIBLE;
}

/* The answer while it is divided. */
typedef struct dividing {
  const tx_joint *joint;
  tx_outcome *outcomes;
  double *probabilities;
  size_t count, most;
} dividing;

static void append(dividing *run, const child *own, double probability)
{
  tx_outcome *outcome = &run->outcomes[run->count];
  memset(outcome, 0, sizeof *outcome);
  outcome->rank = own->taxon.rank;
  outcome->taxon = own->taxon.taxon;
  outcome->kind = run->joint->ranks - 1 - own->taxon.rank;
  outcome->heard = true;
  outcome->log_probability = fmax(own->log_probability, TX_WITNESS_LEAST);
  run->probabilities[run->count++] = probability;
}

size_t tx_split_divide(const tx_joint *joint, const tx_split_weights *weights, size_t top, const double *said,
                       tx_outcome *outcomes, double *probabilities, size_t count)
{
  dividing run = {joint, outcomes, probabilities, count, count + TX_FOREIGN_MAX};
  /* Taxa that were appended are divided in their turn. */
  for (size_t i = 0; i < run.count; i++) {
    const tx_outcome o = outcomes[i];
    const unsigned group = tx_split_group(joint, o.rank, o.taxon);
    const double whole = probabilities[i];
    family own;
    double share;
    if (o.kind == 0 || !weights->used[group] || whole < TX_SPLIT_LEAST) continue;
    own = gather(joint, top, o.rank, o.taxon, said);
    if (!own.count) continue;
    share = whole * tx_split_share(weights->offset[group], weights->slope[group], own.log_sum);
    for (size_t c = 0; c < own.count && run.count < run.most; c++) {
      const double part = share * exp(own.first[c].log_probability - own.log_sum);
      if (!(part >= TX_SPLIT_LEAST)) break;
      append(&run, &own.first[c], part);
      probabilities[i] -= part;
    }
    if (probabilities[i] < 0) probabilities[i] = 0;
  }
  return run.count;
}

void tx_split_pack(const tx_split_scores scores[TX_SPLIT_GROUPS], double *numbers)
{
  for (size_t g = 0; g < TX_SPLIT_GROUPS; g++) {
    const tx_split_scores *s = &scores[g];
    const double all[TX_SPLIT_COLUMNS / TX_SPLIT_GROUPS] = {
        s->fitted,           s->helps,   s->offset,    s->slope,      (double)s->records, (double)s->network,
        (double)s->neither, s->loss, s->loss_with, s->gain_error, (double)s->right,   (double)s->wrong};
    memcpy(numbers + g * (TX_SPLIT_COLUMNS / TX_SPLIT_GROUPS), all, sizeof all);
  }
}

static bool is_count(double number)
{
  return number >= 0 && number <= 1e12 && floor(number) == number && !signbit(number);
}

static const char *unpack(const double *n, tx_split_scores *s)
{
  static const size_t counts[] = {4, 5, 6, 10, 11};
  for (size_t i = 0; i < 2; i++)
    if (!is_count(n[i]) || n[i] > 1) return "a mark of the taxa of the network that is neither 0 nor 1";
  if (!(fabs(n[2]) <= TX_SPLIT_OFFSET_MOST && n[3] >= 0 && n[3] <= TX_SPLIT_SLOPE_MOST))
    return "a weight of the taxa of the network that is out of range";
  for (size_t i = 7; i < 10; i++)
    if (!(n[i] >= 0 && n[i] <= 1e12)) return "a score of the taxa of the network that is out of range";
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    if (!is_count(n[counts[i]])) return "a score of the taxa of the network that is out of range";
  *s = (tx_split_scores){.fitted = n[0] != 0,
                         .helps = n[1] != 0,
                         .offset = n[2],
                         .slope = n[3],
                         .records = (uint64_t)n[4],
                         .network = (uint64_t)n[5],
                         .neither = (uint64_t)n[6],
                         .loss = n[7],
                         .loss_with = n[8],
                         .gain_error = n[9],
                         .right = (uint64_t)n[10],
                         .wrong = (uint64_t)n[11]};
  return s->helps && !s->fitted ? "taxa of the network that help without weights" : NULL;
}

const char *tx_split_unpack(const double *numbers, tx_split_scores scores[TX_SPLIT_GROUPS])
{
  const char *fault = NULL;
  for (size_t g = 0; !fault && g < TX_SPLIT_GROUPS; g++)
    fault = unpack(numbers + g * (TX_SPLIT_COLUMNS / TX_SPLIT_GROUPS), &scores[g]);
  return fault;
}
