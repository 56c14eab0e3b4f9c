#include "evidence/joint.h"

#include "base/error.h"
#include "taxon/spellings.h"
#include "taxon/taxonomy.h"
#include "taxon/tree.h"

#include <stdlib.h>
#include <string.h>

/* A class of the network that has no place in the joint tree. */
enum { NOWHERE = -1 };
/* What is found out about one: its name has letters; the references have that name; another class has it. */
enum { NAMED = 1, SETTLED = 2, REPEATED = 4 };

/* What is known of the taxa of the network while the tree is made. */
typedef struct joining {
  tx_joint *joint;
  const tx_taxonomy *references, *network;
  const tx_witness_map *map;
  int own_rank[TX_RANKS_MAX];     /* rank of the references for each of the network, -1: none */
  int32_t *classes[TX_RANKS_MAX]; /* (classes of the network) class of the joint taxonomy, or NOWHERE */
  tx_taxon *foreign[TX_RANKS_MAX]; /* (classes of the network) the new taxa of a rank of the references */
  size_t foreign_count[TX_RANKS_MAX];
} joining;

/* Finds the ranks of the network in the references. False: they are in another order. */
static bool settle_ranks(joining *in)
{
  int last = -1;
  for (size_t i = 0; i < TX_RANKS_MAX; i++) in->own_rank[i] = -1;
  for (size_t r = 0; r < in->map->ranks; r++) {
    if (in->map->rank[r] < 0) continue;
    if (in->map->rank[r] < last) return false;
    last = in->map->rank[r];
    in->own_rank[last] = (int)r;
  }
  return true;
}

/* Fills places[ranks of the references] with the joint lineage of a class of the network, from its parent up;
   false if one of its ancestors is nowhere. */
static bool find_ancestors(const joining *in, size_t rank, int32_t class_index, int32_t *places)
{
  int32_t lineage[TX_RANKS_MAX];
  tx_taxonomy_lineage(in->network, rank, class_index, lineage);
  for (size_t r = 0; r < TX_RANKS_MAX; r++) places[r] = -1;
  for (size_t i = 0; i < rank; i++) {
    if (in->own_rank[i] < 0 || lineage[i] < 0) continue;
    places[in->own_rank[i]] = in->classes[i][lineage[i]];
    if (places[in->own_rank[i]] == NOWHERE) return false;
  }
  return true;
}

/* Whether a taxon of the references is likely to be the one of that name that the network has elsewhere: some
   rank above agrees, or there is none that both have. Else it may be a homonym. */
static bool is_akin(const joining *in, size_t rank, int32_t taxon, const int32_t *places)
{
  int32_t lineage[TX_RANKS_MAX];
  bool compared = false;
  tx_taxonomy_lineage(in->references, rank, taxon, lineage);
  for (size_t r = 0; r < rank; r++) {
    if (lineage[r] < 0 || places[r] < 0) continue;
    if (lineage[r] == places[r]) return true;
    compared = true;
  }
  return !compared;
}

/* The items of a list, from `from` on, with the folded form of `own`. */
static size_t find_spelling(const tx_spellings *list, size_t from, const tx_spelling *own, size_t *ret_count)
{
  while (from < list->count && tx_spelling_compare(&list->items[from], own) < 0) from++;
  *ret_count = 0;
  while (from + *ret_count < list->count && tx_spelling_equal(&list->items[from + *ret_count], own))
    ++*ret_count;
  return from;
}

/* Marks what the references have: taxa that the map knows, and those whose name they have in some spelling.
   marks: (classes of the rank) zeros. */
static tx_status settle_known(joining *in, size_t rank, uint8_t *marks, tx_error *error)
{
  const size_t own = (size_t)in->own_rank[rank];
  tx_spellings ours = {0}, theirs = {0};
  size_t at = 0, count;
  tx_status status = tx_spellings_list(in->references, own, &ours, error);
  if (status == TX_OK) status = tx_spellings_list(in->network, rank, &theirs, error);
  for (size_t c = 0; c < in->joint->known[own]; c++) {
    const int32_t class_index = in->map->classes[own][c];
    if (class_index < 0 || marks[class_index]) continue;
    marks[class_index] = SETTLED;
    in->classes[rank][class_index] = (int32_t)c;
  }
  for (size_t i = 0; status == TX_OK && i < theirs.count; i++) {
    const int32_t class_index = theirs.items[i].taxon;
    int32_t places[TX_RANKS_MAX];
    if (i && strcmp(theirs.items[i].text, theirs.items[i - 1].text) == 0) marks[class_index] |= REPEATED;
    marks[class_index] |= NAMED;
    at = find_spelling(&ours, at, &theirs.items[i], &count);
    if (marks[class_index] & SETTLED || !count) continue;
    marks[class_index] |= SETTLED;
    if (count == 1 && find_ancestors(in, rank, class_index, places) &&
        is_akin(in, own, ours.items[at].taxon, places))
      in->classes[rank][class_index] = ours.items[at].taxon;
  }
  tx_spellings_free(&ours);
  tx_spellings_free(&theirs);
  return status;
}

