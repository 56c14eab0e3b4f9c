#include "dataset/lineages.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include "settings/note.h"
#include "taxon/nodes.h"
#include "tensor/multilabel.h"

#include <stdlib.h>
#include <string.h>

tx_status tx_dataset_add_lineage(tx_dataset *dataset, uint32_t lineage, tx_error *error)
{
  tx_more_lineages *more = &dataset->more;
  if (!tx_reserve(&more->records, &more->records_capacity, more->count + 1, sizeof *more->records) ||
      !tx_reserve(&more->lineages, &more->lineages_capacity, more->count + 1, sizeof *more->lineages))
    return tx_fail_memory(error, "the training records");
  more->records[more->count] = (uint32_t)(dataset->count - 1);
  more->lineages[more->count++] = lineage;
  return TX_OK;
}

tx_status tx_dataset_add_name(tx_dataset *dataset, const char *name, const char *file, uint64_t line,
                              int32_t *ret_lineage, tx_error *error)
{
  tx_more_lineages *more = &dataset->more;
  const char *taxa[TX_RANKS_MAX] = {name};
  tx_status status = tx_taxonomy_builder_add(dataset->builder, taxa, file, line, ret_lineage, error);
  if (status != TX_OK) return status;
  if (!tx_reserve(&more->is_named, &more->named_capacity, (size_t)*ret_lineage + 1, 1))
    return tx_fail_memory(error, "the training records");
  while (more->named_size <= (size_t)*ret_lineage) more->is_named[more->named_size++] = 0;
  more->named_count += !more->is_named[*ret_lineage];
  more->is_named[*ret_lineage] = 1;
  return TX_OK;
}

size_t tx_dataset_more_lineages(const tx_dataset *dataset, uint32_t record, const uint32_t **ret_lineages)
{
  const tx_more_lineages *more = &dataset->more;
  size_t low = 0, high = more->count, count = 0;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (more->records[middle] < record)
      low = middle + 1;
    else
      high = middle;
  }
  while (low + count < more->count && more->records[low + count] == record) count++;
  *ret_lineages = count ? more->lineages + low : NULL;
  return count;
}

bool tx_dataset_has_label(const tx_dataset *dataset, uint32_t record, size_t rank, int32_t least)
{
  const uint32_t *more;
  const size_t count = tx_dataset_more_lineages(dataset, record, &more);
  int32_t label = tx_dataset_label_of(dataset, record, rank);
  if (label != TX_LABEL_NONE && label >= least) return true;
  for (size_t i = 0; i < count; i++) {
    label = dataset->labels[(size_t)more[i] * dataset->ranks + rank];
    if (label != TX_LABEL_NONE && label >= least) return true;
  }
  return false;
}

/* ---- names of single taxa ---- */

/* The taxon that a name stands for. */
typedef struct meaning {
  int32_t lineage; /* that has it, -1 = none so far */
  size_t rank;
  bool several;
} meaning;

static bool is_named(const tx_more_lineages *more, size_t lineage)
{
  return lineage < more->named_size && more->is_named[lineage];
}

static const char *label_of(const tx_dataset *dataset, int32_t lineage, size_t rank)
{
  return tx_taxonomy_builder_label(dataset->builder, lineage, rank);
}

/* Compares the taxon at a rank of a lineage with what the name meant so far; of two lineages that agree, the
   one with more labels above says more. */
static void consider(const tx_dataset *dataset, meaning *own, int32_t lineage, size_t rank)
{
  size_t above = 0, before = 0;
  if (own->lineage < 0) {
    own->lineage = lineage;
    own->rank = rank;
    return;
  }
  own->several = own->several || own->rank != rank;
  for (size_t r = 0; r < rank && !own->several; r++) {
    const char *new = label_of(dataset, lineage, r), *old = label_of(dataset, own->lineage, r);
    own->several = new && old && strcmp(new, old) != 0;
    above += new != NULL;
    before += old != NULL;
  }
  if (!own->several && above > before) own->lineage = lineage;
}

/* Numbers the names, and finds the taxon that each stands for. */
static tx_status find_meanings(const tx_dataset *dataset, tx_names *names, meaning *meanings, tx_error *error)
{
  const tx_more_lineages *more = &dataset->more;
  const size_t count = tx_dataset_lineage_count(dataset);
  uint32_t number;
  for (size_t i = 0; i < more->named_size; i++) {
    const char *name = more->is_named[i] ? label_of(dataset, (int32_t)i, 0) : NULL;
    const tx_status status = name ? tx_names_add(names, name, strlen(name), &number, error) : TX_OK;
    if (status != TX_OK) return status;
    if (name) meanings[number] = (meaning){.lineage = -1};
  }
  for (size_t i = 0; i < count; i++)
    for (size_t r = 0; !is_named(more, i) && r < tx_dataset_input_ranks(dataset); r++) {
      const char *label = label_of(dataset, (int32_t)i, r);
      const int64_t name = label ? tx_names_find(names, label, strlen(label)) : -1;
      if (name >= 0) consider(dataset, &meanings[name], (int32_t)i, r);
    }
  return TX_OK;
}

