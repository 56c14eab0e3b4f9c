#include "evidence/witness.h"

#include "base/error.h"
#include "taxon/taxonomy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The class in the network of a taxon of the references at a rank that both have. */
static int32_t find_class(const tx_witness_map *map, const tx_taxonomy *references,
                          const tx_taxonomy *network, size_t rank, int32_t taxon)
{
  int32_t lineage[TX_RANKS_MAX], labels[TX_RANKS_MAX];
  const char *taxa[TX_RANKS_MAX] = {NULL};
  tx_taxonomy_lineage(references, rank, taxon, lineage);
  for (size_t r = 0; r < map->ranks; r++)
    if (map->rank[r] >= 0 && lineage[r] >= 0)
      taxa[map->rank[r]] = tx_taxonomy_class_name(references, r, lineage[r]);
  tx_taxonomy_match(network, taxa, labels);
  return labels[map->rank[rank]];
}

static void match_ranks(tx_witness_map *map, const tx_taxonomy *references, const tx_taxonomy *network)
{
  for (size_t r = 0; r < map->ranks; r++) {
    map->rank[r] = -1;
    for (size_t i = 0; i < tx_taxonomy_rank_count(network); i++)
      if (strcmp(tx_taxonomy_rank_name(references, r), tx_taxonomy_rank_name(network, i)) == 0)
        map->rank[r] = (int)i;
  }
}

tx_status tx_witness_map_init(tx_witness_map *map, const tx_taxonomy *references, const tx_taxonomy *network,
                              tx_error *error)
{
  *map = (tx_witness_map){.ranks = tx_taxonomy_rank_count(references)};
  match_ranks(map, references, network);
  for (size_t r = 0; r < map->ranks; r++) {
    const size_t classes = tx_taxonomy_class_count(references, r);
    if (map->rank[r] < 0) continue;
    map->classes[r] = calloc(classes + 1, sizeof *map->classes[r]);
    if (!map->classes[r]) {
      tx_witness_map_clear(map);
      return tx_fail_memory(error, "the taxa of the network");
    }
    for (size_t c = 0; c < classes; c++)
      map->classes[r][c] = find_class(map, references, network, r, (int32_t)c);
  }
  return TX_OK;
}

void tx_witness_map_clear(tx_witness_map *map)
{
  for (size_t r = 0; r < TX_RANKS_MAX; r++) free(map->classes[r]);
  memset(map, 0, sizeof *map);
}

bool tx_witness_map_is_useful(const tx_witness_map *map, const tx_outcome_space *space)
{
  for (size_t r = space->top; r < space->ranks; r++)
    for (size_t c = 0; c < tx_taxonomy_class_count(space->index->references->taxonomy, r); c++)
      if (tx_witness_class(map, r, (int32_t)c) >= 0) return true;
  return false;
}

bool tx_witness_undecided(const tx_outcome *outcomes, const double *probabilities, size_t count)
{
  double movable = 0, most = 0;
  for (size_t i = 0; i < count; i++) {
    if (i == 0 || outcomes[i].kind != outcomes[i - 1].kind) { /* those of a kind stand side by side */
      movable -= most;
      most = 0;
    }
    movable += probabilities[i];
    if (probabilities[i] > most) most = probabilities[i];
  }
  return movable - most >= TX_WITNESS_MOVABLE;
}

size_t tx_witness_group(size_t kind)
{
  return kind < TX_WITNESS_GROUPS ? kind : TX_WITNESS_GROUPS - 1;
}

/* Changes the probabilities of the outcomes of one kind. */
static void weigh_kind(double weight, const tx_outcome *outcomes, size_t count, size_t kind,
                       double *probabilities)
{
  double before = 0, after = 0, most = -INFINITY;
  for (size_t i = 0; i < count; i++)
    if (outcomes[i].kind == kind && outcomes[i].heard && outcomes[i].log_probability > most)
      most = outcomes[i].log_probability;
  for (size_t i = 0; i < count; i++) {
    if (outcomes[i].kind != kind || !outcomes[i].heard) continue;
    before += probabilities[i];
    probabilities[i] *= exp(weight * (outcomes[i].log_probability - most));
    after += probabilities[i];
  }
  for (size_t i = 0; i < count; i++)
    if (outcomes[i].kind == kind && outcomes[i].heard && after > 0) probabilities[i] *= before / after;
}

void tx_witness_weigh(const tx_witness_weights *weights, const tx_outcome *outcomes, size_t count,
                      double *probabilities)
{
  /* The outcomes of a kind stand side by side. */
  for (size_t i = 0; i < count; i++) {
    const double weight = weights->of[tx_witness_group(outcomes[i].kind)];
    if (weight > 0 && (i == 0 || outcomes[i].kind != outcomes[i - 1].kind))
      weigh_kind(weight, outcomes, count, outcomes[i].kind, probabilities);
  }
}

void tx_witness_pack(const tx_witness_length *length, double *numbers)
{
  const tx_witness_scores *scores = &length->scores;
  const double all[TX_WITNESS_COLUMNS] = {scores->fitted,
                                          scores->helps,
                                          length->weights.of[0],
                                          length->weights.of[1],
                                          length->weights.of[2],
                                          (double)scores->records,
                                          (double)scores->asked,
                                          scores->log_loss,
                                          scores->log_loss_with,
                                          scores->gain_error,
                                          (double)scores->corrected,
                                          (double)scores->spoiled};
  memcpy(numbers, all, sizeof all);
}

/* Whether a number is 0, 1, 2, ... as it is written. */
static bool is_count(double number)
{
  return number >= 0 && number <= 1e12 && floor(number) == number && !signbit(number);
}

const char *tx_witness_unpack(const double *numbers, tx_witness_length *length)
{
  static const size_t counts[] = {5, 6, 10, 11};
  tx_witness_scores *scores = &length->scores;
  for (size_t i = 0; i < 2; i++)
    if (!is_count(numbers[i]) || numbers[i] > 1) return "a mark of the network that is neither 0 nor 1";
  for (size_t i = 2; i < 2 + TX_WITNESS_GROUPS; i++)
    if (!(numbers[i] >= 0 && numbers[i] <= TX_WITNESS_WEIGHT_MOST))
      return "a weight of the network that is out of range";
  for (size_t i = 7; i < 10; i++)
    if (!(numbers[i] >= 0 && numbers[i] <= 1e12)) return "a score of the network that is out of range";
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    if (!is_count(numbers[counts[i]])) return "a score of the network that is out of range";
  scores->fitted = numbers[0] != 0;
  scores->helps = numbers[1] != 0;
  for (size_t g = 0; g < TX_WITNESS_GROUPS; g++) length->weights.of[g] = scores->weight[g] = numbers[2 + g];
  scores->records = (uint64_t)numbers[5];
  scores->asked = (uint64_t)numbers[6];
  scores->log_loss = numbers[7];
  scores->log_loss_with = numbers[8];
  scores->gain_error = numbers[9];
  scores->corrected = (uint64_t)numbers[10];
  scores->spoiled = (uint64_t)numbers[11];
  if (scores->helps && !scores->fitted) return "a network that helps without weights";
  return NULL;
}