/* Whether a new taxon of that name and parent is there already, as where a rank between them is left out. */
static bool is_twice(const joining *in, size_t own, const tx_taxon *taxon)
{
  for (size_t i = 0; i < in->foreign_count[own]; i++) {
    const tx_taxon *other = &in->foreign[own][i];
    if (other->parent == taxon->parent && other->parent_rank == taxon->parent_rank &&
        strcmp(other->name, taxon->name) == 0)
      return true;
  }
  return false;
}

/* Adds the taxa of a rank that only the network knows. */
static void add_foreign(joining *in, size_t rank, const uint8_t *marks)
{
  const size_t own = (size_t)in->own_rank[rank];
  for (size_t c = 0; c < tx_taxonomy_class_count(in->network, rank); c++) {
    tx_taxon taxon = {tx_taxonomy_class_name(in->network, rank, (int32_t)c), -1, -1};
    int32_t places[TX_RANKS_MAX];
    if ((marks[c] & (NAMED | SETTLED)) != NAMED || !find_ancestors(in, rank, (int32_t)c, places)) continue;
    for (size_t r = 0; r < own; r++)
      if (places[r] >= 0) {
        taxon.parent = places[r];
        taxon.parent_rank = (int32_t)r;
      }
    if (marks[c] & REPEATED && is_twice(in, own, &taxon)) continue;
    in->classes[rank][c] = (int32_t)(in->joint->known[own] + in->foreign_count[own]);
    in->foreign[own][in->foreign_count[own]++] = taxon;
  }
}

static tx_status settle_rank(joining *in, size_t rank, tx_error *error)
{
  const size_t classes = tx_taxonomy_class_count(in->network, rank);
  uint8_t *marks = calloc(classes + 1, 1);
  tx_status status = TX_ERROR_MEMORY;
  in->classes[rank] = malloc((classes + 1) * sizeof *in->classes[rank]);
  in->foreign[in->own_rank[rank]] = calloc(classes + 1, sizeof(tx_taxon));
  if (marks && in->classes[rank] && in->foreign[in->own_rank[rank]]) {
    for (size_t c = 0; c < classes; c++) in->classes[rank][c] = NOWHERE;
    status = settle_known(in, rank, marks, error);
    if (status == TX_OK) add_foreign(in, rank, marks);
  } else {
    status = tx_fail_memory(error, "the taxa of the network");
  }
  free(marks);
  return status;
}

/* Makes the taxonomy: the taxa of the references, then the others, rank by rank. */
static tx_status assemble(joining *in, tx_error *error)
{
  tx_joint *joint = in->joint;
  const char *ranks[TX_RANKS_MAX];
  size_t counts[TX_RANKS_MAX], total = 0;
  tx_taxon *taxa;
  tx_status status;
  for (size_t r = 0; r < joint->ranks; r++) total += joint->known[r] + in->foreign_count[r];
  taxa = calloc(total + 1, sizeof *taxa);
  if (!taxa) return tx_fail_memory(error, "the taxa of the network");
  total = 0;
  for (size_t r = 0; r < joint->ranks; r++) {
    ranks[r] = tx_taxonomy_rank_name(in->references, r);
    counts[r] = joint->known[r] + in->foreign_count[r];
    for (size_t c = 0; c < joint->known[r]; c++) {
      size_t above = 0;
      const int32_t parent = tx_taxonomy_parent(in->references, r, (int32_t)c, &above);
      taxa[total++] = (tx_taxon){tx_taxonomy_class_name(in->references, r, (int32_t)c), parent,
                                 parent < 0 ? -1 : (int32_t)above};
    }
    if (in->foreign_count[r])
      memcpy(taxa + total, in->foreign[r], in->foreign_count[r] * sizeof *taxa);
    total += in->foreign_count[r];
  }
  status = tx_taxonomy_assemble(ranks, joint->ranks, counts, taxa, TX_ERROR_MODEL, &joint->taxonomy, error);
  free(taxa);
  return status;
}