/* Adds the lineage that the name stands for. */
static tx_status add_meaning(tx_dataset *dataset, const meaning *own, uint32_t named, uint32_t *ret_lineage,
                             const tx_train_hooks *hooks, tx_error *error)
{
  const char *name = label_of(dataset, (int32_t)named, 0), *taxa[TX_RANKS_MAX] = {NULL};
  int32_t lineage = (int32_t)named;
  tx_status status = TX_OK;
  if (own->several)
    return tx_fail(error, TX_ERROR_DATA,
                   "the name '%.100s' in the column of the taxa is that of several taxa: write the lineage, "
                   "with '|' between its names",
                   name);
  if (own->lineage < 0)
    tx_train_note(hooks, "no lineage has the taxon '%.100s': it is read as a name of rank %s", name,
                  tx_taxonomy_builder_rank_name(dataset->builder, 0));
  for (size_t r = 0; own->lineage >= 0 && r <= own->rank; r++) taxa[r] = label_of(dataset, own->lineage, r);
  if (own->lineage >= 0)
    status = tx_taxonomy_builder_add(dataset->builder, taxa, "", 0, &lineage, error);
  *ret_lineage = (uint32_t)lineage;
  return status;
}

static void replace(uint32_t *lineages, size_t count, const uint32_t *instead, size_t known)
{
  for (size_t i = 0; i < count; i++)
    if (lineages[i] < known) lineages[i] = instead[lineages[i]];
}

tx_status tx_dataset_resolve_names(tx_dataset *dataset, const tx_train_hooks *hooks, tx_error *error)
{
  tx_more_lineages *more = &dataset->more;
  const size_t known = tx_dataset_lineage_count(dataset);
  size_t next = 0;
  tx_names *names = NULL;
  uint32_t *instead;
  meaning *meanings;
  tx_status status;
  if (!more->named_count) return TX_OK;
  instead = malloc(known * sizeof *instead);
  meanings = malloc(more->named_count * sizeof *meanings);
  status = instead && meanings ? TX_OK : tx_fail_memory(error, "the labels");
  if (status == TX_OK) status = tx_names_create(&names, error);
  if (status == TX_OK) status = find_meanings(dataset, names, meanings, error);
  for (size_t i = 0; status == TX_OK && i < known; i++) {
    instead[i] = (uint32_t)i;
    if (is_named(more, i)) /* the names are numbered in this order */
      status = add_meaning(dataset, &meanings[next++], (uint32_t)i, &instead[i], hooks, error);
  }
  if (status == TX_OK) {
    replace(dataset->lineages, dataset->count, instead, known);
    replace(more->lineages, more->count, instead, known);
  }
  tx_names_free(names);
  free(instead);
  free(meanings);
  return status;
}

/* ---- what is said of the taxa ---- */

/* Marks the lowest taxon of a lineage that the tree has. */
static bool mark(const tx_dataset *dataset, uint32_t lineage, int8_t *states)
{
  const int32_t *labels = dataset->labels + (size_t)lineage * dataset->ranks;
  bool goes_on = false;
  for (size_t r = dataset->ranks; r-- > 0;) {
    if (labels[r] >= 0) {
      int8_t *state = &states[tx_taxonomy_node(dataset->taxonomy, r, labels[r])];
      if (*state != TX_NODE_UNKNOWN) *state = goes_on ? TX_NODE_PRESENT : TX_NODE_UNKNOWN;
      return true;
    }
    goes_on = goes_on || labels[r] == TX_LABEL_UNKNOWN;
  }
  return false;
}

bool tx_dataset_annotate(const tx_dataset *dataset, uint32_t record, const int32_t *parents, int8_t *states)
{
  const size_t nodes = tx_taxonomy_node_count(dataset->taxonomy);
  const uint32_t *more;
  const size_t count = tx_dataset_more_lineages(dataset, record, &more);
  bool any;
  memset(states, TX_NODE_ABSENT, nodes);
  any = mark(dataset, dataset->lineages[record], states);
  for (size_t i = 0; i < count; i++) any = mark(dataset, more[i], states) || any;
  tx_multilabel_annotate(parents, nodes, states);
  return any;
}