/* Notes where the network's log-probability of each taxon is. */
static tx_status place_outputs(joining *in, tx_error *error)
{
  tx_joint *joint = in->joint;
  size_t first = 0;
  for (size_t r = 0; r < joint->ranks; r++) {
    const size_t classes = tx_taxonomy_class_count(joint->taxonomy, r);
    joint->outputs[r] = malloc((classes + 1) * sizeof *joint->outputs[r]);
    if (!joint->outputs[r]) return tx_fail_memory(error, "the taxa of the network");
    for (size_t c = 0; c < classes; c++) joint->outputs[r][c] = TX_JOINT_UNHEARD;
  }
  for (size_t i = 0; i < tx_taxonomy_rank_count(in->network); i++) {
    const size_t classes = tx_taxonomy_class_count(in->network, i);
    const int own = in->own_rank[i];
    if (own >= 0) {
      joint->first[own] = first;
      joint->count[own] = classes;
    }
    for (size_t c = 0; own >= 0 && c < classes; c++)
      if (in->classes[i][c] != NOWHERE) joint->outputs[own][in->classes[i][c]] = first + c;
    first += classes;
  }
  joint->output_count = first;
  return TX_OK;
}

/* The number of the node that holds a taxon. */
static size_t parent_node(const tx_joint *joint, size_t rank, int32_t taxon)
{
  size_t above = 0;
  const int32_t parent = tx_taxonomy_parent(joint->taxonomy, rank, taxon, &above);
  return parent < 0 ? tx_taxonomy_node_count(joint->taxonomy)
                    : tx_taxonomy_node(joint->taxonomy, above, parent);
}

static tx_status list_children(tx_joint *joint, tx_error *error)
{
  const size_t nodes = tx_taxonomy_node_count(joint->taxonomy);
  size_t *next = calloc(nodes + 2, sizeof *next), sum = 0;
  joint->starts = calloc(nodes + 2, sizeof *joint->starts);
  joint->children = calloc(nodes + 1, sizeof *joint->children);
  if (!next || !joint->starts || !joint->children) {
    free(next);
    return tx_fail_memory(error, "the taxa of the network");
  }
  for (size_t r = 0; r < joint->ranks; r++)
    for (size_t c = 0; c < tx_taxonomy_class_count(joint->taxonomy, r); c++)
      joint->starts[parent_node(joint, r, (int32_t)c) + 1]++;
  for (size_t n = 0; n <= nodes; n++) {
    next[n] = sum;
    sum += joint->starts[n + 1];
    joint->starts[n + 1] = sum;
  }
  for (size_t r = 0; r < joint->ranks; r++)
    for (size_t c = 0; c < tx_taxonomy_class_count(joint->taxonomy, r); c++)
      joint->children[next[parent_node(joint, r, (int32_t)c)]++] = (tx_joint_taxon){(uint8_t)r, (int32_t)c};
  free(next);
  return TX_OK;
}

tx_status tx_joint_init(tx_joint *joint, const tx_taxonomy *references, const tx_taxonomy *network,
                        const tx_witness_map *map, tx_error *error)
{
  joining in = {.joint = joint, .references = references, .network = network, .map = map};
  size_t foreign = 0;
  tx_status status = TX_OK;
  *joint = (tx_joint){.ranks = tx_taxonomy_rank_count(references)};
  for (size_t r = 0; r < joint->ranks; r++) joint->known[r] = tx_taxonomy_class_count(references, r);
  if (!settle_ranks(&in)) return TX_OK;
  for (size_t i = 0; status == TX_OK && i < tx_taxonomy_rank_count(network); i++)
    if (in.own_rank[i] >= 0) status = settle_rank(&in, i, error);
  for (size_t r = 0; r < joint->ranks; r++) foreign += in.foreign_count[r];
  if (status == TX_OK && foreign) {
    status = assemble(&in, error);
    if (status == TX_OK) status = place_outputs(&in, error);
    if (status == TX_OK) status = list_children(joint, error);
  }
  for (size_t r = 0; r < TX_RANKS_MAX; r++) {
    free(in.classes[r]);
    free(in.foreign[r]);
  }
  if (status != TX_OK) tx_joint_clear(joint);
  return status;
}

void tx_joint_clear(tx_joint *joint)
{
  tx_taxonomy_free(joint->taxonomy);
  for (size_t r = 0; r < TX_RANKS_MAX; r++) free(joint->outputs[r]);
  free(joint->starts);
  free(joint->children);
  memset(joint, 0, sizeof *joint);
}

const tx_joint_taxon *tx_joint_children(const tx_joint *joint, int rank, int32_t taxon, size_t *ret_count)
{
  const size_t node = rank < 0 ? tx_taxonomy_node_count(joint->taxonomy)
                               : tx_taxonomy_node(joint->taxonomy, (size_t)rank, taxon);
  *ret_count = joint->starts[node + 1] - joint->starts[node];
  return joint->children + joint->starts[node];
}
